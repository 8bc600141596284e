# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Functions that run suites and count results. Shows failures when they occur. A suite that breaks off, or
# that runs nothing, counts as one more failure. Sourced after common.sh. End the script with `counted`.

: "${logs:?}"
passed=0
failed=0

# suite NAME OK NOT-OK COMMAND...: runs the command, and counts the lines of its output that match OK and NOT-OK.
suite() {
	local name=$1 ok=$2 not_ok=$3 out=$logs/suite-${1// /-}.log status=0 start=$SECONDS good bad
	shift 3
	"$@" >"$out" || status=$?
	good=$(grep -cE "$ok" "$out" || true)
	bad=$(grep -cE "$not_ok" "$out" || true)
	if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$good" = 0 ]; }; then
		bad=1
		echo "== $name broke off with status $status; the end of $out:" >&2
		tail -n 20 "$out" >&2
	elif [ "$bad" != 0 ]; then
		grep -E -A 20 "$not_ok" "$out" | sed -n 1,200p >&2
	fi
	echo "== $name: $good passed, $bad failed ($((SECONDS - start)) s)" >&2
	passed=$((passed + good))
	failed=$((failed + bad))
}

checks() { suite "$1" '^ok - ' '^not ok - ' "${@:2}"; }
kunit() { suite "$1" '\[PASSED\] [a-z_0-9]+$' '\[(FAILED|CRASHED)\] [a-z_0-9]+$' "${@:2}"; }
matrix() { suite "$1" ' cells, 0 differ, 0 unexpected$' ' cells, .*[1-9][0-9]* (differ|unexpected)' "${@:2}"; }

# beside FUNCTION ARGUMENT...: runs a function that runs suites beside what follows, as soon as fewer than two of
# them run. No two may run the same suite on the same kernel, since these two name the log of the guest.
started=0
# shellcheck disable=SC2030,SC2031 # each counts in a subshell
beside() {
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
	started=$((started + 1))
	rm -f "$logs/count-$started"
	(
		passed=0 failed=0
		"$@"
		echo "$passed $failed" >"$logs/count-$started"
	) &
}

# all_done: waits for what runs beside, and adds what it counted.
# shellcheck disable=SC2031 # sums, outside of any subshell
all_done() {
	local good bad
	wait
	for ((; started > 0; started--)); do
		good=0 bad=1
		read -r good bad <"$logs/count-$started" || true
		rm -f "$logs/count-$started"
		passed=$((passed + good))
		failed=$((failed + bad))
	done
}

# counted: prints how many passed and failed in all, and fails if any failed.
counted() {
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ]
}
