# SPDX-License-Identifier: GPL-2.0
#
# Builds the schedulers. "make help" explains.
#
# In a kernel checkout this directory is tools/sched_ext; anywhere else KDIR= names a kernel
# tree, or scripts/kernels has fetched one. libbpf and bpftool come from that tree.

MAKEFLAGS += -rR
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

TOP := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VERSION := $(shell cat $(TOP)/VERSION)

# M=DIR builds the schedulers of another directory, as "make new OUT=DIR" makes one. Like in the
# kernel it counts on the command line only.
ifeq ($(origin M),command line)
override M := $(abspath $(M))
SRC := $(M)
else
SRC := $(TOP)
endif

ifeq ($(V),1)
Q =
msg =
SILENT =
else
Q = @
msg = $(if $(QUIET),,@printf '  %-8s %s\n' '$(1)' '$(2)')
SILENT = -s
endif
QUIET := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))

# Where things are

CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/scx-primer
export CACHE

ifeq ($(KDIR),)
ifneq ($(wildcard $(TOP)/../../tools/lib/bpf/libbpf.h),)
override KDIR := $(abspath $(TOP)/../..)
else
override KDIR := $(shell ls -d $(CACHE)/trees/[0-9]* 2>/dev/null | sort -V | tail -n 1)
endif
endif
override KDIR := $(and $(KDIR),$(or $(realpath $(KDIR)),$(abspath $(KDIR))))
export KDIR

B := $(abspath $(or $(O),$(SRC))/build)
BIN := $(B)/bin
LIBBPF := $(B)/libbpf/libbpf.a
INC := $(B)/libbpf/include

# Tools

ifneq ($(LLVM),)
# LLVM=1, LLVM=-19 or LLVM=/path/to/bin/, as in a kernel build
LLVM_PREFIX := $(filter %/,$(LLVM))
LLVM_SUFFIX := $(filter -%,$(LLVM))
CC := $(LLVM_PREFIX)clang$(LLVM_SUFFIX)
CC += $(and $(CROSS_COMPILE),--target=$(notdir $(CROSS_COMPILE:%-=%)))
CLANG ?= $(LLVM_PREFIX)clang$(LLVM_SUFFIX)
else ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
CC ?= $(CROSS_COMPILE)gcc
AR := $(if $(LLVM),$(LLVM_PREFIX)llvm-ar$(LLVM_SUFFIX),$(CROSS_COMPILE)ar)
LD := $(if $(LLVM),$(LLVM_PREFIX)ld.lld$(LLVM_SUFFIX),$(CROSS_COMPILE)ld)
HOSTCC ?= gcc

# BPF needs clang 16 or later; without CLANG= the newest that is installed
ifeq ($(CLANG),)
CLANG := $(shell for c in clang $$(seq -f clang-%g 30 -1 16); do \
	v=$$($$c -dumpversion 2>/dev/null) && [ $${v%%.*} -ge 16 ] && echo $$c && break; done)
endif
BPFTOOL ?= $(B)/bpftool/bootstrap/bpftool
ifeq ($(findstring /,$(BPFTOOL)),)
override BPFTOOL := $(or $(shell command -v $(BPFTOOL)),$(BPFTOOL))
endif

ifneq ($(KDIR),)
-include $(KDIR)/tools/scripts/Makefile.arch
endif

# The libraries of a cross build: those that scripts/kernels has fetched, or where the compiler looks
ifneq ($(CROSS_COMPILE),)
SYSROOT ?= $(wildcard $(CACHE)/sysroot-$(SRCARCH))
CC += $(SYSROOT:%=--sysroot=%)
endif

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra $(and $(filter 1,$(WERROR)),-Werror)
USER_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) -DSCX_VERSION='"$(VERSION)"' \
	-I$(TOP)/include -I$(INC) -I$(B)/skel \
	-isystem $(KDIR)/tools/include -isystem $(KDIR)/tools/include/uapi
USER_LIBS = $(LIBBPF) $(LDFLAGS) -lelf -lz

