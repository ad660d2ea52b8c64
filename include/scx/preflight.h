/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Can schedulers run here, and if not, why not, in words.
 *
 * Loaders ask before they load (through SCX_OPS_OPEN() and SCX_OPS_LOAD()), scx_probe
 * asks on behalf of its user.
 */
#ifndef __SCX_PREFLIGHT_H
#define __SCX_PREFLIGHT_H

#include "base.h"
#include "btf.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

/* Where the kernel tells of sched_ext; with a slash behind. */
#define SCX_SYSFS "/sys/kernel/sched_ext/"

/**
 * scx_read_file - read the first line of a small file
 * @path: file
 * @buf: where it goes, without the newline; empty if there is none
 * @len: size of @buf
 *
 * Returns the length, or a negative errno.
 */
static inline int scx_read_file(const char *path, char *buf, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return -errno;
	n = read(fd, buf, len - 1);
	close(fd);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return strlen(buf);
}

/**
 * scx_read_seq - read one of the counters in /sys/kernel/sched_ext
 * @name: "hotplug_seq", which counts CPUs going online and offline, or "enable_seq", which
 *	counts schedulers that were enabled in full
 *
 * Returns its value, 0 where there is none. Both since 6.12.
 */
static inline u64 scx_read_seq(const char *name)
{
	char path[64], buf[32];

	snprintf(path, sizeof(path), SCX_SYSFS "%s", name);
	return scx_read_file(path, buf, sizeof(buf)) > 0 ? strtoull(buf, NULL, 10) : 0;
}

/**
 * scx_read_cpus - read one of the kernel's lists of CPUs, such as 0-3,8
 * @name: "possible", "present", "online"
 * @mask: gets a bit for each CPU of the list: bit N % 64 of word N / 64
 * @nr: CPUs that there is room for in @mask, a multiple of 64; if 0, @mask may be NULL
 *
 * Returns one more than the largest CPU in the list, which may be more than @nr, or a negative errno.
 */
static inline int scx_read_cpus(const char *name, u64 *mask, u32 nr)
{
	char path[64], list[4096], *at = list;
	u32 cpu, end = 0;
	int err;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", name);
	err = scx_read_file(path, list, sizeof(list));
	if (err < 0)
		return err;
	if (nr)
		memset(mask, 0, nr / 8);
	while (*at >= '0' && *at <= '9') {
		cpu = strtoul(at, &at, 10);
		end = (*at == '-' ? strtoul(at + 1, &at, 10) : cpu) + 1;
		for (; cpu < end && cpu < nr; cpu++)
			mask[cpu / 64] |= 1ULL << cpu % 64;
		at += *at == ',';
	}
	return end;
}

/**
 * scx_is_kfunc - is it the name of a kfunc of sched_ext?
 * @name: name of a function
 *
 * Those that end in _impl are another's inside, not to be called.
 */
static inline bool scx_is_kfunc(const char *name)
{
	size_t len = strlen(name);

	if (len > 5 && !strcmp(name + len - 5, "_impl"))
		return false;
	return !strncmp(name, "scx_bpf_", 8) || !strncmp(name, "__scx_bpf_", 10) ||
	       !strncmp(name, "bpf_iter_scx_", 13);
}

/*
 * From 7.1 on most kfuncs get an argument of their own program from the verifier. BTF
 * must then hold two functions: NAME, as it is called, and NAME_impl, with the
 * argument. A pahole that does not know of this leaves NAME with the argument, which
 * nobody can call: its name is on a list of those that the verifier completes, yet the
 * form that it looks for is not there.
 */
static inline bool scx_kfunc_malformed(const struct btf *btf, const struct btf_type *func)
{
	const char *name = btf__name_by_offset(btf, func->name_off);
	const struct btf_type *proto = btf__type_by_id(btf, func->type);
	const struct btf_param *last;

	if (!scx_is_kfunc(name) || !btf_vlen(proto))
		return false;
	last = &btf_params(proto)[btf_vlen(proto) - 1];
	return !strcmp(btf__name_by_offset(btf, last->name_off), "aux");
}

