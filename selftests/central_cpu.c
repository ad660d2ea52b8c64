// SPDX-License-Identifier: GPL-2.0
/*
 * central_cpu - -c chooses the central CPU; what if it is not there, or goes
 *
 * Promised: -c with a CPU that does not exist is refused with status 1, with one that is offline with
 * status 2, both in one line. When the CPU that -c named goes offline, under load, the loader does not
 * start anew but says so, and ends with status 2; when another one goes, it does. Since 6.12.
 */
#include "scx_test.h"

static void refused(int cpu, int status, const char *words)
{
	char args[32];
	struct sched s;

	snprintf(args, sizeof(args), "-c %d", cpu);
	s = sched_start(args);
	check(sched_end(&s) == status, "-c %d did not end with status %d: %s", cpu, status,
	      text(s.err));
	check_one_line(s.err, words);
}

SCX_TEST(central_cpu, "-c: a CPU that does not exist, is offline, or goes",
	 .only = "scx_central")
{
	int cpu = last_cpu();
	char args[32];
	struct sched s;

	need_two_cpus();
	refused(8000, 1, "there is no CPU 8000");
	load_all_cpus();
	snprintf(args, sizeof(args), "-c %d", cpu);
	s = sched_load(args);
	if (!take_offline(cpu))
		skip("this kernel cannot take CPUs offline: CONFIG_HOTPLUG_CPU");
	check(sched_end(&s) == 2, "the central CPU went offline, the status is not 2");
	check(count_lines(s.err, "which shall decide, is offline") == 1, "on stderr: %s",
	      text(s.err));
	check(kernel_state("disabled"), "sched_ext is not disabled");
	refused(cpu, 2, "which shall decide, is offline");

	/* now another CPU comes and goes */
	snprintf(args, sizeof(args), "-c %d", first_cpu());
	s = sched_load(args);
	take_back(cpu);
	wait_for(sched_runs(&s, 2), "the scheduler to be enabled again");
	sched_unload(&s);
}
