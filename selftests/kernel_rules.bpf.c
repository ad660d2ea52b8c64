// SPDX-License-Identifier: GPL-2.0
/*
 * BPF side of kernel_rules: a scheduler that does as user space says, and writes down what comes of it.
 *
 * Tasks come to one queue, in the way that "way" says, and stay there as long as "held" is set.
 */
#include <scx/common.bpf.h>
#include "kernel_rules.h"

char _license[] SEC("license") = "GPL";

UEI_DEFINE(uei);

#define QUEUE	1
#define SLICE	12345678ULL	/* nobody else gives one of that length */
#define ANOTHER	3000000ULL	/* much shorter than the kernel's own */

u32 way;
bool held;		/* nobody gets a CPU */
bool keeping;		/* who has used up a slice is given another one */
u32 mistake;
s32 endless_pid;	/* who has a slice without an end, and runs */
s32 asleep_pid;		/* somebody who sleeps */
bool saw_nobody;
bool heeds_flags;	/* so the headers say of scx_bpf_dsq_move_to_local() */
u64 kick_flags;
u64 vtimes[NR_TASKS];	/* of who comes first, second, ... */

s32 ran[NR_NOTED], forward[NR_TASKS], backward[NR_TASKS];
u32 nr_ran, nr_forward, nr_backward;
s32 first, nr_queued;
u64 nr_came, nr_asleep, nr_kept, nr_cut, nr_wrong_weight;
static u32 weight_told;
static s32 kept;

static void note(s32 *list, u32 *nr, u32 max, s32 pid)
{
	u32 i = __sync_fetch_and_add(nr, 1);

	if (i < max)
		list[i] = pid;
}

/* Returns whether the task is inserted. */
static bool make_mistake(struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	switch (mistake) {
	case MISTAKE_destroy:
		if (!scx_bpf_dsq_nr_queued(QUEUE))
			return false;
		scx_bpf_destroy_dsq(QUEUE);
		break;
	case MISTAKE_mix:
		if (!scx_bpf_dsq_nr_queued(QUEUE))
			return false;
		scx_bpf_dsq_insert_vtime(p, QUEUE, SLICE, 1, 0);
		return true;
	case MISTAKE_ordered_local:
		scx_bpf_dsq_insert_vtime(p, SCX_DSQ_LOCAL, SLICE, 1, 0);
		return true;
	case MISTAKE_not_allowed:
		/* the first CPU; the task is bound to the last one */
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL_ON | bpf_get_smp_processor_id(), SLICE, 0);
		return true;
	case MISTAKE_kick:
		scx_bpf_kick_cpu(cpu, SCX_KICK_IDLE | SCX_KICK_PREEMPT);
		break;
	case MISTAKE_perf:
		scx_bpf_cpuperf_set(cpu, SCX_CPUPERF_ONE + 1);
		break;
	case MISTAKE_no_cpu:
		saw_nobody = !__COMPAT_scx_bpf_cpu_curr(scx_bpf_nr_cpu_ids());
		break;
	case MISTAKE_dump:
		scx_bpf_dump("nobody dumps");
		break;
	}
	return false;
}

static void fill_buffer(void)
{
	struct task_struct *p = bpf_task_from_pid(asleep_pid);
	u32 i, nr = scx_bpf_dispatch_nr_slots();

	if (!p)
		return;
	bpf_for(i, 0, nr + 1)
		scx_bpf_dsq_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	bpf_task_release(p);
}

void BPF_STRUCT_OPS(rules_enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 nr = __sync_fetch_and_add(&nr_came, 1);
	u64 *vtime = MEMBER_VPTR(vtimes, [nr]);

	if (weight_told && p->scx.weight != weight_told)
		__sync_fetch_and_add(&nr_wrong_weight, 1);

	if (mistake && make_mistake(p))
		return;
	if (way == BY_VTIME && vtime)
		scx_bpf_dsq_insert_vtime(p, QUEUE, SLICE, *vtime, enq_flags);
	else if (way == AT_HEAD)
		scx_bpf_dsq_insert(p, QUEUE, SLICE, enq_flags | SCX_ENQ_HEAD);
	else
		scx_bpf_dsq_insert(p, QUEUE, way == ENDLESS ? SCX_SLICE_INF : SLICE, enq_flags);
}

