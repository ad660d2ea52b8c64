// SPDX-License-Identifier: GPL-2.0
/*
 * partial - with -p a scheduler has the tasks of policy SCHED_EXT, and no others
 *
 * Promised: a SCHED_OTHER task stays with the kernel's class; a SCHED_EXT task is the scheduler's
 * and runs, on another CPU than a SCHED_OTHER hog: on the same one the kernel's class goes first.
 * Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(partial, "-p: only tasks of policy SCHED_EXT are its own")
{
	pid_t normal, ext;
	struct sched s;
	u64 used;

	need_two_cpus();
	normal = hog(0, 0, SCHED_OTHER);
	ext = hog(last_cpu(), 0, SCHED_EXT);
	s = sched_load("-p");
	check(on_scx(ext), "a task of policy SCHED_EXT is not the scheduler's");
	check(!on_scx(normal), "a task of policy SCHED_OTHER is the scheduler's");

	used = cpu_time(ext);
	wait_for(cpu_time(ext) > used + 10 * SLICE_NS, "the SCHED_EXT task to run");
	sched_unload(&s);
	check(!on_scx(ext), "a task is still of sched_ext after the scheduler's end");
}
