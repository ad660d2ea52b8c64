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
 * older or newer form to fall back on (they are in kfuncs.bpf.h), and the preflight
 * refuses a kernel whose BTF makes it impossible to call.
 *
 * Types that only newer kernels have are declared as flavours (type___suffix), so
 * that the age of the vmlinux.h at hand does not matter.
 */
#ifndef __SCX_COMPAT_BPF_H
#define __SCX_COMPAT_BPF_H

#include "types.bpf.h"
#include "errno.bpf.h"
#include "enums.bpf.h"
#include "kfuncs.bpf.h"
#include "kernel.bpf.h"
#include "cpumask.bpf.h"

/* For sources that ask for it: whoever does cannot be loaded where there is no kconfig. */
extern int LINUX_KERNEL_VERSION __kconfig;

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
 * makes the kernel skip ops.enqueue for this wakeup. Returns false if the kernel did not take
 * it: for most reasons it ejects the scheduler, but since 7.1 not for a task that is no longer the
 * scheduler's. Some mistakes, too many insertions or two of a task, eject and return true, as
 * everything does before 6.19. scx_bpf_dispatch() is the name of 6.12.
 */
static __always_inline bool scx_bpf_dsq_insert(struct task_struct *p, u64 dsq_id, u64 slice,
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

/* The name of 6.12. */
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
static __always_inline bool scx_bpf_dsq_insert_vtime(struct task_struct *p, u64 dsq_id,
						     u64 slice, u64 vtime, u64 enq_flags)
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

/* The name of 6.12. */
#define scx_bpf_dispatch_vtime(p, dsq_id, slice, vtime, enq_flags)		\
	scx_bpf_dsq_insert_vtime(p, dsq_id, slice, vtime, enq_flags)

/* 6.12: scx_bpf_consume(), 6.13: renamed, 7.1: ___v2 takes flags */
bool scx_bpf_dsq_move_to_local___v2___new(u64 dsq_id, u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_to_local___v1(u64 dsq_id) __ksym __weak;
bool scx_bpf_consume___old(u64 dsq_id) __ksym __weak;

static __always_inline bool __scx_dsq_move_to_local(u64 dsq_id, u64 enq_flags)
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
 * Before 7.1 kernels take no flags here and they are ignored, SCX_ENQ_PREEMPT and others that
 * are older included: ask __COMPAT_has_move_to_local_flags(). scx_bpf_consume() is the name of
 * 6.12.
 */
#define scx_bpf_dsq_move_to_local(dsq_id, ...)					\
	__scx_dsq_move_to_local((dsq_id), (0, ##__VA_ARGS__))

/* The name of 6.12. */
#define scx_bpf_consume(dsq_id) scx_bpf_dsq_move_to_local(dsq_id)

/**
 * __COMPAT_has_move_to_local_flags - does scx_bpf_dsq_move_to_local() heed its flags?
 *
 * Since 7.1.
 */
static __always_inline bool __COMPAT_has_move_to_local_flags(void)
{
	return bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___new);
}

/* 6.19: kfuncs in place of stores to p->scx, which later kernels warn about */
bool scx_bpf_task_set_dsq_vtime___new(struct task_struct *p, u64 vtime) __ksym __weak;

/**
 * scx_bpf_task_set_dsq_vtime - set a task's position in vtime-ordered queues
 * @p: task
 * @vtime: what p->scx.dsq_vtime shall be
 *
 * From callbacks that are handed @p. It does not move a task that is queued. Since 6.19 a
 * kfunc; before, a plain store. Not from ops.init_task: from 7.1 on a task is not the scheduler's
 * before that has returned, and the kernel refuses and returns false; ops.enable is the place.
 */
static __always_inline bool scx_bpf_task_set_dsq_vtime(struct task_struct *p, u64 vtime)
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
 * From callbacks that are handed @p. A running task with a slice of 0 is done at the
 * next tick. A task handed to ops.dispatch as prev that has a slice when that returns runs
 * on. Since 6.19 a kfunc; before, a plain store. On 7.3 it is at once for the task that runs
 * (ops.tick, ops.stopping), or is queued, on the run queue whose lock the callback holds. From
 * elsewhere, ops.select_cpu and ops.running included, the kernel notes it down, and applies it
 * when it next looks at the slice: what one reads back is the old one. Returns what
 * scx_bpf_task_set_dsq_vtime() returns.
 */
static __always_inline bool scx_bpf_task_set_slice(struct task_struct *p, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_task_set_slice___new))
		return scx_bpf_task_set_slice___new(p, slice);
	p->scx.slice = slice;
	return true;
}

/* 6.12: dispatch_from_dsq and the like, 6.13: renamed */
void scx_bpf_dsq_move_set_slice___new(struct bpf_iter_scx_dsq *it__iter, u64 slice) __ksym __weak;
void scx_bpf_dsq_move_set_vtime___new(struct bpf_iter_scx_dsq *it__iter, u64 vtime) __ksym __weak;
bool scx_bpf_dsq_move___new(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p, u64 dsq_id,
			    u64 enq_flags) __ksym __weak;
bool scx_bpf_dsq_move_vtime___new(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p,
				  u64 dsq_id, u64 enq_flags) __ksym __weak;
void scx_bpf_dispatch_from_dsq_set_slice___old(struct bpf_iter_scx_dsq *it__iter,
					       u64 slice) __ksym __weak;
void scx_bpf_dispatch_from_dsq_set_vtime___old(struct bpf_iter_scx_dsq *it__iter,
					       u64 vtime) __ksym __weak;
bool scx_bpf_dispatch_from_dsq___old(struct bpf_iter_scx_dsq *it__iter, struct task_struct *p,
				     u64 dsq_id, u64 enq_flags) __ksym __weak;
bool scx_bpf_dispatch_vtime_from_dsq___old(struct bpf_iter_scx_dsq *it__iter,
					   struct task_struct *p, u64 dsq_id,
					   u64 enq_flags) __ksym __weak;

/**
 * scx_bpf_dsq_move_set_slice - the slice that the next task moved shall have
 * @it: iterator, BPF_FOR_EACH_ITER inside bpf_for_each()
 * @slice: in ns
 *
 * Before scx_bpf_dsq_move() or scx_bpf_dsq_move_vtime(), and for that one move; without it the
 * task keeps its slice. scx_bpf_dispatch_from_dsq_set_slice() is the name of 6.12.
 */
static __always_inline void scx_bpf_dsq_move_set_slice(struct bpf_iter_scx_dsq *it, u64 slice)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_set_slice___new))
		scx_bpf_dsq_move_set_slice___new(it, slice);
	else
		scx_bpf_dispatch_from_dsq_set_slice___old(it, slice);
}

