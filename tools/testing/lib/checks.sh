# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# How scripts check things, on the host and in the guest: a line for each check. Sourced, with the
# directory for scratch files as $scratch. To be ended by `all_ok`.

failures=0
: "${scratch:?}"

# check SENTENCE COMMAND...: whether the command succeeds; what it said is shown if not.
check() {
	sentence=$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		echo "ok - $sentence"
	else
		echo "not ok - $sentence"
		sed 's/^/# /' "$scratch/said" | tail -n 60
		failures=$((failures + 1))
	fi
}

# not COMMAND...: whether it fails.
not() { ! "$@"; }

# none GREP...: whether it finds nothing, which is not that it failed.
none() {
	if "$@"; then return 1; else [ $? = 1 ]; fi
}

all_ok() { [ "$failures" = 0 ]; }
