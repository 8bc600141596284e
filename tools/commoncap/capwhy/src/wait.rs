// SPDX-License-Identifier: GPL-2.0

//! Waiting for files, without missing a signal.

use crate::error::{Error, Result};
use rustix::{
    event::{poll, PollFd, PollFlags, Timespec},
    fd::BorrowedFd,
    io::Errno,
};
use std::time::Duration;

/// The longest wait: a signal that arrives just before it does not end it.
pub const MOMENT: Duration = Duration::from_millis(200);

/// Waits until one of the files is readable, a signal arrives, or so much time has passed. Returns
/// whether the wait ended before that time.
pub fn readable(files: &[BorrowedFd<'_>], at_most: Duration) -> Result<bool> {
    let failed = |error| Error::of("poll", error);
    let at_most =
        Timespec::try_from(at_most).map_err(|error| failed(std::io::Error::other(error)))?;
    let mut files: Vec<_> = files
        .iter()
        .map(|file| PollFd::from_borrowed_fd(*file, PollFlags::IN))
        .collect();
    match poll(&mut files, Some(&at_most)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(true),
        Err(error) => Err(failed(error.into())),
    }
}
