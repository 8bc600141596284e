// SPDX-License-Identifier: GPL-2.0

//! The language of `inc`: one command a line, of one character.

use crate::lines::Lines;
use std::{
    fmt,
    io::{self, Write},
};

/// The source of the numbers that `?` requests.
pub enum Answers<'a> {
    /// The user.
    From(Lines<'a>),
    /// The next line of the script.
    Script,
}

/// The reason why the interpreter stopped.
#[derive(Debug)]
pub enum Stopped {
    /// This line has no command.
    Unknown(usize, Vec<u8>),
    /// The number overflows in this line.
    Overflow(usize),
    /// This line cannot be read.
    Unreadable(usize, io::Error),
    /// The number cannot be written.
    Unwritable(io::Error),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(line, what) => write!(
                f,
                "line {line}: \"{}\" is not a command: use \"+\", \"?\", or \"#\" and a comment",
                what.escape_ascii()
                    .take(60)
                    .map(char::from)
                    .collect::<String>()
            ),
            Self::Overflow(line) => {
                write!(
                    f,
                    "line {line}: the number overflows: count to {} at most",
                    i64::MAX
                )
            }
            Self::Unreadable(line, error) => write!(f, "line {line}: {error}"),
            Self::Unwritable(error) => write!(f, "the number cannot be written: {error}"),
        }
    }
}

/// Interprets a script. Writes numbers to `out` and prompts to `ask`.
///
/// # Errors
///
/// [`Stopped`], after all lines before it have been interpreted.
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
                // The script does not depend on whether the prompt can be written.
                let _ = writeln!(ask, "> Enter new number: ");
                let answer = match answers {
                    Answers::From(lines) => answer(lines)?,
                    Answers::Script => answer(script)?,
                };
                match answer {
                    Some(answer) => number = answer,
                    None => drop(writeln!(
                        ask,
                        "# WARNING: no number was given: keeping {number}"
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

/// Takes the next line that is not empty if it is a number.
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
