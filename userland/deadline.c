// SPDX-License-Identifier: GPL-2.0
/*
 * deadline: interactive tasks first.
 *
 * What it demonstrates: how little it takes to tell tasks that wait for somebody from those that
 * compute. The former sleep often, so they have used little CPU time since they slept last, their
 * burst. A task's deadline is its vruntime (vtime.h) plus its burst, and the earliest deadline is
 * next:
 *
 *	task	vruntime	burst			deadline
 *	editor	now - 20 ms	0, it woke up		now - 20 ms
 *	shell	now - 20 ms	3 ms			now - 17 ms
 *	hog	now		2000 ms, the most	now + 2000 ms
 *
 * The slice is the minimum slice (-S), scaled by weight: the next task gets its turn soon, since
 * nobody is interrupted here either.
 *
 * When it is good: few tasks that wait for somebody beside many that compute. After a while all hogs
 * have the same burst, the longest. Then it makes no difference between them, and they share by weight.
 *
 * When it is bad: short slices are many switches. Interactive tasks that together could use all
 * CPUs keep hogs waiting until vruntime has moved on by the longest burst.
 */
#include "policy.h"
#include "vtime.h"

/* Burst counts up to so many slices. */
#define BURST_SLICES	100

struct deadline_task {
	struct rb_node	node;
	struct vtime	vt;
	u64		deadline;
};

static struct rb_root_cached tree;
static struct vclock vclock;
static u64 slice_min_ns;

static struct deadline_task *of_node(const struct rb_node *node)
{
	return rb_entry(node, struct deadline_task, node);
}

static bool runs_before(struct rb_node *left, const struct rb_node *right)
{
	const struct deadline_task *l = of_node(left), *r = of_node(right);
	const struct ul_facts *lf = &ul_task_of(of_node(left))->facts;
	const struct ul_facts *rf = &ul_task_of(of_node(right))->facts;

	if (l->deadline != r->deadline)
		return ul_before(l->deadline, r->deadline);
	if (lf->arrived != rf->arrived)
		return ul_before(lf->arrived, rf->arrived);
	return lf->pid < rf->pid;
}

static int deadline_init(const struct ul_params *params)
{
	tree = RB_ROOT_CACHED;
	vclock_init(&vclock, params->slice_ns);
	slice_min_ns = params->slice_min_ns;
	return 0;
}

static void deadline_enqueue(struct ul_task *task)
{
	struct deadline_task *dl = ul_room(struct deadline_task, task);
	u64 longest = BURST_SLICES * vclock.slice_ns;

	vclock_charge(&vclock, &dl->vt, task);
	dl->deadline = dl->vt.vruntime + min(task->facts.burst, longest);
	rb_add_cached(&dl->node, &tree, runs_before);
}

static void deadline_dequeue(struct ul_task *task)
{
	rb_erase_cached(&ul_room(struct deadline_task, task)->node, &tree);
}

static struct ul_task *deadline_next(struct ul_turn *turn)
{
	struct rb_node *first = rb_first_cached(&tree);
	struct deadline_task *dl;
	struct ul_task *task;

	if (!first)
		return NULL;
	dl = of_node(first);
	task = ul_task_of(dl);
	rb_erase_cached(first, &tree);
	vclock_advance(&vclock, &dl->vt);
	turn->slice_ns = slice_min_ns * task->facts.weight / UL_WEIGHT_DFL;
	return task;
}

UL_POLICY(deadline,
	  .about	= "interactive tasks first, those that have used little CPU time since they slept",
	  .init		= deadline_init,
	  .enqueue	= deadline_enqueue,
	  .dequeue	= deadline_dequeue,
	  .next		= deadline_next);
