// SPDX-License-Identifier: GPL-2.0
/*
 * preflight - where no scheduler can be loaded, one is told why
 *
 * Promised: without sched_ext, BTF or sysfs, and without one of the capabilities that it needs, a
 * scheduler ends with status 2 and one line that says which of these it is. Since 6.12. What is
 * missing is hidden from it alone; selftests/host has a kernel without sched_ext, where there is
 * one, not_root and second_instance the other reasons.
 */
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "scx_test.h"

static void hide(const char *dir)
{
	check(!mount("none", dir, "tmpfs", 0, NULL), "cannot mount over %s: %s", dir, strerror(errno));
}

static void refused(const char *what)
{
	struct sched s = sched_start("");
	int status = sched_end(&s);

	check(status == 2, "status %d: %s", status, text(s.err));
	check_one_line(s.err, what);
	check(!text(s.out)[0], "on stdout: %s", text(s.out));
}

static int refused_without(void *arg)
{
	int cap = *(int *)arg;

	check(!prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) && !prctl(PR_CAPBSET_DROP, cap),
	      "cannot drop a capability");
	refused(cap == CAP_BPF ? "(CAP_BPF missing)" : "(CAP_PERFMON missing)");
	return 0;
}

/* What is dropped is gone for good: in a process of its own. */
static void without(int cap)
{
	pid_t pid = spawn(ANY_CPU, 0, SCHED_OTHER, refused_without, &cap);
	int status;

	check(waitpid(pid, &status, 0) == pid && !status, "capability %d missing", cap);
}

SCX_TEST(preflight, "no sched_ext, BTF, sysfs or capability: status 2, and which of these",
	 .any_kernel = true)
{
	check(!unshare(CLONE_NEWNS), "no mount namespace");
	check(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mounts are not private");

	without(CAP_BPF);
	without(CAP_PERFMON);
	hide("/sys/kernel/btf");
	refused("no BTF in /sys/kernel/btf/vmlinux");
	hide("/sys/kernel/sched_ext");
	refused("this kernel has no sched_ext");
	hide("/sys");
	refused("mount sysfs");
}
