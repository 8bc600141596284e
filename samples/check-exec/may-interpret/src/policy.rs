// SPDX-License-Identifier: GPL-2.0

//! The two securebits, and the checks that they require.

use crate::{would_execute, Cause, Error, LockError, Refusal, Rule, Script, Source};
use rustix::thread::{
    capabilities_secure_bits, set_capabilities_secure_bits, CapabilitiesSecureBits,
};
use std::{ffi::OsString, fs::File, io, os::fd::AsFd, path::Path};

/// What the system requires of an interpreter: the securebits.
///
/// They belong to a thread. Only the thread can change them, and its children inherit them. Reading
/// them once, in the thread that interprets, is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    securebits: u32,
}

impl Policy {
    /// Both securebits, independent of those of the thread.
    ///
    /// For interpreters built for a system that always restricts them.
    pub const STRICT: Self = Self::NONE
        .with(Rule::RestrictFile)
        .with(Rule::DenyInteractive);

    /// Neither securebit: everything may be interpreted.
    pub const NONE: Self = Self { securebits: 0 };

    /// Returns the policy of the calling thread: `prctl(PR_GET_SECUREBITS)`.
    ///
    /// # Errors
    ///
    /// Fails only if a seccomp filter denies the call. Interpret nothing in that case.
    pub fn current() -> io::Result<Self> {
        Ok(Self {
            securebits: capabilities_secure_bits()?.bits(),
        })
    }

