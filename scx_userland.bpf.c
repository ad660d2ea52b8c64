// SPDX-License-Identifier: GPL-2.0
/*
 * scx_userland: decisions in an ordinary process.
 *
 * What it demonstrates: how to schedule by a program in user space, where one can use any library,
 * debugger and profiler, without trusting it with the machine. The policy is one file in userland/;
 * this side, in BPF, knows nothing of it. It keeps the tasks, asks who is next, and does without an
 * answer if there is none.
 *
 * How a task flows through it. A task wakes up, and if a CPU is idle it runs there at once. If not,
 * it waits, in a queue of this side, and is announced: its slot, in memory that both sides have
 * mapped, says who it is, and the slot's number goes into a ring. A CPU that looks for a task takes
 * the next decision from another ring, and moves the task that it names from where it waits to
 * where it is ready. If there is no decision, the CPU asks for one, and runs the process on the
 * spot. The process reads what was announced, decides, and yields; the CPU then finds the decision.
 *
 *	wakeup -> select_cpu --idle CPU--> local queue ----------------------+
 *	              |                                                      v
 *	           enqueue --> waiting (FIFO) --- move ---> ready --> local --> running
 *	                \                                 ^                  |
 *	                 announced                        decided      slice used up
 *	                  \                              /
 *	                   +--> process: policy --------+
 *
 * So the process decides at the last moment, with everybody known who wants the CPU, the task that
 * has just used up its slice included. It costs two context switches a decision while the CPUs are
 * busy, nothing while they are not, and no system call but sched_yield(), or poll() to sleep.
 *
 * A decision names a slot and the number of an arrival there, which changes whenever its task comes.
 * A task that has run, gone, died, or come again meanwhile has another one, and the decision is
 * dropped. A decision that names nobody does nothing. So the worst that a wrong process can do is to let somebody wait,
 * until the kernel ends the scheduler.
 *
 * When it says nothing, because it is stopped, swapped out, stuck, or too slow, and a CPU's request
 * is older than 20 ms, the CPUs take the waiting tasks themselves, the oldest first, until it
 * answers again. Tasks that the process knows nothing of never wait for it: kernel threads, on
 * which it may depend, its own threads, tasks beyond --max-tasks. They have queues of their own,
 * and take turns with the others. A timer, armed while anybody waits, wakes idle CPUs to look
 * again.
 *
 * When it is good: to try out ideas, where a decision takes some thought, with slices of
 * milliseconds.
 *
 * When it is bad: with more decisions than one thread can make, so with many CPUs and short turns;
 * where a wakeup must not wait for the process to be switched to.
 */
#include <scx/common.bpf.h>
#include "scx_userland.h"

char _license[] SEC("license") = "GPL";

/* Set by the loader, see scx_simple.bpf.c. */
const volatile u32 max_tasks = 1;
const volatile u32 ring_mask;		/* a power of two that is not less than max_tasks, minus 1 */
const volatile u32 nr_cpu_ids = 1;
const volatile u32 mask_words = 1;	/* of a bit for each CPU */
const volatile u64 slice_ns = SCX_SLICE_DFL;
const volatile u64 slice_min_ns = 1000000;
const volatile u64 stale_ns = 20000000;
const volatile u64 round_ns = 3750000000;	/* an eighth of the kernel's watchdog's time */
const volatile bool bound_direct;	/* who may run on one CPU only is not announced */
const volatile bool per_node;
const volatile bool no_timer;		/* PREEMPT_RT: the verifier lets nobody use one */

#define TIMER_NS	10000000

/* How many decisions a CPU takes at a time that turn out to be another CPU's, or nobody's. */
#define MAX_TAKEN	32

/* How many idle CPUs are woken at a time, whatever user space says it has decided. */
#define MAX_WOKEN	32

/* How often a CPU lets the thread that decides run before it takes a kernel thread again. */
#define MAX_ROUNDS	4

/* No decision keeps a CPU for longer, whatever the policy says. */
#define SLICE_MAX_NS	1000000000ULL

/*
 * Where tasks wait. One that may run on one CPU only waits in a queue of that CPU, so that no
 * other one has to walk past it.
 */
enum {
	DECIDER_DSQ	= 1,		/* the thread that decides */
	WAIT_DSQ	= 2,		/* those that are announced */
	READY_DSQ	= 3,		/* of these, those whose turn it is */
	UNASKED_DSQ	= 4,		/* those that are not announced */
	WAIT_CPU_DSQ	= 1 << 16,	/* the same for each CPU */
	READY_CPU_DSQ	= 2 << 16,
	UNASKED_CPU_DSQ	= 3 << 16,
};

/*
 * Mapped by user space as well; the loader sizes the arrays. What is static and in no such section
 * libbpf keeps from being mapped: no process, however wrong, can change it.
 */
struct ul_shared shared SEC(".data.shared");
struct ul_slot slots[1] SEC(".data.slots");
u64 allowed[1] SEC(".data.allowed");	/* of each slot, mask_words words: where its task may run */
u32 ring[1] SEC(".data.ring");		/* slots announced, plus 1; 0: nothing there, or not yet */
struct ul_cpu cpus[1] SEC(".data.cpus");

