// SPDX-License-Identifier: GPL-2.0
/*
 * userland_memory - while memory is short, scheduling goes on
 *
 * Promised: while somebody takes memory until the kernel has to reclaim some, all tasks go on, user
 * space goes on deciding, and its thread takes no page fault. Since 6.12.
 */
#include <sys/mman.h>
#include "userland.h"

#define STEP	(1UL << 20)

/* How often kswapd has gone to work. */
static u64 reclaims(void)
{
	char line[128];
	u64 nr = 0;
	FILE *f = fopen("/proc/vmstat", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "pageoutrun ", 11))
			nr = strtoull(line + 11, NULL, 10);
	if (f)
		fclose(f);
	return nr;
}

/* Takes memory until kswapd has been at work, and keeps it. */
static int eater(void *arg)
{
	u64 before = reclaims();
	volatile int *full = arg;

	while (reclaims() == before) {
		char *mem = mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (mem == MAP_FAILED)
			break;
		memset(mem, 1, STEP);
	}
	*full = 1;
	pause();
	return 0;
}

SCX_TEST(userland_memory, "memory is short: everybody goes on", .only = "scx_userland")
{
	struct sched s = sched_load("-i 0.2");
	volatile int *full = shared(sizeof(*full));
	int i, nr = 2 * nr_cpus();
	u64 faults, decisions;
	pid_t pids[nr];

	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	wait_for(counter(s.out, "user_disp") > 10, "user space to decide");
	faults = counter(s.out, "page_faults");
	spawn(ANY_CPU, 0, SCHED_OTHER, eater, (void *)full);
	wait_for(*full, "memory to be short");
	all_go_on(pids, nr, 2 * SLICE_NS);
	decisions = counter(s.out, "user_disp");
	wait_for(counter(s.out, "user_disp") > decisions + 10, "user space to decide");
	check(counter(s.out, "page_faults") == faults, "page faults: %s", text(s.out));
	sched_stayed(&s);
	sched_unload(&s);
}