    /// Returns the policy with the securebit of one more rule.
    ///
    /// ```
    /// use may_interpret::{Policy, Rule};
    ///
    /// let policy = Policy::NONE.with(Rule::DenyInteractive);
    /// assert!(policy.has(Rule::DenyInteractive) && !policy.has(Rule::RestrictFile));
    /// ```
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self {
            securebits: self.securebits | rule.securebit(),
        }
    }

    /// Returns whether the securebit of a rule is set.
    pub const fn has(self, rule: Rule) -> bool {
        self.securebits & rule.securebit() != 0
    }

    /// Returns whether the securebit of a rule is locked: it stays as it is.
    pub const fn is_locked(self, rule: Rule) -> bool {
        self.securebits & rule.lock() != 0
    }

    /// Opens a script, and checks whether it may be interpreted.
    ///
    /// For all code in named files: scripts, modules, start-up files.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be opened, [`Error::Refused`] if the policy refuses it.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Script, Error> {
        let path = path.as_ref();
        Ok(self.file(File::open(path)?, path)?)
    }

    /// Checks whether an open file may be interpreted. `name` is for LSMs, audit and messages.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the policy refuses it.
    pub fn file(self, file: File, name: impl Into<OsString>) -> Result<Script, Refusal> {
        self.check(file, Source::File(name.into()), Rule::RestrictFile)
    }

    /// Checks whether standard input may be interpreted.
    ///
    /// A file that the kernel would execute passes under each policy.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the policy refuses it, [`Error::Io`] if standard input is closed.
    pub fn standard_input(self) -> Result<Script, Error> {
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(self.check(file, Source::StandardInput, Rule::DenyInteractive)?)
    }

    /// Checks whether commands outside of a file may be interpreted.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the policy refuses them.
    ///
    /// ```
    /// use may_interpret::Policy;
    ///
    /// assert!(Policy::NONE.command().is_ok());
    /// assert!(Policy::STRICT.command().is_err());
    /// ```
    pub fn command(self) -> Result<(), Refusal> {
        if self.has(Rule::DenyInteractive) {
            Err(self.refusal(Rule::DenyInteractive, Source::Command, Cause::NoFile))
        } else {
            Ok(())
        }
    }

    /// Sets and locks the securebits of this policy, for the calling thread and its children.
    ///
    /// Needs no privilege. Securebits that are set or locked already stay so.
    ///
    /// # Errors
    ///
    /// See [`LockError`].
    pub fn lock(self) -> Result<(), LockError> {
        let now = Self::current().map_err(LockError::Other)?;
        let mut wanted = now;
        for rule in Rule::ALL.into_iter().filter(|rule| self.has(*rule)) {
            if now.is_locked(rule) && !now.has(rule) {
                return Err(LockError::LockedOff(rule));
            }
            wanted.securebits |= rule.securebit() | rule.lock();
        }
        // Setting the same value again needs CAP_SETPCAP.
        if wanted == now {
            return Ok(());
        }
        set_capabilities_secure_bits(CapabilitiesSecureBits::from_bits_retain(wanted.securebits))
            .map_err(|errno| match errno {
                rustix::io::Errno::PERM => LockError::NotKnown,
                errno => LockError::Other(errno.into()),
            })
    }

    /// Checks a file in any case, so that audit and LSMs see all that is interpreted. The result is
    /// binding if the rule is enabled.
    fn check(self, file: File, source: Source, rule: Rule) -> Result<Script, Refusal> {
        let cause = would_execute(&file, source.name())
            .err()
            .map(|error| Cause::of(&file, error));
        match cause {
            Some(cause) if self.has(rule) => Err(self.refusal(rule, source, cause)),
            cause => Ok(Script::new(file, source, cause)),
        }
    }

    fn refusal(self, rule: Rule, source: Source, cause: Cause) -> Refusal {
        Refusal {
            rule,
            locked: self.is_locked(rule),
            source,
            cause,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        env, fs,
        io::{ErrorKind, Read},
        os::unix::fs::{symlink, PermissionsExt},
        path::PathBuf,
        process, thread,
    };

    /// Securebits belong to a thread, so the locks of a test end with its thread.
    fn in_a_thread(test: impl Fn() + Clone + Send + 'static) {
        loop {
            match thread::Builder::new().spawn(test.clone()) {
                Ok(thread) => return thread.join().unwrap(),
                // The kernel runs a check for another test.
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
    }

    fn lock_or_skip(policy: Policy) -> bool {
        let known = !matches!(policy.lock(), Err(LockError::NotKnown));
        let required = env::var_os("CHECK_EXEC_REQUIRED").is_some();
        assert!(known || !required, "this kernel has no exec securebits");
        known
    }

    /// A temporary directory.
    struct Scene(PathBuf);

    impl Scene {
        fn new(name: &str) -> Self {
            let path = env::temp_dir().join(format!("may-interpret-{}-{name}", process::id()));
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn script(&self, name: &str, mode: u32) -> PathBuf {
            let path = self.0.join(name);
            fs::write(&path, name).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        }
    }

    impl Drop for Scene {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const LOCKED: Policy = Policy { securebits: 0xf00 };

    #[test]
    fn the_securebits_have_the_numbers_of_the_kernel() {
        assert_eq!(Policy::STRICT.securebits, 0x500);
        assert_eq!(LOCKED.securebits, 0x500 | (0x500 << 1));
        for rule in Rule::ALL {
            assert!(Policy::STRICT.has(rule) && !Policy::STRICT.is_locked(rule));
            assert!(LOCKED.has(rule) && LOCKED.is_locked(rule));
            assert!(!Policy::NONE.has(rule) && Policy::NONE.with(rule).has(rule));
        }
    }

    #[test]
    fn a_policy_belongs_to_the_thread_that_locked_it() {
        in_a_thread(|| {
            if !lock_or_skip(Policy::STRICT) {
                return;
            }
            let now = Policy::current().unwrap();
            assert_eq!(now.securebits & 0xf00, 0xf00);
            in_a_thread(|| {
                // Inherited.
                assert!(Policy::current().unwrap().is_locked(Rule::RestrictFile));
            });
        });
        assert_eq!(Policy::current().unwrap().securebits & 0xf00, 0);
    }

    #[test]
    fn locks_add_up_and_locking_twice_succeeds() {
        in_a_thread(|| {
            if !lock_or_skip(Policy::NONE.with(Rule::RestrictFile)) {
                return;
            }
            assert_eq!(Policy::current().unwrap().securebits & 0xf00, 0x300);
            Policy::NONE.with(Rule::DenyInteractive).lock().unwrap();
            Policy::STRICT.lock().unwrap();
            Policy::NONE.lock().unwrap();
            assert_eq!(Policy::current().unwrap().securebits & 0xf00, 0xf00);
        });
    }

    #[test]
    fn a_securebit_that_is_locked_off_cannot_be_set() {
        in_a_thread(|| {
            let off = CapabilitiesSecureBits::from_bits_retain(Rule::DenyInteractive.lock());
            if set_capabilities_secure_bits(off).is_err() {
                return;
            }
            let error = Policy::STRICT.lock().unwrap_err();
            assert!(
                matches!(error, LockError::LockedOff(Rule::DenyInteractive)),
                "{error}"
            );
            // The failed call set no other securebit.
            assert!(!Policy::current().unwrap().has(Rule::RestrictFile));
            Policy::NONE.with(Rule::RestrictFile).lock().unwrap();
        });
    }

    #[test]
    fn without_securebits_all_passes_and_would_be_refused_has_the_cause() {
        let scene = Scene::new("cause");
        let script = Policy::NONE.open(scene.script("no", 0o644)).unwrap();
        assert!(script.would_be_refused().is_some());
        let script = Policy::NONE.open("/bin/sh").unwrap();
        assert_eq!(script.name(), "/bin/sh");
        if let Some(cause) = script.would_be_refused() {
            assert!(matches!(cause, Cause::NoCheck), "{cause}");
        }
        assert!(Policy::NONE.command().is_ok());
    }

    #[test]
    fn each_rule_refuses_its_own_sources_only() {
        let scene = Scene::new("rules");
        let no = scene.script("no", 0o644);
        let restricted = Policy::NONE.with(Rule::RestrictFile);
        let denied = Policy::NONE.with(Rule::DenyInteractive);
        assert!(restricted.command().is_ok() && denied.open(&no).is_ok());
        match restricted.open(&no).unwrap_err() {
            Error::Refused(refusal) => {
                assert_eq!(refusal.rule, Rule::RestrictFile);
                assert_eq!(refusal.source, Source::File(no.into()));
                assert!(!refusal.locked);
            }
            Error::Io(error) => panic!("{error}"),
        }
        let refusal = LOCKED.command().unwrap_err();
        assert_eq!(refusal.rule, Rule::DenyInteractive);
        assert_eq!(refusal.source, Source::Command);
        assert!(refusal.locked);
    }

    #[test]
    fn a_failure_to_open_is_an_io_error() {
        match Policy::STRICT.open("/nowhere/at all").unwrap_err() {
            Error::Io(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
            Error::Refused(refusal) => panic!("{refusal}"),
        }
    }

    #[test]
    fn the_checked_file_is_the_one_that_is_read() {
        let scene = Scene::new("race");
        scene.script("first", 0o755);
        scene.script("second", 0o644);
        let name = scene.0.join("name");
        symlink("first", &name).unwrap();
        // Without the check in the kernel, interpret anyway.
        let policy = match would_execute(File::open("/bin/sh").unwrap(), "sh".as_ref()) {
            Ok(()) => Policy::STRICT,
            Err(_) => Policy::NONE,
        };
        let mut script = policy.open(&name).unwrap();
        fs::remove_file(&name).unwrap();
        symlink("second", &name).unwrap();
        fs::rename(scene.0.join("second"), scene.0.join("first")).unwrap();
        let mut text = String::new();
        script.read_to_string(&mut text).unwrap();
        assert_eq!(text, "first");
    }
}
