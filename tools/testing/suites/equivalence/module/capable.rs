// SPDX-License-Identifier: GPL-2.0

//! `cap_capable()`: everybody, everywhere in every tree of user namespaces.

use crate::{
    cases::{
        equal,
        Group,
        Random, //
    },
    module_parameters,
    prctl::{ALL, CAPABILITIES, NONE},
};
use kernel::{
    bindings::{self, cred, user_namespace},
    fmt,
    prelude::*,
    types::Opaque,
};

extern "C" {
    // The types of C, which have locks that take no room, would be warned of.
    fn rust_commoncap_cap_capable(
        cred: *const c_void,
        target_ns: *mut c_void,
        cap: c_int,
        opts: c_uint,
    ) -> c_int;
}

/// The user IDs of owners and of credentials.
const UIDS: [u32; 4] = [0, 1000, 1 << 31, u32::MAX];

/// How deep the random trees are: as `create_user_ns()` allows.
const DEPTH: c_int = 33;

/// A tree of user namespaces. The first one is its root.
///
/// They point to each other, and both functions read them by these pointers, so there is never more
/// than a shared reference to one.
struct Tree(KVec<KBox<Opaque<user_namespace>>>);

impl Tree {
    /// Makes this many namespaces; they still have to be put in place.
    fn new(len: usize) -> Result<Self> {
        let mut nodes = KVec::new();
        for _ in 0..len {
            let node = KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?;
            nodes.push(node, GFP_KERNEL)?;
        }
        Ok(Self(nodes))
    }

    fn level(&self, node: usize) -> c_int {
        // SAFETY: It has been initialized, and nobody writes to it meanwhile.
        unsafe { (*self.0[node].get()).level }
    }

    fn own(&mut self, node: usize, owner: u32) {
        // SAFETY: It has been initialized, and nobody reads it meanwhile.
        unsafe { (*self.0[node].get()).owner.val = owner };
    }

    /// Puts a namespace in the tree, below an earlier one, as `create_user_ns()` does.
    fn place(&mut self, node: usize, parent: usize, owner: u32) {
        let level = self.level(parent) + 1;
        let parent = self.0[parent].get();
        self.own(node, owner);
        // SAFETY: As in `own`.
        unsafe {
            let node = self.0[node].get();
            (*node).parent = parent;
            (*node).level = level;
        }
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, node) in self.0.iter().enumerate() {
            // SAFETY: It has been initialized, and nobody writes to it meanwhile.
            let (parent, owner) = unsafe { ((*node.get()).parent, (*node.get()).owner.val) };
            match self.0.iter().position(|other| other.get() == parent) {
                Some(parent) => write!(f, " {number}:{{in {parent}, owner {owner}}}")?,
                None => write!(f, " {number}:{{initial, owner {owner}}}")?,
            }
        }
        Ok(())
    }
}

/// Asks both, compares, and returns what the C answers; [`None`] if the case is skipped.
#[inline]
fn ask(
    group: &mut Group,
    tree: &Tree,
    cred: &mut cred,
    home: usize,
    target: usize,
    cap: c_int,
    opts: c_uint,
) -> Option<c_int> {
    if group.skips() {
        return None;
    }
    cred.user_ns = tree.0[home].get();
    let target_ns = tree.0[target].get();
    // SAFETY: Both are valid, and neither function writes to them.
    let c = unsafe { bindings::cap_capable(cred, target_ns, cap, opts) };
    // SAFETY: As above, and the tree is as `create_user_ns()` makes it.
    let rust = unsafe {
        rust_commoncap_cap_capable((&raw const *cred).cast(), target_ns.cast(), cap, opts)
    };
    let (euid, uid, effective) = (cred.euid.val, cred.uid.val, cred.cap_effective.val);
    group.compare(
        fmt!(
            "cap_capable({cap}) with opts {opts} over {target} by euid {euid} uid {uid} effective \
             {effective:#x} of {home}, namespaces{tree}"
        ),
        &c,
        &rust,
    );
    Some(c)
}

