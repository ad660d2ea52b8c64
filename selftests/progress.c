// SPDX-License-Identifier: GPL-2.0
/*
 * progress - everybody makes progress, whatever they do
 *
 * Promised: with more hogs than CPUs, of different nice values, some bound to a CPU, beside tasks that
 * sleep for moments, yield, wait for each other and change their nice value, everyone gets on, again
 * and again, and the scheduler stays. How much each gets is the policy's matter. Since 6.12.
 */
#include <sys/resource.h>
#include "scx_test.h"

#define ROUNDS	5
#define TURNS	10	/* of each task in a round */

enum { SLEEPER, YIELDER, CHANGER, PING, PONG, NR_TASKS };

/* How many turns each has had; the ends of the pipes between PING and PONG */
static struct common {
	volatile u64	turns[NR_TASKS];
	int		pipes[2][2];
} *common;

static int sleeper(void *arg __attribute__((unused)))
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (;; common->turns[SLEEPER]++)
		nanosleep(&ms, NULL);
	return 0;
}

static int yielder(void *arg __attribute__((unused)))
{
	for (;; common->turns[YIELDER]++)
		sched_yield();
	return 0;
}

/* Uses CPU time between the changes, so that it is queued when they come, at times. */
static int changer(void *arg __attribute__((unused)))
{
	for (;; common->turns[CHANGER]++) {
		u64 end = cpu_time(getpid()) + SLICE_NS / 10;

		setpriority(PRIO_PROCESS, 0, common->turns[CHANGER] % 10);
		while (cpu_time(getpid()) < end)
			;
	}
	return 0;
}

/* What comes in by one pipe goes out by the other. */
static int player(void *arg)
{
	int nr = *(int *)arg;
	char ball = 0;

	for (;; common->turns[nr]++)
		if (read(common->pipes[nr == PONG][0], &ball, 1) != 1 ||
		    write(common->pipes[nr == PING][1], &ball, 1) != 1)
			return 1;
}

static bool all_had_turns(const u64 *start)
{
	int i;

	for (i = 0; i < NR_TASKS; i++)
		if (common->turns[i] < start[i] + TURNS)
			return false;
	return true;
}

static void start_tasks(void)
{
	int ping = PING, pong = PONG;

	common = shared(sizeof(*common));
	check(!pipe(common->pipes[0]) && !pipe(common->pipes[1]), "pipe: %s", strerror(errno));
	spawn(ANY_CPU, 0, SCHED_OTHER, sleeper, NULL);
	spawn(ANY_CPU, 0, SCHED_OTHER, yielder, NULL);
	spawn(ANY_CPU, 0, SCHED_OTHER, changer, NULL);
	spawn(ANY_CPU, 0, SCHED_OTHER, player, &ping);
	spawn(last_cpu(), 0, SCHED_OTHER, player, &pong);
	check(write(common->pipes[0][1], "", 1) == 1, "cannot write to a pipe");
}

SCX_TEST(progress, "everybody makes progress, whatever they do", .policy = true)
{
	static const struct { int bound, nice; } kinds[] = {
		{ false, 0 }, { false, 5 }, { true, -5 }, { true, 10 }
	};
	pid_t hogs[2 * ARRAY_SIZE(kinds)];
	u64 start[NR_TASKS];
	struct sched s;
	int i, round;

	for (i = 0; i < (int)ARRAY_SIZE(hogs); i++)
		hogs[i] = hog(!kinds[i / 2].bound ? ANY_CPU : i % 2 ? last_cpu() : first_cpu(),
			      kinds[i / 2].nice, SCHED_OTHER);
	start_tasks();
	s = sched_load("");
	for (round = 0; round < ROUNDS; round++) {
		memcpy(start, (void *)common->turns, sizeof(start));
		all_go_on(hogs, ARRAY_SIZE(hogs), SLICE_NS);
		wait_for(all_had_turns(start), "every task that sleeps, yields or waits to go on");
	}
	sched_stayed(&s);
	sched_unload(&s);
}
