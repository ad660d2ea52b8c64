// SPDX-License-Identifier: GPL-2.0
/*
 * limits - a scheduler with little memory, few files and few processes
 *
 * Promised: whatever the limit is, it runs, or ends with status 2 and one line; nothing stays
 * attached, and tasks go on. Since 6.12. Where it cannot even say its version, since the C library does
 * not find what it needs, nothing is promised.
 */
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "scx_test.h"

static const char once[] = "-i 0.01 --count 1";

struct limit {
	int	resource;
	rlim_t	value;
};

static void set_limit(void *arg)
{
	const struct limit *l = arg;
	const struct rlimit limit = { l->value, l->value };

	check(!setrlimit(l->resource, &limit), "cannot set a limit: %s", strerror(errno));
}

static bool says_version(struct limit *l)
{
	struct sched s = sched_start_spoiled(set_limit, l, "-V");
	bool says = sched_end(&s) == 0;

	sched_close(&s);
	return says;
}

static bool runs_with(struct limit *l)
{
	struct sched s;
	bool ran;

	if (!says_version(l))
		return false;
	s = sched_start_spoiled(set_limit, l, once);
	diag("limit %d at %llu:", l->resource, (unsigned long long)l->value);
	ran = sched_ran(&s);
	sched_close(&s);
	return ran;
}

static void few_files(void)
{
	rlim_t nr;

	for (nr = 0; nr <= 20; nr++)
		check(!runs_with(&(struct limit){ RLIMIT_NOFILE, nr }), "%llu files, and it runs",
		      (unsigned long long)nr);
	check(runs_with(&(struct limit){ RLIMIT_NOFILE, SCX_NR_FILES }), "so many files are not enough");
}

/* In steps of a tenth, so that memory is short in many places */
static void little_memory(int resource)
{
	struct limit l = { resource, 1 << 20 };

	while (!runs_with(&l)) {
		check(l.value < 1 << 30, "it does not run with 1 GB of memory");
		l.value += l.value / 10;
	}
}

/* Not the user of that name, who may have processes. */
#define NOBODY 1234567890

/* Root may start as many processes as he wants, so be nobody, with the capabilities that it takes. */
static void be_nobody(void *arg)
{
	static const int caps[] = { CAP_BPF, CAP_PERFMON, CAP_DAC_READ_SEARCH };
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	unsigned int i;

	set_limit(arg);
	check(!prctl(PR_SET_KEEPCAPS, 1) && !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	      !setresuid(NOBODY, NOBODY, NOBODY), "cannot be nobody: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(caps); i++) {
		data[caps[i] / 32].permitted |= 1U << caps[i] % 32;
		data[caps[i] / 32].effective |= 1U << caps[i] % 32;
		data[caps[i] / 32].inheritable |= 1U << caps[i] % 32;
	}
	check(!syscall(SYS_capset, &header, data), "capset: %s", strerror(errno));
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		check(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[i], 0, 0), "ambient: %s",
		      strerror(errno));
}

/* Returns whether it runs as nobody, who has no more than this. */
static bool runs_as_nobody(int resource, rlim_t value)
{
	struct limit l = { resource, value };
	struct sched s = sched_start_spoiled(be_nobody, &l, once);
	bool ran;

	diag("nobody's limit %d at %llu:", resource, (unsigned long long)value);
	ran = sched_ran(&s);
	sched_close(&s);
	return ran;
}

SCX_TEST(limits, "any limit of files, memory, processes: it runs, or status 2 and a line")
{
	pid_t task = hog(ANY_CPU, 10, SCHED_OTHER);
	rlim_t kb;

	few_files();
	/* the address sanitizer reserves terabytes */
	if (!strstr(sched_command, "asan")) {
		little_memory(RLIMIT_AS);
		little_memory(RLIMIT_DATA);
		check(runs_with(&(struct limit){ RLIMIT_STACK, 128 << 10 }), "128 kB of stack");
	}
	for (kb = 0; kb <= 1 << 20; kb = kb ? kb * 4 : 64)
		check(runs_as_nobody(RLIMIT_MEMLOCK, kb << 10), "it does not run with %llu kB locked",
		      (unsigned long long)kb);
	runs_as_nobody(RLIMIT_NPROC, 1);
	check(runs_as_nobody(RLIMIT_NPROC, 2), "two processes are not enough");
	all_go_on(&task, 1, SLICE_NS);
}