/**
 * scx_bpf_dsq_move_set_vtime - the vtime that the next task moved shall have
 * @it: iterator, BPF_FOR_EACH_ITER inside bpf_for_each()
 * @vtime: its place in the queue that it is moved to
 *
 * Like scx_bpf_dsq_move_set_slice(), for scx_bpf_dsq_move_vtime().
 * scx_bpf_dispatch_from_dsq_set_vtime() is the name of 6.12.
 */
static __always_inline void scx_bpf_dsq_move_set_vtime(struct bpf_iter_scx_dsq *it, u64 vtime)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_set_vtime___new))
		scx_bpf_dsq_move_set_vtime___new(it, vtime);
	else
		scx_bpf_dispatch_from_dsq_set_vtime___old(it, vtime);
}

/**
 * scx_bpf_dsq_move - move a task from the queue that one walks to another one
 * @it: iterator, BPF_FOR_EACH_ITER inside bpf_for_each()
 * @p: a task on the queue that @it walks, since before the walk began
 * @dsq_id: where to, as for scx_bpf_dsq_insert()
 * @enq_flags: SCX_ENQ_*
 *
 * From ops.dispatch, and from where no run queue is locked: BPF timers, and
 * programs of type syscall. Returns false, and does nothing, if the task is no longer on that
 * queue or was put there anew; that is how a race with another CPU ends. As when inserting,
 * the task must be allowed on the CPU whose local queue it is moved to. A move does not count
 * as an insertion when the kernel decides whether to call ops.dispatch again. Not all kernels heed
 * SCX_ENQ_PREEMPT, see __COMPAT_dsq_move_preempt().
 * scx_bpf_dispatch_from_dsq() is the name of 6.12.
 */
static __always_inline bool scx_bpf_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p,
					     u64 dsq_id, u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move___new))
		return scx_bpf_dsq_move___new(it, p, dsq_id, enq_flags);
	return scx_bpf_dispatch_from_dsq___old(it, p, dsq_id, enq_flags);
}

