// SPDX-License-Identifier: GPL-2.0
/*
 * scx_qmap: five weighted FIFOs, and a tour of what sched_ext offers.
 *
 * What it demonstrates: nearly every facility, each where it belongs, around a policy that is small
 * enough not to be in the way. And how schedulers fail: it can be told to make mistakes, so that
 * one can see what the kernel does about them. Read scx_simple first.
 *
 * The policy. A task waits in one of five queues, chosen by its weight (scx_qmap.h): queue 0 is for
 * the lightest, queue 4 for the heaviest. Each CPU goes round the queues, and takes 1 task from
 * queue 0, 2 from queue 1, then 4, 8 and 16; a queue that has none passes its turn on. So as long as
 * each has one when its turn comes, waiting or at the end of its slice, the CPU time is shared
 * 1:2:4:8:16 between them, and evenly within each.
 *
 *	wakeup -> select_cpu --idle CPU--+
 *	              |                  v
 *	           enqueue --------> local queue of a CPU ------------> running
 *	            |  ^                 ^                                |
 *	            v  |                 |                                |
 *	     queue 0..4: dispatch, 2^i --+    slice used up <-------------+
 *	            |  |                 |          |                     |
 *	            |  +-----------------|----------+        a higher class comes
 *	            | -H                 |                                |
 *	            +----> boosted ------+--------- handed back <---------+
 *
 * The queues are the kernel's dispatch queues (DSQs), not BPF maps of PIDs. They hold any number of
 * tasks, and the kernel takes a task out by itself when it ends, or its affinity, policy or weight
 * changes; if it is still runnable then, ops.enqueue gets it anew, with the new weight. A map would
 * need a size, and would keep PIDs that may be another task's by the time they are looked up.
 *
 * Each queue has two parts: a shared one, and one for each CPU, with the tasks that can run nowhere
 * else. Otherwise all CPUs had to walk past these, under the queue's lock. Tasks are numbered as
 * they come, so that a CPU takes the older one of what is first in the two parts.
 *
 * When it is good: to see how a feature is used, and to test with. It scales as far as five locks
 * do.
 *
 * When it is bad: for work. Nobody is preempted, so a task that wakes up on a busy machine waits
 * for a slice to end, and the first of queue 0 for up to 30 of them. Weights count by queue only,
 * and the share of a task depends on how many are in its queue: a turn is a task, and who runs for a
 * moment takes one from who would run for its whole slice. Tasks that may run on some CPUs,
 * but not on all, are in the way of the others; caches, NUMA nodes and cgroups are not looked at.
 */
#include <scx/common.bpf.h>
#include "scx_qmap.h"

char _license[] SEC("license") = "GPL";

/* Set by the loader, see scx_simple.bpf.c. What is off costs nothing: the verifier drops its branches. */
const volatile u64 slice_ns = SCX_SLICE_DFL;
const volatile u32 batch = 1;
const volatile bool partial;
const volatile bool boosting;
const volatile bool timer_works;
const volatile bool messages;
const volatile bool no_dump;
const volatile s32 disallow_tgid;
const volatile u64 error_after;
const volatile u64 stall_user_nth;
const volatile u64 stall_kernel_nth;
const volatile u64 loop_after;

/*
 * The queues' numbers. The shared ones are 0 to 7, of which 0 to 4 are the shared parts of the five.
 * Those of CPU n begin at (n + 1) * NR_SHARED.
 */
enum {
	HANDED_BACK	= NR_QUEUES,	/* had to go while it was their turn */
	NR_OF_CPU,			/* so many have a part for each CPU */
	BOOSTED		= NR_OF_CPU,	/* nice -20, with -H; ordered by vtime */
	STALLED,			/* with -t and -T; nobody takes from it */
	NR_SHARED,
};

static u64 dsq_of_cpu(s32 cpu, u32 queue)
{
	return (cpu + 1) * NR_SHARED + queue;
}

