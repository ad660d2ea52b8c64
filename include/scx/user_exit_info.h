/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a scheduler's end reaches its loader.
 *
 * The kernel calls ops.exit once, whatever ended the scheduler, with a struct that
 * lives only as long as the call. UEI_RECORD() copies it into the scheduler's data
 * section, which the loader has mapped; the kind of exit is written last, so a loader
 * that sees a kind sees the rest as well.
 *
 *	BPF side				user side
 *	UEI_DEFINE(uei);			SCX_OPS_LOAD(skel, foo_ops, scx_foo, uei);
 *	... foo_exit(ei)			while (!UEI_EXITED(skel, uei)) ...
 *	{ UEI_RECORD(uei, ei); }		ecode = UEI_REPORT(skel, uei);
 */
#ifndef __SCX_USER_EXIT_INFO_H
#define __SCX_USER_EXIT_INFO_H

#ifdef __bpf__
#include "types.bpf.h"
#include "util.bpf.h"
#else
#include "base.h"
#endif

/* Lengths in bytes; that of the dump if the scheduler does not set ops.exit_dump_len. */
enum uei_sizes {
	UEI_REASON_LEN		= 128,
	UEI_MSG_LEN		= 1024,
	UEI_DUMP_DFL_LEN	= 32768,
};

/**
 * struct user_exit_info - why and how a scheduler ended
 * @kind: enum scx_exit_kind of the kernel; 0 until ops.exit has run
 * @exit_cpu: CPU on which the exit was triggered, -1 where the kernel does not tell (none
 *	before 7.2 does)
 * @exit_code: given by scx_bpf_exit() or the kernel; see UEI_ECODE_RESTART()
 * @reason: the kernel's words for @kind
 * @msg: details, empty if there are none
 */
struct user_exit_info {
	int	kind;
	s32	exit_cpu;
	s64	exit_code;
	char	reason[UEI_REASON_LEN];
	char	msg[UEI_MSG_LEN];
};

#ifdef __bpf__

/**
 * UEI_DEFINE - define the place where the exit information goes
 * @name: its name; the loader finds it as skel->data->@name
 */
