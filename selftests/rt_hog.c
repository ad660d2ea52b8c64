// SPDX-License-Identifier: GPL-2.0
/*
 * rt_hog - a real-time task that never sleeps: who is bound to its CPU goes on, as slowly as the kernel has it
 *
 * Promised: from 7.0 on the kernel keeps a twentieth of each CPU for tasks of sched_ext, whatever a higher
 * class does: its ext_server. It asks the scheduler once, and if nobody comes does not ask again. So who is
 * bound to such a CPU goes on, alone and under load. Older kernels have no such server.
 */
#include "scx_test.h"

#define ROUNDS 4

static int burns(void *arg __attribute__((unused)))
{
	for (;;)
		burn_for(SLICE_NS);
	return 0;
}

/* They come to a CPU that is taken, one after the other, and each has to begin there. */
static void go_on_beside(int cpu)
{
	pid_t pid;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		/* until it has a policy it is of the class of those who test */
		pid = hog(ANY_CPU, 0, SCHED_OTHER);
		check(!set_affinity(pid, cpu), "cannot bind a task");
		all_go_on(&pid, 1, SLICE_NS);
		stop(pid);
	}
}

SCX_TEST(rt_hog, "beside a real-time task that never sleeps, who is bound to its CPU goes on",
	 .policy = true)
{
	struct sched s;
	pid_t above;

	if (!__COMPAT_struct_has_field("rq", "ext_server"))
		skip("this kernel has no ext_server: nobody can run beside such a task");
	need_two_cpus();
	s = sched_load("");
	above = spawn(last_cpu(), 0, SCHED_FIFO, burns, NULL);
	go_on_beside(last_cpu());
	load_all_cpus();
	go_on_beside(last_cpu());
	stop(above);
	sched_stayed(&s);
	sched_unload(&s);
}