/* The process, and its thread that decides. */
static s32 owner, decider;

/* It woke up, and has not run since; it waits for a request or for the bell. */
static bool decider_needed;

struct userland_stats {
	u64 running SCX_STAT("tasks that run now");
	u64 online SCX_STAT("CPUs online");
	u64 queued SCX_STAT("tasks that wait now and are announced");
	u64 scheduled SCX_STAT("tasks that the policy has, as of its last turn");
	u64 page_faults SCX_STAT("page faults of the thread that decides, since it began");
	u64 kernel_enq SCX_STAT("times a task came and was not announced: kernel's, unknown, idle CPU");
	u64 user_enq SCX_STAT("times a task came and was announced to user space");
	u64 user_disp SCX_STAT("tasks run by user space's decision");
	u64 kernel_disp SCX_STAT("tasks not announced that a CPU took; those sent to an idle CPU do not count");
	u64 cancelled SCX_STAT("decisions on tasks that were no longer waiting");
	u64 bounced SCX_STAT("tasks that could not run on the CPU of the decision, and went to another");
	u64 failed SCX_STAT("decisions on tasks that could not be moved, and were announced again");
	u64 congested SCX_STAT("times a CPU found tasks waiting and no decision");
	u64 fallbacks SCX_STAT("times a CPU began to do without answers, as one was late");
	u64 fallback_disp SCX_STAT("tasks run without a decision, the oldest first");
};
SCX_STATS_DEFINE(userland_stats);

UEI_DEFINE(uei);

/**
 * struct task_ctx - what this side knows of a task
 * @slot: number of its slot, plus 1; 0 if it has none
 * @waiting: it is announced, and has not run since
 * @seq: as in its slot; user space cannot change this one
 * @dsq: where it waits
 * @slept_at: CPU time it had used when it last went to sleep
 * @arrived: when it came to wait; 0 if it does not. A change of its CPUs, say, does not end a wait.
 * @decided: user space knows that it is to run
 */
struct task_ctx {
	u32	slot;
	bool	waiting;
	u64	seq;
	u64	dsq;
	u64	slept_at;
	u64	arrived;
	bool	decided;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_ctx);
} tasks SEC(".maps");

/* Slots that somebody has given back; the loader sets its size. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
} free_slots SEC(".maps");

static u32 slots_used;
static u64 last_id;

/* What rings when user space sleeps. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} bell SEC(".maps");

/**
 * struct cpu_ctx - what this side knows of a CPU
 * @asked: its last request
 * @asked_at: when it made the first of those that are not answered
 * @posted: announcements when it made the last one
 * @turn_ends: when the turn of the task that it runs is over, as scx_bpf_now() has it
 * @last_dsq: where the task waits that ran here last, if it wants to go on
 * @unasked_turn: it has just run a task that was not announced
 * @stale: the answer is late
 * @rounds: how often it has run the thread that decides since, to be answered
 */
struct cpu_ctx {
	u64	asked;
	u64	asked_at;
	u64	posted;
	u64	turn_ends;
	u64	last_dsq;
	bool	unasked_turn;
	bool	stale;
	u32	rounds;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_ctx);
} cpu_ctxs SEC(".maps");

/*
 * Is user space there?
 *
 * It is late if it has not answered a CPU's request for some time, whatever it has decided for
 * others. How long a task waits says nothing: it may be the policy's will.
 */
static bool answered_all(void)
{
	return READ_ONCE(shared.answered) == READ_ONCE(shared.asked);
}

static bool answered(const struct cpu_ctx *cctx)
{
	return !time_before(READ_ONCE(shared.answered), cctx->asked);
}

static bool stale(struct cpu_ctx *cctx)
{
	bool late = !answered(cctx) && time_after(bpf_ktime_get_ns(), cctx->asked_at + stale_ns);

	if (late && !cctx->stale)
		scx_stat_inc(fallbacks);
	cctx->stale = late;
	return late;
}

/*
 * The timer: kicks may be dropped, and idle CPUs do not look by themselves whether user space is
 * late. It also runs the thread that decides now and then while that waits for a request: it might
 * have been killed, and to die it has to run.
 */
struct timer_elem {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct timer_elem);
} timers SEC(".maps");

static u32 timer_armed;
static bool ended;	/* ops.exit has been called */

/*
 * With interrupts off, newer kernels need memory to start a timer. If there is none, the next task that
 * comes tries again.
 */
static void arm_timer(void)
{
	struct timer_elem *elem;

	if (no_timer || READ_ONCE(timer_armed) || __sync_lock_test_and_set(&timer_armed, 1))
		return;
	elem = bpf_map_lookup_elem(&timers, &(u32){ 0 });
	if (!elem || bpf_timer_start(&elem->timer, TIMER_NS, 0))
		WRITE_ONCE(timer_armed, 0);
}

/* Does somebody wait who may run on more than one CPU? */
static bool unbound_waits(void)
{
	return scx_bpf_dsq_nr_queued(WAIT_DSQ) > 0 || scx_bpf_dsq_nr_queued(READY_DSQ) > 0 ||
	       scx_bpf_dsq_nr_queued(UNASKED_DSQ) > 0;
}

