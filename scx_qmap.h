/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sides of scx_qmap share, and its tests: which queue a weight belongs to.
 */
#ifndef __SCX_QMAP_H
#define __SCX_QMAP_H

#define NR_QUEUES	5

/* What nice -20 amounts to, in hundredths of nice 0: 88761 of 1024. */
#define HIGHPRI_WEIGHT	8668

/**
 * weight_to_queue - the queue that a task of this weight waits in
 * @weight: 1 to 10000, 100 for nice 0
 *
 * Nice 7 and up, 4 and up, -3 and up, -6 and up, and the rest.
 */
static inline unsigned int weight_to_queue(unsigned int weight)
{
	if (weight <= 25)
		return 0;
	if (weight <= 50)
		return 1;
	if (weight < 200)
		return 2;
	if (weight < 400)
		return 3;
	return 4;
}

#endif /* __SCX_QMAP_H */
