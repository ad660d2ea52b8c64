/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interfaces of sched_ext that a cpu-form scheduler can use, 6.12 to 7.3.
 *
 * scx_probe looks for each of them. Documentation/compat.md tells since when each is there, and
 * what include/scx does where it is not; selftests/compat-md sees to it that the two agree.
 */
#ifndef __SCX_PROBE_H
#define __SCX_PROBE_H

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/**
 * struct kfunc - a kfunc as a scheduler writes it, and how kernels have called it
 * @name: the name in a scheduler
 * @forms: the kernel's names, the newest first; @name alone if there are none here
 *
 * Of a renamed kfunc old kernels have the older name, and some both. A form that begins with
 * "__scx_bpf_" takes its arguments packed in a struct, since a kfunc has at most five.
 */
struct kfunc {
	const char *name;
	const char *forms[3];
};

#define KFUNC(_name, _forms...) { .name = (_name), .forms = { _forms } }

static const struct kfunc kfuncs[] = {
	/* dispatch queues */
	KFUNC("scx_bpf_create_dsq"),
	KFUNC("scx_bpf_destroy_dsq"),
	KFUNC("scx_bpf_dsq_nr_queued"),
	KFUNC("scx_bpf_dsq_peek"),
	KFUNC("scx_bpf_dsq_insert",
	      "scx_bpf_dsq_insert___v2", "scx_bpf_dsq_insert", "scx_bpf_dispatch"),
	KFUNC("scx_bpf_dsq_insert_vtime",
	      "__scx_bpf_dsq_insert_vtime", "scx_bpf_dsq_insert_vtime", "scx_bpf_dispatch_vtime"),
	KFUNC("scx_bpf_dsq_move_to_local",
	      "scx_bpf_dsq_move_to_local___v2", "scx_bpf_dsq_move_to_local", "scx_bpf_consume"),
	KFUNC("bpf_iter_scx_dsq_new"),
	KFUNC("bpf_iter_scx_dsq_next"),
	KFUNC("bpf_iter_scx_dsq_destroy"),
	KFUNC("scx_bpf_dsq_move",
	      "scx_bpf_dsq_move", "scx_bpf_dispatch_from_dsq"),
	KFUNC("scx_bpf_dsq_move_vtime",
	      "scx_bpf_dsq_move_vtime", "scx_bpf_dispatch_vtime_from_dsq"),
	KFUNC("scx_bpf_dsq_move_set_slice",
	      "scx_bpf_dsq_move_set_slice", "scx_bpf_dispatch_from_dsq_set_slice"),
	KFUNC("scx_bpf_dsq_move_set_vtime",
	      "scx_bpf_dsq_move_set_vtime", "scx_bpf_dispatch_from_dsq_set_vtime"),
	KFUNC("scx_bpf_dispatch_nr_slots"),
	KFUNC("scx_bpf_dispatch_cancel"),
	KFUNC("scx_bpf_reenqueue_local",
	      "scx_bpf_reenqueue_local___v2", "scx_bpf_reenqueue_local"),
	KFUNC("scx_bpf_dsq_reenq"),

	/* CPUs: choosing one, waking one */
	KFUNC("scx_bpf_select_cpu_dfl"),
	KFUNC("scx_bpf_select_cpu_and",
	      "__scx_bpf_select_cpu_and", "scx_bpf_select_cpu_and"),
	KFUNC("scx_bpf_pick_idle_cpu"),
	KFUNC("scx_bpf_pick_idle_cpu_node"),
	KFUNC("scx_bpf_pick_any_cpu"),
	KFUNC("scx_bpf_pick_any_cpu_node"),
	KFUNC("scx_bpf_test_and_clear_cpu_idle"),
	KFUNC("scx_bpf_get_idle_cpumask"),
	KFUNC("scx_bpf_get_idle_cpumask_node"),
	KFUNC("scx_bpf_get_idle_smtmask"),
	KFUNC("scx_bpf_get_idle_smtmask_node"),
	KFUNC("scx_bpf_put_idle_cpumask"),
	KFUNC("scx_bpf_kick_cpu"),

	/* CPUs: what they are and what they do */
	KFUNC("scx_bpf_nr_cpu_ids"),
	KFUNC("scx_bpf_nr_node_ids"),
	KFUNC("scx_bpf_cpu_node"),
	KFUNC("scx_bpf_get_possible_cpumask"),
	KFUNC("scx_bpf_get_online_cpumask"),
	KFUNC("scx_bpf_put_cpumask"),
	KFUNC("scx_bpf_cpuperf_cap"),
	KFUNC("scx_bpf_cpuperf_cur"),
	KFUNC("scx_bpf_cpuperf_set"),
	KFUNC("scx_bpf_cpu_curr"),
	KFUNC("scx_bpf_cpu_rq"),
	KFUNC("scx_bpf_locked_rq"),

	/* tasks */
	KFUNC("scx_bpf_task_cpu"),
	KFUNC("scx_bpf_task_running"),
	KFUNC("scx_bpf_task_set_slice"),
	KFUNC("scx_bpf_task_set_dsq_vtime"),
	KFUNC("scx_bpf_task_cgroup"),
	KFUNC("scx_bpf_tid_to_task"),

	/* the rest */
	KFUNC("scx_bpf_now"),
	KFUNC("scx_bpf_events"),
	KFUNC("scx_bpf_error_bstr"),
	KFUNC("scx_bpf_exit_bstr"),
	KFUNC("scx_bpf_dump_bstr"),
};

/* How the names in a list stand in BTF. */
enum list_kind {
	MEMBERS,	/* members of a struct */
	ENUMERATORS,	/* enumerators of an enum */
};