# vmlinux.h declares types without names; BPF programs ignore many of their parameters. The .pc file
# gives other projects the same flags.
BPF_FLAGS = -std=gnu11 -mcpu=v3 -O2 -g -fms-extensions -Wno-microsoft-anon-tag \
	-Wno-missing-declarations -Wno-unused-parameter
BPF_ENDIAN = $(if $(filter 1234,$(shell echo __BYTE_ORDER__ | $(CC) -E -P -x c - 2>/dev/null)),el,eb)
BPF_CFLAGS = $(WARN) $(BPF_FLAGS) -target bpf$(BPF_ENDIAN) -D__TARGET_ARCH_$(SRCARCH) \
	-I$(TOP)/include -I$(INC) -I$(B)/vmlinux

# vmlinux.h comes from the first of these that is there. The running kernel counts only if it has
# sched_ext, and not for a cross build; a kernel in the cache if its BTF is sound.
ifeq ($(VMLINUX_H)$(VMLINUX_BTF),)
VMLINUX_BTF := $(firstword $(wildcard $(and $(O),$(O)/vmlinux) $(and $(KDIR),$(KDIR)/vmlinux)) \
	$(if $(CROSS_COMPILE),,$(and $(wildcard /sys/kernel/sched_ext),$(wildcard /sys/kernel/btf/vmlinux))) \
	$(addsuffix /btf,$(shell CACHE=$(CACHE) ARCH=$(SRCARCH) $(TOP)/scripts/kernels pick newest 2>/dev/null)))
endif

