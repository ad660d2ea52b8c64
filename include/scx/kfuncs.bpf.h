/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kfuncs of sched_ext that have not changed since they came. A kfunc is a function of the kernel
 * that BPF programs may call by its name.
 *
 * All are weak externs: what the running kernel lacks is NULL when the program is loaded, and
 * bpf_ksym_exists() a constant to the verifier. Those of 6.12 are everywhere. Of the others it
 * is said since when they are there ("since 6.16" is what 6.12 has not: nobody looked at the
 * kernels between, which have long ceased to be maintained): call them only where bpf_ksym_exists()
 * finds them, or through a wrapper in compat.bpf.h. Those that have changed are in compat.bpf.h, too.
 *
 * "From everywhere" means from each callback of struct sched_ext_ops, and from timers that one of
 * them has set up. Before 7.1 a call from the wrong callback ejects the scheduler when it is
 * made; from 7.1 on most are refused when the program is loaded, unless they are in code that
 * the verifier has dropped.
 */
#ifndef __SCX_KFUNCS_BPF_H
#define __SCX_KFUNCS_BPF_H

#include "types.bpf.h"

/* Dispatch queues */

/**
 * scx_bpf_create_dsq - create a dispatch queue (DSQ)
 * @dsq_id: its number, chosen by the scheduler, below 2^63
 * @node: NUMA node to allocate from, -1 for any
 *
 * From sleepable callbacks, ops.init as a rule. Returns 0 or a negative errno;
 * the kernel destroys the queue with the scheduler. Since 6.12.
 */
s32 scx_bpf_create_dsq(u64 dsq_id, s32 node) __ksym __weak;

/**
 * scx_bpf_destroy_dsq - destroy a dispatch queue
 * @dsq_id: queue of one's own
 *
 * From everywhere. It must be empty, else the scheduler is ejected; nothing happens if there is
 * no such queue. Since 6.12.
 */
void scx_bpf_destroy_dsq(u64 dsq_id) __ksym __weak;

/**
 * scx_bpf_dsq_nr_queued - number of tasks in a dispatch queue
 * @dsq_id: queue of one's own, SCX_DSQ_LOCAL or SCX_DSQ_LOCAL_ON | cpu
 *
 * From everywhere. Returns -ENOENT if there is no such queue. It may have changed by the time
 * one looks. Since 6.12.
 */
s32 scx_bpf_dsq_nr_queued(u64 dsq_id) __ksym __weak;

/**
 * scx_bpf_dispatch_nr_slots - how many more tasks ops.dispatch may insert
 *
 * From ops.dispatch. One more than ops.dispatch_max_batch ejects the scheduler. Since 6.12.
 */
u32 scx_bpf_dispatch_nr_slots(void) __ksym __weak;

/**
 * scx_bpf_dispatch_cancel - take back the latest insertion of this ops.dispatch
 *
 * From ops.dispatch. It can be called again for the one before; with nothing left to take back,
 * the scheduler is ejected. Since 6.12.
 */
void scx_bpf_dispatch_cancel(void) __ksym __weak;

/*
 * What bpf_for_each(scx_dsq, p, dsq_id, flags) calls to walk a queue. From everywhere, with RCU held.
 * Of a queue that does not exist there is nothing to walk. Since 6.12.
 */
int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq_id, u64 flags) __ksym __weak;
struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it) __ksym __weak;
void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it) __ksym __weak;

/* The iterator of the bpf_for_each() that one is in, for scx_bpf_dsq_move() and its kin. */
#define BPF_FOR_EACH_ITER (&___it)

/**
 * scx_bpf_dsq_peek - the first task of a queue, without a lock
 * @dsq_id: queue of one's own
 *
 * From everywhere, with RCU held. Returns NULL if the queue is empty, and before 7.1 sometimes
 * when it is not. Since 6.19; __COMPAT_scx_bpf_dsq_peek() is right on every kernel.
 */
struct task_struct *scx_bpf_dsq_peek(u64 dsq_id) __ksym __weak;

/* CPUs */

