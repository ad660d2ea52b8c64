// SPDX-License-Identifier: GPL-2.0
/*
 * wrappers - what include/scx wraps works, on every kernel
 *
 * Promised: each wrapper does what its comment says, or is skipped where the header says that the
 * kernel cannot; enumerators have the running kernel's values; with idle CPUs by NUMA node as well
 * as without; libbpf warns of nothing; each way to end reaches user space. Since 6.12.
 */
#include "scx_test.h"
#include "wrappers.h"
#include "wrappers.bpf.skel.h"

static const char *const wrapper_names[] = {
#define X(name) #name,
	WRAPPERS(X)
#undef X
};

static int warnings;

#define NR_ELEMS	100000	/* more than a page */

static int count_warnings(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char line[512];

	vsnprintf(line, sizeof(line), fmt, args);
	if (level != LIBBPF_WARN)
		return 0;
	diag("libbpf warns: %s", line);
	warnings++;
	return 0;
}

struct loaded {
	struct wrappers	*skel;
	struct bpf_link	*link;
};

static struct loaded load(bool per_node)
{
	struct loaded l;

	libbpf_set_print(count_warnings);
	scx_capture.verbose = true;	/* let count_warnings() see what libbpf says */
	l.skel = SCX_OPS_OPEN(wrappers_ops, wrappers);
	l.skel->rodata->per_node = per_node;
	l.skel->rodata->can_populate = __COMPAT_has_ksym("bpf_cpumask_populate");
	l.skel->rodata->realtime = scx_is_realtime();
	l.skel->rodata->nr_elems = NR_ELEMS;
	RESIZE_ARRAY(l.skel, data, elems, NR_ELEMS);
	if (per_node)
		l.skel->struct_ops.wrappers_ops->flags |= SCX_OPS_BUILTIN_IDLE_PER_NODE;
	SCX_OPS_LOAD(l.skel, wrappers_ops, wrappers, uei);
	l.link = SCX_OPS_ATTACH(l.skel, wrappers_ops, wrappers);
	check(!warnings, "libbpf warned %d times", warnings);
	return l;
}

static const struct user_exit_info *unload(struct loaded *l)
{
	bpf_link__destroy(l->link);
	return &l->skel->data->uei;
}

/* Is it promised on the running kernel? */
static bool promised(enum tried w)
{
	switch (w) {
	case W_enqueue_dfl:
		return __COMPAT_select_cpu_from_enqueue();
	case W_reenqueue:
	case W_reenqueued:
		return __COMPAT_scx_bpf_reenqueue_local_from_anywhere();
	case W_event_value:
		return __COMPAT_has_ksym("scx_bpf_events");
	case W_task_cgroup:
		return __COMPAT_has_ksym("scx_bpf_task_cgroup");
	case W_timer:
		return !scx_is_realtime();
	case W_dump:
		return false;
	default:
		return true;
	}
}

static const char *missing(const struct wrappers *skel)
{
	int w;

	for (w = 0; w < NR_WRAPPERS; w++)
		if (!skel->bss->good[w] && promised(w))
			return wrapper_names[w];
	return NULL;
}

static void check_enumerator(const char *type, const char *name, u64 missing, u64 seen)
{
	u64 val;

	if (!__COMPAT_read_enum(type, name, &val))
		val = missing;
	check(seen == val, "%s is 0x%llx, not 0x%llx", name, (unsigned long long)seen,
	      (unsigned long long)val);
}