/**
 * __COMPAT_dsq_move_preempt - move a task to a CPU, to run there before who runs there now
 * @it: iterator, BPF_FOR_EACH_ITER inside bpf_for_each()
 * @p: a task on the queue that @it walks, since before the walk began
 * @cpu: where to; not the own one in ops.dispatch, where a kick would hit @p
 *
 * What scx_bpf_dsq_move() does with SCX_ENQ_PREEMPT, and returns what that returns. But up to 6.18
 * the kernel forgets the flag if the task comes from another CPU. So kernels before 7.1, of which
 * not all can be told apart, are asked for a place in front and a kick. Should the CPU get to @p by itself
 * before it is kicked, the kick ends the slice of @p. Source: enqueue_task_scx() in the kernel's ext.c,
 * which took its flags for 32 bits.
 */
static __always_inline bool __COMPAT_dsq_move_preempt(struct bpf_iter_scx_dsq *it,
						      struct task_struct *p, s32 cpu)
{
	if (scx_has_enum(SCX_ENQ_IMMED))
		return scx_bpf_dsq_move(it, p, SCX_DSQ_LOCAL_ON | cpu, SCX_ENQ_PREEMPT);
	if (!scx_bpf_dsq_move(it, p, SCX_DSQ_LOCAL_ON | cpu, SCX_ENQ_HEAD))
		return false;
	scx_bpf_kick_cpu(cpu, SCX_KICK_PREEMPT);
	return true;
}

/**
 * scx_bpf_dsq_move_vtime - move a task to a queue that is ordered by vtime
 * @it: iterator, BPF_FOR_EACH_ITER inside bpf_for_each()
 * @p: a task on the queue that @it walks, since before the walk began
 * @dsq_id: a queue of one's own
 * @enq_flags: SCX_ENQ_*
 *
 * Like scx_bpf_dsq_move(). scx_bpf_dispatch_vtime_from_dsq() is the name of 6.12.
 */
static __always_inline bool scx_bpf_dsq_move_vtime(struct bpf_iter_scx_dsq *it,
						   struct task_struct *p, u64 dsq_id,
						   u64 enq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_move_vtime___new))
		return scx_bpf_dsq_move_vtime___new(it, p, dsq_id, enq_flags);
	return scx_bpf_dispatch_vtime_from_dsq___old(it, p, dsq_id, enq_flags);
}

/* The names of 6.12. */
#define scx_bpf_dispatch_from_dsq_set_slice	scx_bpf_dsq_move_set_slice
#define scx_bpf_dispatch_from_dsq_set_vtime	scx_bpf_dsq_move_set_vtime
#define scx_bpf_dispatch_from_dsq		scx_bpf_dsq_move
#define scx_bpf_dispatch_vtime_from_dsq		scx_bpf_dsq_move_vtime

/* Names under which other headers had these, or have them. */
#define __COMPAT_scx_bpf_dsq_insert		scx_bpf_dsq_insert
#define __COMPAT_scx_bpf_dsq_insert_vtime	scx_bpf_dsq_insert_vtime
#define __COMPAT_scx_bpf_dsq_move_to_local	scx_bpf_dsq_move_to_local
#define __COMPAT_scx_bpf_dsq_move_set_slice	scx_bpf_dsq_move_set_slice
#define __COMPAT_scx_bpf_dsq_move_set_vtime	scx_bpf_dsq_move_set_vtime
#define __COMPAT_scx_bpf_dsq_move		scx_bpf_dsq_move
#define __COMPAT_scx_bpf_dsq_move_vtime		scx_bpf_dsq_move_vtime
#define __COMPAT_scx_bpf_dispatch_from_dsq_set_slice scx_bpf_dsq_move_set_slice
#define __COMPAT_scx_bpf_dispatch_from_dsq_set_vtime scx_bpf_dsq_move_set_vtime
#define __COMPAT_scx_bpf_dispatch_from_dsq	scx_bpf_dsq_move
#define __COMPAT_scx_bpf_dispatch_vtime_from_dsq scx_bpf_dsq_move_vtime

/* 7.1: re-enqueues tasks of any queue, and marks the kernels on which peeking is right. */
void scx_bpf_dsq_reenq___new(u64 dsq_id, u64 reenq_flags) __ksym __weak;
struct task_struct *scx_bpf_dsq_peek___new(u64 dsq_id) __ksym __weak;

