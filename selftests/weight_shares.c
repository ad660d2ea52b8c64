// SPDX-License-Identifier: GPL-2.0
/*
 * weight_shares - tasks on one CPU share it in proportion to their weights
 *
 * Promised: two CPU hogs that are pinned to the same CPU each get, within 10 %, the share that their
 * weights stand for; also while heavier ones compete on another CPU, and, not as exactly, while a real-time
 * task keeps interrupting them. The kernel derives weights from nice values: the fair class's weight in
 * hundredths of nice 0, rounded, so 100 for nice 0 and from 1 to 10000. Since 6.12.
 */
#include "scx_test.h"

/* sched_prio_to_weight[] as sched_weight_to_cgroup() rounds it: 36 of 1024 become 4 of 100 */
struct pair {
	int nice[2];
	int weight[2];
};

static const struct pair pairs[] = {
	{ { 0, 0 }, { 100, 100 } },
	{ { 0, 5 }, { 100, 33 } },
	{ { -5, 0 }, { 305, 100 } },
	{ { 0, 10 }, { 100, 11 } },
};

static void share(const struct pair *pair)
{
	pid_t pids[2];
	int i;

	diag("nice %d and nice %d:", pair->nice[0], pair->nice[1]);
	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), pair->nice[i], SCHED_OTHER);
	check_shares(pids, pair->weight, 2);
	stop_all(pids, 2);
}

/* They are next by vtime, but cannot run where the pair is. */
static void share_beside_heavy(void)
{
	pid_t heavy[2];
	int i;

	diag("beside two of nice -10 on the first CPU:");
	for (i = 0; i < 2; i++)
		heavy[i] = hog(first_cpu(), -10, SCHED_OTHER);
	share(&pairs[2]);
	stop_all(heavy, 2);
}

/*
 * Who is interrupted goes on with the rest of its slice, though the other one may come first. Were that
 * taken for a new turn, nice 10 would get twice its tenth: no need to be exact.
 */
static void share_beside_realtime(void)
{
	struct rhythm often = { .work = 1000, .rest = 4000 };
	pid_t rt, pids[2];
	double share;
	u64 done[2];
	int i;

	rt = spawn(last_cpu(), 0, SCHED_OTHER, now_and_then, &often);
	for (i = 0; i < 2; i++)
		pids[i] = hog(last_cpu(), i ? 10 : 0, SCHED_OTHER);
	run_for(pids, 2, 20 * SLICE_NS);
	for (i = 0; i < 2; i++)
		done[i] = work(pids[i]);
	run_for(pids, 2, 120 * SLICE_NS);
	for (i = 0; i < 2; i++)
		done[i] = work(pids[i]) - done[i];
	share = (double)done[1] / (done[0] + done[1]);
	check(share < 0.15, "beside a real-time task, nice 10 gets %.1f %%, not 9.9 %%", 100 * share);
	stop_all(pids, 2);
	stop(rt);
}

SCX_TEST(weight_shares, "hogs on one CPU share it by weight, within 10 %",
	 .only = "scx_simple scx_userland", .policy = true, .claim = "weights")
{
	struct sched s = sched_load("");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		share(&pairs[i]);
	if (first_cpu() != last_cpu())
		share_beside_heavy();
	share_beside_realtime();
	sched_unload(&s);
}
