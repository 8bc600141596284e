// SPDX-License-Identifier: GPL-2.0

//! The sources of events: the tracepoints of the kernel module, or dynamic events of tracefs.
//!
//! Both give the same [`Event`](super::event::Event)s. The module reports verdicts and reasons.
//! Without it, capwhy defines probes, and computes the reasons from their facts with the module's
//! rules.

pub mod module;
pub mod tracefs;

pub use tracefs::Decoder;

use crate::error::{Error, Result};
use clap::ValueEnum;
use std::path::Path;
use tracefs::{Extent, Probes};

/// The kind of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The tracepoints of the kernel module `rust_commoncap`.
    Module,
    /// Probes that tracefs defines, on any kernel with BTF.
    Tracefs,
}

/// A source that is ready to be traced.
pub struct Source {
    kind: Kind,
    /// Probes, removed when this value is dropped; none if there is only the module.
    probes: Option<Probes>,
}

impl Source {
    /// Opens a source of the tracefs at `root`: the module if it is loaded, unless one is wanted.
    /// Probes also read what the module does not record, if the kernel has them.
    pub fn open(root: &Path, wanted: Option<Kind>, extent: Extent) -> Result<Self> {
        let loaded = module::is_loaded(root);
        let module = match wanted {
            Some(Kind::Module) if !loaded => {
                return Err(Error::new(
                    "the kernel module rust_commoncap is not loaded, or has no tracepoints on \
                     this kernel: modprobe rust_commoncap, which by default only observes, or use \
                     --source tracefs",
                ))
            }
            Some(kind) => kind == Kind::Module,
            None => loaded,
        };
        let probes = Probes::define(root, Extent { module, ..extent });
        Ok(match module {
            true => Self {
                kind: Kind::Module,
                probes: probes.ok(),
            },
            false => Self {
                kind: Kind::Tracefs,
                probes: Some(probes?),
            },
        })
    }

    /// Returns its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the directories of its events, relative to `events`, and their filters.
    pub fn events(&self) -> Vec<(String, Option<&'static str>)> {
        let mut events = match self.kind {
            Kind::Module => module::events(),
            Kind::Tracefs => Vec::new(),
        };
        events.extend(self.probes.iter().flat_map(Probes::events));
        events
    }
}
