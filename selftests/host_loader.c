// SPDX-License-Identifier: GPL-2.0
/*
 * host_loader - what loader.h and its kin promise that needs no kernel
 *
 * How an end is printed, which status it gets, how options land where they belong, and the
 * small helpers. Bad options, which end the process, are tested by selftests/host.
 */
#include <scx/loader.h>

static int passed, failed;

static void check(bool ok, const char *what)
{
	printf("%s %s\n", ok ? "ok  " : "FAIL", what);
	ok ? passed++ : failed++;
}

/* uei_print() into a string */
static const char *printed(const struct user_exit_info *uei, const char *dump)
{
	static char buf[512];
	FILE *f = fmemopen(buf, sizeof(buf), "w");

	uei_print(f, uei, dump);
	fclose(f);
	return buf;
}

static void test_uei_print(void)
{
	struct user_exit_info uei = { .kind = SCX_EXIT_ERROR, .exit_cpu = -1, .reason = "why" };

	check(!strcmp(printed(&uei, ""), "EXIT: why\n"), "an end is its reason");
	strcpy(uei.msg, "details");
	check(!strcmp(printed(&uei, ""), "EXIT: why (details)\n"), "the message is added");
	strcpy(uei.msg, "task \033[2J\xc2\x9b\r stalls\n\t");
	check(!strcmp(printed(&uei, ""), "EXIT: why (task ?[2J??? stalls\n\t)\n"),
	      "what would control a terminal does not get there");
	strcpy(uei.msg, "details");
	uei.exit_cpu = 0;
	check(!strcmp(printed(&uei, ""), "EXIT: why (details) on CPU 0\n"), "the CPU is added");
	check(strstr(printed(&uei, "R \033]0;x\a[1]"), "\nR ?]0;x?[1]\n"), "nor from the dump");
	check(!strncmp(printed(&uei, "the dump"), "DEBUG DUMP\n----------\nthe dump\n", 31),
	      "the dump comes first");
}

static void test_ecode(void)
{
	u64 hotplug = SCX_ECODE_ACT_RESTART | SCX_ECODE_RSN_HOTPLUG | 7;

	check(UEI_ECODE_RESTART(hotplug), "hotplug asks for a restart");
	check(!UEI_ECODE_RESTART(7), "a code of the scheduler's own does not");
	check(UEI_ECODE_USER(hotplug) == 7, "the scheduler's part of an exit code");
	check(UEI_ECODE_SYS_RSN(hotplug) == SCX_ECODE_RSN_HOTPLUG, "the kernel's reason");
}

static void test_status(void)
{
	struct scx_loader l = {};
	struct user_exit_info uei = { .kind = SCX_EXIT_UNREG };

	check(scx_exit_status(&l, &uei) == SCX_ST_OK, "unregistered on request: 0");
	uei.kind = SCX_EXIT_ERROR;
	check(scx_exit_status(&l, &uei) == SCX_ST_LOAD, "an error before it was enabled: 2");
	l.enabled = true;
	check(scx_exit_status(&l, &uei) == SCX_ST_EJECTED, "an error afterwards: 3");
	uei.kind = SCX_EXIT_SYSRQ;
	check(scx_exit_status(&l, &uei) == SCX_ST_EJECTED, "sysrq: 3");
	uei.kind = SCX_EXIT_UNREG_KERN;
	check(scx_exit_status(&l, &uei) == SCX_ST_EJECTED, "unregistered by the kernel: 3");
	uei.exit_code = SCX_ECODE_ACT_RESTART;
	check(scx_exit_status(&l, &uei) == SCX_ST_OK, "asked to stop instead of to restart: 0");
}

static void test_options(void)
{
	static bool own;
	static const struct scx_option options[] = {
		SCX_OPT_FLAG('o', "own", &own, ""),
		{}
	};
	struct scx_loader l = { .about = "", .options = options };
	char *argv[] = { "test", "-op", "-i0.25", "--count", "0x10", "--timeout-ms=5000", NULL };

	optind = 1;
	scx_loader_parse(&l, 6, argv);
	check(own && l.partial && !l.json, "flags are set if given");
	check(l.interval == 0.25, "seconds have fractions");
	check(l.count == 16 && l.timeout_ms == 5000, "numbers are decimal or hexadecimal");
}