/**
 * scx_bpf_kick_cpu - make a CPU reschedule
 * @cpu: which
 * @flags: SCX_KICK_*, or 0
 *
 * From everywhere, but not from NMI. A CPU that is idle wakes up; a busy one calls the scheduler
 * when it can, which keeps the task that it runs if that has a slice left. Flags, all since 6.12:
 *
 * SCX_KICK_IDLE	only if the CPU is idle, or about to be. With another flag beside it, the
 *			scheduler is ejected.
 * SCX_KICK_PREEMPT	also end the slice of the task that the CPU runs, if it is one of sched_ext's.
 *			That is all there is to preemption: the slice becomes 0, and the CPU
 *			reschedules. So what is missing of a slice in ops.stopping does not tell how
 *			long a task has run; the clock does.
 * SCX_KICK_WAIT	also wait until that CPU has rescheduled. On 6.12 the caller's CPU spins with
 *			interrupts off, and a circle of waiting CPUs locks up; newer kernels wait at
 *			the end of a scheduling round.
 *
 * A kick is a request that is kept in the calling CPU's list and carried out by its irq_work,
 * soon after the caller has let go of its run queue. Kicks of one CPU that have not been carried
 * out are one: their flags add up, and SCX_KICK_IDLE is lost beside a kick without it.
 *
 * What is promised is that the CPU goes through the scheduler once after the kick was carried
 * out, not who runs then. It is dropped without a word while the kernel bypasses the scheduler (it
 * does around suspend, and while it loads and unloads one), for a CPU that is offline, and on
 * newer kernels for one that runs a task of a higher class. Whoever depends on a kick repeats it,
 * from a timer for example. A task inserted into the local queue of an idle CPU needs none; except that
 * some kernels, 6.16 for one, wake nobody for one that scx_bpf_dsq_move() moves there and that was on
 * this CPU before.
 *
 * A CPU that goes offline calls ops.update_idle a last time when it carries out nothing any more. A
 * kick from there blocks its irq_work: once it is back online, none of what it kicks is carried
 * out, and even a scheduler's exit that begins there is lost. scx_bpf_get_online_cpumask() no longer has
 * such a CPU.
 *
 * Source: scx_bpf_kick_cpu(), kick_cpus_irq_workfn() and kick_one_cpu() in the kernel's ext.c.
 */
void scx_bpf_kick_cpu(s32 cpu, u64 flags) __ksym __weak;

/**
 * scx_bpf_nr_cpu_ids - one more than the largest CPU number
 *
 * From everywhere. Since 6.12.
 */
u32 scx_bpf_nr_cpu_ids(void) __ksym __weak;

/**
 * scx_bpf_nr_node_ids - one more than the largest number of a NUMA node
 *
 * From everywhere. Since 6.16; __COMPAT_scx_bpf_nr_node_ids() is on every kernel.
 */
u32 scx_bpf_nr_node_ids(void) __ksym __weak;

/**
 * scx_bpf_cpu_node - the NUMA node of a CPU
 * @cpu: which
 *
 * From everywhere. Since 6.16; __COMPAT_scx_bpf_cpu_node() is on every kernel.
 */
s32 scx_bpf_cpu_node(s32 cpu) __ksym __weak;

/**
 * scx_bpf_cpuperf_cap - how fast a CPU can be, compared with the fastest
 * @cpu: which
 *
 * From everywhere. Returns 1 to SCX_CPUPERF_ONE. Since 6.12.
 */
u32 scx_bpf_cpuperf_cap(s32 cpu) __ksym __weak;

/**
 * scx_bpf_cpuperf_cur - how fast a CPU is now, compared with the fastest that it can be
 * @cpu: which
 *
 * From everywhere. Returns 1 to SCX_CPUPERF_ONE. Since 6.12.
 */
u32 scx_bpf_cpuperf_cur(s32 cpu) __ksym __weak;

/**
 * scx_bpf_cpuperf_set - ask for a CPU's speed
 * @cpu: which
 * @perf: up to SCX_CPUPERF_ONE, beyond which the scheduler is ejected
 *
 * A wish that only the schedutil governor heeds. From everywhere; from a callback that holds a
 * run queue's lock for that CPU only. Since 6.12.
 */
void scx_bpf_cpuperf_set(s32 cpu, u32 perf) __ksym __weak;

/**
 * scx_bpf_cpu_rq - the run queue of a CPU
 * @cpu: which
 *
 * Only to 7.2, and newer ones of these warn about it: take scx_bpf_locked_rq(), or
 * __COMPAT_scx_bpf_cpu_curr().
 */
struct rq *scx_bpf_cpu_rq(s32 cpu) __ksym __weak;

/**
 * scx_bpf_locked_rq - the run queue whose lock the running callback holds
 *
 * If it holds none, as ops.init or a timer, the scheduler is ejected. Since 6.18.
 */
struct rq *scx_bpf_locked_rq(void) __ksym __weak;

/**
 * scx_bpf_cpu_curr - the task that a CPU runs
 * @cpu: which
 *
 * Since 6.18. With compat.bpf.h a call is one of __COMPAT_scx_bpf_cpu_curr().
 */
struct task_struct *scx_bpf_cpu_curr(s32 cpu) __ksym __weak;

/*
 * Idle CPUs. What looks for them needs the kernel's idle tracking, see scx_bpf_select_cpu_dfl(); without,
 * scx_bpf_pick_any_cpu() takes any.
 */

