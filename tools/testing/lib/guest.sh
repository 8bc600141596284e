# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What scripts in the guest share. Sourced, never run.

livepatch=/sys/kernel/livepatch/rust_commoncap
grep -qE 'virtme|init-uml' /proc/cmdline || {
	echo "$0: this changes the kernel that it runs on: let tools/testing/vm/boot run it in a guest" >&2
	exit 1
}

# Not in /tmp: the checkout may be there, and a guest shows it.
scratch=/run/rust_commoncap
mkdir -p "$scratch"
debugfs=/sys/kernel/debug/rust_commoncap
decisions=$debugfs/decisions

tracing=/sys/kernel/tracing
mount_tracing() { [ -e $tracing/events ] || mount -t tracefs tracefs $tracing; }

# mount_programs: a file system for programs that everybody may execute, with set-user-ID bits and
# capabilities of files, which the root lacks.
programs=$scratch/programs
mount_programs() {
	mkdir -p "$programs"
	mountpoint -q "$programs" || mount -t tmpfs -o mode=755 programs "$programs"
}

# wait_until SECONDS COMMAND...: until the command succeeds; fails if it has not by then.
wait_until() {
	tenths=$(($1 * 10))
	shift
	until "$@"; do
		tenths=$((tenths - 1))
		[ "$tenths" -gt 0 ] || return 1
		sleep 0.1
	done
}

in_charge() { [ "$(cat $livepatch/enabled) $(cat $livepatch/transition)" = "1 0" ]; }
gone() { ! [ -e "$livepatch" ]; }

# enforce MODULE: until every task is the Rust's.
enforce() {
	insmod "$1" mode=enforce && wait_until 60 in_charge
}

# enforce_installed MODULE: the same, as a system does that has it installed.
enforce_installed() {
	modules=lib/modules/$(uname -r)
	mkdir -p "$scratch/$modules" && cp "$1" "$scratch/$modules/" && depmod -b "$scratch" &&
		modprobe -d "$scratch" rust_commoncap mode=enforce && wait_until 60 in_charge
}

# release: until every task is the C's again, and the module is gone. The kernel lets go of the module
# a moment after the directory has gone.
release() {
	in_charge || echo "the Rust was not in charge to the end" >&2
	in_charge && echo 0 >$livepatch/enabled && wait_until 60 gone && wait_until 10 rmmod rust_commoncap
}

# equal: no answer was another, was not judged, or was missed, but of calls that return just now.
equal() { awk '{ print } NR > 1 && ($2 + $3 + $5 || $4 > 2) { bad = 1 } END { exit bad || NR != 3 }' "$debugfs/divergences"; }

# decided HOOK: how many decisions the Rust has taken in that hook, or in all if it is a dot.
decided() {
	awk -v hook="$1" 'NR > 1 && $1 ~ hook { n += $4 } END { print n + 0 }' "$decisions"
}
