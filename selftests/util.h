/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers for tests: verdicts, the kernel's state, the scheduler under test, load, meters.
 */
#ifndef __SCX_TEST_UTIL_H
#define __SCX_TEST_UTIL_H

#include <scx/common.h>
#include <sched.h>
#include <signal.h>
#include <sys/types.h>

#ifndef SCHED_EXT
#define SCHED_EXT	7
#endif

/* Exit statuses of kselftest. */
enum { KSFT_PASS = 0, KSFT_FAIL = 1, KSFT_SKIP = 4 };

/* SCX_SLICE_DFL, the same on every kernel. */
#define SLICE_NS	20000000ULL

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Verdicts. All of them may be called from anywhere in a test. */

/**
 * diag - say something about the test; shown if it fails
 * @fmt: printf format, without newline
 */
__attribute__((format(printf, 1, 2)))
void diag(const char *fmt, ...);

/**
 * fail - end the test: a promise is broken
 * @fmt: what was seen
 */
__attribute__((noreturn, format(printf, 1, 2)))
void fail(const char *fmt, ...);

/**
 * skip - end the test: this kernel has not what it is about
 * @fmt: what is missing
 */
__attribute__((noreturn, format(printf, 1, 2)))
void skip(const char *fmt, ...);

/**
 * check - a promise
 * @cond: holds if the promise is kept
 * @fmt: what is wrong if not, a printf format
 * @args: its arguments
 */
