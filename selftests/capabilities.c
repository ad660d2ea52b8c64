// SPDX-License-Identifier: GPL-2.0
/*
 * capabilities - a loader that runs may do no more than it must
 *
 * Promised: root starts it, and what it keeps is CAP_BPF and CAP_PERFMON, to start its scheduler anew,
 * and for scx_userland CAP_IPC_LOCK, which keeps its memory locked; it cannot get others back by
 * starting a program. With these alone it loads and runs as well. Since 6.12.
 */
#include <linux/capability.h>
#include <sys/prctl.h>
#include "scx_test.h"

/* A number from /proc/PID/status. */
static u64 status_of(pid_t pid, const char *field, int base)
{
	char path[64], line[128];
	u64 value = 0;
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	check(f, "%s: %s", path, strerror(errno));
	while (!found && fgets(line, sizeof(line), f)) {
		found = !strncmp(line, field, strlen(field)) && line[strlen(field)] == ':';
		if (found)
			value = strtoull(line + strlen(field) + 1, NULL, base);
	}
	fclose(f);
	check(found, "no %s in %s", field, path);
	return value;
}

static void has_only(pid_t pid, u64 caps)
{
	static const char * const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(sets); i++) {
		u64 has = status_of(pid, sets[i], 16), may = i == 1 || i == 2 ? caps : 0;

		check(has == may, "%s is %#llx, not %#llx", sets[i], (unsigned long long)has,
		      (unsigned long long)may);
	}
	check(status_of(pid, "NoNewPrivs", 10) == 1, "a program may get capabilities back");
}

SCX_TEST(capabilities, "a loader keeps the capabilities it takes, and loads with no others")
{
	u64 caps = SCX_CAP(BPF) | SCX_CAP(PERFMON);
	struct sched s;
	int i;

	if (!strcmp(sched_name(), "scx_userland"))
		caps |= SCX_CAP(IPC_LOCK);
	s = sched_load("-i 0.05");
	has_only(s.pid, caps);
	sched_unload(&s);

	for (i = 0; prctl(PR_CAPBSET_READ, i) >= 0; i++)
		check(caps & 1ULL << i || !prctl(PR_CAPBSET_DROP, i), "cannot drop capability %d", i);
	s = sched_load("-i 0.05");
	has_only(s.pid, caps);
	wait_for(count_lines(s.out, "=") > 0, "a report");
	sched_unload(&s);
}
