// SPDX-License-Identifier: GPL-2.0
/*
 * Loader of scx_userland. How tasks get here and back is in scx_userland.bpf.c and
 * userland/transport.c, who is next in userland/POLICY.c. This thread looks after the life of the
 * scheduler and writes the reports, so that the one that decides writes nothing.
 */
#include <scx/loader.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "scx_userland.h"
#include "scx_userland.bpf.skel.h"
#include "userland/transport.h"

static u64 batch = 8, slice_us = 20000, slice_min_us = 1000, max_tasks = 32768, stale_ms = 20;
static u64 dump_len;
static bool bound_direct, per_node, monitor;
static const char *policy_name = "vruntime";

static const struct scx_option options[] = {
	SCX_OPT_TEXT(0, "policy", "NAME", &policy_name,
		     "who decides: vruntime, deadline or yours (vruntime)"),
	SCX_OPT_NUM('b', "batch", "N", &batch, 1, 256, "decide for up to N tasks in a go (8)"),
	SCX_OPT_NUM('s', "slice-us", "US", &slice_us, 100, 1000000, "length of a slice (20000)"),
	SCX_OPT_NUM('S', "slice-us-min", "US", &slice_min_us, 100, 1000000, "length of the shortest slice (1000)"),
	SCX_OPT_NUM(0, "stale-ms", "MS", &stale_ms, 1, 10000,
		    "do without an answer that takes longer (20)"),
	SCX_OPT_NUM(0, "max-tasks", "N", &max_tasks, 1, 1 << 22,
		    "tasks that user space may know (32768)"),
	SCX_OPT_FLAG('l', "local", &bound_direct,
		     "do not ask about tasks that may run on one CPU only"),
	SCX_OPT_FLAG('n', "numa", &per_node, "look for an idle CPU in the task's node first"),
	SCX_OPT_FLAG(0, "monitor", &monitor, "do nothing but report on the instance that runs"),
	SCX_OPT_NUM('D', "dump-len", "BYTES", &dump_len, 1, 1 << 24,
		    "bytes for the debug dump (32768)"),
	{}
};

static struct scx_loader loader = {
	.about = "Decisions in user space, by a policy that is easily replaced.",
	.options = options,
};

/* The counters of one that has ended stay for a moment. */
static bool is_running(void)
{
	static const char name[] = "scx_userland";	/* in the kernel without the prefix */
	char ops[64];

	return scx_read_file(SCX_SYSFS "root/ops", ops, sizeof(ops)) > 0 &&
	       !strcmp(ops, name + strlen("scx_"));
}

/* The reports of the one that runs, as if it wrote them here. */
static int watch(void)
{
	static const struct user_exit_info nothing;

	if (!is_running())
		scx_fail(SCX_ST_LOAD, "scx_userland does not run");
	while (scx_loader_wait(&loader, &nothing)) {
		int err = is_running() ? scx_stats_report_running(stdout, "userland_stats", loader.json) :
					 -ENOENT;

		if (err == -ENOENT)
			scx_fail(SCX_ST_LOAD, "scx_userland does not run");
		if (err)
			scx_fail(SCX_ST_LOAD, "cannot read its counters: %s", strerror(-err));
		scx_loader_flush(&loader);
	}
	return SCX_ST_OK;
}

/* Its name, or a line with those that there are. */
static struct ul_policy *find_policy(void)
{
	struct ul_policy *policy = ul_find(policy_name), *p;
	char names[256] = "";

	if (policy)
		return policy;
	for (p = ul_find(NULL); p; p = p->next_policy)
		scx_list_add(names, sizeof(names), p->name);
	scx_fail(SCX_ST_USAGE, "no policy '%s'; there is: %s", policy_name, names);
}

/* A bit for each CPU that is online. When that changes, the kernel has us start anew. */
static u64 *find_online(u32 mask_words)
{
	u64 *online = calloc(mask_words, sizeof(*online));

	SCX_BUG_ON(!online, "no memory");
	SCX_BUG_ON(scx_read_cpus("online", online, 64 * mask_words) < 0, "cannot read which CPUs are online");
	return online;
}

static u32 round_up_pow2(u32 n)
{
	u32 size = 1;

	while (size < n)
		size *= 2;
	return size;
}

/* In bytes; all there can be where the kernel does not tell. */
static u64 memory_available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kb = ~0ULL >> 10;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb << 10;
}

/* It would be given, and when it is touched the kernel might have to kill somebody to get it. */
static void check_memory(u32 mask_words)
{
	/* of what both sides have mapped, libbpf makes a copy first */
	size_t mapped = sizeof(struct ul_slot) + mask_words * sizeof(u64) + 2 * sizeof(u32);
	u64 needed = max_tasks * (ul_task_size(mask_words) + 2 * mapped + sizeof(u32));

	if (needed > memory_available())
		scx_fail(SCX_ST_LOAD, "--max-tasks %llu takes %llu MB of memory, more than is available",
			 (unsigned long long)max_tasks, (unsigned long long)needed >> 20);
}

static u64 timeout_ms(void)
{
	return loader.timeout_ms ?: 30000;
}

