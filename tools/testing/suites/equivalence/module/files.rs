// SPDX-License-Identifier: GPL-2.0

//! Files of a file system that answers as a case wants it, mounts that map IDs, user namespaces and
//! callers.

use core::{
    cell::Cell,
    ptr::NonNull, //
};
use kernel::{
    bindings::{
        self,
        cred,
        dentry,
        inode,
        mnt_idmap,
        super_block,
        uid_gid_extent,
        uid_gid_map,
        user_namespace,
        xattr_handler, //
    },
    prelude::*,
    str::CStrExt,
    task::Task,
    types::Opaque, //
};

/// IDs from `first` on are those from `lower` on, `count` of them.
pub(crate) type Extent = (u32, u32, u32);

fn map(extents: &[Extent]) -> uid_gid_map {
    let mut map: uid_gid_map = pin_init::zeroed();
    // SAFETY: All zero, so there are extents in it, and no pointers to them.
    let raw = unsafe { &mut map.__bindgen_anon_1.__bindgen_anon_1 };
    for (to, &(first, lower_first, count)) in raw.extent.iter_mut().zip(extents) {
        *to = uid_gid_extent {
            first,
            lower_first,
            count,
        };
        raw.nr_extents += 1;
    }
    map
}

/// Makes a user namespace.
pub(crate) fn namespace(
    parent: *mut user_namespace,
    level: c_int,
    owner: u32,
    extents: &[Extent],
) -> Result<KBox<Opaque<user_namespace>>> {
    let ns = KBox::init(
        pin_init::init_zeroed::<Opaque<user_namespace>>(),
        GFP_KERNEL,
    )?;
    // SAFETY: It has been initialized, and nobody else has it.
    unsafe {
        (*ns.get()).parent = parent;
        (*ns.get()).level = level;
        (*ns.get()).owner.val = owner;
        (*ns.get()).uid_map = map(extents);
        (*ns.get()).gid_map = map(extents);
    }
    Ok(ns)
}

/// `struct mnt_idmap`, which only `fs/mnt_idmapping.c` has.
#[repr(C)]
pub(crate) struct Idmap {
    uid_map: uid_gid_map,
    gid_map: uid_gid_map,
    count: u32,
}

impl Idmap {
    pub(crate) fn new(extents: &[Extent]) -> Result<KBox<Self>> {
        let idmap = Self {
            uid_map: map(extents),
            gid_map: map(extents),
            count: 1,
        };
        Ok(KBox::new(idmap, GFP_KERNEL)?)
    }

    pub(crate) fn as_ptr(&self) -> *mut mnt_idmap {
        core::ptr::from_ref(self).cast_mut().cast()
    }
}

/// What the file system answers, and what it has been asked to do.
#[derive(Clone, Copy)]
pub(crate) struct Script {
    /// The result of a call for the size.
    pub(crate) size: c_int,
    /// The result of a call for the value.
    pub(crate) read: c_int,
    pub(crate) value: [u8; 64],
    /// The result of a call that removes the value.
    pub(crate) set: c_int,
}

impl Script {
    pub(crate) const EMPTY: Self = Self {
        size: 0,
        read: 0,
        value: [0; 64],
        set: 0,
    };
}

/// What a file system is asked to remove: the arguments as numbers.
pub(crate) type Removed = [usize; 6];

struct State {
    script: Cell<Script>,
    removed: Cell<Option<Removed>>,
}

/// # Safety
///
/// The inode must be one of a [`File`].
unsafe fn state<'a>(inode: *mut inode) -> &'a State {
    // SAFETY: By the safety requirements.
    unsafe { &*(*inode).i_private.cast::<State>() }
}

/// Reads the attribute as the script of the file says: `xattr_handler.get`.
///
/// # Safety
///
/// The inode must be one of a [`File`], and the buffer valid for writes of `size` bytes.
unsafe extern "C" fn get(
    _: *const xattr_handler,
    _: *mut dentry,
    inode: *mut inode,
    _: *const c_char,
    buffer: *mut c_void,
    size: usize,
) -> c_int {
    // SAFETY: By the safety requirements.
    let script = unsafe { state(inode) }.script.get();
    if size == 0 {
        return script.size;
    }
    // SAFETY: By the safety requirements.
    let buffer = unsafe { core::slice::from_raw_parts_mut(buffer.cast::<u8>(), size) };
    for (to, from) in buffer.iter_mut().zip(script.value) {
        *to = from;
    }
    script.read
}

/// Notes what is to be removed, and answers as the script says: `xattr_handler.set`.
///
/// # Safety
///
/// The inode must be one of a [`File`].
unsafe extern "C" fn set(
    _: *const xattr_handler,
    idmap: *mut mnt_idmap,
    dentry: *mut dentry,
    inode: *mut inode,
    _: *const c_char,
    buffer: *const c_void,
    size: usize,
    flags: c_int,
) -> c_int {
    // SAFETY: By the safety requirements.
    let state = unsafe { state(inode) };
    state.removed.set(Some([
        idmap.addr(),
        dentry.addr(),
        inode.addr(),
        buffer.addr(),
        size,
        flags as usize,
    ]));
    state.script.get().set
}

/// How the file system handles the attribute.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Handler {
    Full,
    /// It neither reads nor writes.
    Useless,
    /// It has none for this attribute.
    Missing,
    /// The inode has no attributes.
    Unsupported,
}