struct qmap_stats {
	u64 woken SCX_STAT("times a task that woke up went straight to an idle CPU");
	u64 kept SCX_STAT("times a task kept its CPU, since nobody else of its queue waited");
	u64 queued SCX_STAT("times a task was put into a queue, handed back ones included");
	u64 ran SCX_STAT("of these, times it got a CPU");
	u64 left SCX_STAT("of these, times it left without: it ended, or has changed");
	u64 taken0 SCX_STAT("turns of queue 0: a CPU took a task from it, or kept one of it");
	u64 taken1 SCX_STAT("from queue 1");
	u64 taken2 SCX_STAT("from queue 2");
	u64 taken3 SCX_STAT("from queue 3");
	u64 taken4 SCX_STAT("from queue 4");
	u64 handed_back SCX_STAT("times another class, or another task, took the CPU of a task");
	u64 boosted SCX_STAT("times a nice -20 task was put first (-H)");
	u64 preempted SCX_STAT("times the timer had one preempt somebody");
	u64 boost_lost SCX_STAT("times it had left before");
	u64 dequeued SCX_STAT("calls of ops.dequeue, which kernels make for different reasons");
	u64 core_sched SCX_STAT("of these, since core scheduling chose the task");
};
SCX_STATS_DEFINE(qmap_stats);

UEI_DEFINE(uei);

static bool ended;	/* ops.exit has been called */

/*
 * What is remembered of a task. It goes with the task, so that there is nothing to clean up. It is
 * allocated in ops.init_task, which may sleep and may fail; where a task has to be scheduled
 * neither would do.
 */
struct task_ctx {
	u64	seq;		/* its sequence number, see next_seq(); 0: it was never enqueued */
	u64	since;		/* when it began to wait */
	u32	queue;		/* the one for its weight, 0 to 4 */
	u32	own;		/* 1 + CPU: it waits in a queue of this one; 0: in a shared one */
	bool	waiting;	/* in a queue, or taken from one and not running yet */
	bool	idle_cpu;	/* ops.select_cpu found an idle CPU for it */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_ctx);
} task_ctxs SEC(".maps");

static struct task_ctx *task_ctx(struct task_struct *p)
{
	struct task_ctx *tctx = bpf_task_storage_get(&task_ctxs, p, 0, 0);

	if (!tctx)
		scx_bpf_error("%s[%d] has no context", p->comm, p->pid);
	return tctx;
}

struct cpu_ctx {
	u32	queue;		/* where it is on its way round */
	u32	turns;		/* how many more tasks it takes there */
	u32	bound;		/* how many tasks wait in its own queues */
	bool	boosted;	/* the latest task was a boosted one */
	u32	looked;		/* at how many tasks, in a walk along a queue */
	u32	weight;		/* four times the moving average of what runs */
	u32	slowed;		/* by how much less than full speed was asked for */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct cpu_ctx);
} cpu_ctxs SEC(".maps");

static struct cpu_ctx *cpu_ctx(s32 cpu)
{
	u32 zero = 0;

	return bpf_map_lookup_percpu_elem(&cpu_ctxs, &zero, cpu);
}

/*
 * Sequence numbers go up by 16 with each task of queue 0, by 1 with each of queue 4: they count in
 * sixteenths of a round. So within a queue they tell who came first, and between two of them whose
 * turn would come first. All CPUs write them for each task: a cache line that they share, as they
 * do the queues' locks.
 */
#define ROUND 16

static u64 tail_seqs[NR_QUEUES];	/* of the task that came last to a queue */
static u64 latest_seq;			/* the highest of a task that has got a CPU */

static u64 next_seq(u32 queue)
{
	u64 *tail = MEMBER_VPTR(tail_seqs, [queue]);
	u64 step;

	if (!tail)
		return 0;
	step = 1 << (NR_QUEUES - 1 - queue);
	/*
	 * A queue that was empty makes up for the turns of one round, and for no more. One that was not may
	 * be behind by about as much, and keeps that.
	 */
	if (*tail + ROUND < latest_seq)
		*tail = latest_seq - ROUND;
	return __sync_fetch_and_add(tail, step) + step;
}

/* Mistakes on request */

static u64 nr_enqueued, nr_user, nr_kernel, nr_taken;

static bool is_nth(u64 *counter, u64 n)
{
	return n && !((__sync_fetch_and_add(counter, 1) + 1) % n);
}

static void count_to_error(void)
{
	u64 nr = __sync_fetch_and_add(&nr_enqueued, 1) + 1;

	if (nr == error_after)
		scx_bpf_error("%llu tasks were enqueued, as asked for", nr);
}

