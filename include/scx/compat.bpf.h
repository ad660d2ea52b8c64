/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What changed between kernels, BPF side, and nothing else.
 *
 * Each kfunc that a scheduler calls is declared here as a weak extern. A weak
 * extern that the running kernel lacks resolves to NULL when the program is
 * loaded; bpf_ksym_exists() is then a constant to the verifier, which drops the
 * branch that calls it. So a wrapper that tries the newest generation first costs
 * nothing at run time, and one build runs on every kernel.
 *
 * How one kernel name is declared more than once: libbpf cuts the *last* ___suffix
 * off an extern before it looks the name up. foo___v1 stands for the kernel's foo,
 * foo___v2___new for the kernel's foo___v2. An extern without a suffix has no
 * older or newer form to fall back on: it is there since 6.12, and the preflight
 * refuses a kernel whose BTF makes it impossible to call.
 *
 * Types that only newer kernels have are declared as flavours (type___suffix), so
 * that the age of the vmlinux.h at hand does not matter.
 */
#ifndef __SCX_COMPAT_BPF_H
#define __SCX_COMPAT_BPF_H

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
 * scx_bpf_select_cpu_dfl - the kernel's own choice of a CPU for a waking task
 * @p: task
 * @prev_cpu: CPU that it ran on last
 * @wake_flags: SCX_WAKE_* as given to ops.select_cpu
 * @is_idle: set to whether the returned CPU was idle and is now reserved for @p
 *
 * From ops.select_cpu; on newer kernels from ops.enqueue too. Needs the kernel's
 * idle tracking, which a scheduler with its own ops.update_idle switches off
 * unless it sets SCX_OPS_KEEP_BUILTIN_IDLE. Since 6.12.
 */
s32 scx_bpf_select_cpu_dfl(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
			   bool *is_idle) __ksym __weak;

/* What bpf_for_each(scx_dsq, p, dsq_id, flags) calls to walk a queue. Since 6.12. */
int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 dsq_id, u64 flags) __ksym __weak;
struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it) __ksym __weak;
void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it) __ksym __weak;

/**
 * bpf_cpumask_test_cpu - is a CPU in a mask?
 * @cpu: CPU
 * @cpumask: p->cpus_ptr for the CPUs that a task may run on
 *
 * From everywhere. Older than sched_ext.
 */
bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask) __ksym __weak;

/**
 * scx_bpf_task_cpu - the CPU that a task runs on, or ran on last
 * @p: task
 *
 * From everywhere. Since 6.12.
 */
s32 scx_bpf_task_cpu(const struct task_struct *p) __ksym __weak;

/* Formatted text for scx_bpf_error() and scx_bpf_exit() below. Since 6.12. */
void scx_bpf_error_bstr(char *fmt, unsigned long long *data, u32 data_len) __ksym __weak;
void scx_bpf_exit_bstr(s64 exit_code, char *fmt, unsigned long long *data,
		       u32 data_len) __ksym __weak;

/* 6.12: scx_bpf_dispatch(), 6.13: renamed, 6.19: _v2 says whether it worked */
bool scx_bpf_dsq_insert___v2___new(struct task_struct *p, u64 dsq_id, u64 slice,
				   u64 enq_flags) __ksym __weak;
void scx_bpf_dsq_insert___v1(struct task_struct *p, u64 dsq_id, u64 slice,
			     u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch___old(struct task_struct *p, u64 dsq_id, u64 slice,
			    u64 enq_flags) __ksym __weak;

/**
 * scx_bpf_dsq_insert - append a task to a dispatch queue
 * @p: task
 * @dsq_id: SCX_DSQ_LOCAL, SCX_DSQ_LOCAL_ON | cpu, SCX_DSQ_GLOBAL or a queue of one's own
 * @slice: how long it may run, in ns; 0 keeps what is left of its slice
 * @enq_flags: SCX_ENQ_*; SCX_ENQ_HEAD puts it in front
 *
 * From ops.select_cpu, ops.enqueue and ops.dispatch. From select_cpu the insertion
 * makes the kernel skip ops.enqueue for this wakeup. Returns false where the kernel
 * refused (it then ejects the scheduler with the reason); before 6.19 kernels do not
 * tell, and it returns true. scx_bpf_dispatch() is the name of 6.12.
 */
static inline bool scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice,
				      u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___new))
		return scx_bpf_dsq_insert___v2___new(p, dsq_id, slice, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_insert___v1))
		scx_bpf_dsq_insert___v1(p, dsq_id, slice, enq_flags);
	else
		scx_bpf_dispatch___old(p, dsq_id, slice, enq_flags);
	return true;
}

#define scx_bpf_dispatch(p, dsq_id, slice, enq_flags)				\
	scx_bpf_dsq_insert(p, dsq_id, slice, enq_flags)

/* 6.12: scx_bpf_dispatch_vtime(), 6.13: renamed, 6.19: arguments packed in a struct */
struct scx_bpf_dsq_insert_vtime_args___new {
	u64 dsq_id;
	u64 slice;
	u64 vtime;
	u64 enq_flags;
} __attribute__((preserve_access_index));

bool __scx_bpf_dsq_insert_vtime___new(struct task_struct *p,
				      struct scx_bpf_dsq_insert_vtime_args___new *args)
				      __ksym __weak;
