/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, declared once.
 *
 * On the BPF side a scheduler declares a struct of u64 counters, each with the words
 * that explain it, and counts with scx_stat_inc():
 *
 *	struct foo_stats {
 *		u64 local SCX_STAT("tasks put straight on a CPU's local queue");
 *	};
 *	SCX_STATS_DEFINE(foo_stats);
 *
 * Names and words travel in the BTF of the BPF object. The loader reads them there, so
 * that the report, its JSON form and --help-stats need no second list.
 */
#ifndef __SCX_STATS_H
#define __SCX_STATS_H

/* What the words of SCX_STAT() begin with, to be told from other tags. */
#define SCX_STAT_TAG "scx_stat:"

#ifdef __bpf__

#include "types.bpf.h"

/**
 * SCX_STAT - attach to a counter what it counts
 * @help: a few words, shown by --help-stats
 */
#define SCX_STAT(help) __attribute__((btf_decl_tag(SCX_STAT_TAG help)))

/**
 * SCX_STATS_DEFINE - define the counters of a scheduler
 * @tag: tag of a struct with nothing but u64 members
 *
 * One copy per CPU: counting needs no atomics and no CPU waits for another's line.
 */
#define SCX_STATS_DEFINE(tag)							\
	struct {								\
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);			\
		__uint(max_entries, 1);						\
		__type(key, u32);						\
		__type(value, struct tag);					\
	} stats SEC(".maps")

/**
 * scx_stat_add - add to a counter of this CPU
 * @field: member of the struct given to SCX_STATS_DEFINE()
 * @n: how much
 *
 * From callbacks that are called with a run queue's lock held (enqueue, dispatch, running and the like),
 * and from ops.select_cpu: there nobody else on this CPU counts at the same time. In ops.init_task, those for cgroups, and those that may
 * sleep, a preemption in between could lose a count.
 */
#define scx_stat_add(field, n)							\
({										\
	typeof(stats.value) __stat = bpf_map_lookup_elem(&stats, &(u32){ 0 });	\
										\
	if (__stat)								\
		__stat->field += (n);						\
})

/**
 * scx_stat_inc - count one
 * @field: as for scx_stat_add()
 */
#define scx_stat_inc(field) scx_stat_add(field, 1)

/**
 * scx_stat_inc_atomic - count one, where an interrupt may count the same in between
 * @field: as for scx_stat_add()
 *
 * For timers: the callbacks above may interrupt one, on its own CPU. Atomic, but not contended.
 */
#define scx_stat_inc_atomic(field)						\
({										\
	typeof(stats.value) __stat = bpf_map_lookup_elem(&stats, &(u32){ 0 });	\
										\
	if (__stat)								\
		__sync_fetch_and_add(&__stat->field, 1);			\
})

#else /* !__bpf__ */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

static inline const struct btf_type *scx_stats_type(const struct bpf_object *obj,
						    const struct bpf_map **map)
{
	*map = bpf_object__find_map_by_name(obj, "stats");
	if (!*map)
		return NULL;
	return btf__type_by_id(bpf_object__btf(obj), bpf_map__btf_value_type_id(*map));
}

/*
 * Sum the counters in a map over all CPUs. The kernel reads CPU by CPU, so of what one counts up and
 * another down it can see the second alone: there cannot be less than none.
 */
static inline int scx_stats_sum(int fd, __u64 *sum, int nr)
{
	int nr_cpus = libbpf_num_possible_cpus();
	__u64 *vals;
	int i, err;

	if (nr_cpus < 0)
		return nr_cpus;
	vals = calloc((size_t)nr_cpus * nr, sizeof(*vals));
	if (!vals)
		return -ENOMEM;

	memset(sum, 0, nr * sizeof(*sum));
	err = bpf_map_lookup_elem(fd, &(__u32){ 0 }, vals);
	for (i = 0; !err && i < nr_cpus * nr; i++)
		sum[i % nr] += vals[i];
	for (i = 0; i < nr; i++)
		if ((__s64)sum[i] < 0)
			sum[i] = 0;
	free(vals);
	return err;
}

/* Write one report of the counters in a map, given the type of their struct. */
static inline int scx_stats_report_map(FILE *out, int fd, const struct btf *btf,
				       const struct btf_type *t, bool json)
{
	int i, nr = btf_vlen(t), err;
	__u64 sum[nr];

	err = scx_stats_sum(fd, sum, nr);
	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		fprintf(out, json ? "%s\"%s\": %llu" : "%s%s=%llu",
			i ? json ? ", " : " " : json ? "{" : "", name,
			(unsigned long long)sum[i]);
	}
	fputs(json ? "}\n" : "\n", out);
	return 0;
}