#define check(cond, fmt, args...)						\
do {										\
	if (!(cond))								\
		fail("%s:%d: " fmt, __FILE_NAME__, __LINE__, ##args);		\
} while (0)

/**
 * wait_for - wait until a condition holds
 * @cond: condition, looked at every few milliseconds
 * @what: what is waited for, for whoever reads that the time limit was reached
 */
#define wait_for(cond, what)							\
do {										\
	waiting_for = (what);							\
	while (!(cond))								\
		nap();								\
} while (0)

extern const char *volatile waiting_for;
extern const char *volatile seen_report;	/* what last_report() returned last */
void nap(void);

/**
 * wait_for_end - wait until a process has ended, without looking again and again
 * @pid: from spawn()
 * @what: what is waited for
 *
 * Its status has to be 0: what was measured of one that died is worth nothing.
 */
void wait_for_end(pid_t pid, const char *what);

u64 now_ns(void);

/* LONG=1 in the environment, as check-full has it, asks for the long form of tests that have one. */
bool is_long(void);

/* The kernel. */

/**
 * kernel_state - is sched_ext in this state?
 * @state: "enabled", "disabled", ...
 */
bool kernel_state(const char *state);

/**
 * write_file - write a line into a file of the kernel's
 * @path: file
 * @line: text
 *
 * Returns 0, or a negative errno.
 */
int write_file(const char *path, const char *line);

/**
 * set_for_test - the same until the test ends, however it does
 * @path: file; what is in its first line is written back then
 * @line: text
 *
 * Returns 0, or a negative errno.
 */
int set_for_test(const char *path, const char *line);

/* The runner's part of it: before the first test, and after each. */
void settings_prepare(void);
void settings_restore(void);

/*
 * Is the running kernel's BTF malformed, so that no scheduler can be loaded? BTF=sound or
 * BTF=malformed in the environment knows.
 */
bool btf_is_malformed(void);

/*
 * The CPUs that are online; the first of them, where the test itself runs; and the last, on which
 * tests crowd what they measure.
 */
int nr_cpus(void);
int first_cpu(void);
int last_cpu(void);

/* Ends the test as skipped on a machine with a single CPU. */
void need_two_cpus(void);

/*
 * Ends the test as skipped where CPUs have no siblings, or the kernel no core scheduling. Where they
 * have, the test itself gets a cookie of its own, and so shares its core with nobody else either.
 */
void need_core_scheduling(void);

/**
 * set_cpu_online - take a CPU offline, or back
 * @cpu: which
 * @online: where to
 *
 * Returns 0, or a negative errno.
 */
int set_cpu_online(int cpu, bool online);

/**
 * take_offline - take a CPU offline, until take_back()
 * @cpu: which
 *
 * The test fails if this goes wrong. Returns false if this kernel cannot do it.
 */
bool take_offline(int cpu);
void take_back(int cpu);

/* Have cgroups a weight, and limits, of CPU time on this kernel? They have from now on. */
bool has_cpu_controller(void);

/* The scheduler under test. */

/* The command that starts it, and the name it has in the kernel: the runner's --scheduler. */
extern char sched_command[256];
const char *sched_name(void);

/*
 * It keeps what the README promises of the suite's: options, words, exit status, its name. Not so with
 * the runner's --policy, where all that counts is the kernel's state and what tasks get done.
 */
extern bool sched_is_ours;

/**
 * struct sched - a scheduler that was started
 * @pid: its process
 * @out: a file with what it wrote to stdout
 * @err: a file with what it wrote to stderr
 * @seq: the kernel's enable_seq before the start
 */
struct sched {
	pid_t	pid;
	int	out;
	int	err;
	u64	seq;
};

/**
 * sched_start - start the scheduler under test
 * @args: its options, separated by blanks
 */
struct sched sched_start(const char *args);

/**
 * sched_start_to - start it with its stdout somewhere else
 * @out: file; not to be given to text() if it is no regular one
 * @args: its options, separated by blanks
 */
struct sched sched_start_to(int out, const char *args);

/**
 * sched_start_spoiled - start it where something is missing
 * @spoil: takes that away from its process, just before it becomes the scheduler
 * @arg: for @spoil
 * @args: its options, separated by blanks
 */
struct sched sched_start_spoiled(void (*spoil)(void *arg), void *arg, const char *args);

/* The files of a scheduler that has ended, in a test that starts many. */
void sched_close(struct sched *s);

/**
 * sched_ran - wait for the end of one that ends by itself if it can run
 * @s: scheduler, started with --count
 *
 * Returns whether it ran: status 0, and nothing on stderr (scx_userland may say that its memory is not
 * locked). If not it must have been refused, with status 2 and one line. In both cases sched_ext is then disabled.
 */
bool sched_ran(struct sched *s);

/**
 * sched_runs - is the scheduler enabled, and if it is one of ours, under its name?
 * @s: scheduler
 * @times: how often it was enabled, counting restarts
 *
 * Ends the test if its process has ended.
 */
bool sched_runs(struct sched *s, int times);

/**
 * sched_load - start the scheduler under test, and wait until it is enabled
 * @args: its options, separated by blanks
 */
struct sched sched_load(const char *args);

/**
 * sched_end - wait until a scheduler's process ends
 * @s: scheduler
 *
 * Returns its exit status; 128 and more is a signal.
 */
int sched_end(struct sched *s);

/**
 * sched_unload - ask a scheduler to end, and check that it does so as promised
 * @s: scheduler
 *
 * The kernel's own scheduler is then back in charge. One of ours ends with status 0 and a last line
 * that says so; nothing may have gone to stderr but lines with ": restarting" and "EXIT: " before them.
 */
void sched_unload(struct sched *s);

/**
 * sched_stayed - check that a scheduler is enabled, and was so all the time
 * @s: from sched_load()
 */
void sched_stayed(struct sched *s);

/**
 * text - what a file holds, from its beginning; valid until the next call with this file
 * @fd: file, such as sched.out
 *
 * Without the lines that say what a scheduler goes without here.
 */
const char *text(int fd);

/**
 * last_report - a scheduler's latest report, a line of counters; valid until the next call
 * @s: scheduler, started with a short interval, and without --json
 *
 * Waits for the first report.
 */
const char *last_report(const struct sched *s);

/**
 * counter_in - a counter
 * @line: a report
 * @name: of the counter; ends the test if there is none
 */
u64 counter_in(const char *line, const char *name);

/* A counter in the latest report. */
u64 counter(const struct sched *s, const char *name);

/**
 * count_lines - number of whole lines that contain a string
 * @fd: file
 * @what: string
 */
int count_lines(int fd, const char *what);

/**
 * check_one_line - check that a file holds one line
 * @fd: file
 * @what: which contains this
 */
void check_one_line(int fd, const char *what);

/**
 * find_map - a map of the scheduler that was loaded last
 * @name: its name
 * @info: what there is to know of it
 *
 * Returns a file.
 */
int find_map(const char *name, struct bpf_map_info *info);

/* All CPUs, for map_counter(). */
#define ALL_CPUS (-1)

/**
 * map_counter - one of the running scheduler's counters
 * @name: its name
 * @cpu: what this CPU has counted, or ALL_CPUS
 *
 * Reads the map, so that one need not wait for a report, and can tell CPUs apart.
 */
u64 map_counter(const char *name, int cpu);

/* The same of @nr counters that follow each other, from @name on, all at one moment. */
void map_counters(const char *name, int cpu, u64 *sums, int nr);

/* Load: processes that live until the test ends. */

#define ANY_CPU (-1)

/**
 * spawn - start a process
 * @cpu: where it may run: a CPU, or ANY_CPU
 * @nice: its nice value
 * @policy: SCHED_OTHER, SCHED_EXT, ...
 * @body: what it does; its result is the exit status
 * @arg: for @body
 */
pid_t spawn(int cpu, int nice, int policy, int (*body)(void *arg), void *arg);

/* A process that does nothing but use CPU time. */
pid_t hog(int cpu, int nice, int policy);

/* Use so much CPU time, in nanoseconds. */
void burn_for(u64 ns);

/* A process that sleeps, but for a moment every few milliseconds: see nap(). */
pid_t napper(void);

/* Body of a process that sleeps for a millisecond, again and again; counts in *@turns how often it woke up. */
int doze(void *turns);

/**
 * struct rhythm - of a real-time task
 * @work: for how long it uses its CPU each time, in us
 * @rest: for how long it sleeps before, in us
 */
struct rhythm {
	int	work;
	int	rest;
};

/* Body of a real-time task that keeps interrupting others. @rhythm: a struct rhythm. */
int now_and_then(void *rhythm);

/* A hog that shares its core with nobody else: it has a cookie of its own, see need_core_scheduling(). */
pid_t lone_hog(int nice);

/* End a process that was started by spawn(); or several, at once, since to die each has to run. */
void stop(pid_t pid);
void stop_all(const pid_t *pids, int nr);

/* Two hogs for each CPU, free to run on any; light ones, which leave a loader what it needs of a CPU. */
void load_all_cpus(void);

/**
 * all_go_on - wait until each of some tasks has got on
 * @pids: tasks
 * @nr: how many they are
 * @ns: how much CPU time each shall use from now on, in nanoseconds
 */
void all_go_on(const pid_t *pids, int nr, u64 ns);

/**
 * set_affinity - where a process may run
 * @pid: process; 0 is this one
 * @cpu: a CPU, or ANY_CPU
 *
 * Returns 0, or a negative errno.
 */
int set_affinity(pid_t pid, int cpu);

/**
 * set_policy - what kind of task a process is
 * @pid: process; 0 is this one
 * @policy: SCHED_OTHER, SCHED_EXT, ...; SCHED_FIFO has the lowest priority
 *
 * Returns 0, or a negative errno.
 */
int set_policy(pid_t pid, int policy);

/**
 * pin - where this process may run, or the test ends
 * @cpu: a CPU, or ANY_CPU
 */
void pin(int cpu);

/**
 * wake_up_beside_hog - let a task wake up often on the last CPU, where a hog runs
 * @times: how often
 * @good: is this a CPU for it to wake up on?
 *
 * Returns how often it woke up on one that is.
 */
int wake_up_beside_hog(int times, bool (*good)(int cpu));

/* Memory that is shared with processes started later, filled with zeroes. */
void *shared(size_t size);

/* Meters. */

/* The CPU time, in nanoseconds, that a process has used. */
u64 cpu_time(pid_t pid);

/* The time, in nanoseconds, that a CPU has been idle. */
u64 idle_time(int cpu);

/**
 * work - how much a hog has done
 * @pid: hog
 *
 * Fairer than CPU time where the machine is a virtual one: to be run late by the host looks like CPU
 * time, for hundreds of milliseconds at times, but nothing gets done in it.
 */
u64 work(pid_t pid);

/**
 * run_for - wait until tasks have run
 * @pids: tasks
 * @nr: how many they are
 * @total: how much CPU time they shall use together, in nanoseconds
 *
 * Returns how long it took, in nanoseconds.
 */
u64 run_for(const pid_t *pids, int nr, u64 total);

/**
 * check_shares - check that hogs get their shares of the work, within 10 %
 * @pids: hogs, which have one CPU together
 * @weights: what their shares are in proportion to
 * @nr: how many they are
 *
 * Shares that are not there yet may come near in the long run, five times as long: a virtual CPU may
 * lose much of a turn to its host, and that averages out.
 */
void check_shares(const pid_t *pids, const int *weights, int nr);

/**
 * task_cpu - the CPU that a task runs on, or ran on last
 * @pid: task
 */
int task_cpu(pid_t pid);

/* The number of times that a task got a CPU; 0 if the kernel does not tell. */
u64 task_turns(pid_t pid);

/**
 * on_scx - is a task of sched_ext?
 * @pid: task
 */
bool on_scx(pid_t pid);

#endif /* __SCX_TEST_UTIL_H */
