// SPDX-License-Identifier: GPL-2.0
/*
 * runner - runs the tests on the running kernel, as root
 *
 * Each test gets a process group of its own, a time limit, and a kernel with no scheduler loaded
 * and all CPUs online; it fails if it does not leave the kernel like that. The result is KTAP on
 * stdout, closed by a line "N passed, N failed, N skipped", and kselftest's exit status.
 */
#include "scx_test.h"
#include <dirent.h>
#include <fnmatch.h>
#include <getopt.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define CPUS_ONLINE "/sys/devices/system/cpu/online"
#define AUTOGROUP "/proc/sys/kernel/sched_autogroup_enabled"

/* All tests by name, linked in by SCX_TEST(). */
static struct scx_test *tests;

static bool policy_only;
static const char *claims[8];
static int nr_claims;

static int limit_sec;
static int repeats = 1;
static bool stop_at_failure;
static FILE *json;
static const char *log_path;

static char kernel[128];
static char cpus_at_start[256];
static bool malformed;

static int passed, failed, skipped;

void scx_test_register(struct scx_test *test)
{
	struct scx_test **p = &tests;

	while (*p && strcmp((*p)->name, test->name) < 0)
		p = &(*p)->next;
	test->next = *p;
	*p = test;
}

static const char *verdict_word(int verdict)
{
	return verdict == KSFT_PASS ? "pass" : verdict == KSFT_SKIP ? "skip" : "fail";
}

/* One test, in its own process */

static void on_limit(int sig __attribute__((unused)))
{
	fail("time limit reached while waiting for: %s (last report: %s)", waiting_for, seen_report);
}

__attribute__((noreturn))
static void be_test(const struct scx_test *test, int out)
{
	sigset_t none;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	signal(SIGTERM, on_limit);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	err = set_policy(0, SCHED_FIFO);
	if (err)
		fail("cannot become a real-time process: %s", strerror(-err));
	/*
	 * A real-time process that looks at things every few milliseconds has its CPU choose a
	 * task anew as often, and can hide what a scheduler does wrong.
	 */
	pin(first_cpu());
	/*
	 * Up to 6.19 the fair class may favour an autogroup with hogs for a minute: a scheduler's process
	 * that ends has left the autogroup, and waits for so long, though sched_ext is disabled.
	 */
	if (atoi(kernel) < 7)
		set_for_test(AUTOGROUP, "0");
	if (malformed && !test->any_kernel)
		skip("this kernel's BTF is malformed, no scheduler can be loaded");
	test->run();
	_exit(KSFT_PASS);
}

/*
 * Wait for a process; past the time limit ask it what it was waiting for, then kill it. Returns
 * its wait status. SIGCHLD is blocked, and pending if it came before we wait for it.
 */
static int wait_with_limit(pid_t pid)
{
	const struct timespec tick = { .tv_nsec = 100000000 };
	u64 limit = now_ns() + limit_sec * 1000000000ULL;
	int status, sig = SIGTERM;
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	while (waitpid(pid, &status, WNOHANG) != pid) {
		if (now_ns() > limit) {
			kill(pid, sig);
			sig = SIGKILL;
			limit = now_ns() + 5000000000ULL;
		}
		sigtimedwait(&chld, NULL, &tick);
	}
	return status;
}

/* Our children: orphans of the test as well, see get_ready(). One that escapes becomes one. */
static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *d;

	while (proc && (d = readdir(proc))) {
		char path[300], stat[128];
		int ppid;

		snprintf(path, sizeof(path), "/proc/%s/stat", d->d_name);
		if (atoi(d->d_name) > 0 && scx_read_file(path, stat, sizeof(stat)) > 0 &&
		    sscanf(stat, "%*d (%*[^)]) %*c %d", &ppid) == 1 && ppid == getpid())
			kill(atoi(d->d_name), SIGKILL);
	}
	if (proc)
		closedir(proc);
}

/* Wait until what a test left is gone, and the kernel is back to normal, or a minute is over. */
static bool all_normal(void)
{
	const u64 limit = now_ns() + 60000000000ULL;

	while (waitpid(-1, NULL, WNOHANG) >= 0 || !kernel_state("disabled")) {
		if (now_ns() > limit)
			return false;
		kill_children();
		nap();
	}
	return true;
}

