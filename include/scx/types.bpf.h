/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types, BPF side, as complete as the newest kernel's.
 *
 * vmlinux.h is a header with all types of one kernel, made from its BTF: a compact form of debug
 * information, which a running kernel shows in /sys/kernel/btf/vmlinux. A few structs have grown since
 * 6.12, or were not there; these are defined here, so that a scheduler may name each of their
 * members whatever vmlinux.h it is built with. vmlinux.h's own are renamed on the way in.
 *
 * The order of members does not matter: libbpf moves those of an ops struct, and the accesses
 * to all others, to where the running kernel has them. What it does not have can be asked for
 * with bpf_core_field_exists().
 */
#ifndef __SCX_TYPES_BPF_H
#define __SCX_TYPES_BPF_H

#ifndef __VMLINUX_H__
/*
 * A vmlinux.h made from a new kernel also declares that kernel's kfuncs. Those
 * declarations would fix the build to the generation of one kernel; ours are weak and
 * cover all of them.
 */
#ifndef BPF_NO_KFUNC_PROTOTYPES
#define BPF_NO_KFUNC_PROTOTYPES
#endif

#define sched_ext_ops sched_ext_ops___vmlinux
#define scx_cgroup_init_args scx_cgroup_init_args___vmlinux
#define scx_event_stats scx_event_stats___vmlinux
#define scx_exit_info scx_exit_info___vmlinux
#include "vmlinux.h"
#undef sched_ext_ops
#undef scx_cgroup_init_args
#undef scx_event_stats
#undef scx_exit_info

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/**
 * struct scx_exit_info - handed to ops.exit
 * @kind: why the scheduler ended
 * @exit_cpu: CPU that it was triggered on. Since 7.2
 * @exit_code: given to scx_bpf_exit(), or by the kernel
 * @flags: SCX_EFLAG_*. Since 6.18
 * @reason: @kind in words
 * @bt: backtrace of an error
 * @bt_len: its number of entries
 * @msg: details
 * @dump: debug dump, as long as ops.exit_dump_len allows
 */
struct scx_exit_info {
	enum scx_exit_kind	kind;
	s32			exit_cpu;
	s64			exit_code;
	u64			flags;
	const char		*reason;
	unsigned long		*bt;
	u32			bt_len;
	char			*msg;
	char			*dump;
};

/**
 * struct scx_cgroup_init_args - handed to ops.cgroup_init
 * @weight: of the cgroup, 1 to 10000
 * @bw_period_us: period of its bandwidth limit, in us. Since 6.17, like the next two
 * @bw_quota_us: CPU time for each period, in us; all ones if there is no limit
 * @bw_burst_us: how much unused time may be carried over, in us
 * @sched_idle: cpu.idle is set. Since 7.3
 */
struct scx_cgroup_init_args {
	u32			weight;
	u64			bw_period_us;
	u64			bw_quota_us;
	u64			bw_burst_us;
	bool			sched_idle;
};

/*
 * Events that the kernel counts, for scx_bpf_events(). Since 6.16. Read members with scx_read_event(),
 * which knows what is there, and finds them where the running kernel puts them: so there is room here
 * for what is to come.
 */
struct scx_event_stats {
	s64			SCX_EV_SELECT_CPU_FALLBACK;
	s64			SCX_EV_DISPATCH_LOCAL_DSQ_OFFLINE;
	s64			SCX_EV_DISPATCH_KEEP_LAST;
	s64			SCX_EV_ENQ_SKIP_EXITING;
	s64			SCX_EV_ENQ_SKIP_MIGRATION_DISABLED;
	s64			SCX_EV_REENQ_IMMED;
	s64			SCX_EV_REENQ_LOCAL_REPEAT;	/* 7.1 and 7.2 */
	s64			SCX_EV_REENQ_REPEAT;
	s64			SCX_EV_REFILL_SLICE_DFL;
	s64			SCX_EV_SLICE_CLAMPED;
	s64			SCX_EV_SLICE_DENIED;
	s64			SCX_EV_BYPASS_DURATION;
	s64			SCX_EV_BYPASS_DISPATCH;
	s64			SCX_EV_BYPASS_ACTIVATE;
	s64			SCX_EV_INSERT_NOT_OWNED;
	s64			__room[9];
};

