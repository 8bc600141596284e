// SPDX-License-Identifier: GPL-2.0

//! Open files that may be interpreted.

use crate::{Cause, Source};
use std::{
    ffi::OsStr,
    fs::File,
    io::{self, Read},
    os::fd::{AsFd, BorrowedFd},
};

/// An open file that may be interpreted. It is read only through the checked descriptor.
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

    /// Returns the name that the kernel got.
    pub fn name(&self) -> &OsStr {
        self.source.name()
    }

    /// Returns the cause for which a policy with the securebit would refuse the script.
    ///
    /// Interpreters can use it to warn before an administrator sets the securebit.
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
