// SPDX-License-Identifier: GPL-2.0
/*
 * scx_probe: what does this kernel offer to sched_ext schedulers? It loads nothing.
 *
 *	scx_probe [--json]			the running kernel
 *	scx_probe [--json] --btf FILE		a kernel's BTF, raw or in a vmlinux, on any machine
 *	scx_probe [--json] ... SCHEDULER...	for these; otherwise for those in its directory
 *
 * The verdict and its reason are those of a loader, since the code is the same: preflight.h. What
 * is looked for is in scx_probe.h. What a scheduler uses is in the BPF object that its
 * program carries, the very one that it loads: nobody keeps a list of that. Who wrote the files is
 * unknown: what is damaged is left out, and names are made printable.
 *
 * Status 0 if schedulers can run, 2 if not or if FILE cannot be read, 1 for bad usage or if the answer cannot
 * be written.
 */
#define _GNU_SOURCE
#include <scx/common.h>
#include <dirent.h>
#include <gelf.h>
#include <getopt.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <json_writer.h>
#include "scx_probe.h"

/* Where the answer goes: the JSON writer of the kernel's tools, or NULL for text. */
static json_writer_t *json;

static void begin(const char *title)
{
	if (!json) {
		printf("\n%s:\n", title);
		return;
	}
	jsonw_name(json, title);
	jsonw_start_object(json);
}

static void end(void)
{
	if (json)
		jsonw_end_object(json);
}

/* Between begin() and end(); what has no value is absent. */
static void item(const char *name, const char *value)
{
	if (!json)
		printf("  %-36s %s\n", name, value ?: "absent");
	else if (value)
		jsonw_string_field(json, name, value);
	else
		jsonw_null_field(json, name);
}

/* At the top; without a value it is null in JSON, and left out of the text. */
static void field(const char *name, const char *key, const char *value)
{
	if (json)
		item(key, value);
	else if (value)
		printf("%s: %s\n", name, value);
}

/*
 * kfuncs
 */

/* The kernel's names of a kfunc, the newest first; NULL after the last. */
static const char *form(const struct kfunc *k, size_t i)
{
	if (i >= ARRAY_SIZE(k->forms))
		return NULL;
	return i || k->forms[0] ? k->forms[i] : k->name;
}

/* The newest form that can be called, with its state; or NULL, with what keeps one from it. */
static const char *best_form(const struct btf *btf, const struct kfunc *k, const char **state)
{
	const char *name;
	size_t i;

	*state = "absent";
	for (i = 0; (name = form(k, i)); i++) {
		switch (scx_kfunc_state(btf, name)) {
		case SCX_KFUNC_PRESENT:
			*state = i ? "older form" : strncmp(name, "__", 2) ? "present" : "packed form";
			return name;
		case SCX_KFUNC_MALFORMED:
			*state = "malformed";
			break;
		case SCX_KFUNC_ABSENT:
			break;
		}
	}
	return NULL;
}

static void json_kfunc(const struct btf *btf, const struct kfunc *k, const char *state,
		       const char *best)
{
	static const char *const words[] = {
		[SCX_KFUNC_MALFORMED] = "malformed",
		[SCX_KFUNC_PRESENT] = "present",
	};
	const char *name;
	size_t i;

	begin(k->name);
	item("state", state);
	item("form", best);
	begin("forms");
	for (i = 0; (name = form(k, i)); i++)
		item(name, words[scx_kfunc_state(btf, name)]);
	end();
	end();
}

static void probe_kfunc(const struct btf *btf, const struct kfunc *k)
{
	const char *state, *best = best_form(btf, k, &state);
	char text[128];

	if (json) {
		json_kfunc(btf, k, state, best);
		return;
	}
	if (best && (strcmp(state, "present") || strcmp(best, k->name)))
		snprintf(text, sizeof(text), "%s: %s", state, best);
	else
		snprintf(text, sizeof(text), "%s", state);
	item(k->name, text);
}

static void probe_kfuncs(const struct btf *btf)
{
	size_t i;

	begin("kfuncs");
	for (i = 0; i < ARRAY_SIZE(kfuncs); i++)
		probe_kfunc(btf, &kfuncs[i]);
	end();
}

/* The kfunc that a name of the kernel's is a form of; NULL if it is of none in the table. */
static const struct kfunc *find_kfunc(const char *kernel_name)
{
	const char *name;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(kfuncs); i++)
		for (j = 0; (name = form(&kfuncs[i], j)); j++)
			if (!strcmp(name, kernel_name))
				return &kfuncs[i];
	return NULL;
}

/*
 * Members and enumerators
 */

