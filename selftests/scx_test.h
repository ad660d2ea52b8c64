/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test includes.
 *
 * A test is a file selftests/NAME.c whose head comment says what is promised and since which
 * kernel; the Makefile and the runner find it by themselves:
 *
 *	#include "scx_test.h"
 *
 *	SCX_TEST(lifecycle, "loads, reports, unloads")
 *	{
 *		struct sched s = sched_load("-i 0.05");
 *
 *		wait_for(count_lines(s.out, "=") > 0, "a report");
 *		sched_unload(&s);
 *	}
 *
 * It runs in a process of its own, so a helper that sees a promise broken just ends it, at any
 * depth, with check() or fail(). It waits as long as it takes; the runner's time limit ends a
 * test that has failed. What it leaves running is killed, and what it has set by set_for_test() is put
 * back. It is a real-time process, so that the scheduler under test cannot keep it from looking.
 *
 * Some tests hold for every scheduler whatever its policy, also for one that was written elsewhere:
 * those with .policy, which selftests/policy runs. They judge by the kernel's state and by what tasks
 * get done, start the scheduler without options, and leave its words and exit status to
 * sched_unload(), which knows whose scheduler it is.
 *
 * A test with a NAME.bpf.c beside it includes "NAME.bpf.skel.h".
 */
#ifndef __SCX_TEST_H
#define __SCX_TEST_H

#include "util.h"

/**
 * struct scx_test - a test
 * @name: its name, the file's as well
 * @promise: what it tests, in a line
 * @only: the schedulers of the suite that promise it, separated by blanks; NULL for all of them
 * @except: the schedulers of the suite that promise something else instead; NULL for none
 * @policy: it holds for every scheduler, whatever its policy
 * @claim: with @policy: only for those whose author claims this, a word; NULL for all of them
 * @any_kernel: it also runs where the kernel's BTF is malformed, so that nothing can be loaded
 * @run: the test
 * @next: the next one by name
 */
struct scx_test {
	const char	*name;
	const char	*promise;
	const char	*only;
	const char	*except;
	bool		policy;
	const char	*claim;
	bool		any_kernel;
	void		(*run)(void);
	struct scx_test	*next;
};

void scx_test_register(struct scx_test *test);

/**
 * SCX_TEST - define a test; its body follows
 * @_name: its name
 * @_promise: what it tests, in a line
 * @more: other members of struct scx_test, as .member = value
 */
#define SCX_TEST(_name, _promise, more...)					\
static void test_##_name(void);							\
static struct scx_test scx_test_##_name = {					\
	.name = #_name, .promise = (_promise), .run = test_##_name, ##more	\
};										\
__attribute__((constructor)) static void register_##_name(void)			\
{										\
	scx_test_register(&scx_test_##_name);					\
}										\
static void test_##_name(void)

#endif /* __SCX_TEST_H */