/* Or on this one only? */
static bool bound_waits(u32 cpu)
{
	return scx_bpf_dsq_nr_queued(WAIT_CPU_DSQ | cpu) > 0 ||
	       scx_bpf_dsq_nr_queued(READY_CPU_DSQ | cpu) > 0 ||
	       scx_bpf_dsq_nr_queued(UNASKED_CPU_DSQ | cpu) > 0;
}

static bool somebody_waits(void)
{
	u32 cpu;

	if (scx_bpf_dsq_nr_queued(DECIDER_DSQ) > 0 || unbound_waits())
		return true;
	bpf_for(cpu, 0, nr_cpu_ids)
		if (bound_waits(cpu))
			return true;
	return false;
}

/*
 * A CPU that has more urgent things to do, a real-time task's, say, lets its last turn pass and
 * takes nobody. Then others may have those whom the policy meant for it. One that is about to go off
 * line does so, too, but looks idle: who was sent there unannounced takes turns with those who wait for
 * a decision.
 */
static void let_go(s32 cpu)
{
	struct cpu_ctx *cctx = bpf_map_lookup_percpu_elem(&cpu_ctxs, &(u32){ 0 }, cpu);
	struct task_struct *p;

	if (!cctx || time_before(scx_bpf_now(), cctx->turn_ends + stale_ns))
		return;
	bpf_rcu_read_lock();	/* to the verifier, this is a part of ops.init, which may sleep */
	bpf_for_each(scx_dsq, p, READY_CPU_DSQ | cpu, 0) {
		struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);
		bool announced = tctx && tctx->waiting;

		if (p->nr_cpus_allowed > 1)
			scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, announced ? READY_DSQ : UNASKED_DSQ, 0);
	}
	bpf_rcu_read_unlock();
}

/* The flag that the loader has set decides which kfunc may be called. */
static s32 claim_idle_of(const struct cpumask *mask, s32 node, u64 flags)
{
	if (per_node)
		return __COMPAT_scx_bpf_pick_idle_cpu_node(mask, node, flags);
	return scx_bpf_pick_idle_cpu(mask, flags);
}

/* Let up to @nr idle CPUs look for tasks. */
static void wake_idle(u64 nr)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 node, cpu = bpf_get_smp_processor_id();
	u64 i;

	node = per_node ? __COMPAT_scx_bpf_cpu_node(cpu) : 0;
	bpf_for(i, 0, MAX_WOKEN) {
		if (i >= nr)
			break;
		cpu = claim_idle_of(online, node, 0);
		if (cpu < 0)
			break;
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	}
	scx_bpf_put_cpumask(online);
}

/* Let all look who are idle and may find somebody, and one of them run the thread that decides. */
static void wake_all(void)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	bool any = unbound_waits();
	u32 cpu;

	bpf_for(cpu, 0, nr_cpu_ids)
		if (bpf_cpumask_test_cpu(cpu, online) && (any || bound_waits(cpu)))
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	scx_bpf_put_cpumask(online);
	decider_needed = true;
	if (!any)
		wake_idle(1);
}

static int look_again(void *map, int *key, struct timer_elem *elem)
{
	u32 cpu, was_armed;

	/* who comes after this arms it anew */
	was_armed = __sync_lock_test_and_set(&timer_armed, 0);
	/* it outlives the scheduler, until the loader lets go of the map, and the queues may be another's */
	if (ended)
		return 0;
	if (!somebody_waits()) {
		/* who came before is queued only when ops.enqueue is over: look once more */
		if (was_armed)
			bpf_timer_start(&elem->timer, TIMER_NS, 0);
		return 0;
	}
	bpf_for(cpu, 0, nr_cpu_ids)
		if (scx_bpf_dsq_nr_queued(READY_CPU_DSQ | cpu) > 0)
			let_go(cpu);
	wake_all();
	arm_timer();
	return 0;
}

/* Announcements */

static struct ul_slot *slot_of(const struct task_ctx *tctx)
{
	return tctx->slot ? ARRAY_ELEM_PTR(slots, tctx->slot - 1, max_tasks) : NULL;
}

static void ring_bell(void)
{
	u64 nothing = 0;

	/* user space sets it, then looks at the ring again; we come from the other side */
	if (READ_ONCE(shared.asleep) && __sync_lock_test_and_set(&shared.asleep, 0))
		bpf_ringbuf_output(&bell, &nothing, sizeof(nothing), BPF_RB_FORCE_WAKEUP);
}

/* There is always room, since each slot is in the ring once at most. */
static void post(struct ul_slot *slot, u32 nr)
{
	u64 pos;
	u32 *entry;

	if (__sync_lock_test_and_set(&slot->announced, 1))
		return;
	pos = __sync_fetch_and_add(&shared.posted, 1);
	entry = ARRAY_ELEM_PTR(ring, pos & ring_mask, (u64)ring_mask + 1);
	/* a full barrier: it is there before we look whether user space sleeps */
	if (entry)
		__sync_lock_test_and_set(entry, nr);
	ring_bell();
}