/// Returns credentials whose other fields than the effective set would change answers if they
/// mattered.
fn new_cred() -> Result<KBox<cred>> {
    let mut cred = KBox::<cred>::init(pin_init::init_zeroed(), GFP_KERNEL)?;
    cred.securebits = 0xfff;
    cred.cap_permitted.val = ALL;
    cred.cap_inheritable.val = ALL;
    cred.cap_bset.val = ALL;
    cred.cap_ambient.val = ALL;
    Ok(cred)
}

#[kunit_tests(commoncap_equivalence_capable)]
mod tests {
    use super::*;

    /// The number of namespaces in each tree of the test that makes every tree.
    const NODES: usize = 6;

    /// Each namespace is put below each that came before it, so this is every tree of so many:
    /// up to five deep and up to five wide.
    fn every_tree(group: &mut Group) -> Result {
        let mut tree = Tree::new(NODES)?;
        let mut cred = new_cred()?;
        let shapes = (1..NODES).product();
        for shape in 0..shapes {
            for owners in 0..1 << NODES {
                tree.own(0, owners & 1);
                let mut rest: usize = shape;
                for node in 1..NODES {
                    tree.place(node, rest % node, (owners >> node) & 1);
                    rest /= node;
                }
                everybody(group, &tree, &mut cred);
            }
        }
        Ok(())
    }

    fn everybody(group: &mut Group, tree: &Tree, cred: &mut cred) {
        for euid in [0, 1] {
            cred.euid.val = euid;
            cred.uid.val = 1 - euid;
            cred.suid.val = 1 - euid;
            cred.fsuid.val = 1 - euid;
            for home in 0..NODES {
                for target in 0..NODES {
                    for cap in 0..CAPABILITIES {
                        for effective in [NONE, 1 << cap, ALL & !(1 << cap), ALL] {
                            cred.cap_effective.val = effective;
                            ask(group, tree, cred, home, target, cap as c_int, 0);
                        }
                    }
                }
            }
        }
    }

    fn uid(random: &mut Random) -> u32 {
        UIDS[random.below(UIDS.len())]
    }

    /// Makes a tree of 48 namespaces. Most are children of the one before.
    fn grow(tree: &mut Tree, random: &mut Random) {
        for node in 1..tree.0.len() {
            let mut parent = node - 1;
            if random.below(8) == 0 || tree.level(parent) == DEPTH {
                parent = random.below(node);
            }
            while tree.level(parent) == DEPTH {
                parent = random.below(node);
            }
            tree.place(node, parent, uid(random));
        }
    }

    fn random_trees(group: &mut Group, random: &mut Random) -> Result<c_int> {
        let mut tree = Tree::new(48)?;
        let mut cred = new_cred()?;
        let mut deepest = 0;
        for _ in 0..12_000 {
            grow(&mut tree, random);
            for _ in 0..1_000 {
                let bits = random.next();
                cred.euid.val = uid(random);
                cred.uid.val = uid(random);
                cred.cap_effective.val = match bits & 3 {
                    0 => NONE,
                    1 => ALL,
                    _ => random.next() & random.next() & ALL,
                };
                let (home, target) = (random.below(tree.0.len()), random.below(tree.0.len()));
                let cap = random.below(CAPABILITIES as usize) as c_int;
                let opts = (bits >> 32) as c_uint & 7;
                ask(group, &tree, &mut cred, home, target, cap, opts);
                deepest = deepest.max(tree.level(target) - tree.level(home));
            }
        }
        Ok(deepest)
    }

    #[test]
    fn every_pair_in_every_tree() {
        assert!(equal("cap_capable, every tree of 6", every_tree));
    }

    #[test]
    fn random_pairs_in_random_trees() {
        let mut group = Group::new("cap_capable, random");
        let seed = module_parameters::seed.value();
        pr_info!("the seed of the random cases is {seed}\n");
        let done = random_trees(&mut group, &mut Random(seed));
        assert!(group.equal());
        // The whole way has been climbed.
        assert_eq!(done.ok(), Some(DEPTH));
    }
}
