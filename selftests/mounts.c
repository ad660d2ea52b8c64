// SPDX-License-Identifier: GPL-2.0
/*
 * mounts - bpffs, tracefs and debugfs are not needed
 *
 * Promised: a scheduler runs where they are not mounted, and where nothing can be written to them.
 * Where /proc is not mounted it runs, or ends with status 2 and one line. Since 6.12.
 */
#include <sys/mount.h>
#include "scx_test.h"

static const struct {
	const char *type, *dir;
} fs[] = {
	{ "bpf", "/sys/fs/bpf" },
	{ "tracefs", "/sys/kernel/tracing" },
	{ "debugfs", "/sys/kernel/debug" },
};

static bool runs(void)
{
	bool prints = !strcmp(sched_name(), "scx_qmap");
	struct sched s = sched_start(prints ? "-M -i 0.01 --count 2" : "-i 0.01 --count 2");

	return sched_ran(&s);
}

SCX_TEST(mounts, "without bpffs, tracefs and debugfs, or when they are read-only: it runs")
{
	unsigned int i;

	check(!unshare(CLONE_NEWNS), "no mount namespace");
	check(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mounts are not private");
	for (i = 0; i < ARRAY_SIZE(fs); i++)
		while (!umount2(fs[i].dir, MNT_DETACH))
			;
	check(runs(), "where they are not mounted it does not run");
	for (i = 0; i < ARRAY_SIZE(fs); i++)
		check(!mount("none", fs[i].dir, fs[i].type, MS_RDONLY, NULL) || errno == ENODEV ||
		      errno == ENOENT, "cannot mount %s: %s", fs[i].type, strerror(errno));
	check(runs(), "where they are read-only it does not run");
	check(!mount("none", "/proc", "tmpfs", 0, NULL), "cannot hide /proc: %s", strerror(errno));
	runs();
}