static bool shall_stall(const struct task_struct *p)
{
	if (p->flags & PF_KTHREAD)
		return is_nth(&nr_kernel, stall_kernel_nth);
	return is_nth(&nr_user, stall_user_nth);
}

/*
 * Insert a task that cannot be inserted: kthreadd sleeps, mostly. (With -p it would be no task of
 * ours, of which newer kernels take no notice.) The kernel drops it, finds nothing to run, and
 * calls ops.dispatch again. It gives up after some rounds, so that interrupts and real-time tasks
 * get through, and starts anew.
 */
static void dispatch_nothing(void)
{
	struct task_struct *p = bpf_task_from_pid(2);

	if (!p)
		return;
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, 0);
	bpf_task_release(p);
}

/* From waking up to waiting */

/*
 * The kernel's idle tracking finds an idle CPU and reserves it. The task could be inserted right
 * here, and ops.enqueue were skipped, as scx_simple does; here all is to go through ops.enqueue,
 * which numbers and counts. Without SCX_WAKE_SYNC, or it would now and then take the waker's CPU
 * for idle.
 */
s32 BPF_STRUCT_OPS(qmap_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_ctx *tctx = task_ctx(p);
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags & ~SCX_WAKE_SYNC, &idle);

	if (tctx)
		tctx->idle_cpu = idle;
	return cpu;
}

/* Can it run on one CPU only? */
static bool is_bound(const struct task_struct *p)
{
	return p->nr_cpus_allowed == 1 || is_migration_disabled(p);
}

#define SCHED_EXT 7

/*
 * Is it of a higher class? Deadline, real-time and the stop class have priorities below 100; with -p
 * fair tasks count.
 */
static bool is_above(const struct task_struct *p)
{
	if (p->flags & PF_IDLE)
		return false;
	return p->prio < 100 || (partial && p->policy != SCHED_EXT);
}

/* What makes an insertion of a waiting task: leave() and qmap_running() close the accounts. */
static void wait_in(struct task_struct *p, struct task_ctx *tctx, u64 dsq, u64 slice, u64 enq_flags)
{
	tctx->waiting = true;
	tctx->idle_cpu = false;
	tctx->since = scx_bpf_now();
	scx_stat_inc(queued);
	scx_bpf_dsq_insert(p, dsq, slice, enq_flags);
}

/*
 * In a queue of its CPU. Such tasks are counted: mostly there are none, and who knows that need not
 * look into six queues each time.
 */
static void wait_in_own(struct task_struct *p, struct task_ctx *tctx, u32 queue, u64 slice,
			u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_ctx *cctx = cpu_ctx(cpu);

	if (!cctx) {
		wait_in(p, tctx, queue, slice, enq_flags);
		return;
	}
	__sync_fetch_and_add(&cctx->bound, 1);
	tctx->own = cpu + 1;
	wait_in(p, tctx, dsq_of_cpu(cpu, queue), slice, enq_flags);
}

/* It has left its queue. */
static void stop_waiting(struct task_ctx *tctx)
{
	struct cpu_ctx *cctx;

	tctx->waiting = false;
	if (!tctx->own)
		return;
	cctx = cpu_ctx(tctx->own - 1);
	if (cctx)
		__sync_fetch_and_sub(&cctx->bound, 1);
	tctx->own = 0;
}

/* It did not get a CPU this time: it sleeps, ends, has changed, or is enqueued anew. */
static void leave(struct task_ctx *tctx)
{
	if (tctx->waiting)
		scx_stat_inc(left);
	stop_waiting(tctx);
}

/*
 * Have an idle CPU look into the queues, which it does not do by itself. To insert the task right into
 * its local queue would be a little faster. But a CPU that is about to go offline looks idle as well,
 * until some kernel threads have run. What is sent there goes to the global DSQ, which all CPUs look
 * into before they call ops.dispatch: with two tasks on that way, those threads never got a turn.
 */
static void call_idle_cpu(const struct task_struct *p)
{
	/* core scheduling may keep a CPU idle as its sibling is busy: who went there would wait */
	s32 cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, has_core_cookie(p) ? SCX_PICK_IDLE_CORE : 0);

	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE);
}

