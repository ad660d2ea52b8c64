// SPDX-License-Identifier: GPL-2.0
/*
 * busy_kthread - a kthread of one CPU that never sleeps has others beside it
 *
 * Promised: while a CPU's ksoftirqd has work without end, as it does if more packets come in than it can
 * handle, who is bound to this CPU goes on, alone and under load; whichever CPU it is, and also if it
 * has a second such kthread. With the suite's schedulers each of them gets a tenth of the CPU at least, also if
 * nobody wakes up for seconds who might set going what has come to a halt, and if somebody does who is
 * alone on another CPU. With "threadirqs" the scheduler's own timers run in that kthread, up to 6.12;
 * later in one of a real-time class, which then is nobody's to schedule. So are the packets on
 * PREEMPT_RT: there the busy kthread is ksmd, bound to that CPU. Since 6.12.
 */
#include "scx_test.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "busy_kthread.bpf.skel.h"

#define ROUNDS	2
#define QUIET	2	/* seconds */

/* A loopback device of one's own: what arrives there must not be lost to others. */
static void need_loopback(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (!__COMPAT_struct_has_field("net_device", "tcx_ingress"))
		skip("this kernel has no tcx, for programs that handle packets");
	if (unshare(CLONE_NEWNET))
		skip("this kernel has no network namespaces");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		skip("this kernel has no IPv4");
	check(!ioctl(fd, SIOCSIFFLAGS, &req), "cannot bring lo up: %s", strerror(errno));
	close(fd);
}

/* The packet goes round on the CPU of who sends it. */
static int send_one(void *arg __attribute__((unused)))
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 || sendto(fd, "", 1, 0, (struct sockaddr *)&to, sizeof(to)) != 1;
}

/* Returns 0 if there is none. */
static pid_t find_kthread(const char *name)
{
	DIR *proc = opendir("/proc");
	char comm[32], path[64];
	struct dirent *d;
	pid_t pid = 0;

	check(proc, "no /proc: %s", strerror(errno));
	while (!pid && (d = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%.20s/comm", d->d_name);
		if (scx_read_file(path, comm, sizeof(comm)) > 0 && !strcmp(comm, name))
			pid = atoi(d->d_name);
	}
	closedir(proc);
	return pid;
}

static pid_t find_kthread_of(int cpu, const char *what)
{
	char name[32];

	snprintf(name, sizeof(name), "%s/%d", what, cpu);
	return find_kthread(name);
}

#define KSM "/sys/kernel/mm/ksm/"

/*
 * ksmd looks for equal pages, and here for nothing else; bound to a CPU, it is like the kthreads that belong
 * to it. Returns how nice it was. @merger: 0 if this kernel has none.
 */
static int set_merger_going(pid_t merger)
{
	size_t size = 32 << 20;
	u64 *at, *pages;
	int nice;

	if (!merger)
		return 0;
	pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(pages != MAP_FAILED && !madvise(pages, size, MADV_MERGEABLE), "no memory to look at: %s",
	      strerror(errno));
	for (at = pages; at < pages + size / sizeof(*at); at += 128)
		*at = (uintptr_t)at;
	check(!set_for_test(KSM "pages_to_scan", "100000") && !set_for_test(KSM "sleep_millisecs", "0") &&
	      !set_for_test(KSM "run", "1"), "cannot set ksmd going");
	nice = getpriority(PRIO_PROCESS, merger);
	check(!setpriority(PRIO_PROCESS, merger, 0), "cannot renice ksmd");
	return nice;
}

/* Another kthread of each CPU has something to do, again and again. */
static int interrupt(void *arg __attribute__((unused)))
{
	for (;;) {
		write_file("/proc/sys/vm/stat_refresh", "1");
		usleep(2000);
	}
	return 0;
}

/* They come to the CPU one after the other. */
static void go_on_beside(pid_t kthread, int cpu)
{
	pid_t pids[2] = { kthread };
	pid_t other = spawn(first_cpu(), 0, SCHED_FIFO, interrupt, NULL);
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pids[1] = hog(cpu, 0, SCHED_OTHER);
		all_go_on(pids, 2, 2 * SLICE_NS);
		stop(pids[1]);
	}
	stop(other);
}