#define UEI_DEFINE(name)							\
	char RESIZABLE_ARRAY(data, name##_dump);				\
	const volatile u32 name##_dump_len;					\
	struct user_exit_info name SEC(".data")

/**
 * UEI_RECORD - record the end of a scheduler; call it from ops.exit
 * @name: as given to UEI_DEFINE()
 * @ei: the struct scx_exit_info handed to ops.exit
 */
#define UEI_RECORD(name, ei)							\
({										\
	bpf_probe_read_kernel_str(name.reason, sizeof(name.reason), (ei)->reason); \
	bpf_probe_read_kernel_str(name.msg, sizeof(name.msg), (ei)->msg);	\
	bpf_probe_read_kernel_str(name##_dump, name##_dump_len, (ei)->dump);	\
	name.exit_code = (ei)->exit_code;					\
	name.exit_cpu = bpf_core_field_exists((ei)->exit_cpu) ? (ei)->exit_cpu : -1; \
	/* an exchange is a full barrier: the kind appears last */		\
	__sync_lock_test_and_set(&name.kind, (ei)->kind);			\
})

#else /* !__bpf__ */

/* enum scx_exit_kind, the same on every kernel; user code has no vmlinux.h */
enum scx_exit_kind {
	SCX_EXIT_NONE		= 0,
	SCX_EXIT_DONE		= 1,
	SCX_EXIT_UNREG		= 64,	/* the loader closed its link */
	SCX_EXIT_UNREG_BPF	= 65,	/* scx_bpf_exit() */
	SCX_EXIT_UNREG_KERN	= 66,	/* the kernel, after CPU hotplug for one */
	SCX_EXIT_SYSRQ		= 67,	/* somebody pressed SysRq-S */
	SCX_EXIT_PARENT		= 68,	/* the parent scheduler went. Since 7.1 */
	SCX_EXIT_PARENT_KILL	= 69,	/* the parent ejected it. Since 7.3 */
	SCX_EXIT_ERROR		= 1024,	/* from here on errors */
	SCX_EXIT_ERROR_BPF	= 1025,	/* scx_bpf_error() */
	SCX_EXIT_ERROR_STALL	= 1026,	/* a task was left runnable for too long */
	SCX_EXIT_ERROR_REENQ	= 1027,	/* a task was re-enqueued without end. Since 7.3 */
	SCX_EXIT_ERROR_RESCUE	= 1028,	/* too many tasks had to be rescued. Since 7.3 */
};

/* enum scx_exit_code: bits 32 to 47 hold a reason, 48 to 63 what the loader shall do */
#define SCX_ECODE_RSN_HOTPLUG		(1ULL << 32)
#define SCX_ECODE_RSN_CGROUP_OFFLINE	(1ULL << 33)	/* since 7.1 */
#define SCX_ECODE_ACT_RESTART		(1ULL << 48)

/* Which bits are whose; the macros below use them. */
#define UEI_ECODE_USER_MASK		0xffffffffULL
#define UEI_ECODE_SYS_RSN_MASK		(0xffffULL << 32)
#define UEI_ECODE_SYS_ACT_MASK		(0xffffULL << 48)

/**
 * UEI_ECODE_USER - the scheduler's own part of an exit code
 * @ecode: from UEI_REPORT()
 */
#define UEI_ECODE_USER(ecode)		((ecode) & UEI_ECODE_USER_MASK)

/**
 * UEI_ECODE_SYS_RSN - the kernel's reason in an exit code, SCX_ECODE_RSN_*
 * @ecode: from UEI_REPORT()
 */
#define UEI_ECODE_SYS_RSN(ecode)	((ecode) & UEI_ECODE_SYS_RSN_MASK)

/**
 * UEI_ECODE_SYS_ACT - the action asked for in an exit code, SCX_ECODE_ACT_*
 * @ecode: from UEI_REPORT()
 */
#define UEI_ECODE_SYS_ACT(ecode)	((ecode) & UEI_ECODE_SYS_ACT_MASK)

/**
 * UEI_ECODE_RESTART - shall the loader start the scheduler again?
 * @ecode: from UEI_REPORT()
 */
#define UEI_ECODE_RESTART(ecode)	(UEI_ECODE_SYS_ACT(ecode) == SCX_ECODE_ACT_RESTART)

/**
 * uei_kind - the kind of exit, once it is there
 * @uei: exit information in the skeleton's data
 *
 * Returns SCX_EXIT_NONE while the scheduler runs. Once it returns something else, the
 * other members may be read.
 */
static inline int uei_kind(const struct user_exit_info *uei)
{
	return __atomic_load_n(&uei->kind, __ATOMIC_ACQUIRE);
}

/* Names of tasks are in messages and dumps. */
static inline void uei_put_text(FILE *out, const char *text)
{
	char line[256];
	size_t n;

	/* in pieces: stderr has no buffer, and a dump may be long */
	for (; *text; text += n) {
		for (n = 0; n < sizeof(line) && text[n]; n++)
			line[n] = text[n] == '\n' || text[n] == '\t' ? text[n] : scx_printable(text[n]);
		fwrite(line, 1, n, out);
	}
}

/**
 * uei_print - print how a scheduler ended; of what is not ASCII or would control a terminal, a '?'
 * @out: where to
 * @uei: exit information
 * @dump: debug dump, empty if there is none
 */
static inline void uei_print(FILE *out, const struct user_exit_info *uei, const char *dump)
{
	if (dump[0]) {
		fprintf(out, "DEBUG DUMP\n----------\n");
		uei_put_text(out, dump);
		fprintf(out, "\n----------\n");
	}
	fprintf(out, "EXIT: %s", uei->reason);
	if (uei->msg[0]) {
		fprintf(out, " (");
		uei_put_text(out, uei->msg);
		fputc(')', out);
	}
	if (uei->exit_cpu >= 0)
		fprintf(out, " on CPU %d", uei->exit_cpu);
	fputc('\n', out);
	fflush(out);
}

/**
 * UEI_SET_SIZE - set the size of the debug dump, between open and load
 * @skel: skeleton
 * @ops_name: name of the struct sched_ext_ops; its exit_dump_len counts, in bytes
 * @uei_name: as given to UEI_DEFINE()
 *
 * SCX_OPS_LOAD() does it.
 */
#define UEI_SET_SIZE(skel, ops_name, uei_name)					\
do {										\
	u32 *__len = (u32 *)&(skel)->rodata->uei_name##_dump_len;		\
										\
	*__len = (skel)->struct_ops.ops_name->exit_dump_len;			\
	if (!*__len)								\
		*__len = UEI_DUMP_DFL_LEN;					\
	RESIZE_ARRAY(skel, data, uei_name##_dump, *__len);			\
} while (0)

/**
 * UEI_EXITED - has the scheduler ended?
 * @skel: skeleton
 * @uei_name: as given to UEI_DEFINE()
 *
 * The kind of exit, which is 0, SCX_EXIT_NONE, while it runs.
 */
#define UEI_EXITED(skel, uei_name) uei_kind(&(skel)->data->uei_name)

/**
 * UEI_DUMP - the debug dump of a scheduler that has ended, empty if there is none
 * @skel: skeleton
 * @uei_name: as given to UEI_DEFINE()
 */
#define UEI_DUMP(skel, uei_name) ((skel)->data_##uei_name##_dump->uei_name##_dump)

/**
 * UEI_REPORT - print how the scheduler ended on stderr
 * @skel: skeleton
 * @uei_name: as given to UEI_DEFINE()
 *
 * Call it once the link is destroyed: from then on the information is complete. Returns
 * the exit code for UEI_ECODE_RESTART() and its kin.
 */
#define UEI_REPORT(skel, uei_name)						\
({										\
	uei_print(stderr, &(skel)->data->uei_name, UEI_DUMP(skel, uei_name));	\
	(skel)->data->uei_name.exit_code;					\
})

#endif /* __bpf__ */
#endif /* __SCX_USER_EXIT_INFO_H */
