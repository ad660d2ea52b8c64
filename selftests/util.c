// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for tests. See util.h.
 */
#include "util.h"
#include <ctype.h>
#include <time.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define CPU_SYSFS "/sys/devices/system/cpu/"

/* Of linux/prctl.h, and of its enum pid_type: headers older than 5.14 have neither. */
#ifndef PR_SCHED_CORE
#define PR_SCHED_CORE		62
#define PR_SCHED_CORE_CREATE	1
#endif
#define SCOPE_THREAD		0

const char *volatile waiting_for = "nothing";
const char *volatile seen_report = "none";
char sched_command[256] = "scx_simple";
bool sched_is_ours = true;

/* Not stdio: a process that is forked later must not inherit half a line. */
static void say(const char *fmt, va_list args)
{
	vdprintf(STDERR_FILENO, fmt, args);
	dprintf(STDERR_FILENO, "\n");
}

void diag(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
}

void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	_exit(KSFT_FAIL);
}

void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	_exit(KSFT_SKIP);
}

/*
 * Each look interrupts the first CPU. A scheduler that gives a new slice to whom a real-time task has
 * interrupted starves others if that comes sooner than a slice ends; to find that is rt_beside's part.
 */
void nap(void)
{
	const struct timespec ts = { .tv_nsec = sched_is_ours ? 5000000 : 5 * SLICE_NS / 2 };

	nanosleep(&ts, NULL);
}

void wait_for_end(pid_t pid, const char *what)
{
	int status = -1;

	waiting_for = what;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	check(!status, "waited for %s: wait status %#x", what, status);
}

u64 now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

bool kernel_state(const char *state)
{
	char buf[32];

	return scx_read_file(SCX_SYSFS "state", buf, sizeof(buf)) > 0 && !strcmp(buf, state);
}

bool is_long(void)
{
	const char *env = getenv("LONG");

	return env && !strcmp(env, "1");
}

int write_file(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, line, strlen(line)) < 0)
		err = -errno;
	close(fd);
	return err;
}

/* What a test has set, and what was there before; in memory shared with the runner, which outlives it. */
enum { MAX_SETTINGS = 8 };

static struct setting {
	char	path[80];
	char	before[80];
} *settings;

void settings_prepare(void)
{
	settings = shared(MAX_SETTINGS * sizeof(*settings));
}

int set_for_test(const char *path, const char *line)
{
	struct setting *s = settings;
	int len;

	while (s->path[0])
		s++;
	check(s < settings + MAX_SETTINGS - 1, "too many settings");
	len = scx_read_file(path, s->before, sizeof(s->before));
	if (len < 0)
		return len;
	snprintf(s->path, sizeof(s->path), "%s", path);
	return write_file(path, line);
}

/* The latest first: a file may have been set twice. */
void settings_restore(void)
{
	struct setting *s;

	for (s = settings + MAX_SETTINGS - 1; s >= settings; s--) {
		if (s->path[0])
			write_file(s->path, s->before);
		s->path[0] = '\0';
	}
}

bool btf_is_malformed(void)
{
	const char *known = getenv("BTF");
	char names[4096];
	struct btf *btf;
	bool malformed;

	if (known)
		return !strcmp(known, "malformed");
	btf = btf__load_vmlinux_btf();
	malformed = btf && scx_btf_malformed(btf, names, sizeof(names)) > 0;
	btf__free(btf);
	return malformed;
}

int nr_cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/* The first line of a list such as 0-3,5. */
static void cpus_online(char *list, size_t len)
{
	if (scx_read_file(CPU_SYSFS "online", list, len) <= 0)
		fail("cannot read " CPU_SYSFS "online");
}

int first_cpu(void)
{
	char list[256];

	cpus_online(list, sizeof(list));
	return atoi(list);
}

int last_cpu(void)
{
	char list[256], *last;

	cpus_online(list, sizeof(list));
	for (last = list + strlen(list); last > list && isdigit(last[-1]); last--)
		;
	return atoi(last);
}

void need_two_cpus(void)
{
	if (nr_cpus() < 2)
		skip("this machine has one CPU; two are needed");
}

