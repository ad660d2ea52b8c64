// SPDX-License-Identifier: GPL-2.0
/*
 * not_root - who may not load a scheduler is told so
 *
 * Promised: without root's capabilities a scheduler ends with status 2 and one line that says what
 * to do and which capability is missing. Since 6.12.
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include "scx_test.h"

SCX_TEST(not_root, "without root's capabilities: status 2, and what to do", .any_kernel = true)
{
	/* a program that root starts gets all but these; any other user might not find the file */
	static const int caps[] = { CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON };
	struct sched s;
	unsigned int i;
	int status;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		check(!prctl(PR_CAPBSET_DROP, caps[i]), "cannot drop a capability");
	s = sched_start("");
	status = sched_end(&s);
	check(status == 2, "status %d: %s", status, text(s.err));
	check_one_line(s.err, "run it as root (CAP_BPF");
	check(!text(s.out)[0], "on stdout: %s", text(s.out));
}
