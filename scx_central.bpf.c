// SPDX-License-Identifier: GPL-2.0
/*
 * scx_central: one CPU decides, the others only run.
 *
 * What it demonstrates: kicks, preemption, BPF timers, slices without end, and CPUs without ticks.
 *
 * How a task flows through it. Whoever becomes runnable waits in a queue of ours. A CPU that has
 * nothing left to run does not help itself. When it becomes idle and somebody waits, it sets its bit
 * in a mask, and kicks the central CPU. That one answers all who have asked: for each it takes the
 * task that has waited longest, of those that may run there, and moves it straight to that CPU's
 * local queue. If there is an idle CPU already when a task becomes runnable, enqueue asks for it.
 *
 *	                              every other CPU            the central CPU
 *
 *	wakeup -> enqueue -> queue    nothing to run: idle       kicked, or its own
 *	              |        |          |                      task has ended
 *	              |        |          |                          |
 *	  a CPU is    |        |          +---- asks, kicks -----> dispatch
 *	  idle: asks  +--------|-------------------------------------^ |
 *	  for it, kicks        +-------------------------------------> moves a task
 *	                       |      local queue <--------------------+
 *	                       |          |
 *	                       |       running <--- preempts -------- timer: turn over,
 *	                       |          |                          and somebody waits
 *	                       +----------+  turn over, or yields
 *
 * Tasks get a slice without end, so a CPU needs no tick while nobody waits for it. With nohz_full= it
 * then has none: "grep LOC /proc/interrupts" shows it. What the tick did otherwise, a timer on the
 * central CPU does for all: every millisecond it looks for CPUs whose task has had its turn (20 ms,
 * or less if so many wait that it would be long until they have all had theirs) while another
 * one waits, and moves that one there, ahead of the running task. It also repairs what went wrong.
 * A kick is a request that the kernel may drop, and enqueue may miss a CPU that becomes idle at that
 * moment; the timer repeats the kick, and answers what has not been answered.
 *
 * Order and affinity. Everyone gets equal turns, first come, first served; weights do not count. A
 * task that may run everywhere waits in the shared queue, one that may not in the queue of one CPU
 * where it may: so the central CPU looks at the heads of two queues, and never searches. A kthread
 * that belongs to one CPU waits for nobody: it goes to the head of its CPU's local queue, and
 * preempts what runs there, whose turn ends. But if such kthreads have had their CPU for as long as a turn,
 * one after the other, and somebody waits, they wait in its queue like everybody else. On the
 * central CPU, the timer itself may depend on one of them, ksoftirqd: so there slices do end.
 *
 * When it is good: few, long running tasks that should not be disturbed, on many CPUs: virtual
 * machines, number crunching. And to see how a decision can be taken away from where it is carried out.
 *
 * When it is bad: many short turns. Each costs a trip to the central CPU, which is also the limit of
 * how many there can be; it does not know of caches, NUMA nodes and cgroups. A task that may run on
 * some CPUs waits for one of these, even if another one is idle first. The central CPU runs
 * tasks as well, in what time is left. If tasks of another class keep it (with -p, one of the fair
 * class is enough), only the timer decides, a millisecond late; the loader warns. With "threadirqs", up
 * to 6.12, the timer does not run then either. A task that has been chosen for a CPU, or has begun there,
 * when a real-time task takes that CPU waits until it is gone, or for the little that the kernel leaves it
 * from 7.0 on; so does one that may run nowhere else.
 * Cookies of core scheduling mean nothing to it: a CPU that is kept idle because of what its sibling runs
 * is given a task, too, which may have to wait there for longer than a turn.
 * Where BPF has no timers, on PREEMPT_RT, slices end and ticks stay, and nobody decides while tasks of
 * another class keep the central CPU.
 */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* Set by the loader, see scx_simple.bpf.c. */