SCHEDS := $(sort $(patsubst $(SRC)/%.bpf.c,%,$(wildcard $(SRC)/scx_*.bpf.c)))
HEADERS := $(wildcard $(TOP)/include/scx/*.h)
LOCAL_HEADERS := $(wildcard $(SRC)/*.h)
PROGRAMS := $(SCHEDS) $(if $(filter $(TOP),$(SRC)),scx_probe)

.PHONY: all $(SCHEDS) scx_probe
all: $(PROGRAMS)
$(SCHEDS) scx_probe: %: $(BIN)/%

# What a build needs. Each check says in one line what is missing and what mends it.
# Checked on each run, as an order-only prerequisite: it makes nothing out of date.

comma := ,
need = @$(1) || { echo "make: $(2)" >&2; exit 1; }

.PHONY: need-tree need-build need-clang need-btf
need-tree:
	$(call need,[ -n '$(KDIR)' ],no kernel tree: give KDIR=/path/to/linux or run 'make fetch')
	$(call need,[ -e '$(KDIR)/tools/lib/bpf/libbpf.h' ],$(KDIR) is not a kernel tree: it has no tools/lib/bpf; give KDIR=/top/of/linux)
	$(call need,[ ! -e '$(TOP)/scx_show_state.py' ],the kernel's own tools/sched_ext is in this directory as well: replace it$(comma) do not copy over it)

need-build: need-tree
	$(call need,command -v $(firstword $(CC)) >/dev/null,no C compiler '$(firstword $(CC))': run 'make deps')
	$(call need,command -v python3 >/dev/null,no python3$(comma) which libbpf's build uses: run 'make deps')
	$(call need,echo '#include <libelf.h>' | $(CC) -E -x c - >/dev/null 2>&1,no libelf headers: run 'make deps')
	$(call need,echo '#include <zlib.h>' | $(CC) -E -x c - >/dev/null 2>&1,no zlib headers: run 'make deps')

need-clang:
	$(call need,[ -n '$(CLANG)' ],no clang 16 or later: run 'make deps' or give CLANG=)
	$(call need,command -v $(firstword $(CLANG)) >/dev/null,no '$(firstword $(CLANG))': run 'make deps' or correct CLANG=)
	$(call need,[ "$$($(CLANG) -dumpversion | cut -d. -f1)" -ge 16 ],$(CLANG) is too old: BPF needs clang 16 or later; run 'make deps')

need-btf:
	$(call need,[ -n '$(VMLINUX_H)$(VMLINUX_BTF)' ],no kernel BTF with sched_ext: give VMLINUX_BTF= or VMLINUX_H= or run 'make fetch')
	$(call need,[ -r '$(or $(VMLINUX_H),$(VMLINUX_BTF))' ],cannot read $(or $(VMLINUX_H),$(VMLINUX_BTF)))

# What is built depends on one of these two files, which change when the settings do.

TREE_SETTINGS = KDIR=$(KDIR) CC=$(CC) AR=$(AR) HOSTCC=$(HOSTCC)
SETTINGS = $(TREE_SETTINGS) CLANG=$(CLANG) BPFTOOL=$(BPFTOOL) CFLAGS=$(CFLAGS) LDFLAGS=$(LDFLAGS) \
	WARN=$(WARN) BTF=$(VMLINUX_H)$(VMLINUX_BTF) VERSION=$(VERSION)

.PHONY: FORCE
$(B)/tree.settings: NOW = $(TREE_SETTINGS)
$(B)/settings: NOW = $(SETTINGS)
$(B)/tree.settings $(B)/settings: FORCE
	@mkdir -p $(BIN) $(addprefix $(B)/,selftests obj/selftests skel/selftests vmlinux libbpf bpftool)
	@echo '$(NOW)' | cmp -s - $@ || echo '$(NOW)' >$@

# libbpf and bpftool, from the kernel tree. Of a cross build libbpf learns by CC and LD: with
# CROSS_COMPILE it would give clang the sysroot of gcc.

# Of our own options they get the job server alone: -R, say, would break them.
TREE_MAKE = +$(Q)MAKEFLAGS='$(filter -j% --jobserver-auth=%,$(MAKEFLAGS))' $(MAKE) $(SILENT) --no-print-directory

$(LIBBPF): $(wildcard $(KDIR)/tools/lib/bpf/*.[ch]) $(B)/tree.settings | need-build
	$(call msg,LIBBPF,$(KDIR)/tools/lib/bpf)
	$(TREE_MAKE) -C $(KDIR)/tools/lib/bpf OUTPUT=$(B)/libbpf/ DESTDIR=$(B)/libbpf prefix= \
		CC='$(CC)' AR='$(AR)' LD='$(LD)' CROSS_COMPILE= EXTRA_CFLAGS='-g -O2' \
		$@ install_headers >$(B)/libbpf.log 2>&1 || { cat $(B)/libbpf.log >&2; exit 1; }
	@touch $@

# Its bootstrap form has all that is used here and needs no LLVM. It can do without a crypto library, but for
# a few series, 6.18 on, it had not learnt to.
NEEDS_CRYPTO = grep -q lcrypto $(KDIR)/tools/bpf/bpftool/Makefile && ! grep -q SKIP_CRYPTO $(KDIR)/tools/bpf/bpftool/Makefile
$(B)/bpftool/bootstrap/bpftool: $(wildcard $(KDIR)/tools/bpf/bpftool/*.[ch]) $(B)/tree.settings | need-build
	$(call msg,BPFTOOL,$(KDIR)/tools/bpf/bpftool)
	$(call need,! { $(NEEDS_CRYPTO); } || echo '#include <openssl/ssl.h>' | $(HOSTCC) -E -x c - >/dev/null 2>&1,no libcrypto headers$(comma) which the bpftool of this tree needs: run 'make deps')
	$(TREE_MAKE) -C $(KDIR)/tools/bpf/bpftool OUTPUT=$(B)/bpftool/ ARCH= CROSS_COMPILE= \
		CC='$(HOSTCC)' HOSTCC='$(HOSTCC)' SKIP_CRYPTO=1 bootstrap >$(B)/bpftool.log 2>&1 \
		|| { cat $(B)/bpftool.log >&2; exit 1; }
	@touch $@

ifneq ($(BPFTOOL),$(B)/bpftool/bootstrap/bpftool)
$(BPFTOOL):
	$(call need,false,no '$@': correct BPFTOOL=)
endif

# A pair: vmlinux.h, the BPF object, its skeleton, the loader. A scheduler may have a header of its
# own beside them, and scx_foo more of its loader in foo/*.c.

$(B)/vmlinux/vmlinux.h: $(B)/settings $(filter-out /sys/%,$(VMLINUX_H)$(VMLINUX_BTF)) $(BPFTOOL) | need-btf
	$(call msg,VMLINUX,$(or $(VMLINUX_H),$(VMLINUX_BTF)))
	$(Q)$(if $(VMLINUX_H),cat $(VMLINUX_H),$(BPFTOOL) btf dump file $(VMLINUX_BTF) format c) >$@.tmp 2>$@.log || { cat $@.log >&2; exit 1; }
	$(call need,grep -q '^struct sched_ext_ops {' $@.tmp,no sched_ext in $(or $(VMLINUX_H),$(VMLINUX_BTF)): give the BTF of Linux 6.12 or later with CONFIG_SCHED_CLASS_EXT or run 'make fetch')
	$(Q)mv $@.tmp $@

define build_bpf
	$(call msg,BPF,$*.bpf.o)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@
endef

$(B)/obj/%.bpf.o: $(SRC)/%.bpf.c $(HEADERS) $(LOCAL_HEADERS) $(B)/vmlinux/vmlinux.h $(LIBBPF) | need-clang
	$(build_bpf)

$(B)/obj/selftests/%.bpf.o: $(TOP)/selftests/%.bpf.c $(HEADERS) $(LOCAL_HEADERS) $(B)/vmlinux/vmlinux.h $(LIBBPF) | need-clang
	$(build_bpf)

$(B)/skel/%.bpf.skel.h: $(B)/obj/%.bpf.o $(BPFTOOL)
	$(call msg,SKEL,$*.bpf.skel.h)
	$(Q)$(BPFTOOL) gen object $(B)/obj/$*.linked.o $<
	$(Q)$(BPFTOOL) gen skeleton $(B)/obj/$*.linked.o name $(notdir $*) >$@

$(BIN)/%: $(SRC)/%.c $(B)/skel/%.bpf.skel.h $(HEADERS) $(LOCAL_HEADERS) $(LIBBPF) $(B)/settings
	$(call msg,CC,$*)
	$(Q)$(CC) $(USER_CFLAGS) $(filter %.c,$^) -o $@ $(USER_LIBS)

$(foreach s,$(SCHEDS),$(eval $(BIN)/$(s): $(wildcard $(SRC)/$(s:scx_%=%)/*.[ch])))

# No scheduler: it tells what the running kernel, or a BTF file, offers. It writes JSON with what
# bpftool does, whose header needs one of tools/include, but not that directory's types.
JSON_WRITER := $(KDIR)/tools/bpf/bpftool/json_writer
$(BIN)/scx_probe: $(TOP)/scx_probe.c $(TOP)/scx_probe.h $(HEADERS) $(LIBBPF) $(B)/settings
	$(call msg,CC,scx_probe)
	$(Q)$(CC) $(USER_CFLAGS) -I$(dir $(JSON_WRITER)) -idirafter $(KDIR)/tools/include \
		$< $(JSON_WRITER).c -o $@ $(USER_LIBS)

# Tests. Those called host_* run on the build machine, each a program. All others are linked into
# the runner, which runs them on a kernel; one may have a BPF side.

SELFTESTS := $(patsubst $(TOP)/selftests/%.c,%,$(filter-out %.bpf.c,$(wildcard $(TOP)/selftests/*.c)))
HOST_TESTS := $(addprefix $(B)/selftests/,$(filter host_%,$(SELFTESTS)))
TEST_OBJS := $(patsubst %,$(B)/obj/selftests/%.o,$(filter-out host_%,$(SELFTESTS)))
TEST_SKELS := $(patsubst $(TOP)/%.bpf.c,$(B)/skel/%.bpf.skel.h,$(wildcard $(TOP)/selftests/*.bpf.c))
TEST_HEADERS := $(wildcard $(TOP)/selftests/*.h)

.PHONY: selftests host-tests fuzz
selftests: all $(B)/selftests/runner host-tests
host-tests: $(HOST_TESTS)
fuzz: $(B)/selftests/fuzz_policies

$(B)/selftests/runner: $(TEST_OBJS)
	$(call msg,CC,selftests/runner)
	$(Q)$(CC) $(USER_CFLAGS) $^ -o $@ $(USER_LIBS)

$(TEST_OBJS): $(B)/obj/selftests/%.o: $(TOP)/selftests/%.c $(TEST_HEADERS) $(HEADERS) $(LIBBPF) $(B)/settings | $(TEST_SKELS)
	$(call msg,CC,selftests/$*.o)
	$(Q)$(CC) $(USER_CFLAGS) -I$(B)/skel/selftests -D_GNU_SOURCE -c $< -o $@

$(TEST_SKELS:$(B)/skel/%.bpf.skel.h=$(B)/obj/%.o): $(B)/obj/%.o: $(B)/skel/%.bpf.skel.h
$(TEST_SKELS:$(B)/skel/%.bpf.skel.h=$(B)/obj/%.bpf.o): $(TEST_HEADERS)

$(B)/selftests/host_%: $(TOP)/selftests/host_%.c $(HEADERS) $(LIBBPF) $(B)/settings
	$(call msg,CC,selftests/host_$*)
	$(Q)$(CC) $(USER_CFLAGS) $(filter-out %/transport.c,$(filter %.c,$^)) -o $@ $(USER_LIBS)

POLICIES := $(filter-out %/transport.c,$(wildcard $(TOP)/userland/*.[ch]))
$(B)/selftests/host_policies: $(POLICIES)
# this one is part of the test, by #include
$(B)/selftests/host_transport: $(POLICIES) $(TOP)/userland/transport.c $(TOP)/scx_userland.h

# The same as a target of libFuzzer, by the first clang that has it
FUZZ_CC ?= $(shell for c in $(CLANG) clang $$(seq -f clang-%g 30 -1 14); do \
	echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) { return 0; }' | \
	$$c -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null && echo $$c && break; done)
$(B)/selftests/fuzz_policies: $(TOP)/selftests/host_policies.c $(POLICIES) $(HEADERS) $(LIBBPF) $(B)/settings
	$(call need,[ -n '$(FUZZ_CC)' ],no clang with libFuzzer: run 'make deps')
	$(call msg,CC,selftests/fuzz_policies)
	$(Q)$(FUZZ_CC) $(USER_CFLAGS) -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover \
		-DFUZZ $(filter %.c,$^) -o $@

# The manual: a page for each program, and a reference of the headers

.PHONY: man reference
man: $(PROGRAMS:%=$(B)/man/%.8)
reference: $(B)/reference/index.html

$(B)/man/%.8: $(BIN)/% $(TOP)/scripts/manpage $(wildcard $(TOP)/Documentation/man/*)
	$(call need,command -v help2man >/dev/null,no help2man$(comma) which makes man pages: run 'make deps')
	$(call need,[ -z '$(CROSS_COMPILE)' ],man pages are what the programs say of themselves: make them without CROSS_COMPILE=)
	$(call msg,MAN,$*.8)
	$(Q)mkdir -p $(@D)
	$(Q)$(TOP)/scripts/manpage $< $(SRC) >$@

$(B)/reference/index.html: $(HEADERS) $(TOP)/scripts/reference
	$(call msg,HTML,reference/index.html)
	$(Q)$(TOP)/scripts/reference $(@D) $(HEADERS)

# Everything else is a script

KERNEL ?= newest
FROM ?= scx_simple
SCHED ?= $(or $(filter scx_simple,$(SCHEDS)),$(firstword $(SCHEDS)))

.PHONY: deps fetch vmkernel new demo picture policy check check-matrix check-full coverage soak \
	bench bench-check no-quick-check install uninstall dist clean help
deps:
	$(Q)$(TOP)/scripts/deps

fetch:
	$(Q)$(TOP)/scripts/kernels tree >/dev/null
	$(Q)$(TOP)/scripts/kernels fetch

vmkernel:
	$(call need,[ -n '$(KDIR)' ],give KDIR=/path/to/linux)
	$(Q)$(TOP)/scripts/vmkernel $(KDIR) $(FRAGMENT)

# By way of the environment: whatever is in them, the shell does not see it.
new: export NEW := $(NAME)
new: export FROM := $(FROM)
new: export OUT := $(OUT)
new:
	$(Q)$(TOP)/scripts/new "$$NEW" "$$FROM" "$$OUT"

demo:
	+$(Q)SRC=$(SRC) BUILD=$(B) $(TOP)/scripts/demo $(SCHED) $(KERNEL)

LOAD ?= sleeper
picture:
	$(Q)$(TOP)/picture/run -k $(KERNEL) -l $(LOAD) $(and $(filter-out file,$(origin SCHED)),$(SCHED))

# Nothing is built for a scheduler that is not there.
.PHONY: need-sched
need-sched:
	$(call need,[ '$(filter $(SCHED),$(SCHEDS))' = '$(SCHED)' ],no scheduler '$(SCHED)'; 'make help' lists them)

policy: need-sched $(if $(filter $(SCHED),$(SCHEDS)),$(SCHED) $(B)/selftests/runner)
	@echo "policy: booting $(KERNEL) in a VM, and testing $(SCHED) there: some minutes" >&2
	$(Q)BUILD=$(B) $(TOP)/scripts/vm -k $(KERNEL) --virtual-time -t 1800 -- \
		selftests/policy --scheduler $(SCHED) $(TESTS)

check:
	+$(Q)$(TOP)/selftests/check $(and $(filter-out file,$(origin KERNEL)),$(KERNEL))

check-matrix:
	+$(Q)$(TOP)/selftests/check matrix

check-full:
	+$(Q)$(TOP)/selftests/check full

MINUTES ?= 1
soak: selftests
	$(Q)$(TOP)/selftests/soak -k $(KERNEL) -m $(MINUTES) $(and $(SEED),-s $(SEED)) \
		$(and $(filter-out file,$(origin SCHED)),$(SCHED))

coverage:
	+$(Q)$(TOP)/selftests/coverage $(KERNEL)

# A kernel is named only if there is to be that one alone
BENCH = $(TOP)/bench/run $(and $(QUICK),-q) $(and $(filter-out file,$(origin KERNEL)),-k $(KERNEL))
bench:
	$(Q)$(BENCH)

# What short runs measure differs by more than the spread
bench-check: $(if $(QUICK),no-quick-check,bench)
	$(Q)$(TOP)/bench/report --check

no-quick-check:
	@echo "make: bench-check compares whole runs, so not with QUICK" >&2; exit 1

# Schedulers are for root: sbin. The headers have a directory to themselves, since others, too, have a
# scx/common.h; scx-primer.pc tells where it is. Man pages come along where they can be made: help2man
# runs the programs.

PREFIX ?= /usr/local
sbindir ?= $(PREFIX)/sbin
includedir ?= $(PREFIX)/include
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
pkgconfigdir ?= $(datadir)/pkgconfig
INSTALL ?= install

install: all $(if $(CROSS_COMPILE),,$(and $(shell command -v help2man),man))
	$(call msg,INSTALL,$(DESTDIR)$(sbindir))
	$(Q)$(INSTALL) -d $(DESTDIR)$(sbindir)
	$(Q)$(INSTALL) $(addprefix $(BIN)/,$(PROGRAMS)) $(DESTDIR)$(sbindir)
	$(Q)for page in $(PROGRAMS:=.8); do [ ! -e $(B)/man/$$page ] || \
		$(INSTALL) -D -m 644 $(B)/man/$$page $(DESTDIR)$(mandir)/man8/$$page || exit; done
ifeq ($(SRC),$(TOP))
	$(call msg,INSTALL,$(DESTDIR)$(includedir)/scx-primer)
	$(Q)rm -rf $(DESTDIR)$(includedir)/scx-primer
	$(Q)$(INSTALL) -d $(DESTDIR)$(includedir)/scx-primer/scx $(DESTDIR)$(pkgconfigdir)
	$(Q)$(INSTALL) -m 644 $(HEADERS) $(DESTDIR)$(includedir)/scx-primer/scx
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|; s|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(includedir))|' \
		-e 's|@VERSION@|$(VERSION)|; s|@BPF_FLAGS@|$(BPF_FLAGS)|' $(TOP)/scx-primer.pc.in \
		>$(DESTDIR)$(pkgconfigdir)/scx-primer.pc
	$(Q)chmod 644 $(DESTDIR)$(pkgconfigdir)/scx-primer.pc
endif

uninstall:
	$(Q)rm -f $(PROGRAMS:%=$(DESTDIR)$(sbindir)/%) $(PROGRAMS:%=$(DESTDIR)$(mandir)/man8/%.8)
ifeq ($(SRC),$(TOP))
	$(Q)rm -rf $(DESTDIR)$(includedir)/scx-primer $(DESTDIR)$(pkgconfigdir)/scx-primer.pc
endif

dist:
	$(Q)$(TOP)/scripts/dist $(B)

clean:
	$(Q)rm -rf $(B)

define HELP
Build:
  all           everything (default)
  NAME          one scheduler
  selftests     the tests as well
  fuzz          build/selftests/fuzz_policies, which fuzzes the policies of scx_userland
  man           a man page for each program, in build/man/
  reference     what is in include/scx, in build/reference/index.html
  install       the programs, their man pages (if help2man is there) and include/scx, into DESTDIR=,
                PREFIX=/usr/local; sbindir=, includedir=, datadir=, mandir=, pkgconfigdir=
  uninstall     remove them; with the same settings
  dist          a tarball of the source, in build/
  clean         remove the build directory

On a machine without a kernel checkout (Debian):
  deps          install what building, testing and the VM need
  fetch         fetch a kernel tree and kernels to run into the cache

Start your own:
  new           copy a scheduler: NAME=scx_foo; FROM=scx_simple is copied; OUT=DIR makes a
                project of its own there, instead of one more scheduler here

Run:
  demo          watch a scheduler work on a real kernel, in a VM; SCHED=, KERNEL=
  picture       draw who ran where and when, in a VM: build/picture/LOAD.svg; LOAD= in picture/loads,
                SCHED= one or more, with their options, KERNEL=
  policy        test in a VM what any scheduler must keep; SCHED=, KERNEL=; TESTS= names of tests,
                and options of selftests/policy
  check         test; KERNEL= tests on that kernel only
  check-matrix  test on every kernel in the archive
  check-full    that, coverage, the kernel's own schedulers and tests on include/scx, arm64, and a
                tarball; hours
  coverage      which lines of the loaders, and which BPF programs, the tests run; KERNEL=
  soak          load, faults and changes at random, for MINUTES=; SEED= for the same again;
                SCHED=, KERNEL=
  bench         measure, beside the kernel's own schedulers; QUICK=1 takes minutes, not hours;
                KERNEL= measures on that kernel only
  bench-check   that, and compare with the run that 'bench/report --store' has kept
  vmkernel      build a small kernel for the VM from KDIR=; FRAGMENT= adds to its config

Settings:
  KDIR=         kernel tree for libbpf and bpftool; default: the checkout this is in, or the
                newest fetched one
  VMLINUX_BTF=  kernel or BTF file to build against; VMLINUX_H= a ready vmlinux.h
  M=            build the schedulers of that directory instead of those here, in its build/
  O=            build in this directory (default: here), in build/
  ARCH=         build and run for another architecture (all but demo), with
                CROSS_COMPILE=aarch64-linux-gnu- and the like; SYSROOT= its libraries, by default
                those that were fetched
  KERNEL=       for the VM: a series such as 7.2, an image, a built tree
  CACHE=        where fetched things are kept (default: ~/.cache/scx-primer)
  LLVM= CC= CLANG= BPFTOOL= CFLAGS= LDFLAGS= V=1 WERROR=1
endef
export HELP

help:
	@echo "$$HELP"
	@printf '\nSchedulers:\n'
	@printf '  %s\n' $(SCHEDS)
