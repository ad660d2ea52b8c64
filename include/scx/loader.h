/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every loader of the suite repeats: options, signals, the report loop, the end.
 *
 * A loader describes itself in a struct scx_loader, parses with scx_loader_parse(), and
 * then walks through the life of its scheduler. scx_simple.c shows it all.
 */
#ifndef __SCX_LOADER_H
#define __SCX_LOADER_H

#include <scx/common.h>
#include <scx/stats.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio_ext.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

/* What --version shows; the Makefile sets it. */
#ifndef SCX_VERSION
#define SCX_VERSION "unknown"
#endif

/**
 * struct scx_option - an option of a loader
 * @letter: its short form, 0 if it has none
 * @name: its long form
 * @arg: what --help calls its argument, NULL if it has none
 * @help: what it does
 * @flag: set if the option is given
 * @num: gets its argument, a whole number
 * @sec: gets its argument, a number of seconds, fractions allowed
 * @text: gets its argument, as it is
 * @min: smallest number that is accepted
 * @max: largest number that is accepted
 * @self: -1 is accepted as well, and stands for the loader's own PID
 *
 * One of @flag, @num, @sec and @text is set; see SCX_OPT_FLAG(), SCX_OPT_NUM(), SCX_OPT_PID(),
 * SCX_OPT_SEC(), SCX_OPT_TEXT().
 */
struct scx_option {
	char		letter;
	const char	*name;
	const char	*arg;
	const char	*help;
	bool		*flag;
	u64		*num;
	double		*sec;
	const char	**text;
	u64		min, max;
	bool		self;
};

/* Initialisers of a struct scx_option, by what becomes of its argument. */
#define SCX_OPT_FLAG(_letter, _name, _flag, _help)				\
	{ .letter = (_letter), .name = (_name), .flag = (_flag), .help = (_help) }
#define SCX_OPT_NUM(_letter, _name, _arg, _num, _min, _max, _help)		\
	{ .letter = (_letter), .name = (_name), .arg = (_arg), .num = (_num),	\
	  .min = (_min), .max = (_max), .help = (_help) }
#define SCX_OPT_PID(_letter, _name, _arg, _num, _help)				\
	{ .letter = (_letter), .name = (_name), .arg = (_arg), .num = (_num),	\
	  .min = 1, .max = INT32_MAX, .self = true, .help = (_help) }
#define SCX_OPT_SEC(_letter, _name, _arg, _sec, _max, _help)			\
	{ .letter = (_letter), .name = (_name), .arg = (_arg), .sec = (_sec),	\
	  .max = (_max), .help = (_help) }
#define SCX_OPT_TEXT(_letter, _name, _arg, _text, _help)			\
	{ .letter = (_letter), .name = (_name), .arg = (_arg), .text = (_text),	\
	  .help = (_help) }

/* Room for a loader's own options and the common ones. */
#define SCX_OPT_MAX 48

/**
 * struct scx_loader - a loader
 * @about: what its scheduler is, in a line, for --help
 * @options: its own options, ended by an empty one; NULL if it has none
 * @partial: -p, only tasks of policy SCHED_EXT
 * @json: --json, reports as JSON
 * @help_stats: --help-stats; the loader then does only SCX_LOADER_HELP_STATS()
 * @verbose: -v, show what libbpf does
 * @interval: -i, seconds between two reports
 * @count: --count, number of reports, 0 for no end
 * @timeout_ms: --timeout-ms, the kernel's watchdog, 0 for its default
 * @reports: number of reports so far
 * @enable_seq: number of schedulers that the kernel had enabled before this one
 * @enabled: the kernel has enabled this one
 * @mute: stdout is broken or blocked
 */
struct scx_loader {
	const char		*about;
	const struct scx_option	*options;

	bool			partial;
	bool			json;
	bool			help_stats;
	bool			verbose;
	double			interval;
	u64			count;
	u64			timeout_ms;

	u64			reports;
	u64			enable_seq;
	bool			enabled;
	bool			mute;
};

/* The signal that asked for the end, 0 before one did. */
static volatile sig_atomic_t scx_stop_signal;

static inline void scx_on_signal(int sig)
{
	scx_stop_signal = sig;
}