static void set_up(struct scx_userland *skel)
{
	int nr_cpu_ids = scx_read_cpus("possible", NULL, 0);
	u32 ring = round_up_pow2(max_tasks), mask_words = (nr_cpu_ids + 63) / 64;

	SCX_BUG_ON(nr_cpu_ids < 0, "cannot read which CPUs there are");
	check_memory(mask_words);
	skel->rodata->max_tasks = max_tasks;
	skel->rodata->ring_mask = ring - 1;
	skel->rodata->nr_cpu_ids = nr_cpu_ids;
	skel->rodata->mask_words = mask_words;
	skel->rodata->slice_ns = slice_us * 1000;
	skel->rodata->slice_min_ns = slice_min_us * 1000;
	skel->rodata->stale_ns = stale_ms * 1000000;
	skel->rodata->round_ns = timeout_ms() * 1000000 / 8;
	skel->rodata->bound_direct = bound_direct;
	skel->rodata->per_node = per_node;
	skel->rodata->no_timer = scx_is_realtime();
	RESIZE_ARRAY(skel, data, slots, max_tasks);
	RESIZE_ARRAY(skel, data, allowed, (size_t)max_tasks * mask_words);
	RESIZE_ARRAY(skel, data, ring, ring);
	RESIZE_ARRAY(skel, data, cpus, nr_cpu_ids);
	SCX_BUG_ON(bpf_map__set_max_entries(skel->maps.free_slots, max_tasks), "cannot size free_slots");
	if (per_node)
		skel->struct_ops.userland_ops->flags |= SCX_OPS_BUILTIN_IDLE_PER_NODE;
	if (dump_len)
		skel->struct_ops.userland_ops->exit_dump_len = dump_len;
}

static void start_deciding(struct scx_userland *skel, struct ul_policy *policy)
{
	u64 *online = find_online(skel->rodata->mask_words);
	struct ul_link link = {
		.shared = &skel->data_shared->shared,
		.slots = skel->data_slots->slots,
		.allowed = skel->data_allowed->allowed,
		.ring = skel->data_ring->ring,
		.cpus = skel->data_cpus->cpus,
		.online = online,
		.ring_mask = skel->rodata->ring_mask,
		.mask_words = skel->rodata->mask_words,
		.nr_cpu_ids = skel->rodata->nr_cpu_ids,
		.batch = batch,
		.bell_fd = bpf_map__fd(skel->maps.bell),
		.register_fd = bpf_program__fd(skel->progs.userland_register),
		.ended = &skel->data->uei.kind,
		.policy = policy,
		.params = {
			.max_tasks = max_tasks,
			.nr_cpus = sysconf(_SC_NPROCESSORS_ONLN),
			.slice_ns = slice_us * 1000,
			.slice_min_ns = slice_min_us * 1000,
			/* so long, whatever the policy says */
			.max_wait_ns = timeout_ms() * 1000000 / 2,
		},
	};
	int err;

	/* the line below says it all */
	scx_capture_begin();
	err = ul_start(&link);
	free(online);
	if (err)
		scx_fail(SCX_ST_LOAD, "cannot start the thread that decides: %s", strerror(-err));
	scx_capture_end();
}

/*
 * A page that has to be read from a disk first is what the scheduler must not wait for. All that it needs to
 * decide is there by now. To lock what comes later as well would be to fail for want of it, where one may
 * lock some memory, but not that much.
 */
static void lock_memory(void)
{
	static bool said;

	if (!mlockall(MCL_CURRENT) || said)
		return;
	scx_say("cannot lock memory: %s; decisions may wait for swapping", strerror(errno));
	said = true;
}

/* Returns the exit status, or -1 to start anew. */
static int run(struct ul_policy *policy)
{
	struct scx_userland *skel = SCX_OPS_OPEN(userland_ops, scx_userland);
	struct bpf_link *link;
	int status;

	set_up(skel);
	SCX_LOADER_SET_OPS(&loader, skel->struct_ops.userland_ops);
	SCX_OPS_LOAD(skel, userland_ops, scx_userland, uei);
	start_deciding(skel, policy);
	lock_memory();
	link = SCX_OPS_ATTACH(skel, userland_ops, scx_userland);

	while (scx_loader_wait(&loader, &skel->data->uei))
		scx_loader_report(&loader, skel->obj);

	bpf_link__destroy(link);
	ul_stop();
	status = scx_loader_end(&loader, &skel->data->uei, UEI_DUMP(skel, uei));
	scx_userland__destroy(skel);
	return status;
}

int main(int argc, char **argv)
{
	struct ul_policy *policy;
	int status;

	scx_loader_parse(&loader, argc, argv);
	policy = find_policy();
	if (slice_min_us > slice_us)
		scx_fail(SCX_ST_USAGE, "--slice-us-min may not exceed --slice-us");
	if (loader.timeout_ms && stale_ms > loader.timeout_ms / 2)
		scx_fail(SCX_ST_USAGE, "--stale-ms may not exceed half of --timeout-ms");
	SCX_LOADER_HELP_STATS(&loader, scx_userland);
	scx_loader_keep_caps(monitor ? SCX_CAP(SYS_ADMIN) : SCX_CAP(IPC_LOCK));
	if (monitor)
		return watch();
	/* small pages are not to be taken away to make a large one of them */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	if (scx_is_realtime())
		scx_say("this kernel is PREEMPT_RT and lacks BPF timers: going without; a CPU that would have to wait for a decision does without one");
	do {
		status = run(policy);
	} while (status < 0);	/* CPUs came or went: the kernel wants us to start anew */
	return status;
}