/* The reason on such a kernel; it takes what cannot be called. */
#define SCX_WHY_MALFORMED							\
	"this kernel's BTF is malformed (built with a pahole too old for it), so nobody can call %s: use another build"

/**
 * enum scx_kfunc_presence - what a kernel's BTF says of a kfunc
 * @SCX_KFUNC_ABSENT: the kernel does not have it
 * @SCX_KFUNC_MALFORMED: the kernel has it, but nobody can call it
 * @SCX_KFUNC_PRESENT: it can be called, where the kernel allows it
 */
enum scx_kfunc_presence {
	SCX_KFUNC_ABSENT,
	SCX_KFUNC_MALFORMED,
	SCX_KFUNC_PRESENT,
};

/**
 * scx_kfunc_state - can a kfunc be called?
 * @btf: a kernel's BTF
 * @name: the kernel's name for it
 */
static inline enum scx_kfunc_presence scx_kfunc_state(const struct btf *btf, const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, name, BTF_KIND_FUNC);

	if (id < 0)
		return SCX_KFUNC_ABSENT;
	return scx_kfunc_malformed(btf, btf__type_by_id(btf, id)) ? SCX_KFUNC_MALFORMED :
								    SCX_KFUNC_PRESENT;
}

/**
 * scx_btf_malformed - list the kfuncs that a kernel's BTF makes impossible to call
 * @btf: a kernel's BTF
 * @names: gets their names, separated by blanks; cut if they are too many
 * @len: size of @names
 *
 * Returns how many there are.
 */
static inline int scx_btf_malformed(const struct btf *btf, char *names, size_t len)
{
	__u32 i, nr = btf__type_cnt(btf);
	size_t used = 0;
	int count = 0;

	names[0] = '\0';
	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (!btf_is_func(t) || !scx_kfunc_malformed(btf, t))
			continue;
		count++;
		if (used < len)
			used += snprintf(names + used, len - used, "%s%s", used ? " " : "",
					 btf__name_by_offset(btf, t->name_off));
	}
	return count;
}

/**
 * scx_btf_cut - does a kernel's BTF hold only the lower half of 64-bit enumerators?
 * @btf: a kernel's BTF
 *
 * A pahole before 1.24, or one that was told to, makes such BTF. Up to 7.0 nothing is lost: the
 * values that are that large are the same everywhere, and constants here. From 7.1 on
 * SCX_ENQ_IMMED is the running kernel's, and would read as 0.
 */
static inline bool scx_btf_cut(const struct btf *btf)
{
	const struct btf_type *t = scx_btf_enum(btf, "scx_enq_flags");
	u64 v;

	return t && !btf_is_enum64(t) &&
	       scx_btf_enum_value(btf, "scx_enq_flags", "SCX_ENQ_IMMED", &v);
}

/* The reason on such a kernel. */
#define SCX_WHY_CUT								\
	"this kernel's BTF is malformed (built with a pahole too old for it): 64-bit enumerators are cut to 32 bits: use another build"

/**
 * scx_btf_has_sched_ext - does a kernel's BTF know sched_ext?
 * @btf: a kernel's BTF
 */
static inline bool scx_btf_has_sched_ext(const struct btf *btf)
{
	return btf__find_by_name_kind(btf, "sched_ext_ops", BTF_KIND_STRUCT) >= 0;
}

/* A capability as a bit in a set: SCX_CAP(BPF) */
#define SCX_CAP(cap) (1ULL << CAP_##cap)

/**
 * scx_capabilities - the effective capabilities of this process
 *
 * Returns them as a set of SCX_CAP() bits; all of them where a filter keeps that from it, for the
 * kernel to decide.
 */
static inline u64 scx_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2] = {};

	if (syscall(SYS_capget, &head, caps))
		return ~0ULL;
	return (u64)caps[1].effective << 32 | caps[0].effective;
}

/**
 * scx_preflight_caps - is this process allowed to load a scheduler?
 *
 * Returns NULL if so, else the names of the capabilities that are missing. struct_ops
 * needs CAP_BPF, its programs CAP_PERFMON (since they see kernel pointers); either is
 * part of CAP_SYS_ADMIN.
 */
