// SPDX-License-Identifier: GPL-2.0
/*
 * A packet that goes round: whatever arrives at a device arrives there again. The CPU where it first came
 * in has it ever after, so that its ksoftirqd finds no end.
 */
#include <scx/common.bpf.h>

char _license[] SEC("license") = "GPL";

SEC("tcx/ingress")
int once_more(struct __sk_buff *packet)
{
	return bpf_redirect(packet->ifindex, BPF_F_INGRESS);
}
