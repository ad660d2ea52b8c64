# SPDX-License-Identifier: GPL-2.0
#
# peers.mk - builds schedulers and sched_ext selftests of a kernel tree, for selftests/peers
#
#	make -f selftests/peers.mk TREE=DIR PEERS=DIR [PEERS_INC=DIR] [PEERS_BTF=FILE] FILE...
#
# A FILE is PEERS/scx_NAME of TREE's tools/sched_ext, PEERS/tests/NAME of its sched_ext selftests (a
# program with that tree's own runner and this test alone), or PEERS/extra/NAME.bpf.o of the
# directory EXTRA=. They are compiled where they are, as the tree's own Makefiles do, with PEERS_INC
# (this suite's by default) in place of tools/sched_ext/include. libbpf and bpftool are those of
# this suite's build, and so is vmlinux.h, unless PEERS_BTF= says of which kernel.

.DEFAULT_GOAL := nothing
include $(dir $(lastword $(MAKEFILE_LIST)))../Makefile

PEERS_INC ?= $(TOP)/include
SCHED_SRC := $(TREE)/tools/sched_ext
TEST_SRC := $(TREE)/tools/testing/selftests/sched_ext
PEERS_VMLINUX := $(if $(PEERS_BTF),$(PEERS)/vmlinux,$(B)/vmlinux)/vmlinux.h
PEERS_NEEDS := $(wildcard $(PEERS_INC)/scx/*.h) $(LIBBPF) | need-clang

# What both Makefiles of the tree have; warnings are errors on the user side only.
PEERS_CFLAGS := -g -O2 -pthread -Wall -Werror -I$(PEERS)/skel -I$(INC) -I$(TREE)/tools/lib \
	-I$(TREE)/tools/include -I$(TREE)/tools/include/uapi -I$(PEERS_INC)
PEERS_BPF_CFLAGS := -target bpf$(BPF_ENDIAN) -mcpu=v3 -g -O2 -D__TARGET_ARCH_$(SRCARCH) -Wall \
	-Wno-compare-distinct-pointer-types -Wno-incompatible-function-pointer-types \
	-Wno-microsoft-anon-tag -fms-extensions -I$(dir $(PEERS_VMLINUX)) -I$(INC) \
	-I$(TREE)/tools/include/uapi -I$(PEERS_INC) -I$(TREE)/include
PEERS_LIBS := $(LIBBPF) -lelf -lz -lpthread

$(shell mkdir -p $(addprefix $(PEERS)/,vmlinux obj/tests skel tests extra))

.PHONY: nothing
nothing:

$(PEERS)/vmlinux/vmlinux.h: $(PEERS_BTF) $(BPFTOOL)
	$(Q)$(BPFTOOL) btf dump file $< format c >$@

compile_bpf = $(Q)$(CLANG) $(PEERS_BPF_CFLAGS) -c $< -o $@
$(PEERS)/obj/%.bpf.o: $(SCHED_SRC)/%.bpf.c $(PEERS_VMLINUX) $(PEERS_NEEDS)
	$(compile_bpf)

$(PEERS)/obj/%.bpf.o: $(TEST_SRC)/%.bpf.c $(PEERS_VMLINUX) $(PEERS_NEEDS)
	$(compile_bpf)

$(PEERS)/skel/%.bpf.skel.h: $(PEERS)/obj/%.bpf.o $(BPFTOOL)
	$(Q)$(BPFTOOL) gen object $(PEERS)/obj/$*.linked.o $<
	$(Q)$(BPFTOOL) gen skeleton $(PEERS)/obj/$*.linked.o name $* >$@

$(PEERS)/scx_%: $(SCHED_SRC)/scx_%.c $(PEERS)/skel/scx_%.bpf.skel.h $(PEERS_NEEDS)
	$(Q)$(CC) $(PEERS_CFLAGS) $< -s -o $@ $(PEERS_LIBS)

# A test includes the skeletons that it uses, its own or another's.
$(PEERS)/obj/tests/%.d: $(TEST_SRC)/%.c
	$(Q)sed -n 's|^#include "\(.*\.skel\.h\)"|$(PEERS)/obj/tests/$*.o: $(PEERS)/skel/\1|p' $< >$@

-include $(patsubst tests/%,$(PEERS)/obj/tests/%.d,$(filter tests/%,$(MAKECMDGOALS:$(PEERS)/%=%)))

$(PEERS)/obj/tests/%.o: $(TEST_SRC)/%.c $(PEERS_NEEDS)
	$(Q)$(CC) $(PEERS_CFLAGS) -c $< -o $@

$(PEERS)/tests/%: $(addprefix $(PEERS)/obj/tests/,%.o runner.o util.o) $(LIBBPF)
	$(Q)$(CC) -pthread -s $(filter %.o,$^) -o $@ $(PEERS_LIBS)

# From elsewhere: the BPF side alone, as loaders there are written in many languages.
$(PEERS)/extra/%.bpf.o: $(EXTRA)/%.bpf.c $(PEERS_VMLINUX) $(PEERS_NEEDS)
	$(Q)mkdir -p $(@D)
	$(compile_bpf)
