// SPDX-License-Identifier: GPL-2.0
/*
 * Loader of scx_simple. The policy is in scx_simple.bpf.c; this is the life of a scheduler
 * as user space sees it, the same for every scheduler here: parse, open, set up, load,
 * attach, report until somebody or something ends it, and start over if the kernel says so.
 */
#include <scx/loader.h>
#include "scx_simple.bpf.skel.h"

static bool fifo_sched;

static const struct scx_option options[] = {
	SCX_OPT_FLAG('f', "fifo", &fifo_sched, "first come, first served, instead of vtime"),
	{}
};

static struct scx_loader loader = {
	.about = "One queue for the whole machine, ordered by weighted vtime.",
	.options = options,
};

/* Returns the exit status, or -1 to start anew. */
static int run(void)
{
	/* SCX_OPS_OPEN, _LOAD and _ATTACH say what is wrong and exit if something is */
	struct scx_simple *skel = SCX_OPS_OPEN(simple_ops, scx_simple);
	struct bpf_link *link;
	int status;

	skel->rodata->fifo_sched = fifo_sched;
	SCX_LOADER_SET_OPS(&loader, skel->struct_ops.simple_ops);
	SCX_OPS_LOAD(skel, simple_ops, scx_simple, uei);
	link = SCX_OPS_ATTACH(skel, simple_ops, scx_simple);

	/* ops.exit leaves in data->uei why the scheduler ended */
	while (scx_loader_wait(&loader, &skel->data->uei))
		scx_loader_report(&loader, skel->obj);

	bpf_link__destroy(link);
	status = scx_loader_end(&loader, &skel->data->uei, UEI_DUMP(skel, uei));
	scx_simple__destroy(skel);
	return status;
}

int main(int argc, char **argv)
{
	int status;

	scx_loader_parse(&loader, argc, argv);
	SCX_LOADER_HELP_STATS(&loader, scx_simple);
	/* give up what root may do and a scheduler need not */
	scx_loader_keep_caps(0);
	do {
		status = run();
	} while (status < 0);	/* CPUs came or went: the kernel wants us to start anew */
	return status;
}
