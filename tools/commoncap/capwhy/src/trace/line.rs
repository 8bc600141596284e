// SPDX-License-Identifier: GPL-2.0

//! A line of `trace_pipe`: the thread, the time, the event and its fields, as text.

use memchr::memchr2_iter;
use std::{borrow::Cow, cell::Cell, ops::Range};

/// An event as the kernel wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The name of the thread.
    pub comm: String,
    /// The ID of the thread.
    pub tid: i32,
    /// The time in seconds of the trace clock.
    pub time: f64,
    /// The name of the event.
    pub event: String,
    text: String,
    /// Where the keys and the values of the fields are in the text.
    fields: Vec<(Range<usize>, Range<usize>)>,
    /// The values without what the kernel has escaped; empty if it has escaped nothing.
    unescaped: Vec<String>,
    /// The field after the one that was read last, where the search begins: the fields of a probe
    /// are mostly read in order, and are numbers. In other events, the name of a thread may feign a
    /// field; the first one counts, and this is 0.
    next: Cell<usize>,
}

/// More bytes than stand before an event in a line: numbers, and a name of up to 15 bytes, where
/// any byte can be an invalid character.
const MOST_BEFORE: usize = 256;

impl Line {
    /// Reads a line. Returns [`None`] if it is no known event.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let line = match std::str::from_utf8(line) {
            Ok(line) => Cow::Borrowed(line),
            Err(_) => String::from_utf8_lossy(line),
        };
        let (start, event) = line[..until(&line, MOST_BEFORE)]
            .match_indices(": ")
            .find_map(|(start, _)| event_at(&line[start..]).map(|event| (start, event)))?;
        let (comm, tid, time) = head(&line[..start])?;
        let text = &line[start + ": ".len() + event.len() + ":".len()..];
        let fields = fields(text);
        let escaped: &[_] = match text.contains('\\') {
            true => &fields,
            false => &[],
        };
        let unescaped = escaped
            .iter()
            .map(|(_, value)| unescape(&text[value.clone()]));
        Some(Self {
            comm: comm.to_owned(),
            tid,
            time,
            event: event.to_owned(),
            unescaped: unescaped.collect(),
            text: text.to_owned(),
            fields,
            next: Cell::new(0),
        })
    }

    /// Returns the text between the first `before` and the last `after`: an unquoted value with
    /// blanks in it.
    pub fn between(&self, before: &str, after: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(before)?;
        rest.rsplit_once(after).map(|(value, _)| value)
    }

    /// Returns the event's text: all of its fields.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the value of a field.
    pub fn get(&self, key: &str) -> Option<&str> {
        let text = self.text.as_bytes();
        let is = |known: &Range<usize>| {
            known.len() == key.len() && text.get(known.clone()) == Some(key.as_bytes())
        };
        let (before, after) = self.fields.split_at(self.next.get().min(self.fields.len()));
        let found = after.iter().position(|(known, _)| is(known));
        let index = match found {
            Some(index) => before.len() + index,
            None => before.iter().position(|(known, _)| is(known))?,
        };
        if self.event.starts_with(PROBE) {
            self.next.set(index + 1);
        }
        match self.unescaped.get(index) {
            Some(value) => Some(value),
            None => self.text.get(self.fields.get(index)?.1.clone()),
        }
    }

    /// Returns the value of a field that is a number, decimal or hexadecimal.
    pub fn number(&self, key: &str) -> Option<u64> {
        let text = self.get(key)?;
        match text.strip_prefix("0x") {
            Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok(),
            None => text.parse().ok(),
        }
    }
}

/// The beginnings of events. Each is longer than the 15 bytes of a thread's name, so the first one
/// in a line is where the event begins.
const BEGINNINGS: [&str; 5] = [
    ": capable: tgid=",
    ": task_prctl: tgid=",
    ": exe_link: tgid=",
    ": task_newtask: pid=",
    ": task_rename: pid=",
];

/// How the names of capwhy's own events begin.
const PROBE: &str = "capwhy_";

/// Returns the name of the event that begins here, after ": ": a known one or `capwhy_NAME: (`, for
/// which no name of a thread has room.
fn event_at(line: &str) -> Option<&str> {
    if BEGINNINGS.iter().any(|known| line.starts_with(known)) {
        return line[": ".len()..].split(':').next();
    }
    let (name, rest) = line.strip_prefix(": ")?.split_once(':')?;
    let is_name = name.starts_with(PROBE)
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let long = name.len() + ": : (".len() > 15;
    (is_name && long && rest.starts_with(" (")).then_some(name)
}

/// Returns so many bytes of a text, or up to three fewer: whole characters.
fn until(text: &str, bytes: usize) -> usize {
    let last = bytes.min(text.len());
    let starts = (0..=last).rev().take(4);
    starts
        .into_iter()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or(0)
}

/// Reads what comes before the event, written as `%16s-%-7d [%03d] ` with flags and the time after
/// it: from its end, since the thread chooses its name at the start.
fn head(head: &str) -> Option<(&str, i32, f64)> {
    let (thread, rest) = head.rsplit_once(" [")?;
    let time = rest.rsplit(' ').next()?.parse().ok()?;
    let (comm, tid) = thread.rsplit_once('-')?;
    // With the option record-tgid, that of the process is in parentheses.
    let tid = tid.split(' ').next()?.parse().ok()?;
    Some((comm.trim_start_matches(' '), tid, time))
}

