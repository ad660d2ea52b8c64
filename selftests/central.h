/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers for the tests of scx_central.
 */
#ifndef __CENTRAL_H
#define __CENTRAL_H

#include "util.h"
#include <sys/resource.h>

/**
 * last_report - a scheduler's latest report, a line of counters; valid until the next call
 * @s: scheduler, started with a short interval, and without --json
 *
 * Waits for the first report.
 */
static inline const char *last_report(const struct sched *s)
{
	static char buf[2048];
	off_t size;
	ssize_t n;
	char *at;

	/* the last whole line, however many there are; so looking takes no time of the central CPU */
	wait_for((size = lseek(s->out, 0, SEEK_END)) > 0, "a report");
	n = pread(s->out, buf, sizeof(buf) - 1, size > 1500 ? size - 1500 : 0);
	check(n > 0, "cannot read the report");
	buf[n] = '\0';
	*strrchr(buf, '\n') = '\0';
	at = strrchr(buf, '\n');
	return at ? at + 1 : buf;
}

/**
 * counter_in - a counter
 * @line: a report
 * @name: of the counter
 */
static inline u64 counter_in(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *at = line;

	while (at && (strncmp(at, name, len) || at[len] != '=')) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	check(at, "the report has no %s: %s", name, line);
	return strtoull(at + len + 1, NULL, 10);
}

/* A counter in the latest report. */
static inline u64 counter(const struct sched *s, const char *name)
{
	return counter_in(last_report(s), name);
}

#endif /* __CENTRAL_H */
