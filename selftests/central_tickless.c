// SPDX-License-Identifier: GPL-2.0
/*
 * central_tickless - a CPU with one hog has no tick
 *
 * Promised: on a CPU in nohz_full=, while one hog runs there and nobody waits for it, there are fewer than
 * 50 timer interrupts a second; with a second hog both get half of the CPU. Also if the hog was
 * there before the scheduler. Since 6.12.
 */
#include "scx_test.h"

/* Local timer interrupts of the last CPU */
static u64 ticks(void)
{
	int i, cpu = last_cpu();
	char line[16384], *s;
	u64 nr = 0;
	FILE *f = fopen("/proc/interrupts", "r");

	while (f && fgets(line, sizeof(line), f)) {
		s = strstr(line, "LOC:");
		if (!s)
			continue;
		for (i = 0, s += 4; i <= cpu; i++)
			nr = strtoull(s, &s, 10);
		break;
	}
	if (f)
		fclose(f);
	if (!nr)
		skip("this machine does not count local timer interrupts");
	return nr;
}

static bool is_nohz_full(int cpu)
{
	char list[256], *s = list;

	scx_read_file("/sys/devices/system/cpu/nohz_full", list, sizeof(list));
	while (*s >= '0' && *s <= '9') {
		int low = strtol(s, &s, 10), high = *s == '-' ? strtol(s + 1, &s, 10) : low;

		if (cpu >= low && cpu <= high)
			return true;
		s += *s == ',';
	}
	return false;
}

static void check_ticks(pid_t pid)
{
	u64 nr, ran;

	all_go_on(&pid, 1, 10 * SLICE_NS);
	nr = ticks();
	ran = cpu_time(pid);
	all_go_on(&pid, 1, 50 * SLICE_NS);
	nr = ticks() - nr;
	ran = cpu_time(pid) - ran;
	diag("%llu timer interrupts in %llu ms", (unsigned long long)nr,
	     (unsigned long long)ran / 1000000);
	check(nr * 1000000000ULL / ran < 50, "%llu timer interrupts in %llu ms",
	      (unsigned long long)nr, (unsigned long long)ran / 1000000);
}

SCX_TEST(central_tickless, "with nohz_full= a CPU with one hog has no tick",
	 .only = "scx_central")
{
	static const int equal[] = { 1, 1 };
	pid_t pids[2];
	struct sched s;

	need_two_cpus();
	if (!is_nohz_full(last_cpu()))
		skip("this kernel was not booted with nohz_full=%d", last_cpu());
	pids[0] = hog(last_cpu(), 0, SCHED_OTHER);
	s = sched_load("");
	check_ticks(pids[0]);
	pids[1] = hog(last_cpu(), 0, SCHED_OTHER);
	check_shares(pids, equal, 2);
	stop(pids[0]);
	check_ticks(pids[1]);
	sched_unload(&s);
}
