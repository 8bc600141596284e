// SPDX-License-Identifier: GPL-2.0

//! Checks whether a script interpreter may interpret something.
//!
//! Linux decides whether a file may run when it is executed. An interpreter only reads its script,
//! so it has to check by itself. This crate does so as
//! [`Documentation/userspace-api/check_exec.rst`] defines, and explains each refusal in a sentence.
//!
//! Two securebits make the checks binding. Children inherit them, and any process may set and lock
//! them, so an administrator sets them for a service, a session or a container:
//!
//! - `SECBIT_EXEC_RESTRICT_FILE` covers named files: scripts, modules, configuration that is code.
//!   Use [`Policy::open`].
//! - `SECBIT_EXEC_DENY_INTERACTIVE` covers standard input, which may be a file, a pipe or a
//!   terminal ([`Policy::standard_input`]), and commands outside of a file: `-c`, environment
//!   variables ([`Policy::command`]).
//!
//! A file passes if the kernel would execute it: its mode, its mount (`noexec`), its access control
//! list and the LSMs all allow it. Commands outside of a file never pass.
//!
//! # In an interpreter
//!
//! ```
//! use may_interpret::{Error, Policy};
//! use std::io::Read;
//!
//! fn source(path: &str) -> Result<String, Error> {
//!     let policy = Policy::current()?;
//!     let mut source = String::new();
//!     // The file is opened once: the checked file is the one that is read.
//!     policy.open(path)?.read_to_string(&mut source)?;
//!     Ok(source)
//! }
//!
//! let path = std::env::temp_dir().join(format!("may-interpret-{}", std::process::id()));
//! std::fs::write(&path, "print 1\n")?;
//! assert_eq!(source(path.to_str().unwrap())?, "print 1\n");
//! # std::fs::remove_file(path)?;
//! # Ok::<(), Error>(())
//! ```
//!
//! With the securebit set, the error has the cause and the remedy:
//!
//! ```
//! use may_interpret::Policy;
//!
//! let path = std::env::temp_dir().join(format!("may-interpret-refused-{}", std::process::id()));
//! std::fs::write(&path, "print 1\n")?;
//! let error = Policy::STRICT.open(&path).unwrap_err();
//! assert!(error.to_string().contains("SECBIT_EXEC_RESTRICT_FILE"));
//! # std::fs::remove_file(path)?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # What the interpreter has to do itself
//!
//! - Check *everything* that it takes for code: modules that a script loads, start-up files,
//!   plug-ins.
//! - Rely on a system where executable files cannot be written to. A file that is changed after the
//!   check has other contents when it is read. This crate only prevents that its *name* is given to
//!   another file in between.
//! - Expect any offset of standard input. The parent process chooses it, and can choose the middle
//!   of a comment, or of a program that is not a script.
//! - Try again if a thread starts another one during a check: `clone()` fails with `EAGAIN`, as
//!   during an `execve()`. Or check before starting threads.
//! - Have no option or environment variable that switches the check off.
//!
//! [`Documentation/userspace-api/check_exec.rst`]:
//! https://docs.kernel.org/userspace-api/check_exec.html

mod cause;
mod check;
mod error;
mod policy;
mod rule;
mod script;

pub use cause::Cause;
pub use check::would_execute;
pub use error::{Error, LockError, Refusal};
pub use policy::Policy;
pub use rule::{Rule, Source};
pub use script::Script;
