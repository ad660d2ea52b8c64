// SPDX-License-Identifier: GPL-2.0
/*
 * Loader of scx_qmap. The policy is in scx_qmap.bpf.c, the life of a scheduler is explained in
 * scx_simple.c; here it is about what is left out, or done in another way, on the running kernel.
 */
#include <scx/loader.h>
#include "scx_qmap.bpf.skel.h"

static u64 slice_us = 20000, batch = 1, dump_len, disallow_pid;
static u64 error_after, stall_user_nth, stall_kernel_nth, loop_after;
static bool boosting, no_dump, print_queues, messages;

static const struct scx_option options[] = {
	SCX_OPT_NUM('s', "slice-us", "US", &slice_us, 1, 1000000, "length of a slice (20000)"),
	SCX_OPT_NUM('b', "batch", "COUNT", &batch, 1, 1024, "take COUNT tasks at once (1)"),
	SCX_OPT_FLAG('H', "boost", &boosting, "put tasks of nice -20 first"),
	SCX_OPT_PID('d', "disallow", "PID", &disallow_pid,
		    "forbid a process SCHED_EXT, -1 for self; use with -p"),
	SCX_OPT_NUM('e', "error", "COUNT", &error_after, 1, UINT32_MAX,
		    "fail after COUNT tasks were enqueued"),
	SCX_OPT_NUM('t', "stall-user", "COUNT", &stall_user_nth, 1, UINT32_MAX,
		    "forget every COUNTth user task"),
	SCX_OPT_NUM('T', "stall-kernel", "COUNT", &stall_kernel_nth, 1, UINT32_MAX,
		    "forget every COUNTth kernel thread"),
	SCX_OPT_NUM('l', "loop", "COUNT", &loop_after, 1, UINT32_MAX,
		    "loop in ops.dispatch once COUNT tasks were taken"),
	SCX_OPT_NUM('D', "dump-len", "BYTES", &dump_len, 1, 16 << 20,
		    "bytes for the debug dump (32768)"),
	SCX_OPT_FLAG('S', "no-dump", &no_dump, "add nothing of its own to debug dumps"),
	SCX_OPT_FLAG('P', "print", &print_queues,
		     "queues and events to the trace pipe, on each report"),
	SCX_OPT_FLAG('M', "messages", &messages, "cgroups and CPUs to the trace pipe"),
	{}
};

static struct scx_loader loader = {
	.about = "Five weighted FIFOs, and the tour of sched_ext's features.",
	.options = options,
};

static void set_rodata(struct scx_qmap *skel)
{
	skel->rodata->slice_ns = slice_us * 1000;
	skel->rodata->batch = batch;
	skel->rodata->partial = loader.partial;
	skel->rodata->boosting = boosting;
	skel->rodata->timer_works = !scx_is_realtime();
	skel->rodata->messages = messages;
	skel->rodata->no_dump = no_dump;
	skel->rodata->disallow_tgid = disallow_pid;
	skel->rodata->error_after = error_after;
	skel->rodata->stall_user_nth = stall_user_nth;
	skel->rodata->stall_kernel_nth = stall_kernel_nth;
	skel->rodata->loop_after = loop_after;
	if (boosting && scx_is_realtime())
		scx_say("PREEMPT_RT has no BPF timers: -H only boosts where a CPU looks for work");
	if (print_queues && !scx_has_kfunc("scx_bpf_events"))
		scx_say("this kernel counts no events: -P only prints queues");
}

/* How tasks get away from a CPU that a higher class has taken, see qmap_cpu_release(). */
static void choose_reenqueue(struct scx_qmap *skel)
{
	u64 immed;

	if (!__COMPAT_scx_bpf_reenqueue_local_from_anywhere())
		return;
	skel->struct_ops.qmap_ops->cpu_release = NULL;
	if (batch == 1 && __COMPAT_read_enum("scx_ops_flags", "SCX_OPS_ALWAYS_ENQ_IMMED", &immed))
		skel->struct_ops.qmap_ops->flags |= immed;
	else
		bpf_program__set_autoload(skel->progs.qmap_sched_switch, true);
}

/* Who is only there for -M. What is left, and not in this kernel, SCX_OPS_LOAD() clears. */
static void drop_messages(struct scx_qmap *skel)
{
	skel->struct_ops.qmap_ops->cgroup_init = NULL;
	skel->struct_ops.qmap_ops->cgroup_exit = NULL;
	skel->struct_ops.qmap_ops->cgroup_prep_move = NULL;
	skel->struct_ops.qmap_ops->cgroup_move = NULL;
	skel->struct_ops.qmap_ops->cgroup_cancel_move = NULL;
	skel->struct_ops.qmap_ops->cgroup_set_weight = NULL;
	skel->struct_ops.qmap_ops->cgroup_set_bandwidth = NULL;
	skel->struct_ops.qmap_ops->cgroup_set_idle = NULL;
}

static void report(struct scx_qmap *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (print_queues)
		bpf_prog_test_run_opts(bpf_program__fd(skel->progs.qmap_print), &opts);
	scx_loader_report(&loader, skel->obj);
}

/* Returns the exit status, or -1 to start anew. */
static int run(void)
{
	struct scx_qmap *skel = SCX_OPS_OPEN(qmap_ops, scx_qmap);
	struct bpf_link *link;
	int status;

	set_rodata(skel);
	choose_reenqueue(skel);
	if (!messages)
		drop_messages(skel);
	skel->struct_ops.qmap_ops->exit_dump_len = dump_len;
	SCX_LOADER_SET_OPS(&loader, skel->struct_ops.qmap_ops);
	SCX_OPS_LOAD(skel, qmap_ops, scx_qmap, uei);
	link = SCX_OPS_ATTACH(skel, qmap_ops, scx_qmap);

	while (scx_loader_wait(&loader, &skel->data->uei))
		report(skel);

	bpf_link__destroy(link);
	status = scx_loader_end(&loader, &skel->data->uei, UEI_DUMP(skel, uei));
	scx_qmap__destroy(skel);
	return status;
}

int main(int argc, char **argv)
{
	int status;

	scx_loader_parse(&loader, argc, argv);
	if (loop_after && loader.partial)
		scx_fail(SCX_ST_USAGE, "--loop needs all tasks, leave out --partial");
	SCX_LOADER_HELP_STATS(&loader, scx_qmap);
	scx_loader_keep_caps(0);
	do {
		status = run();
	} while (status < 0);	/* if a CPU came or went while it was loaded */
	return status;
}