/**
 * __COMPAT_scx_bpf_dsq_peek - the first task of a queue
 * @dsq_id: queue of one's own
 *
 * From everywhere, with RCU held, as callbacks do that may not sleep. Returns NULL if the queue
 * is empty. If there is no such queue it does so as well up to 7.0, and from 7.1 on the scheduler is
 * ejected. Since 6.19 there is scx_bpf_dsq_peek(), which takes no lock, but until 7.1 it can
 * miss the task at the head of a FIFO; there, and on kernels without it, an iterator looks
 * under the queue's lock. The task may be gone from the queue by the time one looks at it.
 */
static __always_inline struct task_struct *__COMPAT_scx_bpf_dsq_peek(u64 dsq_id)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p = NULL;

	if (bpf_ksym_exists(scx_bpf_dsq_peek___new) && bpf_ksym_exists(scx_bpf_dsq_reenq___new))
		return scx_bpf_dsq_peek___new(dsq_id);
	if (!bpf_iter_scx_dsq_new(&it, dsq_id, 0))
		p = bpf_iter_scx_dsq_next(&it);
	bpf_iter_scx_dsq_destroy(&it);
	return p;
}

/* 6.19: may be called from everywhere, and returns nothing */
u32 scx_bpf_reenqueue_local___v1(void) __ksym __weak;
void scx_bpf_reenqueue_local___v2___new(void) __ksym __weak;

/**
 * __COMPAT_has_generic_reenq - can scx_bpf_dsq_reenq() re-enqueue any queue?
 *
 * Since 7.1.
 */
static __always_inline bool __COMPAT_has_generic_reenq(void)
{
	return bpf_ksym_exists(scx_bpf_dsq_reenq___new);
}

/**
 * __COMPAT_scx_bpf_reenqueue_local_from_anywhere - may scx_bpf_reenqueue_local() be called so?
 *
 * From elsewhere than ops.cpu_release, that is. Since 6.19.
 */
static __always_inline bool __COMPAT_scx_bpf_reenqueue_local_from_anywhere(void)
{
	return bpf_ksym_exists(scx_bpf_reenqueue_local___v2___new);
}

/**
 * scx_bpf_reenqueue_local_from_anywhere - scx_bpf_reenqueue_local(), where it may be called
 *
 * For programs other than ops.cpu_release. Returns 0, or -EOPNOTSUPP before 6.19, where nothing
 * has happened.
 */
static __always_inline int scx_bpf_reenqueue_local_from_anywhere(void)
{
	if (bpf_ksym_exists(scx_bpf_dsq_reenq___new)) {
		scx_bpf_dsq_reenq___new(SCX_DSQ_LOCAL, 0);
		return 0;
	}
	if (bpf_ksym_exists(scx_bpf_reenqueue_local___v2___new)) {
		scx_bpf_reenqueue_local___v2___new();
		return 0;
	}
	return -EOPNOTSUPP;
}

/**
 * scx_bpf_reenqueue_local - hand the tasks on this CPU's local queue to ops.enqueue again
 *
 * From ops.cpu_release; from everywhere where __COMPAT_scx_bpf_reenqueue_local_from_anywhere().
 * Each comes with SCX_ENQ_REENQ set; where it is called from everywhere, after the callback is
 * over. Returns how many there were; from 6.19 on kernels do not tell, and it returns 0.
 */
static __always_inline u32 scx_bpf_reenqueue_local(void)
{
	return scx_bpf_reenqueue_local_from_anywhere() ? scx_bpf_reenqueue_local___v1() : 0;
}

/**
 * scx_bpf_dsq_reenq - hand the tasks on a queue to ops.enqueue again
 * @dsq_id: SCX_DSQ_LOCAL, SCX_DSQ_LOCAL_ON | cpu, or a queue of one's own
 * @reenq_flags: SCX_REENQ_*, or 0
 *
 * From everywhere, after the callback is over. Since 7.1: ask __COMPAT_has_generic_reenq(). On
 * older kernels SCX_DSQ_LOCAL is left, where scx_bpf_reenqueue_local() may be called; any other
 * queue ejects the scheduler, since its tasks would be thought to come again and do not.
 */