const volatile s32 central_cpu;
const volatile s32 nr_cpus = 1;			/* one more than the largest CPU number */
const volatile u64 slice_ns = SCX_SLICE_DFL;
const volatile u64 round_ns = 10000000000ULL;	/* in which all who wait shall have had a turn */
const volatile u64 period_ns = 1000000;		/* of the timer */
const volatile s32 batch = 32;			/* requests that are answered at a time */
const volatile bool has_timer = true;		/* PREEMPT_RT: the verifier allows none */

#define SHARED_DSQ	0			/* for tasks that may run on every CPU */
#define OWN_DSQ(cpu)	((u64)(cpu) + 1)	/* for those that may not */

/*
 * The queues are FIFOs, in which p->scx.dsq_vtime means nothing to the kernel. To us it is the time
 * when a task began to wait in one of them, by which their heads are compared. A task that was
 * chosen has this value instead until it runs, and 0 from then on.
 */
#define CHOSEN	1

struct central_stats {
	u64 kthreads SCX_STAT("times a CPU's own kthread went to the head of its local queue");
	u64 shared SCX_STAT("times a task went to the shared queue");
	u64 own SCX_STAT("times one that may not run everywhere went to the queue of one CPU");
	u64 left SCX_STAT("times a task left these two undecided: it was changed, or core scheduling ran it");
	u64 decisions SCX_STAT("times one was moved to a CPU: shared + own - left - those waiting");
	u64 preemptions SCX_STAT("of these, how often somebody's turn was ended for it");
	u64 elsewhere SCX_STAT("of these, how often not by the central CPU: only for the kernel's ext_server");
	u64 requests SCX_STAT("times a CPU asked for a task, or was made to ask");
	u64 kicks SCX_STAT("times the central CPU was kicked for it; one kick serves for many");
	u64 rekicks SCX_STAT("times the timer repeated that, and answered itself");
	u64 full SCX_STAT("times there were more requests than are answered at a time");
	u64 moved SCX_STAT("times one was moved on that waited for a CPU taken by another class");
	u64 resched SCX_STAT("times the timer made a CPU look into its local queue");
	u64 mismatches SCX_STAT("times a task was passed over: it could not be moved to that CPU");
	u64 races SCX_STAT("times a task was gone when it was to be moved");
	u64 ticks SCX_STAT("times the timer ran");
};
SCX_STATS_DEFINE(central_stats);

UEI_DEFINE(uei);

/*
 * What a CPU is doing. A turn begins with a task that was chosen; it goes on if a task of another class
 * interrupts it, and then perhaps a kthread, or if the running task's properties are changed. That of the CPU's
 * own kthreads begins with the first of them, and goes on from one to the next.
 */
struct cpu_state {
	u64	since;		/* when its task began to run; 0: it runs none of ours */
	u64	used;		/* how long the turn had lasted before that */
	u64	kthreads_used;	/* and how long the kthreads' */
	s32	pid;		/* whose turn it is, but for kthreads */
	bool	kthreads;	/* those ran last, or run now */
	bool	taken;		/* at the last tick, another class had it */
} __attribute__((aligned(64)));		/* no CPU waits for another's cache line */

/* Not a per-CPU map, since the central CPU looks at all of them; the loader sizes it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_state);
} cpus SEC(".maps");

/*
 * The CPUs that have asked, and have not been answered. __kptr: a pointer to an object of the kernel,
 * which counts references; only bpf_kptr_xchg() can change it.
 */
#define KPTR(type) type __kptr *	/* for checkpatch, which takes the star for a product elsewhere */

private(ASKING) KPTR(struct bpf_cpumask) asking;

/*
 * When the central CPU was kicked; 0: it has been in ops.dispatch since, which resets it. It is a
 * time for the loader, which warns if it is long ago, and if that CPU runs none of ours.
 */
u64 kicked_at;
bool central_has_ours;

struct central_timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct central_timer);
} timers SEC(".maps");

static bool timer_started;
static bool in_timer;		/* that decides, not ops.dispatch */
static u64 ticked_at;		/* when the timer ran last */
static bool ended;

