# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A Debian 13 into which a suite installs the packages, and which it boots. Sourced on the host by suites whose
# guest systemd runs. The fresh root is never changed: changes go to $work/upper, as an overlay.

# common.sh has set these.
: "${here:?}" "${top:?}" "${cache:?}" "${logs:?}" "${guest_arguments:?}"
suite=$(cd "$(dirname "$0")" && pwd)
mapfile -t debs < <("$top/tools/packaging/deb")
root=$("$here/suites/package/root")
work=$(mktemp -d "$cache/package-XXXXXX")
trap 'rm -rf "$work"' EXIT
scratch=$logs
# shellcheck disable=SC2034 # 1 if something failed that is no check: the suites read it
status=0
. "$here/lib/checks.sh"
name=$(name_of "$0")

# shellcheck disable=SC2034 # for the suites
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$top/Cargo.toml")
release=$(basename "$(ls -d "$root"/lib/modules/7.*)")
mkdir -p "$work/upper/opt/package/debs"
cp "${debs[@]}" "$work/upper/opt/package/debs/"
# The network as this machine has it. The root has it as it was when the root was made.
[ ! -e /etc/resolv.conf ] || install -D -m 644 /etc/resolv.conf "$work/upper/etc/resolv.conf"
cp -r "$suite/guest" "$here/lib/checks.sh" "$here/lib/services.sh" "$here/suites/examples/transcripts.py" "$work/upper/opt/package/"
(cd "$top" && cp --parents README.md Documentation/admin-guide/LSM/*.rst "$work/upper/opt/package/")
# shellcheck disable=SC2034 # for the suites
pages=(/opt/package/README.md /opt/package/Documentation/admin-guide/LSM/rust_commoncap-installation.rst)

# mounted COMMAND...: runs a command where the root, with what was changed so far, is at $work/root.
mounted() {
	mkdir -p "$work"/{root,upper,tmp}
	unshare --mount --propagation private --pid --fork --kill-child bash -euc '
		mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/tmp" root "$1/root"
		shift 2
		exec "$@"' bash "$work" "$root" "$@"
}

# inside COMMAND...: runs a command in the root.
# shellcheck disable=SC2016 # expanded by the inner shell
inside() {
	mounted bash -euc '
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		mount --rbind /sys "$1/sys"
		exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			FILES=/opt/package/debs chroot "$@"' bash "$work/root" "$@" </dev/null
}

# give_metadata KERNEL RELEASE: gives the headers of that release, one of our kernels, the Rust metadata, as some
# distributions ship them.
give_metadata() {
	local build headers=$work/upper/usr/src/linux-headers-$2 scripts=$work/upper/usr/lib/linux-kbuild-${release%-*}/scripts
	build=$(build_of "$1")
	mkdir -p "$headers/rust/kernel" "$scripts"
	cp "$build"/rust/*.{rmeta,so} "$(source_of "$build")/rust/Makefile" "$headers/rust/"
	cp "$build"/rust/kernel/*.rs "$headers/rust/kernel/"
	[ ! -e "$build/scripts/target.json" ] || cp "$build/scripts/target.json" "$scripts/"
}

# make_image [SIZE]: the image has no compilers and sources, which the guest does not use.
# shellcheck disable=SC2016 # expanded by the inner shell
make_image() {
	install -D -m 644 "$here/lib/guest.service" "$work/upper/etc/systemd/system/package.service"
	inside systemctl enable package.service
	mounted bash -euc '
		cd "$1/root"
		cp "boot/vmlinuz-$2" "$1/vmlinuz"
		cp "boot/initrd.img-$2" "$1/initrd"
		for d in usr/src usr/lib/rustlib usr/lib/llvm-* usr/lib/gcc usr/libexec/gcc var/cache/apt var/lib/apt; do
			[ ! -d "$d" ] || mount -t tmpfs none "$d"
		done
		rm -f "$1/image"
		cd "$4"
		"$3" mke2fs -q -t ext4 -d "$1/root" "$1/image" "$5"' bash "$work" "$release" "$here/vm/enter" "$top" "${1:-3G}"
}

# command_line NAME WORD...: prints the kernel's command line with which the guest checks NAME.
command_line() {
	echo "root=/dev/vda rw console=ttyS0 quiet loglevel=7 $guest_arguments package=$*"
}

# boot_image NAME ARGUMENT...: boots the image, with these arguments of QEMU; the guest runs `guest NAME`.
boot_image() {
	local boot=$1 log=$logs/$name-boot-$1
	shift
	echo "  boot that system: $boot (2 min) ..." >&2
	rm -f "$work/said"
	timeout --foreground -k 10 "${BOOT_TIMEOUT:-900}" "$here/vm/enter" qemu-system-x86_64 -accel tcg,thread=single -cpu max -smp 2 -m 1G \
		-nodefaults -display none -no-reboot -drive "file=$work/image,format=raw,if=virtio,cache=unsafe" \
		-serial "file:$log.log" -serial "file:$work/said" "$@" >"$log.qemu" 2>&1 || status=1
	sed -i 's/\r$//' "$log.log" "$work/said"
	grep -aE '^(not )?ok - |^# ' "$work/said" || true
	grep -q '^the guest is done$' "$work/said" || { echo "not ok - $boot: the guest ends (see $log.log)" && status=1; }
	# shellcheck disable=SC2034
	! grep -q '^not ok - ' "$work/said" || status=1
	check "$boot: the kernel complains of nothing" not "$here/vm/complaints" "$log.log"
}
