// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel tree's rbtree, which policies use: <linux/rbtree.h>.
 *
 * Why this one. Adding, and removing from the middle, are O(log n), and the first is at hand.
 * Nodes are in the tasks, so it never allocates. It comes with the tree that libbpf comes from,
 * is the kernel's own, and who has read the fair class knows how to use it.
 */
#include <../lib/rbtree.c>
