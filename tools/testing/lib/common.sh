# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script shares: where things are kept, how a long step is shown, and
# how an error is told. Sourced, never run.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for who sources this
top=$(cd "$here/../.." && pwd)
# What a script is called in messages and logs: suites/NAME/host is NAME.
name_of() {
	case ${1##*/} in host | guest) set -- "$(dirname "$1")" ;; esac
	echo "${1##*/}"
}
cache=${COMMONCAP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rust_commoncap}

# die MESSAGE: one sentence with the cause and the remedy.
die() {
	echo "$(name_of "$0"): $*" >&2
	exit 1
}

# Kbuild, kernel command lines and mounts do not take every name.
case $top:$cache in
*[!A-Za-z0-9/:._+-]*) die "this needs paths without blanks and odd signs, not $top and $cache" ;;
/run/* | /var/* | *:/run/* | *:/var/*)
	die "guests have a /run and parts of /var of their own: put $top and $cache elsewhere"
	;;
/*:/*) ;;
*) die "COMMONCAP_CACHE must be an absolute path, not $cache" ;;
esac

# key FILE-OR-WORD...: a short digest of the files' contents and the words, to name what they make.
key() {
	local x
	for x; do
		if [ -f "$x" ]; then cat "$x"; else echo "$x"; fi
	done | sha256sum | cut -c1-12
}

# The build root has set-user-ID programs, which nobody else is to run when they have got old.
mkdir -p "$cache"
[ -O "$cache" ] || die "the cache $cache belongs to somebody else: set COMMONCAP_CACHE to a directory of your own"
chmod go-rwx "$cache"

# Two checkouts may use one cache at a time.
logs=$cache/log/${top##*/}-$(key "$top")
mkdir -p "$logs"

# step NAME WHAT COMMAND...: run a long command with its output in a log; on failure show its end.
step() {
	local log=$logs/$1.log what=$2 start=$SECONDS
	shift 2
	printf '  %-58s ' "$what" >&2
	if "$@" >"$log" 2>&1 </dev/null; then
		echo "$((SECONDS - start)) s" >&2
	else
		local status=$?
		echo "failed after $((SECONDS - start)) s; the end of $log:" >&2
		tail -n 40 "$log" >&2
		return "$status"
	fi
}

# A processor that executes an instruction each nanosecond, as its time stamp counter tells: for QEMU.
# shellcheck disable=SC2034 # for who sources this
counting_cpu=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off' -cpu max -smp 1)

# options FRAGMENT...: what these fragments of a configuration set, where a later one has the last word.
options() { awk -F= '/^CONFIG_/ { set[$1] = $0 } END { for (o in set) if (set[o] ~ /=[ym]$/) print set[o] }' "$@"; }

# source_of BUILD: where the source is that a build directory was made from.
source_of() { sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$1/Makefile"; }

# only_one NAME: wait until no other run makes the same thing, and keep others out until we exit.
only_one() {
	exec 9>"$cache/$1.lock"
	flock 9
}
