// SPDX-License-Identifier: GPL-2.0

//! The place of each rule in the C. The Rust sources do not have it.

use commoncap::Denial;
use std::{fs, path::Path};

/// The place of a rule in the C.
pub(crate) struct Place {
    pub(crate) file: &'static str,
    pub(crate) function: &'static str,
    /// The expression or statement that denies. Line breaks may differ.
    pub(crate) text: &'static str,
}

const fn commoncap(function: &'static str, text: &'static str) -> Option<Place> {
    Some(Place {
        file: "security/commoncap.c",
        function,
        text,
    })
}

/// Returns the place of a rule in the C, or [`None`] if the C has no such rule.
pub(crate) const fn place(denial: Denial) -> Option<Place> {
    const HELPER: &str = "cap_capable_helper";
    const CAPSET: &str = "cap_capset";
    const DISK: &str = "get_vfs_caps_from_disk";
    const NSCAP: &str = "cap_convert_nscap";
    const GETSECURITY: &str = "cap_inode_getsecurity";
    const REMOVEXATTR: &str = "cap_inode_removexattr";
    const DROP: &str = "cap_prctl_drop";
    const PRCTL: &str = "cap_task_prctl";
    use Denial::*;

    match denial {
        NotEffective => commoncap(
            HELPER,
            "return cap_raised(cred->cap_effective, cap) ? 0 : -EPERM;",
        ),
        TargetNotBelow => commoncap(HELPER, "if (ns->level <= cred_ns->level)"),
        NoSuchCapability | BrokenChain => None,
        NeitherCheckpointRestoreNorSysAdmin => Some(Place {
            file: "include/linux/capability.h",
            function: "checkpoint_restore_ns_capable",
            text: "ns_capable(ns, CAP_CHECKPOINT_RESTORE) || ns_capable(ns, CAP_SYS_ADMIN)",
        }),
        BoundingReadNoCapability => commoncap(PRCTL, "if (!cap_valid(arg2))"),
        BoundingDropUnprivileged => {
            commoncap(DROP, "if (!ns_capable(current_user_ns(), CAP_SETPCAP))")
        }
        BoundingDropNoCapability => commoncap(DROP, "if (!cap_valid(cap))"),
        SecurebitsLocked => commoncap(
            PRCTL,
            "(((old->securebits & SECURE_ALL_LOCKS) >> 1) & (old->securebits ^ arg2)) /*[1]*/",
        ),
        SecurebitsUnlock => commoncap(
            PRCTL,
            "((old->securebits & SECURE_ALL_LOCKS & ~arg2)) /*[2]*/",
        ),
        SecurebitsUnsupported => commoncap(
            PRCTL,
            "(arg2 & ~(SECURE_ALL_LOCKS | SECURE_ALL_BITS)) /*[3]*/",
        ),
        SecurebitsUnchanged => commoncap(PRCTL, "if (!changed)"),
        SecurebitsPrivileged => commoncap(PRCTL, "if (changed & ~unpriv_and_locks)"),
        KeepCapsArgument => commoncap(PRCTL, "if (arg2 > 1)"),
        KeepCapsLocked => commoncap(PRCTL, "if (issecure(SECURE_KEEP_CAPS_LOCKED))"),
        AmbientClearArguments => commoncap(PRCTL, "if (arg3 | arg4 | arg5)"),
        AmbientNoCapability | AmbientArguments => {
            commoncap(PRCTL, "if (((!cap_valid(arg3)) | arg4 | arg5))")
        }
        AmbientOperation => commoncap(
            PRCTL,
            "arg2 != PR_CAP_AMBIENT_RAISE && arg2 != PR_CAP_AMBIENT_LOWER",
        ),
        AmbientNotPermitted => commoncap(PRCTL, "!cap_raised(current_cred()->cap_permitted, arg3)"),
        AmbientNotInheritable => {
            commoncap(PRCTL, "!cap_raised(current_cred()->cap_inheritable, arg3)")
        }
        AmbientRaiseForbidden => commoncap(PRCTL, "issecure(SECURE_NO_CAP_AMBIENT_RAISE)"),
        CapsetInheritableUnprivileged => commoncap(
            CAPSET,
            "if (cap_inh_is_capped() && !cap_issubset(*inheritable, \
             cap_combine(old->cap_inheritable, old->cap_permitted)))",
        ),
        CapsetInheritableUnbounded => commoncap(
            CAPSET,
            "if (!cap_issubset(*inheritable, cap_combine(old->cap_inheritable, old->cap_bset)))",
        ),
        CapsetPermittedGained => {
            commoncap(CAPSET, "if (!cap_issubset(*permitted, old->cap_permitted))")
        }
        CapsetEffectiveNotPermitted => {
            commoncap(CAPSET, "if (!cap_issubset(*effective, *permitted))")
        }
        SetuidKind => commoncap("cap_task_fix_setuid", "default: return -EINVAL;"),
        ExecAmbientInvariant => commoncap(
            "cap_bprm_creds_from_file",
            "if (WARN_ON(!cap_ambient_invariant_ok(old)))",
        ),
        ExecFileCapsUnavailable => commoncap(
            "bprm_caps_from_vfs_caps",
            "if (caps->permitted.val & ~new->cap_permitted.val)",
        ),
        FileCapsSize => commoncap(DISK, "if (size != XATTR_CAPS_SZ_1)"),
        FileCapsRevision => commoncap(DISK, "default: return -EINVAL;"),
        NscapNoValue => commoncap(NSCAP, "if (!*ivalue)"),
        NscapHeader => commoncap(NSCAP, "if (!validheader(size, cap))"),
        NscapUnprivileged => commoncap(
            NSCAP,
            "if (!capable_wrt_inode_uidgid(idmap, inode, CAP_SETFCAP))",
        ),
        NscapRootIdCaller => commoncap(NSCAP, "if (!vfsuid_valid(vfsrootid))"),
        NscapRootIdMount => commoncap(NSCAP, "if (!uid_valid(rootid))"),
        NscapRootIdFileSystem => commoncap(NSCAP, "if (nsrootid == -1)"),
        GetsecurityNotOurs => commoncap(GETSECURITY, "if (strcmp(name, \"capability\") != 0)"),
        GetsecurityNoAlias => commoncap(GETSECURITY, "if (!dentry)"),
        GetsecurityHeader => commoncap(GETSECURITY, "size = -EINVAL;"),
        GetsecurityRootId => commoncap(GETSECURITY, "if (!vfsuid_root_in_currentns(vfsroot))"),
        XattrSetUnprivileged => commoncap(
            "cap_inode_setxattr",
            "if (!ns_capable(user_ns, CAP_SYS_ADMIN))",
        ),
        XattrRemoveUnprivileged => {
            commoncap(REMOVEXATTR, "if (!ns_capable(user_ns, CAP_SYS_ADMIN))")
        }
        XattrRemoveNoInode => commoncap(REMOVEXATTR, "if (!inode)"),
        XattrRemoveCapsUnprivileged => commoncap(
            REMOVEXATTR,
            "if (!capable_wrt_inode_uidgid(idmap, inode, CAP_SETFCAP))",
        ),
        PtraceAccess => commoncap(
            "cap_ptrace_access_check",
            "if (ns_capable(child_cred->user_ns, CAP_SYS_PTRACE))",
        ),
        PtraceTraceme => commoncap(
            "cap_ptrace_traceme",
            "if (has_ns_capability(parent, child_cred->user_ns, CAP_SYS_PTRACE))",
        ),
        Nice => commoncap(
            "cap_safe_nice",
            "if (!is_subset && !ns_capable(__task_cred(p)->user_ns, CAP_SYS_NICE))",
        ),
        Settime => commoncap("cap_settime", "if (!capable(CAP_SYS_TIME))"),
        MmapAddr => commoncap("cap_mmap_addr", "if (addr < dac_mmap_min_addr)"),
        VmEnoughMemory => commoncap(
            "cap_vm_enough_memory",
            "return cap_capable(current_cred(), &init_user_ns, CAP_SYS_ADMIN,",
        ),
        NotOurs => commoncap(PRCTL, "default:"),
        NoMemory => commoncap(PRCTL, "new = prepare_creds(); if (!new) return -ENOMEM;"),
    }
}

