// SPDX-License-Identifier: GPL-2.0
/*
 * capabilities - which of root's capabilities a scheduler takes, and which it keeps
 *
 * Promised: CAP_BPF and CAP_PERFMON are all it takes, and CAP_SYS_ADMIN stands for both; any other may be
 * missing. While it runs it has these two and no others, but for CAP_IPC_LOCK, with which scx_userland
 * locks its memory, and CAP_SYS_ADMIN, with which its --monitor finds the counters; nor can it get any back
 * by starting a program. Since 6.12; preflight has what is said where one of them is missing.
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include "scx_test.h"

/* What root starts may do all but that, whoever else it is. */
static void keep(void *arg)
{
	u64 caps = *(u64 *)arg;
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!(caps & 1ULL << cap))
			check(!prctl(PR_CAPBSET_DROP, cap), "cannot drop capability %d", cap);
}

static void runs_with(u64 caps)
{
	struct sched s = sched_start_spoiled(keep, &caps, "-i 0.01 --count 1");

	check(sched_ran(&s), "it does not run with capabilities %#llx", (unsigned long long)caps);
	sched_close(&s);
}

/* A number from /proc/PID/status. */
static u64 status_of(pid_t pid, const char *field, int base)
{
	char path[64], line[128];
	const char *value = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	check(f, "%s: %s", path, strerror(errno));
	while (!value && fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			value = line + strlen(field);
	fclose(f);
	check(value, "no %s in %s", field, path);
	return strtoull(value, NULL, base);
}

static void keeps_only(const struct sched *s, u64 caps)
{
	check(status_of(s->pid, "CapPrm:", 16) == caps && status_of(s->pid, "CapEff:", 16) == caps,
	      "it keeps capabilities %#llx", (unsigned long long)status_of(s->pid, "CapPrm:", 16));
	check(!status_of(s->pid, "CapInh:", 16) && !status_of(s->pid, "CapAmb:", 16),
	      "programs that it starts get capabilities");
	check(status_of(s->pid, "NoNewPrivs:", 10) == 1, "programs that it starts may get some back");
}

static void monitor_keeps_only(u64 caps)
{
	struct sched s = sched_start("--monitor -i 0.05");

	last_report(&s);
	keeps_only(&s, caps);
	kill(s.pid, SIGTERM);
	check(sched_end(&s) == 0, "the monitor: %s", text(s.err));
}

SCX_TEST(capabilities, "CAP_BPF and CAP_PERFMON are enough, and are what it keeps")
{
	u64 kept = SCX_CAP(BPF) | SCX_CAP(PERFMON);
	bool userland = !strcmp(sched_name(), "scx_userland");
	struct sched s;
	int cap;

	runs_with(SCX_CAP(BPF) | SCX_CAP(PERFMON));
	runs_with(SCX_CAP(SYS_ADMIN));
	runs_with(~SCX_CAP(BPF));
	runs_with(~SCX_CAP(PERFMON));
	/* the first has told of all the others; it takes long to ask one by one */
	for (cap = 0; is_long() && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		runs_with(~(1ULL << cap));
	s = sched_load("");
	keeps_only(&s, userland ? kept | SCX_CAP(IPC_LOCK) : kept);
	if (userland)
		monitor_keeps_only(kept | SCX_CAP(SYS_ADMIN));
	sched_unload(&s);
}