static void test_helpers(void)
{
	char list[12] = "";

	scx_list_add(list, sizeof(list), "one");
	scx_list_add(list, sizeof(list), "two");
	check(!strcmp(list, "one, two"), "a list has commas");
	scx_list_add(list, sizeof(list), "three");
	check(!strcmp(list, "one, two, t"), "a list that is full is cut");
	check(scx_is_zero("\0\0\0", 3) && !scx_is_zero("\0\0\1", 3), "zero is zero to the end");
	check(scx_read_file("/nonexistent", list, sizeof(list)) == -ENOENT && !*list,
	      "a file that is not there is empty, and said to be missing");
}

/* scx_read_cpus() of a file that holds this. Its place is given as seen from the kernel's own lists. */
static int read_cpus(const char *list, u64 *mask, u32 nr)
{
	char path[] = "/tmp/cpus.XXXXXX", name[64];
	int end, fd = mkstemp(path);

	dprintf(fd, "%s", list);
	close(fd);
	snprintf(name, sizeof(name), "../../../..%s", path);
	end = scx_read_cpus(name, mask, nr);
	unlink(path);
	return end;
}

static void test_cpus(void)
{
	u64 mask[2] = { ~0ULL, ~0ULL };

	check(read_cpus("0-3,8,64-65\n", mask, 128) == 66 && mask[0] == 0x10f && mask[1] == 3,
	      "a list of CPUs has ranges and commas");
	mask[1] = 42;
	check(read_cpus("1,63-65,127\n", mask, 64) == 128 && mask[0] == (1ULL << 63 | 2) && mask[1] == 42,
	      "CPUs for which there is no room are left out");
	check(read_cpus("0-3,8\n", NULL, 0) == 9, "with no room at all it tells how many there are");
	check(read_cpus("\n", mask, 64) == 0 && !mask[0], "a list may be empty");
	check(scx_read_cpus("nonexistent", mask, 64) == -ENOENT, "or not there");
}

/* A kernel's BTF with nothing but enum scx_enq_flags, as a pahole writes it that cuts or does not. */
static struct btf *enq_flags_btf(bool cut, const char *newest)
{
	const u64 preempt = 1ULL << 32, highest = 1ULL << 33;
	struct btf *btf = btf__new_empty();

	if (cut) {
		btf__add_enum(btf, "scx_enq_flags", 8);
		btf__add_enum_value(btf, "SCX_ENQ_PREEMPT", (u32)preempt);
		btf__add_enum_value(btf, newest, (u32)highest);
	} else {
		btf__add_enum64(btf, "scx_enq_flags", 8, false);
		btf__add_enum64_value(btf, "SCX_ENQ_PREEMPT", preempt);
		btf__add_enum64_value(btf, newest, highest);
	}
	return btf;
}

static bool said_cut(bool cut, const char *newest)
{
	struct btf *btf = enq_flags_btf(cut, newest);
	bool said = scx_btf_cut(btf);

	btf__free(btf);
	return said;
}

static void test_btf(void)
{
	struct btf *btf = btf__new_empty();
	u64 v;

	check(said_cut(true, "SCX_ENQ_IMMED"), "enumerators that are cut are noticed");
	check(!said_cut(true, "SCX_ENQ_LAST"), "unless the kernel is one where it does not matter");
	check(!said_cut(false, "SCX_ENQ_IMMED"), "enumerators that are whole are not suspected");

	btf__add_enum(btf, "below_zero", 4);
	btf__add_enum_value(btf, "MINUS_ONE", -1);
	check(scx_btf_enum_value(btf, "below_zero", "MINUS_ONE", &v) && v == (u64)-1,
	      "an enumerator below zero stays below zero");
	btf__free(btf);
}

int main(void)
{
	test_uei_print();
	test_ecode();
	test_status();
	test_options();
	test_helpers();
	test_cpus();
	test_btf();
	printf("%d passed, %d failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
