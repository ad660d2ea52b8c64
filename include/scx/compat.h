/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What changed between kernels, user side: fit a scheduler to the running one.
 *
 *	skel = SCX_OPS_OPEN(foo_ops, scx_foo);
 *	... set skel->rodata, skel->struct_ops.foo_ops ...
 *	SCX_OPS_LOAD(skel, foo_ops, scx_foo, uei);
 *	link = SCX_OPS_ATTACH(skel, foo_ops, scx_foo);
 *
 * Each of the three exits with SCX_ST_LOAD and words on stderr if it cannot do its work.
 */
#ifndef __SCX_COMPAT_H
#define __SCX_COMPAT_H

#include <sys/utsname.h>
#include "base.h"
#include "btf.h"
#include "enums.h"
#include "preflight.h"
#include "user_exit_info.h"

/**
 * scx_has_kfunc - can the BPF side call this kfunc here?
 * @name: the kernel's name for it
 *
 * Unlike __COMPAT_has_ksym(), it is false where BTF is malformed.
 */
static inline bool scx_has_kfunc(const char *name)
{
	return scx_kfunc_state(scx_vmlinux_btf(), name) == SCX_KFUNC_PRESENT;
}

/* May the BPF side do this here? Each has a namesake in compat.bpf.h. */

/**
 * __COMPAT_has_generic_reenq - can scx_bpf_dsq_reenq() re-enqueue any queue?
 */
static inline bool __COMPAT_has_generic_reenq(void)
{
	return scx_has_kfunc("scx_bpf_dsq_reenq");
}

/**
 * __COMPAT_scx_bpf_reenqueue_local_from_anywhere - may scx_bpf_reenqueue_local() be called so?
 */
static inline bool __COMPAT_scx_bpf_reenqueue_local_from_anywhere(void)
{
	return scx_has_kfunc("scx_bpf_reenqueue_local___v2");
}

/**
 * __COMPAT_select_cpu_from_enqueue - may the kernel's choice of a CPU be asked for in ops.enqueue?
 */
static inline bool __COMPAT_select_cpu_from_enqueue(void)
{
	return scx_has_kfunc("scx_bpf_select_cpu_and") || scx_has_kfunc("__scx_bpf_select_cpu_and");
}

/**
 * scx_is_realtime - was the running kernel built with PREEMPT_RT?
 *
 * There the verifier lets no program use a BPF timer; seen on 7.3. A scheduler with one has to be
 * told, in its rodata, to go without.
 */
static inline bool scx_is_realtime(void)
{
	struct utsname uts;

	return !uname(&uts) && strstr(uts.version, "PREEMPT_RT");
}

/*
 * What a scheduler requires is left in its program as strings, for scx_probe to read. It does not
 * see whether that depends on an option, and takes it for a requirement in any case.
 */
#define SCX_REQUIRED_SECTION "scx_required"
#define __SCX_REQUIRED(name)							\
	static const char __required[]						\
		__attribute__((section(SCX_REQUIRED_SECTION), used)) = name

/**
 * SCX_OPS_REQUIRE - declare that the scheduler makes no sense without an ops member
 * @member: name of a member of struct sched_ext_ops
 *
 * Between open and load. Members that are not required and not there are left out.
 */