void BPF_STRUCT_OPS(rules_dispatch, s32 cpu, struct task_struct *prev)
{
	bool runnable = prev && (prev->scx.flags & SCX_TASK_QUEUED);

	if (mistake == MISTAKE_overflow)
		fill_buffer();
	else if (mistake == MISTAKE_underflow)
		scx_bpf_dispatch_cancel();
	if (keeping && runnable) {
		scx_bpf_task_set_slice(prev, ANOTHER);
		kept = prev->pid;
		__sync_fetch_and_add(&nr_kept, 1);
		return;
	}
	if (held)
		return;
	if (scx_bpf_dsq_move_to_local(QUEUE)) {
		if (way == PAIRWISE)
			scx_bpf_dsq_move_to_local(QUEUE, SCX_ENQ_HEAD);
		return;
	}
	/* who is alone does not come to ops.enqueue */
	if (way == ENDLESS && runnable) {
		scx_bpf_task_set_slice(prev, SCX_SLICE_INF);
		endless_pid = prev->pid;
	}
}

void BPF_STRUCT_OPS(rules_running, struct task_struct *p)
{
	/* who was interrupted goes on with less: that is not a turn */
	endless_pid = p->scx.slice == SCX_SLICE_INF ? p->pid : 0;
	if (p->scx.slice == SLICE)
		note(ran, &nr_ran, NR_NOTED, p->pid);
}

/* Has it used nothing of the slice that ops.dispatch gave it? */
void BPF_STRUCT_OPS(rules_stopping, struct task_struct *p, bool runnable)
{
	if (p->pid == kept && runnable && p->scx.slice > ANOTHER - 100000)
		__sync_fetch_and_add(&nr_cut, 1);
	kept = 0;
}

void BPF_STRUCT_OPS(rules_runnable, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_ENQ_WAKEUP)
		__sync_fetch_and_sub(&nr_asleep, 1);
}

void BPF_STRUCT_OPS(rules_quiescent, struct task_struct *p, u64 deq_flags)
{
	if (deq_flags & SCX_DEQ_SLEEP)
		__sync_fetch_and_add(&nr_asleep, 1);
}

void BPF_STRUCT_OPS(rules_set_weight, struct task_struct *p, u32 weight)
{
	weight_told = weight;
}

/* What is in the queue, from either end. */
SEC("syscall")
int look(void *ctx)
{
	struct task_struct *p;

	nr_forward = nr_backward = 0;
	bpf_rcu_read_lock();
	bpf_for_each(scx_dsq, p, QUEUE, 0)
		note(forward, &nr_forward, NR_TASKS, p->pid);
	bpf_for_each(scx_dsq, p, QUEUE, SCX_DSQ_ITER_REV)
		note(backward, &nr_backward, NR_TASKS, p->pid);
	p = __COMPAT_scx_bpf_dsq_peek(QUEUE);
	first = p ? p->pid : 0;
	bpf_rcu_read_unlock();
	nr_queued = scx_bpf_dsq_nr_queued(QUEUE);
	return 0;
}

s32 kicked;

SEC("syscall")
int kick(void *ctx)
{
	scx_bpf_kick_cpu(kicked, kick_flags);
	return 0;
}

s32 BPF_STRUCT_OPS_SLEEPABLE(rules_init)
{
	heeds_flags = __COMPAT_has_move_to_local_flags();
	return scx_bpf_create_dsq(QUEUE, -1);
}

void BPF_STRUCT_OPS(rules_exit, struct scx_exit_info *ei)
{
	UEI_RECORD(uei, ei);
}

SCX_OPS_DEFINE(rules_ops,
	       .enqueue		= (void *)rules_enqueue,
	       .dispatch	= (void *)rules_dispatch,
	       .running		= (void *)rules_running,
	       .stopping	= (void *)rules_stopping,
	       .runnable	= (void *)rules_runnable,
	       .quiescent	= (void *)rules_quiescent,
	       .set_weight	= (void *)rules_set_weight,
	       .init		= (void *)rules_init,
	       .exit		= (void *)rules_exit,
	       .flags		= SCX_OPS_SWITCH_PARTIAL,
	       .name		= "rules");
