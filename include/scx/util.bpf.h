/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Helpers that have nothing to do with any kernel: arrays that the verifier understands, memory
 * accesses that the compiler leaves alone, time, arithmetic.
 */
#ifndef __SCX_UTIL_BPF_H
#define __SCX_UTIL_BPF_H

#include "types.bpf.h"

/* As in the kernel */
#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#endif
#ifndef unlikely
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif
#ifndef __maybe_unused
#define __maybe_unused	__attribute__((__unused__))
#endif

/* Arrays */

/**
 * RESIZABLE_ARRAY - define a global array whose length the loader chooses
 * @elfsec: "data" or "rodata"
 * @arr: name of the array
 *
 * The array lives in a section of its own; before load, the loader sizes it with
 * RESIZE_ARRAY() of common.h.
 */
#define RESIZABLE_ARRAY(elfsec, arr) arr[1] SEC("." #elfsec "." #arr)

/* An offset, or 0 if it is over a limit, else a pointer: in instructions that nobody reorders. */
#define __SCX_BOUND(base, off, constraint, max)					\
({										\
	u64 __base = (u64)(base), __ptr = (u64)(off) - __base;			\
										\
	asm volatile ("if %0 <= %[limit] goto +2\n"				\
		      "%0 = 0\n"						\
		      "goto +1\n"						\
		      "%0 += %1\n"						\
		      : "+r"(__ptr)						\
		      : "r"(__base), [limit] constraint(max));			\
	__ptr;									\
})

/**
 * MEMBER_VPTR - pointer to a member at a place that is not known when compiling
 * @base: the struct or array itself, not a pointer to it
 * @member: what is written behind it to get there: [i], .field[i]
 *
 * Returns NULL if that is outside of @base. The check is on the very offset that is added, so
 * that the verifier sees it.
 */
#ifndef MEMBER_VPTR
#define MEMBER_VPTR(base, member)						\
({										\
	_Static_assert(sizeof(base) >= sizeof((base) member),			\
		       "MEMBER_VPTR() takes the object, not a pointer to it");	\
	(typeof((base) member) *)__SCX_BOUND(&(base), &((base) member), "i",	\
					     sizeof(base) - sizeof((base) member)); \
})
#endif

/**
 * ARRAY_ELEM_PTR - pointer to an element of an array whose length the loader has chosen
 * @arr: array
 * @i: index
 * @n: number of elements, a variable in rodata
 *
 * Like MEMBER_VPTR(): NULL if @i is not below @n.
 */
#ifndef ARRAY_ELEM_PTR
#define ARRAY_ELEM_PTR(arr, i, n)						\
	((typeof((arr)[i]) *)__SCX_BOUND(arr, &(arr)[i], "r",			\
					 sizeof((arr)[0]) * ((u64)(n) - 1)))
#endif

/**
 * flex_array_size - size of an array at the end of a struct
 * @p: pointer to the struct
 * @member: the array
 * @count: number of elements
 */
#define flex_array_size(p, member, count) ((count) * sizeof(*(p)->member))

/* The size of the whole struct, and the same given its type. */
#define struct_size(p, member, count)						\
	(offsetof(typeof(*(p)), member) + flex_array_size(p, member, count))
#define struct_size_t(type, member, count) struct_size((type *)NULL, member, count)

/* Memory */

/*
 * Read and write at once and once, whatever the optimiser thinks; for variables of 1, 2, 4 or 8
 * bytes that others change. Neither keeps other accesses from being moved across it.
 */
#ifndef READ_ONCE
#define READ_ONCE(x) ({ *(const volatile typeof(x) *)&(x); })
#endif
#ifndef WRITE_ONCE
#define WRITE_ONCE(x, val) (*(volatile typeof(x) *)&(x) = (val))
#endif

/**
 * __sink - make the compiler and the verifier forget what they know of a value
 * @expr: a variable
 *
 * In a loop the verifier then takes rounds for the same that differ in this variable only.
 */
#define __sink(expr) asm volatile ("" : "+g"(expr))

/* Time */

/**
 * time_before - compare two moments of a 64-bit clock or vtime
 * @a: one moment
 * @b: another one
 *
 * Returns true if @a is before @b, also when the clock wraps between them. That
 * holds while the two are less than 2^63 apart, which a policy must see to, by
 * capping what a sleeper may save up.
 */
static inline bool time_before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

/**
 * time_after - the reverse of time_before()
 * @a: one moment
 * @b: another one
 */
