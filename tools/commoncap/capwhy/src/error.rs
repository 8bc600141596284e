// SPDX-License-Identifier: GPL-2.0

//! Why a command failed: one sentence with the cause and the remedy.

use std::{fmt, io};

/// An error: the sentence that the user reads.
#[derive(Debug)]
pub struct Error(String);

/// The result of what can fail.
pub type Result<T = ()> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error from a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Makes an error from a clause that says what failed, and the system's error.
    pub fn of(tried: impl fmt::Display, error: impl Into<io::Error>) -> Self {
        Self(format!("{tried}: {}", error.into()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