/* Where it may run. To read a mask whose length is not known beforehand takes a helper. */
static void fill_allowed(u32 nr, const struct task_struct *p)
{
	const unsigned long *bits = p->cpus_ptr->bits;
	u64 *word;
	u32 i;

	bpf_for(i, 0, mask_words) {
		word = ARRAY_ELEM_PTR(allowed, (u64)nr * mask_words + i,
				      (u64)max_tasks * mask_words);
		if (word)
			bpf_probe_read_kernel(word, sizeof(*word), bits + i);
	}
}

static void fill_slot(struct ul_slot *slot, u32 nr, const struct task_struct *p)
{
	fill_allowed(nr, p);
	slot->pid = p->pid;
	slot->cpu_time = p->se.sum_exec_runtime;
	slot->weight = p->scx.weight;
	slot->cpu = scx_bpf_task_cpu(p);
	slot->nr_cpus_allowed = p->nr_cpus_allowed;
}

/*
 * It runs, or has left the queue for another reason. If that was not user space's decision, it is
 * told, since it stays awake as long as it believes that somebody waits.
 */
static void no_longer_waiting(struct task_ctx *tctx)
{
	struct ul_slot *slot = slot_of(tctx);

	if (!tctx->waiting)
		return;
	tctx->waiting = false;
	scx_stat_add(queued, -1);
	if (!slot)
		return;
	WRITE_ONCE(slot->waiting, 0);
	if (!tctx->decided)
		post(slot, tctx->slot);
}

static void announce(struct task_struct *p, struct task_ctx *tctx, struct ul_slot *slot, u64 dsq)
{
	tctx->seq = slot->seq + 1;
	tctx->dsq = dsq;
	tctx->waiting = true;
	tctx->decided = false;
	fill_slot(slot, tctx->slot - 1, p);
	slot->burst = p->se.sum_exec_runtime - tctx->slept_at;
	slot->arrived = tctx->arrived;
	slot->seq = tctx->seq;
	WRITE_ONCE(slot->waiting, tctx->seq);
	post(slot, tctx->slot);
	scx_stat_inc(queued);
	scx_stat_inc(user_enq);
}

/* Coming */

static bool is_decider(const struct task_struct *p)
{
	return p->pid == decider && p->tgid == owner;
}

/* A CPU that is idle, not any longer when this returns, and on which @p may run; or negative. */
static s32 claim_idle_cpu(const struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (p->nr_cpus_allowed == 1)
		return scx_bpf_test_and_clear_cpu_idle(cpu) ? cpu : -EBUSY;
	return claim_idle_of(p->cpus_ptr, per_node ? __COMPAT_scx_bpf_cpu_node(cpu) : 0,
			     has_core_cookie(p) ? SCX_PICK_IDLE_CORE : 0);
}

/* Let an idle CPU on which @p may run look for tasks; returns it, or a negative number if there is none. */
static s32 wake_idle_for(const struct task_struct *p)
{
	s32 cpu = claim_idle_cpu(p);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
	return cpu;
}

/* With SCX_WAKE_SYNC the kernel may name the CPU of who wakes @p, which goes on until it sleeps. */
s32 BPF_STRUCT_OPS(userland_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags & ~SCX_WAKE_SYNC, &idle);

	if (idle) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
		scx_stat_inc(kernel_enq);
	}
	return cpu;
}

/*
 * The thread that decides. When it yields it waits here for a request. When it wakes up it has to
 * run soon, whatever woke it.
 */
static void enqueue_decider(struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, DECIDER_DSQ, slice_ns, enq_flags);
	arm_timer();
	if (!(enq_flags & SCX_ENQ_WAKEUP) && answered_all())
		return;
	decider_needed = true;
	/* its own CPU, if it was alone there, is about to go idle: it has looked already */
	if (wake_idle_for(p) < 0)
		scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

/*
 * The kernel looks every tick only whether a slice is over, so a turn of 1 ms can take 4 ms. Do not
 * let a task that has woken up wait for that.
 */
static void end_turn(s32 cpu)
{
	struct cpu_ctx *cctx = bpf_map_lookup_percpu_elem(&cpu_ctxs, &(u32){ 0 }, cpu);

	if (cctx && time_after(scx_bpf_now(), cctx->turn_ends))
		scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
}

/*
 * For a task that is run without a decision. The more there are in its queue the shorter is its slice,
 * so that the last one's turn comes before the kernel's watchdog loses patience.
 */
static u64 slice_in(u64 dsq)
{
	u64 slice = round_ns / (scx_bpf_dsq_nr_queued(dsq) + 1);

	if (slice < slice_min_ns)
		return slice_min_ns;
	return slice < slice_ns ? slice : slice_ns;
}

