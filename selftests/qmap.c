// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for the tests of scx_qmap. See qmap.h.
 */
#include "qmap.h"

void read_taken(u64 *counts, int cpu)
{
	map_counters("taken0", cpu, counts, NR_QUEUES);
}

void clear_trace(void)
{
	int fd = open(TRACE, O_WRONLY | O_TRUNC | O_CLOEXEC);

	check(fd >= 0, "cannot clear " TRACE);
	close(fd);
}

static const char *read_trace(void)
{
	static char buf[1 << 20];
	int fd = open(TRACE, O_RDONLY | O_CLOEXEC);
	ssize_t n, len = 0;

	check(fd >= 0, "cannot read " TRACE);
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = '\0';
	return buf;
}

int in_trace(const char *what)
{
	const char *at = read_trace();
	int nr = 0;

	for (; (at = strstr(at, what)); at++)
		nr++;
	return nr;
}

long place_in_trace(const char *what)
{
	const char *trace = read_trace(), *at = strstr(trace, what);

	return at ? at - trace : -1;
}

const char *ejected(struct sched *s, const char *why)
{
	int status = sched_end(s);
	const char *report = text(s->err), *last = strstr(report, "EXIT: ");

	check(status == 3, "status %d: %s", status, report);
	check(last && strstr(last, why), "not '%s': %s", why, report);
	wait_for(kernel_state("disabled"), "the kernel to take over");
	return report;
}
