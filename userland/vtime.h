/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Weighted virtual time, for policies that share CPU time by weight: a task's vruntime is the CPU
 * time it has used, divided by its weight, in ns of a task of nice 0. Who has had least for its
 * weight has the lowest vruntime.
 */
#ifndef __UL_VTIME_H
#define __UL_VTIME_H

#include "policy.h"

/**
 * struct vclock - the virtual time of the machine as a whole
 * @now: the furthest vruntime at which a task has been picked
 * @slice_ns: so far may a sleeper fall behind
 */
struct vclock {
	u64	now;
	u64	slice_ns;
};

/**
 * struct vtime - that of a task
 * @vruntime: see above
 * @charged: up to which CPU time it has been charged
 */
struct vtime {
	u64	vruntime;
	u64	charged;
};

/* Like the kernel's jiffies it wraps around early on, so that a mistake shows in any test. */
#define VCLOCK_START	(-(u64)1000000000)

static inline void vclock_init(struct vclock *clock, u64 slice_ns)
{
	*clock = (struct vclock){ .now = VCLOCK_START, .slice_ns = slice_ns };
}

/*
 * A sleeper's vruntime stands still while the others' moves on. One slice of that it may keep as
 * credit, so that it runs soon; all of it would shut out everyone else.
 *
 * Debt is bounded as well, by what a slice and a half costs (the heavy may have had more than a
 * slice), since a turn ends with a tick, which may be some ms after the slice. More than that was
 * used where nobody else wanted to run, or out of turn, since it was waited for too long; to pay it
 * all back the task would have to wait, perhaps for minutes.
 */
static inline u64 vclock_clamp(const struct vclock *clock, u64 vruntime, u64 slice_cost)
{
	u64 oldest = clock->now - clock->slice_ns;
	u64 furthest = clock->now + max(slice_cost, clock->slice_ns) * 3 / 2;

	if (ul_before(vruntime, oldest))
		return oldest;
	return ul_before(furthest, vruntime) ? furthest : vruntime;
}

/* A task has come: charge it for what it has used. A new one has neither credit nor debt. */
static inline void vclock_charge(const struct vclock *clock, struct vtime *vt,
				 const struct ul_task *task)
{
	u64 used = task->facts.cpu_time - vt->charged;

	vt->charged = task->facts.cpu_time;
	if (task->fresh)
		vt->vruntime = clock->now;
	else
		vt->vruntime = vclock_clamp(clock, vt->vruntime + ul_by_weight(task, used),
					    ul_by_weight(task, clock->slice_ns));
}

/* A task is picked. */
static inline void vclock_advance(struct vclock *clock, const struct vtime *vt)
{
	if (ul_before(clock->now, vt->vruntime))
		clock->now = vt->vruntime;
}

#endif /* __UL_VTIME_H */