/**
 * struct list - the members of a struct, or the enumerators of an enum
 * @title: what they are
 * @kind: which of the two
 * @type: tag of the struct or enum
 * @names: their names
 */
struct list {
	const char *title;
	enum list_kind kind;
	const char *type;
	const char *const *names;
};

#define LIST(_title, _kind, _type, _names...)					\
	{ .title = (_title), .kind = (_kind), .type = (_type),			\
	  .names = (const char *const []){ _names, NULL } }

static const struct list lists[] = {
	LIST("ops", MEMBERS, "sched_ext_ops",
	     "select_cpu", "enqueue", "dequeue", "dispatch", "tick", "runnable", "running",
	     "stopping", "quiescent", "yield", "core_sched_before", "set_weight", "set_cpumask",
	     "update_idle", "cpu_acquire", "cpu_release", "init_task", "exit_task", "enable",
	     "disable", "dump", "dump_cpu", "dump_task", "cgroup_init", "cgroup_exit",
	     "cgroup_prep_move", "cgroup_move", "cgroup_cancel_move", "cgroup_set_weight",
	     "cgroup_set_bandwidth", "cgroup_set_idle", "cpu_online", "cpu_offline", "init", "exit",
	     "dispatch_max_batch", "flags", "timeout_ms", "exit_dump_len", "hotplug_seq",
	     "rescue_bandwidth_ppt", "rescue_quantum_us", "name", "priv"),
	LIST("ops flags", ENUMERATORS, "scx_ops_flags",
	     "SCX_OPS_KEEP_BUILTIN_IDLE", "SCX_OPS_ENQ_LAST", "SCX_OPS_ENQ_EXITING",
	     "SCX_OPS_SWITCH_PARTIAL", "SCX_OPS_ENQ_MIGRATION_DISABLED",
	     "SCX_OPS_ALLOW_QUEUED_WAKEUP", "SCX_OPS_BUILTIN_IDLE_PER_NODE",
	     "SCX_OPS_ALWAYS_ENQ_IMMED", "SCX_OPS_TID_TO_TASK", "SCX_OPS_HAS_CGROUP_WEIGHT"),
	LIST("enqueue flags", ENUMERATORS, "scx_enq_flags",
	     "SCX_ENQ_WAKEUP", "SCX_ENQ_HEAD", "SCX_ENQ_CPU_SELECTED", "SCX_ENQ_PREEMPT",
	     "SCX_ENQ_REENQ", "SCX_ENQ_LAST", "SCX_ENQ_IMMED", "SCX_ENQ_RESCUE"),
	LIST("dequeue flags", ENUMERATORS, "scx_deq_flags",
	     "SCX_DEQ_SLEEP", "SCX_DEQ_CORE_SCHED_EXEC", "SCX_DEQ_SCHED_CHANGE"),
	LIST("kick flags", ENUMERATORS, "scx_kick_flags",
	     "SCX_KICK_IDLE", "SCX_KICK_PREEMPT", "SCX_KICK_WAIT"),
	LIST("idle CPU flags", ENUMERATORS, "scx_pick_idle_cpu_flags",
	     "SCX_PICK_IDLE_CORE", "SCX_PICK_IDLE_IN_NODE"),
	LIST("iteration flags", ENUMERATORS, "scx_dsq_iter_flags", "SCX_DSQ_ITER_REV"),
	LIST("re-enqueue flags", ENUMERATORS, "scx_reenq_flags", "SCX_REENQ_ANY"),
	LIST("exit kinds", ENUMERATORS, "scx_exit_kind",
	     "SCX_EXIT_NONE", "SCX_EXIT_DONE", "SCX_EXIT_UNREG", "SCX_EXIT_UNREG_BPF",
	     "SCX_EXIT_UNREG_KERN", "SCX_EXIT_SYSRQ", "SCX_EXIT_ERROR", "SCX_EXIT_ERROR_BPF",
	     "SCX_EXIT_ERROR_STALL", "SCX_EXIT_ERROR_REENQ", "SCX_EXIT_ERROR_RESCUE"),
	LIST("exit flags", ENUMERATORS, "scx_exit_flags", "SCX_EFLAG_INITIALIZED"),
	LIST("exit codes", ENUMERATORS, "scx_exit_code",
	     "SCX_ECODE_RSN_HOTPLUG", "SCX_ECODE_RSN_CGROUP_OFFLINE", "SCX_ECODE_ACT_RESTART"),
	LIST("exit info", MEMBERS, "scx_exit_info",
	     "kind", "exit_code", "reason", "bt", "bt_len", "msg", "dump", "flags", "exit_cpu"),
	LIST("cgroup_init arguments", MEMBERS, "scx_cgroup_init_args",
	     "weight", "bw_period_us", "bw_quota_us", "bw_burst_us", "sched_idle"),
	LIST("events", MEMBERS, "scx_event_stats",
	     "SCX_EV_SELECT_CPU_FALLBACK", "SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE",
	     "SCX_EV_DISPATCH_KEEP_LAST", "SCX_EV_ENQ_SKIP_EXITING",
	     "SCX_EV_ENQ_SKIP_MIGRATION_DISABLED", "SCX_EV_REFILL_SLICE_DFL",
	     "SCX_EV_BYPASS_DURATION", "SCX_EV_BYPASS_DISPATCH", "SCX_EV_BYPASS_ACTIVATE",
	     "SCX_EV_INSERT_NOT_OWNED", "SCX_EV_REENQ_IMMED", "SCX_EV_REENQ_LOCAL_REPEAT",
	     "SCX_EV_REENQ_REPEAT", "SCX_EV_SLICE_CLAMPED", "SCX_EV_SLICE_DENIED"),
};

#endif /* __SCX_PROBE_H */
