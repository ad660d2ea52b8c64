// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers for the tests of scx_qmap. See qmap.h.
 */
#include "qmap.h"

/* The counters' map: the latest one of that name. */
static int stats_fd(struct bpf_map_info *info)
{
	int fd = -1;
	u32 id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info this = {};
		u32 len = sizeof(this);
		int next = bpf_map_get_fd_by_id(id);

		if (next < 0)
			continue;
		if (bpf_map_get_info_by_fd(next, &this, &len) || strcmp(this.name, "stats")) {
			close(next);
			continue;
		}
		if (fd >= 0)
			close(fd);
		fd = next;
		*info = this;
	}
	check(fd >= 0, "no counters: is the scheduler loaded?");
	return fd;
}

/* Which counter of the struct is it? */
static int stat_index(const struct bpf_map_info *info, const char *name)
{
	struct btf *btf = btf__load_from_kernel_by_id(info->btf_id);
	const struct btf_type *t = btf ? btf__type_by_id(btf, info->btf_value_type_id) : NULL;
	int i, nr = t ? btf_vlen(t) : 0;

	for (i = 0; i < nr; i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			break;
	check(i < nr, "no counter '%s'", name);
	btf__free(btf);
	return i;
}

/* @nr counters, from that of @name on. */
static void read_counters(const char *name, int cpu, u64 *sums, int nr)
{
	struct bpf_map_info info = {};
	int i, k, fd = stats_fd(&info), nr_vals = libbpf_num_possible_cpus();
	int size = info.value_size / sizeof(u64), first = stat_index(&info, name);
	u64 vals[nr_vals * size];
	u32 zero = 0;

	check(!bpf_map_lookup_elem(fd, &zero, vals), "cannot read the counters");
	close(fd);
	for (k = 0; k < nr; k++)
		for (sums[k] = 0, i = 0; i < nr_vals; i++)
			if (cpu == ALL_CPUS || cpu == i)
				sums[k] += vals[i * size + first + k];
}

u64 map_counter(const char *name, int cpu)
{
	u64 sum;

	read_counters(name, cpu, &sum, 1);
	return sum;
}

void read_taken(u64 *counts, int cpu)
{
	read_counters("taken0", cpu, counts, NR_QUEUES);
}

void clear_trace(void)
{
	int fd = open(TRACE, O_WRONLY | O_TRUNC | O_CLOEXEC);

	check(fd >= 0, "cannot clear " TRACE);
	close(fd);
}

static const char *read_trace(void)
{
	static char buf[1 << 20];
	int fd = open(TRACE, O_RDONLY | O_CLOEXEC);
	ssize_t n, len = 0;

	check(fd >= 0, "cannot read " TRACE);
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	close(fd);
	buf[len] = '\0';
	return buf;
}

int in_trace(const char *what)
{
	const char *at = read_trace();
	int nr = 0;

	for (; (at = strstr(at, what)); at++)
		nr++;
	return nr;
}

long place_in_trace(const char *what)
{
	const char *trace = read_trace(), *at = strstr(trace, what);

	return at ? at - trace : -1;
}

const char *ejected(struct sched *s, const char *why)
{
	int status = sched_end(s);
	const char *report = text(s->err), *last = strstr(report, "EXIT: ");

	check(status == 3, "status %d: %s", status, report);
	check(last && strstr(last, why), "not '%s': %s", why, report);
	wait_for(kernel_state("disabled"), "the kernel to take over");
	return report;
}
