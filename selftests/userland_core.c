// SPDX-License-Identifier: GPL-2.0
/*
 * userland_core - core scheduling: a CPU chooses for its sibling, and nothing locks up
 *
 * Promised: tasks that must not share a core, each with a cookie of its own, all go on, whichever of
 * the core's CPUs chooses, while user space decides and while its process is stopped. Needs
 * CONFIG_SCHED_CORE and CPUs with SMT. Since 6.12.
 */
#include <sys/prctl.h>
#include "userland.h"

#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE		62
#define PR_SCHED_CORE_CREATE	1
#endif
#define SCOPE_THREAD		0

#define NR	6

static int burn_alone(void *unused)
{
	(void)unused;
	if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, SCOPE_THREAD, 0))
		return errno;
	for (;;)
		;
}

SCX_TEST(userland_core, "core scheduling: each task its own cookie, and all go on",
	 .only = "scx_userland")
{
	char smt[8] = "0";
	pid_t pids[NR];
	struct sched s;
	int i;

	scx_read_file("/sys/devices/system/cpu/smt/active", smt, sizeof(smt));
	if (atoi(smt) != 1)
		skip("no SMT");
	if (prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, getpid(), SCOPE_THREAD, 0) &&
	    (errno == EINVAL || errno == ENODEV))
		skip("this kernel has no core scheduling: CONFIG_SCHED_CORE");
	s = sched_load("-i 0.2");
	for (i = 0; i < NR; i++)
		pids[i] = spawn(ANY_CPU, 0, SCHED_OTHER, burn_alone, NULL);
	all_go_on(pids, NR, 4 * SLICE_NS);
	wait_for(counter(s.out, "user_disp") > NR, "user space to decide");
	kill(s.pid, SIGSTOP);
	all_go_on(pids, NR, 4 * SLICE_NS);
	kill(s.pid, SIGCONT);
	all_go_on(pids, NR, 2 * SLICE_NS);
	sched_stayed(&s);
	sched_unload(&s);
}
