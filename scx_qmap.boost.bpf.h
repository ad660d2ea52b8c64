/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scx_qmap -H: tasks of nice -20 come first
 *
 * How to look through a queue, and to move tasks out of its middle: from ops.dispatch, and from a
 * BPF timer. Moving takes the lock of the task's run queue, so it is allowed in ops.dispatch, where
 * the kernel knows which one is held already, and where none is.
 */
#ifndef __SCX_QMAP_BOOST_BPF_H
#define __SCX_QMAP_BOOST_BPF_H

#define BOOST_LOOK 64

/*
 * Look through the first tasks of a queue 4, and put those of nice -20 into a queue that is ordered
 * by vtime. An iterator sees what was there when it began; a move fails if the task is gone
 * meanwhile, or was put there anew. To count in a local variable would have the verifier count along.
 */
static void boost(u64 dsq, struct cpu_ctx *cctx)
{
	static u64 order;
	struct task_struct *p;

	cctx->looked = 0;
	bpf_for_each(scx_dsq, p, dsq, 0) {
		if (cctx->looked++ == BOOST_LOOK)
			break;
		if (p->scx.weight < HIGHPRI_WEIGHT)
			continue;
		/* both hold for the one move that follows */
		scx_bpf_dsq_move_set_slice(BPF_FOR_EACH_ITER, 2 * slice_ns);
		scx_bpf_dsq_move_set_vtime(BPF_FOR_EACH_ITER, order++);
		if (scx_bpf_dsq_move_vtime(BPF_FOR_EACH_ITER, p, BOOSTED, 0))
			scx_stat_inc(boosted);
		else
			scx_stat_inc(boost_lost);
	}
}

/*
 * Not twice in a row: two hogs of nice -20 would shut out all others.
 *
 * With core scheduling, a CPU calls ops.dispatch for its sibling as well, with the lock of both run
 * queues, which are one then. 6.12 does not see that there and would take a lock that is held.
 */
static bool take_boosted(s32 cpu, struct cpu_ctx *cctx)
{
	s32 this_cpu = bpf_get_smp_processor_id();

	if (cpu == this_cpu) {
		boost(NR_QUEUES - 1, cctx);
		boost(dsq_of_cpu(cpu, NR_QUEUES - 1), cctx);
	}
	cctx->boosted = !cctx->boosted && scx_bpf_dsq_move_to_local(BOOSTED, 0);
	return cctx->boosted;
}

/*
 * ops.dispatch is called when a CPU looks for work. The timer does not wait for that: it has the
 * tasks preempt what runs.
 */
#define BOOST_PERIOD_NS (100 * 1000 * 1000ULL)

struct boost_timer {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct boost_timer);
} boost_timers SEC(".maps");

/*
 * The task must be allowed on the CPU, else the scheduler is ejected. A change of its affinity
 * would take it off the queue and make the move fail, so this is no race. Any CPU that is online will
 * do, with two exceptions. One that a higher class has would leave the task in its local queue. And one
 * whose latest task was boosted has to run something else first, as in take_boosted().
 */
static s32 cpu_for(const struct task_struct *p)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 cpu = bpf_cpumask_any_and_distribute(online, p->cpus_ptr);

	scx_bpf_put_cpumask(online);
	return is_migration_disabled(p) ? scx_bpf_task_cpu(p) : cpu;
}

static void preempt_for(struct bpf_iter_scx_dsq *it, struct task_struct *p)
{
	s32 cpu = cpu_for(p);
	struct cpu_ctx *cctx = cpu_ctx(cpu);
	struct task_struct *curr;

	if (!cctx || cctx->boosted)
		return;
	curr = scx_bpf_cpu_curr(cpu);
	if (!curr || is_above(curr))
		return;
	if (__COMPAT_dsq_move_preempt(it, p, cpu)) {
		cctx->boosted = true;
		scx_stat_inc(preempted);
	} else {
		scx_stat_inc(boost_lost);
	}
}

static int boost_timer_fn(void *map, int *key, struct boost_timer *bt)
{
	struct cpu_ctx *cctx = cpu_ctx(bpf_get_smp_processor_id());
	struct task_struct *p;

	/* it outlives the scheduler, until the loader lets go of the map, and the queues may be another's */
	if (ended || !cctx)
		return 0;
	/* the program that the timer was set up in may sleep, so it is taken for one that does */
	bpf_rcu_read_lock();
	boost(NR_QUEUES - 1, cctx);
	cctx->looked = 0;
	bpf_for_each(scx_dsq, p, BOOSTED, 0) {
		if (cctx->looked++ == BOOST_LOOK)
			break;
		preempt_for(BPF_FOR_EACH_ITER, p);
	}
	bpf_rcu_read_unlock();
	if (bpf_timer_start(&bt->timer, BOOST_PERIOD_NS, 0))
		scx_bpf_error("cannot start the timer again");
	return 0;
}

static s32 start_boost_timer(void)
{
	struct boost_timer *bt = bpf_map_lookup_elem(&boost_timers, &(u32){ 0 });

	if (!bt)
		return -ESRCH;
	bpf_timer_init(&bt->timer, &boost_timers, CLOCK_MONOTONIC);
	bpf_timer_set_callback(&bt->timer, boost_timer_fn);
	return bpf_timer_start(&bt->timer, BOOST_PERIOD_NS, 0);
}

#endif /* __SCX_QMAP_BOOST_BPF_H */