void BPF_STRUCT_OPS(userland_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct cpu_ctx *cctx = bpf_map_lookup_elem(&cpu_ctxs, &(u32){ 0 });
	struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);
	struct ul_slot *slot = tctx ? slot_of(tctx) : NULL;
	bool bound = p->nr_cpus_allowed == 1;
	u64 cpu = scx_bpf_task_cpu(p), dsq;
	s32 idle;

	if (is_decider(p)) {
		enqueue_decider(p, enq_flags);
		return;
	}
	/* it may have waited before: ops.quiescent is not called when a task has to change its CPU */
	if (tctx) {
		no_longer_waiting(tctx);
		if (!tctx->arrived)
			tctx->arrived = bpf_ktime_get_ns();
	}
	/*
	 * Newer kernels do the first by themselves. The second had no turn from ops.dispatch, for core
	 * scheduling's sake, and some kernels do not look at the local queue again before the CPU sleeps.
	 */
	if (is_migration_disabled(p) || (enq_flags & SCX_ENQ_LAST)) {
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, enq_flags);
		scx_stat_inc(kernel_enq);
		if (enq_flags & SCX_ENQ_LAST)
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		return;
	}
	idle = claim_idle_cpu(p);
	if (idle >= 0 && !no_timer) {
		/* for that CPU: this one, which may be faster, has others who wait */
		dsq = READY_CPU_DSQ | idle;
		scx_stat_inc(kernel_enq);
	} else if (slot && idle < 0 && !(bound && bound_direct)) {
		dsq = bound ? WAIT_CPU_DSQ | cpu : WAIT_DSQ;
		announce(p, tctx, slot, dsq);
		/* not one that another CPU gives a new nice value */
		if (cctx && p == bpf_get_current_task_btf())
			cctx->last_dsq = dsq;
	} else {
		dsq = bound ? UNASKED_CPU_DSQ | cpu : UNASKED_DSQ;
		scx_stat_inc(kernel_enq);
	}
	scx_bpf_dsq_insert(p, dsq, slice_in(dsq), enq_flags);
	if (idle >= 0)
		scx_bpf_kick_cpu(idle, SCX_KICK_IDLE);
	else if (enq_flags & SCX_ENQ_WAKEUP)
		end_turn(cpu);
	arm_timer();
}

/* Decisions */

static bool take_ready(s32 cpu)
{
	return scx_bpf_dsq_move_to_local(READY_CPU_DSQ | cpu, 0) ||
	       scx_bpf_dsq_move_to_local(READY_DSQ, 0);
}

/*
 * Where a decision leads: to a queue, not to a CPU. What a CPU takes from a queue it may run, which
 * the kernel sees to; what is put on the local queue of a CPU that may not run it ends the
 * scheduler.
 */
static u64 ready_dsq(const struct task_struct *p, s32 cpu, s32 wish)
{
	/* without a timer nobody would see that a CPU has no time for those meant for it */
	if (no_timer && p->nr_cpus_allowed > 1)
		wish = -1;
	if (wish >= 0 && bpf_cpumask_test_cpu(wish, p->cpus_ptr)) {
		if (wish != cpu)
			scx_bpf_kick_cpu(wish, SCX_KICK_IDLE);
		return READY_CPU_DSQ | wish;
	}
	if (wish >= 0)
		scx_stat_inc(bounced);
	/* else this CPU takes it next */
	if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
		wake_idle_for(p);
	return READY_DSQ;
}

/*
 * Could not be moved: a CPU has taken it without asking; or it is not quite there, since the
 * kernel queues it when ops.enqueue is over. Then it must not be forgotten.
 */
static void not_moved(const struct task_struct *p, struct task_ctx *tctx)
{
	struct ul_slot *slot = slot_of(tctx);
	u64 id = BPF_CORE_READ(p, scx.dsq, id);

	if (!slot || (id && id != tctx->dsq)) {
		scx_stat_inc(cancelled);
		return;
	}
	post(slot, tctx->slot);
	scx_stat_inc(failed);
}

static u64 bounded(u64 slice)
{
	if (!slice)
		return slice_ns;
	return slice < SLICE_MAX_NS ? slice : SLICE_MAX_NS;
}

/*
 * The iterator comes before @seq is looked at: a task that leaves the queue and comes
 * back after that cannot be moved by it.
 */
static void move_task(s32 cpu, struct task_struct *p, struct task_ctx *tctx,
		      const struct ul_decision *d)
{
	struct bpf_iter_scx_dsq it;

	if (!bpf_iter_scx_dsq_new(&it, tctx->dsq, 0) &&
	    tctx->slot == d->slot + 1 && tctx->seq == d->seq && tctx->waiting) {
		scx_bpf_dsq_move_set_slice(&it, bounded(d->slice));
		tctx->decided = true;
		if (scx_bpf_dsq_move(&it, p, ready_dsq(p, cpu, d->cpu), 0)) {
			scx_stat_inc(user_disp);
		} else {
			tctx->decided = false;
			not_moved(p, tctx);
		}
	} else {
		scx_stat_inc(cancelled);
	}
	bpf_iter_scx_dsq_destroy(&it);
}

static void carry_out(s32 cpu, const struct ul_decision *d)
{
	struct ul_slot *slot = ARRAY_ELEM_PTR(slots, d->slot, max_tasks);
	struct task_struct *p = slot ? bpf_task_from_pid(slot->pid) : NULL;
	struct task_ctx *tctx;

	if (!p) {
		scx_stat_inc(cancelled);
		return;
	}
	tctx = bpf_task_storage_get(&tasks, p, 0, 0);
	if (tctx)
		move_task(cpu, p, tctx, d);
	bpf_task_release(p);
}