/* What BTF says of a name in a list; NULL if the kernel does not have it. */
static const char *look_up(const struct btf *btf, const struct list *l, const char *name)
{
	static char value[32];
	u64 v;

	if (l->kind == MEMBERS)
		return scx_btf_member(btf, l->type, name) ? "present" : NULL;
	if (!scx_btf_enum_value(btf, l->type, name, &v))
		return NULL;
	snprintf(value, sizeof(value), "0x%llx", (unsigned long long)v);
	return value;
}

static void probe_list(const struct btf *btf, const struct list *l)
{
	const char *const *name;

	begin(json ? l->type : l->title);
	for (name = l->names; *name; name++)
		item(*name, look_up(btf, l, *name));
	end();
}

static bool listed(const struct list *l, const char *name)
{
	const char *const *n;

	for (n = l->names; *n; n++)
		if (!strcmp(*n, name))
			return true;
	return false;
}

/*
 * What the kernel has and scx_probe.h does not: cid-form and sub-scheduler interfaces, which are
 * not covered, and what is newer.
 */

__attribute__((format(printf, 1, 2)))
static void other(const char *fmt, ...)
{
	va_list args;
	char name[128];

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	scx_make_printable(name);
	if (json)
		jsonw_string(json, name);
	else
		printf("  %s\n", name);
}

static void other_kfuncs(const struct btf *btf)
{
	__u32 i, nr = btf__type_cnt(btf);

	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (btf_is_func(t) && scx_is_kfunc(name) && !find_kfunc(name))
			other("%s", name);
	}
}

static void other_members(const struct btf *btf, const struct list *l)
{
	__s32 id = btf__find_by_name_kind(btf, l->type, BTF_KIND_STRUCT);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	__u32 i;

	for (i = 0; t && i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(t)[i].name_off);

		if (!listed(l, name))
			other("%s.%s", l->type, name);
	}
}

/* Enumerators that begin with __, are masks or lie in the top byte are the kernel's own. */
static void other_enumerators(const struct btf *btf, const struct list *l)
{
	const struct btf_type *t = scx_btf_enum(btf, l->type);
	const u64 internal = 0xffULL << 56;
	__u32 i;
	u64 v;

	for (i = 0; t && i < btf_vlen(t); i++) {
		const char *name = scx_btf_enumerator(btf, t, i, &v);

		if (!listed(l, name) && strncmp(name, "__", 2) && !(v & internal) &&
		    !strstr(name, "_ALL_"))
			other("%s", name);
	}
}

static void probe_others(const struct btf *btf)
{
	size_t i;

	if (json) {
		jsonw_name(json, "others");
		jsonw_start_array(json);
	} else {
		puts("\nothers, which include/scx does not cover:");
	}
	other_kfuncs(btf);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		if (lists[i].kind == MEMBERS)
			other_members(btf, &lists[i]);
		else
			other_enumerators(btf, &lists[i]);
	}
	if (json)
		jsonw_end_array(json);
}

/*
 * Schedulers
 */

struct names {
	char name[64][64];
	int nr;
};

/**
 * struct verdict - what a scheduler uses and the kernel does not have
 * @fatal: what it cannot do without
 * @lacks: what it does without, see Documentation/compat.md
 */
struct verdict {
	struct names fatal;
	struct names lacks;
};

__attribute__((format(printf, 2, 3)))
static void add_name(struct names *names, const char *fmt, ...)
{
	va_list args;
	char name[64];
	int i;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	scx_make_printable(name);
	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->name[i], name))
			return;
	if (names->nr < (int)ARRAY_SIZE(names->name))
		strcpy(names->name[names->nr++], name);
}

/*
 * A name that is a malformed kfunc's is what a loader refuses (scx_preflight_kfuncs()). What is
 * called if it is there, or in another form, is declared with a ___suffix that libbpf cuts off, or
 * asked for before.
 */
static void judge_kfunc(const struct btf *kern, const char *name, struct verdict *v)
{
	char kernel_name[128];
	const struct kfunc *k;
	const char *state;
	char *suffix, *s;

	if (scx_kfunc_state(kern, name) == SCX_KFUNC_MALFORMED) {
		add_name(&v->fatal, "%s", name);
		return;
	}
	snprintf(kernel_name, sizeof(kernel_name), "%s", name);
	for (suffix = s = kernel_name; (s = strstr(s, "___")); s += 3)
		suffix = s;
	if (suffix != kernel_name)
		*suffix = '\0';
	k = find_kfunc(kernel_name);
	if (k ? !best_form(kern, k, &state) : scx_kfunc_state(kern, kernel_name) != SCX_KFUNC_PRESENT)
		add_name(&v->lacks, "%s", k ? k->name : kernel_name);
}

