/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers for the tests of scx_qmap.
 */
#ifndef __SCX_TEST_QMAP_H
#define __SCX_TEST_QMAP_H

#include "scx_test.h"
#include "../scx_qmap.h"

#define TRACE		"/sys/kernel/tracing/trace"

/* How many tasks a CPU, or ALL_CPUS, has taken from each of the five queues, all at one moment. */
void read_taken(u64 *counts, int cpu);

/* Forget what is in the kernel's trace buffer. */
void clear_trace(void);

/**
 * in_trace - how many times the kernel's trace buffer contains this
 * @what: text
 */
int in_trace(const char *what);

/**
 * place_in_trace - where in the kernel's trace buffer this is for the first time
 * @what: text
 *
 * Returns -1 if it is not there. Places are comparable as long as nobody clears the buffer.
 */
long place_in_trace(const char *what);

/**
 * ejected - wait for the end of a scheduler that was told to fail
 * @s: scheduler
 * @why: what the last line of its report contains
 *
 * It ends with status 3, and everything is back on the kernel's own scheduler. Returns its report.
 */
const char *ejected(struct sched *s, const char *why);

#endif /* __SCX_TEST_QMAP_H */
