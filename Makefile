# SPDX-License-Identifier: GPL-2.0
#
# The front door. Kbuild itself reads the file Kbuild; this one is for people.

KDIR ?= /lib/modules/$(shell uname -r)/build

# The architecture and the compiler of the kernel, from its configuration.
conf = $(shell sed -n 's/^$(1)="\{0,1\}\([^" ]*\).*/\1/p' $(KDIR)/include/config/auto.conf 2>/dev/null)
arch = $(if $(call conf,CONFIG_UML),ARCH=um)$(if $(call conf,CONFIG_ARM64),ARCH=arm64)
llvm = $(if $(call conf,CONFIG_CC_IS_CLANG),LLVM=1)
cc = $(if $(call conf,CONFIG_CC_IS_GCC),$(addprefix CC=,$(call conf,CONFIG_CC_VERSION_TEXT)))
tools = $(if $(LLVM)$(filter command,$(origin CC)),,$(llvm) $(cc))
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(arch) $(tools)

# Each is a suite of that name: tools/testing/run lists them.
suites := kunit capwhy criu day distro docs equivalence examples fuzz mutants observe overhead package programs prove \
	scenarios secureboot selftests stress tracers upstream zdtm

.PHONY: all modules_install clean rust-analyzer help $(suites) deb run shell check samples-test test test-all \
	rfc rfc-check bench

# Kbuild makes the marker where the kernel has livepatch.
marker := tools/build/livepatch-relocations

all: | kdir
	$(kbuild) modules
	@[ ! -e $(marker) ] || $(marker) rust_commoncap.ko

modules_install clean: | kdir
	$(kbuild) $@

rust-analyzer: all
	$(kbuild) $@
	tools/build/rust-project

.PHONY: kdir
kdir:
	@[ -e "$(KDIR)/Makefile" ] || { echo "There is no kernel to build for at $(KDIR): pass its build" \
		"directory with KDIR=, or run 'make run', which fetches one." >&2; exit 1; }

deb:
	@tools/packaging/deb

$(suites):
	@tools/testing/run $@

run:
	@tools/testing/run matrix

check:
	@tools/testing/run style

samples-test:
	@tools/testing/run samples

shell:
	@tools/testing/vm/shell

test:
	@tools/testing/test

test-all:
	@tools/testing/test --all

# Further arguments: RFC='--trailer ...' or names of series for rfc, a series and numbers of commits for rfc-check.
rfc:
	@tools/rfc/make $(RFC)

rfc-check:
	@tools/rfc/check $(RFC)

bench:
	@tools/rfc/bench

help:
	@echo "Build, for your own kernel:"
	@echo "  make KDIR=...                    the module, rust_commoncap.ko"
	@echo "  make modules_install KDIR=...    install it"
	@echo "  make clean KDIR=...              remove what was built"
	@echo "  make rust-analyzer KDIR=...      rust-project.json, for editors"
	@echo
	@echo "Install:"
	@echo "  make deb      Debian packages of the module (built by DKMS), of capwhy and of the documentation"
	@echo
	@echo "Try and test, on kernels that these targets fetch or build (as root, on Debian):"
	@echo "  make run      boot Debian's own kernel, fill both matrices with the C, then with the Rust"
	@echo "  make shell    a prompt in that guest, with the module and the programs at hand"
	@echo "  make kunit    the KUnit suites, on User Mode Linux"
	@echo "  make check    formatting, lints, checkpatch, words, no unsafe in the core"
	@echo "  make docs     build the documentation as HTML, and compare it with the code"
	@echo "  make package  install the Debian packages in a fresh Debian 13, boot it, and purge them"
	@echo "  make day      work a day in a whole Debian 13, with commoncap.c and with the installed module"
	@echo "  make secureboot  boot these packages by Secure Boot, before and after their key is enrolled"
	@echo "  make examples run the commands that README and documentation show"
	@echo "  tools/testing/run SUITE KERNEL   any suite, on any kernel: see tools/testing/README.md"
	@echo "  make test     everything that CI runs, in half an hour; longer with an empty cache"
	@echo
	@echo "Explain decisions, and measure the cost:"
	@echo "  make capwhy     what capwhy reports of programs; whether it predicts the policy matrix"
	@echo "  make criu       dump and restore as an ordinary user, observed and with the Rust in charge"
	@echo "  make programs   real programs with just the capabilities that capwhy names, beside cap-audit"
	@echo "  make tracers    trace-cmd, perf and bpftrace read the tracepoints"
	@echo "  make overhead   how many instructions system calls take in each mode"
	@echo
	@echo "Compare the Rust with the C:"
	@echo "  make equivalence    make the same 255 million calls of both, in one kernel"
	@echo "  make prove          prove that the machine code of both answers alike, for all inputs"
	@echo "  make selftests      the kernel's own selftests, with the C and the Rust in charge"
	@echo "  make distro         tests of systemd's and stress-ng's packages, with the C and the Rust in charge"
	@echo "  make upstream       util-linux's and crun's own tests, with the C and the Rust in charge"
	@echo "  make zdtm           CRIU's own tests, with the C and the Rust in charge"
	@echo "  make samples-test   inc, set-exec and the sample module, with the C and the Rust in charge"
	@echo "  make scenarios      34 scenarios, and a long random sequence of calls"
	@echo "  make observe        decide beside the C, five million times, while a kernel is at work"
	@echo "  make stress         switch between the two, a hundred times, under load"
	@echo "  make mutants        mutants and coverage of the core: do the tests notice a change?"
	@echo "  make fuzz           arbitrary bytes for the parser of file capabilities"
	@echo "  make test-all       all of this at length, on a debug kernel and on arm64: hours"
	@echo
	@echo "Send it upstream:"
	@echo "  make rfc          the patches for the kernel, as git branches and as mails; sends nothing"
	@echo "  make rfc-check    build, boot, test and lint every commit of them"
	@echo "  make bench        instructions of the Rust and of the C"
	@echo
	@echo "Kernels, build root and logs are kept in $${COMMONCAP_CACHE:-~/.cache/rust_commoncap}."