/*
 * Real time, say, has taken the CPU of @p, which did not get to the end of its slice, or was next.
 * Or the idle CPU that it was sent to had got another task by then, which kernels from 7.1 on also
 * hand back. It was its turn, so that it goes before all queues (take_handed_back()), with what is
 * left of its slice (that is what a slice of 0 means), and keeps its number.
 *
 * This may run within ops.cpu_release, where is_migration_disabled() is of no use. With PREEMPT_RT
 * 6.12 leaves kicks to a real-time thread of this CPU: there an idle one may have to wait for that.
 */
static void take_back(struct task_struct *p, struct task_ctx *tctx, u64 enq_flags)
{
	scx_stat_inc(handed_back);
	if (p->nr_cpus_allowed == 1) {
		wait_in_own(p, tctx, HANDED_BACK, 0, enq_flags);
		return;
	}
	wait_in(p, tctx, HANDED_BACK, 0, enq_flags);
	call_idle_cpu(p);
}

/*
 * With SCX_OPS_ENQ_LAST set, a task that ops.dispatch has not kept is enqueued with SCX_ENQ_LAST when
 * its slice is over and its CPU is already on its way to be idle. Without the flag the kernel would
 * let it run on, with a slice of its own choice. That is for whom keep() refuses. With core
 * scheduling a CPU is also idle for the sake of what runs on its sibling, while others, which came
 * with ops.dispatch, wait in its local queue.
 */
static bool is_last(u64 enq_flags)
{
	return (enq_flags & SCX_ENQ_LAST) && !scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL);
}

/* Some kernels do not look at the local queue again before the CPU sleeps, so wake it. */
static void stay(struct task_struct *p, u64 enq_flags)
{
	scx_stat_inc(kept);
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, enq_flags);
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_KICK_IDLE);
}

/* Straight to the idle CPU that ops.select_cpu has found for it. */
static void wake_up(struct task_struct *p, struct task_ctx *tctx, u64 enq_flags)
{
	tctx->idle_cpu = false;
	scx_stat_inc(woken);
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, slice_ns, enq_flags);
}

/* In the queue for its weight. */
static void wait_in_shared(struct task_struct *p, struct task_ctx *tctx, u64 enq_flags)
{
	wait_in(p, tctx, tctx->queue, slice_ns, enq_flags);
	/* select_cpu has just looked, in vain; for a task that did not wake up nobody has */
	if (!__COMPAT_is_enq_cpu_selected(enq_flags))
		call_idle_cpu(p);
}

void BPF_STRUCT_OPS(qmap_enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_ctx *tctx = task_ctx(p);

	if (!tctx)
		return;
	leave(tctx);
	if (error_after)
		count_to_error();
	if (enq_flags & SCX_ENQ_REENQ) {
		take_back(p, tctx, enq_flags);
		return;
	}

	tctx->queue = weight_to_queue(p->scx.weight);
	tctx->seq = next_seq(tctx->queue);
	if (shall_stall(p))
		wait_in(p, tctx, STALLED, slice_ns, enq_flags);
	else if (is_last(enq_flags))
		stay(p, enq_flags);
	else if (is_bound(p))
		wait_in_own(p, tctx, tctx->queue, slice_ns, enq_flags);
	else if (tctx->idle_cpu)
		wake_up(p, tctx, enq_flags);
	else
		wait_in_shared(p, tctx, enq_flags);
}

/*
 * For counting only. It means what its name says for tasks that are kept in BPF maps, which would
 * have to be taken out here. Ours are on DSQs, for which 6.12 never calls it, while kernels from
 * 7.1 on do so for every task that leaves, also for a CPU. So nothing may depend on it.
 */
void BPF_STRUCT_OPS(qmap_dequeue, struct task_struct *p, u64 deq_flags)
{
	scx_stat_inc(dequeued);
	if (deq_flags & SCX_DEQ_CORE_SCHED_EXEC)
		scx_stat_inc(core_sched);
}

/* From waiting to running */

static void count_taken(u32 queue)
{
	struct qmap_stats *st = bpf_map_lookup_elem(&stats, &(u32){ 0 });

	/* taken0 to taken4 follow each other */
	if (st && queue < NR_QUEUES)
		(&st->taken0)[queue]++;
	if (loop_after)
		__sync_fetch_and_add(&nr_taken, 1);
}