void scx_bpf_dsq_insert_vtime___v1(struct task_struct *p, u64 dsq_id, u64 slice,
				   u64 vtime, u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch_vtime___old(struct task_struct *p, u64 dsq_id, u64 slice,
				  u64 vtime, u64 enq_flags) __ksym __weak;

/**
 * scx_bpf_dsq_insert_vtime - insert a task into a queue that is ordered by vtime
 * @p: task
 * @dsq_id: a queue of one's own; the built-in ones are FIFOs only
 * @slice: how long it may run, in ns; 0 keeps what is left of its slice
 * @vtime: its place, smallest first, compared as time_before() does
 * @enq_flags: SCX_ENQ_*
 *
 * From ops.select_cpu, ops.enqueue and ops.dispatch. A queue is either a FIFO or
 * ordered: mixing the two on a queue that is not empty ejects the scheduler.
 * Returns what scx_bpf_dsq_insert() returns. scx_bpf_dispatch_vtime() is the name
 * of 6.12.
 */
static inline bool scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id, u64 slice,
					    u64 vtime, u64 enq_flags)
{
	if (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime___new)) {
		struct scx_bpf_dsq_insert_vtime_args___new args = {
			.dsq_id = dsq_id,
			.slice = slice,
			.vtime = vtime,
			.enq_flags = enq_flags,
		};

		return __scx_bpf_dsq_insert_vtime___new(p, &args);
	}
	if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime___v1))
		scx_bpf_dsq_insert_vtime___v1(p, dsq_id, slice, vtime, enq_flags);
	else
		scx_bpf_dispatch_vtime___old(p, dsq_id, slice, vtime, enq_flags);
	return true;
}

#define scx_bpf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags)		\
	scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags)

/* 6.12: scx_bpf_consume(), 6.13: renamed, 7.1: ___v2 takes flags */
bool scx_bpf_dsq_move_to_local___v2___new(u64 dsq_id, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___v1(u64 dsq_id) __ksym __weak;
bool scx_bpf_consume___old(u64 dsq_id) __ksym __weak;

static inline bool __scx_dsq_move_to_local(u64 dsq_id, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___new))
		return scx_bpf_dsq_move_to_local___v2___new(dsq_id, enq_flags);
	if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v1))
		return scx_bpf_dsq_move_to_local___v1(dsq_id);
	return scx_bpf_consume___old(dsq_id);
}

/**
 * scx_bpf_dsq_move_to_local - move the first task of a queue to this CPU's local one
 * @dsq_id: queue of one's own
 * @...: SCX_ENQ_* flags for the insertion, 0 if left out; 7.1 and later
 *
 * From ops.dispatch. Takes the first task that may run on this CPU, walking past
 * those that may not, under the queue's lock. Returns false if there was none.
 * Before 7.1 kernels have no flags here and they are ignored. scx_bpf_consume() is
 * the name of 6.12.
 */
#define scx_bpf_dsq_move_to_local(dsq_id, ...)					\
	__scx_dsq_move_to_local((dsq_id), (0, ##__VA_ARGS__))

#define scx_bpf_consume(dsq_id) scx_bpf_dsq_move_to_local(dsq_id)

/* 6.19: kfuncs in place of stores to p->scx, which later kernels warn about */
bool scx_bpf_task_set_dsq_vtime___new(struct task_struct *p, u64 vtime) __ksym __weak;

/**
 * scx_bpf_task_set_dsq_vtime - set a task's position in vtime-ordered queues
 * @p: task
 * @vtime: what p->scx.dsq_vtime shall be
 *
 * From any callback that is handed @p. It does not move a task that is queued. Since
 * 6.19 a kfunc; before, and from here on older kernels, a plain store. Returns false
 * where the kernel refused, which no scheduler without sub-schedulers meets.
 */
static inline bool scx_bpf_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime___new))
		return scx_bpf_task_set_dsq_vtime___new(p, vtime);
	p->scx.dsq_vtime = vtime;
	return true;
}

bool scx_bpf_task_set_slice___new(struct task_struct *p, u64 slice) __ksym __weak;

/**
 * scx_bpf_task_set_slice - set how long a task may still run
 * @p: task
 * @slice: in ns
 *
 * From any callback that is handed @p. A running task with a slice of 0 is done at the
 * next tick. A task handed to ops.dispatch as prev that has a slice when that returns runs
 * on. Since 6.19 a kfunc; before, a plain store. From callbacks that do not hold the run
 * queue's lock, ops.select_cpu for one, 7.3 applies it later. Returns what
 * scx_bpf_task_set_dsq_vtime() returns.
 */
static inline bool scx_bpf_task_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___new))
		return scx_bpf_task_set_slice___new(p, slice);
	p->scx.slice = slice;
	return true;
}

/* Has the compiler compare a format string with its arguments, and does nothing. */
__attribute__((format(printf, 1, 2)))
static inline void __scx_check_format(const char *fmt, ...) {}

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
 * From any callback. All tasks go back to the kernel's fair class; the text reaches
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
 * From any callback. Like scx_bpf_error(), but it is no error; with
 * SCX_ECODE_ACT_RESTART in @code the loader starts anew. Since 6.12.
 */
#define scx_bpf_exit(code, fmt, args...)					\
({										\
	s64 __code = (code);							\
										\
	__scx_bstr(__scx_exit_bstr, fmt, ##args);				\
})

#endif /* __SCX_COMPAT_BPF_H */
