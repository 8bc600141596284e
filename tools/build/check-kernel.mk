# SPDX-License-Identifier: GPL-2.0
#
# Says in one sentence what keeps a kernel from having this module, and what to do about it.

ifndef CONFIG_RUST
$(error rust_commoncap: the kernel in $(objtree) is configured without CONFIG_RUST; \
	configure one with it, or run `make run`, which fetches one that has it)
endif

ifeq ($(wildcard $(objtree)/rust/libkernel.rmeta),)
$(error rust_commoncap: the kernel in $(objtree) lacks its Rust metadata, which headers packages \
	leave out; run `make modules_prepare` in its source with its .config, or use the directory \
	that `tools/testing/vm/kernel debian` prints)
endif

rustc-found := $(subst $(pound),,$(shell $(RUSTC) --version 2>/dev/null))
ifneq ($(rustc-found),$(CONFIG_RUSTC_VERSION_TEXT))
$(error rust_commoncap: the kernel in $(objtree) was built by $(CONFIG_RUSTC_VERSION_TEXT), but \
	$(RUSTC) is $(or $(rustc-found),not there); install that one or name it with RUSTC=)
endif

ifeq ($(shell command -v $(BINDGEN) 2>/dev/null),)
$(error rust_commoncap: $(BINDGEN) is missing; install bindgen or name it with BINDGEN=)
endif

ifndef CONFIG_64BIT
$(error rust_commoncap: the kernel in $(objtree) is of 32 bits; use one of 64)
endif
