# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Functions for checks, on the host and in guests: each check prints a line. Sourced, with a directory for
# scratch files as $scratch. End the script with `all_ok`.

failures=0
# The output of the last check, until the next one. Other suites use the directory, too.
check_said=${scratch:?}/said-$$

# check NAME COMMAND...: prints "ok - NAME" if the command succeeds, else "not ok - NAME" and its output. NAME
# is a statement that stands alone, as in "mode=bogus: insmod fails with EINVAL".
check() {
	check_name=$1
	shift
	if "$@" >"$check_said" 2>&1; then
		echo "ok - $check_name"
	else
		echo "not ok - $check_name"
		sed 's/^/# /' "$check_said" | tail -n 60
		failures=$((failures + 1))
	fi
}

# not COMMAND...: succeeds if the command fails.
not() { ! "$@"; }

# none GREP...: succeeds if grep finds nothing. Fails if grep itself fails.
none() {
	if "$@"; then return 1; else [ $? = 1 ]; fi
}

all_ok() {
	rm -f "$check_said"
	[ "$failures" = 0 ]
}