/*
 * Returns false if there is no decision. Not static, like take_oldest(), so that the verifier looks
 * at it once and not again for each way that leads to it: it takes its time.
 */
__noinline bool take_decision(s32 cpu)
{
	struct ul_decision d;
	u64 first, end;

	end = READ_ONCE(shared.decided);
	/* a full barrier: what is in the ring is read after its end */
	first = __sync_fetch_and_add(&shared.taken, 0);
	if (!time_before(first, end))
		return false;
	d = shared.decisions[first % UL_DECISIONS];
	/* else another CPU has taken it */
	if (__sync_val_compare_and_swap(&shared.taken, first, first + 1) == first)
		carry_out(cpu, &d);
	return true;
}

static bool take_decided(s32 cpu)
{
	int i;

	bpf_for(i, 0, MAX_TAKEN) {
		if (take_ready(cpu))
			return true;
		if (!take_decision(cpu))
			break;
	}
	return false;
}

/*
 * Has the first task of the other queue waited for longer than this one's? If the CPU may not run it,
 * nobody knows who in that queue comes next here: toss a coin, so that both get their turns.
 */
static bool other_is_older(s32 cpu, u64 dsq, u64 other)
{
	struct task_struct *p = __COMPAT_scx_bpf_dsq_peek(dsq);
	struct task_struct *q = __COMPAT_scx_bpf_dsq_peek(other);

	if (!p || !q)
		return !p;
	if (!bpf_cpumask_test_cpu(cpu, q->cpus_ptr))
		return bpf_get_prandom_u32() & 1;
	return (long)(q->scx.runnable_at - p->scx.runnable_at) < 0;
}

/* Move to this CPU, from its own queue or another one, the task that has waited for longest. */
__noinline bool take_oldest(s32 cpu, u64 dsq, u64 other)
{
	bool any = scx_bpf_dsq_nr_queued(dsq) > 0, any_other = scx_bpf_dsq_nr_queued(other) > 0;

	if (any && any_other && other_is_older(cpu, dsq, other))
		return scx_bpf_dsq_move_to_local(other, 0) || scx_bpf_dsq_move_to_local(dsq, 0);
	return (any && scx_bpf_dsq_move_to_local(dsq, 0)) ||
	       (any_other && scx_bpf_dsq_move_to_local(other, 0));
}

static bool take_unasked(s32 cpu, struct cpu_ctx *cctx)
{
	if (!take_oldest(cpu, UNASKED_CPU_DSQ | cpu, UNASKED_DSQ))
		return false;
	cctx->unasked_turn = true;
	cctx->rounds = 0;
	scx_stat_inc(kernel_disp);
	return true;
}

static bool take_waiting(s32 cpu)
{
	if (!take_oldest(cpu, WAIT_CPU_DSQ | cpu, WAIT_DSQ))
		return false;
	scx_stat_inc(fallback_disp);
	return true;
}

/*
 * Move to this CPU, for a moment, the task that waits since it had to make room for a real-time one
 * when its slice was over. If another has come to its queue since, that will do as well.
 */
static bool take_last(s32 cpu, u64 dsq)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, dsq, SCX_DSQ_ITER_REV) {
		if (!bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			break;
		scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, slice_min_ns);
		scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, READY_CPU_DSQ | cpu, 0);
		break;
	}
	return take_ready(cpu);
}

/* Does somebody wait for a decision who may run on this CPU, and perhaps on others? */
static bool undecided_waits(s32 cpu)
{
	return scx_bpf_dsq_nr_queued(WAIT_CPU_DSQ | cpu) > 0 || scx_bpf_dsq_nr_queued(WAIT_DSQ) > 0;
}

/*
 * Ask user space for a task, unless it has already had nothing for this CPU, and nobody came since.
 */
static void ask(s32 cpu, struct cpu_ctx *cctx)
{
	struct ul_cpu *ucpu = ARRAY_ELEM_PTR(cpus, cpu, nr_cpu_ids);
	u64 posted = READ_ONCE(shared.posted);

	if (!ucpu)
		return;
	if (READ_ONCE(ucpu->wants) && (cctx->posted == posted || !answered(cctx)))
		return;
	WRITE_ONCE(ucpu->wants, 1);
	cctx->posted = posted;
	if (answered(cctx))
		cctx->asked_at = bpf_ktime_get_ns();
	cctx->asked = __sync_fetch_and_add(&shared.asked, 1) + 1;
	scx_stat_inc(congested);
	ring_bell();
}

/*
 * For another turn; ops.running is not called. Not if it has left sched_ext while tasks were moved, which
 * may drop the lock of the run queue.
 */
static void go_on(struct task_struct *p, struct cpu_ctx *cctx, u64 slice)
{
	if (!(p->scx.flags & SCX_TASK_QUEUED))
		return;
	scx_bpf_task_set_slice(p, slice);
	cctx->turn_ends = scx_bpf_now() + slice;
}

