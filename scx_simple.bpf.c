// SPDX-License-Identifier: GPL-2.0
/*
 * scx_simple: one queue for the whole machine.
 *
 * What it demonstrates: the least that makes a useful scheduler. Start reading here.
 *
 * How a task flows through it. A task wakes up and ops.select_cpu looks for an idle CPU.
 * If there is one, the task goes straight to that CPU's local queue and runs at once.
 * Otherwise, or if it may run on one CPU only, ops.enqueue puts it into the one shared queue.
 * A CPU whose task has used up its slice (20 ms), or fell asleep, calls ops.dispatch, which
 * lets the task go on if it still comes first, or else moves the first task of the shared
 * queue to the CPU's local queue. Enqueue wakes no idle CPU: select_cpu has just looked, and
 * should one fall idle right then, the task waits until another CPU takes it in its turn.
 *
 *	wakeup -> select_cpu --idle CPU--> local queue --------------+
 *	              |                                              v
 *	           enqueue -> shared queue -> dispatch -> local -> running
 *	              ^                                              |
 *	              |                        slice used up: dispatch
 *	              |                       |                      ^
 *	              +------ not first ------+---- still first -----+
 *
 * By default the queue is ordered by vtime, the CPU time that a task has used, divided by
 * its weight: who has had least for its weight comes first, so tasks that compete share CPU
 * time in proportion to their weights, which the kernel derives from nice values (beyond
 * nice -10 and 10 they are capped). With --fifo the queue is first come, first served,
 * and everyone gets equal turns.
 *
 * When it is good: CPUs that share a cache, and more or less equal tasks. All CPUs take from
 * one queue, so they share the load whatever it is.
 *
 * When it is bad: it does not preempt, so under load a waking task waits for somebody's slice
 * to end; with FIFO, CPU hogs drown everyone else. It knows nothing of caches, NUMA nodes or
 * cgroups. Only a task that wakes up looks for an idle CPU, so a task may go on sharing a CPU
 * with one that is bound there, though another CPU is idle. All CPUs contend for one lock, and
 * tasks that may run on one CPU only are in the way of all others that search the queue. There
 * is one vtime for the machine: light tasks that compete on one CPU make it run fast, and
 * weights count for less on the others.
 */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/*
 * Set by the loader before load, as skel->rodata->fifo_sched. To the verifier it is a constant by then,
 * and it drops the other branch. It is volatile, so that the compiler does not do so, by the value here.
 */
const volatile bool fifo_sched;

/*
 * The built-in queues are FIFOs. Only a queue of one's own can be ordered by vtime, and
 * only such a queue waits for ops.dispatch: the kernel would serve SCX_DSQ_GLOBAL itself.
 */
#define SHARED_DSQ 0

#define SLICE SCX_SLICE_DFL	/* how long a turn may last: 20 ms */

/*
 * Weights run from 1 to 10000, and 100 is nice 0 (the fair class's 1024). Weights below 10
 * (nice 11 and up) count as 10, those above 1000 (nice -11 and down) as 1000. In exact
 * proportion a nice 19 task would run 20 ms in three minutes beside a nice -20 one, and the
 * kernel ejects a scheduler that lets a task wait for 30 s.
 */
#define WEIGHT_MIN 10
#define WEIGHT_MAX 1000

/*
 * The furthest vtime at which a task has started: where the machine as a whole has got to.
 * CPUs may race to advance it, and it may fall back to an older value. The next task to start
 * sets it right, so this is not worth an atomic operation.
 */
static u64 vtime_now;

/* Named as in the kernel's sample: global is our shared queue, not SCX_DSQ_GLOBAL. */
struct simple_stats {
	u64 local SCX_STAT("times a task went straight to an idle CPU's local queue");
	u64 global SCX_STAT("times a task went to the shared queue");
};
SCX_STATS_DEFINE(simple_stats);

UEI_DEFINE(uei);

/*
 * Up to where the task that runs on a CPU has been charged: the value of its
 * se.sum_exec_runtime then. The slice would not do to tell how long a task ran: yielding and
 * preemption set it to 0, and what is run beyond it, until the next tick, does not show.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} charged SEC(".maps");

/* That of @p's CPU, which need not be this one: a running task can be changed from afar. */
static u64 *charged_until(const struct task_struct *p)
{
	u32 zero = 0;

	return bpf_map_lookup_percpu_elem(&charged, &zero, scx_bpf_task_cpu(p));
}

static void set_charged(const struct task_struct *p)
{
	u64 *until = charged_until(p);

	if (until)
		*until = p->se.sum_exec_runtime;
}