/* Kill what a test left running, and see that the kernel is as it was. */
static bool clean_up(pid_t group, const char *name)
{
	char cpus[256];
	int cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	bool ok = true;

	kill(-group, SIGKILL);
	if (!all_normal()) {
		diag("a minute later sched_ext is not disabled, or a process is not gone");
		write_file("/proc/sysrq-trigger", "S");
		ok = false;
		if (!all_normal()) {
			printf("Bail out! %s left the kernel in a state that does not end\n", name);
			exit(KSFT_FAIL);
		}
	}
	settings_restore();
	scx_read_file(CPUS_ONLINE, cpus, sizeof(cpus));
	if (!strcmp(cpus, cpus_at_start))
		return ok;
	diag("it left only these CPUs online: %s", cpus);
	for (cpu = 0; cpu < nr; cpu++)
		set_cpu_online(cpu, true);
	return false;
}

/* Run a test; what it printed is in @out. Returns its verdict. */
static int run_test(const struct scx_test *test, int out)
{
	int status, saved = dup(STDERR_FILENO);
	bool clean;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		scx_fail(KSFT_FAIL, "fork: %s", strerror(errno));
	if (!pid)
		be_test(test, out);
	setpgid(pid, pid);
	status = wait_with_limit(pid);

	dup2(out, STDERR_FILENO);
	if (WIFSIGNALED(status))
		diag("killed by signal %d", WTERMSIG(status));
	clean = clean_up(pid, test->name);
	dup2(saved, STDERR_FILENO);
	close(saved);
	if (clean && WIFEXITED(status) && WEXITSTATUS(status) == KSFT_PASS)
		return KSFT_PASS;
	if (clean && WIFEXITED(status) && WEXITSTATUS(status) == KSFT_SKIP)
		return KSFT_SKIP;
	return KSFT_FAIL;
}

/* Results */

static void print_lines(const char *prefix, const char *lines)
{
	while (*lines) {
		int len = strcspn(lines, "\n");

		printf("%s%.*s\n", prefix, len, lines);
		lines += len + (lines[len] == '\n');
	}
}

static void json_string(const char *s)
{
	fputc('"', json);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(json, "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			fprintf(json, "\\u%04x", *s);
		else
			fputc(*s, json);
	}
	fputc('"', json);
}

static void json_result(const struct scx_test *test, int verdict, double sec, const char *said)
{
	fprintf(json, "%s\n\t\t{\"name\": \"%s\", \"result\": \"%s\", \"seconds\": %.1f, \"said\": ",
		passed + failed + skipped > 1 ? "," : "", test->name, verdict_word(verdict), sec);
	json_string(said);
	fputc('}', json);
}

static void json_begin(void)
{
	fprintf(json, "{\n\t\"kernel\": \"%s\",\n\t\"scheduler\": ", kernel);
	json_string(sched_command);
	fprintf(json, ",\n\t\"tests\": [");
}

static void json_end(void)
{
	fprintf(json, "\n\t],\n\t\"passed\": %d,\n\t\"failed\": %d,\n\t\"skipped\": %d\n}\n",
		passed, failed, skipped);
	fclose(json);
}

/*
 * The log has a line for each run: kernel, scheduler's command, test, result. A run that is
 * started again with the same log counts them, and goes on where the last one ended.
 */
static void log_name(char *buf, size_t len, const struct scx_test *test)
{
	snprintf(buf, len, "%s: %s: %s: ", kernel, sched_command, test->name);
}

static int times_logged(const struct scx_test *test)
{
	FILE *f = log_path ? fopen(log_path, "r") : NULL;
	char name[600], line[700];
	int nr = 0;

	log_name(name, sizeof(name), test);
	while (f && fgets(line, sizeof(line), f))
		nr += !strncmp(line, name, strlen(name));
	if (f)
		fclose(f);
	return nr;
}

static void log_result(const struct scx_test *test, int verdict)
{
	FILE *f = fopen(log_path, "a");
	char name[600];

	log_name(name, sizeof(name), test);
	if (!f || fprintf(f, "%s%s\n", name, verdict_word(verdict)) < 0 || fclose(f))
		scx_fail(KSFT_FAIL, "cannot write to %s: %s", log_path, strerror(errno));
}

static void record(const struct scx_test *test, int verdict, double sec, const char *said)
{
	int nr = passed + failed + skipped + 1;

	if (verdict == KSFT_PASS)
		passed++;
	else if (verdict == KSFT_SKIP)
		skipped++;
	else
		failed++;
	if (verdict == KSFT_FAIL)
		print_lines("# ", said);
	printf("%s %d %s", verdict == KSFT_FAIL ? "not ok" : "ok", nr, test->name);
	if (verdict == KSFT_SKIP)
		printf(" # SKIP %.*s", (int)strcspn(said, "\n"), said);
	printf("\n");
	if (json)
		json_result(test, verdict, sec, said);
	if (log_path)
		log_result(test, verdict);
}

