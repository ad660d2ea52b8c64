/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's enumerators, user side, where there is no vmlinux.h.
 *
 * Most have one value on every kernel from 6.12 on, and are constants. Those that newer kernels
 * added are the running kernel's, 0 where it does not know them; see each.
 */
#ifndef __SCX_ENUMS_H
#define __SCX_ENUMS_H

#include "base.h"
#include "btf.h"

/**
 * __COMPAT_ENUM_OR_ZERO - an enumerator of the running kernel, 0 where it does not have it
 * @type: tag of the enum, a string
 * @name: the enumerator, a string
 */
static inline u64 __COMPAT_ENUM_OR_ZERO(const char *type, const char *name)
{
	u64 val = 0;

	__COMPAT_read_enum(type, name, &val);
	return val;
}

/* What becomes of a flag in struct sched_ext_ops that the running kernel does not know. */
enum scx_flag_missing {
	SCX_FLAG_DROP,		/* dropped: the kernel behaves as if it were set, or as well */
	SCX_FLAG_SAY,		/* dropped, and named in the line of what is missing */
	SCX_FLAG_FATAL,		/* the scheduler is not loaded */
};

/**
 * struct scx_ops_flag - a flag in struct sched_ext_ops
 * @flag: its value, the same on every kernel that knows it
 * @name: its name
 * @missing: what becomes of it elsewhere
 */
struct scx_ops_flag {
	u64			flag;
	const char		*name;
	enum scx_flag_missing	missing;
};

/*
 * All flags of 6.12 to 7.3. A scheduler that makes no sense without one of those that may be
 * dropped says so with SCX_OPS_REQUIRE_FLAG().
 */
static const struct scx_ops_flag scx_ops_flags[] = {
	/* 6.12 */
	{ 1ULL << 0,	"SCX_OPS_KEEP_BUILTIN_IDLE",		SCX_FLAG_FATAL },
	{ 1ULL << 1,	"SCX_OPS_ENQ_LAST",			SCX_FLAG_FATAL },
	{ 1ULL << 2,	"SCX_OPS_ENQ_EXITING",			SCX_FLAG_FATAL },
	{ 1ULL << 3,	"SCX_OPS_SWITCH_PARTIAL",		SCX_FLAG_FATAL },
	/* 6.16: before, ops.enqueue gets such tasks in any case */
	{ 1ULL << 4,	"SCX_OPS_ENQ_MIGRATION_DISABLED",	SCX_FLAG_DROP },
	/* 6.16: before, a wakeup waits until the task is off its CPU, which costs a little time */
	{ 1ULL << 5,	"SCX_OPS_ALLOW_QUEUED_WAKEUP",		SCX_FLAG_DROP },
	/* 6.16: before, idle CPUs are looked for on all nodes */
	{ 1ULL << 6,	"SCX_OPS_BUILTIN_IDLE_PER_NODE",	SCX_FLAG_SAY },
	/* 7.1: before, tasks wait on a local queue while another class has the CPU */
	{ 1ULL << 7,	"SCX_OPS_ALWAYS_ENQ_IMMED",		SCX_FLAG_SAY },
	/* 7.2: before, scx_bpf_tid_to_task() is not there either */
	{ 1ULL << 8,	"SCX_OPS_TID_TO_TASK",			SCX_FLAG_SAY },
	/* to 7.0, where it only keeps 6.12 from a warning in the kernel's log */
	{ 1ULL << 16,	"SCX_OPS_HAS_CGROUP_WEIGHT",		SCX_FLAG_DROP },
};

/* The flags that the running kernel knows; it refuses all others. */
static inline u64 scx_ops_known_flags(void)
{
	u64 known;

	return __COMPAT_read_enum("scx_ops_flags", "SCX_OPS_ALL_FLAGS", &known) ? known : ~0ULL;
}

/**
 * SCX_OPS_FLAG - a flag in struct sched_ext_ops, 0 where the running kernel does not know it
 * @name: SCX_OPS_*
 */
#define SCX_OPS_FLAG(name) __COMPAT_ENUM_OR_ZERO("scx_ops_flags", #name)

/*
 * Flags of struct sched_ext_ops for loaders to set. With those that the running kernel does not
 * know, SCX_OPS_LOAD() does what the table says, whichever side has set them.
 */
#define SCX_OPS_KEEP_BUILTIN_IDLE	(1ULL << 0)
#define SCX_OPS_ENQ_LAST		(1ULL << 1)
#define SCX_OPS_ENQ_EXITING		(1ULL << 2)
#define SCX_OPS_SWITCH_PARTIAL		(1ULL << 3)
#define SCX_OPS_ENQ_MIGRATION_DISABLED	(1ULL << 4)
#define SCX_OPS_ALLOW_QUEUED_WAKEUP	(1ULL << 5)
#define SCX_OPS_BUILTIN_IDLE_PER_NODE	(1ULL << 6)
#define SCX_OPS_ALWAYS_ENQ_IMMED	(1ULL << 7)
#define SCX_OPS_TID_TO_TASK		(1ULL << 8)
#define SCX_OPS_HAS_CGROUP_WEIGHT	(1ULL << 16)

/* Flags for the BPF side's picking of idle CPUs, to be handed over in rodata. */
#define SCX_PICK_IDLE_CORE		1ULL
#define SCX_PICK_IDLE_IN_NODE		SCX_PICK_IDLE_FLAG(SCX_PICK_IDLE_IN_NODE) /* since 6.16 */
#define SCX_PICK_IDLE_FLAG(name) __COMPAT_ENUM_OR_ZERO("scx_pick_idle_cpu_flags", #name)

/*
 * Where other headers hand the kernel's enumerators to the BPF side, ours have libbpf fill them
 * in. For the sake of sources that call it.
 */
#define SCX_ENUM_INIT(skel) ((void)(skel))

#endif /* __SCX_ENUMS_H */
