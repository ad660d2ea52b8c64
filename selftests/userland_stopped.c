// SPDX-License-Identifier: GPL-2.0
/*
 * userland_stopped - a stopped process schedules nothing, and nobody suffers
 *
 * Promised: with its process stopped under load for three times as long as the kernel's watchdog
 * waits, and more tasks coming than user space has room to hear of, scx_userland stays; every task
 * goes on and none waits from then on for more than the runnable tasks of a CPU plus two slices; a
 * CPU with nothing to do finds those who wait. When the process goes on, it decides again. So it is
 * if it is stopped while the machine is idle and tasks come only then. With LONG=1 in the
 * environment it is stopped for a minute. Since 6.12.
 */
#include "userland.h"

#define TIMEOUT_MS	(is_long() ? 20000 : 1000)
#define MAX_TASKS	64
#define PER_CPU		4
#define LATE_TIMES	4	/* kernel threads may wake the CPU now and then */
#define TURN_US		39000	/* a turn ends with a tick: this is 40 ms, be it at 250 or 1,000 Hz */

static void let_pass(u64 ns)
{
	u64 end = now_ns() + ns;

	wait_for(now_ns() > end, "time to pass");
}

/* Kernel threads have work to do for a while after boot, and take every other turn for that. */
static bool is_quiet(void)
{
	u64 idle = idle_time(first_cpu()) + idle_time(last_cpu()), start = now_ns();

	let_pass(200000000);
	idle = idle_time(first_cpu()) + idle_time(last_cpu()) - idle;
	return idle / 2 > (now_ns() - start) * 9 / 10;
}

static void decides_again(struct sched *s)
{
	u64 before = counter(s, "user_disp"), fallback;

	wait_for(counter(s, "user_disp") > before + 10, "user space to decide");
	fallback = counter(s, "fallback_disp");
	before = counter(s, "user_disp");
	wait_for(counter(s, "user_disp") > before + 50, "user space to decide");
	check(counter(s, "fallback_disp") - fallback < 25, "the kernel side still decides: %s",
	      text(s->out));
}

static void stopped_under_load(struct sched *s)
{
	int i, nr = PER_CPU * nr_cpus();
	struct wait_meter *waits = shared(nr * sizeof(*waits));
	pid_t pids[nr];

	for (i = 0; i < nr; i++)
		pids[i] = spawn(i % 4 ? ANY_CPU : last_cpu(), 0, SCHED_OTHER, meter_waits, &waits[i]);
	all_go_on(pids, nr, 2 * SLICE_NS);
	halt(s);
	for (i = 0; i < nr; i++)
		waits[i].since = now_ns();	/* before, it was the policy's will */
	let_pass(3 * TIMEOUT_MS * 1000000ULL);
	all_go_on(pids, nr, 1);
	for (i = 0; i < nr; i++) {
		diag("task %d waited for %llu ms", i, (unsigned long long)waits[i].longest / 1000000);
		check(waits[i].longest < (PER_CPU + 2) * TURN_US * 1000ULL, "that is too long");
	}
	sched_stayed(s);
	kill(s->pid, SIGCONT);
	decides_again(s);
	check(counter(s, "fallback_disp") > 2 * MAX_TASKS, "the kernel side ran %llu tasks only",
	      (unsigned long long)counter(s, "fallback_disp"));
	stop_all(pids, nr);
}

/* Waits for a byte, works for a while, sleeps for good. */
struct worker {
	int		fds[2];
	u64		work_ns;
	volatile u64	done;		/* when, in ns */
};

static int work_once(void *arg)
{
	struct worker *w = arg;
	char c;

	if (read(w->fds[0], &c, 1) != 1)
		return 1;
	burn_for(w->work_ns);
	w->done = now_ns();
	pause();
	return 0;
}

/*
 * The second one comes while the first one works, and waits. When the first one sleeps, the CPU
 * asks the process in vain, and has nothing to do: somebody has to wake it. Not this test, which stays
 * on another CPU.
 */
static void idle_before_late(struct sched *s)
{
	struct worker *w = shared(2 * sizeof(*w));
	pid_t pids[2];
	u64 apart;
	int i;

	pin(first_cpu());
	for (i = 0; i < 2; i++) {
		check(!pipe(w[i].fds), "pipe: %s", strerror(errno));
		w[i].work_ns = SLICE_NS / 2;
		pids[i] = spawn(last_cpu(), 0, SCHED_OTHER, work_once, &w[i]);
	}
	let_pass(2 * SLICE_NS);
	halt(s);
	for (i = 0; i < 2; i++) {
		check(write(w[i].fds[1], "x", 1) == 1, "write: %s", strerror(errno));
		nap();
	}
	for (i = 0; i < 2; i++)
		wait_for(w[i].done, "a task that nobody decides on");
	apart = llabs((long long)(w[1].done - w[0].done));
	diag("one was done %llu ms after the other", (unsigned long long)apart / 1000000);
	check(apart < 5 * SLICE_NS, "that is too late");
	sched_stayed(s);
	kill(s->pid, SIGCONT);
	stop_all(pids, 2);
	pin(ANY_CPU);
}

static void stopped_while_idle(struct sched *s)
{
	u64 fallbacks = counter(s, "fallbacks");
	int i, nr = 2 * nr_cpus();
	pid_t pids[nr];

	halt(s);
	let_pass(TIMEOUT_MS * 1000000ULL / 4);
	for (i = 0; i < nr; i++)
		pids[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	all_go_on(pids, nr, 5 * SLICE_NS);
	sched_stayed(s);
	kill(s->pid, SIGCONT);
	decides_again(s);
	check(counter(s, "fallbacks") > fallbacks, "nobody noticed: %s", text(s->out));
	stop_all(pids, nr);
}

SCX_TEST(userland_stopped, "its process stopped: everybody goes on, nobody waits long",
	 .only = "scx_userland")
{
	struct sched s;
	char args[64];
	int i;

	snprintf(args, sizeof(args), "-i 0.2 --timeout-ms %d --max-tasks %d -s %d", TIMEOUT_MS, MAX_TASKS,
		 TURN_US);
	wait_for(is_quiet(), "the kernel to be done with its boot");
	s = sched_load(args);
	for (i = 0; i < LATE_TIMES; i++)
		idle_before_late(&s);
	stopped_under_load(&s);
	stopped_while_idle(&s);
	sched_unload(&s);
}