static void check_enumerators(const struct wrappers *skel)
{
#define X(type, name, missing)							\
	check_enumerator(#type, #name, missing, skel->bss->enumerators[E_##name]),
	ENUMERATORS(X) (void)0;
#undef X
}

static void check_all_good(const struct wrappers *skel)
{
	int w;

	for (w = 0; w < NR_WRAPPERS; w++)
		check(!skel->bss->bad[w], "%s went wrong %llu times of %llu", wrapper_names[w],
		      (unsigned long long)skel->bss->bad[w],
		      (unsigned long long)(skel->bss->bad[w] + skel->bss->good[w]));
}

/* How often was it tried? */
static u64 count_of(const struct wrappers *skel, enum tried w)
{
	return skel->bss->good[w] + skel->bss->bad[w];
}

static void calculate(const struct wrappers *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	check(!bpf_prog_test_run_opts(bpf_program__fd(skel->progs.wrappers_calculate), &opts),
	      "cannot run wrappers_calculate: %s", strerror(errno));
}

static void all_wrappers(bool per_node)
{
	struct loaded l = load(per_node);
	const struct user_exit_info *uei = &l.skel->data->uei;
	int i, nr = nr_cpus() + 1;
	pid_t hogs[nr];
	const char *what;

	calculate(l.skel);
	check_enumerators(l.skel);
	/* while there are idle CPUs */
	wait_for(count_of(l.skel, W_select_cpu_and) > 10, "idle CPUs to be found in a set");
	for (i = 0; i < nr; i++)
		hogs[i] = hog(ANY_CPU, 0, SCHED_OTHER);
	while ((what = missing(l.skel))) {
		check(!UEI_EXITED(l.skel, uei), "ejected: %s (%s)", uei->reason, uei->msg);
		check_all_good(l.skel);
		waiting_for = what;
		nap();
	}
	check_all_good(l.skel);
	check(l.skel->data_elems->elems[NR_ELEMS - 1] == 1, "the last element is not what was written");
	stop_all(hogs, nr);
	unload(&l);
	check(uei->kind == SCX_EXIT_UNREG, "ended by %s (%s)", uei->reason, uei->msg);
	wrappers__destroy(l.skel);
}

static void ends_by(enum order order, int kind, u64 code, const char *msg)
{
	struct loaded l = load(false);
	const struct user_exit_info *uei = &l.skel->data->uei;
	bool has_cpu = __COMPAT_struct_has_field("scx_exit_info", "exit_cpu");

	l.skel->bss->order = order;
	wait_for(UEI_EXITED(l.skel, uei), "the scheduler to go");
	unload(&l);
	check(uei->kind == kind, "exit kind %d, not %d", uei->kind, kind);
	check((u64)uei->exit_code == code, "exit code 0x%llx, not 0x%llx",
	      (unsigned long long)uei->exit_code, (unsigned long long)code);
	check(strstr(uei->msg, msg), "message '%s', not '%s'", uei->msg, msg);
	check(uei->reason[0], "no reason");
	if (has_cpu)
		check(uei->exit_cpu >= 0 && uei->exit_cpu < (int)sysconf(_SC_NPROCESSORS_CONF), "exit CPU %d",
		      uei->exit_cpu);
	else
		check(uei->exit_cpu == -1, "exit CPU %d", uei->exit_cpu);
	check(UEI_ECODE_USER(uei->exit_code) == (code & 0xffffffff), "exit code is not the user's");
	check(UEI_ECODE_RESTART(uei->exit_code) == !!(code & SCX_ECODE_ACT_RESTART), "restart or not");
	if (kind >= SCX_EXIT_ERROR)
		check(strstr(UEI_DUMP(l.skel, uei), "turns: "), "no dump, or nothing of ops.dump in it");
	wrappers__destroy(l.skel);
}

/* It brings its own scheduler, so once is enough. */
SCX_TEST(wrappers, "what the headers wrap works on this kernel", .only = "scx_simple")
{
	int i;

	for (i = 0; i < nr_cpus() + 1; i++)
		napper();
	all_wrappers(false);
	all_wrappers(true);
	ends_by(ORDER_ERROR, SCX_EXIT_ERROR_BPF, 0, "ordered to fail, 42 times");
	ends_by(ORDER_EXIT, SCX_EXIT_UNREG_BPF, EXIT_CODE, "ordered to go");
	ends_by(ORDER_RESTART, SCX_EXIT_UNREG_BPF, EXIT_CODE | SCX_ECODE_ACT_RESTART,
		"ordered to restart");
}