struct scx_cpu_acquire_args;
struct scx_cpu_release_args;
struct scx_dump_ctx;
struct scx_exit_task_args;
struct scx_init_task_args;
struct scx_sub_attach_args;
struct scx_sub_detach_args;

/*
 * A scheduler. What each member does is said in the kernel, above its own definition of the struct.
 * Members that are newer than 6.12 have the release beside them; SCX_OPS_LOAD() leaves them out where
 * the running kernel has none.
 */
struct sched_ext_ops {
	s32	(*select_cpu)(struct task_struct *p, s32 prev_cpu, u64 wake_flags);
	void	(*enqueue)(struct task_struct *p, u64 enq_flags);
	void	(*dequeue)(struct task_struct *p, u64 deq_flags);
	void	(*dispatch)(s32 cpu, struct task_struct *prev);
	void	(*tick)(struct task_struct *p);
	void	(*runnable)(struct task_struct *p, u64 enq_flags);
	void	(*running)(struct task_struct *p);
	void	(*stopping)(struct task_struct *p, bool runnable);
	void	(*quiescent)(struct task_struct *p, u64 deq_flags);
	bool	(*yield)(struct task_struct *from, struct task_struct *to);
	bool	(*core_sched_before)(struct task_struct *a, struct task_struct *b);
	void	(*set_weight)(struct task_struct *p, u32 weight);
	void	(*set_cpumask)(struct task_struct *p, const struct cpumask *cpumask);
	void	(*update_idle)(s32 cpu, bool idle);
	void	(*cpu_acquire)(s32 cpu, struct scx_cpu_acquire_args *args);
	void	(*cpu_release)(s32 cpu, struct scx_cpu_release_args *args);
	s32	(*init_task)(struct task_struct *p, struct scx_init_task_args *args);
	void	(*exit_task)(struct task_struct *p, struct scx_exit_task_args *args);
	void	(*enable)(struct task_struct *p);
	void	(*disable)(struct task_struct *p);
	void	(*dump)(struct scx_dump_ctx *ctx);
	void	(*dump_cpu)(struct scx_dump_ctx *ctx, s32 cpu, bool idle);
	void	(*dump_task)(struct scx_dump_ctx *ctx, struct task_struct *p);
	s32	(*cgroup_init)(struct cgroup *cgrp, struct scx_cgroup_init_args *args);
	void	(*cgroup_exit)(struct cgroup *cgrp);
	s32	(*cgroup_prep_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void	(*cgroup_move)(struct task_struct *p, struct cgroup *from, struct cgroup *to);
	void	(*cgroup_cancel_move)(struct task_struct *p, struct cgroup *from,
				      struct cgroup *to);
	void	(*cgroup_set_weight)(struct cgroup *cgrp, u32 weight);
	void	(*cgroup_set_bandwidth)(struct cgroup *cgrp, u64 period_us, u64 quota_us,
					u64 burst_us);				/* 6.17 */
	void	(*cgroup_set_idle)(struct cgroup *cgrp, bool idle);		/* 6.19 */
	s32	(*sub_attach)(struct scx_sub_attach_args *args);		/* 7.1 */
	void	(*sub_detach)(struct scx_sub_detach_args *args);		/* 7.1 */
	void	(*cpu_online)(s32 cpu);
	void	(*cpu_offline)(s32 cpu);
	s32	(*init)(void);
	void	(*exit)(struct scx_exit_info *info);
	u32	dispatch_max_batch;
	u64	flags;
	u32	timeout_ms;
	u32	exit_dump_len;
	u64	hotplug_seq;
	u32	rescue_bandwidth_ppt;						/* 7.3 */
	u32	rescue_quantum_us;						/* 7.3 */
	u64	sub_cgroup_id;							/* 7.1 */
	char	name[128];
};

#pragma clang attribute pop

#endif /* !__VMLINUX_H__ */

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#endif /* __SCX_TYPES_BPF_H */
