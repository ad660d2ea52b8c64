/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scx_qmap, seen from outside: messages about cgroups and CPUs, debug dumps, and a program that
 * user space calls
 */
#ifndef __SCX_QMAP_WATCH_BPF_H
#define __SCX_QMAP_WATCH_BPF_H

/*
 * Cgroups and CPUs, with -M
 *
 * The cgroups' weights and limits are told to whoever wants to heed them. Here they are only
 * printed, to the trace pipe. The loader leaves the callbacks out if it is not to print.
 */
s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_cgroup_init, struct cgroup *cgrp,
			     struct scx_cgroup_init_args *args)
{
	bpf_printk("cgroup %llu init, weight %u", cgrp->kn->id, args->weight);
	return 0;
}

void BPF_STRUCT_OPS_SLEEPABLE(qmap_cgroup_exit, struct cgroup *cgrp)
{
	bpf_printk("cgroup %llu exit", cgrp->kn->id);
}

/* A move has two steps. The first may refuse; cancel_move undoes it if another task's did. */
s32 BPF_STRUCT_OPS_SLEEPABLE(qmap_cgroup_prep_move, struct task_struct *p, struct cgroup *from,
			     struct cgroup *to)
{
	bpf_printk("cgroup %llu prepare move of %d to %llu", from->kn->id, p->pid, to->kn->id);
	return 0;
}

void BPF_STRUCT_OPS(qmap_cgroup_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	bpf_printk("cgroup %llu move of %d to %llu", from->kn->id, p->pid, to->kn->id);
}

void BPF_STRUCT_OPS(qmap_cgroup_cancel_move, struct task_struct *p, struct cgroup *from,
		    struct cgroup *to)
{
	bpf_printk("cgroup %llu cancel move of %d to %llu", from->kn->id, p->pid, to->kn->id);
}

void BPF_STRUCT_OPS(qmap_cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	bpf_printk("cgroup %llu set weight %u", cgrp->kn->id, weight);
}

void BPF_STRUCT_OPS(qmap_cgroup_set_bandwidth, struct cgroup *cgrp, u64 period_us, u64 quota_us,
		    u64 burst_us)
{
	bpf_printk("cgroup %llu set bandwidth %lld of %llu us", cgrp->kn->id, quota_us, period_us);
}

void BPF_STRUCT_OPS(qmap_cgroup_set_idle, struct cgroup *cgrp, bool idle)
{
	bpf_printk("cgroup %llu set idle %d", cgrp->kn->id, idle);
}

/* Let those run who wait on a CPU that is about to go: some can run nowhere else. */
static void send_home(u64 dsq, s32 cpu)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, dsq, 0) {
		if (scx_bpf_task_cpu(p) == cpu)
			scx_bpf_dsq_move(BPF_FOR_EACH_ITER, p, SCX_DSQ_LOCAL_ON | cpu, 0);
	}
}

/*
 * A scheduler without these two is ended when CPUs come or go, for its loader to start it anew.
 * All that is kept of a CPU here is where it is on its way round. But once it goes offline, kernels
 * such as 6.16 do not call ops.dispatch for it any more, and nobody else takes who is bound to it.
 */
void BPF_STRUCT_OPS(qmap_cpu_online, s32 cpu)
{
	if (messages)
		bpf_printk("cpu %d online", cpu);
}

void BPF_STRUCT_OPS(qmap_cpu_offline, s32 cpu)
{
	u32 i;

	bpf_for(i, 0, NR_OF_CPU)
		send_home(dsq_of_cpu(cpu, i), cpu);
	bpf_for(i, 0, STALLED)
		send_home(i, cpu);
	if (messages)
		bpf_printk("cpu %d offline", cpu);
}

/*
 * Debug dumps: what is in the queues, what a CPU is up to, what is remembered of a task. For an
 * ejection, and when somebody presses SysRq-D. The dump begins with what ops.dump writes.
 */
#define DUMP_TASKS 8

static void dump_tasks(u64 dsq)
{
	struct task_struct *p;
	u32 shown = 0;

	bpf_for_each(scx_dsq, p, dsq, 0) {
		struct task_ctx *tctx = bpf_task_storage_get(&task_ctxs, p, 0, 0);

		if (!tctx || shown++ == DUMP_TASKS)
			break;
		scx_bpf_dump("  %s[%d] of queue %u, waits for %llu ms\n", p->comm, p->pid,
			     tctx->queue, (scx_bpf_now() - tctx->since) / 1000000);
	}
}