/* --policy sums up in words */

static FILE *table;
static char *table_text;
static size_t table_len;

/* What the test saw, and what an ejected scheduler said, in the words of most loaders */
static void tabulate_why(const char *said)
{
	const char *exit = strstr(said, "\nEXIT: ");

	fprintf(table, "# %30s%.*s\n", "", (int)strcspn(said, "\n"), said);
	if (exit++)
		fprintf(table, "# %30s%.*s\n", "", (int)strcspn(exit, "\n"), exit);
}

static void tabulate(const struct scx_test *test, int verdict, const char *said)
{
	const char *held = verdict == KSFT_PASS ? "held" :
			   verdict == KSFT_SKIP ? "not tried" : "did not hold";

	fprintf(table, "# %-12s  %-14s  %s\n", held, test->name, test->promise);
	if (verdict != KSFT_PASS)
		tabulate_why(said);
}

static void run_and_record(const struct scx_test *test)
{
	int verdict, out = memfd_create("test", MFD_CLOEXEC);
	u64 start = now_ns();

	verdict = run_test(test, out);
	record(test, verdict, (now_ns() - start) / 1e9, text(out));
	if (table)
		tabulate(test, verdict, text(out));
	close(out);
}

/* Which tests */

static bool claimed(const char *claim)
{
	int i;

	for (i = 0; i < nr_claims; i++)
		if (!strcmp(claims[i], claim))
			return true;
	return false;
}

/* Is the scheduler under test one of these, separated by blanks? */
static bool is_among(const char *names)
{
	char all[256], name[80];

	snprintf(all, sizeof(all), " %s ", names);
	snprintf(name, sizeof(name), " %s ", sched_name());
	return strstr(all, name);
}

static bool promised(const struct scx_test *test)
{
	if (policy_only)
		return test->policy && (!test->claim || claimed(test->claim));
	if (test->except && is_among(test->except))
		return false;
	return !test->only || is_among(test->only);
}

static bool chosen(const struct scx_test *test, char **globs)
{
	if (!promised(test))
		return false;
	if (!*globs)
		return true;
	for (; *globs; globs++)
		if (!fnmatch(*globs, test->name, 0))
			return true;
	return false;
}

static void add_claim(const char *claim)
{
	const struct scx_test *t;

	for (t = tests; t; t = t->next)
		if (t->claim && !strcmp(t->claim, claim))
			break;
	if (!t || nr_claims == ARRAY_SIZE(claims))
		scx_fail(KSFT_FAIL, "nothing tests the claim '%s'; --policy -l lists the claims", claim);
	claims[nr_claims++] = claim;
}

static void list_tests(char **globs)
{
	const struct scx_test *t;

	for (t = tests; policy_only && t; t = t->next)
		if (t->claim && !claimed(t->claim))
			printf("%-16s %s; with --claim %s\n", t->name, t->promise, t->claim);
	for (t = tests; t; t = t->next)
		if (chosen(t, globs))
			printf("%-16s %s\n", t->name, t->promise);
}

/* Run what was chosen, all of it once, then again; count only if @dry. */
static int run_all(char **globs, bool dry)
{
	const struct scx_test *t;
	int i, nr = 0;

	for (i = 0; i < repeats; i++) {
		for (t = tests; t; t = t->next) {
			if (!chosen(t, globs) || times_logged(t) > i)
				continue;
			nr++;
			if (!dry)
				run_and_record(t);
			if (failed && stop_at_failure)
				return nr;
		}
	}
	return nr;
}

/* The command line */

static const char help[] =
	"Usage: runner [OPTION]... [NAME|GLOB]...\n"
	"Tests a scheduler on the running kernel; all tests, or those that are named.\n\n"
	"  -l                 list them\n"
	"  -t SECONDS         time limit of a test (90; 300 with --policy)\n"
	"  -n REPEAT          run all of them this often\n"
	"  -x                 stop at the first failure\n"
	"  --json FILE        write the results as JSON, too\n"
	"  --log FILE         append each result to FILE; with -n, go on where the log ends\n"
	"  --scheduler CMD    command that starts the scheduler (scx_simple)\n"
	"  --policy           what any scheduler must keep whatever its policy: judges by the kernel's\n"
	"                     state and the tasks, not by the scheduler's name, words and status\n"
	"  --claim CLAIM      with --policy: test that, too; weights: shares follow the weight\n\n"
	"Exit status: 0 all passed, 1 some failed, 4 all were skipped.\n";

