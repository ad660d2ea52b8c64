/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the two sides of the test migration_disabled share.
 */
#ifndef __MIGRATION_DISABLED_H
#define __MIGRATION_DISABLED_H

/* A call of the program. */
struct stay {
	u64	ns;		/* in: for how long it uses its CPU */
	u64	interrupted;	/* out: how often another task had the CPU meanwhile */
};

#endif /* __MIGRATION_DISABLED_H */