static inline bool time_after(u64 a, u64 b)
{
	return time_before(b, a);
}

/**
 * time_before_eq - time_before(), or the same moment
 * @a: one moment
 * @b: another one
 */
static inline bool time_before_eq(u64 a, u64 b)
{
	return !time_before(b, a);
}

/**
 * time_after_eq - time_after(), or the same moment
 * @a: one moment
 * @b: another one
 */
static inline bool time_after_eq(u64 a, u64 b)
{
	return !time_before(a, b);
}

/**
 * time_in_range - is a moment between two others, these included?
 * @a: the moment
 * @first: the earlier one of the two
 * @last: the later one
 */
static inline bool time_in_range(u64 a, u64 first, u64 last)
{
	return time_after_eq(a, first) && time_before_eq(a, last);
}

/**
 * time_in_range_open - is a moment between two others, the later one not included?
 * @a: the moment
 * @first: the earlier one of the two
 * @end: the later one
 */
static inline bool time_in_range_open(u64 a, u64 first, u64 end)
{
	return time_after_eq(a, first) && time_before(a, end);
}

/**
 * time_delta - how much later one moment is than another
 * @after: the later one
 * @before: the earlier one
 *
 * Returns 0 if it is not later.
 */
static inline s64 time_delta(u64 after, u64 before)
{
	return time_after(after, before) ? after - before : 0;
}

/* Weights */

/* The weight of a nice 0 task; weights run from 1 to 10000. */
#define SCX_WEIGHT_DFL 100

/**
 * scale_by_task_weight - scale a value up with a task's weight
 * @p: task
 * @value: any quantity, a slice say
 *
 * Returns @value for a nice 0 task, more for a heavier one, less for a lighter.
 */
static inline u64 scale_by_task_weight(const struct task_struct *p, u64 value)
{
	return value * p->scx.weight / SCX_WEIGHT_DFL;
}

/**
 * scale_by_task_weight_inverse - scale a value down with a task's weight
 * @p: task
 * @value: time that the task ran, in ns
 *
 * Returns the virtual time to charge: a task of twice the weight pays half for the
 * same time, and thus gets to run twice as long. The kernel keeps weights above 0.
 */
static inline u64 scale_by_task_weight_inverse(const struct task_struct *p, u64 value)
{
	return value * SCX_WEIGHT_DFL / p->scx.weight;
}

/* Arithmetic */

/**
 * log2_u32 - position of the highest bit that is set, 0 for 0
 * @v: value
 */
static inline u32 log2_u32(u32 v)
{
	u32 shift, log = 0;

	for (shift = 16; shift; shift >>= 1) {
		if (v >> shift) {
			v >>= shift;
			log += shift;
		}
	}
	return log;
}

/**
 * log2_u64 - number of bits that a value takes; 1 for 0
 * @v: value
 *
 * One more than log2_u32() returns, for reasons of old.
 */
static inline u32 log2_u64(u64 v)
{
	u32 high = v >> 32;

	return high ? log2_u32(high) + 33 : log2_u32(v) + 1;
}

/**
 * ctzll - position of the lowest bit that is set, -1 for 0
 * @v: value
 */
static inline int ctzll(u64 v)
{
	u32 shift;
	int pos = 0;

	if (!v)
		return -1;
	for (shift = 32; shift; shift >>= 1) {
		if (!(v & ((1ULL << shift) - 1))) {
			v >>= shift;
			pos += shift;
		}
	}
	return pos;
}

/**
 * __sqrt_u64 - square root, rounded down
 * @x: value
 */
static inline u64 __sqrt_u64(u64 x)
{
	u64 root = 0, bit = 1ULL << 62;
	int i;

	for (i = 0; i < 32; i++, bit >>= 2) {
		if (x >= root + bit) {
			x -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

/**
 * __calc_avg - a moving average
 * @old: average so far
 * @new: new value
 * @decay: weight of the old one: 1/2^@decay of the new value is taken in
 *
 * Halves are taken while the values are too small for that.
 */
#define __calc_avg(old, new, decay)						\
({										\
	typeof(old) __old = (old), __new = (new);				\
	int __shift = __old < (1 << (decay)) || __new < (1 << (decay)) ? 1 : (decay); \
										\
	__old == 1 && !__new ? 0 : __old - (__old >> __shift) + (__new >> __shift); \
})

/**
 * get_prandom_u64 - a random number, not for secrets
 */
static inline u64 get_prandom_u64(void)
{
	return (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();
}

#endif /* __SCX_UTIL_BPF_H */
