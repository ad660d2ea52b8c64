// SPDX-License-Identifier: GPL-2.0
/*
 * migration_disabled - who must not leave its CPU for now is not moved
 *
 * Promised: a task that is interrupted within a BPF program, where the kernel keeps it on its CPU although
 * its affinity says nothing of that, waits for that CPU while another one is idle; the scheduler stays, and
 * everybody goes on, also if the affinity changes meanwhile. Since 6.12.
 */
#include "scx_test.h"
#include "migration_disabled.h"
#include "migration_disabled.bpf.skel.h"

#define MAX_WORKERS	16
#define CALLS		10	/* of each worker */

static int program;
static u64 calls = 2;	/* to see whether the kernel interrupts anybody */

struct worker {
	u64 calls, interrupted;
};

/* Longer than a slice, so that one who is not alone is interrupted; then others have the CPU. */
static int worker(void *arg)
{
	struct worker *w = arg;
	struct stay call = { .ns = 2 * SLICE_NS + SLICE_NS / 2 };
	DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &call, .ctx_size_in = sizeof(call));

	for (w->calls = 0; w->calls < calls; w->calls++) {
		if (bpf_prog_test_run_opts(program, &opts))
			return 1;
		w->interrupted += call.interrupted;
		nap();
	}
	return 0;
}

/* Workers for whom there is one CPU too few. Returns how often they were interrupted. */
static u64 work_on(int cpu, int nr)
{
	struct worker *workers = shared(nr * sizeof(*workers));
	pid_t pids[MAX_WORKERS];
	u64 turn, interrupted = 0;
	int i;

	for (i = 0; i < nr; i++)
		pids[i] = spawn(cpu, 0, SCHED_OTHER, worker, &workers[i]);
	for (turn = 1; cpu == ANY_CPU && turn < CALLS; turn++)
		for (i = 0; i < nr; i++) {
			wait_for(workers[i].calls >= turn, "a worker to go on");
			set_affinity(pids[i], turn % 2 ? last_cpu() : ANY_CPU);
		}
	for (i = 0; i < nr; i++) {
		wait_for_end(pids[i], "a worker to have done its work");
		interrupted += workers[i].interrupted;
	}
	return interrupted;
}

SCX_TEST(migration_disabled, "a task that must not leave its CPU for now is not moved", .policy = true)
{
	struct migration_disabled *skel = migration_disabled__open_and_load();
	int nr = nr_cpus() < MAX_WORKERS ? nr_cpus() + 1 : MAX_WORKERS;
	struct sched s;

	check(skel, "cannot load the program");
	need_two_cpus();
	program = bpf_program__fd(skel->progs.stay_here);
	if (!work_on(last_cpu(), 2))
		skip("this kernel interrupts nobody within a BPF program (preempt=none or voluntary)");
	calls = CALLS;
	s = sched_load("");
	check(work_on(ANY_CPU, nr), "nobody was interrupted");
	sched_unload(&s);
	migration_disabled__destroy(skel);
}