/* Give this process a cookie that no other has. Returns 0, or a negative errno. */
static int take_core_cookie(void)
{
	return prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, SCOPE_THREAD, 0) ? -errno : 0;
}

void need_core_scheduling(void)
{
	char smt[8] = "0";
	int err;

	scx_read_file(CPU_SYSFS "smt/active", smt, sizeof(smt));
	if (atoi(smt) != 1)
		skip("no SMT");
	err = take_core_cookie();
	if (err == -EINVAL || err == -ENODEV)
		skip("this kernel has no core scheduling: CONFIG_SCHED_CORE");
}

int set_cpu_online(int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), CPU_SYSFS "cpu%d/online", cpu);
	return write_file(path, online ? "1" : "0");
}

bool take_offline(int cpu)
{
	int err = set_cpu_online(cpu, false);

	if (err == -ENOENT || err == -EPERM)
		return false;
	check(!err, "cannot take CPU %d offline: %s", cpu, strerror(-err));
	return true;
}

void take_back(int cpu)
{
	check(!set_cpu_online(cpu, true), "cannot take CPU %d back", cpu);
}

bool has_cpu_controller(void)
{
	int err = write_file("/sys/fs/cgroup/cgroup.subtree_control", "+cpu");

	if (err == -ENOENT || err == -EINVAL)
		return false;
	check(!err, "cannot enable the cpu controller: %s", strerror(-err));
	return true;
}

const char *sched_name(void)
{
	static char name[64];
	const char *word = sched_command;
	int len = strcspn(sched_command, " ");
	const char *slash = memrchr(sched_command, '/', len);

	if (slash)
		word = slash + 1;
	snprintf(name, sizeof(name), "%.*s", (int)(sched_command + len - word), word);
	return name;
}

struct start {
	struct sched	s;
	const char	*args;
	void		(*spoil)(void *arg);
	void		*arg;
};

