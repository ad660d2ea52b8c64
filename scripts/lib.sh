# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# lib.sh - what the scripts share. Sourced after "set -euo pipefail":
#
#	. "$(dirname "$0")/lib.sh"
#
# Variables:
#	TOP		the suite's directory
#	CACHE		where everything fetched or built for reuse is kept; CACHE= overrides
#	KERNELS		the kernels in it, one directory each, see scripts/kernels
#	DEB_ARCH	the architecture as Debian calls it: amd64, arm64
#	KERNEL_ARCH	the architecture as the kernel calls it: x86, arm64
#	KERNEL_IMAGE	the file that a kernel build boots from: bzImage, Image
#	SYSROOT		for another architecture than the machine's: where its libraries and busybox are,
#			see scripts/kernels; otherwise empty
#
# The architecture is that of ARCH=, as in a kernel build, or the machine's.

NAME=${0##*/}
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$(realpath -m "${CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/scx-primer}")
export CACHE

# kernel_arch MACHINE: as the kernel calls it
kernel_arch() {
	case $1 in
	aarch64 | arm64) echo arm64 ;;
	*) echo x86 ;;
	esac
}

# What is of another architecture has a directory of its own in the cache.
KERNEL_ARCH=$(kernel_arch "${ARCH:-$(uname -m)}")
SYSROOT=$CACHE/sysroot-$KERNEL_ARCH
KERNELS=$CACHE/kernels-$KERNEL_ARCH
[[ $KERNEL_ARCH != "$(kernel_arch "$(uname -m)")" ]] || SYSROOT='' KERNELS=$CACHE/kernels

# shellcheck disable=SC2034	# for the scripts that source this
case $KERNEL_ARCH in
arm64) DEB_ARCH=arm64 KERNEL_IMAGE=Image ;;
x86) DEB_ARCH=amd64 KERNEL_IMAGE=bzImage ;;
esac

# Progress goes to stderr: a script's stdout is its answer.
say() {
	echo "$NAME: $*" >&2
}

# die "what is wrong; the command that mends it"
die() {
	say "$*"
	exit 1
}

# need TOOL...: the tools that a script is about to use
need() {
	local tool

	for tool; do
		command -v "$tool" >/dev/null || die "$tool is missing; run 'make deps'"
	done
}

# suite_files OPTION...: the suite's files, each closed by a NUL: in a clone those of git ls-files with
# OPTIONs, in a release all that is not built
suite_files() {
	if [[ -e $TOP/.git ]]; then
		git -C "$TOP" ls-files -z "$@"
	else
		(cd "$TOP" && find . -path ./build -prune -o -type f -printf '%P\0')
	fi
}

# lock NAME: one run at a time, until this script ends. A script that is started by the holder
# passes, or it would wait for itself. Children inherit the lock: what a killed run left running
# keeps the next one out until it is gone.
lock() {
	local fd

	[[ " ${SCX_LOCKS:-} " != *" $1 "* ]] || return 0
	if ! mkdir -p "$CACHE" 2>/dev/null || [[ ! -w $CACHE ]]; then
		die "cannot write to $CACHE; set CACHE= to a directory of yours"
	fi
	exec {fd}>"$CACHE/$1.lock"
	flock -n "$fd" || {
		say "waiting for another run, which holds $CACHE/$1.lock"
		flock "$fd"
	}
	export SCX_LOCKS="${SCX_LOCKS:-} $1"
}

# A /dev/kvm inside a VM without nested virtualisation opens, and then cannot run a guest.
kvm_works() {
	[[ -w /dev/kvm && -z $SYSROOT ]] || return
	[[ $KERNEL_ARCH != x86 ]] || grep -qwE 'vmx|svm' /proc/cpuinfo
}

# mib BYTES: for messages
mib() {
	echo "$((($1 + 1048575) >> 20)) MB"
}

# newer VERSION OTHER: is VERSION the same as OTHER or newer?
newer() {
	[[ $(printf '%s\n' "$1" "$2" | sort -V | tail -n 1) == "$1" ]]
}

# find_btf FILE: the place and the size of the BTF in it, known by the head of it: its magic number and
# its version, 1; then, after eight bytes, lengths that add up to the whole.
find_btf() {
	local at
	local -x LC_ALL=C

	at=$(grep -obUaP '\x9f\xeb\x01\x00.\x00\x00\x00' "$1" | sed -n '1s/:.*//p')
	[[ -n $at ]] || return
	od -An -tu4 -w20 -j$((at + 4)) -N20 "$1" | awk -v at="$at" '{ print at, $1 + $4 + $5 }'
}