/* Mostly there is nobody, and older kernels take a queue's lock to look into it. */
static u64 first_seq(u64 dsq)
{
	struct task_struct *p = scx_bpf_dsq_nr_queued(dsq) ? __COMPAT_scx_bpf_dsq_peek(dsq) : NULL;
	struct task_ctx *tctx = p ? bpf_task_storage_get(&task_ctxs, p, 0, 0) : NULL;

	return tctx ? tctx->seq : ~0ULL;
}

/*
 * Move a task of a queue to this CPU. The older one of the two that are first in its parts, or
 * whoever comes after it, if it must not run here.
 */
static bool take_from(s32 cpu, const struct cpu_ctx *cctx, u32 queue)
{
	u64 own = dsq_of_cpu(cpu, queue);

	if (!cctx->bound || !scx_bpf_dsq_nr_queued(own))
		return scx_bpf_dsq_move_to_local(queue, 0);
	if (first_seq(queue) < first_seq(own) && scx_bpf_dsq_move_to_local(queue, 0))
		return true;
	return scx_bpf_dsq_move_to_local(own, 0) || scx_bpf_dsq_move_to_local(queue, 0);
}

static void got_cpu(const struct task_ctx *tctx)
{
	if (latest_seq < tctx->seq)
		latest_seq = tctx->seq;
}

/*
 * A new slice for @prev, for which ops.running is not called then. Not if it sleeps, nor if it has left
 * sched_ext while tasks were moved, which may drop the lock of the run queue. Nor with a cookie of core
 * scheduling: it is not for this CPU alone to say that such a task goes on. Nor if it has no number yet:
 * it has been running since before it came to sched_ext, and kernels from 7.1 on hand back only what was
 * inserted once.
 *
 * A function of its own: otherwise clang computes addresses in *@prev before the loop in which it is
 * compared with NULL, and the verifier does not take that.
 */
static __noinline bool keep(struct task_struct *prev)
{
	struct task_ctx *tctx;

	if (!prev || !(prev->scx.flags & SCX_TASK_QUEUED) || has_core_cookie(prev))
		return false;
	tctx = task_ctx(prev);
	if (!tctx || !tctx->seq)
		return false;
	tctx->queue = weight_to_queue(prev->scx.weight);
	tctx->seq = next_seq(tctx->queue);
	got_cpu(tctx);
	scx_stat_inc(kept);
	scx_bpf_task_set_slice(prev, slice_ns);
	return true;
}

/* The queue that @prev belongs to, or NR_QUEUES. The boosted have no part in the queues' turns. */
static u32 queue_of_prev(const struct task_struct *prev)
{
	if (!prev || (boosting && prev->scx.weight >= HIGHPRI_WEIGHT))
		return NR_QUEUES;
	return weight_to_queue(prev->scx.weight);
}

enum next { NOBODY, MOVED, KEPT };

/*
 * On the way round: 2^i tasks from queue i, less if it has no more for this CPU. The last one that it
 * has is @prev, if @own is its number: @prev is enqueued only after ops.dispatch, which would be too
 * late for its turn. (Who yields ends its slice, too: one that has its queue to itself does so in vain
 * until the queue's turns are over.)
 */
static enum next take_next(s32 cpu, struct cpu_ctx *cctx, struct task_struct *prev, u32 own)
{
	enum next next = NOBODY;
	u32 i;

	bpf_for(i, 0, NR_QUEUES) {
		if (!cctx->turns) {
			cctx->queue = (cctx->queue + 1) % NR_QUEUES;
			cctx->turns = 1 << cctx->queue;
		}
		if (take_from(cpu, cctx, cctx->queue))
			next = MOVED;
		else if (cctx->queue == own && keep(prev))
			next = KEPT;
		if (next != NOBODY)
			break;
		cctx->turns = 0;
	}
	/* with core scheduling, 6.12 may have called this for the same CPU meanwhile */
	if (next != NOBODY && cctx->turns) {
		cctx->turns--;
		count_taken(cctx->queue);
	}
	return next;
}

#include "scx_qmap.boost.bpf.h"

/* One of those that can run on this CPU only, and is older, out of its turn. */
static bool take_own_before(s32 cpu, u64 seq)
{
	u32 i;

	bpf_for(i, 0, NR_QUEUES) {
		u64 own = dsq_of_cpu(cpu, i);

		if (first_seq(own) < seq && scx_bpf_dsq_move_to_local(own, 0))
			return true;
	}
	return false;
}

