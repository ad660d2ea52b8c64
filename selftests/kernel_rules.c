// SPDX-License-Identifier: GPL-2.0
/*
 * kernel_rules - what the schedulers rely on, and the headers say, of the kernel's queues and slices
 *
 * Promised: a queue hands out its tasks in the order in which they came, the reverse with SCX_ENQ_HEAD,
 * by vtime also where that wraps around; an iterator shows that order, and the reverse, and a peek
 * who is first. What is moved to a CPU with SCX_ENQ_HEAD, where the kernel heeds that, is before who was
 * moved earlier. A waiting task whose nice value changes comes anew, with the weight that
 * ops.set_weight was told. Who is given a slice in ops.dispatch runs on for as long as that is, though
 * others wait. A kick leaves a task alone that has a slice; SCX_KICK_PREEMPT ends that, and who waits is
 * next. SCX_KICK_IDLE wakes an idle CPU. A scheduler that makes a mistake of which the headers say so is
 * ejected, and told why. One that was opened before a CPU came or went ends with the kernel's wish for a
 * restart. Since 6.12.
 */
#include <sys/resource.h>
#include "scx_test.h"
#include "kernel_rules.h"
#include "kernel_rules.bpf.skel.h"

static struct kernel_rules *skel;
static struct bpf_link *link_;

/* With -p's flag, so that there is nobody but the test's own. */
static void open_it(void)
{
	skel = SCX_OPS_OPEN(rules_ops, kernel_rules);
}

static void load_it(void)
{
	SCX_OPS_LOAD(skel, rules_ops, kernel_rules, uei);
	skel->bss->nr_asleep = NR_TASKS;	/* as they are */
	link_ = SCX_OPS_ATTACH(skel, rules_ops, kernel_rules);
}

static void unload(void)
{
	const struct user_exit_info *uei = &skel->data->uei;

	bpf_link__destroy(link_);
	check(uei->kind == SCX_EXIT_UNREG, "ended by %s (%s)", uei->reason, uei->msg);
	kernel_rules__destroy(skel);
}

static void call(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	check(!bpf_prog_test_run_opts(bpf_program__fd(prog), &opts), "cannot run a program");
}

static void kick(u64 flags)
{
	skel->bss->kicked = last_cpu();
	skel->bss->kick_flags = flags;
	call(skel->progs.kick);
}

#define KICK_IDLE	1ULL
#define KICK_PREEMPT	2ULL

/* Waits for a byte, again and again. */
struct waiter {
	pid_t	pid;
	int	fds[2];
};

static struct waiter waiters[NR_TASKS];

static int wait_for_bytes(void *arg)
{
	struct waiter *w = arg;
	char c;

	while (read(w->fds[0], &c, 1) == 1)
		;
	return 1;
}

static bool sleeps(pid_t pid)
{
	char path[64], line[128], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return scx_read_file(path, line, sizeof(line)) > 0 &&
	       sscanf(line, "%*d (%*[^)]) %c", &state) == 1 && state == 'S';
}

/* Before the scheduler is loaded: who is forked later would hold its link as well. */
static void start_waiters(void)
{
	int i;

	for (i = 0; i < NR_TASKS; i++) {
		check(!pipe(waiters[i].fds), "pipe: %s", strerror(errno));
		waiters[i].pid = spawn(last_cpu(), 0, SCHED_EXT, wait_for_bytes, &waiters[i]);
	}
	for (i = 0; i < NR_TASKS; i++)
		wait_for(sleeps(waiters[i].pid), "all to fall asleep");
	nap();
}

static void wake(int i)
{
	check(write(waiters[i].fds[1], "x", 1) == 1, "write: %s", strerror(errno));
}

static void check_list(const char *what, const int *list, int nr, const int *order, bool backwards)
{
	int i;

	check(nr == NR_TASKS, "%s: %d tasks, not %d", what, nr, NR_TASKS);
	for (i = 0; i < nr; i++) {
		int due = waiters[order[backwards ? nr - 1 - i : i]].pid;

		check(list[i] == due, "%s: number %d is %d, not %d", what, i, list[i], due);
	}
}

