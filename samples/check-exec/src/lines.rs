// SPDX-License-Identifier: GPL-2.0

//! A reader of lines that can put the last one back.

use std::io::{self, BufRead, BufReader, Read};

/// The greatest length of a line in bytes, with its end.
pub const LONGEST: u64 = 4096;

/// Reads lines as they arrive.
pub struct Lines<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    kept: Option<Vec<u8>>,
    number: usize,
}

impl<'a> Lines<'a> {
    /// Starts before the first line.
    pub fn of(reader: impl Read + 'a) -> Self {
        Self {
            reader: BufReader::new(Box::new(reader)),
            kept: None,
            number: 0,
        }
    }

    /// Returns the number of the last line, from 1 on.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the next line without its end, or [`None`] at the end of the file.
    ///
    /// # Errors
    ///
    /// `InvalidData` for a line that is longer than [`LONGEST`].
    pub fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.number += 1;
        if let Some(line) = self.kept.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let length = (&mut self.reader)
            .take(LONGEST)
            .read_until(b'\n', &mut line)?;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if length as u64 == LONGEST {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the line is longer than {LONGEST} bytes: check that this is a script"),
            ));
        }
        Ok((length > 0).then_some(line))
    }

    /// Puts the last line back: the next call returns it again.
    pub fn put_back(&mut self, line: Vec<u8>) {
        self.number -= 1;
        self.kept = Some(line);
    }
}
