/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two sides of scx_userland share: memory that both have mapped, so that neither asks
 * the other by a system call.
 */
#ifndef __SCX_USERLAND_H
#define __SCX_USERLAND_H

/* Room for decisions not taken yet, of which user space uses half at most; a power of two. */
#define UL_DECISIONS	1024

/**
 * struct ul_slot - what the kernel side says of a task, which has the slot as long as it lives
 * @id: which task has it; no two tasks have the same. 0: none
 * @cpu_time: CPU time it has used, in ns
 * @burst: and since it slept last
 * @arrived: when it came to wait, in ns
 * @seq: how often tasks of this slot have come to wait
 * @waiting: @seq of the task that waits; 0 if none does
 * @announced: the slot is in the ring, or user space is about to read it
 * @pid: thread ID
 * @cpu: where it was last
 * @weight: 1 to 10000
 * @nr_cpus_allowed: on how many CPUs it may run
 *
 * Written by the kernel side alone, but for @announced, which user space clears before it reads
 * the rest. So a slot is in the ring once at most, however often its task comes meanwhile.
 */
struct ul_slot {
	u64	id;
	u64	cpu_time;
	u64	burst;
	u64	arrived;
	u64	seq;
	u64	waiting;
	u32	announced;
	s32	pid;
	s32	cpu;
	u16	weight;
	u16	nr_cpus_allowed;
};

/**
 * struct ul_decision - who runs next
 * @seq: that of the slot for which it was decided; if it is another one by now, nothing happens
 * @slice: how long it may run, in ns
 * @slot: the task's slot
 * @cpu: where; negative: anywhere
 */
struct ul_decision {
	u64	seq;
	u64	slice;
	u32	slot;
	s32	cpu;
};

/**
 * struct ul_cpu - a CPU
 * @wants: it has asked for a task; user space clears it when it has decided on one
 */
struct ul_cpu {
	u32	wants;
} __attribute__((aligned(64)));

/**
 * struct ul_shared - how far each side has got
 * @decisions: the decisions, number i at i modulo UL_DECISIONS
 * @posted: announcements in the ring so far
 * @asked: requests by CPUs for a task so far
 * @taken: decisions that CPUs have taken so far
 * @heard: announcements read so far
 * @answered: @asked, as it was when user space last began to answer; it has answered all up to this
 * @decided: decisions so far
 * @asleep: user space is going to sleep until the bell rings
 * @scheduled: tasks that its policy has
 *
 * Each side writes lines of its own, but for @asleep, which the kernel side clears as it rings.
 */
struct ul_shared {
	struct ul_decision decisions[UL_DECISIONS];

	struct {
		u64	posted;
		u64	asked;
	} __attribute__((aligned(64)));

	struct {
		u64	taken;
	} __attribute__((aligned(64)));

	struct {
		u64	heard;
		u64	answered;
		u64	decided;
		u32	asleep;
		u32	scheduled;
	} __attribute__((aligned(64)));
};

#endif /* __SCX_USERLAND_H */
