/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's enumerators, BPF side.
 *
 * Most have one value on every kernel from 6.12 on; vmlinux.h has them, and they are
 * constants. This file is about the others:
 *
 * - Some were renumbered. A scheduler that writes SCX_ENQ_HEAD gets the *running* kernel's
 *   value, an instruction that libbpf fills in when it loads the program. Such a name is no
 *   constant expression.
 * - Some are not in every kernel. What the name stands for where the kernel does not have it is
 *   said in the group that it is in, so that a test for it fails and a flag is not passed on.
 * - Some that are constants are not in every vmlinux.h. These have their value here.
 *
 * Which is which was found by comparing the BTF of 6.12, 6.16 to 6.19 and 7.0 to 7.3, which
 * selftests/headers does again. So "since 6.16" is what 6.12 has not and 6.16 has.
 */
#ifndef __SCX_ENUMS_BPF_H
#define __SCX_ENUMS_BPF_H

#include "types.bpf.h"

/* A pahole before 1.24 cuts 64-bit enumerators, and this one is but its topmost bit. */
_Static_assert(SCX_DSQ_FLAG_BUILTIN == 1ULL << 63,
	       "vmlinux.h was made from BTF that has 64-bit enumerators cut to 32 bits: use another kernel's");

/*
 * An enumerator of the running kernel. The flavour, an enum with a ___suffix, is what libbpf
 * matches with the kernel's enum, so that vmlinux.h need not have the enumerator.
 */
#define __SCX_ENUM(type, name)							\
enum type##___##name { name##___run = 1 };					\
static __always_inline bool __scx_has_##name(void)				\
{										\
	return bpf_core_enum_value_exists(enum type##___##name, name##___run);	\
}										\
static __always_inline u64 __scx_get_##name(u64 missing)			\
{										\
	if (bpf_core_enum_value_exists(enum type##___##name, name##___run))	\
		return bpf_core_enum_value(enum type##___##name, name##___run);	\
	return missing;								\
}

/**
 * scx_has_enum - does the running kernel have an enumerator?
 * @name: one of those in this file
 *
 * To the verifier it is a constant: what depends on it costs nothing where it is not there.
 */
#define scx_has_enum(name) __scx_has_##name()

/*
 * Flags. Where the kernel does not know one, its name stands for 0: passing it on does nothing,
 * testing for it is false.
 */
__SCX_ENUM(scx_enq_flags, SCX_ENQ_HEAD)		/* renumbered in 6.19 */
__SCX_ENUM(scx_enq_flags, SCX_ENQ_CPU_SELECTED)	/* renumbered in 6.19 */
__SCX_ENUM(scx_enq_flags, SCX_ENQ_IMMED)	/* since 7.1 */
__SCX_ENUM(scx_enq_flags, SCX_ENQ_RESCUE)	/* since 7.3 */
__SCX_ENUM(scx_deq_flags, SCX_DEQ_SCHED_CHANGE)	/* since 7.1 */
__SCX_ENUM(scx_pick_idle_cpu_flags, SCX_PICK_IDLE_IN_NODE) /* since 6.16 */
__SCX_ENUM(scx_reenq_flags, SCX_REENQ_ANY)	/* since 7.1 */
__SCX_ENUM(scx_exit_flags, SCX_EFLAG_INITIALIZED) /* since 6.18, and 0 there */
__SCX_ENUM(scx_kick_flags, SCX_KICK_IDLE)	/* on all, see __COMPAT_scx_bpf_kick_cpu_IDLE() */

#define SCX_ENQ_HEAD			__scx_get_SCX_ENQ_HEAD(0)
#define SCX_ENQ_CPU_SELECTED		__scx_get_SCX_ENQ_CPU_SELECTED(0)
#define SCX_ENQ_IMMED			__scx_get_SCX_ENQ_IMMED(0)
#define SCX_ENQ_RESCUE			__scx_get_SCX_ENQ_RESCUE(0)
#define SCX_DEQ_SCHED_CHANGE		__scx_get_SCX_DEQ_SCHED_CHANGE(0)
#define SCX_PICK_IDLE_IN_NODE		__scx_get_SCX_PICK_IDLE_IN_NODE(0)
#define SCX_REENQ_ANY			__scx_get_SCX_REENQ_ANY(0)
#define SCX_EFLAG_INITIALIZED		__scx_get_SCX_EFLAG_INITIALIZED(0)

/* Flags in p->scx.flags that came after 6.12, 0 where the kernel does not know them. */
__SCX_ENUM(scx_ent_flags, SCX_TASK_IN_CUSTODY)	/* since 7.1, like the next two */
__SCX_ENUM(scx_ent_flags, SCX_TASK_SUB_INIT)
__SCX_ENUM(scx_ent_flags, SCX_TASK_IMMED)
__SCX_ENUM(scx_ent_flags, SCX_TASK_PROTECTED)	/* since 7.3 */

#define SCX_TASK_IN_CUSTODY		__scx_get_SCX_TASK_IN_CUSTODY(0)
#define SCX_TASK_SUB_INIT		__scx_get_SCX_TASK_SUB_INIT(0)
#define SCX_TASK_IMMED			__scx_get_SCX_TASK_IMMED(0)
#define SCX_TASK_PROTECTED		__scx_get_SCX_TASK_PROTECTED(0)

/*
 * The state of a task is p->scx.flags & SCX_TASK_STATE_MASK. Its values are written as they are
 * found there; kernels before 7.1 give them unshifted, in an enum of their own. A state that the
 * kernel does not have equals nothing.
 */
__SCX_ENUM(scx_ent_flags, SCX_TASK_STATE_BITS)
__SCX_ENUM(scx_ent_flags, SCX_TASK_STATE_MASK)
__SCX_ENUM(scx_ent_flags, SCX_TASK_INIT_BEGIN)	/* since 7.1 */
__SCX_ENUM(scx_ent_flags, SCX_TASK_INIT)
__SCX_ENUM(scx_ent_flags, SCX_TASK_READY)
__SCX_ENUM(scx_ent_flags, SCX_TASK_ENABLED)
__SCX_ENUM(scx_ent_flags, SCX_TASK_DEAD)	/* since 7.1 */

#define SCX_TASK_STATE_SHIFT		8
#define SCX_TASK_STATE_BITS		__scx_get_SCX_TASK_STATE_BITS(2)
#define SCX_TASK_STATE_MASK		__scx_get_SCX_TASK_STATE_MASK(0x300)
#define SCX_TASK_NONE			0
#define SCX_TASK_INIT_BEGIN		__scx_get_SCX_TASK_INIT_BEGIN(~0ULL)
#define SCX_TASK_INIT			__scx_get_SCX_TASK_INIT(1 << SCX_TASK_STATE_SHIFT)
#define SCX_TASK_READY			__scx_get_SCX_TASK_READY(2 << SCX_TASK_STATE_SHIFT)
#define SCX_TASK_ENABLED		__scx_get_SCX_TASK_ENABLED(3 << SCX_TASK_STATE_SHIFT)
#define SCX_TASK_DEAD			__scx_get_SCX_TASK_DEAD(~0ULL)

/*
 * Why a task is enqueued with SCX_ENQ_REENQ: p->scx.flags & SCX_TASK_REENQ_REASON_MASK. Since
 * 7.1; on older kernels the mask is 0, so that the reason is SCX_TASK_REENQ_NONE.
 */
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_REASON_BITS)
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_REASON_MASK)
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_KFUNC)
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_IMMED)
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_PREEMPTED)
__SCX_ENUM(scx_ent_flags, SCX_TASK_REENQ_CAP)	/* since 7.3 */

