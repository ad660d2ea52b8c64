// SPDX-License-Identifier: GPL-2.0
/*
 * progs - the BPF programs that are loaded, and what they have used
 *
 * Prints for each NAME, its size in bytes, that of the machine code, how often it was called, and the ns that
 * this took. The kernel counts the last two only while kernel.bpf_stats_enabled is set.
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int main(void)
{
	union bpf_attr next = {};

	while (!bpf(BPF_PROG_GET_NEXT_ID, &next)) {
		struct bpf_prog_info info = {};
		union bpf_attr get = { .prog_id = next.next_id }, query = {};
		int fd = bpf(BPF_PROG_GET_FD_BY_ID, &get);

		next.start_id = next.next_id;
		if (fd < 0)
			continue;
		query.info.bpf_fd = fd;
		query.info.info_len = sizeof(info);
		query.info.info = (unsigned long)&info;
		if (bpf(BPF_OBJ_GET_INFO_BY_FD, &query))
			err(1, "program %u", get.prog_id);
		printf("%s %u %u %llu %llu\n", info.name, info.xlated_prog_len, info.jited_prog_len,
		       info.run_cnt, info.run_time_ns);
		close(fd);
	}
	return 0;
}
