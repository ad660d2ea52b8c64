/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two sides of the test wrappers share.
 */
#ifndef __WRAPPERS_H
#define __WRAPPERS_H

/* What is tried: each has a counter of how often it did what it shall, one of how often not. */
#define WRAPPERS(X)								\
	X(insert) X(insert_old) X(insert_vtime) X(insert_vtime_old)		\
	X(move) X(move_vtime) X(move_slice) X(move_set_vtime)			\
	X(to_local) X(consume) X(peek) X(nr_queued) X(nr_slots)			\
	X(destroy_dsq) X(select_cpu_dfl) X(select_cpu_and) X(enqueue_dfl)	\
	X(pick_idle) X(pick_any) X(test_and_clear) X(idle_masks)		\
	X(possible) X(online) X(nr_cpu_ids) X(nodes) X(cpuperf)			\
	X(kick) X(kick_idle) X(kick_preempt) X(reenqueue) X(reenqueued)		\
	X(set_slice) X(set_vtime) X(now) X(events) X(event_value)		\
	X(cpu_curr) X(task_cpu) X(task_running) X(task_cgroup)			\
	X(populate) X(migration) X(timer) X(dump)				\
	X(slots_taken) X(cancel) X(times) X(bits) X(root) X(average)		\
	X(weights) X(member_ptr) X(elem_ptr) X(has_enum) X(enum_or_zero)

enum tried {
#define X(name) W_##name,
	WRAPPERS(X)
#undef X
	NR_WRAPPERS
};

/* Enumerators that are not constants: its type, its name, its value where it is not there. */
#define ENUMERATORS(X)								\
	X(scx_enq_flags, SCX_ENQ_HEAD, 0)					\
	X(scx_enq_flags, SCX_ENQ_CPU_SELECTED, 0)				\
	X(scx_enq_flags, SCX_ENQ_IMMED, 0)					\
	X(scx_enq_flags, SCX_ENQ_RESCUE, 0)					\
	X(scx_deq_flags, SCX_DEQ_SCHED_CHANGE, 0)				\
	X(scx_pick_idle_cpu_flags, SCX_PICK_IDLE_IN_NODE, 0)			\
	X(scx_reenq_flags, SCX_REENQ_ANY, 0)					\
	X(scx_exit_flags, SCX_EFLAG_INITIALIZED, 0)				\
	X(scx_ent_flags, SCX_TASK_IN_CUSTODY, 0)				\
	X(scx_ent_flags, SCX_TASK_SUB_INIT, 0)					\
	X(scx_ent_flags, SCX_TASK_IMMED, 0)					\
	X(scx_ent_flags, SCX_TASK_PROTECTED, 0)					\
	X(scx_ent_flags, SCX_TASK_STATE_BITS, 2)				\
	X(scx_ent_flags, SCX_TASK_STATE_MASK, 0x300)				\
	X(scx_ent_flags, SCX_TASK_INIT_BEGIN, ~0ULL)				\
	X(scx_ent_flags, SCX_TASK_INIT, 0x100)					\
	X(scx_ent_flags, SCX_TASK_READY, 0x200)					\
	X(scx_ent_flags, SCX_TASK_ENABLED, 0x300)				\
	X(scx_ent_flags, SCX_TASK_DEAD, ~0ULL)					\
	X(scx_ent_flags, SCX_TASK_REENQ_REASON_BITS, 0)				\
	X(scx_ent_flags, SCX_TASK_REENQ_REASON_MASK, 0)				\
	X(scx_ent_flags, SCX_TASK_REENQ_KFUNC, ~0ULL)				\
	X(scx_ent_flags, SCX_TASK_REENQ_IMMED, ~0ULL)				\
	X(scx_ent_flags, SCX_TASK_REENQ_PREEMPTED, ~0ULL)			\
	X(scx_ent_flags, SCX_TASK_REENQ_CAP, ~0ULL)				\
	X(scx_rq_flags, SCX_RQ_BAL_PENDING, 0)					\
	X(scx_rq_flags, SCX_RQ_BAL_KEEP, 0)					\
	X(scx_rq_flags, SCX_RQ_BYPASSING, 0)					\
	X(scx_rq_flags, SCX_RQ_CLK_VALID, 0)					\
	X(scx_rq_flags, SCX_RQ_BAL_CB_PENDING, 0)				\
	X(scx_rq_flags, SCX_RQ_IN_BALANCE, 0)					\
	X(scx_rq_flags, SCX_RQ_IN_DISPATCH, 0)					\
	X(scx_opi, SCX_OPI_NORMAL_END, 0)					\
	X(scx_opi, SCX_OPI_CPU_HOTPLUG_BEGIN, 0)				\
	X(scx_opi, SCX_OPI_CPU_HOTPLUG_END, 0)					\
	X(scx_opi, SCX_OPI_END, 0)						\
	X(scx_ops_flags, SCX_OPS_ALL_FLAGS, 0)					\
	X(scx_consts, SCX_WATCHDOG_MAX_TIMEOUT, 0)				\
	/* constants, some of which older vmlinux.h do not have */		\
	X(scx_public_consts, SCX_SLICE_BYPASS, 5000000)				\
	X(scx_dsq_id_flags, SCX_DSQ_BYPASS, 0x8000000000000003)			\
	X(scx_dsq_id_flags, SCX_DSQ_REJECT, 0x8000000000000004)			\
	X(scx_dsq_id_flags, SCX_DSQ_RESCUE, 0x8000000000000005)			\
	X(scx_exit_code, SCX_ECODE_RSN_CGROUP_OFFLINE, 1ULL << 33)		\
	X(scx_exit_kind, SCX_EXIT_PARENT, 68)					\
	X(scx_exit_kind, SCX_EXIT_PARENT_KILL, 69)				\
	X(scx_exit_kind, SCX_EXIT_ERROR_REENQ, 1027)				\
	X(scx_exit_kind, SCX_EXIT_ERROR_RESCUE, 1028)				\
	X(scx_ops_flags, SCX_OPS_ENQ_MIGRATION_DISABLED, 1 << 4)		\
	X(scx_ops_flags, SCX_OPS_ALLOW_QUEUED_WAKEUP, 1 << 5)			\
	X(scx_ops_flags, SCX_OPS_BUILTIN_IDLE_PER_NODE, 1 << 6)			\
	X(scx_ops_flags, SCX_OPS_ALWAYS_ENQ_IMMED, 1 << 7)			\
	X(scx_ops_flags, SCX_OPS_TID_TO_TASK, 1 << 8)				\
	X(scx_ops_flags, SCX_OPS_HAS_CGROUP_WEIGHT, 1 << 16)

enum enumerator {
#define X(type, name, missing) E_##name,
	ENUMERATORS(X)
#undef X
	NR_ENUMERATORS
};

/* What user space asks the scheduler to do. */
enum order {
	ORDER_NONE,
	ORDER_ERROR,
	ORDER_EXIT,
	ORDER_RESTART,
};

#define EXIT_CODE 0x1234

#endif /* __WRAPPERS_H */
