// SPDX-License-Identifier: GPL-2.0
/*
 * scx_probe: can schedulers run here, and if not, why not? It loads nothing.
 *
 *	scx_probe		the running kernel
 *	scx_probe --btf FILE	a kernel's BTF, raw or in a vmlinux, on any machine
 *
 * Status 0 if schedulers can run, 2 if not.
 */
#include <scx/common.h>
#include <scx/preflight.h>

/* Judge BTF alone; returns the exit status. */
static int probe_btf(const char *path)
{
	char names[1024], why[64];
	struct btf *btf;
	int nr;

	libbpf_set_print(NULL);
	btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	if (!btf) {
		libbpf_strerror(errno, why, sizeof(why));
		scx_fail(SCX_ST_LOAD, "cannot read BTF from %s: %s", path ?: "/sys/kernel/btf", why);
	}
	if (!scx_btf_has_sched_ext(btf)) {
		puts("BTF: no sched_ext");
		btf__free(btf);
		return SCX_ST_LOAD;
	}
	nr = scx_btf_malformed(btf, names, sizeof(names));
	if (nr)
		printf("BTF: malformed, %d kfuncs cannot be called: %s\n", nr, names);
	else
		puts("BTF: sound");
	btf__free(btf);
	return nr ? SCX_ST_LOAD : SCX_ST_OK;
}

static int probe_running(void)
{
	char state[32], ops[128];
	const char *caps = scx_preflight_caps();
	int status;

	if (scx_state(state, sizeof(state)) < 0) {
		puts("sched_ext: not in this kernel; it needs 6.12 or later with CONFIG_SCHED_CLASS_EXT=y");
		return SCX_ST_LOAD;
	}
	scx_read_file(SCX_SYSFS "root/ops", ops, sizeof(ops));
	printf("sched_ext: %s%s%s\n", state, ops[0] ? ", " : "", ops);
	status = probe_btf(NULL);
	printf("permission: %s%s\n", caps ? "missing " : "yes", caps ?: "");
	return caps ? SCX_ST_LOAD : status;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return probe_running();
	if (argc == 3 && !strcmp(argv[1], "--btf"))
		return probe_btf(argv[2]);
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		puts("Usage: scx_probe [--btf FILE]\n"
		     "Tell whether sched_ext schedulers can run on this kernel, or on one with the\n"
		     "BTF in FILE. Status 0 if so, 2 if not, 1 for bad usage.");
		return SCX_ST_OK;
	}
	scx_fail(SCX_ST_USAGE, "bad argument '%s' (--help explains them)", argv[1]);
}
