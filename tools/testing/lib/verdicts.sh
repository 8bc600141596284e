# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Runs tests with commoncap.c in charge, then with the module, and compares their verdicts. Sourced in guests, after
# guest.sh.

: "${scratch:?}"

# Of a list of tests, $list, with lines such as `KIND NAME...`, and `skip NAME: why it is not run`:
# listed KIND: prints each name of a kind in a line.
listed() { sed -n "s/^$1 //p" "${list:?}" | tr ' ' '\n'; }
not_run() { sed -n 's/^skip /not run: /p' "${list:?}"; }

# run_twice MODULE COMMAND: runs `COMMAND C`, then `COMMAND Rust` while the module enforces. The command prints a line
# for each test: its name, then passed, skipped or failed, then more, which must be the same, too.
run_twice() {
	"$2" C >"$scratch/verdicts-C"
	enforce "$1" || exit
	"$2" Rust >"$scratch/verdicts-Rust"
	capable=$(decided capable)
	release || exit
}

# same_verdicts WHAT LEAST: prints what was skipped, failed with both or differs, then the counts. Fails if a verdict
# differs, if fewer tests passed than LEAST, or if the module decided nothing.
same_verdicts() {
	sed -n 's/^\([^ ]*\) skipped/skipped: \1/p; s/^\([^ ]*\) failed/fails with commoncap.c: \1/p' "$scratch/verdicts-C"
	diff "$scratch/verdicts-C" "$scratch/verdicts-Rust" | sed -n 's/^</differs, C: /p; s/^>/differs, Rust: /p'
	differ=$(diff "$scratch/verdicts-C" "$scratch/verdicts-Rust" | grep -c '^[<>]')
	count=$(grep -c '^[^ ]* passed' "$scratch/verdicts-Rust")
	echo "$1: $count tests passed, $differ differ, the Rust decided $capable times as capable"
	[ "$count" -ge "$2" ] || echo "fewer than $2 tests passed"
	[ "$differ" = 0 ] && [ "$count" -ge "$2" ] && [ "$capable" -gt 0 ]
}