/*
 * A CPU is about to go offline, for which the kernel will end this scheduler. Until it does, the kernel
 * puts who is moved there into its global queue, without a word. From there a CPU gets its tasks before it
 * calls ops.dispatch; but with slices that have no end, somebody must make it look.
 */
static bool cpu_is_leaving;

static struct cpu_state *cpu_state(s32 cpu)
{
	return bpf_map_lookup_elem(&cpus, &cpu);
}

static bool on_central_cpu(void)
{
	return (s32)bpf_get_smp_processor_id() == central_cpu;
}

static bool is_online(s32 cpu)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	bool is = bpf_cpumask_test_cpu(cpu, online);

	scx_bpf_put_cpumask(online);
	return is;
}

static bool is_runnable(const struct task_struct *p)
{
	return p && (p->scx.flags & SCX_TASK_QUEUED);
}

/*
 * A CPU's own kthread: ksoftirqd, a worker of a bound workqueue, ... With nohz_full=, if it leaves one CPU to
 * kthreads, any of them.
 */
static bool is_own_kthread(const struct task_struct *p)
{
	return (p->flags & PF_KTHREAD) && p->nr_cpus_allowed == 1;
}

static bool has_local(s32 cpu)
{
	return scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | cpu) > 0;
}

/* How many are in the queues from which @cpu gets its tasks? */
static s32 nr_waiting(s32 cpu)
{
	return scx_bpf_dsq_nr_queued(SHARED_DSQ) + scx_bpf_dsq_nr_queued(OWN_DSQ(cpu));
}

/*
 * How long may a turn on @cpu last? Less where very many wait, so that the watchdog does not find one who
 * has waited too long.
 */
static u64 turn_ns(s32 cpu)
{
	u64 limit = round_ns / (nr_waiting(cpu) + 1);

	return limit < slice_ns ? limit : slice_ns;
}

/*
 * The timer ends a turn. On the central CPU the kernel's tick does it, too: with "threadirqs" the timer
 * runs in a kthread, which may be waiting for just that. Not static: the verifier of 6.18, when it follows
 * what is known of @cpu from here into move_first(), gives up with "verifier bug".
 */
__noinline u64 task_slice(s32 cpu)
{
	return has_timer && cpu != central_cpu ? SCX_SLICE_INF : turn_ns(cpu);
}

/* How long the turn had lasted before the task that runs now. */
static u64 *turn_used(struct cpu_state *c)
{
	return c->kthreads ? &c->kthreads_used : &c->used;
}

/* Is the turn on @cpu over, whose task has run @since then, or, if that is 0, does not run now? */
static bool turn_is_over(s32 cpu, struct cpu_state *c, u64 since)
{
	u64 used = *turn_used(c);

	if (since)
		used += time_delta(bpf_ktime_get_ns(), since);
	return used >= turn_ns(cpu);
}

/* Have the kthreads of @cpu had their turn, while others wait, or are about to run? */
static bool kthreads_must_wait(s32 cpu)
{
	struct cpu_state *c = cpu_state(cpu);

	if (!c || !c->kthreads || (!has_local(cpu) && !nr_waiting(cpu)))
		return false;
	return turn_is_over(cpu, c, READ_ONCE(c->since));
}

/*
 * Have the central CPU call ops.dispatch. It does not do so before its local queue is empty, so leave who
 * runs there the turn in that case.
 */
static void preempt_central(void)
{
	scx_bpf_kick_cpu(central_cpu, has_local(central_cpu) ? 0 : SCX_KICK_PREEMPT);
}

/*
 * Asking
 *
 * Whoever asks sets the bit and then looks whether there is a kick under way. The central CPU does the
 * reverse: it takes note of the kick and then looks at the bits. Both are full barriers, so
 * one of the two sees the other. Without a timer to repeat it, kick each time.
 */