static void check_queue(const char *what, const int *order)
{
	diag("%s:", what);
	call(skel->progs.look);
	check_list("a walk", skel->bss->forward, skel->bss->nr_forward, order, false);
	check_list("a walk back", skel->bss->backward, skel->bss->nr_backward, order, true);
	check(skel->bss->first == waiters[order[0]].pid, "a peek sees %d", skel->bss->first);
	check(skel->bss->nr_queued == NR_TASKS, "%d are queued", skel->bss->nr_queued);
}

/* All wake up, one after the other, and wait. */
static void all_come(enum way way)
{
	int i;

	wait_for(skel->bss->nr_asleep == NR_TASKS, "all to fall asleep");
	skel->bss->way = way;
	skel->bss->held = true;
	skel->bss->nr_came = 0;
	for (i = 0; i < NR_TASKS; i++) {
		wake(i);
		wait_for((int)skel->bss->nr_came == i + 1, "a task to come");
	}
}

/* The CPU is idle, and looks at the queue when it is woken; they run in this order, a slice each. */
static void all_run(const int *order)
{
	skel->bss->nr_ran = 0;
	skel->bss->held = false;
	kick(KICK_IDLE);
	wait_for(skel->bss->nr_ran >= NR_TASKS, "all to run, with the slice they were given");
	check_list("running", skel->bss->ran, NR_TASKS, order, false);
}

static void check_order(void)
{
	static const int as_they_came[] = { 0, 1, 2, 3, 4, 5 }, reverse[] = { 5, 4, 3, 2, 1, 0 };
	static const int by_vtime[] = { 3, 1, 5, 0, 2, 4 }, after_a_change[] = { 1, 2, 3, 4, 5, 0 };
	static const int in_pairs[] = { 1, 0, 3, 2, 5, 4 };
	static const s64 vtimes[] = { 5, -10, 7, -20, 9, 3 };	/* 2^64 - 10 is before 5 */

	memcpy(skel->bss->vtimes, vtimes, sizeof(vtimes));
	all_come(AT_TAIL);
	check_queue("first come, first served", as_they_came);
	check(!setpriority(PRIO_PROCESS, waiters[0].pid, 5), "cannot renice a task");
	wait_for(skel->bss->nr_came == NR_TASKS + 1, "a task that has changed to come anew");
	check(!skel->bss->nr_wrong_weight, "the weight is not what ops.set_weight was told");
	check_queue("one has come anew", after_a_change);
	all_run(after_a_change);
	check(!setpriority(PRIO_PROCESS, waiters[0].pid, 0), "cannot renice a task");

	all_come(AT_HEAD);
	check_queue("SCX_ENQ_HEAD", reverse);
	all_run(reverse);
	all_come(PAIRWISE);
	check(skel->bss->heeds_flags == __COMPAT_has_ksym("scx_bpf_dsq_move_to_local___v2"),
	      "are flags heeded? The headers say %s", skel->bss->heeds_flags ? "yes" : "no");
	all_run(skel->bss->heeds_flags ? in_pairs : as_they_came);
	all_come(BY_VTIME);
	check_queue("by vtime", by_vtime);
	all_run(by_vtime);
	wait_for(skel->bss->nr_asleep == NR_TASKS, "all to fall asleep");
}

/* Of two hogs the one that runs is given slice after slice, while the other one waits. */
static void check_keeping(void)
{
	u64 used, slices;
	pid_t pids[2];
	int i;

	skel->bss->way = AT_TAIL;
	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_EXT);
	all_go_on(pids, 2, SLICE_NS);
	used = cpu_time(pids[0]) + cpu_time(pids[1]);
	skel->bss->keeping = true;
	wait_for(skel->bss->nr_kept > 30, "a hog to be kept");
	skel->bss->keeping = false;
	slices = skel->bss->nr_kept;
	used = cpu_time(pids[0]) + cpu_time(pids[1]) - used;
	/* who is given none is kept as well, by the kernel, and for a slice of its own */
	check(used / slices < SLICE_NS * 3 / 4, "slices as long as the kernel's own: %llu us",
	      (unsigned long long)(used / slices / 1000));
	/* a task of another class may come at that moment, now and then */
	check(skel->bss->nr_cut < 10, "of %llu slices, %llu were not begun",
	      (unsigned long long)skel->bss->nr_kept, (unsigned long long)skel->bss->nr_cut);
	all_go_on(pids, 2, SLICE_NS);
	for (i = 0; i < 2; i++)
		stop(pids[i]);
}