#define SCX_TASK_REENQ_REASON_SHIFT	12
#define SCX_TASK_REENQ_REASON_BITS	__scx_get_SCX_TASK_REENQ_REASON_BITS(0)
#define SCX_TASK_REENQ_REASON_MASK	__scx_get_SCX_TASK_REENQ_REASON_MASK(0)
#define SCX_TASK_REENQ_NONE		0
#define SCX_TASK_REENQ_KFUNC		__scx_get_SCX_TASK_REENQ_KFUNC(~0ULL)
#define SCX_TASK_REENQ_IMMED		__scx_get_SCX_TASK_REENQ_IMMED(~0ULL)
#define SCX_TASK_REENQ_PREEMPTED	__scx_get_SCX_TASK_REENQ_PREEMPTED(~0ULL)
#define SCX_TASK_REENQ_CAP		__scx_get_SCX_TASK_REENQ_CAP(~0ULL)

/* Flags in rq->scx.flags that not every kernel has; 0 there. */
__SCX_ENUM(scx_rq_flags, SCX_RQ_BAL_PENDING)	/* to 6.18 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_BAL_KEEP)	/* to 7.1 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_BYPASSING)	/* to 7.0 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_CLK_VALID)	/* since 6.16 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_BAL_CB_PENDING)	/* since 6.17 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_IN_BALANCE)	/* to 7.2 */
__SCX_ENUM(scx_rq_flags, SCX_RQ_IN_DISPATCH)	/* since 7.3 */