static __always_inline void scx_bpf_dsq_reenq(u64 dsq_id, u64 reenq_flags)
{
	if (bpf_ksym_exists(scx_bpf_dsq_reenq___new))
		scx_bpf_dsq_reenq___new(dsq_id, reenq_flags);
	else if (dsq_id == SCX_DSQ_LOCAL && !reenq_flags)
		scx_bpf_reenqueue_local();
	else
		scx_bpf_error("this kernel cannot re-enqueue dispatch queue 0x%llx", dsq_id);
}

/* 6.16: came, 6.19: arguments packed in a struct */
struct scx_bpf_select_cpu_and_args___new {
	s32 prev_cpu;
	u64 wake_flags;
	u64 flags;
} __attribute__((preserve_access_index));

s32 __scx_bpf_select_cpu_and___new(struct task_struct *p, const struct cpumask *cpus_allowed,
				   struct scx_bpf_select_cpu_and_args___new *args) __ksym __weak;
s32 scx_bpf_select_cpu_and___v1(struct task_struct *p, s32 prev_cpu, u64 wake_flags,
				const struct cpumask *cpus_allowed, u64 flags) __ksym __weak;

/*
 * Is scx_bpf_select_cpu_and() the kernel's, which prefers near CPUs? Since 6.16. (Of two kfuncs
 * the compiler would make one test, of the sum of their addresses, which the verifier refuses.)
 */
#define __COMPAT_HAS_scx_bpf_select_cpu_and					\
	(bpf_core_type_exists(struct scx_bpf_select_cpu_and_args___new) ||	\
	 bpf_ksym_exists(scx_bpf_select_cpu_and___v1))

/**
 * __COMPAT_select_cpu_from_enqueue - may the kernel's choice of a CPU be asked for in ops.enqueue?
 *
 * If so, scx_bpf_select_cpu_dfl() and scx_bpf_select_cpu_and() may be called there, else only in
 * ops.select_cpu; elsewhere the scheduler is ejected. Since 6.16, which also brought
 * scx_bpf_select_cpu_and().
 */
static __always_inline bool __COMPAT_select_cpu_from_enqueue(void)
{
	return __COMPAT_HAS_scx_bpf_select_cpu_and;
}

/* For kernels without: @prev_cpu if it is idle, else any idle CPU that both masks have. */
static __always_inline s32 __scx_select_cpu_and(struct task_struct *p, s32 prev_cpu,
						const struct cpumask *cpus_allowed, u64 flags)
{
	struct bpf_cpumask *both;
	s32 cpu = -EBUSY;

	if (!(flags & SCX_PICK_IDLE_CORE) && bpf_cpumask_test_cpu(prev_cpu, cpus_allowed) &&
	    bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr) &&
	    scx_bpf_test_and_clear_cpu_idle(prev_cpu))
		return prev_cpu;
	both = bpf_cpumask_create();
	if (!both)
		return -EBUSY;
	if (bpf_cpumask_and(both, cpus_allowed, p->cpus_ptr))
		cpu = scx_bpf_pick_idle_cpu(cast_mask(both), flags);
	bpf_cpumask_release(both);
	return cpu;
}

/**
 * scx_bpf_select_cpu_and - find and reserve an idle CPU in a set, as the kernel would choose it
 * @p: task
 * @prev_cpu: CPU that it ran on last
 * @wake_flags: SCX_WAKE_* as given to ops.select_cpu; for SCX_WAKE_SYNC see scx_bpf_select_cpu_dfl()
 * @cpus_allowed: the set; of it, only CPUs that @p may run on are looked at
 * @flags: SCX_PICK_IDLE_*
 *
 * From ops.select_cpu; from ops.enqueue where __COMPAT_select_cpu_from_enqueue() says so. Returns
 * -EBUSY if there is none. Before 6.16 any idle CPU of the set, @prev_cpu first, without regard to
 * caches and nodes; that may be called from everywhere.
 */
static __always_inline s32 scx_bpf_select_cpu_and(struct task_struct *p, s32 prev_cpu,
						  u64 wake_flags,
						  const struct cpumask *cpus_allowed, u64 flags)
{
	if (bpf_ksym_exists(__scx_bpf_select_cpu_and___new)) {
		struct scx_bpf_select_cpu_and_args___new args = {
			.prev_cpu = prev_cpu,
			.wake_flags = wake_flags,
			.flags = flags,
		};

		return __scx_bpf_select_cpu_and___new(p, cpus_allowed, &args);
	}
	if (bpf_ksym_exists(scx_bpf_select_cpu_and___v1))
		return scx_bpf_select_cpu_and___v1(p, prev_cpu, wake_flags, cpus_allowed, flags);
	return __scx_select_cpu_and(p, prev_cpu, cpus_allowed, flags);
}

