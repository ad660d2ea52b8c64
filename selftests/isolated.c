// SPDX-License-Identifier: GPL-2.0
/*
 * isolated - where isolcpus= keeps CPUs from the scheduler, it says so
 *
 * Promised: booted with isolcpus=, which sched_ext refuses to work with, a scheduler ends with status 2 and
 * one line that names this. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(isolated, "with isolcpus=: status 2, and why")
{
	char cpus[64];
	struct sched s;
	int status;

	if (scx_read_file("/sys/devices/system/cpu/isolated", cpus, sizeof(cpus)) <= 0)
		skip("no CPU is isolated: it needs isolcpus=1, for example, on the kernel's command line");
	s = sched_start("");
	status = sched_end(&s);
	check(status == 2, "status %d: %s", status, text(s.err));
	check_one_line(s.err, ": cannot attach the scheduler: Invalid argument (CPUs are isolated, ");
	check(!text(s.out)[0], "on stdout: %s", text(s.out));
	check(kernel_state("disabled"), "sched_ext is not disabled");
}
