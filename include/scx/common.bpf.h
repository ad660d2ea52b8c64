/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sched_ext scheduler includes on its BPF side.
 *
 *	#include <scx/common.bpf.h>
 *
 * This file holds the macros with which a scheduler is written, and brings in the rest:
 *
 *	types.bpf.h		the kernel's types
 *	enums.bpf.h		its enumerators, the running kernel's
 *	kfuncs.bpf.h		kfuncs of sched_ext that never changed
 *	compat.bpf.h		those that did, and what else differs from kernel to kernel
 *	kernel.bpf.h		kfuncs for tasks, cgroups, RCU, objects, lists, trees
 *	cpumask.bpf.h		sets of CPUs
 *	util.bpf.h		arrays, memory, time, arithmetic
 *	errno.bpf.h		error numbers
 *	user_exit_info.h	how a scheduler tells its end to user space
 *	stats.h			counters
 */
#ifndef __SCX_COMMON_BPF_H
#define __SCX_COMMON_BPF_H

#include "types.bpf.h"
#include "errno.bpf.h"

/* Flags in p->flags that schedulers look at, the same on every kernel */
#define PF_IDLE		0x00000002	/* a CPU's idle task */
#define PF_EXITING	0x00000004	/* on its way out */
#define PF_IO_WORKER	0x00000010	/* worker of io_uring */
#define PF_WQ_WORKER	0x00000020	/* worker of a workqueue */
#define PF_KCOMPACTD	0x00010000	/* compacts memory */
#define PF_KSWAPD	0x00020000	/* reclaims memory */
#define PF_KTHREAD	0x00200000	/* a kernel thread */

#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC	1		/* for bpf_timer_init() */
#endif
#ifndef NUMA_NO_NODE
#define NUMA_NO_NODE	(-1)
#endif
/* A limit of CPU numbers, for arrays of fixed size; scx_bpf_nr_cpu_ids() tells how many there are. */
#ifndef NR_CPUS
#define NR_CPUS		1024
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
 * Only init, exit, init_task, cpu_online, cpu_offline, cgroup_init, cgroup_exit,
 * cgroup_prep_move, sub_attach, sub_detach and, since 7.3, cgroup_set_bandwidth may be.
 * Creating a dispatch queue needs it: the kernel allocates.
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

#include "enums.bpf.h"
#include "kfuncs.bpf.h"
#include "kernel.bpf.h"
#include "cpumask.bpf.h"
#include "compat.bpf.h"
#include "util.bpf.h"
#include "user_exit_info.h"
#include "stats.h"

#endif /* __SCX_COMMON_BPF_H */
