// SPDX-License-Identifier: GPL-2.0
/*
 * A crowd of tasks of many kinds. See crowd.h.
 */
#include "crowd.h"
#include <sys/resource.h>

#define TURNS	10	/* of who is no hog, to have gone on */
#define NICE	5	/* with more, it takes seconds until the lightest one's turn comes */

/* Those who are no hogs. The sleeper uses so little that it may be a real-time task. */
enum { SLEEPER, YIELDER, CHANGER, PING, PONG, NR_OTHERS };

enum { NR_HOGS = 8, NR = NR_HOGS + NR_OTHERS };

/* The hogs are the last ones. */
static pid_t members[NR];

/* How many turns each of the others has had; the ends of the pipes between PING and PONG */
static struct common {
	volatile u64	turns[NR_OTHERS];
	int		pipes[2][2];
} *common;

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
		setpriority(PRIO_PROCESS, 0, common->turns[CHANGER] % 10);
		burn_for(SLICE_NS / 10);
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

static void start_others(void)
{
	int ping = PING, pong = PONG;

	common = shared(sizeof(*common));
	check(!pipe(common->pipes[0]) && !pipe(common->pipes[1]), "pipe: %s", strerror(errno));
	members[SLEEPER] = spawn(ANY_CPU, 0, SCHED_OTHER, doze, (void *)&common->turns[SLEEPER]);
	members[YIELDER] = spawn(ANY_CPU, 0, SCHED_OTHER, yielder, NULL);
	members[CHANGER] = spawn(ANY_CPU, 0, SCHED_OTHER, changer, NULL);
	members[PING] = spawn(ANY_CPU, 0, SCHED_OTHER, player, &ping);
	members[PONG] = spawn(last_cpu(), 0, SCHED_OTHER, player, &pong);
	check(write(common->pipes[0][1], "", 1) == 1, "cannot write to a pipe");
}

void crowd_start(void)
{
	static const struct { int bound, nice; } kinds[NR_HOGS / 2] = {
		{ false, 0 }, { false, 5 }, { true, -5 }, { true, 10 }
	};
	int i;

	for (i = 0; i < NR_HOGS; i++)
		members[NR_OTHERS + i] = hog(!kinds[i / 2].bound ? ANY_CPU : i % 2 ? last_cpu() :
					     first_cpu(), kinds[i / 2].nice, SCHED_OTHER);
	start_others();
}

static bool all_had_turns(const u64 *start)
{
	int i;

	for (i = 0; i < NR_OTHERS; i++)
		if (common->turns[i] < start[i] + TURNS)
			return false;
	return true;
}

void crowd_goes_on(void)
{
	u64 start[NR_OTHERS];

	memcpy(start, (void *)common->turns, sizeof(start));
	all_go_on(members + NR_OTHERS, NR_HOGS, SLICE_NS);
	wait_for(all_had_turns(start), "every task that sleeps, yields or waits to go on");
}

pid_t crowd_member(unsigned int *seed)
{
	return members[rand_r(seed) % NR];
}

void crowd_change(unsigned int *seed)
{
	pid_t pid = crowd_member(seed);

	change_at_random(pid, NICE, pid == members[SLEEPER], seed);
}

void crowd_settle(void)
{
	int i;

	for (i = 0; i < NR; i++)
		settle(members[i]);
}

static void bind_at_random(pid_t pid, unsigned int *seed)
{
	int cpu, one = rand_r(seed) % nr_cpus();
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(one, &set);
	for (cpu = 0; cpu < nr_cpus(); cpu++)
		if (rand_r(seed) % 4 == 0)
			CPU_SET(cpu, &set);
	sched_setaffinity(pid, sizeof(set), &set);
}

void change_at_random(pid_t pid, int nice, bool may_be_fifo, unsigned int *seed)
{
	static const int policies[] = { SCHED_OTHER, SCHED_BATCH, SCHED_EXT, SCHED_FIFO };

	switch (rand_r(seed) % 6) {
	case 0:
	case 1:
		bind_at_random(pid, seed);
		break;
	case 2:
	case 3:
		setpriority(PRIO_PROCESS, pid, rand_r(seed) % (2 * nice) - nice);
		break;
	case 4:
		set_policy(pid, policies[rand_r(seed) % (may_be_fifo ? 4 : 3)]);
		break;
	case 5:
		kill(pid, rand_r(seed) % 2 ? SIGSTOP : SIGCONT);
		break;
	}
}

void settle(pid_t pid)
{
	kill(pid, SIGCONT);
	set_policy(pid, SCHED_OTHER);
}
