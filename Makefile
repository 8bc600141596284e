# SPDX-License-Identifier: GPL-2.0
#
# The front door. Kbuild itself reads the file Kbuild; this one is for people.

KDIR ?= /lib/modules/$(shell uname -r)/build

# What the kernel was built as and with, so that it need not be said again: Debian's, say, by gcc-14.
conf = $(shell sed -n 's/^$(1)="\{0,1\}\([^" ]*\).*/\1/p' $(KDIR)/include/config/auto.conf 2>/dev/null)
arch = $(if $(call conf,CONFIG_UML),ARCH=um)$(if $(call conf,CONFIG_ARM64),ARCH=arm64)
llvm = $(if $(call conf,CONFIG_CC_IS_CLANG),LLVM=1)
cc = $(if $(call conf,CONFIG_CC_IS_GCC),$(addprefix CC=,$(call conf,CONFIG_CC_VERSION_TEXT)))
tools = $(if $(LLVM)$(filter command,$(origin CC)),,$(llvm) $(cc))
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(arch) $(tools)

# Each is a suite of that name: tools/testing/run lists them.
suites := kunit capwhy criu docs equivalence examples mutants observe overhead scenarios selftests stress tracers

.PHONY: all modules_install clean rust-analyzer help $(suites) run shell check samples-test test test-all \
	rfc rfc-check bench

all: | kdir
	$(kbuild) modules

modules_install clean: | kdir
	$(kbuild) $@

rust-analyzer: all
	$(kbuild) $@
	tools/build/rust-project

.PHONY: kdir
kdir:
	@[ -e "$(KDIR)/Makefile" ] || { echo "There is no kernel to build for at $(KDIR): name one" \
		"with KDIR=, or say 'make run', which fetches one." >&2; exit 1; }

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

# What else is to be said to them: RFC='--trailer ...', or the numbers of the commits to check.
rfc:
	@tools/rfc/make $(RFC)

rfc-check:
	@tools/rfc/check $(RFC)

bench:
	@tools/rfc/bench

help:
	@echo "Build, for a kernel of yours:"
	@echo "  make KDIR=...                    the module, rust_commoncap.ko"
	@echo "  make modules_install KDIR=...    install it"
	@echo "  make clean KDIR=...              remove what was built"
	@echo "  make rust-analyzer KDIR=...      rust-project.json, for editors"
	@echo
	@echo "Try and test, on kernels that these fetch or build themselves (as root, on Debian):"
	@echo "  make run      boot Debian's own kernel, try everything with the C and the Rust in charge"
	@echo "  make shell    a prompt in that guest, with the module and our programs at hand"
	@echo "  make kunit    the KUnit suites, on User Mode Linux"
	@echo "  make check    formatting, lints, checkpatch, no unsafe in the core"
	@echo "  make docs     the documentation as HTML, and whether it is what the code is"
	@echo "  make examples run again what README and documentation show"
	@echo "  tools/testing/run SUITE KERNEL   any suite on any of our kernels: see tools/testing/README.md"
	@echo "  make test     everything that CI runs, in 15 minutes; the first time in 45"
	@echo
	@echo "What it tells, and what that costs:"
	@echo "  make capwhy     what capwhy tells of programs, and whether it predicts the policy matrix"
	@echo "  make criu       dump and restore as an ordinary user, observed and with the Rust in charge"
	@echo "  make tracers    trace-cmd, perf and bpftrace read the tracepoints"
	@echo "  make overhead   how many instructions system calls take in each mode"
	@echo
	@echo "Tell the Rust from the C, if anything can:"
	@echo "  make equivalence    ask both the same, 160 million times, in one kernel"
	@echo "  make selftests      the kernel's own selftests, with the C and the Rust in charge"
	@echo "  make samples-test   inc, set-exec and the sample module, with the C and the Rust in charge"
	@echo "  make scenarios      what nobody tests, and a long random sequence of calls"
	@echo "  make observe        decide beside the C, five million times, while a kernel is at work"
	@echo "  make stress         switch between the two, a thousand times, under load"
	@echo "  make mutants        whether the tests would notice: mutants and coverage of the core"
	@echo "  make test-all       all of this at length, on a kernel that looks for bugs, and on arm64: hours"
	@echo
	@echo "Send it upstream:"
	@echo "  make rfc          the patches for the kernel, as a git branch and as mails; sends nothing"
	@echo "  make rfc-check    build, boot, test and lint every commit of them"
	@echo "  make bench        how many instructions its Rust takes, and takes in C"
	@echo
	@echo "Kernels, build root and logs are kept in $${COMMONCAP_CACHE:-~/.cache/rust_commoncap}."