static void kick_central(void)
{
	u64 since = READ_ONCE(kicked_at);

	if (has_timer && since)
		return;
	if (!since)
		WRITE_ONCE(kicked_at, bpf_ktime_get_ns());
	preempt_central();
	scx_stat_inc(kicks);
}

static void ask_for(s32 cpu)
{
	struct bpf_cpumask *mask = asking;

	if (!mask)
		return;
	if (!bpf_cpumask_test_and_set_cpu(cpu, mask))
		scx_stat_inc(requests);
	kick_central();
}

/*
 * Deciding: what follows runs on the central CPU only, in ops.dispatch or in the timer. The timer is a
 * softirq and ops.dispatch has interrupts disabled, so one does not interrupt the other. Yet
 * callbacks with the same counters may interrupt the timer.
 */

/* Tests what the kernel tests: it ejects a scheduler that moves a task to where it must not run. */
static bool may_run_on(const struct task_struct *p, s32 cpu)
{
	return bpf_cpumask_test_cpu(cpu, p->cpus_ptr) &&
	       (!is_migration_disabled(p) || scx_bpf_task_cpu(p) == cpu);
}

/* A CPU that is online and on which @p may run, another one each time. */
static s32 online_cpu_for(const struct task_struct *p)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 cpu = bpf_cpumask_any_and_distribute(online, p->cpus_ptr);

	scx_bpf_put_cpumask(online);
	return cpu < nr_cpus ? cpu : scx_bpf_task_cpu(p);
}

static bool is_in_global_queue(const struct task_struct *p)
{
	const struct scx_dispatch_q *dsq = p->scx.dsq;

	return dsq && dsq->id == SCX_DSQ_GLOBAL;
}

/*
 * Move the first task of a queue to @cpu if it waits no later than since @latest; with @preempt, the turn
 * of who runs there ends. The insertion wakes the CPU if it is idle, but for one case. It takes no slot of
 * the dispatch buffer, and leaves a task alone that was queued anew, with another affinity say, since it
 * was looked at. Kernels say that it ignores the vtime, as local queues do, but all of them set it.
 *
 * Not static, so that the verifier looks at it once and not again for each call: it takes its time.
 */
__noinline bool move_first(u64 dsq, s32 cpu, u64 latest, bool preempt)
{
	u64 slice = task_slice(cpu);
	bool moved = false, stays;
	struct task_struct *p;

	bpf_rcu_read_lock();
	bpf_for_each(scx_dsq, p, dsq, 0) {
		if (p->scx.dsq_vtime > latest)
			break;
		if (!may_run_on(p, cpu)) {
			scx_stat_inc_atomic(mismatches);
			continue;
		}
		scx_bpf_dsq_move_set_vtime(BPF_FOR_EACH_ITER, CHOSEN);
		scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, slice);
		stays = scx_bpf_task_cpu(p) == cpu;
		if (preempt)
			moved = __COMPAT_dsq_move_preempt(BPF_FOR_EACH_ITER, p, cpu);
		else
			moved = scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL_ON | cpu, 0);
		if (moved) {
			if (is_in_global_queue(p))
				cpu_is_leaving = true;
			/* some kernels wake nobody if the task was on that CPU before */
			if (stays && cpu != central_cpu)
				scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
			break;
		}
		scx_stat_inc_atomic(races);
	}
	bpf_rcu_read_unlock();
	return moved;
}

/* Give @cpu the task that has waited longest, unless it has one whose turn is not over yet. */
static bool choose_for(s32 cpu)
{
	struct cpu_state *c = cpu_state(cpu);
	struct task_struct *own;
	u64 since, latest;
	bool preempt;

	if (!c || has_local(cpu))
		return false;
	since = READ_ONCE(c->since);
	if (since && !turn_is_over(cpu, c, since))
		return false;
	/* in its ops.dispatch the central CPU has nobody left to preempt */
	preempt = since && (cpu != central_cpu || in_timer);

	own = __COMPAT_scx_bpf_dsq_peek(OWN_DSQ(cpu));
	latest = own ? own->scx.dsq_vtime : ~0ULL;
	if (!move_first(SHARED_DSQ, cpu, latest, preempt) &&
	    !move_first(OWN_DSQ(cpu), cpu, ~0ULL, preempt))
		return false;

	scx_stat_inc_atomic(decisions);
	if (since)
		scx_stat_inc_atomic(preemptions);
	if (!on_central_cpu())
		scx_stat_inc_atomic(elsewhere);
	return true;
}

