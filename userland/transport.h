/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The thread that decides: it stands between the kernel side of scx_userland and a policy.
 */
#ifndef __UL_TRANSPORT_H
#define __UL_TRANSPORT_H

#include "policy.h"
#include "../scx_userland.h"

/**
 * struct ul_link - what the thread is given, valid until ul_stop()
 * @shared: what both sides have mapped, like the next four
 * @slots: of tasks, @params.max_tasks of them
 * @allowed: where each may run, in @mask_words words
 * @ring: slots announced, @ring_mask + 1 entries
 * @cpus: CPUs, @nr_cpu_ids of them
 * @online: those online, in @mask_words words; ul_start() copies them
 * @ring_mask: a power of two, minus 1
 * @mask_words: as many as have a bit for each CPU
 * @nr_cpu_ids: one more than the largest CPU number
 * @batch: how many decisions to make in a go
 * @bell_fd: of the ring buffer that rings
 * @register_fd: of the program with which the thread makes itself known
 * @ended: is not 0 once the scheduler has ended
 * @policy: who decides
 * @params: what it is told
 */
struct ul_link {
	struct ul_shared	*shared;
	struct ul_slot		*slots;
	u64			*allowed;
	u32			*ring;
	struct ul_cpu		*cpus;
	const u64		*online;
	u32			ring_mask;
	u32			mask_words;
	u32			nr_cpu_ids;
	u32			batch;
	int			bell_fd;
	int			register_fd;
	const int		*ended;
	struct ul_policy	*policy;
	struct ul_params	params;
};

/**
 * ul_start - set aside all memory, and start the thread
 * @link: what it is given
 *
 * When it returns, the scheduler may be attached. Returns 0 or -errno.
 */
int ul_start(const struct ul_link *link);

/* How much of that memory, in bytes, is for each task. */
size_t ul_task_size(u32 mask_words);

/* End the thread and give back its memory. */
void ul_stop(void);

#endif /* __UL_TRANSPORT_H */
