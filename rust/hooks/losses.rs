// SPDX-License-Identifier: GPL-2.0

//! The losses of a decision, as a text for tracepoints.

use crate::{
    capability::CapabilitySet,
    commoncap::{
        Loss,
        Observer, //
    },
};

/// The names of the losses of a decision, with commas between them. One that does not fit is left
/// out.
pub(super) struct Losses {
    names: [u8; Self::SIZE],
    len: usize,
}

impl Losses {
    const SIZE: usize = 128;

    pub(super) fn new() -> Self {
        Self {
            names: [0; Self::SIZE],
            len: 0,
        }
    }

    fn add(&mut self, loss: Loss) {
        let comma: &[u8] = if self.len > 0 { b"," } else { b"" };
        // Nothing saturates: all are short. A plain sum could panic.
        let added = comma.len().saturating_add(loss.name().len());
        let end = self.len.saturating_add(added);
        if let Some(free) = self.names.get_mut(self.len..end) {
            let added = Iterator::chain(comma.iter(), loss.name().as_bytes());
            for (to, from) in free.iter_mut().zip(added) {
                *to = *from;
            }
            self.len = end;
        }
    }

    pub(super) fn names(&self) -> &[u8] {
        match self.names.get(..self.len) {
            Some(names) if !names.is_empty() => names,
            _ => b"none",
        }
    }
}

impl Observer for Losses {
    fn lost(&mut self, loss: Loss, _: CapabilitySet) {
        self.add(loss);
    }

    fn skipped(&mut self, loss: Loss) {
        self.add(loss);
    }
}

#[crate::kunit_tests(rust_commoncap_hook_losses)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_named_in_their_order() {
        let mut losses = Losses::new();
        assert!(losses.names() == b"none");
        losses.lost(Loss::SetuidAll, CapabilitySet::FULL);
        assert!(losses.names() == b"SetuidAll");
        losses.skipped(Loss::Nosuid);
        assert!(losses.names() == b"SetuidAll,Nosuid");
    }

    #[test]
    fn a_loss_that_does_not_fit_is_left_out() {
        let mut losses = Losses::new();
        for _ in 0..100 {
            losses.skipped(Loss::SetuidFileSystem);
        }
        assert!(losses.names().len() < Losses::SIZE);
        assert!(losses.names().ends_with(b",SetuidFileSystem"));
    }
}
