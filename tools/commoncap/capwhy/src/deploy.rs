// SPDX-License-Identifier: GPL-2.0

//! A set of capabilities in the form in which one gives it to a program.

use crate::shell::quoted;
use clap::ValueEnum;
use std::path::Path;

/// Who gives the capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// The program's file
    Setcap,
    /// setpriv, as root: ambient capabilities of another user
    Setpriv,
    /// A service of systemd
    Systemd,
    /// docker run
    Docker,
    /// podman run
    Podman,
    /// The securityContext of a container
    Kubernetes,
    /// systemd-nspawn
    Nspawn,
}

/// The program that the capabilities are for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    /// Its file.
    pub file: &'a Path,
    /// Whether that is a script.
    pub is_script: bool,
}

impl Form {
    /// Returns what fits a program best: file capabilities of a script do not count.
    pub fn fitting(program: For<'_>) -> Self {
        if program.is_script {
            Self::Setpriv
        } else {
            Self::Setcap
        }
    }

    /// Returns the commands or settings that give a program these capabilities and no others.
    pub fn lines(self, capabilities: &[impl AsRef<str>], program: For<'_>) -> Vec<String> {
        let names: Vec<&str> = capabilities.iter().map(AsRef::as_ref).collect();
        let short = |prefix: &str, between: &str| {
            let names = names.iter().map(|name| format!("{prefix}{}", stem(name)));
            names.collect::<Vec<_>>().join(between)
        };
        let file = quoted(program.file);
        let upper = |between: &str| {
            let names = names.iter().map(|name| name.to_uppercase());
            names.collect::<Vec<_>>().join(between)
        };
        match self {
            Self::Setcap => vec![format!("setcap {}=ep {file}", names.join(","))],
            Self::Setpriv => {
                let list = short("+", ",");
                vec![format!(
                    "setpriv --reuid USER --regid GROUP --init-groups --inh-caps=-all,{list} \
                     --ambient-caps=-all,{list} --bounding-set=-all,{list} {file}"
                )]
            }
            Self::Systemd => vec![
                format!("AmbientCapabilities={}", upper(" ")),
                format!("CapabilityBoundingSet={}", upper(" ")),
            ],
            Self::Docker | Self::Podman => {
                let (name, all) = match self {
                    Self::Docker => ("docker", "ALL"),
                    _ => ("podman", "all"),
                };
                let add = short("--cap-add=", " ").to_uppercase();
                let add = add.replace("--CAP-ADD=", "--cap-add=");
                vec![format!("{name} run --cap-drop={all} {add} IMAGE {file}")]
            }
            Self::Kubernetes => vec![
                "securityContext:".to_owned(),
                "  capabilities:".to_owned(),
                "    drop: [ALL]".to_owned(),
                format!("    add: [{}]", short("", ", ").to_uppercase()),
            ],
            Self::Nspawn => {
                let dropped = NSPAWN_DEFAULT
                    .iter()
                    .filter(|name| !names.contains(&name.to_lowercase().as_str()));
                let dropped = dropped.copied().collect::<Vec<_>>().join(",");
                let drop = match dropped.is_empty() {
                    true => String::new(),
                    false => format!("--drop-capability={dropped} "),
                };
                vec![format!(
                    "systemd-nspawn --capability={0} --ambient-capability={0} \
                     {drop}--directory=DIRECTORY {file}",
                    upper(",")
                )]
            }
        }
    }

    /// Returns the same in one line.
    pub fn line(self, capabilities: &[impl AsRef<str>], program: For<'_>) -> String {
        let lines = self.lines(capabilities, program);
        match (self, lines.last()) {
            (Self::Kubernetes, Some(add)) => format!(
                "securityContext: {{capabilities: {{drop: [ALL], {}}}}}",
                add.trim_start()
            ),
            _ => lines.join("; "),
        }
    }