/*
 * 6.16: idle CPUs by NUMA node, if SCX_OPS_BUILTIN_IDLE_PER_NODE is set.
 *
 * The plain kfuncs eject a scheduler that has set the flag, those for a node one that has not. So it
 * is the flag that decides: a scheduler that sets it calls these, which take the plain ones where
 * the kernel does not know the flag, and SCX_OPS_LOAD() has left it out. One that does not set
 * it calls the plain ones.
 */

u32 scx_bpf_nr_node_ids___new(void) __ksym __weak;
s32 scx_bpf_cpu_node___new(s32 cpu) __ksym __weak;

/**
 * __COMPAT_scx_bpf_nr_node_ids - one more than the largest number of a NUMA node
 *
 * From everywhere. Before 6.16 it is 1.
 */
#define __COMPAT_scx_bpf_nr_node_ids()						\
	(bpf_ksym_exists(scx_bpf_nr_node_ids___new) ? scx_bpf_nr_node_ids___new() : 1U)

/**
 * __COMPAT_scx_bpf_cpu_node - the NUMA node of a CPU
 * @cpu: which
 *
 * From everywhere. Before 6.16 it is 0.
 */
#define __COMPAT_scx_bpf_cpu_node(cpu)						\
	(bpf_ksym_exists(scx_bpf_cpu_node___new) ? scx_bpf_cpu_node___new(cpu) : 0)

/**
 * __COMPAT_scx_bpf_get_idle_cpumask_node - the CPUs of a node that are idle
 * @node: which
 *
 * From everywhere. To be given back with scx_bpf_put_idle_cpumask(). Before 6.16 those of all nodes.
 */
#define __COMPAT_scx_bpf_get_idle_cpumask_node(node)				\
	(bpf_ksym_exists(scx_bpf_get_idle_cpumask_node) ?			\
	 scx_bpf_get_idle_cpumask_node(node) : scx_bpf_get_idle_cpumask())

/**
 * __COMPAT_scx_bpf_get_idle_smtmask_node - the CPUs of a node's cores that are idle as a whole
 * @node: which
 *
 * Like __COMPAT_scx_bpf_get_idle_cpumask_node().
 */
#define __COMPAT_scx_bpf_get_idle_smtmask_node(node)				\
	(bpf_ksym_exists(scx_bpf_get_idle_smtmask_node) ?			\
	 scx_bpf_get_idle_smtmask_node(node) : scx_bpf_get_idle_smtmask())

/**
 * __COMPAT_scx_bpf_pick_idle_cpu_node - find and reserve an idle CPU, on a node first
 * @cpus_allowed: CPUs to look at
 * @node: where to begin; other nodes follow, the nearest first
 * @flags: as for scx_bpf_pick_idle_cpu(); SCX_PICK_IDLE_IN_NODE keeps to the node
 *
 * From everywhere. Returns -EBUSY if there is none, from 6.16 on -ENOENT for node -1. Before
 * that it looks on all nodes.
 */
#define __COMPAT_scx_bpf_pick_idle_cpu_node(cpus_allowed, node, flags)		\
	(bpf_ksym_exists(scx_bpf_pick_idle_cpu_node) ?				\
	 scx_bpf_pick_idle_cpu_node(cpus_allowed, node, flags) :		\
	 scx_bpf_pick_idle_cpu(cpus_allowed, flags))

/**
 * __COMPAT_scx_bpf_pick_any_cpu_node - the same, or else any CPU
 * @cpus_allowed: CPUs to look at
 * @node: as for __COMPAT_scx_bpf_pick_idle_cpu_node()
 * @flags: likewise
 *
 * From everywhere. Returns -EBUSY only if there is none in @cpus_allowed, or with SCX_PICK_IDLE_IN_NODE
 * none of that node; from 6.16 on -ENOENT for node -1.
 */
#define __COMPAT_scx_bpf_pick_any_cpu_node(cpus_allowed, node, flags)		\
	(bpf_ksym_exists(scx_bpf_pick_any_cpu_node) ?				\
	 scx_bpf_pick_any_cpu_node(cpus_allowed, node, flags) :			\
	 scx_bpf_pick_any_cpu(cpus_allowed, flags))

