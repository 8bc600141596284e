# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A process that counts, and CRIU to checkpoint and restore it, both as user 1000: for scripts in guests.
# Sourced after guest.sh.

: "${scratch:?}"
criu=$scratch/programs/criu
# The home of user 1000.
home=$scratch/home

install_criu() {
	mount_programs
	mkdir -p "$home"
	cp "$(command -v criu)" "$criu"
	chown 1000:1000 "$home"
}
as_user() { setpriv --reuid 1000 --regid 1000 --clear-groups "$@"; }

# shellcheck disable=SC2034 # for scripts that source this
dump="$criu dump --unprivileged -D $home/images -o $home/dump.log -t"
# shellcheck disable=SC2034
restore="$criu restore --unprivileged -d -D $home/images -o $home/restore.log"

# start_counting: starts a process, whose PID is $counting, that counts its signals and writes the count.
start_counting() {
	rm -rf "$home/images" "$home/count"
	as_user mkdir "$home/images"
	# Not by a function, which would be another process.
	setpriv --reuid 1000 --regid 1000 --clear-groups setsid perl -e '
		my $count = 0;
		sub note { open(my $file, ">", $ARGV[0]); print $file "$$ $count" }
		$SIG{USR1} = sub { $count++; note() };
		note();
		sleep 1 while 1' "$home/count" </dev/null >/dev/null 2>&1 &
	counting=$!
	wait_until 20 written 0
}
# counts_to NUMBER: checks that it counts to that with one more signal.
counts_to() { kill -USR1 "$counting" && wait_until 10 written "$1"; }
written() { [ "$(cat "$home/count" 2>/dev/null)" = "$counting $1" ]; }