/* In the child: become the scheduler. */
static int exec_sched(void *arg)
{
	const struct start *how = arg;
	const struct sched *s = &how->s;
	char words[512], *argv[32], *word;
	int nr = 0;

	snprintf(words, sizeof(words), "%s %s", sched_command, how->args);
	for (word = strtok(words, " "); word && nr < 31; word = strtok(NULL, " "))
		argv[nr++] = word;
	argv[nr] = NULL;
	dup2(s->out, STDOUT_FILENO);
	dup2(s->err, STDERR_FILENO);
	if (how->spoil)
		how->spoil(how->arg);
	execvp(argv[0], argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	return 127;
}

static struct sched start(int out, const char *args, void (*spoil)(void *arg), void *arg)
{
	struct start how = {
		.s = {
			.out = out,
			.err = memfd_create("stderr", MFD_CLOEXEC),
			.seq = scx_read_seq("enable_seq"),
		},
		.args = args,
		.spoil = spoil,
		.arg = arg,
	};

	how.s.pid = spawn(ANY_CPU, 0, SCHED_OTHER, exec_sched, &how);
	return how.s;
}

struct sched sched_start_to(int out, const char *args)
{
	return start(out, args, NULL, NULL);
}

struct sched sched_start_spoiled(void (*spoil)(void *arg), void *arg, const char *args)
{
	return start(memfd_create("stdout", MFD_CLOEXEC), args, spoil, arg);
}

struct sched sched_start(const char *args)
{
	return sched_start_spoiled(NULL, NULL, args);
}

bool sched_runs(struct sched *s, int times)
{
	char ops[64];
	int status;

	if (waitpid(s->pid, &status, WNOHANG) == s->pid)
		fail("the scheduler ended (wait status %#x): %s", status, text(s->err));
	if (!kernel_state("enabled") || scx_read_seq("enable_seq") < s->seq + times)
		return false;
	if (!sched_is_ours)
		return true;
	scx_read_file(SCX_SYSFS "root/ops", ops, sizeof(ops));
	check(!strcmp(ops, sched_name() + strlen("scx_")), "enabled as '%s'", ops);
	return true;
}

struct sched sched_load(const char *args)
{
	struct sched s = sched_start(args);

	wait_for(sched_runs(&s, 1), "the scheduler to be enabled");
	return s;
}

int sched_end(struct sched *s)
{
	int status;

	wait_for(waitpid(s->pid, &status, WNOHANG) == s->pid, "the scheduler's process to end");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void sched_close(struct sched *s)
{
	close(s->out);
	close(s->err);
}

bool sched_ran(struct sched *s)
{
	int status = sched_end(s);

	check(kernel_state("disabled"), "it has ended with status %d, yet sched_ext is not disabled",
	      status);
	if (status == 0) {
		check(count_lines(s->err, "") == count_lines(s->err, "cannot lock memory"),
		      "it ran, and on stderr there is: %s", text(s->err));
		return true;
	}
	check(status == 2, "status %d: %s", status, text(s->err));
	check_one_line(s->err, sched_name());
	check(!text(s->out)[0], "status 2, and on stdout: %s", text(s->out));
	check(scx_read_seq("enable_seq") == s->seq, "status 2, yet it was enabled");
	diag("%s", text(s->err));
	return false;
}

static void check_last_words(struct sched *s, int status)
{
	static const char last[] = "EXIT: unregistered from user space\n";
	const char *out;
	size_t len;

	check(status == 0, "asked to end, its status was %d: %s", status, text(s->err));
	out = text(s->out);
	len = strlen(out);
	check(len >= strlen(last) && !strcmp(out + len - strlen(last), last),
	      "its last words were not '%.*s' but: %s", (int)strlen(last) - 1, last, out);
	check(count_lines(s->err, "") == 2 * count_lines(s->err, ": restarting"),
	      "on stderr: %s", text(s->err));
	check(kernel_state("disabled"), "the scheduler has ended, yet sched_ext is not disabled");
}

/* Why it was ejected its loader will say in a moment, when it ends, which ends the test. */
static void must_run(struct sched *s)
{
	int i;

	for (i = 0; i < 400 && !sched_runs(s, 1); i++)
		nap();
	check(!i, "the scheduler is not enabled any more: %s", text(s->err));
}

void sched_unload(struct sched *s)
{
	int status;

	must_run(s);
	kill(s->pid, SIGTERM);
	status = sched_end(s);
	if (sched_is_ours)
		check_last_words(s, status);
	wait_for(kernel_state("disabled"), "the kernel to take over");
}

void sched_stayed(struct sched *s)
{
	u64 times = scx_read_seq("enable_seq") - s->seq;

	must_run(s);
	check(times == 1, "the scheduler was enabled %llu times", (unsigned long long)times);
}

/* Take out the lines that contain a string. */
static void drop_lines(char *buf, const char *what)
{
	char *at, *end;

	while ((at = strstr(buf, what)) && (end = strchr(at, '\n'))) {
		while (at > buf && at[-1] != '\n')
			at--;
		memmove(at, end + 1, strlen(end + 1) + 1);
	}
}

const char *text(int fd)
{
	static char bufs[64][1 << 19];
	char *buf = bufs[fd % 64];
	ssize_t n = pread(fd, buf, sizeof(bufs[0]) - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	drop_lines(buf, ": going without");
	return buf;
}

const char *last_report(const struct sched *s)
{
	static char buf[2048];
	const char *waiting = waiting_for;
	off_t size;
	ssize_t n;
	char *at;

	/* the last whole line, however many there are; so looking takes no time of the central CPU */
	wait_for((size = lseek(s->out, 0, SEEK_END)) > 0, "a report");
	waiting_for = waiting;
	n = pread(s->out, buf, sizeof(buf) - 1, size > 1500 ? size - 1500 : 0);
	check(n > 0, "cannot read the report");
	buf[n] = '\0';
	at = strrchr(buf, '\n');
	check(at, "no whole line: %s", buf);
	*at = '\0';
	at = strrchr(buf, '\n');
	return seen_report = at ? at + 1 : buf;
}

u64 counter_in(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *at = line;

	while (at && (strncmp(at, name, len) || at[len] != '=')) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	check(at, "the report has no %s: %s", name, line);
	return strtoull(at + len + 1, NULL, 10);
}

u64 counter(const struct sched *s, const char *name)
{
	return counter_in(last_report(s), name);
}

int count_lines(int fd, const char *what)
{
	const char *line = text(fd), *end;
	int nr = 0;

	for (; (end = strchr(line, '\n')); line = end + 1)
		nr += !!memmem(line, end - line, what, strlen(what));
	return nr;
}

void check_one_line(int fd, const char *what)
{
	check(count_lines(fd, "") == 1 && count_lines(fd, what) == 1,
	      "not one line with '%s': %s", what, text(fd));
}

/* A dying scheduler's maps may still be there. */
int find_map(const char *name, struct bpf_map_info *info)
{
	int fd = -1;
	u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info this = {};
		u32 len = sizeof(this);
		int next = bpf_map_get_fd_by_id(id);

		if (next < 0)
			continue;
		if (bpf_map_get_info_by_fd(next, &this, &len) || strcmp(this.name, name)) {
			close(next);
			continue;
		}
		if (fd >= 0)
			close(fd);
		fd = next;
		*info = this;
	}
	check(fd >= 0, "no map %s: is the scheduler loaded?", name);
	return fd;
}

/* Which counter of the struct is it? */
static int stat_index(const struct bpf_map_info *info, const char *name)
{
	struct btf *btf = btf__load_from_kernel_by_id(info->btf_id);
	const struct btf_type *t = btf ? btf__type_by_id(btf, info->btf_value_type_id) : NULL;
	int i, nr = t ? btf_vlen(t) : 0;

	for (i = 0; i < nr; i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			break;
	check(i < nr, "no counter '%s'", name);
	btf__free(btf);
	return i;
}

void map_counters(const char *name, int cpu, u64 *sums, int nr)
{
	struct bpf_map_info info = {};
	int i, k, fd = find_map("stats", &info), nr_vals = libbpf_num_possible_cpus();
	int size = info.value_size / sizeof(u64), first = stat_index(&info, name);
	u64 vals[nr_vals * size];
	u32 zero = 0;

	check(!bpf_map_lookup_elem(fd, &zero, vals), "cannot read the counters");
	close(fd);
	for (k = 0; k < nr; k++)
		for (sums[k] = 0, i = 0; i < nr_vals; i++)
			if (cpu == ALL_CPUS || cpu == i)
				sums[k] += vals[i * size + first + k];
}

u64 map_counter(const char *name, int cpu)
{
	u64 sum;

	map_counters(name, cpu, &sum, 1);
	return sum;
}

int set_affinity(pid_t pid, int cpu)
{
	cpu_set_t set;
	int i;

	CPU_ZERO(&set);
	for (i = 0; i < CPU_SETSIZE; i++)
		if (cpu == ANY_CPU || i == cpu)
			CPU_SET(i, &set);
	return sched_setaffinity(pid, sizeof(set), &set) ? -errno : 0;
}

int set_policy(pid_t pid, int policy)
{
	const struct sched_param param = { .sched_priority = policy == SCHED_FIFO };

	return sched_setscheduler(pid, policy, &param) ? -errno : 0;
}

void pin(int cpu)
{
	int err = set_affinity(0, cpu);

	if (err)
		fail("cannot run on CPU %d: %s", cpu, strerror(-err));
}

pid_t spawn(int cpu, int nice, int policy, int (*body)(void *arg), void *arg)
{
	pid_t pid;
	int fds[2];
	char c;

	if (pipe2(fds, O_CLOEXEC))
		fail("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		fail("fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGTERM, SIG_DFL);	/* the time limit is the test's own */
		signal(SIGHUP, SIG_DFL);	/* nohup(1) may have run us */
		close(fds[0]);
		pin(cpu);
		if (setpriority(PRIO_PROCESS, 0, nice) || set_policy(0, policy))
			fail("nice %d, policy %d: %s", nice, policy, strerror(errno));
		close(fds[1]);
		_exit(body(arg));
	}
	/* when this returns it has its CPU, its nice value and its policy */
	close(fds[1]);
	while (read(fds[0], &c, 1) < 0 && errno == EINTR)
		;
	close(fds[0]);
	return pid;
}

/* Hogs that were started, and their counters in shared memory, each in a cache line of its own. */
static struct {
	pid_t		pid;
	volatile u64	*work;
} hogs[256];

static int nr_hogs;

/*
 * For a few hundred instructions. Nothing is as cheap to emulate, so that tests with hogs end sooner on a
 * machine without KVM.
 */
static void use_cpu(void)
{
	asm volatile(".rept 256\n\tnop\n\t.endr");
}

static int burn(void *arg)
{
	volatile u64 *work = arg;

	for (;;) {
		use_cpu();
		++*work;
	}
	return 0;
}

static int burn_alone(void *arg)
{
	int err = take_core_cookie();

	return err ? -err : burn(arg);
}

static pid_t hog_of(int cpu, int nice, int policy, int (*body)(void *arg))
{
	static char *mem;

	if (!mem)
		mem = shared(ARRAY_SIZE(hogs) * 64);
	check(nr_hogs < (int)ARRAY_SIZE(hogs), "too many hogs");
	hogs[nr_hogs].work = (u64 *)(mem + nr_hogs * 64);
	hogs[nr_hogs].pid = spawn(cpu, nice, policy, body, (void *)hogs[nr_hogs].work);
	return hogs[nr_hogs++].pid;
}

pid_t hog(int cpu, int nice, int policy)
{
	return hog_of(cpu, nice, policy, burn);
}

pid_t lone_hog(int nice)
{
	return hog_of(ANY_CPU, nice, SCHED_OTHER, burn_alone);
}

void burn_for(u64 ns)
{
	u64 end = cpu_time(getpid()) + ns;

	while (cpu_time(getpid()) < end)
		use_cpu();
}

static int nap_on(void *arg __attribute__((unused)))
{
	for (;;)
		nap();
	return 0;
}

pid_t napper(void)
{
	return spawn(ANY_CPU, 0, SCHED_OTHER, nap_on, NULL);
}

int doze(void *turns)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	for (;; ++*(volatile u64 *)turns)
		nanosleep(&ms, NULL);
	return 0;
}

int now_and_then(void *rhythm)
{
	const struct rhythm *r = rhythm;
	const struct timespec rest = { .tv_nsec = r->rest * 1000 };

	if (set_policy(0, SCHED_FIFO))
		return 1;
	for (;;) {
		nanosleep(&rest, NULL);
		burn_for(r->work * 1000);
	}
	return 0;
}

u64 work(pid_t pid)
{
	int i;

	/* the latest: a PID may have been that of a hog before, which was stopped */
	for (i = nr_hogs - 1; i >= 0; i--)
		if (hogs[i].pid == pid)
			return *hogs[i].work;
	fail("process %d is no hog", pid);
}

void stop_all(const pid_t *pids, int nr)
{
	int i;

	waiting_for = "tasks that were killed to end";
	for (i = 0; i < nr; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < nr; i++)
		waitpid(pids[i], NULL, 0);
}

void stop(pid_t pid)
{
	stop_all(&pid, 1);
}

void load_all_cpus(void)
{
	int i;

	for (i = 0; i < 2 * nr_cpus(); i++)
		hog(ANY_CPU, 10, SCHED_OTHER);
}

void all_go_on(const pid_t *pids, int nr, u64 ns)
{
	u64 end[nr];
	int i;

	for (i = 0; i < nr; i++)
		end[i] = cpu_time(pids[i]) + ns;
	for (i = 0; i < nr; i++)
		wait_for(cpu_time(pids[i]) >= end[i], "every task to go on");
}

struct wakeups {
	int	times;
	bool	(*good)(int cpu);
	int	nr_good;
};

/* Again and again fall asleep on the hog's CPU, and look where it wakes up. */
static int wake_up(void *arg)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	struct wakeups *wakeups = arg;
	int i;

	for (i = 0; i < wakeups->times; i++) {
		pin(last_cpu());
		pin(ANY_CPU);
		nanosleep(&ms, NULL);
		wakeups->nr_good += wakeups->good(sched_getcpu());
	}
	return 0;
}

