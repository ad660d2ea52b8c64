/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ask the running kernel's BTF what it has.
 */
#ifndef __SCX_BTF_H
#define __SCX_BTF_H

#include "base.h"
#include <bpf/btf.h>

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

/* Find the member of a struct by its name; NULL if there is none. */
static inline const struct btf_member *scx_btf_member(const struct btf *btf, __s32 id,
						      const char *name)
{
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	__u32 i;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return &btf_members(t)[i];
	return NULL;
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
	const struct btf *btf = scx_vmlinux_btf();

	return scx_btf_member(btf, btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT), field);
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
	const struct btf *btf = scx_vmlinux_btf();
	__s32 id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM64);
	const struct btf_type *t;
	__u32 i;

	if (id < 0)
		id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM);
	t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	for (i = 0; t && i < btf_vlen(t); i++) {
		__u32 off = btf_is_enum64(t) ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off;

		if (strcmp(btf__name_by_offset(btf, off), name))
			continue;
		*v = btf_is_enum64(t) ? btf_enum64_value(&btf_enum64(t)[i]) :
					(u32)btf_enum(t)[i].val;
		return true;
	}
	return false;
}

#endif /* __SCX_BTF_H */
