# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Makes roots of Debian by mmdebstrap, from the mirror $DEBIAN_MIRROR if it is set. Sourced after common.sh.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# can_make_roots: installs mmdebstrap if it is missing; exits if this machine cannot make a root.
can_make_roots() {
	[ "$(id -u)" = 0 ] || die "making a root takes root: run it as root, or under sudo -E"
	if ! command -v mmdebstrap >/dev/null; then
		command -v apt-get >/dev/null ||
			die "mmdebstrap is missing and this is no Debian: install mmdebstrap, then run this again"
		step apt-get "install mmdebstrap on this machine" \
			sh -c 'apt-get update && apt-get install -y --no-install-recommends mmdebstrap'
	fi
	[ -e $keyring ] || die "Debian's archive keys are missing: install debian-archive-keyring"
}

# unpack_root OPTION...: a part of debian_root, with its variables.
unpack_root() {
	# What it mounts meanwhile must not outlive it, whatever ends it.
	rm -rf --one-file-system "$root.part"
	unshare --mount --propagation private mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Retries "3"' "$@" "$suite" "$root.part" "${sources[@]}" || return
	! declare -F finish >/dev/null || finish "$root.part" || return
	mv "$root.part" "$root"
}

# debian_root NAME KEY WHAT LINE... -- OPTION...: makes a root with these options of mmdebstrap, unless one of that key
# is there, and prints where it is. Each LINE is the type and the suite of a line of sources.list, such as
# "deb trixie"; the suite of the first one is installed. WHAT completes "make ...". A function `finish ROOT`, if there
# is one, ends the work.
debian_root() {
	local name=$1 root what=$3 suite=${4#* } mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian} sources=()
	root=${cache:?}/$1-$(key "$2" "${here:?}/lib/root.sh")
	shift 3
	while [ "$1" != -- ]; do
		sources+=("${1%% *} [signed-by=$keyring] $mirror ${1#* } main")
		shift
	done
	shift
	[ -e "$root" ] || only_one "$name"
	if [ ! -e "$root" ]; then
		can_make_roots
		step "$name" "make $what" unpack_root "$@"
	fi
	echo "$root"
}
