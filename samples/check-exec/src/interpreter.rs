// SPDX-License-Identifier: GPL-2.0

//! The language of `inc`: one command a line, of one character.

use crate::lines::Lines;
use std::{
    fmt,
    io::{self, Write},
};

/// Where the numbers come from that `?` asks for.
pub enum Answers<'a> {
    /// From the user.
    From(Lines<'a>),
    /// From where the script comes from, too: whatever follows there.
    Script,
}

/// Why the interpreter stopped.
#[derive(Debug)]
pub enum Stopped {
    /// In this line is no command.
    Unknown(usize, Vec<u8>),
    /// In this line, the number would be greater than there is one.
    Overflow(usize),
    /// This line could not be read.
    Unreadable(usize, io::Error),
    /// The number could not be written.
    Unwritable(io::Error),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(line, what) => write!(
                f,
                "line {line}: \"{}\" is no command: say \"+\", \"?\", or \"#\" and a comment",
                what.escape_ascii()
                    .take(60)
                    .map(char::from)
                    .collect::<String>()
            ),
            Self::Overflow(line) => {
                write!(f, "line {line}: no number is greater than {}", i64::MAX)
            }
            Self::Unreadable(line, error) => write!(f, "line {line}: {error}"),
            Self::Unwritable(error) => write!(f, "the number cannot be written: {error}"),
        }
    }
}

/// Interprets a script: counts, and writes numbers to `out` and questions to `ask`.
///
/// # Errors
///
/// [`Stopped`], after everything up to there has been interpreted.
pub fn interpret(
    script: &mut Lines<'_>,
    answers: &mut Answers<'_>,
    out: &mut impl Write,
    ask: &mut impl Write,
) -> Result<(), Stopped> {
    let mut number: i64 = 0;
    while let Some(line) = next(script)? {
        match line.as_slice() {
            [] | [b'#', ..] => {}
            b"+" => {
                number = number
                    .checked_add(1)
                    .ok_or(Stopped::Overflow(script.number()))?;
                writeln!(out, "{number}").map_err(Stopped::Unwritable)?;
            }
            b"?" => {
                // Whether anybody reads the question is not for the script to depend on.
                let _ = writeln!(ask, "> Enter new number: ");
                let answer = match answers {
                    Answers::From(lines) => answer(lines)?,
                    Answers::Script => answer(script)?,
                };
                match answer {
                    Some(answer) => number = answer,
                    None => drop(writeln!(
                        ask,
                        "# WARNING: there was no number, {number} stays"
                    )),
                }
            }
            _ => return Err(Stopped::Unknown(script.number(), line)),
        }
    }
    Ok(())
}

fn next(lines: &mut Lines<'_>) -> Result<Option<Vec<u8>>, Stopped> {
    lines
        .next_line()
        .map_err(|error| Stopped::Unreadable(lines.number(), error))
}

/// Takes the next line that is not empty, if that is a number.
fn answer(lines: &mut Lines<'_>) -> Result<Option<i64>, Stopped> {
    while let Some(line) = next(lines)? {
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        if number.is_none() {
            lines.put_back(line);
        }
        return Ok(number);
    }
    Ok(None)
}
