// SPDX-License-Identifier: GPL-2.0
/*
 * userland_pipe - nobody reads the reports, and user space goes on deciding
 *
 * Promised: with a full pipe for its stdout scx_userland goes on to decide, as --monitor tells from
 * another process; asked to end while there is no room for its report, it ends, and so it does if the pipe
 * was full before it had anything to say. An ejection it tells at once. Without a scheduler --monitor says so and ends with status 2. Since 6.12.
 */
#include <fcntl.h>
#include "userland.h"

/* The decisions of user space so far. */
static u64 decisions(void)
{
	struct sched monitor = sched_start("--monitor -i 0.05 --count 1");
	int status = sched_end(&monitor);
	u64 nr = counter(&monitor, "user_disp");

	check(status == 0, "the monitor's status is %d: %s", status, text(monitor.err));
	close(monitor.out);
	close(monitor.err);
	return nr;
}

static void fill(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, "x", 1) == 1)
		;
	fcntl(fd, F_SETFL, 0);
}

SCX_TEST(userland_pipe, "reports into a full pipe: it goes on deciding; --monitor",
	 .only = "scx_userland")
{
	struct sched s = sched_start("--monitor -i 0.05 --count 1");
	int status, fds[2];
	u64 before;

	check(sched_end(&s) == 2, "a monitor of nothing: %s", text(s.out));
	check_one_line(s.err, "scx_userland does not run");

	check(!pipe2(fds, O_CLOEXEC), "pipe: %s", strerror(errno));
	fill(fds[1]);
	load_all_cpus();
	s = sched_start_to(fds[1], "-i 0.05");
	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
	before = decisions();
	wait_for(decisions() > before + 50, "user space to decide");
	kill(s.pid, SIGTERM);
	status = sched_end(&s);
	check(status == 0, "its status is %d: %s", status, text(s.err));
	wait_for(kernel_state("disabled"), "the kernel to take over");

	s = sched_start_to(fds[1], "-i 0.05");
	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
	usleep(500000);	/* ten reports are due */
	check(!write_file("/proc/sysrq-trigger", "S"), "cannot press SysRq-S");
	status = sched_end(&s);
	check(status == 3, "ejected, its status is %d: %s", status, text(s.err));

	s = sched_start_to(fds[1], "-i 1000");
	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
	kill(s.pid, SIGTERM);
	status = sched_end(&s);
	check(status == 0, "its status is %d: %s", status, text(s.err));
}