/*
 * Who was handed back comes first. But where a real-time task keeps taking another CPU there is always
 * somebody from there, and who can run on this CPU only would wait for ever: so the older ones of these
 * come before.
 */
static bool take_handed_back(s32 cpu, struct cpu_ctx *cctx)
{
	u64 seq;

	if (cctx->bound && scx_bpf_dsq_move_to_local(dsq_of_cpu(cpu, HANDED_BACK), 0))
		return true;
	seq = first_seq(HANDED_BACK);
	if (seq == ~0ULL)
		return false;
	return (cctx->bound && take_own_before(cpu, seq)) || scx_bpf_dsq_move_to_local(HANDED_BACK, 0);
}

/*
 * This CPU has nothing left to do: @prev sleeps, or has used up its slice. What is moved to the local
 * queue runs next, more than one if batch says so; nobody else can take these. Who is kept would run
 * before them, so it is @prev or a batch. If there is nobody, the CPU goes idle.
 */
void BPF_STRUCT_OPS(qmap_dispatch, s32 cpu, struct task_struct *prev)
{
	struct cpu_ctx *cctx = cpu_ctx(cpu);
	bool found = false;
	u32 i;

	if (!cctx)
		return;
	if (loop_after && nr_taken >= loop_after) {
		dispatch_nothing();
		return;
	}
	if (take_handed_back(cpu, cctx))
		return;
	if (boosting && take_boosted(cpu, cctx))
		return;
	bpf_for(i, 0, batch) {
		enum next next = take_next(cpu, cctx, prev, found ? NR_QUEUES : queue_of_prev(prev));

		found = found || next != NOBODY;
		if (next != MOVED)
			break;
	}
	if (found || !boosting)
		return;
	/* it was the queues' turn, and they are empty */
	cctx->boosted = scx_bpf_dsq_move_to_local(BOOSTED, 0);
	if (!cctx->boosted)
		keep(prev);
}

void BPF_STRUCT_OPS(qmap_running, struct task_struct *p)
{
	struct task_ctx *tctx = task_ctx(p);

	if (!tctx)
		return;
	got_cpu(tctx);
	if (tctx->waiting)
		scx_stat_inc(ran);
	stop_waiting(tctx);
}

/* No longer runnable, or about to be enqueued anew: called on every kernel, unlike ops.dequeue. */
void BPF_STRUCT_OPS(qmap_quiescent, struct task_struct *p, u64 deq_flags)
{
	struct task_ctx *tctx = task_ctx(p);

	if (tctx)
		leave(tctx);
}

/*
 * With every timer interrupt. Heavy tasks make their CPU fast, light ones slow; that is to show how
 * the schedutil governor is told, not how to save power.
 */
void BPF_STRUCT_OPS(qmap_tick, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct cpu_ctx *cctx = cpu_ctx(cpu);
	u32 perf, slowed;

	if (!cctx)
		return;
	cctx->weight += p->scx.weight - cctx->weight / 4;
	perf = SCX_CPUPERF_ONE * weight_to_queue(cctx->weight / 4) / (NR_QUEUES - 1);
	slowed = SCX_CPUPERF_ONE - perf;
	if (slowed == cctx->slowed)
		return;
	cctx->slowed = slowed;
	scx_bpf_cpuperf_set(cpu, perf);
}

/*
 * Core scheduling lets the threads of a core run only tasks that trust each other, and so has to
 * choose among what waits on all of them by itself: it asks which of two tasks comes first. How
 * long they have waited would not do, nor how far they are from the head of their queue: as long as
 * there are heavy tasks, a light one would come last. The sequence number stays, while others' grow
 * past it.
 */
bool BPF_STRUCT_OPS(qmap_core_sched_before, struct task_struct *a, struct task_struct *b)
{
	struct task_ctx *actx = task_ctx(a), *bctx = task_ctx(b);

	return actx && bctx && actx->seq < bctx->seq;
}

