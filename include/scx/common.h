/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sched_ext scheduler includes on its user side.
 *
 *	#include <scx/common.h>
 *	#include "scx_foo.bpf.skel.h"
 *
 * It brings in
 *
 *	base.h			types, words on stderr, arrays
 *	user_exit_info.h	how a scheduler ended
 *	enums.h			flags and their fate on kernels that do not know them
 *	compat.h		what the running kernel has, and SCX_OPS_OPEN/LOAD/ATTACH
 *
 * The loaders of this suite include loader.h instead, which includes this and adds
 * what every loader repeats.
 */
#ifndef __SCX_COMMON_H
#define __SCX_COMMON_H

#ifdef __bpf__
#error "a BPF program includes <scx/common.bpf.h>"
#endif

#include "base.h"
#include "user_exit_info.h"
#include "enums.h"
#include "compat.h"

#endif /* __SCX_COMMON_H */