#define SCX_RQ_BAL_PENDING		__scx_get_SCX_RQ_BAL_PENDING(0)
#define SCX_RQ_BAL_KEEP			__scx_get_SCX_RQ_BAL_KEEP(0)
#define SCX_RQ_BYPASSING		__scx_get_SCX_RQ_BYPASSING(0)
#define SCX_RQ_CLK_VALID		__scx_get_SCX_RQ_CLK_VALID(0)
#define SCX_RQ_BAL_CB_PENDING		__scx_get_SCX_RQ_BAL_CB_PENDING(0)
#define SCX_RQ_IN_BALANCE		__scx_get_SCX_RQ_IN_BALANCE(0)
#define SCX_RQ_IN_DISPATCH		__scx_get_SCX_RQ_IN_DISPATCH(0)

/* Numbers, not flags: how many callbacks there are, in the kernel's own order. */
__SCX_ENUM(scx_opi, SCX_OPI_NORMAL_END)
__SCX_ENUM(scx_opi, SCX_OPI_CPU_HOTPLUG_BEGIN)
__SCX_ENUM(scx_opi, SCX_OPI_CPU_HOTPLUG_END)
__SCX_ENUM(scx_opi, SCX_OPI_END)

#define SCX_OPI_NORMAL_END		__scx_get_SCX_OPI_NORMAL_END(0)
#define SCX_OPI_CPU_HOTPLUG_BEGIN	__scx_get_SCX_OPI_CPU_HOTPLUG_BEGIN(0)
#define SCX_OPI_CPU_HOTPLUG_END		__scx_get_SCX_OPI_CPU_HOTPLUG_END(0)
#define SCX_OPI_END			__scx_get_SCX_OPI_END(0)

/* The flags of struct sched_ext_ops that the kernel knows. */
__SCX_ENUM(scx_ops_flags, SCX_OPS_ALL_FLAGS)
#define SCX_OPS_ALL_FLAGS		__scx_get_SCX_OPS_ALL_FLAGS(0)

/* The longest ops.timeout_ms, in jiffies: depends on how the kernel was built. */
__SCX_ENUM(scx_consts, SCX_WATCHDOG_MAX_TIMEOUT)
#define SCX_WATCHDOG_MAX_TIMEOUT	__scx_get_SCX_WATCHDOG_MAX_TIMEOUT(0)

/*
 * Flags of struct sched_ext_ops, whose initialiser takes constants. SCX_OPS_LOAD() deals with
 * those that the running kernel does not know; scx_has_enum() asks.
 */
__SCX_ENUM(scx_ops_flags, SCX_OPS_ENQ_MIGRATION_DISABLED)
__SCX_ENUM(scx_ops_flags, SCX_OPS_ALLOW_QUEUED_WAKEUP)
__SCX_ENUM(scx_ops_flags, SCX_OPS_BUILTIN_IDLE_PER_NODE)
__SCX_ENUM(scx_ops_flags, SCX_OPS_ALWAYS_ENQ_IMMED)
__SCX_ENUM(scx_ops_flags, SCX_OPS_TID_TO_TASK)

#define SCX_OPS_ENQ_MIGRATION_DISABLED	(1ULL << 4)	/* since 6.16 */
#define SCX_OPS_ALLOW_QUEUED_WAKEUP	(1ULL << 5)	/* since 6.16 */
#define SCX_OPS_BUILTIN_IDLE_PER_NODE	(1ULL << 6)	/* since 6.16 */
#define SCX_OPS_ALWAYS_ENQ_IMMED	(1ULL << 7)	/* since 7.1 */
#define SCX_OPS_TID_TO_TASK		(1ULL << 8)	/* since 7.2 */
#define SCX_OPS_HAS_CGROUP_WEIGHT	(1ULL << 16)	/* to 7.0, silences a warning */

/*
 * Constants that newer kernels added. The kernel hands them out, so that on an older one they are
 * just never seen.
 */
#define SCX_SLICE_BYPASS		5000000ULL	/* since 6.19 */
#define SCX_DSQ_BYPASS			((1ULL << 63) | 3) /* since 6.19 */
#define SCX_DSQ_REJECT			((1ULL << 63) | 4) /* since 7.3 */
#define SCX_DSQ_RESCUE			((1ULL << 63) | 5) /* since 7.3 */
#define SCX_ECODE_RSN_CGROUP_OFFLINE	(1ULL << 33)	/* since 7.1 */
#define SCX_EXIT_PARENT			68		/* since 7.1 */
#define SCX_EXIT_PARENT_KILL		69		/* since 7.3 */
#define SCX_EXIT_ERROR_REENQ		1027		/* since 7.3 */
#define SCX_EXIT_ERROR_RESCUE		1028		/* since 7.3 */
#define SCX_RESCUE_DISABLE		(~0U)		/* ops.rescue_bandwidth_ppt, since 7.3 */

#endif /* __SCX_ENUMS_BPF_H */