/* Each has a tenth at least of the CPU that they share, and the hogs get on with their work. */
static void check_tenths(const pid_t *pids, int nr, int nr_hogs)
{
	u64 ran[nr], done[nr], total = 0;
	int i;

	for (i = 0; i < nr; i++) {
		ran[i] = cpu_time(pids[i]);
		done[i] = i < nr_hogs ? work(pids[i]) : 0;
	}
	sleep(QUIET);
	for (i = 0; i < nr; i++) {
		ran[i] = cpu_time(pids[i]) - ran[i];
		total += ran[i];
	}
	for (i = 0; i < nr; i++) {
		diag("%s: %llu of %llu ms", i < nr_hogs ? "hog" : "kthread",
		     (unsigned long long)ran[i] / 1000000, (unsigned long long)total / 1000000);
		check(ran[i] >= total / 10, "this is less than a tenth");
		check(i >= nr_hogs || work(pids[i]) > done[i], "it has got nothing done");
	}
}

/* Two hogs, and @nr_kthreads that are busy. */
static void share(int cpu, const pid_t *kthreads, int nr_kthreads)
{
	int i, nr = 2 + nr_kthreads, nr_others = 2 * (nr_cpus() - 1);
	int elsewhere = cpu == first_cpu() ? last_cpu() : first_cpu();
	pid_t pids[nr], others[nr_others + 1];
	u64 turns = 0;

	for (i = 0; i < nr; i++)
		pids[i] = i < 2 ? hog(cpu, 0, SCHED_OTHER) : kthreads[i - 2];
	all_go_on(pids, nr, SLICE_NS);

	diag("CPU %d, beside a sleeper on CPU %d:", cpu, elsewhere);
	others[0] = spawn(elsewhere, 0, SCHED_OTHER, doze, &turns);
	check_tenths(pids, nr, 2);
	stop(others[0]);

	diag("CPU %d, while nobody sleeps:", cpu);
	for (i = 0; i < nr_others; i++)
		others[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	all_go_on(others, nr_others, SLICE_NS);
	check_tenths(pids, nr, 2);
	stop_all(others, nr_others);
	stop_all(pids, 2);
}

/* The same with ksmd, as if it belonged to @cpu: as the only kthread there, or beside @kthread. */
static void share_with_merger(int cpu, pid_t merger, pid_t kthread)
{
	pid_t kthreads[] = { merger, kthread };

	if (!sched_is_ours || !merger)
		return;
	check(!set_affinity(merger, cpu), "cannot bind ksmd");
	all_go_on(kthreads, 1, 2 * SLICE_NS);
	share(cpu, kthreads, kthread ? 2 : 1);
	check(!set_affinity(merger, ANY_CPU), "cannot unbind ksmd");
}

static void keep_busy(const struct busy_kthread *skel, int cpu, pid_t merger)
{
	pid_t kthread = find_kthread_of(cpu, "ksoftirqd");
	DECLARE_LIBBPF_OPTS(bpf_tcx_opts, opts);
	struct bpf_link *link;

	check(kthread, "CPU %d has no ksoftirqd", cpu);
	link = bpf_program__attach_tcx(skel->progs.once_more, if_nametoindex("lo"), &opts);
	check(link, "cannot attach the program: %s", strerror(errno));
	wait_for_end(spawn(cpu, 0, SCHED_OTHER, send_one, NULL), "a packet to be sent");
	all_go_on(&kthread, 1, 2 * SLICE_NS);
	go_on_beside(kthread, cpu);
	if (sched_is_ours)
		share(cpu, &kthread, 1);
	share_with_merger(cpu, merger, kthread);
	bpf_link__destroy(link);
}

SCX_TEST(busy_kthread, "a kthread of one CPU that never sleeps has others beside it", .policy = true)
{
	bool softirqs = !find_kthread_of(first_cpu(), "ktimers");
	int i, nice, cpus[] = { first_cpu(), last_cpu() };
	struct busy_kthread *skel = NULL;
	struct sched s;
	pid_t merger;

	need_two_cpus();
	merger = find_kthread("ksmd");
	if (!softirqs && (!sched_is_ours || !merger))
		skip("this kernel handles packets in real-time kthreads, ktimers");
	if (softirqs) {
		need_loopback();
		/* not under the scheduler: loading takes long, and we are a real-time task */
		skel = busy_kthread__open_and_load();
		check(skel, "cannot load the program");
	}
	nice = set_merger_going(merger);
	s = sched_load("");
	for (i = 0; i < 4; i++) {
		if (i == 2)
			load_all_cpus();
		if (softirqs)
			keep_busy(skel, cpus[i % 2], merger);
		else
			share_with_merger(cpus[i % 2], merger, 0);
	}
	sched_stayed(&s);
	sched_unload(&s);
	busy_kthread__destroy(skel);
	if (merger)
		setpriority(PRIO_PROCESS, merger, nice);
}
