// SPDX-License-Identifier: GPL-2.0
/*
 * Loader of scx_central. The policy is in scx_central.bpf.c; here the central CPU is chosen, anew each
 * time that the kernel asks for a restart, since it may have gone offline.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <scx/loader.h>
#include "scx_central.bpf.skel.h"

#define MAX_CPUS	8192		/* as many as a kernel can be built for */
#define FIRST_ONLINE	UINT64_MAX	/* no -c */
#define PERIOD_US	1000		/* of the timer; a slice may be shorter */
#define HELD_UP_NS	500000000ULL	/* so long goes a kick unanswered before we say so */

static u64 central = FIRST_ONLINE;
static u64 slice_us = 20000;
static u64 batch = 32;

static const struct scx_option options[] = {
	SCX_OPT_NUM('c', "cpu", "CPU", &central, 0, MAX_CPUS - 1,
		    "the CPU that decides (the first one online)"),
	SCX_OPT_NUM('s', "slice", "US", &slice_us, 100, 1000000,
		    "microseconds of a turn if others wait (20000)"),
	SCX_OPT_NUM(0, "batch", "N", &batch, 1, 1024,
		    "CPUs that are given a task at a time (32)"),
	{}
};

static struct scx_loader loader = {
	.about = "One CPU takes all decisions, the others only run; without ticks if nohz_full.",
	.options = options,
};

/* The CPUs in one of the kernel's lists; returns one more than the largest. */
static u32 read_cpus(const char *name, u64 mask[MAX_CPUS / 64])
{
	int nr = scx_read_cpus(name, mask, MAX_CPUS);

	SCX_BUG_ON(nr < 0, "cannot read which CPUs are %s", name);
	SCX_BUG_ON(nr > MAX_CPUS, "more than %d CPUs", MAX_CPUS);
	return nr;
}

static bool has_cpu(const u64 *mask, u32 cpu)
{
	return mask[cpu / 64] >> cpu % 64 & 1;
}

static void check_central(void)
{
	u64 present[MAX_CPUS / 64];

	if (central == FIRST_ONLINE)
		return;
	read_cpus("present", present);
	if (!has_cpu(present, central))
		scx_fail(SCX_ST_USAGE, "there is no CPU %llu for --cpu",
			 (unsigned long long)central);
}

static u32 choose_central(const u64 *online)
{
	u32 cpu = 0;

	if (central == FIRST_ONLINE) {
		while (!has_cpu(online, cpu))
			cpu++;
		return cpu;
	}
	if (!has_cpu(online, central))
		scx_fail(SCX_ST_LOAD, "CPU %llu, which shall decide, is offline",
			 (unsigned long long)central);
	return central;
}

static bool has_timer(void)
{
	static bool said;

	if (!scx_is_realtime())
		return true;
	if (!said)
		scx_say("PREEMPT_RT lacks BPF timers: going without; CPUs keep ticks");
	said = true;
	return false;
}

static void set_up(struct scx_central *skel)
{
	u64 cpus[MAX_CPUS / 64];

	read_cpus("online", cpus);
	skel->rodata->central_cpu = choose_central(cpus);
	skel->rodata->nr_cpus = read_cpus("possible", cpus);
	SCX_BUG_ON(bpf_map__set_max_entries(skel->maps.cpus, skel->rodata->nr_cpus),
		   "cannot size the map of CPUs");
	skel->rodata->slice_ns = slice_us * 1000;
	/* the watchdog ejects a scheduler when one has waited for so long, 30 s by default */
	skel->rodata->round_ns = (loader.timeout_ms ?: 30000) * 1000000ULL / 3;
	skel->rodata->period_ns = (slice_us < PERIOD_US ? slice_us : PERIOD_US) * 1000;
	skel->rodata->batch = batch;
	skel->rodata->has_timer = has_timer();
}

/*
 * See central_start(). Without -p this is one of the tasks that wait for the central CPU's decision, and
 * should not go there before the timer runs; but then ops.dispatch comes soon, and starts it.
 */
static void start_timer(const struct scx_central *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	int err, cpu = skel->rodata->central_cpu;
	cpu_set_t *all = CPU_ALLOC(MAX_CPUS), *one = CPU_ALLOC(MAX_CPUS);
	size_t size = CPU_ALLOC_SIZE(MAX_CPUS);

	SCX_BUG_ON(!all || !one, "cannot start the timer");
	CPU_ZERO_S(size, one);
	CPU_SET_S(cpu, size, one);
	err = sched_getaffinity(0, size, all) || sched_setaffinity(0, size, one);
	if (!err) {
		err = bpf_prog_test_run_opts(bpf_program__fd(skel->progs.central_start), &opts);
		sched_setaffinity(0, size, all);
	}
	/* a cpuset may not allow it, or the CPU has just gone offline, which is told elsewhere */
	if (err)
		scx_say("cannot go to CPU %d to start the timer: that waits for a task of sched_ext there", cpu);
	CPU_FREE(all);
	CPU_FREE(one);
}

/* Say once if the central CPU does not get to answer, since a task of another class has it. */
static void warn_if_held_up(const struct scx_central *skel)
{
	static bool said;
	struct timespec now;
	char state[16];
	u64 since = __atomic_load_n(&skel->bss->kicked_at, __ATOMIC_RELAXED);

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (said || !since || now.tv_sec * 1000000000ULL + now.tv_nsec < since + HELD_UP_NS)
		return;
	if (__atomic_load_n(&skel->bss->central_has_ours, __ATOMIC_RELAXED))
		return;
	/* before it ends a scheduler, the kernel drops kicks: then nobody is to blame */
	if (scx_state(state, sizeof(state)) < 0 || strcmp(state, "enabled"))
		return;
	scx_say("the central CPU %d is kept busy by tasks of another class; it decides late",
		skel->rodata->central_cpu);
	said = true;
}

/* Returns the exit status, or -1 to start anew. */
static int run(void)
{
	struct scx_central *skel = SCX_OPS_OPEN(central_ops, scx_central);
	struct bpf_link *link;
	int status;

	set_up(skel);
	SCX_LOADER_SET_OPS(&loader, skel->struct_ops.central_ops);
	SCX_OPS_LOAD(skel, central_ops, scx_central, uei);
	link = SCX_OPS_ATTACH(skel, central_ops, scx_central);
	if (loader.partial)
		start_timer(skel);

	while (scx_loader_wait(&loader, &skel->data->uei)) {
		scx_loader_report(&loader, skel->obj);
		warn_if_held_up(skel);
	}

	bpf_link__destroy(link);
	status = scx_loader_end(&loader, &skel->data->uei, UEI_DUMP(skel, uei));
	scx_central__destroy(skel);
	return status;
}

int main(int argc, char **argv)
{
	int status;

	scx_loader_parse(&loader, argc, argv);
	SCX_LOADER_HELP_STATS(&loader, scx_central);
	scx_loader_keep_caps(0);
	check_central();
	do {
		status = run();
	} while (status < 0);	/* CPUs came or went: the kernel wants us to start anew */
	return status;
}
