# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts of this directory share: the pristine kernel source as a git repository, and what
# the series is made of. Sourced, never run.

. "$(dirname "${BASH_SOURCE[0]}")/../testing/lib/common.sh"

# shellcheck disable=SC2034 # for who sources this
rfc=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$("$here/vm/buildroot")
enter() { "$here/vm/enter" "$@"; }
# From here on, the root of the newest compilers is entered.
enter_newest() { COMMONCAP_ROOT=$("$rfc/newest") && export COMMONCAP_ROOT; }

mapfile -t tarballs < <(ls "$root"/usr/src/linux-source-7.*.tar.xz)
version=$(awk '/^Package: linux-source-7/ { p = 1 } p && /^Version: / { print $2; exit }' "$root/var/lib/dpkg/status")
# With $RFC_LINUX, such as 7.2, all is made upon Debian's source of that series, and kept apart.
unpacked() { tar xf "${tarballs[0]}" -C "$1" --strip-components=1; }
if [ -n "${RFC_LINUX:-}" ]; then
	other=$("$here/vm/series" "$RFC_LINUX")/source
	version=$(make -s -C "$other" kernelversion)
	unpacked() { cp -a "$other/." "$1"; }
	cache=$cache/rfc-$RFC_LINUX logs=$logs/rfc-$RFC_LINUX
	mkdir -p "$cache" "$logs"
fi
# The repository: a commit that is Debian's source as it is, and the branch upon it.
repository=$cache/rfc-linux-$(key "$version")
git() { command git -C "$repository" -c gc.auto=0 -c advice.detachedHead=false "$@"; }

# all_series: their names, in the order in which they are made.
all_series() { (cd "$rfc/series" && ls -d -- */) | tr -d / | grep -v '^experiment$' && echo experiment; }

# What the build of the base warns of, which is no fault of a series.
# shellcheck disable=SC2034 # for who sources this
base_warnings=$cache/rfc-base-warnings-$(key "$version" "$rfc/tests.config" "$here/vm/configs/uml.config")

# patches DIRECTORY: the files of the patches of a series, in order.
patches() { sed -n "s|^patch |$1/|p" "$1/series"; }

# mails SERIES: the directory of the mails of a series.
mails() { echo "$cache/rfc-mails-$1"; }
# patch_mails SERIES: its mails without the cover letter.
patch_mails() { printf '%s\n' "$(mails "$1")"/[0-9]*.patch | grep -v '/0000-'; }

# make_series NAME: makes a series. What is said goes to a log.
make_series() { "$rfc/make" "$1" >"$logs/rfc-make.log" 2>&1 || die "$1 cannot be made: see $logs/rfc-make.log"; }

# said_of_ours COMMIT LOG: what compilers have to say of files that the series adds or changes.
said_of_ours() {
	git diff --name-only --diff-filter=AM base "$1" -- '*.rs' '*.[ch]' | sed -E 's/.*\.rs$/--> .*&/; t; s/$/:[0-9:]* warning: /' |
		grep -B 2 -A 10 -f - "$2"
}

# has_option COMMIT OPTION: whether a commit has an option of Kconfig.
has_option() { git grep -qE "^(menu)?config $2\$" "$1" -- '*Kconfig*'; }

unpack() {
	rm -rf "$repository.part" && mkdir "$repository.part" &&
		unpacked "$repository.part" &&
		sed -i '/^# Debian packaging/,$d' "$repository.part/.gitignore" && # that ignores everything
		command git -C "$repository.part" init --quiet --initial-branch=base &&
		command git -C "$repository.part" add --all --force &&
		GIT_COMMITTER_DATE=2000-01-01T00:00:00Z GIT_AUTHOR_DATE=2000-01-01T00:00:00Z command git -C "$repository.part" -c gc.auto=0 commit --quiet \
			--message="Linux, as Debian's linux-source $version has it" &&
		mv "$repository.part" "$repository"
}

# There is one work tree, and one branch for each series. `random` has a work tree of its own.
if [ -z "${RFC_LOCKED:-}" ]; then
	only_one rfc
	export RFC_LOCKED=1
fi
[ -d "$repository" ] || step rfc-source "make a git repository of the kernel's source (2 min)" unpack
