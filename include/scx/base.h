/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the other headers of the user side stand on: types, words on stderr, arrays.
 */
#ifndef __SCX_BASE_H
#define __SCX_BASE_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

/* errno.h has it for those who ask for GNU's own things; nobody has to. */
extern char *program_invocation_short_name;

/*
 * Exit status of every scheduler of the suite. What ends a scheduler by itself is
 * SCX_ST_EJECTED, whoever did it: sysrq, the kernel, its own BPF side, an error.
 */
enum scx_status {
	SCX_ST_OK	= 0,	/* unregistered on request, or nothing was asked to run */
	SCX_ST_USAGE	= 1,	/* bad option or argument; what was asked for cannot be written */
	SCX_ST_LOAD	= 2,	/* could not load, attach or restart */
	SCX_ST_EJECTED	= 3,
};

/* Tasks choose their names, and arguments may hold anything: no terminal shall obey them. */
static inline char scx_printable(char c)
{
	return c < ' ' || c > '~' ? '?' : c;
}

/**
 * scx_make_printable - take out of a text what a terminal might obey
 * @text: string; whatever is not printable ASCII in it, line ends as well, becomes a question mark
 */
static inline void scx_make_printable(char *text)
{
	for (; *text; text++)
		*text = scx_printable(*text);
}

/* Whatever is in it, it is one line, and not too long. */
static inline void scx_vsay(const char *fmt, va_list args)
{
	char line[1024];
	int n;

	n = snprintf(line, sizeof(line), "%.64s: ", program_invocation_short_name);
	vsnprintf(line + n, sizeof(line) - n, fmt, args);
	scx_make_printable(line);
	fprintf(stderr, "%s\n", line);
}

/**
 * scx_say - say something in one line on stderr
 * @fmt: printf format, without program name and newline
 */
__attribute__((format(printf, 1, 2)))
static inline void scx_say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	scx_vsay(fmt, args);
	va_end(args);
}

/**
 * scx_fail - say what is wrong, in one line on stderr, and exit
 * @status: enum scx_status
 * @fmt: printf format, without program name and newline
 */
__attribute__((noreturn, format(printf, 2, 3)))
static inline void scx_fail(int status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	scx_vsay(fmt, args);
	va_end(args);
	exit(status);
}

/**
 * scx_written - see that what was written to stdout got there
 *
 * For what somebody asked for and then lives by, such as --help. Exits with SCX_ST_USAGE and one line
 * on stderr if the disk is full, say, or stdout is closed.
 */
static inline void scx_written(void)
{
	if (ferror(stdout) || fflush(stdout))
		scx_fail(SCX_ST_USAGE, "cannot write to stdout: %s", strerror(errno));
}

/**
 * SCX_BUG - give up: exit with SCX_ST_LOAD, and a line on stderr
 * @fmt: printf format; the words for errno are added if it is set
 * @args: its arguments
 */
#define SCX_BUG(fmt, args...)							\
do {										\
	int __err = errno;							\
										\
	scx_fail(SCX_ST_LOAD, fmt "%s%s", ##args, __err ? ": " : "",		\
		 __err ? strerror(__err) : "");					\
} while (0)

/**
 * SCX_BUG_ON - SCX_BUG(), if a condition holds
 * @cond: condition
 * @fmt: printf format
 * @args: its arguments
 */
#define SCX_BUG_ON(cond, fmt, args...)						\
do {										\
	if (cond)								\
		SCX_BUG(fmt, ##args);						\
} while (0)

/**
 * RESIZE_ARRAY - size an array that RESIZABLE_ARRAY() defined, between open and load
 * @skel: skeleton
 * @elfsec: "data" or "rodata"
 * @arr: name of the array
 * @n: number of elements
 *
 * The mapping moves with it, so the skeleton's pointer is set anew.
 */
#define RESIZE_ARRAY(skel, elfsec, arr, n)					\
do {										\
	struct bpf_map *__map = (skel)->maps.elfsec##_##arr;			\
	size_t __sz = sizeof((skel)->elfsec##_##arr->arr[0]) * (n);		\
										\
	SCX_BUG_ON(bpf_map__set_value_size(__map, __sz), "cannot size " #arr);	\
	(skel)->elfsec##_##arr = bpf_map__initial_value(__map, &__sz);		\
} while (0)

#endif /* __SCX_BASE_H */