static inline const char *scx_preflight_caps(void)
{
	u64 caps = scx_capabilities();

	if (caps & SCX_CAP(SYS_ADMIN))
		caps |= SCX_CAP(PERFMON) | SCX_CAP(BPF);
	if (!(caps & (SCX_CAP(BPF) | SCX_CAP(PERFMON))))
		return "CAP_BPF and CAP_PERFMON";
	if (!(caps & SCX_CAP(BPF)))
		return "CAP_BPF";
	if (!(caps & SCX_CAP(PERFMON)))
		return "CAP_PERFMON";
	return NULL;
}

/*
 * Each program and each map of a scheduler is an open file. To find out what the kernel can do, libbpf
 * opens some more, and if it may not, takes that for a kernel that cannot.
 */
#define SCX_NR_FILES 128

static inline u64 scx_preflight_files(void)
{
	struct rlimit files = {};

	getrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur;
}

/**
 * scx_state - the state of sched_ext
 * @buf: gets "disabled", "enabling", "enabled" or "disabling"
 * @len: size of @buf
 *
 * A scheduler that is on its way out is given five seconds to go. Returns the length, or
 * a negative errno where the kernel has no sched_ext.
 */
static inline int scx_state(char *buf, size_t len)
{
	const struct timespec tenth = { .tv_nsec = 100000000 };
	int i, n;

	for (i = 0; i < 50; i++) {
		n = scx_read_file(SCX_SYSFS "state", buf, len);
		if (n < 0 || strcmp(buf, "disabling"))
			break;
		nanosleep(&tenth, NULL);
	}
	return n;
}

/**
 * scx_preflight_why - can a scheduler be loaded, and if not, why not?
 * @why: gets the reason, in words
 * @len: size of @why
 *
 * Returns whether the kernel offers sched_ext, nobody else is using it, and this process may and can.
 */
static inline bool scx_preflight_why(char *why, size_t len)
{
	const char *caps = scx_preflight_caps();
	u64 files = scx_preflight_files();
	char state[32], ops[128];
	int err = scx_state(state, sizeof(state));

	why[0] = '\0';
	if (access("/sys/kernel", F_OK))
		snprintf(why, len, "cannot see /sys/kernel: mount sysfs on /sys");
	else if (err < 0 && err != -ENOENT)
		snprintf(why, len, "cannot read " SCX_SYSFS "state: %s", strerror(-err));
	else if (err < 0)
		snprintf(why, len,
			 "this kernel has no sched_ext: it needs 6.12 or later with CONFIG_SCHED_CLASS_EXT=y");
	else if (access("/sys/kernel/btf/vmlinux", R_OK))
		snprintf(why, len,
			 "no BTF in /sys/kernel/btf/vmlinux: the kernel needs CONFIG_DEBUG_INFO_BTF=y");
	else if (files < SCX_NR_FILES)
		snprintf(why, len, "may have no more than %llu files open: a scheduler takes %d (ulimit -n)",
			 (unsigned long long)files, SCX_NR_FILES);
	else if (caps)
		snprintf(why, len, "may not load a scheduler: run it as root (%s missing)", caps);
	else if (scx_btf_cut(scx_vmlinux_btf()))
		snprintf(why, len, SCX_WHY_CUT);
	else if (strcmp(state, "disabled")) {
		scx_read_file(SCX_SYSFS "root/ops", ops, sizeof(ops));
		snprintf(why, len, "another scheduler is running: %s (%s); stop it first",
			 ops[0] ? ops : "unknown", state);
	}
	return !why[0];
}

/**
 * scx_preflight - refuse, in words, to go on where no scheduler can be loaded
 *
 * Exits with SCX_ST_LOAD and the reason in one line on stderr if scx_preflight_why() has one.
 */
static inline void scx_preflight(void)
{
	char why[256];

	if (!scx_preflight_why(why, sizeof(why)))
		scx_fail(SCX_ST_LOAD, "%s", why);
}

#endif /* __SCX_PREFLIGHT_H */