#define SCX_OPS_REQUIRE(member)							\
do {										\
	__SCX_REQUIRED("ops." #member);						\
	if (!__COMPAT_struct_has_field("sched_ext_ops", #member))		\
		scx_fail(SCX_ST_LOAD, "this kernel's sched_ext has no ops." #member	\
			 ", which this scheduler needs");			\
} while (0)

/**
 * scx_list_add - append a name to a list that is one line, with commas between
 * @list: the list, a string
 * @len: size of its array; what does not fit is left out
 * @name: the name
 */
static inline void scx_list_add(char *list, size_t len, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, len - used, "%s%s", used ? ", " : "", name);
}

/**
 * scx_is_zero - is a piece of memory all zeroes?
 * @p: where it begins
 * @len: its size
 */
static inline bool scx_is_zero(const char *p, size_t len)
{
	while (len && !*p)
		p++, len--;
	return !len;
}

/*
 * Clear the members that are set but that the running kernel does not have: libbpf would
 * refuse to load them. Where they are, the object's BTF tells.
 */
static inline void scx_ops_clear_members(const struct btf *btf, __s32 id, char *ops,
					 char *list, size_t len)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	__u32 i;

	for (i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const char *name = btf__name_by_offset(btf, m->name_off);
		char *val = ops + btf_member_bit_offset(t, i) / 8;
		__s64 size = btf__resolve_size(btf, m->type);

		if (size <= 0 || scx_is_zero(val, size) ||
		    __COMPAT_struct_has_field("sched_ext_ops", name))
			continue;
		memset(val, 0, size);
		scx_list_add(list, len, name);
	}
}

/**
 * SCX_OPS_REQUIRE_FLAG - declare that the scheduler makes no sense without a flag
 * @flag: SCX_OPS_*
 *
 * Between open and load. What becomes of flags that are not required is in enums.h.
 */
#define SCX_OPS_REQUIRE_FLAG(flag)						\
do {										\
	__SCX_REQUIRED(#flag);							\
	scx_ops_require_flag(#flag);						\
} while (0)

static inline void scx_ops_require_flag(const char *name)
{
	u64 val;

	if (!__COMPAT_read_enum("scx_ops_flags", name, &val))
		scx_fail(SCX_ST_LOAD,
			 "this kernel's sched_ext does not know %s, which this scheduler needs", name);
}

/* Clear the flags that the running kernel does not know. */
static inline void scx_ops_clear_flags(u64 *flags, char *list, size_t len)
{
	u64 unknown = *flags & ~scx_ops_known_flags();
	const size_t nr = sizeof(scx_ops_flags) / sizeof(scx_ops_flags[0]);
	size_t i;

	*flags &= ~unknown;
	for (i = 0; i < nr; i++) {
		const struct scx_ops_flag *f = &scx_ops_flags[i];

		if (!(unknown & f->flag))
			continue;
		unknown &= ~f->flag;
		if (f->missing == SCX_FLAG_FATAL)
			scx_ops_require_flag(f->name);
		if (f->missing == SCX_FLAG_SAY)
			scx_list_add(list, len, f->name);
	}
	if (unknown)
		scx_fail(SCX_ST_LOAD, "nobody knows the flags 0x%llx of this scheduler",
			 (unsigned long long)unknown);
}

/**
 * scx_ops_fit - leave out of a scheduler's ops what the running kernel does not have
 * @map: map of the struct sched_ext_ops, not loaded yet
 * @flags: its member flags
 * @obj: the object that both are in
 *
 * What is left out is named in one line on stderr. SCX_OPS_LOAD() calls it.
 */
static inline void scx_ops_fit(struct bpf_map *map, u64 *flags, const struct bpf_object *obj)
{
	char list[512] = "";

	scx_ops_clear_members(bpf_object__btf(obj), bpf_map__btf_value_type_id(map),
			      bpf_map__initial_value(map, &(size_t){ 0 }), list, sizeof(list));
	scx_ops_clear_flags(flags, list, sizeof(list));
	if (list[0])
		scx_say("this kernel's sched_ext lacks %s: going without", list);
}

/*
 * Refuse a kernel whose malformed BTF keeps the scheduler from a kfunc that it cannot do without. Those
 * are the externs whose name has no ___suffix: a kfunc that has a substitute is declared with one (see
 * compat.bpf.h). The kfuncs that pick idle CPUs by node count as indispensable: their substitutes eject
 * a scheduler that has set SCX_OPS_BUILTIN_IDLE_PER_NODE.
 */
static inline void scx_preflight_kfuncs(const struct bpf_object *obj)
{
	const struct btf *btf = bpf_object__btf(obj), *kern = scx_vmlinux_btf();
	__u32 i, nr = btf__type_cnt(btf);
	char list[512] = "";

	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (btf_is_func(t) && scx_kfunc_state(kern, name) == SCX_KFUNC_MALFORMED)
			scx_list_add(list, sizeof(list), name);
	}
	if (list[0])
		scx_fail(SCX_ST_LOAD, SCX_WHY_MALFORMED, list);
}

/*
 * What libbpf warned of since the scheduler was opened, to be shown below the line that explains it, if
 * that needs it. With @verbose it is left where it belongs, among libbpf's other messages.
 */
static struct scx_capture {
	bool verbose;
	libbpf_print_fn_t print;
	char *text;
	size_t len;
	FILE *f;
} scx_capture __attribute__((unused));

static inline int scx_capture_print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (level == LIBBPF_WARN)
		return scx_capture.f ? vfprintf(scx_capture.f, fmt, args) : 0;
	return scx_capture.print ? scx_capture.print(level, fmt, args) : 0;
}

/**
 * scx_capture_begin - from here on keep to oneself what libbpf warns of
 */
static inline void scx_capture_begin(void)
{
	if (scx_capture.verbose)
		return;
	scx_capture.f = open_memstream(&scx_capture.text, &scx_capture.len);
	scx_capture.print = libbpf_set_print(scx_capture_print);
}

/**
 * scx_capture_end - show what libbpf has warned of since scx_capture_begin(), and what comes
 */
static inline void scx_capture_end(void)
{
	if (scx_capture.verbose)
		return;
	libbpf_set_print(scx_capture.print);
	if (!scx_capture.f)
		return;
	/* where there is no memory, there is no text */
	if (!fclose(scx_capture.f) && scx_capture.text)
		fputs(scx_capture.text, stderr);
	free(scx_capture.text);
	scx_capture.f = NULL;
}

/* Why the kernel refused a scheduler that passed the preflight. */
static inline const char *scx_load_hint(bool attach, int err)
{
	char buf[64];

	if (err == -EAGAIN)
		return " (a signal came in between, or a limit is reached)";
	if (err == -EPERM)
		return " (a container, lockdown or seccomp may forbid it: CAP_BPF and CAP_PERFMON count in the initial user namespace only)";
	if (attach && err == -EBUSY)
		return " (another scheduler was quicker)";
	if (attach && err == -EINVAL &&
	    scx_read_file("/sys/devices/system/cpu/isolated", buf, sizeof(buf)) > 0)
		return " (CPUs are isolated, perhaps with isolcpus=, which sched_ext cannot work with)";
	return attach ? " (see dmesg)" : "";
}

/* To these, libbpf could only add in which of its functions it met them. */
static inline bool scx_speaks_for_itself(int err)
{
	return err == -EAGAIN || err == -EMFILE || err == -ENFILE || err == -ENOMEM || err == -EPERM;
}

__attribute__((noreturn))
static inline void scx_load_failed(const char *what, int err)
{
	scx_say("cannot %s the scheduler: %s%s", what, strerror(-err),
		scx_load_hint(!strcmp(what, "attach"), err));
	if (!scx_speaks_for_itself(err))
		scx_capture_end();
	exit(SCX_ST_LOAD);
}

/**
 * scx_hotplug_seq - number of times that CPUs went online or offline
 *
 * For sources that set ops.hotplug_seq themselves: SCX_OPS_OPEN() has done it. Returns -ENOENT
 * where the kernel has no sched_ext.
 */
static inline long scx_hotplug_seq(void)
{
	return access(SCX_SYSFS "hotplug_seq", R_OK) ? -ENOENT : (long)scx_read_seq("hotplug_seq");
}

/*
 * Not in the libbpf of every tree: those of 6.17 to 6.19 call theirs 1.7 already, as does the one
 * that got this function. So its version tells nothing; the linker does.
 */
struct bpf_prog_assoc_struct_ops_opts;
int bpf_program__assoc_struct_ops(struct bpf_program *prog, struct bpf_map *map,
				  struct bpf_prog_assoc_struct_ops_opts *opts) __attribute__((weak));

/*
 * From 7.1 on a program that is no callback of the scheduler, a timer's owner or a tracing program,
 * can be told to belong to it, and must if there may be more than one scheduler. Nothing is lost
 * where the kernel or libbpf cannot: there is but one.
 */
static inline void scx_ops_associate(const struct bpf_object *obj, struct bpf_map *map)
{
	struct bpf_program *prog;

	if (!bpf_program__assoc_struct_ops)
		return;
	bpf_object__for_each_program(prog, obj) {
		if (bpf_program__type(prog) != BPF_PROG_TYPE_STRUCT_OPS &&
		    bpf_program__fd(prog) >= 0)
			bpf_program__assoc_struct_ops(prog, map, NULL);
	}
}

/**
 * SCX_OPS_OPEN - open a scheduler's skeleton
 * @ops_name: name of its struct sched_ext_ops
 * @scx_name: name of the skeleton
 *
 * Returns the skeleton, ready for its rodata and ops to be set. Runs the preflight first.
 * Remembers which CPUs are online now, so that the kernel refuses to enable the scheduler
 * if that changes before it is attached.
 */
#define SCX_OPS_OPEN(ops_name, scx_name)					\
({										\
	struct scx_name *__skel;						\
										\
	scx_capture_begin();							\
	scx_preflight();							\
	__skel = scx_name##__open();						\
	if (!__skel)								\
		scx_load_failed("open", -errno);				\
	__skel->struct_ops.ops_name->hotplug_seq = scx_read_seq("hotplug_seq");	\
	__skel;									\
})

/**
 * SCX_OPS_LOAD - fit a scheduler to the running kernel and load it
 * @skel: skeleton, open
 * @ops_name: name of its struct sched_ext_ops
 * @scx_name: name of the skeleton
 * @uei_name: name of its exit information
 */
#define SCX_OPS_LOAD(skel, ops_name, scx_name, uei_name)			\
do {										\
	u64 __flags = (skel)->struct_ops.ops_name->flags;			\
	int __err;								\
										\
	UEI_SET_SIZE(skel, ops_name, uei_name);					\
	scx_preflight_kfuncs((skel)->obj);					\
	scx_ops_fit((skel)->maps.ops_name, &__flags, (skel)->obj);		\
	(skel)->struct_ops.ops_name->flags = __flags;				\
	__err = scx_name##__load(skel);						\
	if (__err)								\
		scx_load_failed("load", __err);					\
	scx_ops_associate((skel)->obj, (skel)->maps.ops_name);			\
	scx_capture_end();							\
} while (0)

/* From 1.5 on libbpf attaches struct_ops by itself; once is enough. */
#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
#define __SCX_NO_AUTOATTACH(map) bpf_map__set_autoattach(map, false)
#else
#define __SCX_NO_AUTOATTACH(map) do {} while (0)
#endif

/**
 * SCX_OPS_ATTACH - attach what a skeleton holds, the scheduler last
 * @skel: skeleton, loaded
 * @ops_name: name of its struct sched_ext_ops
 * @scx_name: name of the skeleton
 *
 * Returns the link that keeps the scheduler alive. A scheduler whose ops.init failed is
 * attached as far as the kernel is concerned, and has exited: ask UEI_EXITED().
 */
#define SCX_OPS_ATTACH(skel, ops_name, scx_name)				\
({										\
	struct bpf_link *__link = NULL;						\
	int __err;								\
										\
	scx_capture_begin();							\
	__SCX_NO_AUTOATTACH((skel)->maps.ops_name);				\
	__err = scx_name##__attach(skel);					\
	if (!__err) {								\
		__link = bpf_map__attach_struct_ops((skel)->maps.ops_name);	\
		__err = __link ? 0 : -errno;					\
	}									\
	if (__err)								\
		scx_load_failed("attach", __err);				\
	scx_capture_end();							\
	__link;									\
})

#endif /* __SCX_COMPAT_H */
