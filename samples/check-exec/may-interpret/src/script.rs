// SPDX-License-Identifier: GPL-2.0

//! What may be interpreted.

use crate::{Cause, Source};
use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, BorrowedFd},
};

/// An open file that may be interpreted, and no way to it but the descriptor that was checked.
#[derive(Debug)]
pub struct Script {
    file: File,
    source: Source,
    would_be_refused: Option<Cause>,
}

impl Script {
    pub(crate) fn new(file: File, source: Source, would_be_refused: Option<Cause>) -> Self {
        Self {
            file,
            source,
            would_be_refused,
        }
    }

    /// Returns the name that the kernel was told.
    pub fn name(&self) -> &OsStr {
        self.source.name()
    }

    /// Returns why it would be refused if the securebit were set: for those who want to warn of
    /// that before it is.
    pub fn would_be_refused(&self) -> Option<&Cause> {
        self.would_be_refused.as_ref()
    }

    /// Returns the file.
    pub fn into_file(self) -> File {
        self.file
    }
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.file.read(buf)
    }
}

impl AsFd for Script {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