/* libbpf has made externs look like other functions, but their names tell what they are. */
static void judge_kfuncs(const struct btf *kern, const struct btf *btf, struct verdict *v)
{
	__u32 i, nr = btf__type_cnt(btf);

	for (i = 1; i < nr; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (btf_is_func(t) && (scx_is_kfunc(name) || !strncmp(name, "bpf_", 4)))
			judge_kfunc(kern, name, v);
	}
}

static void judge_flags(const struct btf *kern, u64 flags, struct verdict *v)
{
	size_t i;
	u64 value;

	for (i = 0; i < ARRAY_SIZE(scx_ops_flags); i++) {
		const struct scx_ops_flag *f = &scx_ops_flags[i];

		if (!(flags & f->flag) || scx_btf_enum_value(kern, "scx_ops_flags", f->name, &value))
			continue;
		if (f->missing == SCX_FLAG_FATAL)
			add_name(&v->fatal, "%s", f->name);
		if (f->missing == SCX_FLAG_SAY)
			add_name(&v->lacks, "%s", f->name);
	}
}

/* Members of its ops that are set, and flags; loaders leave out what the kernel lacks. */
static void judge_ops(const struct btf *kern, const struct btf *btf, const struct bpf_map *map,
		      struct verdict *v)
{
	const struct btf_type *t = btf__type_by_id(btf, bpf_map__btf_value_type_id(map));
	size_t size;
	const char *ops = bpf_map__initial_value((struct bpf_map *)map, &size);
	u64 flags;
	__u32 i;

	for (i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		const char *name = btf__name_by_offset(btf, m->name_off);
		const char *val = ops + btf_member_bit_offset(t, i) / 8;
		__s64 len = btf__resolve_size(btf, m->type);

		if (len < 0 || val + len > ops + size || scx_is_zero(val, len))
			continue;
		if (!scx_btf_member(kern, "sched_ext_ops", name))
			add_name(&v->lacks, "ops.%s", name);
		if (strcmp(name, "flags") || len != sizeof(flags))
			continue;
		memcpy(&flags, val, sizeof(flags));
		judge_flags(kern, flags, v);
	}
}

static void judge_object(const struct btf *kern, const struct bpf_object *obj, struct verdict *v)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct bpf_map *map;

	judge_kfuncs(kern, btf, v);
	bpf_object__for_each_map(map, obj)
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			judge_ops(kern, btf, map, v);
}

static void print_names(const char *title, const struct names *names)
{
	int i;

	if (json) {
		jsonw_name(json, title);
		jsonw_start_array(json);
		for (i = 0; i < names->nr; i++)
			jsonw_string(json, names->name[i]);
		jsonw_end_array(json);
		return;
	}
	for (i = 0; i < names->nr; i++)
		printf("%s %s", i ? "," : title, names->name[i]);
}

static void print_verdict(const char *file, const struct verdict *v)
{
	char name[NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s", file);
	scx_make_printable(name);
	if (!json) {
		printf("  %-36s %s", name, v->fatal.nr ? "cannot run" : "runs");
		print_names(": it needs", &v->fatal);
		print_names("; it goes without", &v->lacks);
		putchar('\n');
		return;
	}
	jsonw_name(json, name);
	jsonw_start_object(json);
	jsonw_bool_field(json, "runs", !v->fatal.nr);
	print_names("fatal", &v->fatal);
	print_names("lacks", &v->lacks);
	jsonw_end_object(json);
}

/*
 * A skeleton holds its BPF object as it is, so the object is in the program, an ELF file within
 * an ELF file. Its section headers come last.
 */
static const char *find_object(const char *file, size_t size, size_t *len)
{
	const char *p = file, *last = file + size;
	Elf64_Ehdr eh;

	while ((p = memmem(p, last - p, ELFMAG, SELFMAG))) {
		if ((size_t)(last - p) < sizeof(eh))
			return NULL;
		memcpy(&eh, p, sizeof(eh));
		*len = eh.e_shoff + eh.e_shnum * sizeof(Elf64_Shdr);
		if (eh.e_machine == EM_BPF && eh.e_ident[EI_CLASS] == ELFCLASS64 &&
		    eh.e_shoff < size && *len <= (size_t)(last - p))
			return p;
		p += SELFMAG;
	}
	return NULL;
}

/* What SCX_OPS_REQUIRE() left in the program: strings, perhaps with zeroes in between. */
static void judge_required(const struct btf *kern, const char *req, size_t len, struct verdict *v)
{
	const char *last = req + len;
	u64 value;

	/* the last one ends there, too */
	if (!len || last[-1])
		return;
	for (; req < last; req += strnlen(req, last - req) + 1) {
		if (!strncmp(req, "ops.", 4) ? !!scx_btf_member(kern, "sched_ext_ops", req + 4) :
					       scx_btf_enum_value(kern, "scx_ops_flags", req, &value))
			continue;
		if (*req)
			add_name(&v->fatal, "%s", req);
	}
}

static void judge_program(const struct btf *kern, char *file, size_t size, struct verdict *v)
{
	Elf *elf = elf_memory(file, size);
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		goto out;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr sh;
		const char *name;
		Elf_Data *data;

		name = gelf_getshdr(scn, &sh) ? elf_strptr(elf, names, sh.sh_name) : NULL;
		if (!name || strcmp(name, SCX_REQUIRED_SECTION))
			continue;
		/* NULL if it is not all inside the file */
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf)
			judge_required(kern, data->d_buf, data->d_size, v);
	}