/// A file with one name.
pub(crate) struct File {
    inode: KBox<Opaque<inode>>,
    dentry: KBox<Opaque<dentry>>,
    super_block: KBox<Opaque<super_block>>,
    handler: KBox<xattr_handler>,
    handlers: KBox<[*const xattr_handler; 2]>,
    state: KBox<State>,
}

impl File {
    pub(crate) fn new() -> Result<Self> {
        let handler = xattr_handler {
            prefix: c"security.".as_char_ptr(),
            ..pin_init::zeroed()
        };
        let handler = KBox::new(handler, GFP_KERNEL)?;
        let state = State {
            script: Cell::new(Script::EMPTY),
            removed: Cell::new(None),
        };
        let file = Self {
            inode: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            dentry: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            super_block: KBox::init(pin_init::init_zeroed(), GFP_KERNEL)?,
            handlers: KBox::new([&raw const *handler, core::ptr::null()], GFP_KERNEL)?,
            handler,
            state: KBox::new(state, GFP_KERNEL)?,
        };
        // SAFETY: All have been initialized, and nobody else has them. They stay where they are.
        unsafe {
            (*file.super_block.get()).s_xattr = file.handlers.as_ptr();
            (*file.inode.get()).i_sb = file.super_block.get();
            (*file.inode.get()).i_private = (&raw const *file.state).cast_mut().cast();
            (*file.dentry.get()).d_sb = file.super_block.get();
            // One reference is of the file itself.
            (*file.dentry.get())
                .d_lockref
                .__bindgen_anon_1
                .__bindgen_anon_1
                .count = 1;
        }
        Ok(file)
    }

    pub(crate) fn inode(&self) -> *mut inode {
        self.inode.get()
    }

    pub(crate) fn dentry(&self) -> *mut dentry {
        self.dentry.get()
    }

    /// Sets what the functions look at.
    pub(crate) fn place(&mut self, fs_ns: *mut user_namespace, owner: u32, group: u32) {
        // SAFETY: They are valid, and nobody else has them.
        unsafe {
            (*self.super_block.get()).s_user_ns = fs_ns;
            (*self.inode.get()).i_uid.val = owner;
            (*self.inode.get()).i_gid.val = group;
        }
    }

    /// Gives the name its inode or takes it, and the inode its name.
    pub(crate) fn link(&mut self, positive: bool, named: bool) {
        let (inode, dentry) = (self.inode.get(), self.dentry.get());
        // SAFETY: They are valid, and nobody else has them. A list of one is linked by hand.
        unsafe {
            (*dentry).d_inode = if positive {
                inode
            } else {
                core::ptr::null_mut()
            };
            let alias = &raw mut (*dentry).__bindgen_anon_2.d_alias;
            let head = &raw mut (*inode).__bindgen_anon_2.i_dentry.first;
            *alias = pin_init::zeroed();
            *head = if named { alias } else { core::ptr::null_mut() };
            if named {
                (*alias).pprev = head;
            }
        }
    }

    pub(crate) fn handle(&mut self, handler: Handler) {
        self.handler.get = (handler == Handler::Full).then_some(get);
        self.handler.set = (handler == Handler::Full).then_some(set);
        self.handlers[0] = match handler {
            Handler::Missing => core::ptr::null(),
            _ => &raw const *self.handler,
        };
        // SAFETY: It is valid, and nobody else has it.
        unsafe {
            (*self.inode.get()).i_opflags = match handler {
                Handler::Unsupported => 0,
                _ => bindings::IOP_XATTR as u16,
            };
        }
    }

    pub(crate) fn script(&self, script: Script) {
        self.state.script.set(script);
    }

    /// Returns what the file system was asked to remove since the last call of this.
    pub(crate) fn removed(&self) -> Option<Removed> {
        self.state.removed.take()
    }

    /// Returns how many references there are on the name.
    pub(crate) fn references(&self) -> c_int {
        // SAFETY: It is valid, and nobody else has it.
        unsafe {
            (*self.dentry.get())
                .d_lockref
                .__bindgen_anon_1
                .__bindgen_anon_1
                .count
        }
    }
}

/// The current task, in another user namespace and with other capabilities while it makes a call.
///
/// # Invariants
///
/// It owns `cred`, which nobody else uses, and whose user namespace is `user_ns` outside of calls.
pub(crate) struct Caller {
    cred: NonNull<cred>,
    user_ns: *mut user_namespace,
}

impl Caller {
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: Tests run in process context.
        let cred = NonNull::new(unsafe { bindings::prepare_creds() }).ok_or(ENOMEM)?;
        // INVARIANT: Just made.
        // SAFETY: As above.
        let user_ns = unsafe { (*cred.as_ptr()).user_ns };
        Ok(Self { cred, user_ns })
    }

    /// Makes a call in a user namespace with an effective user ID and effective capabilities.
    #[inline]
    pub(crate) fn call<R>(
        &mut self,
        (ns, euid, effective): (*mut user_namespace, u32, u64),
        call: impl FnOnce() -> R,
    ) -> R {
        let task = Task::current_raw();
        let cred = self.cred.as_ptr();
        // SAFETY: By the type invariants, nobody else uses the credentials; those of a task are its
        // own to change, and the call does not replace them.
        unsafe {
            (*cred).user_ns = ns;
            (*cred).euid.val = euid;
            (*cred).cap_effective.val = effective;
            let own = (*task).cred;
            (*task).cred = cred;
            let result = call();
            (*task).cred = own;
            (*cred).user_ns = self.user_ns;
            result
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // SAFETY: By the type invariants, this owns the reference.
        unsafe { bindings::abort_creds(self.cred.as_ptr()) };
    }
}
