// SPDX-License-Identifier: GPL-2.0
/*
 * container - root of a container alone is told that this is not enough
 *
 * Promised: in a user namespace of its own, where it has all capabilities but those count for nothing to
 * BPF, a scheduler ends with status 2 and one line that says why. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(container, "root of a user namespace: status 2, and why")
{
	struct sched s;
	int status;

	if (unshare(CLONE_NEWUSER))
		skip("there are no user namespaces here (CONFIG_USER_NS): %s", strerror(errno));
	/* or it would not keep its capabilities when it starts the scheduler */
	check(!write_file("/proc/self/uid_map", "0 0 1"), "cannot be root of a user namespace");
	s = sched_start("");
	status = sched_end(&s);
	check(status == 2, "status %d: %s", status, text(s.err));
	check_one_line(s.err, ": cannot load the scheduler: Operation not permitted (a container, ");
	check(!text(s.out)[0], "on stdout: %s", text(s.out));
}
