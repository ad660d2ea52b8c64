/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A policy of scx_userland: who is next?
 *
 * A policy is one file in this directory. It is plain C, knows nothing of BPF, and is found by
 * its name; no list has to be edited. Documentation/policies.md writes one step by step.
 *
 *	kernel side              the transport                           a policy
 *
 *	task wants to run   -->  ul_enqueue(): facts, entry  ------->  .enqueue
 *	it no longer does   -->  ul_gone()  ------------------------>  .dequeue, if it has it
 *	CPUs want tasks     <--  ul_next(): task, slice, CPU  <------  .next
 *
 * What a policy may rely on, whatever the kernel side announces, in whatever order:
 *
 *	- A task is enqueued, then leaves by next or by dequeue, exactly once, then may come again.
 *	  Who leaves by next and then cannot run, since his CPU is busy, comes with task->again.
 *	- Its facts do not change meanwhile. Its room is the policy's alone; it is zero, and
 *	  task->fresh is set, when a task comes for the first time.
 *	- One thread calls.
 *
 * What a policy has to keep to: memory is set aside in init, and nothing else asks the kernel for
 * anything, since the kernel may be waiting for the policy. Times are counters that wrap around:
 * compare them by ul_before().
 */
#ifndef __UL_POLICY_H
#define __UL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/list.h>
#include <linux/rbtree.h>

typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define UL_WEIGHT_MIN	1
#define UL_WEIGHT_DFL	100	/* of nice 0 */
#define UL_WEIGHT_MAX	10000
#define UL_CPU_ANY	(-1)

/**
 * struct ul_facts - what the kernel side says of a task that wants to run
 * @id: which task it is: each that is given an entry has a larger one, the first 1
 * @seq: which announcement of this task it is: what comes late, after one with a later number, is
 *	refused
 * @arrived: when the task came, in ns
 * @cpu_time: CPU time it has used in its life, in ns
 * @burst: and since it slept last: 0 if it has just woken up
 * @pid: thread ID; it says nothing of who the task is, since PIDs are used again
 * @weight: UL_WEIGHT_MIN to UL_WEIGHT_MAX
 * @cpu: where it ran last
 * @nr_cpus_allowed: on how many CPUs it may run
 */
struct ul_facts {
	u64	id;
	u64	seq;
	u64	arrived;
	u64	cpu_time;
	u64	burst;
	s32	pid;
	u32	weight;
	s32	cpu;
	u32	nr_cpus_allowed;
};

/**
 * struct ul_task - a task, or an entry for one: all zero before its first
 * @facts: of its last arrival
 * @room: the policy's own, see ul_room()
 * @fresh: it has come for the first time
 * @again: it has not run since the policy named it: the CPU that it can run on was busy. If another
 *	task has the same claim, this one comes first.
 * @queued: the policy has it
 * @waiting: in struct ul_queue, in order of arrival
 */
struct ul_task {
	struct ul_facts		facts;
	u64			room[8];
	bool			fresh;
	bool			again;
	bool			queued;
	struct list_head	waiting;
};

/**
 * struct ul_params - what a policy is told at the start
 * @max_tasks: at most so many are queued at a time
 * @nr_cpus: online; their numbers need not be the lowest
 * @slice_ns: how long a turn is, by default
 * @slice_min_ns: and at least; not more than @slice_ns
 * @max_wait_ns: who has waited for so long is next whatever the policy says; 0 for no limit.
 *	The kernel ejects a scheduler that lets a task wait for too long.
 */
struct ul_params {
	u32	max_tasks;
	u32	nr_cpus;
	u64	slice_ns;
	u64	slice_min_ns;
	u64	max_wait_ns;
};

/**
 * struct ul_turn - what the next task is given
 * @slice_ns: how long it may run; 0 counts as 1, and more than a second as a second
 * @cpu: where, if the task may run there, or UL_CPU_ANY. It waits for this CPU while others have
 *	something to do; one that has nothing else takes it. PREEMPT_RT: a hint.
 */
struct ul_turn {
	u64	slice_ns;
	s32	cpu;
};