/// Finds `key=value`, blanks between. Anything else is left out.
fn fields(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut fields = Vec::with_capacity(40);
    let (mut start, mut equals) = (0, None);
    let mut end = |start: usize, equals: Option<usize>, end: usize| {
        fields.extend(equals.map(|equals| (start..equals, equals + 1..end)));
    };
    for at in memchr2_iter(b' ', b'=', bytes) {
        if bytes[at] == b' ' {
            end(start, equals.take(), at);
            start = at + 1;
        } else {
            equals = equals.or(Some(at));
        }
    }
    end(start, equals, text.len());
    fields
}

/// Reads bytes that the kernel has escaped, as in `/proc/mounts`: a blank is `\040`.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match after {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] if *first == b'\\' => {
                (((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), after)
            }
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
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
            ": capable: tgid",
            ": exe_link: pid",
            "-1 [000] . 2.5:",
            "-1 [0",
            "-x [",
            "-x [-",
            "\u{fffd}",
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
        // A line break in a name leaves what is after it.
        for comm in ["\n-x [", "a\n-1 [0] 2.0: b", "\n\n", "x\n"] {
            let text = format!("{comm:>16}-77      [000] .....  1.000001: capable: tgid=5");
            let lines = text.lines().map(|line| Line::parse(line.as_bytes()));
            let lines: Vec<Line> = lines.flatten().collect();
            assert_eq!(lines.len(), 1, "{comm:?}");
            assert_eq!((lines[0].tid, lines[0].get("tgid")), (77, Some("5")));
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
    fn a_line_without_an_event_is_none() {
        for text in [
            "",
            "CPU:1 [LOST 17 EVENTS]",
            "# tracer: nop",
            "a-b [0] c: d: e=f",
            "x-1 [0]",
            "x-1 [000] ..... 1.000000: sched_switch: tgid=5",
            "x-y [000] ..... 1.000000: capable: tgid=5",
            "x-1 [000] ..... y: capable: tgid=5",
            ": capable: tgid=5",
        ] {
            assert_eq!(Line::parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_path_may_be_like_an_event() {
        let text =
            r"x-1 [000] ..... 1.0: exe_link: tgid=5 old=/x-2\040[0]\0402.0:\040capable:\040tgid=6";
        let line = Line::parse(text.as_bytes()).unwrap();
        assert_eq!((line.tid, line.event.as_str()), (1, "exe_link"));
        assert_eq!(line.get("tgid"), Some("5"));
        let mut bytes = text.as_bytes().to_vec();
        let end = bytes.len() - 2;
        bytes[end] = 0xff;
        assert_eq!(Line::parse(&bytes).unwrap().get("tgid"), Some("5"));
    }

    /// A line of an event with these fields.
    fn with(fields: &str) -> Line {
        let line = format!("x-1 [000] ..... 1.0: capwhy_longname: (a) {fields}");
        Line::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn values_may_have_anything_in_them() {
        for (text, value) in [
            (r"old=/a\040b new=/c", "/a b"),
            (r"old=a\042b new=/c", "a\"b"),
            (r"old=a\134 new=/c", "a\\"),
            (r"old=a\134040 new=/c", "a\\040"),
            (r"old=a\012= new=/c", "a\n="),
            (r"old=a=b new=/c", "a=b"),
            (r"old= new=/c", ""),
            (r"old=\303\251 new=/c", "é"),
            (r"old=a\377 new=/c", "a\u{fffd}"),
        ] {
            let line = with(text);
            assert_eq!(line.get("old"), Some(value), "{text}");
            assert_eq!(line.get("new"), Some("/c"), "{text}");
        }
    }

    #[test]
    fn a_name_of_a_thread_does_not_feign_a_field() {
        let text = "x-1 [000] ..... 1.0: task_newtask: pid=8 comm=a pid=9 clone_flags=0";
        let line = Line::parse(text.as_bytes()).unwrap();
        assert_eq!([line.get("pid"), line.get("pid")], [Some("8"); 2]);
    }

    #[test]
    fn fields_are_found_in_any_order() {
        let line = with("a=1 b=2 c=3");
        for key in ["c", "a", "b", "b", "a", "c"] {
            let value = key.as_bytes()[0] - b'a' + b'1';
            assert_eq!(
                line.get(key),
                Some(&*char::from(value).to_string()),
                "{key}"
            );
        }
        assert_eq!(line.get("d"), None);
    }

    #[test]
    fn a_truncated_line_does_no_harm() {
        for text in [
            "",
            "=",
            "a",
            "a=",
            "=b",
            "a=\\",
            "a=\\04",
            "a=\\400",
            "a=\\3é",
            "(f+0x0/0x1) a=b",
        ] {
            let _ = with(text).get("a");
        }
        assert_eq!(with("(cap_capable+0x0/0x50) a=b").get("a"), Some("b"));
    }
}