/* The vtime of a running task once it is charged for what it ran. */
static u64 vtime_charged(const struct task_struct *p)
{
	u64 *until = charged_until(p);
	u64 ran = until ? p->se.sum_exec_runtime - *until : 0;
	u64 weight = p->scx.weight;

	if (weight < WEIGHT_MIN)
		weight = WEIGHT_MIN;
	if (weight > WEIGHT_MAX)
		weight = WEIGHT_MAX;
	return p->scx.dsq_vtime + ran * SCX_WEIGHT_DFL / weight;
}

/*
 * While a task sleeps, or has a CPU to itself, the others' vtime moves on. It may keep one
 * slice of that as credit, so that it runs soon; all of it would shut out everyone else.
 */
static u64 cap_credit(u64 vtime)
{
	u64 oldest = vtime_now - SLICE;

	return time_before(vtime, oldest) ? oldest : vtime;
}

static void advance_vtime_now(u64 vtime)
{
	if (time_before(vtime_now, vtime))
		vtime_now = vtime;
}

/*
 * SCX_WAKE_SYNC says that who wakes @p is about to sleep, so that the kernel may take the waker's CPU
 * for idle. That comes too early for us: a local queue is before the shared one, and two tasks that
 * keep waking each other would have that CPU to themselves.
 */
s32 BPF_STRUCT_OPS(simple_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags & ~SCX_WAKE_SYNC, &idle);

	if (!idle)
		return cpu;

	/* the kernel now skips ops.enqueue, and puts the task on the CPU returned */
	scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	scx_stat_inc(local);
	return cpu;
}

void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_stat_inc(global);
	if (fifo_sched)
		scx_bpf_dsq_insert(p, SHARED_DSQ, SLICE, enq_flags);
	else	/* this sets p->scx.dsq_vtime, too: what was cut off is gone for good */
		scx_bpf_dsq_insert_vtime(p, SHARED_DSQ, SLICE, cap_credit(p->scx.dsq_vtime),
					 enq_flags);
}

/* Is @vtime before that of the task that this CPU would take from the shared queue? */
static bool comes_first(s32 cpu, u64 vtime)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, SHARED_DSQ, 0) {
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return time_before(vtime, p->scx.dsq_vtime);
	}
	return false;
}

/*
 * @prev has used up its slice and is not back in the queue yet. To take the queue's first task
 * without a look at @prev would make two tasks on a CPU take equal turns whatever their
 * weights. So if it still comes first, charge it, since neither stopping nor running is
 * called for it now, and give it another slice, which makes the kernel let it run on.
 */
static bool keep_running(s32 cpu, struct task_struct *prev)
{
	u64 vtime = cap_credit(vtime_charged(prev));

	if (!comes_first(cpu, vtime))
		return false;
	scx_bpf_task_set_dsq_vtime(prev, vtime);
	scx_bpf_task_set_slice(prev, SLICE);
	set_charged(prev);
	advance_vtime_now(vtime);
	return true;
}

void BPF_STRUCT_OPS(simple_dispatch, s32 cpu, struct task_struct *prev)
{
	/* not going to sleep; its slice is used up, else the kernel would not have asked */
	bool runnable = prev && (prev->scx.flags & SCX_TASK_QUEUED);

	if (runnable && !fifo_sched && keep_running(cpu, prev))
		return;
	/*
	 * If the queue has nothing for this CPU, the kernel lets @prev run on with a new slice.
	 * The old one is not charged: who has a CPU to itself takes nothing from others.
	 */
	if (!scx_bpf_dsq_move_to_local(SHARED_DSQ, 0) && runnable)
		set_charged(prev);
}

void BPF_STRUCT_OPS(simple_running, struct task_struct *p)
{
	set_charged(p);
	/*
	 * A whole slice is a new turn. Who was interrupted, by a real-time task say, goes on with
	 * the rest of one, out of turn, and its vtime says nothing of the others'.
	 */
	if (p->scx.slice == SLICE)
		advance_vtime_now(p->scx.dsq_vtime);
}

void BPF_STRUCT_OPS(simple_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, vtime_charged(p));
}

void BPF_STRUCT_OPS(simple_enable, struct task_struct *p)
{
	/* a task starts with neither credit nor debt */
	scx_bpf_task_set_dsq_vtime(p, vtime_now);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(simple_init)
{
	return scx_bpf_create_dsq(SHARED_DSQ, -1);
}

void BPF_STRUCT_OPS(simple_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(simple_ops,
	       .select_cpu	= (void *)simple_select_cpu,
	       .enqueue		= (void *)simple_enqueue,
	       .dispatch	= (void *)simple_dispatch,
	       .running		= (void *)simple_running,
	       .stopping	= (void *)simple_stopping,
	       .enable		= (void *)simple_enable,
	       .init		= (void *)simple_init,
	       .exit		= (void *)simple_exit,
	       .name		= "simple");
