// SPDX-License-Identifier: GPL-2.0

//! Waiting for files, without missing a signal.

use crate::error::{Error, Result};
use rustix::{
    event::{poll, PollFd, PollFlags, Timespec},
    fd::BorrowedFd,
    io::Errno,
};

/// Waits until one of the files is readable, a signal arrives, or a moment has passed: a signal
/// that arrives just before the call does not end it.
pub fn readable(files: &[BorrowedFd<'_>]) -> Result {
    const MOMENT: Timespec = Timespec {
        tv_sec: 0,
        tv_nsec: 200_000_000,
    };
    let mut files: Vec<_> = files
        .iter()
        .map(|file| PollFd::from_borrowed_fd(*file, PollFlags::IN))
        .collect();
    match poll(&mut files, Some(&MOMENT)) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(Error::of("poll", error)),
    }
}