/**
 * __COMPAT_scx_bpf_kick_cpu_IDLE - wake a CPU up if it is idle
 * @cpu: which
 *
 * Every kernel here knows SCX_KICK_IDLE, so this is no more than scx_bpf_kick_cpu() with it. It is
 * kept because it shows how to adopt a flag: ask whether the kernel that runs has it, and say
 * what to do where not. Here a kick without it does: it wakes the CPU as well, only that a busy one
 * is bothered, too. A flag that could not be replaced would call for another way, or for a refusal
 * to load; to pass it on unasked might mean something else to an old kernel.
 */
#define __COMPAT_scx_bpf_kick_cpu_IDLE(cpu)					\
	scx_bpf_kick_cpu((cpu), scx_has_enum(SCX_KICK_IDLE) ? SCX_KICK_IDLE : 0)

void scx_bpf_events___new(struct scx_event_stats *events, size_t events__sz) __ksym __weak;

/**
 * __COMPAT_scx_bpf_events - what the kernel has counted since the scheduler was loaded
 * @events: a struct scx_event_stats, filled with zeroes
 * @size: its size
 *
 * From everywhere. Before 6.16 the kernel counts nothing, and @events stays as it is.
 */
#define __COMPAT_scx_bpf_events(events, size)					\
do {										\
	if (bpf_ksym_exists(scx_bpf_events___new))				\
		scx_bpf_events___new(events, size);				\
} while (0)

struct task_struct *scx_bpf_cpu_curr___new(s32 cpu) __ksym __weak;
struct rq *scx_bpf_cpu_rq___old(s32 cpu) __ksym __weak;

/**
 * __COMPAT_scx_bpf_cpu_curr - the task that a CPU runs
 * @cpu: which
 *
 * From everywhere, with RCU held. It may run something else by the time one looks. Before 6.18 the
 * task is read from the CPU's run queue: its members may be read, but there the verifier takes it
 * for no task that a kfunc may be given. NULL if there is no such CPU, which ejects the scheduler.
 */
static __always_inline struct task_struct *__COMPAT_scx_bpf_cpu_curr(int cpu)
{
	struct rq *rq;

	if (bpf_ksym_exists(scx_bpf_cpu_curr___new))
		return scx_bpf_cpu_curr___new(cpu);
	rq = scx_bpf_cpu_rq___old(cpu);
	return rq ? rq->curr : NULL;
}

/* A call by the kfunc's own name gets the older way as well; bpf_ksym_exists() still asks for it. */
#define scx_bpf_cpu_curr(cpu) __COMPAT_scx_bpf_cpu_curr(cpu)

/* 6.16: a clock that the kernel has read already */
u64 scx_bpf_now(void) __ksym __weak;

/**
 * scx_bpf_now - the time, in ns, as cheap as it is to be had
 *
 * From everywhere. The run queue's clock where its lock is held: it does not go back on one CPU,
 * and differs between CPUs by little. Only differences between its values mean something: it is not
 * CLOCK_MONOTONIC. Before 6.16 it is bpf_ktime_get_ns().
 */
#define scx_bpf_now()								\
	(bpf_ksym_exists(scx_bpf_now) ? scx_bpf_now() : bpf_ktime_get_ns())

/* Not there if the kernel is built without CONFIG_EXT_GROUP_SCHED. */
struct cgroup *scx_bpf_task_cgroup___new(struct task_struct *p) __ksym __weak;

/**
 * scx_bpf_task_cgroup - the cgroup that a task is scheduled in
 * @p: task
 *
 * From callbacks that are handed @p. To be released with bpf_cgroup_release(). The root if
 * the CPU controller is not enabled for it, NULL if the kernel does not schedule by cgroups.
 */
#define scx_bpf_task_cgroup(p)							\
	(bpf_ksym_exists(scx_bpf_task_cgroup___new) ? scx_bpf_task_cgroup___new(p) : NULL)

/* The name that other headers have for it. */
#define __COMPAT_scx_bpf_task_cgroup(p) scx_bpf_task_cgroup(p)

/* 6.16: fill a mask from memory; -EOPNOTSUPP before */
#define __COMPAT_bpf_cpumask_populate(cpumask, src, size)			\
	(bpf_ksym_exists(bpf_cpumask_populate) ?				\
	 bpf_cpumask_populate(cpumask, src, size) : -EOPNOTSUPP)

