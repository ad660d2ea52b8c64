// SPDX-License-Identifier: GPL-2.0
/*
 * second_instance - there can be one scheduler, and the second one says so
 *
 * Promised: a second instance ends with status 2 and one line on stderr that names the first, which
 * goes on undisturbed. Since 6.12.
 */
#include "scx_test.h"

SCX_TEST(second_instance, "is refused in words, while the first goes on")
{
	struct sched first = sched_load("");
	struct sched second = sched_start("");
	char words[128];
	int status = sched_end(&second);

	snprintf(words, sizeof(words), "another scheduler is running: %s",
		 sched_name() + strlen("scx_"));
	check(status == 2, "the second one's status is %d: %s", status, text(second.err));
	check_one_line(second.err, words);
	check(!text(second.out)[0], "on stdout: %s", text(second.out));
	check(sched_runs(&first, 1), "the first one is not enabled any more");
	check(scx_read_seq("enable_seq") == first.seq + 1, "another one was enabled meanwhile");
	sched_unload(&first);
}
