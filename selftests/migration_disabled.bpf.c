// SPDX-License-Identifier: GPL-2.0
/*
 * A program that whoever calls it is in for long. While it is, the kernel keeps it on its CPU.
 */
#include <scx/common.bpf.h>
#include "migration_disabled.h"

char _license[] SEC("license") = "GPL";

static long is_late(u32 nr, u64 *end)
{
	return bpf_ktime_get_ns() >= *end;
}

SEC("syscall")
int stay_here(struct stay *call)
{
	const struct task_struct *p = bpf_get_current_task_btf();
	u64 end = bpf_ktime_get_ns() + call->ns;
	u64 before = p->nivcsw;

	bpf_loop(1 << 23, is_late, &end, 0);
	call->interrupted = p->nivcsw - before;
	return 0;
}
