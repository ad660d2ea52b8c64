// SPDX-License-Identifier: GPL-2.0
/*
 * userland_memory - while memory is short, scheduling goes on
 *
 * Promised: while somebody takes memory until the kernel has to reclaim some, and goes on to, all
 * tasks go on, user space goes on deciding, and its thread takes no page fault. Its memory is locked;
 * if that is not allowed, it says so in a line, and runs. Locked pages may still be moved to other
 * places in memory, unless the machine's administrator forbids it, which the test does. Since 6.12.
 */
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include "userland.h"

#define MOVE_LOCKED	"/proc/sys/vm/compact_unevictable_allowed"
#define STEP		(1UL << 20)
#define KEPT		4	/* steps that are given back and taken again */
#define ROUNDS		20

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

static char *take(void)
{
	return mmap(NULL, STEP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

/* Takes memory until kswapd has been at work; then gives back a little, takes it again, and so on. */
static int eater(void *arg)
{
	volatile u64 *rounds = arg;
	u64 before = reclaims();
	char *last[KEPT] = {}, *mem;
	int i;

	for (i = 0; reclaims() == before; i++) {
		mem = take();
		if (mem == MAP_FAILED)
			return 1;
		last[i % KEPT] = mem;
	}
	setpriority(PRIO_PROCESS, 0, 0);	/* in a hurry no more */
	for (;; ++*rounds) {
		for (i = 0; i < KEPT; i++)
			munmap(last[i], STEP);
		for (i = 0; i < KEPT; i++)
			last[i] = take();
	}
}

/* Of the scheduler's process, in kB. */
static long locked(const struct sched *s)
{
	char path[64], line[128];
	long kb = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", s->pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmLck: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static void short_of_memory(void)
{
	struct sched s = sched_load("-i 0.2");
	int may_move = set_for_test(MOVE_LOCKED, "0");
	volatile u64 *rounds = shared(sizeof(*rounds));
	u64 faults, decisions;
	pid_t pids[3], hungry;
	int i;

	check(!may_move || may_move == -ENOENT, "%s: %s", MOVE_LOCKED, strerror(-may_move));
	for (i = 0; i < 3; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_OTHER);
	wait_for(counter(&s, "user_disp") > 10, "user space to decide");
	check(locked(&s) > 0, "%ld kB are locked", locked(&s));
	faults = counter(&s, "page_faults");
	hungry = spawn(last_cpu(), -20, SCHED_OTHER, eater, (void *)rounds);
	wait_for(*rounds > ROUNDS, "memory to be short");
	all_go_on(pids, 3, 2 * SLICE_NS);
	decisions = counter(&s, "user_disp");
	wait_for(counter(&s, "user_disp") > decisions + 10, "user space to decide");
	check(counter(&s, "page_faults") == faults, "page faults: %s", text(s.out));
	sched_stayed(&s);
	stop(hungry);
	stop_all(pids, 3);
	sched_unload(&s);
}

/* With one privilege less, and no allowance. */
static void may_not_lock(void)
{
	const struct rlimit none = {};
	struct sched s;

	check(!prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK), "cannot drop a capability");
	check(!setrlimit(RLIMIT_MEMLOCK, &none), "setrlimit: %s", strerror(errno));
	s = sched_load("");
	kill(s.pid, SIGTERM);
	check(sched_end(&s) == 0, "its status is not 0: %s", text(s.err));
	check(count_lines(s.err, "cannot lock memory") == 1, "on stderr: %s", text(s.err));
}

SCX_TEST(userland_memory, "memory is short: everybody goes on; what cannot be locked is told",
	 .only = "scx_userland")
{
	short_of_memory();
	may_not_lock();
}
