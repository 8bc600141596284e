// SPDX-License-Identifier: GPL-2.0

//! The two securebits, and what may be interpreted under them.

use crate::{would_execute, Cause, Error, LockError, Refusal, Rule, Script, Source};
use rustix::thread::{
    capabilities_secure_bits, set_capabilities_secure_bits, CapabilitiesSecureBits,
};
use std::{ffi::OsString, fs::File, io, os::fd::AsFd, path::Path};

/// What the system asks of an interpreter: the securebits.
///
/// They belong to a thread, which alone can change them, and are inherited by what it starts. To
/// read them once, in the thread that decides, is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    securebits: u32,
}

impl Policy {
    /// Both securebits, whatever those of the thread are.
    ///
    /// For interpreters that are built for a system where nothing else should ever be.
    pub const STRICT: Self = Self::NONE
        .with(Rule::RestrictFile)
        .with(Rule::DenyInteractive);

    /// Neither securebit: everything may be interpreted.
    pub const NONE: Self = Self { securebits: 0 };

    /// Returns the policy of the calling thread: `prctl(PR_GET_SECUREBITS)`.
    ///
    /// # Errors
    ///
    /// None, unless a seccomp filter forbids the question. Then interpret nothing.
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

    /// Opens a script, and asks whether it may be interpreted.
    ///
    /// For whatever is named to be interpreted, and is read from a file.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be opened, [`Error::Refused`] if it may not be interpreted.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Script, Error> {
        let path = path.as_ref();
        Ok(self.file(File::open(path)?, path)?)
    }

    /// Asks whether a file that is open already may be interpreted, of which `name` is told.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if it may not.
    pub fn file(self, file: File, name: impl Into<OsString>) -> Result<Script, Refusal> {
        self.ask(file, Source::File(name.into()), Rule::RestrictFile)
    }

    /// Asks whether what comes in by the standard input may be interpreted.
    ///
    /// A file that the kernel would execute may, even if there is to be nothing interactive.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if it may not; [`Error::Io`] if there is none.
    pub fn standard_input(self) -> Result<Script, Error> {
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        Ok(self.ask(file, Source::StandardInput, Rule::DenyInteractive)?)
    }

    /// Asks whether commands may be interpreted that come from no file.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if they may not.
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

    /// Sets the securebits of this policy for the calling thread and all that it starts, and locks
    /// them.
    ///
    /// Takes no privilege. What is set or locked already stays so.
    ///
    /// # Errors
    ///
    /// A [`LockError`]: see there.
    pub fn lock(self) -> Result<(), LockError> {
        let now = Self::current().map_err(LockError::Other)?;
        let mut wanted = now;
        for rule in Rule::ALL.into_iter().filter(|rule| self.has(*rule)) {
            if now.is_locked(rule) && !now.has(rule) {
                return Err(LockError::LockedOff(rule));
            }
            wanted.securebits |= rule.securebit() | rule.lock();
        }
        // To set what is set already is a privilege.
        if wanted == now {
            return Ok(());
        }
        set_capabilities_secure_bits(CapabilitiesSecureBits::from_bits_retain(wanted.securebits))
            .map_err(|errno| match errno {
                rustix::io::Errno::PERM => LockError::NotKnown,
                errno => LockError::Other(errno.into()),
            })
    }

    /// Asks the kernel, always, so that whoever watches it learns of all that is interpreted; heeds
    /// the answer if the rule is in force.
    fn ask(self, file: File, source: Source, rule: Rule) -> Result<Script, Refusal> {
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

    /// Securebits are a thread's, so what a test locks goes with its thread.
    fn in_a_thread(test: impl Fn() + Clone + Send + 'static) {
        loop {
            match thread::Builder::new().spawn(test.clone()) {
                Ok(thread) => return thread.join().unwrap(),
                // Another test has the kernel check something.
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

    /// A directory of its own.
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
    fn the_securebits_are_those_of_the_c() {
        assert_eq!(Policy::STRICT.securebits, 0x500);
        assert_eq!(LOCKED.securebits, 0x500 | (0x500 << 1));
        for rule in Rule::ALL {
            assert!(Policy::STRICT.has(rule) && !Policy::STRICT.is_locked(rule));
            assert!(LOCKED.has(rule) && LOCKED.is_locked(rule));
            assert!(!Policy::NONE.has(rule) && Policy::NONE.with(rule).has(rule));
        }
    }

    #[test]
    fn a_policy_is_that_of_the_thread_that_locked_it() {
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
    fn one_lock_is_added_to_the_other_and_none_twice_is_no_error() {
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
    fn what_is_locked_off_cannot_be_locked_on() {
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
            // Nothing is done by halves.
            assert!(!Policy::current().unwrap().has(Rule::RestrictFile));
            Policy::NONE.with(Rule::RestrictFile).lock().unwrap();
        });
    }

    #[test]
    fn without_securebits_all_is_interpreted_and_what_would_be_refused_is_told() {
        let scene = Scene::new("told");
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
    fn each_rule_is_for_its_own_sources() {
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
    fn what_cannot_be_opened_is_no_refusal() {
        match Policy::STRICT.open("/nowhere/at all").unwrap_err() {
            Error::Io(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
            Error::Refused(refusal) => panic!("{refusal}"),
        }
    }

    #[test]
    fn what_is_read_is_what_was_checked() {
        let scene = Scene::new("race");
        scene.script("first", 0o755);
        scene.script("second", 0o644);
        let name = scene.0.join("name");
        symlink("first", &name).unwrap();
        // Where the kernel cannot check, as if it were to be interpreted anyway.
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