/* Not static, as above. */
__noinline bool decide(s32 cpu)
{
	bool decided;

	bpf_rcu_read_lock();
	decided = choose_for(cpu);
	bpf_rcu_read_unlock();
	return decided;
}

/*
 * Answer those who have asked: so many at a time, since the central CPU may have its interrupts
 * disabled, and one after the other in turn, so that none is left out.
 */
static void answer(void)
{
	struct bpf_cpumask *mask = asking;
	s32 i, cpu;

	if (!mask)
		return;
	bpf_for(i, 0, batch) {
		cpu = bpf_cpumask_any_distribute(cast_mask(mask));
		if (cpu >= nr_cpus)
			return;
		if (bpf_cpumask_test_and_clear_cpu(cpu, mask))
			decide(cpu);
	}
	if (bpf_cpumask_empty(cast_mask(mask)))
		return;
	scx_stat_inc_atomic(full);
	kick_central();
}

#define MOVE_LOOK 256

/*
 * A task of another class has @cpu, for how long nobody knows. Who waits for this CPU but may run on
 * others shall wait for one of these. It looks at the first ones only, since it does so at each tick. Not
 * static, as above; but the number is, or the verifier would count along.
 */
__noinline int move_away(s32 cpu)
{
	static u32 looked;
	struct task_struct *p;
	s32 to;

	looked = 0;
	bpf_rcu_read_lock();
	bpf_for_each(scx_dsq, p, OWN_DSQ(cpu), 0) {
		if (looked++ == MOVE_LOOK)
			break;
		to = online_cpu_for(p);
		if (to != cpu && may_run_on(p, to) &&
		    scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, OWN_DSQ(to), 0))
			scx_stat_inc_atomic(moved);
	}
	bpf_rcu_read_unlock();
	return 0;
}

/* What has a CPU to do that has not asked? */
static void look_after(s32 cpu, const struct cpumask *idle)
{
	struct cpu_state *c = cpu_state(cpu);
	bool taken;
	u64 since;

	if (!c)
		return;
	since = READ_ONCE(c->since);
	taken = !since && !bpf_cpumask_test_cpu(cpu, idle);
	if (taken) {
		/* once may be between two tasks */
		if (c->taken && scx_bpf_dsq_nr_queued(OWN_DSQ(cpu)) > 0)
			move_away(cpu);
	} else if (since && !turn_is_over(cpu, c, since)) {
		/* let it go on */
	} else if (has_local(cpu) || cpu_is_leaving) {
		/* it has only to be told, and if it is idle it has been told already: be sure */
		scx_bpf_kick_cpu(cpu, since ? SCX_KICK_PREEMPT : SCX_KICK_IDLE);
		scx_stat_inc_atomic(resched);
	} else if (nr_waiting(cpu)) {
		decide(cpu);
	}
	c->taken = taken;
}

/* The only place where all CPUs are looked at. Begin with another one each time. */
static void look_after_all(void)
{
	static u32 first;
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	s32 i;

	/* a CPU that is offline is neither idle nor does it run anything */
	bpf_for(i, 0, nr_cpus)
		look_after((first + i) % nr_cpus, idle);
	scx_bpf_put_idle_cpumask(idle);
	first++;
}

