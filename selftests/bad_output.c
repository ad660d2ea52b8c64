// SPDX-License-Identifier: GPL-2.0
/*
 * bad_output - a scheduler whose output goes nowhere
 *
 * Promised: when its report cannot be written, since stdout is closed, the disk full or the file as
 * long as it may be, it stops with status 0 and one line that says why. Without stderr it runs on.
 * Either way the kernel's own scheduler takes over. Since 6.12.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include "scx_test.h"

static void close_files(void *arg)
{
	int fd, which = *(int *)arg;

	for (fd = 0; fd < 3; fd++)
		if (which & 1 << fd)
			close(fd);
}

static void fill_file(void *arg)
{
	int fd = open("/dev/full", O_WRONLY);

	check(fd >= 0 && dup2(fd, *(int *)arg) >= 0, "no /dev/full: %s", strerror(errno));
	close(fd);
}

/* Long enough for what there is to say on stderr */
static void limit_files(void *arg __attribute__((unused)))
{
	const struct rlimit limit = { 256, 256 };

	check(!setrlimit(RLIMIT_FSIZE, &limit), "cannot limit files: %s", strerror(errno));
}

static void stops(void (*spoil)(void *arg), int which, const char *args, const char *why)
{
	struct sched s = sched_start_spoiled(spoil, &which, args);
	int status = sched_end(&s);

	diag("%s, with options '%s':", why, args);
	check(status == 0, "status %d: %s", status, text(s.err));
	if (!(which & 1 << STDERR_FILENO)) {
		/* the last words go to stderr as well */
		check(count_lines(s.err, "") == 2, "on stderr: %s", text(s.err));
		check(count_lines(s.err, "cannot write the report: ") == 1 &&
		      count_lines(s.err, why) == 1 && count_lines(s.err, "EXIT: ") == 1,
		      "on stderr: %s", text(s.err));
	}
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
	check(scx_read_seq("enable_seq") == s.seq + 1, "it was not enabled");
	sched_close(&s);
}

static void runs_on(void (*spoil)(void *arg), int which)
{
	struct sched s = sched_start_spoiled(spoil, &which, "-i 0.01 --count 3");

	check(sched_ran(&s), "without stderr it does not run");
	check(count_lines(s.out, "=") == 3, "reports: %s", text(s.out));
	sched_close(&s);
}

SCX_TEST(bad_output, "stdout closed, full or too long: it stops, and says why; stderr closed: it runs")
{
	static const char *const args[] = { "-i 0.01", "-i 0.01 --json" };
	pid_t task = hog(ANY_CPU, 10, SCHED_OTHER);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(args); i++) {
		stops(close_files, 1 << STDOUT_FILENO, args[i], "Bad file descriptor");
		stops(close_files, 7, args[i], "all closed");
		stops(fill_file, STDOUT_FILENO, args[i], "No space left on device");
		stops(limit_files, 0, args[i], "File too large");
	}
	runs_on(close_files, 1 << STDERR_FILENO);
	runs_on(close_files, 1 << STDIN_FILENO | 1 << STDERR_FILENO);
	runs_on(fill_file, STDERR_FILENO);
	all_go_on(&task, 1, SLICE_NS);
}
