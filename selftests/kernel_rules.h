/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two sides of the test kernel_rules share.
 */
#ifndef __KERNEL_RULES_H
#define __KERNEL_RULES_H

#define NR_TASKS	6
#define NR_NOTED	64

/* How tasks come to wait. */
enum way {
	AT_TAIL,
	AT_HEAD,
	BY_VTIME,
	ENDLESS,	/* with a slice that has no end */
	PAIRWISE,	/* taken two at a time, the second with SCX_ENQ_HEAD */
};

/* For what the headers say that the scheduler is ejected, and what the kernel says then. */
#define MISTAKES(X)								\
	X(overflow, "dispatch buffer overflow")					\
	X(underflow, "dispatch buffer underflow")				\
	X(destroy, "attempting to destroy in-use dsq")				\
	X(mix, "already had")							\
	X(ordered_local, "cannot use vtime ordering for built-in DSQs")		\
	X(not_allowed, "SCX_DSQ_LOCAL[_ON] target CPU")				\
	X(kick, "PREEMPT/WAIT cannot be used with SCX_KICK_IDLE")		\
	X(perf, "Invalid cpuperf target")					\
	X(no_cpu, "invalid CPU")						\
	X(dump, "must only be called from ops.dump()")

/* What the scheduler does wrong with who comes, or in ops.dispatch. */
enum mistake {
	NO_MISTAKE,
#define X(name, says) MISTAKE_##name,
	MISTAKES(X)
#undef X
};

#endif /* __KERNEL_RULES_H */