static inline int scx_print_warnings(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

static inline int scx_print_all(enum libbpf_print_level level __attribute__((unused)),
				const char *fmt, va_list args)
{
	return vfprintf(stderr, fmt, args);
}

static inline void scx_show_help(const char *about, const struct scx_option *opts)
{
	printf("Usage: %s [OPTION]...\n%s\n\nOptions:\n", program_invocation_short_name, about);
	for (; opts->name; opts++) {
		char left[48];

		snprintf(left, sizeof(left), "--%s%s%s", opts->name, opts->arg ? " " : "",
			 opts->arg ?: "");
		if (opts->letter)
			printf("  -%c, %-21s %s\n", opts->letter, left, opts->help);
		else
			printf("      %-21s %s\n", left, opts->help);
	}
	puts("\nExit status:\n"
	     "  0  stopped on request, or only asked for help\n"
	     "  1  bad usage, or help that cannot be written\n"
	     "  2  could not be loaded, attached or restarted\n"
	     "  3  ejected: an error, a stall, SysRq-S, or its own BPF side ended it");
}

/* A whole number in decimal, hexadecimal or octal, all of @text, within bounds. */
static inline void scx_parse_num(const struct scx_option *o, const char *text)
{
	char *end;
	u64 val;

	if (o->self && !strcmp(text, "-1")) {
		*o->num = getpid();
		return;
	}
	errno = 0;
	val = strtoull(text, &end, 0);
	/* strtoull() takes blanks and a minus sign; a number here begins with a digit */
	if (*text < '0' || *text > '9' || *end || errno || val < o->min || val > o->max)
		scx_fail(SCX_ST_USAGE, "--%s takes a whole number from %llu to %llu, not '%s'",
			 o->name, (unsigned long long)o->min, (unsigned long long)o->max, text);
	*o->num = val;
}

static inline void scx_parse_sec(const struct scx_option *o, const char *text)
{
	char *end;
	double val;

	errno = 0;
	val = strtod(text, &end);
	if (strspn(text, "0123456789.") != strlen(text) || end == text || *end || errno ||
	    val < 0.01 || val > o->max)
		scx_fail(SCX_ST_USAGE, "--%s takes a number of seconds from 0.01 to %llu, not '%s'",
			 o->name, (unsigned long long)o->max, text);
	*o->sec = val;
}

/* Write getopt's two forms of the options: "ab:" and an array of struct option. */
static inline void scx_getopt_forms(const struct scx_option *opts, char *letters,
				    struct option *longs)
{
	int i;

	*letters++ = ':';
	for (i = 0; opts[i].name; i++) {
		longs[i] = (struct option){
			.name = opts[i].name,
			.has_arg = opts[i].arg ? required_argument : no_argument,
			.val = 256 + i,
		};
		if (opts[i].letter)
			*letters++ = opts[i].letter;
		if (opts[i].letter && opts[i].arg)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[i] = (struct option){};
}

static inline const struct scx_option *scx_find_option(const struct scx_option *opts, int c)
{
	if (c >= 256)
		return &opts[c - 256];
	while (opts->letter != c)
		opts++;
	return opts;
}

/* Parse against the whole table, each option into the place that it names. */
static inline void scx_parse_options(const struct scx_option *opts, int argc, char **argv)
{
	struct option longs[SCX_OPT_MAX + 1];
	char letters[2 * SCX_OPT_MAX + 2];
	int c;

	scx_getopt_forms(opts, letters, longs);
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct scx_option *o;

		/* a letter, negative if it is not ASCII; of a word this is 0 or its value */
		if (c == '?' && optopt && optopt < 256)
			scx_fail(SCX_ST_USAGE, "unknown option '-%c' (--help lists them)", optopt);
		if (c == '?')
			scx_fail(SCX_ST_USAGE, "unknown option '%s' (--help lists them)",
				 argv[optind - 1]);
		if (c == ':')
			scx_fail(SCX_ST_USAGE, "option '%s' needs an argument", argv[optind - 1]);
		o = scx_find_option(opts, c);
		if (o->num)
			scx_parse_num(o, optarg);
		else if (o->sec)
			scx_parse_sec(o, optarg);
		else if (o->text)
			*o->text = optarg;
		else
			*o->flag = true;
	}
	if (optind < argc)
		scx_fail(SCX_ST_USAGE, "unexpected argument '%s'", argv[optind]);
}

static inline void scx_loader_signals(void)
{
	struct sigaction sa = { .sa_handler = scx_on_signal };
	static const int sigs[] = { SIGINT, SIGTERM };
	unsigned int i;

	/* no SA_RESTART: a signal ends a write to a blocked pipe, too */
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		sigaction(sigs[i], &sa, NULL);
	/* nohup(1) has it ignored, and so it stays */
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
	/* a report that cannot be written is told by write() as well */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/*
 * A new file gets the smallest free number. If stdin, stdout or stderr is closed, that would be its number,
 * and reports would be written into a map or an eventfd. So fill the gap with /dev/null, opened the wrong
 * way round: to read or write there fails, as if it were still closed.
 */
static inline void scx_loader_std_files(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/**
 * scx_loader_parse - parse the command line and get ready
 * @l: the loader
 * @argc: from main()
 * @argv: from main()
 *
 * Exits with SCX_ST_USAGE and one line on stderr where something is wrong, with SCX_ST_OK
 * for --help and --version.
 */
static inline void scx_loader_parse(struct scx_loader *l, int argc, char **argv)
{
	bool help = false, version = false;
	const struct scx_option common[] = {
		SCX_OPT_FLAG('p', "partial", &l->partial, "schedule only tasks of policy SCHED_EXT"),
		SCX_OPT_SEC('i', "interval", "SEC", &l->interval, 86400,
			    "seconds between two reports (1)"),
		SCX_OPT_NUM(0, "count", "N", &l->count, 1, UINT64_MAX, "stop after N reports"),
		SCX_OPT_FLAG(0, "json", &l->json, "reports as JSON, one object a line"),
		SCX_OPT_FLAG(0, "help-stats", &l->help_stats, "explain the report's counters"),
		SCX_OPT_NUM(0, "timeout-ms", "MS", &l->timeout_ms, 1, 30000,
			    "be ejected if a task waits longer (30000)"),
		SCX_OPT_FLAG('v', "verbose", &l->verbose, "show what libbpf does"),
		SCX_OPT_FLAG('V', "version", &version, "show the version"),
		SCX_OPT_FLAG('h', "help", &help, "show this help"),
		{}
	};
	const int room = SCX_OPT_MAX - sizeof(common) / sizeof(common[0]);
	struct scx_option all[SCX_OPT_MAX] = {};
	int nr = 0;

	scx_loader_std_files();
	for (; l->options && l->options[nr].name; nr++) {
		SCX_BUG_ON(nr == room, "more than %d options", room);
		all[nr] = l->options[nr];
	}
	memcpy(&all[nr], common, sizeof(common));

	l->interval = 1;
	scx_parse_options(all, argc, argv);
	if (help)
		scx_show_help(l->about, all);
	if (version)
		printf("%s %s\n", program_invocation_short_name, SCX_VERSION);
	if (help || version) {
		scx_written();
		exit(SCX_ST_OK);
	}

	scx_capture.verbose = l->verbose;
	libbpf_set_print(l->verbose ? scx_print_all : scx_print_warnings);
	/*
	 * BPF memory counts for the cgroup, not for RLIMIT_MEMLOCK. If a signal comes while libbpf asks the
	 * kernel for that, it takes it for an old one and says that it cannot raise the limit.
	 */
	libbpf_set_memlock_rlim(0);
	scx_loader_signals();
}

/**
 * SCX_LOADER_HELP_STATS - if --help-stats asks for it, explain the counters and exit
 * @l: the loader, parsed
 * @name: of the skeleton
 */
#define SCX_LOADER_HELP_STATS(l, name)						\
do {										\
	struct name *__skel;							\
										\
	if (!(l)->help_stats)							\
		break;								\
	__skel = name##__open();						\
	SCX_BUG_ON(!__skel, "cannot open " #name);				\
	scx_stats_help(stdout, __skel->obj);					\
	scx_written();								\
	name##__destroy(__skel);						\
	exit(SCX_ST_OK);							\
} while (0)

/**
 * scx_loader_keep_caps - give up, for good, what root may do but a scheduler's loader need not
 * @more: capabilities to keep beside those that it takes to load a scheduler, of SCX_CAP()
 *
 * Those, CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN where one of them is missing, are needed again
 * when the kernel asks for a restart. Nor does a program that is started from here get any back.
 */
static inline void scx_loader_keep_caps(u64 more)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];
	u64 keep = SCX_CAP(BPF) | SCX_CAP(PERFMON);
	int i;

	if ((scx_capabilities() & keep) != keep)
		keep |= SCX_CAP(SYS_ADMIN);
	keep |= more;
	SCX_BUG_ON(syscall(SYS_capget, &head, caps), "cannot read own capabilities");
	for (i = 0; i < 2; i++) {
		caps[i].permitted &= keep >> 32 * i;
		caps[i].effective &= keep >> 32 * i;
		caps[i].inheritable = 0;
	}
	SCX_BUG_ON(syscall(SYS_capset, &head, caps) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		   "cannot give up capabilities");
}

/**
 * SCX_LOADER_SET_OPS - carry the common options into a scheduler's ops, before load
 * @l: the loader
 * @ops: skel->struct_ops.NAME
 */
#define SCX_LOADER_SET_OPS(l, ops)						\
do {										\
	if ((l)->partial)							\
		(ops)->flags |= SCX_OPS_SWITCH_PARTIAL;				\
	if ((l)->timeout_ms)							\
		(ops)->timeout_ms = (l)->timeout_ms;				\
	(l)->enable_seq = scx_read_seq("enable_seq");				\
	(l)->enabled = false;							\
} while (0)

static inline double scx_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Is it a pipe that is full, say, since nobody reads? */
static inline bool scx_stdout_is_full(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&fd, 1, 0) == 0;
}

/**
 * scx_loader_wait - wait until the next report is due
 * @l: the loader
 * @uei: the scheduler's exit information; it is attached
 *
 * Returns true if a report is due, false if the scheduler has ended, somebody asked for
 * the end, or --count is reached. It looks every 50 ms, so that neither has to wait for a
 * long interval, nor until somebody reads: a report is due when there is room for it.
 */
static inline bool scx_loader_wait(struct scx_loader *l, const struct user_exit_info *uei)
{
	double left, due = scx_seconds() + l->interval;

	/* if ops.init failed, say, attaching works, but the scheduler is never enabled */
	if (scx_read_seq("enable_seq") != l->enable_seq)
		l->enabled = true;
	if (l->count && l->reports >= l->count)
		return false;
	while ((left = due - scx_seconds()) > 0 || scx_stdout_is_full()) {
		if (scx_stop_signal || uei_kind(uei) != SCX_EXIT_NONE)
			return false;
		usleep((left > 0 && left < 0.05 ? left : 0.05) * 1e6);
	}
	l->reports++;
	return true;
}

/*
 * Whoever reads may have gone, or may have stopped reading when a signal asks for the end.
 * The loader then stops, and leaves unsaid what is left to say to them.
 */
static inline void scx_loader_mute(struct scx_loader *l, int err)
{
	__fpurge(stdout);
	l->mute = true;
	if (!scx_stop_signal)
		scx_say("cannot write the report: %s; stopping", strerror(err));
	scx_stop_signal = SIGPIPE;
}

/**
 * scx_loader_flush - a report is complete: have it written
 * @l: the loader
 *
 * If that fails, it says so, and scx_loader_wait() does not wait for another one.
 */
static inline void scx_loader_flush(struct scx_loader *l)
{
	/* a terminal may have got it, or not, before this */
	if (ferror(stdout) || fflush(stdout))
		scx_loader_mute(l, errno);
}

/**
 * scx_loader_report - write one report to stdout
 * @l: the loader
 * @obj: the scheduler's object
 *
 * Ends with scx_loader_flush().
 */
static inline void scx_loader_report(struct scx_loader *l, const struct bpf_object *obj)
{
	int err = scx_stats_report(stdout, obj, l->json);

	if (err)
		scx_loader_mute(l, -err);
	else
		scx_loader_flush(l);
}

/* Exit status for the way in which a scheduler ended, see enum scx_status. */
static inline int scx_exit_status(const struct scx_loader *l, const struct user_exit_info *uei)
{
	/* asked to stop while the kernel asked for a restart: both get what they want */
	if (uei->kind == SCX_EXIT_UNREG || UEI_ECODE_RESTART(uei->exit_code))
		return SCX_ST_OK;
	return l->enabled ? SCX_ST_EJECTED : SCX_ST_LOAD;
}

/**
 * scx_loader_end - say how the scheduler ended
 * @l: the loader
 * @uei: the scheduler's exit information; its link is destroyed
 * @dump: the debug dump, UEI_DUMP()
 *
 * An end on request is said on stdout (on stderr if stdout is for JSON, or nobody reads it), any other
 * on stderr. Returns the exit status, or -1 if the kernel asks for a restart.
 */
static inline int scx_loader_end(const struct scx_loader *l, const struct user_exit_info *uei,
				 const char *dump)
{
	bool restart = UEI_ECODE_RESTART(uei->exit_code) && !scx_stop_signal;
	int status = scx_exit_status(l, uei);

	bool to_stderr = status || restart || l->json || l->mute || scx_stdout_is_full();

	uei_print(to_stderr ? stderr : stdout, uei, dump);
	if (restart)
		scx_say("restarting");
	return restart ? -1 : status;
}

#endif /* __SCX_LOADER_H */
