// SPDX-License-Identifier: GPL-2.0
/*
 * malformed_btf - a kernel whose BTF makes kfuncs impossible to call is explained
 *
 * Promised: on such a kernel (some builds of 7.1 and 7.2) a scheduler ends with status 2 and one line
 * that says that the BTF is malformed and names a kfunc; on any other it does not speak of BTF.
 */
#include "scx_test.h"

SCX_TEST(malformed_btf, "a kernel with malformed BTF is explained, no other is blamed",
	 .any_kernel = true)
{
	struct sched s = sched_start("-i 0.01 --count 1");
	int status = sched_end(&s);

	if (!btf_is_malformed()) {
		check(status == 0, "status %d: %s", status, text(s.err));
		check(!text(s.err)[0], "on stderr: %s", text(s.err));
		return;
	}
	check(status == 2, "status %d: %s", status, text(s.err));
	check_one_line(s.err, "this kernel's BTF is malformed");
	check_one_line(s.err, "scx_bpf_");
	check(!text(s.out)[0], "on stdout: %s", text(s.out));
	check(kernel_state("disabled"), "sched_ext is not disabled");
}
