/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sched_ext scheduler includes on its BPF side.
 *
 *	#include <scx/common.bpf.h>
 *
 * This file brings in the kernel's types, the macros with which a scheduler is
 * written, and helpers. Everything that differs from kernel to kernel is in
 * compat.bpf.h, how a scheduler tells its end to user space is in
 * user_exit_info.h, counters are in stats.h.
 */
#ifndef __SCX_COMMON_BPF_H
#define __SCX_COMMON_BPF_H

/*
 * A vmlinux.h made from a new kernel also declares that kernel's kfuncs. Those
 * declarations would fix the build to the generation of one kernel; ours, in
 * compat.bpf.h, are weak and cover all of them.
 */
#define BPF_NO_KFUNC_PROTOTYPES
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

/* errno values that schedulers return; vmlinux.h carries no macros */
#ifndef EPERM
#define EPERM		1
#define ENOENT		2
#define ESRCH		3
#define EAGAIN		11
#define ENOMEM		12
#define EBUSY		16
#define EEXIST		17
#define ENODEV		19
#define EINVAL		22
#define ENOSPC		28
#define EOPNOTSUPP	95
#endif

/**
 * BPF_STRUCT_OPS - define a callback of struct sched_ext_ops
 * @name: name of the BPF program
 * @args: the callback's parameters as the kernel declares them
 *
 * The program may not sleep. Put the return type in front:
 *
 *	s32 BPF_STRUCT_OPS(foo_select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
 */
#define BPF_STRUCT_OPS(name, args...)						\
SEC("struct_ops/" #name)							\
BPF_PROG(name, ##args)

/**
 * BPF_STRUCT_OPS_SLEEPABLE - define a callback that may sleep
 * @name: name of the BPF program
 * @args: the callback's parameters
 *
 * Only init, exit, init_task, cpu_online, cpu_offline, cgroup_init, cgroup_exit and
 * cgroup_prep_move may be. Creating a dispatch queue needs it: the kernel allocates.
 */
#define BPF_STRUCT_OPS_SLEEPABLE(name, args...)					\
SEC("struct_ops.s/" #name)							\
BPF_PROG(name, ##args)

/**
 * SCX_OPS_DEFINE - define the struct sched_ext_ops of a scheduler
 * @ops_name: name of the variable, also the name of its map in the skeleton
 * @...: designated initialisers; callbacks are cast to void pointers
 *
 * ".struct_ops.link" ties the scheduler's life to a BPF link, so that it goes
 * when its loader goes, however the loader ends.
 */
#define SCX_OPS_DEFINE(ops_name, ...)						\
	SEC(".struct_ops.link")							\
	struct sched_ext_ops ops_name = {					\
		__VA_ARGS__,							\
	}

/**
 * RESIZABLE_ARRAY - define a global array whose length the loader chooses
 * @elfsec: "data" or "rodata"
 * @arr: name of the array
 *
 * The array lives in a section of its own; before load, the loader sizes it with
 * RESIZE_ARRAY() of common.h.
 */
#define RESIZABLE_ARRAY(elfsec, arr) arr[1] SEC("." #elfsec "." #arr)

/**
 * time_before - compare two moments of a 64-bit clock or vtime
 * @a: one moment
 * @b: another one
 *
 * Returns true if @a is before @b, also when the clock wraps between them. That
 * holds while the two are less than 2^63 apart, which a policy must see to, by
 * capping what a sleeper may save up.
 */
static inline bool time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/**
 * time_after - the reverse of time_before()
 * @a: one moment
 * @b: another one
 */
static inline bool time_after(u64 a, u64 b)
{
	return time_before(b, a);
}

/* The weight of a nice 0 task; weights run from 1 to 10000. */
#define SCX_WEIGHT_DFL 100

/**
 * scale_by_task_weight - scale a value up with a task's weight
 * @p: task
 * @value: any quantity, a slice say
 *
 * Returns @value for a nice 0 task, more for a heavier one, less for a lighter.
 */
static inline u64 scale_by_task_weight(const struct task_struct *p, u64 value)
{
	return value * p->scx.weight / SCX_WEIGHT_DFL;
}

/**
 * scale_by_task_weight_inverse - scale a value down with a task's weight
 * @p: task
 * @value: time that the task ran, in ns
 *
 * Returns the virtual time to charge: a task of twice the weight pays half for the
 * same time, and thus gets to run twice as long. The kernel keeps weights above 0.
 */
static inline u64 scale_by_task_weight_inverse(const struct task_struct *p, u64 value)
{
	return value * SCX_WEIGHT_DFL / p->scx.weight;
}

#include "compat.bpf.h"
#include "user_exit_info.h"
#include "stats.h"

#endif /* __SCX_COMMON_BPF_H */
