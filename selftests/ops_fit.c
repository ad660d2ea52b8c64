// SPDX-License-Identifier: GPL-2.0
/*
 * ops_fit - what becomes of ops flags that the running kernel does not know
 *
 * Promised: those that a scheduler can do without are cleared, and named unless the kernel behaves as if
 * they were set; those that it cannot do without, and what no kernel knows, end it with status 2 and
 * a line that names them. All others stay. So does a member that a scheduler requires, and that the
 * kernel does not have. Since 6.12.
 */
#include "scx_test.h"
#include <sys/wait.h>

static bool is_known(const struct scx_ops_flag *f)
{
	u64 val;

	return __COMPAT_read_enum("scx_ops_flags", f->name, &val);
}

static void one_flag(const struct scx_ops_flag *f)
{
	u64 flags = f->flag | SCX_OPS_ENQ_LAST;
	char list[64] = "";

	scx_ops_clear_flags(&flags, list, sizeof(list));
	check(flags & SCX_OPS_ENQ_LAST, "%s cost another flag", f->name);
	check(!!(flags & f->flag) == is_known(f), "%s: the kernel %s it", f->name,
	      is_known(f) ? "knows" : "does not know");
	if (is_known(f) || f->missing == SCX_FLAG_DROP)
		check(!list[0], "'%s' for %s", list, f->name);
	else
		check(!strcmp(list, f->name), "'%s' for %s", list, f->name);
}

static int require(void *flag)
{
	scx_ops_require_flag(flag);
	return 0;
}

static int pass_on(void *flags)
{
	char list[64] = "";

	scx_ops_clear_flags(flags, list, sizeof(list));
	return 0;
}

static int require_old_member(void *arg __attribute__((unused)))
{
	SCX_OPS_REQUIRE(dispatch);
	return 0;
}

static int require_new_member(void *arg __attribute__((unused)))
{
	SCX_OPS_REQUIRE(cgroup_set_idle);
	return 0;
}

/* What a process that runs @fn says on stderr; it ends with @status. */
static const char *said_by(int (*fn)(void *), void *arg, int status)
{
	static char line[256];
	int fds[2], wstatus;
	pid_t pid;
	ssize_t n;

	check(!pipe(fds), "no pipe");
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		exit(fn(arg));
	}
	close(fds[1]);
	n = read(fds[0], line, sizeof(line) - 1);
	line[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	check(waitpid(pid, &wstatus, 0) == pid && WIFEXITED(wstatus) && WEXITSTATUS(wstatus) == status,
	      "status 0x%x, not %d: %s", wstatus, status, line);
	return line;
}

/* It tests what is linked into every loader, so once is enough. */
SCX_TEST(ops_fit, "flags that the kernel does not know are left out, or refused", .only = "scx_simple")
{
	u64 nobodys = 1ULL << 40 | SCX_OPS_ENQ_LAST;
	bool has_new = __COMPAT_struct_has_field("sched_ext_ops", "cgroup_set_idle");
	size_t i;

	check(!*said_by(require_old_member, NULL, 0), "ops.dispatch is there");
	check(!!strstr(said_by(require_new_member, NULL, has_new ? 0 : 2), "no ops.cgroup_set_idle") ==
	      !has_new, "ops.cgroup_set_idle, which is%s there", has_new ? "" : " not");
	for (i = 0; i < ARRAY_SIZE(scx_ops_flags); i++) {
		const struct scx_ops_flag *f = &scx_ops_flags[i];
		const char *line = said_by(require, (void *)f->name, is_known(f) ? 0 : 2);

		one_flag(f);
		check(is_known(f) ? !*line : !!strstr(line, f->name), "%s: '%s'", f->name, line);
	}
	check(strstr(said_by(pass_on, &nobodys, 2), "0x10000000000"), "a flag that nobody knows");
}
