// SPDX-License-Identifier: GPL-2.0
/*
 * BPF side of qmap_borders: runs what scx_qmap chooses a queue with, as BPF.
 */
#include <scx/common.bpf.h>
#include "../scx_qmap.h"

char _license[] SEC("license") = "GPL";

u32 weight, queue;

SEC("syscall")
int choose(void *ctx)
{
	queue = weight_to_queue(weight);
	return 0;
}