static int parse_number(const char *option, const char *arg)
{
	char *end;
	long val = strtol(arg, &end, 10);

	if (*arg < '0' || *arg > '9' || *end || val < 1 || val > 1000000)
		scx_fail(KSFT_FAIL, "%s takes a number from 1 to 1000000, not '%s'", option, arg);
	return val;
}

/* Returns whether to list only. */
static bool parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "log", required_argument, NULL, 'L' },
		{ "scheduler", required_argument, NULL, 's' },
		{ "policy", no_argument, NULL, 'P' },
		{ "claim", required_argument, NULL, 'C' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	bool list = false;
	int c;

	while ((c = getopt_long(argc, argv, "hln:t:x", longs, NULL)) != -1) {
		switch (c) {
		case 'l':
			list = true;
			break;
		case 'n':
			repeats = parse_number("-n", optarg);
			break;
		case 't':
			limit_sec = parse_number("-t", optarg);
			break;
		case 'x':
			stop_at_failure = true;
			break;
		case 'j':
			json = fopen(optarg, "we");
			if (!json)
				scx_fail(KSFT_FAIL, "cannot write %s: %s", optarg, strerror(errno));
			break;
		case 'L':
			log_path = optarg;
			break;
		case 's':
			snprintf(sched_command, sizeof(sched_command), "%s", optarg);
			break;
		case 'P':
			policy_only = true;
			sched_is_ours = false;
			break;
		case 'C':
			add_claim(optarg);
			break;
		case 'h':
			fputs(help, stdout);
			exit(KSFT_PASS);
		default:
			exit(KSFT_FAIL);
		}
	}
	if (nr_claims && !policy_only)
		scx_fail(KSFT_FAIL, "--claim is for --policy");
	/* nothing is known of how long a scheduler from elsewhere takes to start */
	if (!limit_sec)
		limit_sec = policy_only ? 300 : 90;
	return list;
}

/* Schedulers are found where the build puts them: ../bin, seen from here, comes first. */
static void set_path(void)
{
	char self[256] = "", path[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash = len > 0 ? strrchr(self, '/') : NULL;

	if (!slash)
		return;
	*slash = '\0';
	snprintf(path, sizeof(path), "%s/../bin:%s", self, getenv("PATH") ?: "/usr/bin:/bin");
	setenv("PATH", path, 1);
}

static void get_ready(void)
{
	struct utsname uts;
	sigset_t chld;

	uname(&uts);
	snprintf(kernel, sizeof(kernel), "%s", uts.release);
	scx_read_file(CPUS_ONLINE, cpus_at_start, sizeof(cpus_at_start));
	malformed = btf_is_malformed();
	settings_prepare();

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* no scheduler under test may keep us from looking after it */
	set_policy(0, SCHED_FIFO);
	set_path();
}

/* Without these there is nothing to test, which is no failure. */
static const char *not_here(void)
{
	if (geteuid())
		return "run it as root";
	if (access(SCX_SYSFS "state", R_OK))
		return "this kernel has no sched_ext: it needs 6.12 or later with CONFIG_SCHED_CLASS_EXT=y";
	if (!kernel_state("disabled"))
		return "a scheduler is running; stop it first";
	return NULL;
}

int main(int argc, char **argv)
{
	const char *why;
	int planned;

	setlinebuf(stdout);
	if (parse(argc, argv)) {
		list_tests(argv + optind);
		return KSFT_PASS;
	}
	printf("KTAP version 1\n");
	why = not_here();
	if (why) {
		printf("1..0 # SKIP %s\n0 passed, 0 failed, 0 skipped\n", why);
		return KSFT_SKIP;
	}
	get_ready();
	planned = run_all(argv + optind, true);
	if (!planned && !log_path)
		scx_fail(KSFT_FAIL, "no test of %s has such a name; -l lists them", sched_name());
	printf("1..%d\n", planned);
	if (policy_only)
		table = open_memstream(&table_text, &table_len);
	if (json)
		json_begin();
	run_all(argv + optind, false);
	if (json)
		json_end();
	if (table) {
		fclose(table);
		printf("#\n%s#\n", table_text);
	}
	printf("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0\n", passed, failed, skipped);
	printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
	return failed ? KSFT_FAIL : skipped && !passed ? KSFT_SKIP : KSFT_PASS;
}