out:
	elf_end(elf);
}

/* To open anything else may be to wait: a FIFO for somebody who writes to it. */
static bool is_file(const char *path, size_t *size)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	*size = st.st_size;
	return true;
}

/* Returns NULL if it cannot be read. */
static char *map_file(const char *path, size_t *size)
{
	int fd = is_file(path, size) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	char *file;

	if (fd < 0)
		return NULL;
	file = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	return file == MAP_FAILED ? NULL : file;
}

/* Without BTF to judge by, it only looks whether it is a program with a BPF object. */
static bool probe_scheduler(const struct btf *kern, const char *path)
{
	const char *data = NULL, *name = strrchr(path, '/');
	struct bpf_object *obj = NULL;
	struct verdict v = {};
	size_t size = 0, len;
	char *file;

	file = map_file(path, &size);
	if (file)
		data = find_object(file, size, &len);
	if (data)
		obj = bpf_object__open_mem(data, len, NULL);
	if (obj && kern) {
		judge_object(kern, obj, &v);
		judge_program(kern, file, size, &v);
		print_verdict(name ? name + 1 : path, &v);
	}
	bpf_object__close(obj);
	if (file)
		munmap(file, size);
	return obj;
}

static int is_scheduler(const struct dirent *d)
{
	return !strncmp(d->d_name, "scx_", 4) && strcmp(d->d_name, "scx_probe");
}

