// SPDX-License-Identifier: GPL-2.0
/*
 * sysrq - SysRq-S ejects a scheduler, which says so
 *
 * Promised: SysRq-S under load makes the scheduler end with status 3 and, on stderr, a line "EXIT: "
 * that names the cause; the kernel's own scheduler is back in charge. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(sysrq, "SysRq-S ejects it: status 3, and the cause on stderr")
{
	struct sched s;
	int err, status;

	load_all_cpus();
	s = sched_load("");
	err = write_file("/proc/sysrq-trigger", "S");
	if (err == -ENOENT)
		skip("this kernel has no SysRq: CONFIG_MAGIC_SYSRQ");
	check(!err, "cannot press SysRq-S: %s", strerror(-err));
	status = sched_end(&s);
	check(status == 3, "status %d", status);
	check(count_lines(s.err, "EXIT: disabled by sysrq-S") == 1, "on stderr: %s", text(s.err));
	check(!count_lines(s.out, "EXIT: "), "on stdout: %s", text(s.out));
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
}