int wake_up_beside_hog(int times, bool (*good)(int cpu))
{
	struct wakeups *wakeups = shared(sizeof(*wakeups));

	wakeups->times = times;
	wakeups->good = good;
	hog(last_cpu(), 0, SCHED_OTHER);
	/* who is busy on another CPU, be it with looking, has it take the task */
	wait_for_end(spawn(ANY_CPU, 0, SCHED_OTHER, wake_up, wakeups), "a task to wake up often");
	return wakeups->nr_good;
}

void *shared(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		fail("no memory: %s", strerror(errno));
	return mem;
}

u64 cpu_time(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		fail("process %d is gone", pid);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

u64 idle_time(int cpu)
{
	unsigned long long ticks = 0, waiting = 0;
	char line[256], format[64];
	FILE *f = fopen("/proc/stat", "r");

	snprintf(format, sizeof(format), "cpu%d %%*u %%*u %%*u %%llu %%llu", cpu);
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &ticks, &waiting) == 2)
			break;
	if (f)
		fclose(f);
	return (ticks + waiting) * (1000000000ULL / sysconf(_SC_CLK_TCK));
}

static u64 sum_of(u64 (*value)(pid_t pid), const pid_t *pids, int nr)
{
	u64 sum = 0;

	while (nr--)
		sum += value(pids[nr]);
	return sum;
}