/* The schedulers beside this program, in the build directory or where it is installed. */
static void probe_neighbours(const struct btf *kern)
{
	char dir[PATH_MAX], path[PATH_MAX + 256];
	struct dirent **entries;
	int i, n;

	n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	if (n < 0)
		return;
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	n = scandir(dir, &entries, is_scheduler, alphasort);
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		probe_scheduler(kern, path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void probe_schedulers(const struct btf *kern, char **files)
{
	begin("schedulers");
	if (!*files)
		probe_neighbours(kern);
	for (; *files; files++)
		probe_scheduler(kern, *files);
	end();
}

/*
 * The verdict
 */

/* NULL if there is none to read. */
static struct btf *read_btf(const char *path)
{
	char err[64];
	struct btf *btf;
	size_t size;

	if (path && !is_file(path, &size))
		scx_fail(SCX_ST_LOAD, "cannot read BTF from %s: no such file", path);
	if (!path && access("/sys/kernel/btf/vmlinux", R_OK))
		return NULL;
	btf = path ? btf__parse(path, NULL) : btf__load_vmlinux_btf();
	if (!btf) {
		libbpf_strerror(errno, err, sizeof(err));
		scx_fail(SCX_ST_LOAD, "cannot read BTF from %s: %s", path ?: "/sys/kernel/btf", err);
	}
	return btf;
}

/* Writes to @why what is wrong with BTF, unless something else is wrong already. */
static void probe_btf(const struct btf *btf, char *why, size_t len)
{
	char names[1024], line[1100], reason[1200] = "";
	int nr = scx_btf_malformed(btf, names, sizeof(names));

	scx_make_printable(names);
	if (!scx_btf_has_sched_ext(btf)) {
		field("BTF", "btf", "no sched_ext");
		snprintf(reason, sizeof(reason), "no sched_ext in this BTF");
	} else if (nr) {
		snprintf(line, sizeof(line), "malformed, %d kfuncs cannot be called: %s", nr, names);
		field("BTF", "btf", json ? "malformed" : line);
		snprintf(names, sizeof(names), "%d kfuncs", nr);
		snprintf(reason, sizeof(reason), SCX_WHY_MALFORMED, names);
	} else if (scx_btf_cut(btf)) {
		field("BTF", "btf", json ? "malformed" :
				    "malformed, 64-bit enumerators are cut to 32 bits");
		snprintf(reason, sizeof(reason), SCX_WHY_CUT);
	} else {
		field("BTF", "btf", "sound");
	}
	if (!why[0])
		snprintf(why, len, "%s", reason);
}

/* What only the running kernel can be asked. */
static void probe_state(char *why, size_t len)
{
	const char *caps = scx_preflight_caps();
	char state[32], ops[128], missing[64];
	struct utsname u;

	uname(&u);
	field("kernel", "kernel", u.release);
	if (scx_state(state, sizeof(state)) < 0)
		strcpy(state, "absent");
	field("sched_ext", "sched_ext", state);
	scx_read_file(SCX_SYSFS "root/ops", ops, sizeof(ops));
	field("scheduler", "scheduler", ops[0] ? ops : NULL);
	snprintf(missing, sizeof(missing), "missing %s", caps ?: "nothing");
	field("permission", "permission", caps ? missing : "yes");
	scx_preflight_why(why, len);
}

static void probe_all(const struct btf *btf, char **files)
{
	size_t i;

	probe_kfuncs(btf);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		probe_list(btf, &lists[i]);
	probe_others(btf);
	probe_schedulers(btf, files);
}

/* Returns the exit status; @path names a BTF file, or is NULL. */
static int probe(const char *path, char **files)
{
	struct btf *btf = read_btf(path);
	char why[1200] = "";

	if (json)
		jsonw_start_object(json);
	if (!path)
		probe_state(why, sizeof(why));
	if (btf)
		probe_btf(btf, why, sizeof(why));
	if (json)
		jsonw_bool_field(json, "can_run", !why[0]);
	else
		printf("schedulers can run: %s\n", why[0] ? "no" : "yes");
	field("reason", "reason", why[0] ? why : NULL);
	if (btf && scx_btf_has_sched_ext(btf))
		probe_all(btf, files);
	if (json)
		jsonw_end_object(json);
	btf__free(btf);
	return why[0] ? SCX_ST_LOAD : SCX_ST_OK;
}

static void show_help(void)
{
	puts("Usage: scx_probe [OPTION]... [SCHEDULER]...\n"
	     "Tell what the running kernel offers to sched_ext schedulers, and what each\n"
	     "SCHEDULER, a program, uses that it does not have; without one those beside\n"
	     "scx_probe. What they do instead is explained in Documentation/compat.md.\n"
	     "\n"
	     "Options:\n"
	     "      --btf FILE  judge a kernel by its BTF, raw or in a vmlinux, on any machine\n"
	     "      --json      answer as a JSON object\n"
	     "  -V, --version   show the version\n"
	     "  -h, --help      show this help\n"
	     "\n"
	     "Exit status:\n"
	     "  0  schedulers can run\n"
	     "  1  bad usage, or an answer that cannot be written\n"
	     "  2  they cannot run, or FILE cannot be read");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "btf", required_argument, NULL, 256 + 'b' },
		{ "json", no_argument, NULL, 256 + 'j' },
		{ "version", no_argument, NULL, 256 + 'V' },
		{ "help", no_argument, NULL, 256 + 'h' },
		{}
	};
	const char *path = NULL;
	bool as_json = false;
	int c, i, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":Vh", options, NULL)) != -1) {
		switch (c) {
		case 256 + 'b':
			path = optarg;
			break;
		case 256 + 'j':
			as_json = true;
			break;
		case 'V':
		case 256 + 'V':
			printf("scx_probe %s\n", SCX_VERSION);
			scx_written();
			return SCX_ST_OK;
		case 'h':
		case 256 + 'h':
			show_help();
			scx_written();
			return SCX_ST_OK;
		case ':':
			scx_fail(SCX_ST_USAGE, "%s needs an argument", argv[optind - 1]);
		default:
			/* a letter may stand among others */
			if (optopt && optopt < 256)
				scx_fail(SCX_ST_USAGE, "bad option '-%c' (--help explains them)", optopt);
			scx_fail(SCX_ST_USAGE, "bad option '%s' (--help explains them)",
				 argv[optind - 1]);
		}
	}
	libbpf_set_print(NULL);
	for (i = optind; i < argc; i++)
		if (!probe_scheduler(NULL, argv[i]))
			scx_fail(SCX_ST_USAGE, "'%s' is no scheduler's program (--help explains)",
				 argv[i]);
	if (as_json) {
		json = jsonw_new(stdout);
		SCX_BUG_ON(!json, "no memory");
		jsonw_pretty(json, true);
	}
	status = probe(path, argv + optind);
	if (json)
		jsonw_destroy(&json);
	scx_written();
	return status;
}
