/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of scx_userland have in common.
 */
#ifndef __SCX_TEST_USERLAND_H
#define __SCX_TEST_USERLAND_H

#include <sys/wait.h>
#include "scx_test.h"

/**
 * struct wait_meter - how long a task has waited
 * @longest: the longest time that it did not run, in ns
 * @since: what of it was before does not count; whoever measures may set it
 */
struct wait_meter {
	volatile u64	longest;
	volatile u64	since;
} __attribute__((aligned(64)));

/* Body of a hog that knows for how long it did not run. */
static inline int meter_waits(void *arg)
{
	struct wait_meter *meter = arg;
	u64 now, since = 0, last = now_ns();

	for (;; last = now) {
		if (since != meter->since) {
			since = meter->since;
			meter->longest = 0;
			last = since;
		}
		now = now_ns();
		if (now - last > meter->longest)
			meter->longest = now - last;
	}
	return 0;
}

/* Stop a scheduler's process: when this returns all its threads are. */
static inline void halt(const struct sched *s)
{
	int status;

	waiting_for = "the process to stop";
	kill(s->pid, SIGSTOP);
	check(waitpid(s->pid, &status, WUNTRACED) == s->pid && WIFSTOPPED(status),
	      "it has ended instead: %s", text(s->err));
}

/* Can the kernel look for idle CPUs by NUMA node? */
static inline bool knows_nodes(void)
{
	u64 flag;

	return __COMPAT_read_enum("scx_ops_flags", "SCX_OPS_BUILTIN_IDLE_PER_NODE", &flag);
}

#endif /* __SCX_TEST_USERLAND_H */
