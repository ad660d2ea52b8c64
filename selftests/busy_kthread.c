// SPDX-License-Identifier: GPL-2.0
/*
 * busy_kthread - a kthread of one CPU that never sleeps has others beside it
 *
 * Promised: while a CPU's ksoftirqd has work without end, as it does if more packets come in than it can
 * handle, who is bound to this CPU goes on, alone and under load; whichever CPU it is. With the suite's
 * schedulers each of them gets a tenth of the CPU at least, also if nobody wakes up for seconds who might set
 * going what has come to a halt. With "threadirqs" the scheduler's own timers run in that kthread,
 * up to 6.12; later in one of a real-time class, which then is nobody's to schedule. Since 6.12.
 */
#include "scx_test.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "busy_kthread.bpf.skel.h"

#define ROUNDS	4
#define QUIET	3	/* seconds */

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
static pid_t find_kthread(const char *of, int cpu)
{
	char name[32], comm[32], path[64];
	DIR *proc = opendir("/proc");
	struct dirent *d;
	pid_t pid = 0;

	check(proc, "no /proc: %s", strerror(errno));
	snprintf(name, sizeof(name), "%s/%d", of, cpu);
	while (!pid && (d = readdir(proc))) {
		snprintf(path, sizeof(path), "/proc/%.20s/comm", d->d_name);
		if (scx_read_file(path, comm, sizeof(comm)) > 0 && !strcmp(comm, name))
			pid = atoi(d->d_name);
	}
	closedir(proc);
	return pid;
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

/* Two others for each CPU, so that none becomes idle either. */
static void share_with(pid_t kthread, int cpu)
{
	int i, nr = 2 * nr_cpus();
	pid_t pids[nr + 1];
	u64 ran[3], total = 0;

	for (i = 0; i < nr; i++)
		pids[i + 1] = hog(i < 2 ? cpu : ANY_CPU, 0, SCHED_OTHER);
	pids[0] = kthread;
	all_go_on(pids, nr + 1, SLICE_NS);
	for (i = 0; i < 3; i++)
		ran[i] = cpu_time(pids[i]);
	sleep(QUIET);
	for (i = 0; i < 3; i++) {
		ran[i] = cpu_time(pids[i]) - ran[i];
		total += ran[i];
	}
	for (i = 0; i < 3; i++)
		check(ran[i] >= total / 10, "on CPU %d, %s got %llu of %llu ms", cpu,
		      i ? "a hog" : "the kthread", (unsigned long long)ran[i] / 1000000,
		      (unsigned long long)total / 1000000);
	stop_all(pids + 1, nr);
}

static void keep_busy(int cpu)
{
	struct busy_kthread *skel = busy_kthread__open_and_load();
	DECLARE_LIBBPF_OPTS(bpf_tcx_opts, opts);
	struct bpf_link *link;
	pid_t kthread = find_kthread("ksoftirqd", cpu);

	check(kthread, "CPU %d has no ksoftirqd", cpu);
	check(skel, "cannot load the program");
	link = bpf_program__attach_tcx(skel->progs.once_more, if_nametoindex("lo"), &opts);
	check(link, "cannot attach the program: %s", strerror(errno));
	wait_for_end(spawn(cpu, 0, SCHED_OTHER, send_one, NULL), "a packet to be sent");
	all_go_on(&kthread, 1, 2 * SLICE_NS);
	go_on_beside(kthread, cpu);
	if (sched_is_ours)
		share_with(kthread, cpu);
	bpf_link__destroy(link);
	busy_kthread__destroy(skel);
}

SCX_TEST(busy_kthread, "a kthread of one CPU that never sleeps has others beside it", .policy = true)
{
	struct sched s;

	if (find_kthread("ktimers", first_cpu()))
		skip("this kernel handles packets in real-time kthreads, ktimers");
	need_loopback();
	s = sched_load("");
	keep_busy(first_cpu());
	keep_busy(last_cpu());
	load_all_cpus();
	keep_busy(first_cpu());
	keep_busy(last_cpu());
	sched_stayed(&s);
	sched_unload(&s);
}
