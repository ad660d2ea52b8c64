/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A crowd of tasks of many kinds, for tests of what holds whatever tasks do, and what is done to them.
 */
#ifndef __SCX_TEST_CROWD_H
#define __SCX_TEST_CROWD_H

#include "util.h"

/**
 * crowd_start - start the crowd: hogs of different nice values, some bound to a CPU, beside tasks that
 * sleep for moments, yield, change their nice value, and wait for each other
 *
 * Until the test ends.
 */
void crowd_start(void);

/* Wait until each of them has gone on. */
void crowd_goes_on(void);

/**
 * crowd_change - change one of them at random
 * @seed: of rand_r()
 *
 * Its nice value, where it may run, or its policy; or it is stopped, or goes on.
 */
void crowd_change(unsigned int *seed);

/* Take back what keeps one of them from going on, or others. */
void crowd_settle(void);

/* One of them. */
pid_t crowd_member(unsigned int *seed);

/**
 * change_at_random - the same for any task
 * @pid: task
 * @nice: its nice value becomes one from -@nice to @nice - 1
 * @may_be_fifo: its policy may become SCHED_FIFO
 * @seed: of rand_r()
 */
void change_at_random(pid_t pid, int nice, bool may_be_fifo, unsigned int *seed);
void settle(pid_t pid);

#endif /* __SCX_TEST_CROWD_H */
