// SPDX-License-Identifier: GPL-2.0

//! A line of `trace_pipe`: the thread, the time, the event and its fields, as text.

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
    fields: Vec<(String, String)>,
}

impl Line {
    /// Reads a line. Returns [`None`] if it is no known event.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let known = BEGINNINGS
            .iter()
            .filter_map(|beginning| Some((line.find(beginning)?, beginning)))
            .map(|(start, event)| (start, event.trim_start_matches(": ")));
        let (start, event) = known.chain(probe(&line)).min()?;
        let (comm, tid, time) = head(&line[..start])?;
        let event = event.split(':').next()?;
        let text = &line[start + ": ".len() + event.len() + ":".len()..];
        Some(Self {
            comm: comm.to_owned(),
            tid,
            time,
            event: event.to_owned(),
            text: text.to_owned(),
            fields: fields(text),
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
        let field = self.fields.iter().find(|(known, _)| known == key);
        field.map(|(_, value)| value.as_str())
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

/// Finds the event of a probe of capwhy: `: capwhy_NAME: (`. No name of a thread has room for it.
fn probe(line: &str) -> Option<(usize, &str)> {
    const BEGINNING: &str = ": capwhy_";
    line.match_indices(BEGINNING).find_map(|(start, _)| {
        let event = &line[start + ": ".len()..];
        let (name, rest) = event.split_once(':')?;
        let is_name = name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let long = name.len() + ": : (".len() > 15;
        (is_name && long && rest.starts_with(" (")).then_some((start, event))
    })
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

/// Reads `key=value`, blanks between. Anything else is left out.
fn fields(text: &str) -> Vec<(String, String)> {
    text.split(' ')
        .filter_map(|field| field.split_once('='))
        .map(|(key, value)| (key.to_owned(), unescape(value)))
        .collect()
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
            let fields = fields(text);
            assert_eq!(fields[0], ("old".to_owned(), value.to_owned()), "{text}");
            assert_eq!(fields[1].1, "/c", "{text}");
        }
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
            let _ = fields(text);
        }
        assert_eq!(fields("(cap_capable+0x0/0x50) a=b").last().unwrap().1, "b");
    }
}
