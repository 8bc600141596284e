// SPDX-License-Identifier: GPL-2.0

//! Module parameters of other types than numbers.
//!
//! The `module!` macro knows integers only, and `bool` from Linux 7.3 on. `module_param!` takes any
//! type that implements [`ModuleParam`]. Upstream, `module!` would learn to.
//!
//! C header: [`include/linux/moduleparam.h`](srctree/include/linux/moduleparam.h).

use kernel::{
    bindings,
    error::from_result,
    module_param::ModuleParam,
    prelude::*,
    str::{BStr, CStrExt},
    sync::SetOnce,
};

/// A parameter as the module reads it.
pub struct Param<T>(SetOnce<T>);

impl<T: ModuleParam> Param<T> {
    // For a `kernel_param` whose `arg` points to a `Self`: `module_param!` makes one.
    #[doc(hidden)]
    pub const OPS: bindings::kernel_param_ops = bindings::kernel_param_ops {
        flags: 0,
        set: Some(Self::set),
        get: None,
        free: None,
    };

    /// Makes a parameter that has not been given.
    #[expect(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(SetOnce::new())
    }

    /// Returns the value that was given at load time; [`None`] if none was.
    pub fn value(&self) -> Option<T> {
        self.0.copy()
    }

    /// Sets the parameter from a string: `kernel_param_ops.set`.
    ///
    /// Fails with the error of [`ModuleParam::try_from_param_arg`], with `EINVAL` for a name
    /// without a value, or with `EEXIST` if the parameter has been given before.
    ///
    /// # Safety
    ///
    /// - If `val` is not null, it must point to a null-terminated string.
    /// - `param` must be valid for reads, and its `arg` must point to a `Self` that is valid for as
    ///   long as the call lasts.
    unsafe extern "C" fn set(val: *const c_char, param: *const bindings::kernel_param) -> c_int {
        from_result(|| {
            if val.is_null() {
                return Err(EINVAL);
            }
            // SAFETY: By the safety requirements, `val` is a null-terminated string.
            let arg: &BStr = unsafe { CStr::from_char_ptr(val) }.as_ref();
            let value = T::try_from_param_arg(arg)?;
            // SAFETY: By the safety requirements, `param` is valid for reads, and its `arg` points
            // to a valid `Self`. Only shared references are ever made to it.
            let this = unsafe { &*(*param).__bindgen_anon_1.arg.cast::<Self>() };
            this.0.populate(value).then_some(0).ok_or(EEXIST)
        })
    }
}

/// Declares a module parameter: a static [`Param`] that is set at load time. `modinfo` shows its
/// name, its type as the literal after the colon, and its description.
///
/// # Examples
///
/// ```ignore
/// module_param! {
///     /// The speed.
///     pub(crate) static SPEED: Speed = "speed": "string", "how fast: slow or fast";
/// }
///
/// let speed = SPEED.value().unwrap_or(Speed::Slow);
/// ```
macro_rules! module_param {
    (
        $(#[$doc:meta])*
        $vis:vis static $param:ident: $type:ty = $name:literal: $kind:literal, $description:literal;
    ) => {
        $(#[$doc])*
        $vis static $param: $crate::kernel_ext::module_param::Param<$type> =
            $crate::kernel_ext::module_param::Param::new();

        const _: () = {
            use $crate::kernel_ext::module_param::{modinfo, Param};
            use ::kernel::{bindings, module_param::KernelParam};

            static OPS: bindings::kernel_param_ops = Param::<$type>::OPS;

            #[link_section = "__param"]
            #[used(compiler)]
            static KERNEL_PARAM: KernelParam = KernelParam::new(bindings::kernel_param {
                name: ::kernel::str::as_char_ptr_in_const_context(::kernel::c_str!($name)),
                mod_: (&raw const bindings::__this_module).cast_mut(),
                ops: &raw const OPS,
                perm: 0,
                level: -1,
                flags: 0,
                __bindgen_anon_1: bindings::kernel_param__bindgen_ty_1 {
                    arg: (&raw const $param).cast_mut().cast(),
                },
            });

            modinfo!(concat!("parmtype=", $name, ":", $kind, "\0"));
            modinfo!(concat!("parm=", $name, ":", $description, "\0"));
        };
    };
}
pub(crate) use module_param;

/// Puts a null-terminated `tag=value` where `modinfo` and the module loader look: `MODULE_INFO()`.
macro_rules! modinfo {
    ($text:expr) => {
        const _: () = {
            const TEXT: &str = $text;

            #[link_section = ".modinfo"]
            #[used(compiler)]
            static MODINFO: [u8; TEXT.len()] = {
                let mut bytes = [0; TEXT.len()];
                let mut i = 0;
                while i < bytes.len() {
                    bytes[i] = TEXT.as_bytes()[i];
                    i += 1;
                }
                bytes
            };
        };
    };
}
pub(crate) use modinfo;