/*
 * A higher class takes the CPU
 *
 * What is in the CPU's local queue then waits until that class is done, while others may be idle.
 * How to get it back depends on the kernel, and the loader chooses:
 *
 * - to 6.18: the kernel calls ops.cpu_release, only there the local queue can be re-enqueued. From
 *   6.16 on it takes whoever it interrupts there for migration-disabled, as BPF programs make their
 *   task, and does not hand it to ops.enqueue, unless SCX_OPS_ENQ_MIGRATION_DISABLED is set.
 * - from 6.19 on that can be done from anywhere, such as a program on the tracepoint of all
 *   context switches. ops.cpu_release still works, but the kernel warns of it.
 * - from 7.1 on an insertion with SCX_ENQ_IMMED is for now or never: if the task cannot run at
 *   once, or has to go, the kernel re-enqueues it without being asked. SCX_OPS_ALWAYS_ENQ_IMMED
 *   makes all insertions into local queues such ones, and with -b only the first of a batch would
 *   stay.
 *
 * Either way the tasks come to ops.enqueue with SCX_ENQ_REENQ.
 */
void BPF_STRUCT_OPS(qmap_cpu_release, s32 cpu, struct scx_cpu_release_args *args)
{
	scx_bpf_reenqueue_local();
}

/* A program on a tracepoint. '?': it is not loaded unless the loader says so, see choose_reenqueue(). */
SEC("?tp_btf/sched_switch")
int BPF_PROG(qmap_sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	if (is_above(next) && scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL) > 0)
		scx_bpf_reenqueue_local_from_anywhere();
	return 0;
}

/* Tasks come and go */

s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	/*
	 * Whoever is disallowed may not choose the policy SCHED_EXT, which matters with -p, and if
	 * it has done so is put back. That is for tasks which are there when the scheduler is loaded:
	 * for new ones newer kernels do not take it.
	 */
	if (disallow_tgid && p->tgid == disallow_tgid && !args->fork)
		p->scx.disallow = true;
	if (!bpf_task_storage_get(&task_ctxs, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return -ENOMEM;
	return 0;
}

#include "scx_qmap.watch.bpf.h"

static s32 create_cpu_queues(s32 cpu)
{
	s32 err;
	u32 i;

	bpf_for(i, 0, NR_OF_CPU) {
		err = scx_bpf_create_dsq(dsq_of_cpu(cpu, i), -1);
		if (err)
			return err;
	}
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_init)
{
	s32 err;
	u32 i;

	bpf_for(i, 0, NR_SHARED) {
		err = scx_bpf_create_dsq(i, -1);
		if (err)
			return err;
	}
	bpf_for(i, 0, scx_bpf_nr_cpu_ids()) {
		err = create_cpu_queues(i);
		if (err)
			return err;
	}
	return boosting && timer_works ? start_boost_timer() : 0;
}

void BPF_STRUCT_OPS(qmap_exit, struct scx_exit_info *ei)
{
	ended = true;
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(qmap_ops,
	       .select_cpu		= (void *)qmap_select_cpu,
	       .enqueue			= (void *)qmap_enqueue,
	       .dequeue			= (void *)qmap_dequeue,
	       .dispatch		= (void *)qmap_dispatch,
	       .tick			= (void *)qmap_tick,
	       .running			= (void *)qmap_running,
	       .quiescent		= (void *)qmap_quiescent,
	       .core_sched_before	= (void *)qmap_core_sched_before,
	       .cpu_release		= (void *)qmap_cpu_release,
	       .init_task		= (void *)qmap_init_task,
	       .cgroup_init		= (void *)qmap_cgroup_init,
	       .cgroup_exit		= (void *)qmap_cgroup_exit,
	       .cgroup_prep_move	= (void *)qmap_cgroup_prep_move,
	       .cgroup_move		= (void *)qmap_cgroup_move,
	       .cgroup_cancel_move	= (void *)qmap_cgroup_cancel_move,
	       .cgroup_set_weight	= (void *)qmap_cgroup_set_weight,
	       .cgroup_set_bandwidth	= (void *)qmap_cgroup_set_bandwidth,
	       .cgroup_set_idle		= (void *)qmap_cgroup_set_idle,
	       .cpu_online		= (void *)qmap_cpu_online,
	       .cpu_offline		= (void *)qmap_cpu_offline,
	       .dump			= (void *)qmap_dump,
	       .dump_cpu		= (void *)qmap_dump_cpu,
	       .dump_task		= (void *)qmap_dump_task,
	       .init			= (void *)qmap_init,
	       .exit			= (void *)qmap_exit,
	       .flags			= SCX_OPS_ENQ_LAST | SCX_OPS_ENQ_MIGRATION_DISABLED,
	       .name			= "qmap");
