# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What scripts in guests share. Sourced, never run.

livepatch=/sys/kernel/livepatch/rust_commoncap
grep -qE 'virtme|init-uml' /proc/cmdline || {
	echo "$0: this changes the running kernel: let tools/testing/vm/boot run it in a guest" >&2
	exit 1
}

# Not in /tmp, where the checkout may be.
scratch=/run/rust_commoncap
mkdir -p "$scratch"
# The modes in which the module works on this kernel.
modes='observe enforce'
[ -e /sys/kernel/livepatch ] || modes=observe
enforces() { [ "$modes" != observe ]; }
debugfs=/sys/kernel/debug/rust_commoncap
decisions=$debugfs/decisions

tracing=/sys/kernel/tracing
mount_tracing() { [ -e $tracing/events ] || mount -t tracefs tracefs $tracing; }
# traces PID: capwhy traces as this process. The kernel makes an instance with tracing on; capwhy turns it off, enables
# events, task_rename last, and turns it on.
traces() {
	instance=$tracing/instances/capwhy-$1
	[ "$(cat "$instance/events/task/task_rename/enable" "$instance/tracing_on" 2>/dev/null | tr -d '\n')" = 11 ]
}

# mount_programs: mounts a file system for programs that every user may execute, with set-user-ID bits and
# file capabilities, which the root lacks.
programs=$scratch/programs
mount_programs() {
	mkdir -p "$programs"
	mountpoint -q "$programs" || mount -t tmpfs -o mode=755 programs "$programs"
}

# writable_copy ROOT: mounts a copy of a root at $root. Its changes are thrown away.
writable_copy() {
	root=$scratch/root
	mount -t tmpfs upper "$scratch"
	mkdir -p "$root" "$scratch/upper" "$scratch/work"
	mount -t overlay overlay -o "lowerdir=$1,upperdir=$scratch/upper,workdir=$scratch/work" "$root"
	for directory in /proc /dev /sys /run /lib/modules; do mkdir -p "$root$directory"; done
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount --bind /lib/modules "$root/lib/modules"
	mount -t tmpfs run "$root/run"
	mount -t tmpfs tmp "$root/tmp"
	chmod 1777 "$root/tmp"
	ip link set lo up
}

# in_root COMMAND...: runs a command with $root as the root. Not by chroot, which prevents new user namespaces.
in_root() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare --mount --propagation private sh -euc '
		cd "$0"
		pivot_root . mnt
		cd /
		umount -l /mnt
		exec "$@"' "$root" "$@"
}

# wait_until SECONDS COMMAND...: waits until the command succeeds; fails if it does not in that time.
wait_until() {
	tenths=$(($1 * 10))
	shift
	until "$@"; do
		tenths=$((tenths - 1))
		[ "$tenths" -gt 0 ] || return 1
		sleep 0.1
	done
}

# asleep PID: checks that the process executes `sleep` and sleeps. Until then it maps memory, for which the
# kernel checks capabilities.
asleep() { [ "$(sed 's/.*\((.*)\) \(.\) .*/\1 \2/' "/proc/$1/stat")" = "(sleep) S" ]; }
# started COMMAND...: starts a command that executes `sleep`, and waits until it sleeps. Its process is $!.
started() {
	"$@" &
	wait_until 60 asleep $! || { echo "it does not sleep: $*" >&2 && return 1; }
}

in_charge() { [ "$(cat $livepatch/enabled) $(cat $livepatch/transition)" = "1 0" ]; }
gone() { ! [ -e "$livepatch" ]; }

# enforce MODULE [PARAMETER...]: loads the module with mode=enforce, and waits until livepatch has switched every task.
enforce() {
	insmod "$@" mode=enforce && wait_until 60 in_charge
}

# enforce_installed MODULE: does the same with an installed module.
enforce_installed() {
	modules=lib/modules/$(uname -r)
	mkdir -p "$scratch/$modules" && cp "$1" "$scratch/$modules/" && depmod -b "$scratch" &&
		modprobe -d "$scratch" rust_commoncap mode=enforce && wait_until 60 in_charge
}

# release: disables the livepatch, waits until every task is switched back, and unloads the module. The kernel
# drops its reference to the module a moment after it removes the directory.
release() {
	in_charge || echo "the module was not in charge to the end" >&2
	in_charge && echo 0 >$livepatch/enabled && wait_until 60 gone && wait_until 10 rmmod rust_commoncap
}

# equal: checks that no answer differed, was not judged, or was missed, except in calls that are still running.
equal() { awk '{ print } NR > 1 && ($1 == "last:" || $2 + $3 + $5 || $4 > 2) { bad = 1 } END { exit bad || NR < 2 }' "$debugfs/divergences"; }

# decided HOOK: prints how many decisions the module has taken in that hook, or in all for a dot.
decided() {
	awk -v hook="$1" 'NR > 1 && $1 ~ hook { n += $4 } END { print n + 0 }' "$decisions"
}
