# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script on the host shares: paths, the display of long steps, and error messages. Sourced, never
# run.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for scripts that source this
top=$(cd "$here/../.." && pwd)
# name_of SCRIPT: prints the name of a script for messages and logs: NAME for suites/NAME/host.
name_of() {
	case ${1##*/} in host | guest) set -- "$(dirname "$1")" ;; esac
	echo "${1##*/}"
}
cache=${COMMONCAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rust_commoncap}

# die MESSAGE: prints one sentence with the cause and the remedy, and exits.
die() {
	echo "$(name_of "$0"): $*" >&2
	exit 1
}

# Kbuild, kernel command lines and mounts fail with some names.
case $top:$cache in
*[!A-Za-z0-9/:._+-]*) die "$top or $cache has a blank or another unusual character: move them, or set COMMONCAP_CACHE" ;;
/run/* | /var/* | *:/run/* | *:/var/*)
	die "guests have their own /run and /var, so that they do not see $top and $cache: move them, or set COMMONCAP_CACHE"
	;;
/*:/*) ;;
*) die "COMMONCAP_CACHE must be an absolute path, not $cache" ;;
esac

# key FILE-OR-WORD...: prints a short digest of the files' contents and the words, to name what they make.
key() {
	local x
	for x; do
		if [ -f "$x" ]; then cat "$x"; else echo "$x"; fi
	done | sha256sum | cut -c1-12
}

# Other users must not run the set-user-ID programs of an old build root.
mkdir -p "$cache"
[ -O "$cache" ] || die "the cache $cache belongs to another user: set COMMONCAP_CACHE to a directory of your own"
chmod go-rwx "$cache"

# Two checkouts may use one cache at a time.
logs=$cache/log/${top##*/}-$(key "$top")
mkdir -p "$logs"

# step NAME WHAT COMMAND...: runs a long command with its output in a log; shows the end of the log on failure.
# Prints whole lines, since another step may run beside it.
step() {
	local log=$logs/$1.log what=$2 start=$SECONDS status=0
	shift 2
	echo "  $what ..." >&2
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ "$status" != 0 ]; then
		echo "  $what: failed after $((SECONDS - start)) s; the end of $log:" >&2
		tail -n 40 "$log" >&2
		return "$status"
	fi
	[ "$SECONDS" = "$start" ] || echo "  $what: $((SECONDS - start)) s" >&2
}

# Arguments of QEMU for a processor whose time stamp counter counts instructions.
# shellcheck disable=SC2034 # for scripts that source this
counting_cpu=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off' -cpu max -smp 1)

# Arguments of the kernel of each guest. An emulated processor on a busy machine stands still for a while now and then:
# no fault of the kernel's. Grace periods are expedited, since each probe that comes or goes waits for some.
# shellcheck disable=SC2034 # for scripts that source this
guest_arguments='watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120 rcupdate.rcu_expedited=1'

# options FRAGMENT...: prints the options that these configuration fragments set. A later fragment overrides.
options() { awk -F= '/^CONFIG_/ { set[$1] = $0 } END { for (o in set) if (set[o] ~ /=[ym]$/) print set[o] }' "$@"; }

# newest_release PACKAGE: prints the newest release of Debian's kernel for which the build root can install a package
# whose name begins so, such as linux-image-6.12. A new build root has no list of packages.
newest_release() {
	local try release
	for try in as_it_is updated; do
		[ "$try" = as_it_is ] || step packages "update the list of packages" "$here/vm/enter" apt-get update || return
		release=$("$here/vm/enter" apt-cache pkgnames "$1" |
			sed -n 's/^linux-[a-z]*-\([0-9.]*+deb13-amd64\)$/\1/p' | sort -V | tail -n 1)
		[ -z "$release" ] || break
	done
	echo "$release"
}

# install_packages NAME...: installs packages of Debian in the build root.
install_packages() {
	"$here/vm/enter" env DEBIAN_FRONTEND=noninteractive sh -euc 'apt-get update
		apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"' sh "$@"
}

# install_release RELEASE: installs a kernel of Debian in the build root, with its modules and headers.
install_release() {
	install_packages "linux-binary-$1" "linux-modules-$1" "linux-headers-$1" && "$here/vm/enter" depmod "$1"
}

# build_of KERNEL: makes the kernel, unless it is there, and prints its build directory.
build_of() {
	case $1 in
	debian-arm64) "$here/vm/debian-arm64" ;;
	debian-[0-9]*) "$here/vm/series" "${1#debian-}" ;;
	stock-*) "$here/vm/stock" "${1#stock-}" ;;
	*) "$here/vm/kernel" "$1" ;;
	esac
}

# source_of BUILD: prints the source directory of a build directory.
source_of() { sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$1/Makefile"; }

# only_one NAME: waits until no other script makes the same thing, and locks others out until this one exits.
only_one() {
	exec 9>"$cache/$1.lock"
	flock 9
}