static void dump_of_cpu(s32 cpu)
{
	u32 i;

	bpf_for(i, 0, NR_OF_CPU) {
		s32 nr = scx_bpf_dsq_nr_queued(dsq_of_cpu(cpu, i));

		if (nr <= 0)
			continue;
		scx_bpf_dump("queue %u, cpu %d: %d tasks\n", i, cpu, nr);
		dump_tasks(dsq_of_cpu(cpu, i));
	}
}

void BPF_STRUCT_OPS(qmap_dump, struct scx_dump_ctx *dctx)
{
	u32 i, cpu;

	if (no_dump)
		return;
	scx_bpf_dump("stalled: %d tasks\n", scx_bpf_dsq_nr_queued(STALLED));
	dump_tasks(STALLED);
	scx_bpf_dump("handed back: %d tasks\n", scx_bpf_dsq_nr_queued(HANDED_BACK));
	dump_tasks(HANDED_BACK);
	scx_bpf_dump("boosted: %d tasks\n", scx_bpf_dsq_nr_queued(BOOSTED));
	dump_tasks(BOOSTED);
	bpf_for(i, 0, NR_QUEUES) {
		scx_bpf_dump("queue %u: %d tasks\n", i, scx_bpf_dsq_nr_queued(i));
		dump_tasks(i);
	}
	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())
		dump_of_cpu(cpu);
}

void BPF_STRUCT_OPS(qmap_dump_cpu, struct scx_dump_ctx *dctx, s32 cpu, bool idle)
{
	struct cpu_ctx *cctx = cpu_ctx(cpu);

	/* of an idle CPU the kernel leaves out its own part as well, if nothing is written here */
	if (no_dump || idle || !cctx)
		return;
	scx_bpf_dump("takes %u more of queue %u; weight %u, speed %u\n", cctx->turns,
		     cctx->queue, cctx->weight / 4, SCX_CPUPERF_ONE - cctx->slowed);
}

void BPF_STRUCT_OPS(qmap_dump_task, struct scx_dump_ctx *dctx, struct task_struct *p)
{
	struct task_ctx *tctx = bpf_task_storage_get(&task_ctxs, p, 0, 0);

	if (no_dump || !tctx)
		return;
	scx_bpf_dump("queue %u, number %llu, %s\n", tctx->queue, tctx->seq,
		     tctx->waiting ? "waits" : "does not wait");
}

static void print_tasks(u64 dsq)
{
	struct task_struct *p;

	bpf_for_each(scx_dsq, p, dsq, SCX_DSQ_ITER_REV)
		bpf_printk("  %s[%d]", p->comm, p->pid);
}

static void print_shared(void)
{
	u32 i;

	bpf_for(i, 0, NR_SHARED) {
		s32 nr = scx_bpf_dsq_nr_queued(i);

		if (nr <= 0)
			continue;
		bpf_printk("queue %u: %d tasks, the latest first:", i, nr);
		print_tasks(i);
	}
}

static void print_of_cpu(s32 cpu)
{
	u32 i;

	bpf_for(i, 0, NR_OF_CPU) {
		s32 nr = scx_bpf_dsq_nr_queued(dsq_of_cpu(cpu, i));

		if (nr <= 0)
			continue;
		bpf_printk("queue %u, cpu %d: %d tasks, the latest first:", i, cpu, nr);
		print_tasks(dsq_of_cpu(cpu, i));
	}
}

/*
 * -P: the loader calls this program with each report, and it prints to the trace pipe. As it is no
 * callback it could also be a tool's that looks at another's scheduler.
 */
SEC("syscall")
int qmap_print(void *ctx)
{
	struct scx_event_stats ev = {};
	u32 cpu;

	bpf_rcu_read_lock();
	print_shared();
	bpf_for(cpu, 0, scx_bpf_nr_cpu_ids())
		print_of_cpu(cpu);
	bpf_rcu_read_unlock();

	__COMPAT_scx_bpf_events(&ev, sizeof(ev));
	bpf_printk("events: select_cpu_fallback=%lld dispatch_local_offline=%lld keep_last=%lld",
		   scx_read_event(&ev, SCX_EV_SELECT_CPU_FALLBACK),
		   scx_read_event(&ev, SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE),
		   scx_read_event(&ev, SCX_EV_DISPATCH_KEEP_LAST));
	bpf_printk("events: skip_exiting=%lld skip_migration_disabled=%lld reenq_immed=%lld",
		   scx_read_event(&ev, SCX_EV_ENQ_SKIP_EXITING),
		   scx_read_event(&ev, SCX_EV_ENQ_SKIP_MIGRATION_DISABLED),
		   scx_read_event(&ev, SCX_EV_REENQ_IMMED));
	return 0;
}

#endif /* __SCX_QMAP_WATCH_BPF_H */