# extract_btf IMAGE FILE KDIR: the raw BTF of a kernel; KDIR is a tree whose script unpacks the image,
# which it need not be: arm64 has them as they are.
extract_btf() {
	local image=$1 found at size

	found=$(find_btf "$image") || {
		image=$2.vmlinux
		"$3/scripts/extract-vmlinux" "$1" >"$image" 2>/dev/null || :
		found=$(find_btf "$image") || { rm -f "$image"; return 1; }
	}
	read -r at size <<<"$found"
	tail -c +$((at + 1)) "$image" | head -c "$size" >"$2" || :
	rm -f "$2.vmlinux"
	[[ $(stat -c %s "$2") == "$size" ]]
}

# judge BTF KDIR: print sound, malformed (some kfuncs cannot be called, so that no scheduler runs)
# or none (no sched_ext). scx_probe knows; KDIR is a kernel tree to build it with.
judge() {
	local probe=${SCX_PROBE:-$TOP/build/bin/scx_probe} dir=$CACHE/build/probe out status=0

	[[ -x $probe && -z $SYSROOT ]] || {
		# In a place and with options of its own, not to disturb a make that goes on in TOP.
		lock probe
		probe=$dir/build/bin/scx_probe
		[[ -x $probe ]] || say "building scx_probe, which judges kernels"
		mkdir -p "$dir"
		env -u MAKEFLAGS -u MFLAGS -u ARCH -u CROSS_COMPILE \
			make -s -C "$TOP" scx_probe KDIR="$2" O="$dir" >&2 ||
			die "cannot build scx_probe; run 'make scx_probe KDIR=$2'"
	}
	out=$("$probe" --btf "$1") || status=$?
	case $status-$out in
	0-*) echo sound ;;
	2-*malformed*) echo malformed ;;
	2-*"no sched_ext"*) echo none ;;
	*) die "scx_probe gave no verdict (status $status); run '$probe --btf $1'" ;;
	esac
}

# publish DIR RELEASE: make a complete kernel directory appear in the cache at once
publish() {
	mkdir -p "$KERNELS"
	rm -rf "${KERNELS:?}/$2"
	mv -T "$1" "$KERNELS/$2"
}

# prepare_for KERNEL: have what is needed to build for a kernel and to boot it. Sets KDIR.
prepare_for() {
	"$TOP/scripts/deps"
	[[ ${KDIR:-} || ! -e $TOP/../../tools/lib/bpf/libbpf.h ]] || KDIR=$(realpath "$TOP/../..")
	KDIR=${KDIR:-$("$TOP/scripts/kernels" tree)}
	export KDIR
	[[ -e $1 ]] || "$TOP/scripts/kernels" pick "$1" >/dev/null 2>&1 ||
		"$TOP/scripts/kernels" fetch "$1"
	build_for "$1"
}

# build_for IMAGE: have make build against the BTF of a kernel image that is in no cache
build_for() {
	local dir=$TOP/build/kernel

	[[ -z ${VMLINUX_BTF:-}${VMLINUX_H:-} && -f $1 ]] || return 0
	mkdir -p "$dir"
	extract_btf "$1" "$dir/btf" "$KDIR" ||
		die "$1 is no kernel image in which BTF can be found; give VMLINUX_BTF="
	export VMLINUX_BTF=$dir/btf
}

# vm_options SCHEDULER: what its tests need of the VM, a word a line
vm_options() {
	# 6.12 warns when a CPU goes offline: it stops that CPU's deadline server a second time
	printf '%s\n' --expect 'deadline\.c:[0-9]+ (task_non_contending|inactive_task_timer)'
	case $1 in
	scx_central | scx_qmap | scx_userland)
		# core scheduling; there fair's balance() may keep it from asking sched_ext, and 6.12 only
		# notes that for the CPU that picks, not for its siblings
		printf '%s\n' --topology 1,1,2 --expect 'ext\.c:[0-9]+ pick_task_scx'
		;;
	esac
}

# tests_of SCHEDULER: what 'make check' runs with it, a word a line. Loaders are alike, so that with
# scx_simple all tests run, with the others their own and those to which the policy matters.
tests_of() {
	[[ $1 = scx_simple ]] || printf '%s\n' "${1#scx_}_*" affinity forks hotplug_tasks idle_cpu \
		busy_kthread migration_disabled option_limits progress rt_beside rt_hog
}

# commit: the one that is tested; -dirty if the work tree differs from it
commit() {
	git -C "$TOP" describe --always --dirty 2>/dev/null || cat "$TOP/VERSION"
}

# keep_pass DIR COMMIT CPUS HOST SCHEDULER TESTS SEED TOTALS: a line for selftests/passes. DIR is the VM's
# --out, HOST how the build machine was kept, idle or busy, TOTALS the runner's last line.
keep_pass() {
	local kernel passed failed skipped

	kernel=$(sed -n '/.*Linux version /!d; s///; s/ .*//; p; q' "$1/kernel.log")
	read -r passed _ failed _ skipped _ <<<"$8"
	(
		IFS=$'\t'
		fields=("$2" "$kernel" "${@:3:5}" "$passed" "$failed" "$skipped")
		echo "${fields[*]}"
	) >>"$TOP/build/passes.tsv"
}