/**
 * scx_bpf_select_cpu_dfl - the kernel's own choice of a CPU for a waking task
 * @p: task
 * @prev_cpu: CPU that it ran on last
 * @wake_flags: SCX_WAKE_* as given to ops.select_cpu
 * @is_idle: set to whether the returned CPU was idle and is now reserved for @p, or is the waker's:
 *	SCX_WAKE_SYNC says that this is about to sleep. Without that flag it is an idle one, or none
 *
 * From ops.select_cpu; from ops.enqueue where __COMPAT_select_cpu_from_enqueue() says so. Needs
 * the kernel's idle tracking, which a scheduler with its own ops.update_idle switches off
 * unless it sets SCX_OPS_KEEP_BUILTIN_IDLE. Since 6.12.
 */
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
			   bool *is_idle) __ksym __weak;

/**
 * scx_bpf_test_and_clear_cpu_idle - reserve a CPU if it is idle
 * @cpu: which
 *
 * From everywhere. Returns true if it was: it then counts as busy, for others that look for an
 * idle one, until it has been through the scheduler. Since 6.12.
 */
bool scx_bpf_test_and_clear_cpu_idle(s32 cpu) __ksym __weak;

/**
 * scx_bpf_pick_idle_cpu - find and reserve an idle CPU
 * @cpus_allowed: CPUs to look at
 * @flags: SCX_PICK_IDLE_CORE for one whose SMT siblings are idle as well
 *
 * From everywhere. Returns -EBUSY if there is none. With SCX_OPS_BUILTIN_IDLE_PER_NODE set, the
 * scheduler is ejected: take __COMPAT_scx_bpf_pick_idle_cpu_node(). Since 6.12.
 */
s32 scx_bpf_pick_idle_cpu(const struct cpumask *cpus_allowed, u64 flags) __ksym __weak;

/**
 * scx_bpf_pick_any_cpu - find and reserve an idle CPU, or else take any
 * @cpus_allowed: CPUs to look at
 * @flags: as for scx_bpf_pick_idle_cpu()
 *
 * From everywhere. Returns -EBUSY only if @cpus_allowed is empty. As for
 * SCX_OPS_BUILTIN_IDLE_PER_NODE, what scx_bpf_pick_idle_cpu() says holds. Since 6.12.
 */
s32 scx_bpf_pick_any_cpu(const struct cpumask *cpus_allowed, u64 flags) __ksym __weak;

/**
 * scx_bpf_get_idle_cpumask - the CPUs that are idle
 *
 * From everywhere. To be given back with scx_bpf_put_idle_cpumask(). As for
 * SCX_OPS_BUILTIN_IDLE_PER_NODE, what scx_bpf_pick_idle_cpu() says holds. Since 6.12.
 */
const struct cpumask *scx_bpf_get_idle_cpumask(void) __ksym __weak;

/**
 * scx_bpf_get_idle_smtmask - the CPUs of cores that are idle as a whole
 *
 * Like scx_bpf_get_idle_cpumask(). Without SMT they are the same. Since 6.12.
 */
const struct cpumask *scx_bpf_get_idle_smtmask(void) __ksym __weak;

/**
 * scx_bpf_put_idle_cpumask - give back a mask of idle CPUs
 * @idle_mask: from one of the scx_bpf_get_idle_*() kfuncs
 */
void scx_bpf_put_idle_cpumask(const struct cpumask *idle_mask) __ksym __weak;

/*
 * The same for one NUMA node, @node. Since 6.16, and only with SCX_OPS_BUILTIN_IDLE_PER_NODE set,
 * else the scheduler is ejected. SCX_PICK_IDLE_IN_NODE in @flags keeps to the node, otherwise the
 * others follow, the nearest first.
 */
const struct cpumask *scx_bpf_get_idle_cpumask_node(int node) __ksym __weak;
const struct cpumask *scx_bpf_get_idle_smtmask_node(int node) __ksym __weak;
s32 scx_bpf_pick_idle_cpu_node(const struct cpumask *cpus_allowed, int node,
			       u64 flags) __ksym __weak;
s32 scx_bpf_pick_any_cpu_node(const struct cpumask *cpus_allowed, int node,
			      u64 flags) __ksym __weak;

/* Masks of all CPUs */

/**
 * scx_bpf_get_possible_cpumask - the CPUs that there can ever be
 *
 * From everywhere. To be given back with scx_bpf_put_cpumask(). Since 6.12.
 */
const struct cpumask *scx_bpf_get_possible_cpumask(void) __ksym __weak;

/**
 * scx_bpf_get_online_cpumask - the CPUs that are online
 *
 * Like scx_bpf_get_possible_cpumask().
 */
const struct cpumask *scx_bpf_get_online_cpumask(void) __ksym __weak;

/**
 * scx_bpf_put_cpumask - give back a mask
 * @cpumask: from one of the two above
 */
void scx_bpf_put_cpumask(const struct cpumask *cpumask) __ksym __weak;

