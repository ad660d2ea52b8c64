/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kfuncs of BPF at large that schedulers use: tasks, cgroups, RCU, objects, lists, trees.
 *
 * They are older than sched_ext, except where it is said. The kernel documents them in
 * Documentation/bpf/kfuncs.rst and above their definitions. CPU masks are in cpumask.bpf.h.
 */
#ifndef __SCX_KERNEL_BPF_H
#define __SCX_KERNEL_BPF_H

#include "types.bpf.h"

/* Tasks: a task that was acquired or looked up has to be released. */
struct task_struct *bpf_task_from_pid(s32 pid) __ksym __weak;
struct task_struct *bpf_task_from_vpid(s32 vpid) __ksym __weak;		/* since 6.16 */
struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym __weak;
void bpf_task_release(struct task_struct *p) __ksym __weak;

/* Cgroups: likewise, scx_bpf_task_cgroup()'s included. */
struct cgroup *bpf_cgroup_ancestor(struct cgroup *cgrp, int level) __ksym __weak;
struct cgroup *bpf_cgroup_acquire(struct cgroup *cgrp) __ksym __weak;
struct cgroup *bpf_cgroup_from_id(u64 cgid) __ksym __weak;
void bpf_cgroup_release(struct cgroup *cgrp) __ksym __weak;

/* What bpf_for_each(css, pos, start, BPF_CGROUP_ITER_*) calls to walk cgroups. */
struct bpf_iter_css;
struct cgroup_subsys_state;
int bpf_iter_css_new(struct bpf_iter_css *it, struct cgroup_subsys_state *start,
		     unsigned int flags) __ksym __weak;
struct cgroup_subsys_state *bpf_iter_css_next(struct bpf_iter_css *it) __ksym __weak;
void bpf_iter_css_destroy(struct bpf_iter_css *it) __ksym __weak;

/* While it is held, what a pointer from the kernel points to is not freed. Who may not sleep has it. */
void bpf_rcu_read_lock(void) __ksym __weak;
void bpf_rcu_read_unlock(void) __ksym __weak;

/* No preemption from one to the other: the verifier wants them in pairs. */
void bpf_preempt_disable(void) __ksym __weak;
void bpf_preempt_enable(void) __ksym __weak;

/* A spin lock that gives up, with an error, where it would wait for ever. Since 6.16. */
struct bpf_res_spin_lock;
int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym __weak;
void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym __weak;

/* What bpf_for_each(bits, pos, mask, words) calls to walk the bits that are set. */
struct bpf_iter_bits;
int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign,
		      u32 nr_words) __ksym __weak;
int *bpf_iter_bits_next(struct bpf_iter_bits *it) __ksym __weak;
void bpf_iter_bits_destroy(struct bpf_iter_bits *it) __ksym __weak;

/* Objects of the scheduler's own types, and lists and trees of them */

/**
 * __contains - what a list or a tree holds
 * @name: tag of the struct
 * @node: its member of type struct bpf_list_node or struct bpf_rb_node
 *
 * Behind a variable of type struct bpf_list_head or struct bpf_rb_root.
 */
#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))

/**
 * private - put a global variable in a section of its own
 * @name: of the section
 *
 * A lock and what it protects must be in one section, and one section holds one lock.
 */
#define private(name) SEC(".data." #name) __hidden __attribute__((aligned(8)))

/* What the macros below call, and, for lists and trees with their lock held, what takes out. */
void *bpf_obj_new_impl(__u64 local_type_id, void *meta) __ksym __weak;
void bpf_obj_drop_impl(void *kptr, void *meta) __ksym __weak;
void *bpf_refcount_acquire_impl(void *kptr, void *meta) __ksym __weak;
int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node,
			     void *meta, __u64 off) __ksym __weak;
int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node,
			    void *meta, __u64 off) __ksym __weak;
struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym __weak;
struct bpf_list_node *bpf_list_pop_back(struct bpf_list_head *head) __ksym __weak;
int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b),
			void *meta, __u64 off) __ksym __weak;
struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym __weak;
struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root,
				      struct bpf_rb_node *node) __ksym __weak;

/**
 * bpf_obj_new - allocate an object of a type of one's own
 * @type: e.g. struct foo
 *
 * Returns NULL if there is no memory. Ends in a list, a tree, a map, or bpf_obj_drop().
 */
#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))

/**
 * bpf_obj_drop - free it
 * @kptr: from bpf_obj_new()
 */
#define bpf_obj_drop(kptr) bpf_obj_drop_impl(kptr, NULL)

/* Take one more reference to an object with a member of type struct bpf_refcount. */
#define bpf_refcount_acquire(kptr) bpf_refcount_acquire_impl(kptr, NULL)

/* Append to a list, at either end, and insert into a tree. With the lock held. */
#define bpf_list_push_front(head, node) bpf_list_push_front_impl(head, node, NULL, 0)
#define bpf_list_push_back(head, node) bpf_list_push_back_impl(head, node, NULL, 0)
#define bpf_rbtree_add(root, node, less) bpf_rbtree_add_impl(root, node, less, NULL, 0)

#endif /* __SCX_KERNEL_BPF_H */