static bool run_decider(void)
{
	return scx_bpf_dsq_move_to_local(DECIDER_DSQ, 0);
}

/* A cpuset, say, keeps it off this CPU: another one has to run it. */
static void run_decider_elsewhere(void)
{
	struct task_struct *p = __COMPAT_scx_bpf_dsq_peek(DECIDER_DSQ);

	if (!p)
		return;
	decider_needed = true;
	wake_idle_for(p);
}

/*
 * Core scheduling: a CPU chooses for its sibling. On 6.12 it may not carry out a decision there: to move
 * a task from queue to queue the kernel then takes the lock of both CPUs, which it holds. So the sibling
 * gets who is ready, or the oldest.
 */
static void take_for_sibling(s32 cpu, struct cpu_ctx *cctx)
{
	if (!take_ready(cpu) && !take_unasked(cpu, cctx))
		take_waiting(cpu);
}

/* There is no decision. Returns whether this CPU has somebody to run until there is. */
static bool await_decision(s32 cpu, struct cpu_ctx *cctx, struct task_struct *prev, bool unasked_turn)
{
	bool decides = prev && is_decider(prev);

	arm_timer();
	if (stale(cctx) && take_waiting(cpu))
		return true;
	ask(cpu, cctx);
	if (!answered_all()) {
		if (decides)
			go_on(prev, cctx, slice_ns);
		if (decides || run_decider()) {
			/* its answer is next, unless others keep it busy */
			cctx->unasked_turn = unasked_turn && ++cctx->rounds < MAX_ROUNDS;
			return true;
		}
		run_decider_elsewhere();
	}
	/* nobody would wake this CPU if it went idle now and got no answer, or ask again */
	return !prev && (no_timer || is_for_ext_server()) &&
	       (take_last(cpu, cctx->last_dsq) || take_waiting(cpu));
}

void BPF_STRUCT_OPS(userland_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cpu_ctx *cctx = bpf_map_lookup_percpu_elem(&cpu_ctxs, &(u32){ 0 }, cpu);
	bool unasked_turn;

	if (!cctx)
		return;
	if (cpu != (s32)bpf_get_smp_processor_id()) {
		take_for_sibling(cpu, cctx);
		return;
	}
	if (decider_needed && run_decider())
		return;
	if (prev && !(prev->scx.flags & SCX_TASK_QUEUED))
		prev = NULL;	/* it sleeps */
	unasked_turn = cctx->unasked_turn;
	cctx->unasked_turn = false;

	if (!unasked_turn && take_unasked(cpu, cctx))
		return;
	if (take_decided(cpu))
		return;
	if (undecided_waits(cpu) && await_decision(cpu, cctx, prev, unasked_turn))
		return;
	if (unasked_turn && take_unasked(cpu, cctx))
		return;
	/* a task goes on; the thread that decides only if there is something to decide */
	if (prev && (!is_decider(prev) || !answered_all()))
		go_on(prev, cctx, undecided_waits(cpu) ? slice_min_ns : slice_ns);
	/* what the timer would do: let it see that nobody waits any more, or that it was killed */
	else if (no_timer && !prev)
		run_decider();
}

/* Going */

void BPF_STRUCT_OPS(userland_running, struct task_struct *p)
{
	struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);
	/* not this CPU's: where a task is changed while it runs, that may be done from another one */
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_ctx *cctx = bpf_map_lookup_percpu_elem(&cpu_ctxs, &(u32){ 0 }, cpu);
	struct ul_cpu *ucpu = ARRAY_ELEM_PTR(cpus, cpu, nr_cpu_ids);

	scx_stat_inc(running);
	if (cctx)
		cctx->turn_ends = scx_bpf_now() + p->scx.slice;
	if (is_decider(p)) {
		decider_needed = false;
		return;
	}
	if (ucpu && READ_ONCE(ucpu->wants))
		WRITE_ONCE(ucpu->wants, 0);
	if (!tctx)
		return;
	no_longer_waiting(tctx);
	tctx->arrived = 0;
}

/* What there is to say of user space now. One copy of the counters holds it. */
static void count_user(const struct task_struct *p)
{
	struct userland_stats *stat = bpf_map_lookup_percpu_elem(&stats, &(u32){ 0 }, 0);

	if (!stat)
		return;
	stat->scheduled = READ_ONCE(shared.scheduled);
	stat->page_faults = p->min_flt + p->maj_flt;
}

void BPF_STRUCT_OPS(userland_stopping, struct task_struct *p, bool runnable)
{
	scx_stat_add(running, -1);
	if (is_decider(p)) {
		/* it has decided for other CPUs, perhaps: let as many look */
		wake_idle(READ_ONCE(shared.decided) - READ_ONCE(shared.taken));
		count_user(p);
	} else if (no_timer && p->tgid == owner && somebody_waits()) {
		/*
		 * Who writes the reports wakes up every 50 ms: that has to do for a timer, though
		 * not while the process is stopped.
		 */
		wake_all();
	}
}

void BPF_STRUCT_OPS(userland_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);

	if (!tctx)
		return;
	no_longer_waiting(tctx);
	if (deq_flags & SCX_DEQ_SLEEP)
		tctx->slept_at = p->se.sum_exec_runtime;
}

