# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the guests share in which systemd runs, and where the packages are installed. What to check is named by
# package= on the kernel's command line: $name. Sourced.

livepatch=/sys/kernel/livepatch/rust_commoncap
# shellcheck disable=SC2034 # for checks.sh
scratch=/run/package
mkdir -p $scratch
# shellcheck source=tools/testing/lib/checks.sh
. ./checks.sh
# shellcheck disable=SC2034 # for scripts that source this
name=$(sed -n 's/.*\bpackage=\([a-z-]*\).*/\1/p' /proc/cmdline)

decides() { [ "$(cat $livepatch/enabled $livepatch/transition)" = "1
0" ]; }
gone() { ! [ -e $livepatch ]; }
soon() {
	for _ in $(seq 600); do
		! "$@" 2>/dev/null || return 0
		sleep 0.1
	done
	return 1
}
# After each, systemd takes a moment to see that a service has ended.
no_unit_failed() { [ -z "$(systemctl --failed --no-legend | grep -v "${1:-^$}" | tee /dev/stderr)" ]; }

echo # systemd has reset the terminal, in a line that does not end
