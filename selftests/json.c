// SPDX-License-Identifier: GPL-2.0
/*
 * json - reports for programs
 *
 * Promised: with --json each report is one line, an object whose values are numbers; after --count
 * reports the scheduler ends with status 0. Nothing else goes to stdout. Since 6.12.
 */
#include <regex.h>
#include "scx_test.h"

SCX_TEST(json, "--json --count: as many reports as asked for, each an object")
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
}