static int timer_fn(void *map, int *key, struct central_timer *elem)
{
	int err;

	/* it outlives the scheduler, until the loader lets go of the map */
	if (ended)
		return 0;
	if (!on_central_cpu()) {
		scx_bpf_error("the timer runs on CPU %d, not on the central CPU %d",
			      bpf_get_smp_processor_id(), central_cpu);
		return 0;
	}
	scx_stat_inc_atomic(ticks);
	ticked_at = bpf_ktime_get_ns();

	/* the kernel takes this for a part of ops.init, which may sleep */
	bpf_rcu_read_lock();
	in_timer = true;
	if (kicked_at) {
		scx_stat_inc_atomic(rekicks);
		answer();
		preempt_central();
	}
	look_after_all();
	in_timer = false;
	bpf_rcu_read_unlock();

	err = bpf_timer_start(&elem->timer, period_ns, BPF_F_TIMER_CPU_PIN);
	if (err)
		scx_bpf_error("cannot start the timer again: error %d", err);
	return 0;
}

/* A pinned timer stays on the CPU that starts it, and ops.init runs on just any. */
static void start_timer(void)
{
	struct central_timer *elem;
	int err;

	if (!has_timer || timer_started || !on_central_cpu())
		return;
	timer_started = true;
	elem = bpf_map_lookup_elem(&timers, &(u32){ 0 });
	if (!elem)
		return;
	err = bpf_timer_start(&elem->timer, period_ns, BPF_F_TIMER_CPU_PIN);
	/* with interrupts off, newer kernels need memory for it: if there is none, try again next time */
	if (err == -ENOMEM)
		timer_started = false;
	else if (err)
		scx_bpf_error("cannot start the timer: error %d", err);
}

/*
 * With -p, a task of the fair class may keep the central CPU from calling ops.dispatch at all. So the
 * loader, itself one of these tasks, goes there and runs this.
 */
SEC("syscall")
int central_start(void *ctx __attribute__((unused)))
{
	start_timer();
	return 0;
}

/*
 * A hint: where it waits until it is decided. If that is an idle CPU the kernel wakes it, and
 * nobody but the central CPU has something to do now.
 */
s32 BPF_STRUCT_OPS(central_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return bpf_cpumask_test_cpu(central_cpu, p->cpus_ptr) ? central_cpu : prev_cpu;
}

/*
 * A task that waits is taken out of its queue when its weight, affinity or class is changed; then it
 * is enqueued anew, or goes to sleep. The kernel does not tell us when, but here it shows.
 */
static void leave_queue(struct task_struct *p)
{
	if (p->scx.dsq_vtime <= CHOSEN)
		return;
	scx_bpf_task_set_dsq_vtime(p, 0);
	scx_stat_inc(left);
}

/* An idle CPU on which @p may run, the central one if there is no other; -1 if there is none. */
static s32 idle_cpu_for(const struct task_struct *p)
{
	const struct cpumask *idle = scx_bpf_get_idle_cpumask();
	s32 cpu = scx_bpf_task_cpu(p);

	if (!is_migration_disabled(p)) {
		/* each call begins behind the CPU that the last one found: so this is another one */
		cpu = bpf_cpumask_any_and_distribute(idle, p->cpus_ptr);
		if (cpu == central_cpu)
			cpu = bpf_cpumask_any_and_distribute(idle, p->cpus_ptr);
	} else if (!bpf_cpumask_test_cpu(cpu, idle)) {
		cpu = -1;
	}
	scx_bpf_put_idle_cpumask(idle);
	return cpu < nr_cpus ? cpu : -1;
}

/* The queue for a task. @cpu is an idle CPU that could run it, -1 if there is none. */
static u64 queue_for(const struct task_struct *p, s32 cpu)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	bool everywhere = bpf_cpumask_subset(online, p->cpus_ptr);

	scx_bpf_put_cpumask(online);
	if (is_migration_disabled(p))
		return OWN_DSQ(scx_bpf_task_cpu(p));
	if (everywhere)
		return SHARED_DSQ;
	return OWN_DSQ(cpu < 0 ? online_cpu_for(p) : cpu);
}