u64 run_for(const pid_t *pids, int nr, u64 total)
{
	u64 end = sum_of(cpu_time, pids, nr) + total, start = now_ns();

	wait_for(sum_of(cpu_time, pids, nr) >= end, "tasks to use CPU time");
	return now_ns() - start;
}

/* Is each task's share of the work since @start within 10 % of what is due? If not, @far is one. */
static bool shares_fit(const pid_t *pids, const int *weights, const u64 *start, int nr, int *far,
		       double *got, double *due)
{
	double all = 0, weight = 0;
	int i;

	for (i = 0; i < nr; i++) {
		all += work(pids[i]) - start[i];
		weight += weights[i];
	}
	for (i = 0; i < nr; i++) {
		*far = i;
		*got = (work(pids[i]) - start[i]) / all;
		*due = weights[i] / weight;
		if (*got < 0.9 * *due || *got > 1.1 * *due)
			return false;
	}
	return true;
}

void check_shares(const pid_t *pids, const int *weights, int nr)
{
	int i, round, sum = 0, least = weights[0], far;
	u64 start[nr];
	double got, due;

	for (i = 0; i < nr; i++) {
		sum += weights[i];
		if (weights[i] < least)
			least = weights[i];
	}
	/* who came late has yet to catch up */
	run_for(pids, nr, 4 * nr * SLICE_NS);
	for (i = 0; i < nr; i++)
		start[i] = work(pids[i]);
	for (round = 0; round < 5; round++) {
		/* some 40 slices for the lightest: one more or less is 2.5 % */
		run_for(pids, nr, 40 * SLICE_NS * sum / least);
		if (shares_fit(pids, weights, start, nr, &far, &got, &due))
			return;
	}
	fail("task %d of %d got %.1f %% of the CPU, not %.1f %%", far + 1, nr, 100 * got, 100 * due);
}

int task_cpu(pid_t pid)
{
	char path[64], line[512];
	const char *rest;
	int i;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	check(scx_read_file(path, line, sizeof(line)) > 0, "process %d is gone", pid);
	/* the name, in brackets, may hold anything; the 37th word after it is the CPU */
	rest = strrchr(line, ')');
	for (i = 0; rest && i < 37; i++)
		rest = strchr(rest + 1, ' ');
	check(rest, "cannot read %s", path);
	return atoi(rest);
}

u64 task_turns(pid_t pid)
{
	unsigned long long nr = 0;
	char path[64], line[128];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	if (scx_read_file(path, line, sizeof(line)) > 0)
		sscanf(line, "%*u %*u %llu", &nr);
	return nr;
}

bool on_scx(pid_t pid)
{
	char path[64], line[128];
	int val = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/sched", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "ext.enabled", 11))
			val = atoi(strchr(line, ':') + 1);
	if (f)
		fclose(f);
	if (val < 0)
		skip("this kernel has no ext.enabled in /proc/PID/sched: CONFIG_SCHED_DEBUG");
	return val;
}
