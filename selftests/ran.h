/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often each BPF program of a scheduler ran, for selftests/coverage, which builds the loaders
 * with "-include" of this. Nothing else uses it.
 *
 * A loader that gives up its skeleton appends to the file that RAN= names a line for each program:
 * scheduler, program, count. Exact, unlike a look from outside: nobody else knows when the last
 * callback has returned, and the programs are still there. The kernel counts while it has
 * kernel.bpf_stats_enabled. What does not run as root has loaded nothing.
 */
#ifndef __SCX_TEST_RAN_H
#define __SCX_TEST_RAN_H

/* before the first header, since sources ask for it in their first line */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

/* the kernel's tools/scripts/Makefile.arch asks the compiler with the same flags, for no program */
#if __has_include("bpf/libbpf.h")
#include <stdio.h>
#include <stdlib.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static inline unsigned long long ran_count(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	/* one that was not loaded has no descriptor */
	if (bpf_prog_get_info_by_fd(bpf_program__fd(prog), &info, &len))
		return 0;
	return info.run_cnt;
}

static inline void ran_destroy_skeleton(struct bpf_object_skeleton *s)
{
	const char *path = getenv("RAN");
	FILE *f = s && path ? fopen(path, "ae") : NULL;
	struct bpf_program *prog;

	if (f) {
		bpf_object__for_each_program(prog, *s->obj)
			fprintf(f, "%s %s %llu\n", s->name, bpf_program__name(prog), ran_count(prog));
		fclose(f);
	}
	bpf_object__destroy_skeleton(s);
}

#define bpf_object__destroy_skeleton ran_destroy_skeleton

#endif
#endif /* __SCX_TEST_RAN_H */