void BPF_STRUCT_OPS(central_enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u64 dsq;

	start_timer();
	leave_queue(p);
	if (is_own_kthread(p) && !kthreads_must_wait(cpu)) {
		scx_stat_inc(kthreads);
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, task_slice(cpu), enq_flags | SCX_ENQ_PREEMPT);
		/* some kernels do not look at the local queue again before the CPU sleeps */
		if (enq_flags & SCX_ENQ_LAST)
			scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
		return;
	}

	cpu = idle_cpu_for(p);
	dsq = queue_for(p, cpu);
	if (dsq == SHARED_DSQ)
		scx_stat_inc(shared);
	else
		scx_stat_inc(own);
	scx_bpf_task_set_dsq_vtime(p, bpf_ktime_get_ns());
	/* it gets its slice when it is moved to a CPU */
	scx_bpf_dsq_insert(p, dsq, slice_ns, enq_flags);

	/* an idle CPU that has got a task, but has not woken up yet, cannot be given another one */
	if (cpu >= 0 && !has_local(cpu))
		ask_for(cpu);
	else if (!has_timer)
		kick_central();
}

/* The central CPU serves all others before itself. */
static void decide_for_all(struct task_struct *prev)
{
	/* exchanging is a full barrier, see kick_central() */
	__sync_lock_test_and_set(&kicked_at, 0);
	answer();
	/* with "threadirqs" the timer may have to wait for a turn of its kthread on this CPU */
	if (!has_timer || time_before(ticked_at + 2 * period_ns, bpf_ktime_get_ns()))
		look_after_all();
	/* it was only interrupted by the kick, or there is nobody else: let it go on */
	if (!decide(central_cpu) && is_runnable(prev) && !has_local(central_cpu))
		scx_bpf_task_set_slice(prev, task_slice(central_cpu));
}

/*
 * Another class has @cpu, and the kernel's ext_server asks for somebody who may run beside it. If it gets
 * nobody it does not ask again, so there is no time to have the central CPU decide. It is for those who
 * may run nowhere else; but if there is none now, one may come later.
 */
static void help_oneself(s32 cpu)
{
	if (!move_first(OWN_DSQ(cpu), cpu, ~0ULL, false) && !move_first(SHARED_DSQ, cpu, ~0ULL, false))
		return;
	scx_stat_inc_atomic(decisions);
	scx_stat_inc_atomic(elsewhere);
}

/*
 * Other CPUs get nothing here, but for that. If their @prev is runnable, it has yielded, or had a slice
 * that ended: with SCX_OPS_ENQ_LAST set, the kernel hands it to ops.enqueue, and the CPU becomes idle.
 *
 * With core scheduling a sibling may call this for the central CPU, under the lock that they share. To
 * move a task, 6.12 would take that lock once more: so the sibling only kicks.
 */
void BPF_STRUCT_OPS(central_dispatch, s32 cpu, struct task_struct *prev)
{
	start_timer();
	if (cpu != central_cpu) {
		if (cpu == (s32)bpf_get_smp_processor_id() && is_for_ext_server())
			help_oneself(cpu);
		return;
	}
	if (on_central_cpu())
		decide_for_all(prev);
	else if (nr_waiting(cpu))
		kick_central();
}

/* A CPU that has gone offline becomes idle, too: it needs no task, and must not kick any more. */
void BPF_STRUCT_OPS(central_update_idle, s32 cpu, bool idle)
{
	struct cpu_state *c = cpu_state(cpu);

	if (!idle)
		return;
	if (!nr_waiting(cpu)) {
		/* if somebody waits, kthreads that sleep for a moment have no new turn after it */
		if (c)
			c->kthreads = false;
	} else if (is_online(cpu)) {
		ask_for(cpu);
	}
}

/* As if the turn were over: ops.dispatch of the central CPU would let the task go on otherwise. */
bool BPF_STRUCT_OPS(central_yield, struct task_struct *from, struct task_struct *to)
{
	struct cpu_state *c = cpu_state(scx_bpf_task_cpu(from));

	if (to || !c)
		return false;
	*turn_used(c) = slice_ns;
	scx_bpf_task_set_slice(from, 0);
	return false;
}