/* Tasks */

/**
 * scx_bpf_task_cpu - the CPU that a task runs on, or ran on last
 * @p: task
 *
 * From everywhere. Since 6.12.
 */
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym __weak;

/**
 * scx_bpf_task_running - is a task on a CPU now?
 * @p: task
 *
 * From everywhere. Since 6.12.
 */
bool scx_bpf_task_running(const struct task_struct *p) __ksym __weak;

/**
 * scx_bpf_tid_to_task - find a task by the number that sched_ext gave it
 * @tid: p->scx.tid, never used twice
 *
 * From everywhere, with RCU held. Returns NULL if it is gone. Since 7.2, and only with
 * SCX_OPS_TID_TO_TASK set, else the scheduler is ejected.
 */
struct task_struct *scx_bpf_tid_to_task(u64 tid) __ksym __weak;

/* Reports */

/**
 * scx_bpf_events - what the kernel has counted since the scheduler was loaded
 * @events: where it goes
 * @events__sz: its size
 *
 * From everywhere. Since 6.16; __COMPAT_scx_bpf_events() is on every kernel.
 */
void scx_bpf_events(struct scx_event_stats *events, size_t events__sz) __ksym __weak;

/**
 * scx_read_event - one of the counters
 * @e: from scx_bpf_events()
 * @name: SCX_EV_*
 *
 * 0 where the running kernel does not count it.
 */
#define scx_read_event(e, name)							\
	(bpf_core_field_exists((e)->name) ? (e)->name : 0)

/* Formatted text for scx_bpf_error(), scx_bpf_exit() and scx_bpf_dump(). Since 6.12. */
void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 data_len) __ksym __weak;
void scx_bpf_exit_bstr(s64 exit_code, char *fmt, unsigned long long *data,
		       u32 data_len) __ksym __weak;
void scx_bpf_dump_bstr(char *fmt, unsigned long long *data, u32 data_len) __ksym __weak;

/* Has the compiler compare a format string with its arguments, and does nothing. */
__attribute__((format(printf, 1, 2)))
static inline void __scx_check_format(const char *fmt __attribute__((unused)), ...) {}

/* Call a kfunc that takes a format string and its arguments as an array of u64. */
#define __scx_bstr(call, fmt, args...)						\
({										\
	static char __fmt[] = fmt;						\
	unsigned long long __argv[___bpf_narg(args) + 1];			\
										\
	__scx_check_format(fmt, ##args);					\
	_Pragma("clang diagnostic push")					\
	_Pragma("clang diagnostic ignored \"-Wint-conversion\"")		\
	___bpf_fill(__argv, args);						\
	_Pragma("clang diagnostic pop")						\
	call(__fmt, __argv, ___bpf_narg(args) * sizeof(__argv[0]));		\
})

/**
 * scx_bpf_error - eject the scheduler because of an error
 * @fmt: format string, a literal, as bpf_trace_printk() takes it
 * @args: its arguments
 *
 * From everywhere. All tasks go back to the kernel's fair class; the text reaches
 * the loader as the exit message (UEI_REPORT). The running callback goes on to its
 * end. Since 6.12.
 */
#define scx_bpf_error(fmt, args...) __scx_bstr(scx_bpf_error_bstr, fmt, ##args)

#define __scx_exit_bstr(fmt, data, len) scx_bpf_exit_bstr(__code, fmt, data, len)

/**
 * scx_bpf_exit - end the scheduler in good order
 * @code: 64-bit exit code; the low 32 bits are the scheduler's own
 * @fmt: format string, a literal
 * @args: its arguments
 *
 * From everywhere. Like scx_bpf_error(), but it is no error; with
 * SCX_ECODE_ACT_RESTART in @code the loader starts anew. Since 6.12.
 */
#define scx_bpf_exit(code, fmt, args...)					\
({										\
	s64 __code = (code);							\
										\
	__scx_bstr(__scx_exit_bstr, fmt, ##args);				\
})

/**
 * scx_bpf_dump - write into the debug dump
 * @fmt: format string, a literal
 * @args: its arguments
 *
 * From ops.dump, ops.dump_cpu and ops.dump_task; elsewhere the scheduler is ejected. Since 6.12.
 */
#define scx_bpf_dump(fmt, args...) __scx_bstr(scx_bpf_dump_bstr, fmt, ##args)

/**
 * scx_bpf_dump_header - write into the debug dump what is known of the machine
 *
 * From ops.dump. No more than the number of CPUs: to ask for the kernel's release, as other
 * headers do, would keep the scheduler from loading where there is no kconfig.
 */
#define scx_bpf_dump_header() scx_bpf_dump("cpus: %u\n", scx_bpf_nr_cpu_ids())

#endif /* __SCX_KFUNCS_BPF_H */
