// SPDX-License-Identifier: GPL-2.0

//! A line of `trace_pipe`, as text: who, when, which event and its fields.

use std::str::from_utf8;

/// An event as it was written, nothing of it judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The name of the thread.
    pub comm: String,
    /// The ID of the thread.
    pub tid: i32,
    /// When, in seconds of the trace clock.
    pub time: f64,
    /// The name of the event.
    pub event: String,
    text: String,
    fields: Vec<(String, String)>,
}

impl Line {
    /// Reads a line; [`None`] if it is none of an event.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let (comm, rest) = thread(line)?;
        let (tid, rest) = rest.split_once(' ')?;
        // The CPU in brackets, flags, and the time come before the name of the event.
        let (head, rest) = rest.split_once(": ")?;
        let time = head.rsplit(' ').next()?.parse().ok()?;
        let (event, text) = rest.split_once(':')?;
        Some(Self {
            comm,
            tid: tid.parse().ok()?,
            time,
            event: event.to_owned(),
            text: text.to_owned(),
            fields: fields(text),
        })
    }

    /// Returns what is between two parts of the text, from the first to the last: a value with
    /// blanks in it that nobody has quoted.
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(before)?;
        rest.rsplit_once(after).map(|(value, _)| value)
    }

    /// Returns the value of a field.
    pub fn get(&self, key: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(known, _)| known == key);
        field.map(|(_, value)| value.as_str())
    }
}

/// Splits off the name of the thread, which may have any character in it: it is written right
/// aligned in 16 columns, as `%16s-%-7d `.
fn thread(line: &[u8]) -> Option<(String, &str)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_start().to_owned();
    if let Some((comm, [b'-', rest @ ..])) = line.split_at_checked(16) {
        let rest = from_utf8(rest).ok()?;
        if rest.starts_with(|first: char| first.is_ascii_digit()) {
            return Some((text(comm), rest));
        }
    }
    // Not as this kernel writes it, but still to be understood: up to the last dash before the CPU.
    let bracket = line.windows(2).position(|two| two == b" [")?;
    let dash = line[..bracket].iter().rposition(|byte| *byte == b'-')?;
    Some((text(&line[..dash]), from_utf8(&line[dash + 1..]).ok()?))
}

/// Reads `key=value` and `key="value"`, blanks between. What is neither is left out.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        rest = match after.strip_prefix('=') {
            Some(value) => {
                let (value, after) = take_value(value);
                fields.push((key.to_owned(), value));
                after
            }
            None => after,
        }
        .trim_start();
    }
    fields
}

fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(' ').unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = Vec::new();
    let mut bytes = quoted.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => {
                let value = String::from_utf8_lossy(&value).into_owned();
                return (value, &quoted[index + 1..]);
            }
            b'\\' => match bytes.next() {
                // As the kernel escapes bytes: \040.
                Some((start, b'0'..=b'3')) => {
                    let number = quoted.get(start..start + 3);
                    match number.and_then(|number| u8::from_str_radix(number, 8).ok()) {
                        Some(byte) => {
                            value.push(byte);
                            bytes.nth(1);
                        }
                        None => value.extend_from_slice(b"\\"),
                    }
                }
                Some((_, b'n')) => value.push(b'\n'),
                Some((_, b't')) => value.push(b'\t'),
                Some((_, byte)) => value.push(byte),
                None => value.push(b'\\'),
            },
            byte => value.push(byte),
        }
    }
    // It has no end: a line that was cut.
    (String::from_utf8_lossy(&value).into_owned(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "            bash-1234    [001] d..2.  12.345678: capable: tgid=1234 \
        cap=cap_sys_admin verdict=denied";

    #[test]
    fn a_line_has_a_thread_a_time_an_event_and_fields() {
        let line = Line::parse(LINE.as_bytes()).unwrap();
        assert_eq!((line.comm.as_str(), line.tid), ("bash", 1234));
        assert_eq!(line.time, 12.345678);
        assert_eq!(line.event, "capable");
        assert_eq!(line.get("cap"), Some("cap_sys_admin"));
        assert_eq!(line.get("verdict"), Some("denied"));
        assert_eq!(line.get("nothing"), None);
    }

    #[test]
    fn a_thread_may_have_any_name() {
        for comm in [
            "a-1 [0] 1.0: b:",
            "x: capable: y",
            "-",
            "a b",
            "<...>",
            "0123456789abcde",
            " ",
        ] {
            let text = format!("{comm:>16}-77      [000] .....  1.000001: capable: tgid=5");
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!(line.comm, comm.trim_start());
            assert_eq!((line.tid, line.event.as_str()), (77, "capable"));
            assert_eq!(line.get("tgid"), Some("5"));
        }
        let mut bytes = LINE.as_bytes().to_vec();
        bytes[13] = 0xff;
        assert_eq!(Line::parse(&bytes).unwrap().comm, "b\u{fffd}sh");
    }

    #[test]
    fn a_line_is_understood_without_its_columns_and_with_more_of_them() {
        for text in [
            "my-shell-12 [000] 3.5: capable: tgid=5",
            "        my-shell-12      (     12) [000] ..... 3.500000: capable: tgid=5",
        ] {
            let line = Line::parse(text.as_bytes()).unwrap();
            assert_eq!(
                (line.comm.as_str(), line.tid, line.time),
                ("my-shell", 12, 3.5)
            );
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        for text in [
            "",
            "CPU:1 [LOST 17 EVENTS]",
            "# tracer: nop",
            "a-b [0] c: d: e=f",
            "x-1 [0]",
        ] {
            assert_eq!(Line::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn quoted_values_may_have_anything_in_them() {
        for (text, value) in [
            (r#"old="/a b" new="/c""#, "/a b"),
            (r#"old="a\"b" new="/c""#, "a\"b"),
            (r#"old="a\\" new="/c""#, "a\\"),
            (r#"old="a\040b\012" new="/c""#, "a b\n"),
            (r#"old="a\n=" new="/c""#, "a\n="),
            (r#"old="" new="/c""#, ""),
            (r#"old="é\303\251" new="/c""#, "éé"),
        ] {
            let fields = fields(text);
            assert_eq!(fields[0], ("old".to_owned(), value.to_owned()), "{text}");
            assert_eq!(fields[1].1, "/c", "{text}");
        }
    }

    #[test]
    fn what_is_cut_or_odd_does_no_harm() {
        for text in [
            "",
            "=",
            "a",
            "a=",
            "=b",
            "a=\"",
            "a=\"\\",
            "a=\"\\04",
            "a=\"\\3é",
            "(f+0x0/0x1) a=b",
        ] {
            let _ = fields(text);
        }
        assert_eq!(fields("(cap_capable+0x0/0x50) a=b").last().unwrap().1, "b");
    }
}