void BPF_STRUCT_OPS(central_running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_state *c = cpu_state(cpu);
	bool kthread = is_own_kthread(p), chosen = p->scx.dsq_vtime;

	if (!c)
		return;
	leave_queue(p);		/* core scheduling runs somebody that nobody has chosen */
	if (chosen)
		scx_bpf_task_set_dsq_vtime(p, 0);
	if (kthread) {
		if (chosen || !c->kthreads)
			c->kthreads_used = 0;
	} else if (chosen || c->pid != p->pid) {
		c->used = 0;
		c->pid = p->pid;
	}
	c->kthreads = kthread;
	if (cpu == central_cpu)
		central_has_ours = true;
	c->since = bpf_ktime_get_ns();
}

void BPF_STRUCT_OPS(central_stopping, struct task_struct *p, bool runnable)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_state *c = cpu_state(cpu);

	if (!c)
		return;
	if (cpu == central_cpu)
		central_has_ours = false;
	if (!c->since)
		return;
	*turn_used(c) += time_delta(bpf_ktime_get_ns(), c->since);
	c->since = 0;
}

void BPF_STRUCT_OPS(central_quiescent, struct task_struct *p, u64 deq_flags)
{
	leave_queue(p);
}

void BPF_STRUCT_OPS(central_enable, struct task_struct *p)
{
	/* another scheduler may have left something there */
	scx_bpf_task_set_dsq_vtime(p, 0);
}

static s32 create_queues(void)
{
	s32 err = scx_bpf_create_dsq(SHARED_DSQ, -1);
	s32 cpu;

	bpf_for(cpu, 0, nr_cpus) {
		if (err)
			return err;
		err = scx_bpf_create_dsq(OWN_DSQ(cpu), -1);
	}
	return err;
}

static s32 create_mask(void)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();

	if (!mask)
		return -ENOMEM;
	mask = bpf_kptr_xchg(&asking, mask);
	if (mask)
		bpf_cpumask_release(mask);
	return 0;
}

/* A timer's callback belongs to the program that sets it, and may call what that may call. */
static s32 create_timer(void)
{
	struct central_timer *elem = bpf_map_lookup_elem(&timers, &(u32){ 0 });
	s32 err;

	if (!elem)
		return -ENOENT;
	err = bpf_timer_init(&elem->timer, &timers, CLOCK_MONOTONIC);
	return err ?: bpf_timer_set_callback(&elem->timer, timer_fn);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(central_init)
{
	s32 err = create_queues();

	err = err ?: create_mask();
	if (!err && has_timer)
		err = create_timer();
	return err;
}

void BPF_STRUCT_OPS(central_exit, struct scx_exit_info *ei)
{
	ended = true;
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(central_ops,
	       .select_cpu	= (void *)central_select_cpu,
	       .enqueue		= (void *)central_enqueue,
	       .dispatch	= (void *)central_dispatch,
	       .update_idle	= (void *)central_update_idle,
	       .yield		= (void *)central_yield,
	       .running		= (void *)central_running,
	       .stopping	= (void *)central_stopping,
	       .quiescent	= (void *)central_quiescent,
	       .enable		= (void *)central_enable,
	       .init		= (void *)central_init,
	       .exit		= (void *)central_exit,
	       /*
		* The kernel is to go on keeping track of idle CPUs, though there is an update_idle. And
		* ops.enqueue gets all tasks, also one that is alone (LAST), ends (EXITING), or is held on
		* its CPU: the kernel would let these run by itself, out of turn.
		*/
	       .flags		= SCX_OPS_KEEP_BUILTIN_IDLE | SCX_OPS_ENQ_LAST |
				  SCX_OPS_ENQ_EXITING | SCX_OPS_ENQ_MIGRATION_DISABLED,
	       .name		= "central");