/* One in the queue, the other one with the CPU for good; who came last may have to make room. */
static bool one_waits(void)
{
	int runs = skel->bss->endless_pid;

	call(skel->progs.look);
	if (runs && !skel->bss->nr_queued)
		kick(KICK_PREEMPT);
	return runs && skel->bss->nr_queued == 1 && skel->bss->first != runs;
}

static void check_kicks(void)
{
	pid_t pids[2], runs, waits;
	u64 used;
	int i;

	skel->bss->way = ENDLESS;
	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), 0, SCHED_EXT);
	wait_for(one_waits(), "one of two hogs to wait");
	waits = skel->bss->first;
	runs = waits == pids[0] ? pids[1] : pids[0];
	used = cpu_time(waits);
	for (i = 0; i < 20; i++) {
		kick(i % 2 ? KICK_IDLE : 0);
		all_go_on(&runs, 1, SLICE_NS / 10);
	}
	check(cpu_time(waits) == used, "a kick has cost a task its slice");
	kick(KICK_PREEMPT);
	all_go_on(&waits, 1, SLICE_NS);
	for (i = 0; i < 2; i++)
		stop(pids[i]);
}

/* Two wake up; from then on the CPU calls ops.dispatch as well. */
static void check_mistake(enum mistake mistake, const char *name, const char *says)
{
	const struct user_exit_info *uei;
	int i;

	diag("%s:", name);
	open_it();
	load_it();
	uei = &skel->data->uei;
	skel->bss->asleep_pid = waiters[NR_TASKS - 1].pid;
	skel->bss->held = true;
	skel->bss->mistake = mistake;
	for (i = 0; i < 2; i++)
		wake(i);
	kick(0);
	wait_for(UEI_EXITED(skel, uei), "the scheduler to be ejected");
	bpf_link__destroy(link_);
	for (i = 0; i < NR_TASKS; i++)
		wait_for(sleeps(waiters[i].pid), "all to fall asleep");
	nap();
	check(uei->kind == SCX_EXIT_ERROR && strstr(uei->msg, says), "ended by %s (%s)", uei->reason,
	      uei->msg);
	check(skel->bss->saw_nobody == (mistake == MISTAKE_no_cpu), "a CPU that is not there");
	kernel_rules__destroy(skel);
}

/* What would be missed otherwise: it is loaded for CPUs that are no longer the same. */
static void check_hotplug_between(void)
{
	const struct user_exit_info *uei;
	int cpu = last_cpu();

	open_it();
	if (!take_offline(cpu)) {
		diag("this kernel cannot take CPUs offline");
		kernel_rules__destroy(skel);
		return;
	}
	load_it();
	uei = &skel->data->uei;
	wait_for(UEI_EXITED(skel, uei), "the scheduler to be refused");
	check(UEI_ECODE_RESTART(uei->exit_code) &&
	      UEI_ECODE_SYS_RSN(uei->exit_code) == SCX_ECODE_RSN_HOTPLUG,
	      "exit code 0x%llx: %s (%s)", (unsigned long long)uei->exit_code, uei->reason, uei->msg);
	bpf_link__destroy(link_);
	kernel_rules__destroy(skel);
	take_back(cpu);
}

/* It brings its own scheduler, so once is enough. */
SCX_TEST(kernel_rules, "the kernel's queues, slices and kicks are as the headers say",
	 .only = "scx_simple")
{
	need_two_cpus();
	start_waiters();
	open_it();
	load_it();
	check_order();
	check_keeping();
	check_kicks();
	unload();
#define X(name, says) check_mistake(MISTAKE_##name, #name, says),
	MISTAKES(X) (void)0;
#undef X
	check_hotplug_between();
}
