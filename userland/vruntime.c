// SPDX-License-Identifier: GPL-2.0
/*
 * vruntime: CPU time by weight.
 *
 * What it demonstrates: the least that makes a fair policy, and the one to copy. Tasks wait in a
 * tree, ordered by the CPU time that they have used, divided by their weight (vtime.h); who has
 * had least for its weight is next, for a slice.
 *
 *	enqueue: charge --> bound credit and debt --> tree --> next: the leftmost
 *
 * When it is good: tasks that compete get CPU time in proportion to their weights, and a task
 * that sleeps much is a little ahead of those that do not.
 *
 * When it is bad: nobody is interrupted, so beside hogs a task that wakes up waits for a slice or
 * more; deadline does better. Who ends before it comes again is never charged, so a chain of
 * short-lived tasks moves the clock by what their parents use only. There is one clock for the machine:
 * where some compete for the CPU that they are bound to, and others have theirs alone, these make it run
 * fast, and among the former weights count for less.
 */
#include "policy.h"
#include "vtime.h"

struct vruntime_task {
	struct rb_node	node;
	struct vtime	vt;
};

static struct rb_root_cached tree;
static struct vclock vclock;

static struct vruntime_task *of_node(const struct rb_node *node)
{
	return rb_entry(node, struct vruntime_task, node);
}

/* Who is equal comes later: first come, first served, unless his turn had come before */
static bool runs_before(struct rb_node *a, const struct rb_node *b)
{
	u64 vruntime = of_node(a)->vt.vruntime, other = of_node(b)->vt.vruntime;

	return vruntime == other ? ul_task_of(of_node(a))->again : ul_before(vruntime, other);
}

static int vruntime_init(const struct ul_params *params)
{
	tree = RB_ROOT_CACHED;
	vclock_init(&vclock, params->slice_ns);
	return 0;
}

static void vruntime_enqueue(struct ul_task *task)
{
	struct vruntime_task *vr = ul_room(struct vruntime_task, task);

	vclock_charge(&vclock, &vr->vt, task);
	rb_add_cached(&vr->node, &tree, runs_before);
}

static void vruntime_dequeue(struct ul_task *task)
{
	rb_erase_cached(&ul_room(struct vruntime_task, task)->node, &tree);
}

static struct ul_task *vruntime_next(struct ul_turn *turn)
{
	struct rb_node *first = rb_first_cached(&tree);
	struct vruntime_task *vr;

	(void)turn;	/* a slice, on any CPU */
	if (!first)
		return NULL;
	vr = of_node(first);
	rb_erase_cached(first, &tree);
	vclock_advance(&vclock, &vr->vt);
	return ul_task_of(vr);
}

UL_POLICY(vruntime,
	  .about	= "who has had least CPU time for its weight is next",
	  .init		= vruntime_init,
	  .enqueue	= vruntime_enqueue,
	  .dequeue	= vruntime_dequeue,
	  .next		= vruntime_next);