/* A task that finds no memory for this is one that user space does not know. */
s32 BPF_STRUCT_OPS_SLEEPABLE(userland_init_task, struct task_struct *p,
			     struct scx_init_task_args *args)
{
	bpf_task_storage_get(&tasks, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

/* Returns the number of a slot, plus 1, or 0 if there is none. */
static u32 find_slot(void)
{
	u32 nr;

	if (!bpf_map_pop_elem(&free_slots, &nr))
		return nr;
	if (READ_ONCE(slots_used) >= max_tasks)
		return 0;
	nr = __sync_fetch_and_add(&slots_used, 1);
	return nr < max_tasks ? nr + 1 : 0;
}

void BPF_STRUCT_OPS(userland_enable, struct task_struct *p)
{
	struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);
	struct ul_slot *slot;

	if (!tctx || (p->flags & PF_KTHREAD) || p->tgid == owner)
		return;
	tctx->slot = find_slot();
	slot = slot_of(tctx);
	if (!slot)
		return;
	tctx->slept_at = p->se.sum_exec_runtime;
	tctx->arrived = 0;
	fill_slot(slot, tctx->slot - 1, p);
	/* a full barrier: what is in the slot is there before it has a new name */
	slot->id = __sync_add_and_fetch(&last_id, 1);
}

void BPF_STRUCT_OPS(userland_disable, struct task_struct *p)
{
	struct task_ctx *tctx = bpf_task_storage_get(&tasks, p, 0, 0);
	struct ul_slot *slot = tctx ? slot_of(tctx) : NULL;
	u32 nr;

	if (!slot)
		return;
	no_longer_waiting(tctx);
	WRITE_ONCE(slot->id, 0);
	post(slot, tctx->slot);
	nr = tctx->slot;
	tctx->slot = 0;
	bpf_map_push_elem(&free_slots, &nr, 0);
}

void BPF_STRUCT_OPS(userland_dump, struct scx_dump_ctx *dctx)
{
	scx_bpf_dump("posted %llu heard %llu, asked %llu answered %llu, decided %llu taken %llu\n",
		     shared.posted, shared.heard, shared.asked, shared.answered, shared.decided,
		     shared.taken);
	scx_bpf_dump("waiting %d, ready %d, not announced %d, process %d\n",
		     scx_bpf_dsq_nr_queued(WAIT_DSQ), scx_bpf_dsq_nr_queued(READY_DSQ),
		     scx_bpf_dsq_nr_queued(UNASKED_DSQ), scx_bpf_dsq_nr_queued(DECIDER_DSQ));
}

/* The thread that decides calls it: PIDs are not the same in a container. */
SEC("syscall")
int userland_register(void *ctx)
{
	u64 id = bpf_get_current_pid_tgid();

	owner = id >> 32;
	decider = (u32)id;
	return 0;
}

static s32 init_timer(void)
{
	struct timer_elem *elem = bpf_map_lookup_elem(&timers, &(u32){ 0 });

	if (!elem)
		return -ESRCH;
	bpf_timer_init(&elem->timer, &timers, CLOCK_MONOTONIC);
	return bpf_timer_set_callback(&elem->timer, look_again);
}

static s32 create_dsqs(void)
{
	s32 err;
	u32 cpu;

	err = scx_bpf_create_dsq(DECIDER_DSQ, -1) ?: scx_bpf_create_dsq(WAIT_DSQ, -1) ?:
	      scx_bpf_create_dsq(READY_DSQ, -1) ?: scx_bpf_create_dsq(UNASKED_DSQ, -1);
	bpf_for(cpu, 0, nr_cpu_ids) {
		if (err)
			break;
		err = scx_bpf_create_dsq(WAIT_CPU_DSQ | cpu, -1) ?:
		      scx_bpf_create_dsq(READY_CPU_DSQ | cpu, -1) ?:
		      scx_bpf_create_dsq(UNASKED_CPU_DSQ | cpu, -1);
	}
	return err;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(userland_init)
{
	s32 err = create_dsqs();
	int *cpu;

	for_each_online_cpu(cpu)
		scx_stat_inc(online);
	if (!err && !no_timer)
		err = init_timer();
	return err;
}

void BPF_STRUCT_OPS(userland_exit, struct scx_exit_info *ei)
{
	ended = true;
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(userland_ops,
	       .select_cpu	= (void *)userland_select_cpu,
	       .enqueue		= (void *)userland_enqueue,
	       .dispatch	= (void *)userland_dispatch,
	       .running		= (void *)userland_running,
	       .stopping	= (void *)userland_stopping,
	       .quiescent	= (void *)userland_quiescent,
	       .init_task	= (void *)userland_init_task,
	       .enable		= (void *)userland_enable,
	       .disable		= (void *)userland_disable,
	       .dump		= (void *)userland_dump,
	       .init		= (void *)userland_init,
	       .exit		= (void *)userland_exit,
	       /* without it, a thread that has yielded would go on if nobody else can run */
	       .flags		= SCX_OPS_ENQ_LAST,
	       .name		= "userland");
