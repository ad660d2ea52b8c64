// SPDX-License-Identifier: GPL-2.0
/*
 * What stands between the transport and a policy: it finds policies, and keeps what policy.h
 * promises them. It also keeps the time limit of waiting, for all policies in one place.
 */
#include <string.h>
#include "policy.h"

static struct ul_policy *policies;

void ul_register(struct ul_policy *policy)
{
	struct ul_policy **at = &policies;

	while (*at && strcmp((*at)->name, policy->name) < 0)
		at = &(*at)->next_policy;
	policy->next_policy = *at;
	*at = policy;
}

struct ul_policy *ul_find(const char *name)
{
	struct ul_policy *policy = policies;

	while (policy && name && strcmp(policy->name, name))
		policy = policy->next_policy;
	return policy;
}

int ul_init(struct ul_queue *queue, struct ul_policy *policy, const struct ul_params *params)
{
	*queue = (struct ul_queue){ .policy = policy, .params = *params };
	INIT_LIST_HEAD(&queue->waiting);
	return policy->init(params);
}

/* The policy no longer has it. */
static void left(struct ul_queue *queue, struct ul_task *task)
{
	task->queued = false;
	list_del(&task->waiting);
	queue->nr_waiting--;
}

static void dequeue(struct ul_queue *queue, struct ul_task *task)
{
	queue->policy->dequeue(task);
	left(queue, task);
}

/* Each CPU announces what happens on it; one may be slower than the other. */
static bool is_late(const struct ul_facts *facts, const struct ul_facts *known)
{
	return facts->id == known->id ? ul_before(facts->seq, known->seq) :
					  ul_before(facts->id, known->id);
}

static u32 weight_of(const struct ul_facts *facts)
{
	if (facts->weight < UL_WEIGHT_MIN)
		return UL_WEIGHT_MIN;
	return facts->weight > UL_WEIGHT_MAX ? UL_WEIGHT_MAX : facts->weight;
}

/*
 * Usually it is the latest. One that has left by ul_next(), and is given back, was among the first,
 * so its place is soon found from there.
 */
static void add_waiting(struct ul_queue *queue, struct ul_task *task)
{
	struct ul_task *later;

	if (list_empty(&queue->waiting) ||
	    !ul_before(task->facts.arrived,
		       list_last_entry(&queue->waiting, struct ul_task, waiting)->facts.arrived)) {
		list_add_tail(&task->waiting, &queue->waiting);
		return;
	}
	list_for_each_entry(later, &queue->waiting, waiting)
		if (ul_before(task->facts.arrived, later->facts.arrived))
			break;
	list_add_tail(&task->waiting, &later->waiting);
}

static void give_to_policy(struct ul_queue *queue, struct ul_task *task)
{
	task->queued = true;
	add_waiting(queue, task);
	queue->nr_waiting++;
	queue->policy->enqueue(task);
}

bool ul_enqueue(struct ul_queue *queue, struct ul_task *task, const struct ul_facts *facts)
{
	if (is_late(facts, &task->facts))
		return false;
	/* first, since the policy may have sorted the task by the old facts */
	if (task->queued)
		dequeue(queue, task);
	task->fresh = facts->id != task->facts.id;
	if (task->fresh)
		memset(task->room, 0, sizeof(task->room));
	task->facts = *facts;
	task->facts.weight = weight_of(facts);
	if (!queue->now || ul_before(queue->now, facts->arrived))
		queue->now = facts->arrived;
	task->again = false;
	give_to_policy(queue, task);
	return true;
}

void ul_give_back(struct ul_queue *queue, struct ul_task *task)
{
	task->fresh = false;
	task->again = true;
	give_to_policy(queue, task);
}

void ul_gone(struct ul_queue *queue, struct ul_task *task, u64 id)
{
	if (task->queued && task->facts.id == id)
		dequeue(queue, task);
}

bool ul_is_overdue(const struct ul_queue *queue, const struct ul_task *task)
{
	u64 limit = queue->params.max_wait_ns;

	return limit && ul_before(task->facts.arrived + limit, queue->now);
}

/* The first that came, if it has waited for too long. */
static struct ul_task *overdue(struct ul_queue *queue)
{
	struct ul_task *first = list_first_entry_or_null(&queue->waiting, struct ul_task, waiting);

	return first && ul_is_overdue(queue, first) ? first : NULL;
}

struct ul_task *ul_next(struct ul_queue *queue, struct ul_turn *turn)
{
	struct ul_task *task = overdue(queue);

	*turn = (struct ul_turn){ .slice_ns = queue->params.slice_ns, .cpu = UL_CPU_ANY };
	if (task) {
		/* many may have: let the others not wait even longer */
		turn->slice_ns = queue->params.slice_min_ns;
		dequeue(queue, task);
		return task;
	}
	task = queue->policy->next(turn);
	if (!task)
		return NULL;
	left(queue, task);
	if (!turn->slice_ns)
		turn->slice_ns = 1;
	return task;
}
