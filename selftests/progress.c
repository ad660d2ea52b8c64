// SPDX-License-Identifier: GPL-2.0
/*
 * progress - everybody makes progress, kernel threads too, whatever they do
 *
 * Promised: with more hogs than CPUs, of different nice values, some bound to a CPU, beside tasks that
 * sleep for moments, yield, wait for each other and change their nice value, everyone gets on, again
 * and again, and so do the kernel's own threads on each CPU, and the scheduler stays. How much each gets
 * is the policy's matter. Since 6.12.
 */
#include "scx_test.h"
#include "crowd.h"

#define ROUNDS	5

/*
 * Whoever writes to this file waits until a kernel thread of each CPU has done its part. If one does not
 * get on, that ends when the kernel ejects the scheduler.
 */
static void kernel_threads_go_on(void)
{
	int err = write_file("/proc/sys/vm/stat_refresh", "1");

	check(!err, "vm.stat_refresh: %s", strerror(-err));
}

SCX_TEST(progress, "everybody makes progress, kernel threads too, whatever they do", .policy = true)
{
	struct sched s;
	int round;

	crowd_start();
	s = sched_load("");
	for (round = 0; round < ROUNDS; round++) {
		crowd_goes_on();
		kernel_threads_go_on();
	}
	sched_stayed(&s);
	sched_unload(&s);
}
