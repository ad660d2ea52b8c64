/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What tests of scx_central share.
 */
#ifndef __SCX_TEST_CENTRAL_H
#define __SCX_TEST_CENTRAL_H

#include "scx_test.h"

/* How many wait to be decided, by the counters of the latest report. */
static inline u64 waiting(const struct sched *s)
{
	const char *line = last_report(s);

	return counter_in(line, "shared") + counter_in(line, "own") - counter_in(line, "left") -
	       counter_in(line, "decisions");
}

#endif /* __SCX_TEST_CENTRAL_H */
