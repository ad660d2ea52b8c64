// SPDX-License-Identifier: GPL-2.0
/*
 * scx_simple: one queue for the whole machine.
 *
 * What it demonstrates: the least that makes a useful scheduler. Start reading here.
 *
 * How a task flows through it. A task wakes up and ops.select_cpu looks for an idle CPU.
 * If there is one, the task goes straight to that CPU's local queue and runs at once.
 * Otherwise ops.enqueue puts it into the one shared queue. A CPU that runs dry calls
 * ops.dispatch, which moves the first task of the shared queue to the CPU's local queue.
 *
 *	wakeup -> select_cpu --idle CPU--> local queue ------------+
 *	              |                                            v
 *	           enqueue -> shared queue -> dispatch -> local queue -> running
 *	              ^                                                    |
 *	              +--------------- slice used up, stopping ------------+
 *
 * By default the queue is ordered by vtime, the CPU time that a task has used, divided by
 * its weight: who has had least for its weight comes first, so CPU time is shared in
 * proportion to weight (which the kernel derives from nice values and cgroups). With
 * fifo_sched the queue is first come, first served, and everyone gets equal turns.
 *
 * When it is good: CPUs that share a cache, and more or less equal tasks. Since all CPUs
 * take from one queue, none is idle while a task waits.
 *
 * When it is bad: it does not preempt, so under load a waking task waits for somebody's
 * slice to end; with FIFO, CPU hogs drown everyone else. It knows nothing of caches or
 * NUMA nodes. All CPUs contend for one lock, and tasks that may run on one CPU only are in
 * the way of all others that search the queue.
 */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

/* Set by the loader before load; the verifier then drops the other branch. */
const volatile bool fifo_sched;

/*
 * The built-in queues are FIFOs. Only a queue of one's own can be ordered by vtime, and
 * only such a queue waits for ops.dispatch: the kernel would serve SCX_DSQ_GLOBAL itself.
 */
#define SHARED_DSQ 0

/* The vtime of the task that started last: where the machine as a whole has got to. */
static u64 vtime_now;

struct simple_stats {
	u64 local SCX_STAT("tasks that went straight to an idle CPU's local queue");
	u64 global SCX_STAT("tasks that went to the shared queue");
};
SCX_STATS_DEFINE(simple_stats);

UEI_DEFINE(uei);

s32 BPF_STRUCT_OPS(simple_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_idle = false;
	s32 cpu;

	cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
	if (is_idle) {
		scx_stat_inc(local);
		/* inserting here makes the kernel skip ops.enqueue */
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SCX_SLICE_DFL, 0);
	}
	return cpu;
}

void BPF_STRUCT_OPS(simple_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 vtime = p->scx.dsq_vtime;

	scx_stat_inc(global);
	if (fifo_sched) {
		scx_bpf_dsq_insert(p, SHARED_DSQ, SCX_SLICE_DFL, enq_flags);
		return;
	}

	/*
	 * While a task sleeps the others' vtime moves on. It may keep one slice of that as
	 * credit, so that it runs soon; all of it would let it shut out everyone else.
	 */
	if (time_before(vtime, vtime_now - SCX_SLICE_DFL))
		vtime = vtime_now - SCX_SLICE_DFL;
	scx_bpf_dsq_insert_vtime(p, SHARED_DSQ, SCX_SLICE_DFL, vtime, enq_flags);
}

/*
 * The virtual time that a task has used of its slice: what is missing from the slice, for its
 * weight. That is good enough here, but not exact: yielding gives up the slice, and counts as
 * a whole one. A scheduler that preempts must take the time itself: preemption sets the slice
 * to 0.
 */
static u64 vtime_used(struct task_struct *p)
{
	return scale_by_task_weight_inverse(p, SCX_SLICE_DFL - p->scx.slice);
}

/*
 * CPUs may race here and the clock go back a little, by a slice or so. The next task to
 * start sets it right, so this is not worth an atomic operation.
 */
static void advance_vtime_now(u64 vtime)
{
	if (time_before(vtime_now, vtime))
		vtime_now = vtime;
}

/* Is @vtime before that of the task that this CPU would take from the shared queue? */
static bool comes_first(s32 cpu, u64 vtime)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, SHARED_DSQ, 0) {
		if (bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return time_before(vtime, p->scx.dsq_vtime);
	}
	return true;
}

void BPF_STRUCT_OPS(simple_dispatch, s32 cpu, struct task_struct *prev)
{
	/*
	 * @prev, whose slice is used up, is not back in the queue yet. Taking the queue's
	 * first task without a look at @prev would make two tasks on a CPU take equal turns
	 * whatever their weights. A task that has a slice when we return runs on.
	 */
	if (!fifo_sched && prev && (prev->scx.flags & SCX_TASK_QUEUED)) {
		u64 vtime = prev->scx.dsq_vtime + vtime_used(prev);

		if (comes_first(cpu, vtime)) {
			scx_bpf_task_set_dsq_vtime(prev, vtime);
			scx_bpf_task_set_slice(prev, SCX_SLICE_DFL);
			advance_vtime_now(vtime);
			return;
		}
	}
	scx_bpf_dsq_move_to_local(SHARED_DSQ, 0);
}

void BPF_STRUCT_OPS(simple_running, struct task_struct *p)
{
	/*
	 * Whoever was interrupted, by a real-time task say, goes on with the rest of its slice.
	 * Take back what it was charged when it stopped: simple_stopping() will charge the
	 * whole slice again.
	 */
	u64 vtime = p->scx.dsq_vtime - vtime_used(p);

	scx_bpf_task_set_dsq_vtime(p, vtime);
	advance_vtime_now(vtime);
}

void BPF_STRUCT_OPS(simple_stopping, struct task_struct *p, bool runnable)
{
	scx_bpf_task_set_dsq_vtime(p, p->scx.dsq_vtime + vtime_used(p));
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