/**
 * struct ul_policy - a policy
 * @name: of its file, and for --policy
 * @about: a line for --help
 * @init: start, or start over, with no tasks; 0, or -errno
 * @enqueue: the task wants to run
 * @dequeue: it does not any more: a queued task is to be forgotten. It has ended, say, or somebody
 *	else has let it run. This says nothing of its future: it may come again.
 * @next: the task that is to run next, which leaves the queue; NULL if there is none. It is to fill
 *	in the turn, which is preset to the default slice on any CPU.
 * @next_policy: set by ul_register()
 */
struct ul_policy {
	const char		*name;
	const char		*about;
	int			(*init)(const struct ul_params *params);
	void			(*enqueue)(struct ul_task *task);
	void			(*dequeue)(struct ul_task *task);
	struct ul_task		*(*next)(struct ul_turn *turn);
	struct ul_policy	*next_policy;
};

void ul_register(struct ul_policy *policy);

/**
 * UL_POLICY - define a policy
 * @_name: its name, no string
 * @members: of struct ul_policy, as .member = value
 */
#define UL_POLICY(_name, members...)						\
static struct ul_policy ul_policy_##_name = { .name = #_name, ##members };	\
__attribute__((constructor)) static void ul_register_##_name(void)		\
{										\
	ul_register(&ul_policy_##_name);					\
}

/**
 * ul_room - a policy's own part of a task
 * @type: what the policy keeps there
 * @task: the task
 */
#define ul_room(type, task)							\
({										\
	_Static_assert(sizeof(type) <= sizeof((task)->room), "too little room");	\
	(type *)(task)->room;							\
})

/* The task that has this room. */
static inline struct ul_task *ul_task_of(void *room)
{
	return (struct ul_task *)((char *)room - offsetof(struct ul_task, room));
}

static inline bool ul_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/* What is used counts for more the less a task weighs. */
static inline u64 ul_by_weight(const struct ul_task *task, u64 used)
{
	return used * UL_WEIGHT_DFL / task->facts.weight;
}

/*
 * For the transport, and for tests
 */

/**
 * struct ul_queue - what stands between the transport and a policy
 * @policy: the policy
 * @params: what it was told
 * @waiting: the tasks it has, in order of arrival
 * @nr_waiting: how many
 * @now: time of the latest arrival
 */
struct ul_queue {
	struct ul_policy	*policy;
	struct ul_params	params;
	struct list_head	waiting;
	u32			nr_waiting;
	u64			now;
};

/**
 * ul_find - the policy of this name
 * @name: name; NULL for the first of all policies, which are in order of their names
 *
 * Returns NULL if there is none. All policies: follow ->next_policy from the first one.
 */
struct ul_policy *ul_find(const char *name);

/**
 * ul_init - start a policy, with no tasks
 * @queue: to be set up
 * @policy: the policy
 * @params: what it is told
 *
 * All entries are to be zero. Returns 0, or -errno from the policy.
 */
int ul_init(struct ul_queue *queue, struct ul_policy *policy, const struct ul_params *params);

/**
 * ul_enqueue - a task wants to run
 * @queue: the queue
 * @task: its entry; it may be queued already, then it comes anew
 * @facts: what is known of it
 *
 * Returns false, and does nothing, if these facts are older than what is known: the entry has been
 * given to a later task, or the task has come again since.
 */
bool ul_enqueue(struct ul_queue *queue, struct ul_task *task, const struct ul_facts *facts);

/**
 * ul_give_back - the policy has named a task that could not run so far
 * @queue: the queue
 * @task: its entry, as the policy has named it
 */
void ul_give_back(struct ul_queue *queue, struct ul_task *task);

/**
 * ul_gone - a task has ended, or somebody else lets it run
 * @queue: the queue
 * @task: its entry, which need not be queued
 * @id: of the task that is gone; if the entry has been given to a later one, nothing happens
 */
void ul_gone(struct ul_queue *queue, struct ul_task *task, u64 id);

/**
 * ul_is_overdue - has a task waited for too long?
 * @queue: the queue
 * @task: it need not be queued
 */
bool ul_is_overdue(const struct ul_queue *queue, const struct ul_task *task);

/**
 * ul_next - who runs next?
 * @queue: the queue
 * @turn: filled in
 *
 * Returns NULL if nobody waits.
 */
struct ul_task *ul_next(struct ul_queue *queue, struct ul_turn *turn);

#endif /* __UL_POLICY_H */
