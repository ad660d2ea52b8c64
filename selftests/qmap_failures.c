// SPDX-License-Identifier: GPL-2.0
/*
 * qmap_failures - it fails as it is told to, and the kernel does what it promises then
 *
 * Promised: -e ends in an error, -t, -T and -l in a stall, after as many tasks as they say; each
 * time with status 3, a report whose first lines tell what stalled, for how long and in which
 * queue, as soon as --timeout-ms says, and all tasks on the kernel's own scheduler. -D and -S say how much of a debug dump there
 * is. Since 6.12.
 */
#include "qmap.h"

#define NR 4

/* The watchdog's, in a stall; it looks twice in that time. */
#define TIMEOUT_MS	5000

/*
 * They wake up all the time for next to nothing, so that tasks are enqueued, and loaders start
 * fast; on one CPU, so that they go through the queues and not straight to an idle one.
 */
static pid_t pids[NR];

static void error(void)
{
	/* somebody who is runnable at any moment: the kernel lists no others */
	pid_t pid = hog(ANY_CPU, 0, SCHED_OTHER);
	struct sched s = sched_start("-e 500");
	const char *report = ejected(&s, "500 tasks were enqueued");

	check(strstr(report, "\nqueue 2: "), "no queues in the dump: %s", report);
	check(strstr(report, "\nqueue 4: "), "not all queues in the dump: %s", report);
	check(strstr(report, "takes "), "nothing of ops.dump_cpu: %s", report);
	check(strstr(report, ", number "), "nothing of ops.dump_task: %s", report);
	all_go_on(pids, NR, 1);
	stop(pid);
}

/*
 * Is there a line such as "  name[12] of queue 2, waits for 5003 ms" before the kernel's own? The tests'
 * tasks are those called runner.
 */
static void check_stalled(const char *report, bool kernel)
{
	const char *own = strstr(report, "\nstalled: "), *cpus = strstr(report, "\nCPU states");
	const char *runner, *handed_back;
	int queue = -1, ms = -1;

	check(own && cpus && own < cpus, "no list of who stalls: %s", report);
	runner = strstr(own, "\n  runner[");
	handed_back = strstr(own, "\nhanded back: ");
	check((runner && runner < handed_back) == !kernel, "the wrong ones stall: %s", report);
	own = strstr(own, "] of queue ");
	check(own && own < cpus, "nobody stalls: %s", report);
	check(sscanf(own, "] of queue %d, waits for %d ms", &queue, &ms) == 2, "%s", report);
	check(queue >= 0 && queue < NR_QUEUES, "queue %d: %s", queue, report);
	/* the kernel's watchdog may be who stalls */
	check(ms >= (kernel ? TIMEOUT_MS / 2 - 100 : TIMEOUT_MS - 500), "stalled for %d ms only: %s", ms,
	      report);
	check(ms <= TIMEOUT_MS / 2 * 3 + 1000, "stalled for %d ms: %s", ms, report);
}

static void try_stall(const char *args, bool kernel)
{
	struct sched s;
	char line[64];

	snprintf(line, sizeof(line), "%s --timeout-ms %d", args, TIMEOUT_MS);
	s = sched_start(line);
	check_stalled(ejected(&s, "runnable task stall"), kernel);
	all_go_on(pids, NR, 1);
}

static void loop(void)
{
	struct sched s = sched_start("-l 100 --timeout-ms 2000");

	ejected(&s, "runnable task stall");
	all_go_on(pids, NR, 1);
}

/* So many tasks never come. */
static void not_yet(void)
{
	struct sched s = sched_load("-e 4000000000 -t 4000000000 -T 4000000000 -l 4000000000");

	all_go_on(pids, NR, SLICE_NS / 10);
	sched_stayed(&s);
	sched_unload(&s);
}

static void dump_length(void)
{
	struct sched s = sched_start("-e 500 -D 400");
	const char *report = ejected(&s, "500 tasks were enqueued"), *dump, *end;

	dump = strstr(report, "----------\n");
	end = dump ? strstr(dump + 1, "\n----------") : NULL;
	check(end, "no dump: %s", report);
	check(end - dump < 500, "a dump of %td bytes: %s", end - dump, report);
}

static void no_dump(void)
{
	struct sched s = sched_start("-e 500 -S");
	const char *report = ejected(&s, "500 tasks were enqueued");

	check(strstr(report, "CPU states"), "the kernel's own part is missing: %s", report);
	check(!strstr(report, "\nqueue ") && !strstr(report, ", number "), "it adds its own: %s",
	      report);
}

SCX_TEST(qmap_failures, "-e, -t, -T, -l: ejected, with a report that tells why; -D, -S",
	 .only = "scx_qmap")
{
	u64 turns = 0;
	int i;

	for (i = 0; i < NR; i++)
		pids[i] = spawn(last_cpu(), 0, SCHED_OTHER, doze, &turns);
	error();
	try_stall("-t 20", false);
	try_stall("-T 5", true);
	not_yet();
	loop();
	dump_length();
	no_dump();
}
