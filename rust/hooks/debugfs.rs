// SPDX-License-Identifier: GPL-2.0

//! The files in debugfs that show what the hooks count.

use super::{
    counters::{ExeLink, Observed},
    divergence, exe_link,
    hook::Hook,
    observe,
    reason::Reason,
};
use crate::kernel_ext::debugfs::Contents;
use kernel::fmt;

/// The file `decisions`: a line for each hook, verdict and reason that has been counted.
pub struct Decisions;

impl Contents for Decisions {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<19} {:<8} {:<36} {:>12}",
            "hook", "verdict", "reason", "count"
        )?;
        for &hook in Hook::ALL {
            for reason in Reason::all() {
                let count = hook.decisions(reason).sum();
                if count > 0 {
                    let (hook, verdict, reason) = (hook.name(), reason.verdict(), reason.name());
                    writeln!(f, "{hook:<19} {verdict:<8} {reason:<36} {count:>12}")?;
                }
            }
        }
        Ok(())
    }
}

/// The file `divergences`: for each hook, how many calls of `commoncap.c` diverged, could not be
/// judged, have not returned, and were missed; then the last divergence.
pub struct Divergences;

impl Contents for Divergences {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<19} {:>12} {:>12} {:>12} {:>12}",
            "hook", "diverged", "unjudged", "unreturned", "missed"
        )?;
        for &hook in Hook::ALL {
            let diverged = hook.observed(Observed::Diverged).sum();
            let unjudged = hook.observed(Observed::Unjudged).sum();
            // Read `Returned` first: a call that returns in between would make this negative.
            let returned = hook.observed(Observed::Returned).sum();
            let unreturned = hook
                .observed(Observed::Entered)
                .sum()
                .saturating_sub(returned);
            let (name, missed) = (hook.name(), observe::missed(hook));
            writeln!(
                f,
                "{name:<19} {diverged:>12} {unjudged:>12} {unreturned:>12} {missed:>12}"
            )?;
        }
        divergence::show_last(f)
    }
}

/// The file `exe_links`: how many changes of `/proc/PID/exe` have been traced, logged, dropped and
/// missed.
pub struct ExeLinks;

impl Contents for ExeLinks {
    fn show(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for column in ExeLink::ALL {
            write!(f, "{:>12}", column.name())?;
        }
        writeln!(f)?;
        for column in ExeLink::ALL {
            let skipped = match column {
                ExeLink::Missed => exe_link::missed() as u64,
                _ => 0,
            };
            write!(f, "{:>12}", column.counter().sum().saturating_add(skipped))?;
        }
        writeln!(f)
    }
}
