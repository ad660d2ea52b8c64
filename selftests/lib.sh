# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# lib.sh - for tests written in shell, on the host and (by busybox) in the VM
#
# A test is a function that succeeds if what it promises holds, and says what it saw if not.
#
#	test_foo() { ... || fail "what was seen"; }
#	try "foo does bar" test_foo
#	skip "foo does baz" "this kernel has no baz"
#	summary				# ends the script

passed=0 failed=0 skipped=0

# try NAME COMMAND...: run one test; what it prints is shown if it fails
try() {
	try_name=$1
	shift
	if output=$("$@" 2>&1); then
		passed=$((passed + 1))
		echo "ok   $try_name"
	else
		failed=$((failed + 1))
		echo "FAIL $try_name"
		printf '%s\n' "$output" | sed 's/^/     # /'
	fi
}

# skip NAME WHY: a test whose subject is not there; WHY names what is missing
skip() {
	skipped=$((skipped + 1))
	echo "skip $1: $2"
}

# fail WORDS: the test saw something else than what is promised
fail() {
	echo "$*"
	return 1
}

# expect WHAT WANTED SEEN: compare
expect() {
	[ "$2" = "$3" ] || fail "$1: wanted '$2', saw '$3'"
}

# expect_status WANTED COMMAND...: run a command; its output is left in $out and $err
expect_status() {
	wanted=$1
	shift
	status=0
	"$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
	out=$(cat "$scratch/out") err=$(cat "$scratch/err")
	[ $status = "$wanted" ] ||
		fail "'$*' ended with status $status, not $wanted; stdout '$out', stderr '$err'"
}

# one_line TEXT WORD...: is TEXT one line, with all these words in it?
one_line() {
	text=$1
	shift
	[ "$(printf '%s\n' "$text" | wc -l)" = 1 ] || { fail "not one line: '$text'"; return 1; }
	for word; do
		case $text in
		*"$word"*) ;;
		*) fail "no '$word' in '$text'"; return 1 ;;
		esac
	done
}

# summary: the closing line; end the script with status 0 only if something passed, nothing failed
summary() {
	rm -rf "$scratch"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ] && [ $passed -gt 0 ]
	exit
}

scratch=$(mktemp -d)
