// SPDX-License-Identifier: GPL-2.0

//! User namespaces, as far as a reader sees them.

use super::{nsfs::INITIAL_USER_NS, Uid};
use commoncap::credentials::Namespace;
use std::rc::Rc;

/// A user namespace that the reader sees.
///
/// A level is right relative to those of its ancestors and descendants, which is enough for a
/// decision. A reader outside of the initial namespace counts itself as one below that.
#[derive(Debug)]
pub struct UserNs {
    number: u64,
    level: i32,
    owner: Uid,
    parent: Option<Rc<UserNs>>,
}

impl UserNs {
    /// Makes the initial one.
    pub fn initial() -> Rc<Self> {
        Rc::new(Self {
            number: INITIAL_USER_NS,
            level: 0,
            owner: Uid::Is(0),
            parent: None,
        })
    }

    /// Makes one below another, by the number by which `/proc` names it and its owner.
    pub fn below(parent: &Rc<Self>, number: u64, owner: Uid) -> Rc<Self> {
        Rc::new(Self {
            number,
            level: parent.level + 1,
            owner,
            parent: Some(parent.clone()),
        })
    }

    /// Returns the number by which `/proc` names it, as in `user:[4026531837]`.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Namespace for UserNs {
    type Uid = Uid;

    fn parent(&self) -> Option<&Self> {
        self.parent.as_deref()
    }

    fn level(&self) -> i32 {
        self.level
    }

    fn owner(&self) -> Uid {
        self.owner
    }
}
