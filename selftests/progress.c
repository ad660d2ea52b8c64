// SPDX-License-Identifier: GPL-2.0
/*
 * progress - everybody makes progress, whatever they do
 *
 * Promised: with more hogs than CPUs, of different nice values, some bound to a CPU, beside tasks that
 * sleep for moments, yield, wait for each other and change their nice value, everyone gets on, again
 * and again, and the scheduler stays. How much each gets is the policy's matter. Since 6.12.
 */
#include "scx_test.h"
#include "crowd.h"

#define ROUNDS	5

SCX_TEST(progress, "everybody makes progress, whatever they do", .policy = true)
{
	struct sched s;
	int round;

	crowd_start();
	s = sched_load("");
	for (round = 0; round < ROUNDS; round++)
		crowd_goes_on();
	sched_stayed(&s);
	sched_unload(&s);
}
