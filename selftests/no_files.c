// SPDX-License-Identifier: GPL-2.0
/*
 * no_files - a scheduler writes no file, anywhere
 *
 * Promised: from its start to its end it creates no file, directory, link or pin, opens none to write to,
 * and makes none accessible to others. What it was given as stdout and stderr is all that it writes to.
 * Since 6.12, where the kernel has seccomp.
 */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <uapi/linux/filter.h>	/* linux/filter.h is the one of tools/include, without it in 6.12 */
#include "scx_test.h"

/* A system call that nobody may make, or not if what is at @offset of its data answers to @jump and @k. */
struct rule {
	u32	nr;
	u32	offset;
	u16	jump;
	u32	k;
};

#define NR	offsetof(struct seccomp_data, nr)
#define ARG(i)	offsetof(struct seccomp_data, args[i])	/* the lower half, on all that sched_ext runs on */
#define NEVER(name) { __NR_##name, NR, BPF_JEQ, __NR_##name }
#define TO_WRITE (O_WRONLY | O_RDWR | O_CREAT)

static const struct rule rules[] = {
	{ __NR_openat, ARG(2), BPF_JSET, TO_WRITE },
	{ __NR_bpf, ARG(0), BPF_JEQ, BPF_OBJ_PIN },
	NEVER(openat2), NEVER(mknodat), NEVER(mkdirat), NEVER(symlinkat), NEVER(linkat), NEVER(renameat2),
	NEVER(fchmod), NEVER(fchmodat), NEVER(truncate),
#ifdef __NR_open
	{ __NR_open, ARG(1), BPF_JSET, TO_WRITE },
	NEVER(creat), NEVER(mknod), NEVER(mkdir), NEVER(symlink), NEVER(link), NEVER(rename), NEVER(chmod),
#endif
};

/* Whoever breaks a rule is killed; a filter has no loops, so it looks at one rule after the other. */
static void forbid(void *arg __attribute__((unused)))
{
	struct sock_filter code[5 * ARRAY_SIZE(rules) + 1], *c = code;
	struct sock_fprog prog = { .len = ARRAY_SIZE(code), .filter = code };
	const struct rule *r;

	for (r = rules; r < rules + ARRAY_SIZE(rules); r++) {
		*c++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NR);
		*c++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, r->nr, 0, 3);
		*c++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, r->offset);
		*c++ = (struct sock_filter)BPF_JUMP(BPF_JMP | r->jump, r->k, 0, 1);
		*c++ = (struct sock_filter)BPF_STMT(BPF_RET, SECCOMP_RET_KILL_PROCESS);
	}
	*c++ = (struct sock_filter)BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
	check(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), "seccomp: %s", strerror(errno));
}

SCX_TEST(no_files, "it creates no file, and opens none to write to")
{
	struct sched s;
	int status;

	if (prctl(PR_GET_SECCOMP) < 0)
		skip("this kernel has no seccomp: CONFIG_SECCOMP");
	s = sched_start_spoiled(forbid, NULL, "-i 0.01 --count 2");
	status = sched_end(&s);
	check(status != 128 + SIGSYS, "it was killed when it was about to write a file");
	check(status == 0, "status %d: %s", status, text(s.err));
	check(kernel_state("disabled"), "it has ended, yet sched_ext is not disabled");
}