/**
 * __COMPAT_ENUM_OR_ZERO - an enumerator's value, or 0 where the running kernel does not have it
 * @type: the enum
 * @ent: enumerator that vmlinux.h has
 *
 * For enumerators that are not in enums.bpf.h; those that are need no such thing.
 */
#define __COMPAT_ENUM_OR_ZERO(type, ent)					\
({										\
	u64 __ent = 0;								\
										\
	if (bpf_core_enum_value_exists(type, ent))				\
		__ent = bpf_core_enum_value(type, ent);				\
	__ent;									\
})

/**
 * __COMPAT_is_enq_cpu_selected - has ops.select_cpu been called for a task?
 * @enq_flags: as given to ops.enqueue
 *
 * It is skipped for a task that can run on one CPU only. The first kernels of 6.12 do not have the
 * flag: there the answer is true for each task.
 */
static __always_inline bool __COMPAT_is_enq_cpu_selected(u64 enq_flags)
{
	if (!scx_has_enum(SCX_ENQ_CPU_SELECTED))
		return true;
	return enq_flags & SCX_ENQ_CPU_SELECTED;
}

/* Of tasks, only where core scheduling is built in. */
struct task_struct___core {
	unsigned long core_cookie;
} __attribute__((preserve_access_index));

/**
 * has_core_cookie - must a task be alone on its core, but for those that it trusts?
 * @p: task
 *
 * Core scheduling (Documentation/admin-guide/hw-vuln/core-scheduling.rst in the kernel's tree) gives
 * such tasks a cookie, and may keep a CPU idle as its sibling is busy. For them only a core that is
 * idle as a whole is sure to be free: SCX_PICK_IDLE_CORE. From any callback.
 */
static __always_inline bool has_core_cookie(const struct task_struct *p)
{
	const struct task_struct___core *t = (const void *)p;

	return bpf_core_field_exists(t->core_cookie) && t->core_cookie;
}

struct rq___server {
	struct sched_dl_entity ext_server;
} __attribute__((preserve_access_index));

extern const struct rq runqueues __ksym;	/* of each CPU one */

/**
 * is_for_ext_server - does the kernel ask for somebody to run beside another class?
 *
 * From ops.dispatch, for the CPU that this runs on. Since 7.0 the kernel's ext_server keeps a twentieth of
 * each CPU for sched_ext, whatever higher classes do (with SCX_OPS_SWITCH_PARTIAL the fair class is
 * one). If it gets nobody it does not ask again as long as a task is runnable whose last CPU this was:
 * who waits for this CPU alone would wait for ever. Never true where there is no such server.
 */
static __always_inline bool is_for_ext_server(void)
{
	const struct rq *rq = bpf_this_cpu_ptr(&runqueues);

	return bpf_core_field_exists(struct rq___server, ext_server) &&
	       rq->nr_running > rq->scx.nr_running;
}

/* Of tasks, only where RCU is preemptible. */
struct task_struct___rcu {
	int rcu_read_lock_nesting;
} __attribute__((preserve_access_index));

/**
 * is_migration_disabled - must a task stay on its CPU for now?
 * @p: task
 *
 * From callbacks that may not sleep. The count in the task is that of everybody who pinned it, and
 * if @p is what runs now, that may include the entry into this very program: always if RCU is
 * preemptible, otherwise before 6.18 only. So for a task that runs a count of one says
 * nothing, and is taken for the program's where it can be that. Where scx_bpf_reenqueue_local() in
 * ops.cpu_release calls ops.enqueue two programs count: there this is true for the task that has
 * to leave the CPU, whatever it does.
 */
static __always_inline bool is_migration_disabled(const struct task_struct *p)
{
	if (!bpf_core_field_exists(p->migration_disabled))
		return false;
	if (p->migration_disabled != 1)
		return p->migration_disabled;
	/* the first is there if RCU is preemptible, the second came with 6.18 */
	if (!bpf_core_field_exists(((struct task_struct___rcu *)p)->rcu_read_lock_nesting) &&
	    scx_has_enum(SCX_EFLAG_INITIALIZED))
		return true;
	return bpf_get_current_task_btf() != p;
}

#endif /* __SCX_COMPAT_BPF_H */