/// Searches a kernel's source for each rule. Fails with a list of the missing ones.
pub(crate) fn check(kernel: &Path) -> Result<(), String> {
    let mut missing = String::new();
    for &denial in Denial::ALL {
        let Some(place) = place(denial) else { continue };
        let file = kernel.join(place.file);
        let source = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let found = body(&source, place.function).is_some_and(|body| contains(body, place.text));
        if !found {
            let (name, function, text) = (denial.name(), place.function, place.text);
            missing += &format!("{name}: {function}() has no \"{text}\"\n");
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing)
    }
}

/// Returns a function of a C source, from its name to its closing brace.
fn body<'a>(source: &'a str, function: &str) -> Option<&'a str> {
    let name = format!("{function}(");
    source.match_indices(&name).find_map(|(start, _)| {
        let rest = &source[start..];
        let line = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_definition = !source[line..].starts_with([' ', '\t'])
            && rest.find('{') < rest.find(';').or(Some(usize::MAX));
        let end = rest.find("\n}")?;
        is_definition.then_some(&rest[..end])
    })
}

/// Returns whether a source contains a text, ignoring white space.
fn contains(source: &str, text: &str) -> bool {
    // Remove all white space, since the source may break a line where the text has no space.
    let squeeze = |text: &str| text.split_whitespace().collect::<String>();
    squeeze(source).contains(&squeeze(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "int one(void);\n\nint one(void)\n{\n\treturn a\n\t\t|| b;\n}\n\
                          \nint two(void)\n{\n\treturn one();\n}\n";

    #[test]
    fn a_text_is_found_only_in_its_function() {
        let one = body(SOURCE, "one").unwrap();
        assert!(contains(one, "return a || b;"));
        assert!(!contains(one, "return one();"));
        assert!(contains(body(SOURCE, "two").unwrap(), "return one();"));
        assert!(body(SOURCE, "three").is_none());
    }
}
