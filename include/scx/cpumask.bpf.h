/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sets of CPUs, BPF side.
 *
 * A struct cpumask is the kernel's, to be read: p->cpus_ptr, what the scx_bpf_get_*mask() kfuncs
 * return. A struct bpf_cpumask is the scheduler's own: created, kept in a map as a kptr, released.
 * All these kfuncs may be called from everywhere and are older than sched_ext, except where it is
 * said. CPU numbers beyond the kernel's are not in any mask; setting them does nothing.
 */
#ifndef __SCX_CPUMASK_BPF_H
#define __SCX_CPUMASK_BPF_H

#include "types.bpf.h"
#include "kernel.bpf.h"
#include "kfuncs.bpf.h"

/* Masks of one's own; create returns NULL if there is no memory. */
struct bpf_cpumask *bpf_cpumask_create(void) __ksym __weak;
struct bpf_cpumask *bpf_cpumask_acquire(struct bpf_cpumask *cpumask) __ksym __weak;
void bpf_cpumask_release(struct bpf_cpumask *cpumask) __ksym __weak;

/* One CPU */
void bpf_cpumask_set_cpu(u32 cpu, struct bpf_cpumask *cpumask) __ksym __weak;
void bpf_cpumask_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask) __ksym __weak;
bool bpf_cpumask_test_cpu(u32 cpu, const struct cpumask *cpumask) __ksym __weak;
bool bpf_cpumask_test_and_set_cpu(u32 cpu, struct bpf_cpumask *cpumask) __ksym __weak;
bool bpf_cpumask_test_and_clear_cpu(u32 cpu, struct bpf_cpumask *cpumask) __ksym __weak;

/* The whole set; and returns whether something is left. */
void bpf_cpumask_setall(struct bpf_cpumask *cpumask) __ksym __weak;
void bpf_cpumask_clear(struct bpf_cpumask *cpumask) __ksym __weak;
void bpf_cpumask_copy(struct bpf_cpumask *dst, const struct cpumask *src) __ksym __weak;
bool bpf_cpumask_and(struct bpf_cpumask *dst, const struct cpumask *src1,
		     const struct cpumask *src2) __ksym __weak;
void bpf_cpumask_or(struct bpf_cpumask *dst, const struct cpumask *src1,
		    const struct cpumask *src2) __ksym __weak;
void bpf_cpumask_xor(struct bpf_cpumask *dst, const struct cpumask *src1,
		     const struct cpumask *src2) __ksym __weak;

/* Questions */
bool bpf_cpumask_equal(const struct cpumask *src1, const struct cpumask *src2) __ksym __weak;
bool bpf_cpumask_intersects(const struct cpumask *src1, const struct cpumask *src2) __ksym __weak;
bool bpf_cpumask_subset(const struct cpumask *src1, const struct cpumask *src2) __ksym __weak;
bool bpf_cpumask_empty(const struct cpumask *cpumask) __ksym __weak;
bool bpf_cpumask_full(const struct cpumask *cpumask) __ksym __weak;
u32 bpf_cpumask_weight(const struct cpumask *cpumask) __ksym __weak;

/* A member; scx_bpf_nr_cpu_ids() or more if there is none. distribute takes turns. */
u32 bpf_cpumask_first(const struct cpumask *cpumask) __ksym __weak;
u32 bpf_cpumask_first_zero(const struct cpumask *cpumask) __ksym __weak;
u32 bpf_cpumask_first_and(const struct cpumask *src1, const struct cpumask *src2) __ksym __weak;
u32 bpf_cpumask_any_distribute(const struct cpumask *cpumask) __ksym __weak;
u32 bpf_cpumask_any_and_distribute(const struct cpumask *src1,
				   const struct cpumask *src2) __ksym __weak;

/* Set a mask from the bits in memory; 0 or a negative errno. Since 6.16. */
int bpf_cpumask_populate(struct bpf_cpumask *dst, void *src, size_t src__sz) __ksym __weak;

/**
 * cast_mask - a mask of one's own where a kfunc wants to read one
 * @mask: of one's own
 */
static __always_inline const struct cpumask *cast_mask(struct bpf_cpumask *mask)
{
	return (const struct cpumask *)mask;
}

/*
 * An iterator for bpf_for_each() that holds a mask of all CPUs while it walks its bits, of which
 * there are as many as the running kernel's masks have. What else its constructor is given is not
 * used.
 */
#define __SCX_CPU_ITER(name)							\
struct bpf_iter_##name {							\
	struct bpf_iter_bits	bits;						\
	const struct cpumask	*mask;						\
};										\
static __always_inline int bpf_iter_##name##_new(struct bpf_iter_##name *it,	\
						 const u64 *mem __attribute__((unused)), \
						 u32 nr __attribute__((unused))) \
{										\
	it->mask = scx_bpf_get_##name##_cpumask();				\
	return bpf_iter_bits_new(&it->bits, (const u64 *)it->mask,		\
				 bpf_core_type_size(struct cpumask) / sizeof(u64)); \
}										\
static __always_inline int *bpf_iter_##name##_next(struct bpf_iter_##name *it)	\
{										\
	return bpf_iter_bits_next(&it->bits);					\
}										\
static __always_inline void bpf_iter_##name##_destroy(struct bpf_iter_##name *it) \
{										\
	bpf_iter_bits_destroy(&it->bits);					\
	scx_bpf_put_cpumask(it->mask);						\
}

__SCX_CPU_ITER(possible)
__SCX_CPU_ITER(online)

/**
 * for_each_possible_cpu - walk the CPUs that there can ever be
 * @cpu: an int pointer, *@cpu is the CPU
 *
 * There is no turn if the iterator finds no memory for a copy of the mask.
 */
#define for_each_possible_cpu(cpu) bpf_for_each(possible, cpu, NULL, 0)

/**
 * for_each_online_cpu - walk the CPUs that are online
 * @cpu: an int pointer, *@cpu is the CPU
 *
 * What for_each_possible_cpu() says holds.
 */
#define for_each_online_cpu(cpu) bpf_for_each(online, cpu, NULL, 0)

#endif /* __SCX_CPUMASK_BPF_H */
