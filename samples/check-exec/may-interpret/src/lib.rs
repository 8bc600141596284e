// SPDX-License-Identifier: GPL-2.0

//! May I interpret this?
//!
//! What a file may do, Linux decides when it is executed. A script that is given to its interpreter
//! is only read, so the interpreter has to ask. This crate asks, as
//! [`Documentation/userspace-api/check_exec.rst`] wants it, and says in a sentence why not.
//!
//! There are two questions, and two securebits that make the answers binding. They are inherited,
//! and everybody may set and lock them, so an administrator sets them for a service, a session or a
//! container:
//!
//! - `SECBIT_EXEC_RESTRICT_FILE`: of a file that is named, be it a script, a module or a
//!   configuration that is code. Ask [`Policy::open`].
//! - `SECBIT_EXEC_DENY_INTERACTIVE`: of what comes in by the standard input, which may be a file, a
//!   pipe or a terminal. Ask [`Policy::standard_input`]. And of commands that come from no file:
//!   `-c`, environment variables. Ask [`Policy::command`].
//!
//! A file passes if the kernel would execute it: its mode, its mount (`noexec`), the access control
//! lists and the LSMs all say yes. Commands that come from no file never pass.
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
//!     // What is read is what was checked: the file is opened once.
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
//! With the securebit set, the same call says what is wrong, and what would help:
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
//! # What it cannot do for you
//!
//! - Ask of *everything* that is code to you: modules that a script loads, start-up files,
//!   plug-ins.
//! - A file that can be written to after the check can say something else when it is read. That
//!   nothing executable is writable is for the system to see to; here only the *name* cannot be
//!   given to another file in between.
//! - The standard input is read from where the file stands. Who has started the interpreter can
//!   have put that into the middle of a comment, or of a program that is no script at all.
//! - While the kernel checks, it lets no thread of the process start another: `clone()` fails with
//!   `EAGAIN`, as in an `execve()` that will replace them all. Whoever starts threads while another
//!   thread asks has to try again, or to ask before.
//! - Let no option or environment variable switch this off. That would be the way around it.
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
