// SPDX-License-Identifier: GPL-2.0
/*
 * json - reports for programs
 *
 * Promised: with --json each report is one line, an object whose values are numbers; after --count
 * reports, -i seconds before each, the scheduler ends with status 0. Nothing else goes to stdout. --help-stats explains each
 * of the counters, and no others. Where a report can no longer be written, since nobody reads any
 * more, the scheduler says so in one line and ends with status 0. Since 6.12.
 */
#include <regex.h>
#include "scx_test.h"

/* The names in the first report, and those in the help, are the same in the same order. */
static void check_help(const char *report)
{
	struct sched s = sched_start("--help-stats");
	const char *line;

	check(sched_end(&s) == 0 && !text(s.err)[0], "--help-stats: %s", text(s.err));
	/* its first line tells since when they count */
	for (line = strchr(text(s.out), '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		char name[64], words[64];

		check(sscanf(line + 1, "%63[a-z0-9_] %63[^\n]", name, words) == 2,
		      "no words: %s", line + 1);
		report = strchr(report, '"');
		check(report && !strncmp(report + 1, name, strlen(name)) &&
		      report[1 + strlen(name)] == '"', "the report has no %s there", name);
		report = strchr(report + 1, '"') + 1;
	}
	check(*strpbrk(report, "\"}") == '}', "not explained: %s", report);
}

static void nobody_reads(void)
{
	struct sched s;
	int fds[2];

	check(!pipe2(fds, O_CLOEXEC), "pipe: %s", strerror(errno));
	close(fds[0]);
	s = sched_start_to(fds[1], "-i 0.05");
	close(fds[1]);
	check(sched_end(&s) == 0, "nobody reads: %s", text(s.err));
	check(count_lines(s.err, "cannot write the report: Broken pipe; stopping") == 1,
	      "nobody reads: %s", text(s.err));
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
}

/* From one report to another, since it may take long to start; the first may be seen late. */
static void check_interval(void)
{
	const u64 interval = 250000000;
	struct sched s = sched_load("-i 0.25");
	u64 ns;

	wait_for(count_lines(s.out, "=") > 0, "a report");
	ns = now_ns();
	wait_for(count_lines(s.out, "=") > 8, "eight more");
	ns = now_ns() - ns;
	check(ns > 6 * interval && ns < 16 * interval, "eight reports in %llu ms",
	      (unsigned long long)ns / 1000000);
	sched_unload(&s);
}

SCX_TEST(json, "--json --count: as many reports as asked for, each an object; -i")
{
	struct sched s = sched_start("--json -i 0.05 --count 3");
	int status = sched_end(&s);
	regex_t report;

	check(status == 0, "status %d: %s", status, text(s.err));
	check(!regcomp(&report, "^(\\{\"[a-z0-9_]+\": [0-9]+(, \"[a-z0-9_]+\": [0-9]+)*\\}\n){3}$",
		       REG_EXTENDED | REG_NOSUB), "regcomp");
	check(!regexec(&report, text(s.out), 0, NULL, 0), "on stdout: %s", text(s.out));
	regfree(&report);
	check(count_lines(s.err, "") == 1 && count_lines(s.err, "EXIT: unregistered") == 1,
	      "on stderr: %s", text(s.err));
	check_help(text(s.out));
	check_interval();
	nobody_reads();
}
