// SPDX-License-Identifier: GPL-2.0

//! The report on a command, as text.

use super::{
    collect::Counted,
    report::{Report, FAILURES_ARE_KNOWN},
};
use crate::{
    explain,
    printable::printable,
    style::Style,
    table::{align, wrap, Cell},
    trace::{
        event::Verdict,
        refusal::{Failed, Why},
        request::Request,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};

/// More capabilities than these that are raised alike share a row.
const MANY: usize = 4;

impl Report {
    /// Returns it as text: the grants, the denials, and the smallest set.
    pub fn text(&self, style: Style) -> String {
        let mut text = self.head();
        if self.lost > 0 || self.unreadable > 0 {
            let sentence = format!(
                "{} events were lost and {} made no sense, so this is not all: a larger \
                 --buffer-size loses fewer.",
                self.lost, self.unreadable
            );
            text.push_str(&style.bad(&wrap("", &sentence)));
        }
        if self.others > 0 {
            let sentence = format!(
                "{} things are not in this report, since there were too many different ones: run \
                 less at once.",
                self.others
            );
            text.push_str(&style.bad(&wrap("", &sentence)));
        }
        for counted in &self.mismatches {
            text.push_str(&style.bad(&wrap("", &explain::mismatch(&counted.what))));
        }
        self.table(Verdict::Granted, style, &mut text);
        self.table(Verdict::Denied, style, &mut text);
        self.why(&mut text);
        self.reasons(&mut text);
        self.failures(style, &mut text);
        for link in &self.exe_links {
            let (comm, tgid) = (&link.thread.comm, link.thread.tgid);
            let (old, new) = (&link.link.old, &link.link.new);
            let _ = writeln!(text, "\n/proc/{tgid}/exe ({comm}): {old:?} became {new:?}");
        }
        self.sets(style, &mut text);
        self.verdict(style, &mut text);
        text
    }

    fn head(&self) -> String {
        let mut command = printable(&self.argv.join(" "));
        if let Some((end, _)) = command.char_indices().nth(60) {
            command.truncate(end);
            command.push_str(" ...");
        }
        let ended = match &self.signal {
            Some(signal) => format!("ended by signal {signal}"),
            None => format!("ended with status {}", self.status),
        };
        let (processes, decisions) = (self.processes, self.decisions);
        let people = if processes == 1 {
            "process"
        } else {
            "processes"
        };
        format!("capwhy: {command}: {ended}; {processes} {people}, {decisions} decisions\n")
    }

    /// Adds a table of all grants, or of all denials.
    fn table(&self, verdict: Verdict, style: Style, text: &mut String) {
        let last = match verdict {
            Verdict::Granted => "by",
            Verdict::Denied => "rule",
        };
        let first = match verdict {
            Verdict::Granted => "granted",
            Verdict::Denied => "refused",
        };
        let paint = |text: &str| match verdict {
            Verdict::Granted => style.good(text),
            Verdict::Denied => style.bad(text),
        };
        let mut rows = vec![vec![
            Cell::painted(first, paint),
            Cell::new("over"),
            Cell::new("times"),
            Cell::new(last),
            Cell::new("programs"),
        ]];
        let mut requests: Vec<_> = self
            .requests
            .iter()
            .filter(|counted| counted.what.verdict == verdict && self.shows(&counted.what))
            .collect();
        // Requests that do not matter come last. The sort is stable: in the order of the first
        // time.
        requests.sort_by_key(|counted| !counted.what.matters());
        for counted in requests {
            let request = &counted.what;
            rows.push(vec![
                Cell::new(request.asked.text()),
                Cell::new(self.namespace(request.target_ns, request.target_level)),
                Cell::new(counted.times.to_string()),
                Cell::new(explain::by(request)),
                Cell::new(programs(&counted.programs, counted.others)),
            ]);
        }
        let shown = || {
            self.prctls.iter().filter(|counted| {
                counted.what.verdict == verdict && !explain::is_probe(&counted.what)
            })
        };
        let mut alike: HashMap<(String, String), BTreeSet<u64>> = HashMap::new();
        for prctl in shown().map(|counted| &counted.what) {
            if let Some(common) = explain::ambient(prctl) {
                alike.entry(common).or_default().insert(prctl.args[1]);
            }
        }
        // Many calls differ only in arguments that are not shown, or in their capability.
        let mut prctls: Vec<Counted<(String, String)>> = Vec::new();
        let mut index: HashMap<(String, String), usize> = HashMap::new();
        for counted in shown() {
            let common =
                explain::ambient(&counted.what).filter(|common| alike[common].len() > MANY);
            let what = match common {
                Some(common) => {
                    let count = alike[&common].len();
                    (format!("{} of {count} capabilities", common.0), common.1)
                }
                None => (
                    explain::prctl(&counted.what),
                    explain::prctl_reason(&counted.what),
                ),
            };
            let index = *index.entry(what).or_insert_with_key(|what| {
                prctls.push(Counted::none(what.clone()));
                prctls.len() - 1
            });
            prctls[index].add_all(counted);
        }
        prctls.extend(self.capset_rows(verdict));
        for counted in prctls {
            let by = programs(&counted.programs, counted.others);
            let (what, why) = counted.what;
            rows.push(vec![
                Cell::new(what),
                Cell::new(""),
                Cell::new(counted.times.to_string()),
                Cell::new(why),
                Cell::new(by),
            ]);
        }
        if rows.len() > 1 {
            text.push('\n');
            text.push_str(&align(&rows, style));
        }
    }

    /// Returns whether a table has a request. Checks without audit are in a list of their own,
    /// unless a call failed for one. That is known on x86-64 alone.
    fn shows(&self, request: &Request) -> bool {
        let failed_for = |failed: &Failed| match &failed.why {
            Why::Optional { capabilities } => capabilities.contains(&request.cap),
            _ => false,
        };
        let mut failed = self.failed.iter();
        !request.optional || !FAILURES_ARE_KNOWN || failed.any(|counted| failed_for(&counted.what))
    }

    fn namespace(&self, number: u64, level: i32) -> String {
        match level {
            0 => "the initial user namespace".to_owned(),
            _ if number == self.user_ns => format!("user:[{number}], its own"),
            _ => format!("user:[{number}]"),
        }
    }

    /// Adds a sentence for each rule that denied something.
    fn why(&self, text: &mut String) {
        let requests = self
            .requests
            .iter()
            .filter(|counted| counted.what.matters() && !self.spared.contains(&counted.what.cap))
            .map(|counted| (counted.what.verdict, counted.what.reason.as_str()));
        let prctls = self
            .prctls
            .iter()
            .filter(|counted| !explain::is_probe(&counted.what))
            .map(|counted| (counted.what.verdict, counted.what.reason.as_str()));
        let capsets = self
            .capsets
            .iter()
            .map(|counted| (counted.what.verdict, counted.what.reason.as_str()));
        let mut named: Vec<&str> = Vec::new();
        for (verdict, rule) in requests.chain(prctls).chain(capsets) {
            if verdict == Verdict::Denied && !named.contains(&rule) {
                named.push(rule);
                if let Some(sentence) = explain::sentence(rule) {
                    text.push('\n');
                    text.push_str(&wrap(&format!("{rule}: "), &format!("{sentence}.")));
                }
            }
        }
    }
}

/// Returns a paragraph.
pub(super) fn sentence_block(sentence: &str) -> String {
    format!("\n{}", wrap("", sentence))
}

/// Returns the names of programs.
pub(super) fn programs(programs: &BTreeMap<String, u64>, others: u64) -> String {
    let mut names: Vec<&str> = programs.keys().map(String::as_str).collect();
    if others > 0 {
        names.push("...");
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            collect::{
                fixtures::{capable, collect, prctl},
                Collection,
            },
            program::Program,
            Ended,
        },
        *,
    };

    fn report(name: &str, collection: Collection) -> Report {
        // No call failed, so what was refused counts.
        let ended = Ended {
            status: 1,
            signal: None,
        };
        let program = Program::look_at(format!("/bin/{name}").into());
        Report::of(&[name.into()], program, ended, 1, collection)
    }

    fn text(events: &[&str], lost: u64) -> String {
        let mut collection = collect(events);
        collection.lost = lost;
        report("prog", collection).text(Style::PLAIN)
    }

    #[test]
    fn what_was_granted_and_refused_is_in_two_tables() {
        let kill = capable("cap_kill", 1, 1, "granted", "Effective");
        let syslog = capable("cap_syslog", 1, 1, "denied", "NotEffective");
        let text = text(&[&kill, &syslog, &syslog], 0);
        for part in [
            "capwhy: prog: ended with status 1; 1 process, 3 decisions\n",
            "\ncap_kill  the initial user namespace  1      cap_kill, effective  prog\n",
            "\ncap_syslog  the initial user namespace  2      NotEffective  prog\n",
            "\nNotEffective: the capability is not effective",
            "\n    setcap cap_kill=ep /bin/prog\n        cap_kill  1 time, prog\n",
            "\n    setcap cap_kill,cap_syslog=ep /bin/prog\n",
        ] {
            assert!(text.contains(part), "no {part:?} in:\n{text}");
        }
        assert!(!text.contains("lost") && !text.contains("execve"));
    }

    #[test]
    fn losses_are_reported() {
        assert!(text(&[], 5).contains("5 events were lost"));
        let mut report = report("prog", collect(&[]));
        report.others = 7;
        let text = report.text(Style::PLAIN);
        assert!(text.contains("\n7 things are not in this report"), "{text}");
    }

    #[test]
    fn calls_that_differ_in_their_arguments_only_are_one_line() {
        let drop = |number| prctl("PR_CAPBSET_DROP", [number, 0], "granted", "Change", "");
        let text = text(&[&drop(1), &drop(2), &drop(3)], 0);
        assert!(
            text.contains("\nPR_CAPBSET_DROP        3      changed, cap_setpcap  prog\n"),
            "{text}"
        );
    }
}
