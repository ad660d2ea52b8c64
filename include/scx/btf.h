/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ask a kernel's BTF what it has; those without a BTF to ask, the running kernel's.
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

/**
 * scx_btf_member - find the member of a struct by its name
 * @btf: a kernel's BTF
 * @type: tag of the struct
 * @name: name of the member
 *
 * Returns NULL if there is none.
 */
static inline const struct btf_member *scx_btf_member(const struct btf *btf, const char *type,
						      const char *name)
{
	__s32 id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	__u32 i;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return &btf_members(t)[i];
	return NULL;
}

/**
 * scx_btf_enum - find the type of an enum by its tag, however wide it is
 * @btf: a kernel's BTF
 * @type: the tag
 *
 * Returns NULL if there is none.
 */
static inline const struct btf_type *scx_btf_enum(const struct btf *btf, const char *type)
{
	__s32 id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM64);

	if (id < 0)
		id = btf__find_by_name_kind(btf, type, BTF_KIND_ENUM);
	return id > 0 ? btf__type_by_id(btf, id) : NULL;
}

/**
 * scx_btf_enumerator - name and value of an enumerator
 * @btf: a kernel's BTF
 * @t: type of the enum
 * @i: number of the enumerator
 * @v: gets its value
 */
static inline const char *scx_btf_enumerator(const struct btf *btf, const struct btf_type *t,
					     __u32 i, u64 *v)
{
	if (btf_is_enum64(t)) {
		*v = btf_enum64_value(&btf_enum64(t)[i]);
		return btf__name_by_offset(btf, btf_enum64(t)[i].name_off);
	}
	/* the flag of an enum's type tells that its values are signed */
	*v = btf_kflag(t) ? (u64)btf_enum(t)[i].val : (u32)btf_enum(t)[i].val;
	return btf__name_by_offset(btf, btf_enum(t)[i].name_off);
}

/**
 * scx_btf_enum_value - value of an enumerator
 * @btf: a kernel's BTF
 * @type: tag of the enum
 * @name: the enumerator
 * @v: gets its value
 *
 * Returns whether the kernel has it.
 */
static inline bool scx_btf_enum_value(const struct btf *btf, const char *type, const char *name,
				      u64 *v)
{
	const struct btf_type *t = scx_btf_enum(btf, type);
	__u32 i;

	for (i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(scx_btf_enumerator(btf, t, i, v), name))
			return true;
	return false;
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

#endif /* __SCX_BTF_H */
