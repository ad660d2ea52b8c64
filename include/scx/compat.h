/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What changed between kernels, user side: ask the running kernel's BTF what it has, and
 * fit a scheduler to it.
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

#include <bpf/btf.h>
#include "preflight.h"

/*
 * Flags of struct sched_ext_ops for loaders to set. The values are the same on every
 * kernel; SCX_OPS_LOAD() sees to it that the running one knows them.
 */
#define SCX_OPS_SWITCH_PARTIAL	(1ULL << 3)	/* only SCHED_EXT tasks. Since 6.12 */

/**
 * scx_vmlinux_btf - the running kernel's BTF, read once
 */
static inline const struct btf *scx_vmlinux_btf(void)
{
	static struct btf *btf;

	if (!btf) {
		btf = btf__load_vmlinux_btf();
		SCX_BUG_ON(!btf, "cannot read the kernel's BTF");
	}
	return btf;
}

/**
 * __COMPAT_has_ksym - does the running kernel's BTF name this function or variable?
 * @ksym: its name
 */
static inline bool __COMPAT_has_ksym(const char *ksym)
{
	return btf__find_by_name(scx_vmlinux_btf(), ksym) >= 0;
}

/**
 * __COMPAT_struct_has_field - does a struct of the running kernel have this member?
 * @type: tag of the struct
 * @field: name of the member
 */
static inline bool __COMPAT_struct_has_field(const char *type, const char *field)
{
	return scx_btf_member(scx_vmlinux_btf(), type, field);
}

/**
 * __COMPAT_read_enum - value of an enumerator of the running kernel
 * @type: tag of the enum
 * @name: the enumerator
 * @v: gets its value
 *
 * Returns whether the kernel has it.
 */
static inline bool __COMPAT_read_enum(const char *type, const char *name, u64 *v)
{
	return scx_btf_enum_value(scx_vmlinux_btf(), type, name, v);
}

/* What a scheduler requires is left in its program as strings, for scx_probe to read. */
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

/* Append a name to a list in a line; what does not fit is left out. */
static inline void scx_list_add(char *list, size_t len, const char *name)
{
	size_t used = strlen(list);

	snprintf(list + used, len - used, "%s%s", used ? ", " : "", name);
}

static inline bool scx_is_zero(const char *p, size_t len)
{
	while (len && !*p)
		p++, len--;
	return !len;
}

/*
 * Clear the members that are set but that the running kernel does not have. libbpf would
 * refuse to load them, and it knows the layout of neither side better than BTF does.
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

/* Flags of struct sched_ext_ops that the running kernel knows; it refuses all others. */
static inline u64 scx_ops_known_flags(void)
{
	u64 known;

	return __COMPAT_read_enum("scx_ops_flags", "SCX_OPS_ALL_FLAGS", &known) ? known : ~0ULL;
}

/**
 * SCX_OPS_REQUIRE_FLAG - declare that the scheduler makes no sense without a flag
 * @flag: SCX_OPS_*
 *
 * Between open and load. Flags that are not required and not known are left out.
 */
#define SCX_OPS_REQUIRE_FLAG(flag)						\
do {										\
	__SCX_REQUIRED(#flag);							\
	if ((flag) & ~scx_ops_known_flags())					\
		scx_fail(SCX_ST_LOAD, "this kernel's sched_ext does not know " #flag	\
			 ", which this scheduler needs");			\
} while (0)

/* Without effect to 7.0, refused from 7.1 on: nothing is lost without it. */
#define __SCX_OPS_HAS_CGROUP_WEIGHT (1ULL << 16)

/* Clear the flags that the running kernel does not know. */
static inline void scx_ops_clear_flags(u64 *flags, char *list, size_t len)
{
	u64 unknown = *flags & ~scx_ops_known_flags();
	char bits[32];

	*flags &= ~unknown;
	unknown &= ~__SCX_OPS_HAS_CGROUP_WEIGHT;
	snprintf(bits, sizeof(bits), "flags 0x%llx", (unsigned long long)unknown);
	if (unknown)
		scx_list_add(list, len, bits);
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
		fprintf(stderr, "%s: this kernel's sched_ext lacks %s: going without\n",
			program_invocation_short_name, list);
}

/*
 * Refuse a kernel whose malformed BTF keeps the scheduler from a kfunc that it cannot do
 * without. Those are the externs without a ___suffix (see compat.bpf.h): only they have
 * the very name of a kernel function.
 */
static inline void scx_preflight_kfuncs(const struct bpf_object *obj)
{
	const struct btf *btf = bpf_object__btf(obj), *kern = scx_vmlinux_btf();
	__u32 i, nr = btf__type_cnt(btf);
	char list[512] = "";

	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);
		__s32 id;

		/* of a function, vlen is the linkage */
		if (!btf_is_func(t) || btf_vlen(t) == BTF_FUNC_STATIC)
			continue;
		id = btf__find_by_name_kind(kern, name, BTF_KIND_FUNC);
		if (id > 0 && scx_kfunc_malformed(kern, btf__type_by_id(kern, id)))
			scx_list_add(list, sizeof(list), name);
	}
	if (list[0])
		scx_fail(SCX_ST_LOAD, SCX_WHY_MALFORMED, list);
}

/*
 * What libbpf warned of while it loaded, to be shown below the line that explains it. With
 * @verbose it is left where it belongs, among libbpf's other messages.
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
	if (level == LIBBPF_WARN && scx_capture.f)
		return vfprintf(scx_capture.f, fmt, args);
	return scx_capture.print ? scx_capture.print(level, fmt, args) : 0;
}

static inline void scx_capture_begin(void)
{
	if (scx_capture.verbose)
		return;
	scx_capture.f = open_memstream(&scx_capture.text, &scx_capture.len);
	scx_capture.print = libbpf_set_print(scx_capture_print);
}

static inline void scx_capture_end(void)
{
	if (scx_capture.verbose)
		return;
	libbpf_set_print(scx_capture.print);
	if (!scx_capture.f)
		return;
	fclose(scx_capture.f);
	fputs(scx_capture.text, stderr);
	free(scx_capture.text);
	scx_capture.f = NULL;
}

/* Why the kernel refused a scheduler that passed the preflight. */
static inline const char *scx_load_hint(bool attach, int err)
{
	char buf[64];

	if (err == -EPERM)
		return " (a container, lockdown or seccomp may forbid it: CAP_BPF and CAP_PERFMON count in the initial user namespace only)";
	if (attach && err == -EBUSY)
		return " (another scheduler was quicker)";
	if (attach && err == -EINVAL &&
	    scx_read_file("/sys/devices/system/cpu/isolated", buf, sizeof(buf)) > 0)
		return " (CPUs are isolated with isolcpus=, which sched_ext cannot work with)";
	return attach ? " (see dmesg)" : "";
}

__attribute__((noreturn))
static inline void scx_load_failed(bool attach, int err)
{
	fprintf(stderr, "%s: cannot %s the scheduler: %s%s\n", program_invocation_short_name,
		attach ? "attach" : "load", strerror(-err), scx_load_hint(attach, err));
	scx_capture_end();
	exit(SCX_ST_LOAD);
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
	scx_preflight();							\
	__skel = scx_name##__open();						\
	SCX_BUG_ON(!__skel, "cannot open " #scx_name);				\
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
	scx_capture_begin();							\
	__err = scx_name##__load(skel);						\
	if (__err)								\
		scx_load_failed(false, __err);					\
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
		scx_load_failed(true, __err);				\
	scx_capture_end();							\
	__link;									\
})

#endif /* __SCX_COMPAT_H */