    /// Returns what to know about it: sentences.
    pub fn notes(self, program: For<'_>) -> Vec<&'static str> {
        match self {
            Self::Setcap if program.is_script => vec![
                "This is a script, and the kernel ignores the capabilities of its file: give them \
                 to the process (--as setpriv, --as systemd), or to a copy of the interpreter that \
                 runs this script alone.",
            ],
            Self::Setcap => SETCAP_BREAKS.to_vec(),
            Self::Setpriv | Self::Systemd => vec![
                "Ambient capabilities last until a set-user-ID program or one with file \
                 capabilities is executed, and pass to all other programs that it starts.",
            ],
            Self::Docker | Self::Kubernetes if program.is_script => vec![
                "For another user than root (--user, runAsUser), they are in the bounding set \
                 alone, and capabilities of a script's file do not count: start it as root, and \
                 let it change its user by setpriv with --ambient-caps.",
            ],
            Self::Docker => vec![
                "With --user of another user than root, Docker puts them into the bounding set \
                 alone: also setcap the file in the image (=ep), and do not use \
                 --security-opt=no-new-privileges.",
            ],
            Self::Podman => {
                vec!["With --user of another user than root, Podman makes the added ones ambient."]
            }
            Self::Kubernetes => vec![
                "With runAsUser of another user than root, the capabilities are in the bounding \
                 set alone: also setcap the file in the image (=ep), and leave \
                 allowPrivilegeEscalation at true.",
            ],
            Self::Nspawn => vec![
                "--drop-capability also drops what --capability adds, so it cannot be all. \
                 --ambient-capability takes systemd 248 or later, and matters with --user alone.",
            ],
        }
    }
}

/// What systemd-nspawn keeps by default, and `CAP_NET_ADMIN`, which it adds with a network of the
/// container's own.
const NSPAWN_DEFAULT: [&str; 27] = [
    "CAP_AUDIT_CONTROL",
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_IPC_OWNER",
    "CAP_KILL",
    "CAP_LEASE",
    "CAP_LINUX_IMMUTABLE",
    "CAP_MKNOD",
    "CAP_NET_ADMIN",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_CHROOT",
    "CAP_SYS_NICE",
    "CAP_SYS_PTRACE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TTY_CONFIG",
];

/// What else changes for a program whose file has capabilities.
pub const SETCAP_BREAKS: [&str; 2] = [
    "Every user who may execute the file has them. It runs in secure mode: the loader ignores \
     LD_LIBRARY_PATH, LD_PRELOAD and $ORIGIN, and secure_getenv() hides variables such as \
     SSL_CERT_FILE. It is not dumpable: /proc/self belongs to root, its user cannot trace it \
     (ptrace, gdb, strace), and it leaves no core dump.",
    "File capabilities have no effect with no_new_privs (allowPrivilegeEscalation: false, \
     NoNewPrivileges=yes) or on a mount with nosuid. Those of an interpreter count for every \
     script. An upgrade of the file removes them. Ambient capabilities do none of this \
     (--as setpriv, --as systemd).",
];

/// Returns the name of a capability without its prefix.
pub fn stem(name: &str) -> &str {
    name.strip_prefix("cap_").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> For<'static> {
        For {
            file: Path::new("/usr/bin/a b"),
            is_script: false,
        }
    }

    #[test]
    fn each_form_has_all_capabilities() {
        for form in Form::value_variants() {
            let lines = form
                .lines(&["cap_net_raw", "cap_bpf"], program())
                .join("\n");
            let lower = lines.to_lowercase();
            assert!(
                lower.contains("net_raw") && lower.contains("bpf"),
                "{lines}"
            );
            assert!(!form.notes(program()).is_empty());
        }
    }

    #[test]
    fn names_are_written_as_each_form_takes_them() {
        let lines = |form: Form| {
            form.lines(&["cap_net_raw", "cap_bpf"], program())
                .join("\n")
        };
        assert_eq!(
            lines(Form::Setcap),
            "setcap cap_net_raw,cap_bpf=ep '/usr/bin/a b'"
        );
        assert!(lines(Form::Setpriv).contains("--ambient-caps=-all,+net_raw,+bpf "));
        // Without it, the program keeps group 0.
        assert!(lines(Form::Setpriv).contains("--regid GROUP "));
        assert!(lines(Form::Systemd).starts_with("AmbientCapabilities=CAP_NET_RAW CAP_BPF\n"));
        assert!(lines(Form::Docker).contains(" --cap-add=NET_RAW --cap-add=BPF "));
        assert!(lines(Form::Podman).starts_with("podman run --cap-drop=all "));
        assert!(lines(Form::Kubernetes).ends_with("add: [NET_RAW, BPF]"));
        assert_eq!(
            Form::Kubernetes.line(&["cap_bpf"], program()),
            "securityContext: {capabilities: {drop: [ALL], add: [BPF]}}"
        );
        assert!(lines(Form::Nspawn).contains("--capability=CAP_NET_RAW,CAP_BPF "));
    }

    #[test]
    fn nspawn_drops_what_it_keeps_by_default_and_nothing_that_it_is_to_give() {
        let line = Form::Nspawn.line(&["cap_net_raw", "cap_bpf"], program());
        let dropped = line
            .split(' ')
            .find_map(|option| option.strip_prefix("--drop-capability="));
        let dropped: Vec<&str> = dropped.unwrap().split(',').collect();
        assert_eq!(dropped.len(), NSPAWN_DEFAULT.len() - 1);
        assert!(dropped.contains(&"CAP_SYS_ADMIN") && !dropped.contains(&"CAP_NET_RAW"));
        for name in NSPAWN_DEFAULT {
            assert!(
                crate::capabilities::known(&name.to_lowercase()).is_some(),
                "{name}"
            );
        }
    }

    #[test]
    fn setcap_fits_no_script() {
        let script = For {
            is_script: true,
            ..program()
        };
        assert_eq!(Form::fitting(program()), Form::Setcap);
        assert_eq!(Form::fitting(script), Form::Setpriv);
        for form in [Form::Setcap, Form::Docker, Form::Kubernetes] {
            assert!(form.notes(script)[0].contains("script"));
        }
        assert!(Form::Setcap.notes(program())[0].contains("LD_LIBRARY_PATH"));
    }
}