/* The kernel writes whole values, so all members must be u64. */
static inline bool scx_stats_fit(__u32 value_size, const struct btf_type *t)
{
	return btf_vlen(t) && value_size == btf_vlen(t) * sizeof(__u64);
}

/**
 * scx_stats_report - write one report of a scheduler's counters
 * @out: where to
 * @obj: the object that SCX_STATS_DEFINE() is in, loaded
 * @json: as a JSON object, else as name=value, on one line either way
 *
 * Returns 0, or a negative errno.
 */
static inline int scx_stats_report(FILE *out, const struct bpf_object *obj, bool json)
{
	const struct bpf_map *map;
	const struct btf_type *t = scx_stats_type(obj, &map);

	if (!t || !scx_stats_fit(bpf_map__value_size(map), t))
		return -EINVAL;
	return scx_stats_report_map(out, bpf_map__fd(map), bpf_object__btf(obj), t, json);
}

/* Are these the counters of that tag? Their types are then in *@btf, at *@type. */
static inline bool scx_stats_is(int fd, const char *tag, struct btf **btf, __u32 *type)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	const struct btf_type *t;

	if (bpf_map_get_info_by_fd(fd, &info, &len) || strcmp(info.name, "stats") ||
	    info.type != BPF_MAP_TYPE_PERCPU_ARRAY || !info.btf_id)
		return false;
	*btf = btf__load_from_kernel_by_id(info.btf_id);
	*type = info.btf_value_type_id;
	t = *btf ? btf__type_by_id(*btf, *type) : NULL;
	if (t && btf_is_struct(t) && scx_stats_fit(info.value_size, t) &&
	    !strcmp(btf__name_by_offset(*btf, t->name_off), tag))
		return true;
	btf__free(*btf);
	return false;
}

/* The latest map of that tag: the counters of a scheduler that has ended stay for a moment. */
static inline int scx_stats_find(const char *tag, struct btf **btf, __u32 *type)
{
	int fd, err, found = -1;
	__u32 id = 0, its_type;
	struct btf *its_btf;

	*btf = NULL;
	*type = 0;
	while (!(err = bpf_map_get_next_id(id, &id))) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;
		if (!scx_stats_is(fd, tag, &its_btf, &its_type)) {
			close(fd);
			continue;
		}
		if (found >= 0)
			close(found);
		btf__free(*btf);
		*btf = its_btf;
		*type = its_type;
		found = fd;
	}
	return found < 0 ? err : found;
}

/**
 * scx_stats_report_running - write one report of a scheduler that another process has loaded
 * @out: where to
 * @tag: the tag given to SCX_STATS_DEFINE() there
 * @json: as for scx_stats_report()
 *
 * Returns 0, or a negative errno: -ENOENT if there is none, -EPERM without CAP_SYS_ADMIN.
 */
static inline int scx_stats_report_running(FILE *out, const char *tag, bool json)
{
	struct btf *btf;
	__u32 type;
	int fd = scx_stats_find(tag, &btf, &type), err;

	if (fd < 0)
		return fd;
	err = scx_stats_report_map(out, fd, btf, btf__type_by_id(btf, type), json);
	btf__free(btf);
	close(fd);
	return err;
}

/* The words that SCX_STAT() attached to member @idx of type @id. */
static inline const char *scx_stat_help(const struct btf *btf, __u32 id, int idx)
{
	__u32 i, nr = btf__type_cnt(btf);

	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *tag = btf__name_by_offset(btf, t->name_off);

		if (btf_is_decl_tag(t) && t->type == id &&
		    btf_decl_tag(t)->component_idx == idx &&
		    !strncmp(tag, SCX_STAT_TAG, strlen(SCX_STAT_TAG)))
			return tag + strlen(SCX_STAT_TAG);
	}
	return "";
}

/**
 * scx_stats_help - explain a scheduler's counters, one a line
 * @out: where to
 * @obj: the object that SCX_STATS_DEFINE() is in, open
 */
static inline void scx_stats_help(FILE *out, const struct bpf_object *obj)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct bpf_map *map;
	const struct btf_type *t = scx_stats_type(obj, &map);
	int i;

	fputs("Since the scheduler started, summed over all CPUs:\n", out);
	for (i = 0; t && i < (int)btf_vlen(t); i++)
		fprintf(out, "%-16s %s\n", btf__name_by_offset(btf, btf_members(t)[i].name_off),
			scx_stat_help(btf, bpf_map__btf_value_type_id(map), i));
}

#endif /* __bpf__ */
#endif /* __SCX_STATS_H */
