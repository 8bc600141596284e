// SPDX-License-Identifier: GPL-2.0

//! The words of reports for what the module records.

use crate::{
    securebits::{names, transition::refusal},
    trace::{
        event::{TaskPrctl, Verdict},
        refusal::Mismatch,
        request::Request,
    },
};
use commoncap::{
    capability::Capability,
    prctl::option::{CAP_AMBIENT_IS_SET, CAP_AMBIENT_RAISE},
    securebits::Securebits,
    Denial,
};

/// The reasons of grants.
pub const GRANTS: [&str; 4] = ["Effective", "Owner", "Value", "Change"];

/// Returns the sentence of the rule of this name, if it is known.
pub fn sentence(rule: &str) -> Option<&'static str> {
    let known = Denial::ALL.iter().find(|denial| denial.name() == rule);
    known.map(|denial| denial.reason())
}

/// Returns what granted a request, or the rule that denied it.
pub fn by(request: &Request) -> String {
    let cap = &request.cap;
    let by = match (request.verdict, request.reason.as_str()) {
        (Verdict::Granted, "Effective") if cap != request.asked.least() => {
            format!("{cap}, effective; {} is enough", request.asked.least())
        }
        (Verdict::Granted, "Effective") => format!("{cap}, effective"),
        (Verdict::Granted, "Owner") => "being the namespace's owner".to_owned(),
        (_, reason) => reason.to_owned(),
    };
    match (request.own, request.optional) {
        (true, false) => by,
        (true, true) => format!("{by}, optional"),
        (false, _) => format!("{by}, not its own"),
    }
}

/// Returns the sentence of an answer that the rules do not give.
pub fn mismatch(mismatch: &Mismatch) -> String {
    format!(
        "the kernel answered otherwise than the rules of capwhy, which give {}: report this with \
         the kernel's version: {} {}",
        mismatch.predicted, mismatch.probe, mismatch.facts
    )
}

/// Returns the capability that granted a `prctl()`, or whose lack denied it.
pub fn decisive(prctl: &TaskPrctl) -> Option<&'static str> {
    let is = |denial: Denial| prctl.reason == denial.name();
    match prctl.verdict {
        Verdict::Granted => takes(prctl),
        _ if is(Denial::SecurebitsPrivileged) || is(Denial::BoundingDropUnprivileged) => {
            Some(Capability::SETPCAP.name())
        }
        _ if is(Denial::AmbientNotPermitted) => raised(prctl),
        _ => None,
    }
}

/// Returns the capability that a granted `prctl()` needed.
fn takes(prctl: &TaskPrctl) -> Option<&'static str> {
    let setpcap = Capability::SETPCAP.name();
    match prctl.option.as_str() {
        "PR_CAPBSET_DROP" => Some(setpcap),
        "PR_SET_SECUREBITS" => {
            let from = Securebits::known(prctl.securebits? as usize);
            let to = prctl.asked.unwrap_or(prctl.args[0]);
            refusal(from, to, false).map(|_| setpcap)
        }
        "PR_CAP_AMBIENT" if prctl.args[0] == CAP_AMBIENT_RAISE as u64 => raised(prctl),
        _ => None,
    }
}

/// Returns the capability that a call raises into the ambient set. It must be permitted.
fn raised(prctl: &TaskPrctl) -> Option<&'static str> {
    let number = usize::try_from(prctl.args[1]).ok()?;
    Capability::new(number).map(Capability::name)
}

/// Returns a `prctl()` in few words: the option and its most important argument.
pub fn prctl(prctl: &TaskPrctl) -> String {
    let option = &prctl.option;
    match option.as_str() {
        "PR_SET_SECUREBITS" => {
            let to = prctl.asked.unwrap_or(prctl.args[0]);
            match prctl.securebits {
                Some(from) => format!("{option} {} to {}", names::list(from), names::list(to)),
                None => format!("{option} to {}", names::list(to)),
            }
        }
        "PR_CAP_AMBIENT" => match operation(prctl) {
            "CLEAR_ALL" => format!("{option} CLEAR_ALL"),
            operation => {
                let name = raised(prctl).unwrap_or("no capability");
                format!("{option} {operation} {name}")
            }
        },
        "PR_SET_KEEPCAPS" => format!("{option} {}", prctl.args[0]),
        _ => option.clone(),
    }
}

/// Returns the operation of a `PR_CAP_AMBIENT`.
fn operation(prctl: &TaskPrctl) -> &'static str {
    match prctl.args[0] {
        1 => "IS_SET",
        2 => "RAISE",
        3 => "LOWER",
        4 => "CLEAR_ALL",
        _ => "?",
    }
}

/// Returns what is the same in a `PR_CAP_AMBIENT` of one capability and of another one: the call,
/// and its result.
pub fn ambient(prctl: &TaskPrctl) -> Option<(String, String)> {
    let is = prctl.option == "PR_CAP_AMBIENT" && raised(prctl).is_some();
    let result = prctl_reason(prctl).replace(raised(prctl).unwrap_or_default(), "each");
    is.then(|| (format!("{} {}", prctl.option, operation(prctl)), result))
}

/// Returns whether a `prctl()` only reads a capability, as libcap does of each at the start.
pub fn is_probe(prctl: &TaskPrctl) -> bool {
    let reads = match prctl.option.as_str() {
        "PR_CAPBSET_READ" => true,
        "PR_CAP_AMBIENT" => prctl.args[0] == CAP_AMBIENT_IS_SET as u64,
        _ => false,
    };
    let beyond = prctl.reason == Denial::BoundingReadNoCapability.name();
    reads && (prctl.verdict == Verdict::Granted || beyond)
}

/// Returns the result of a `prctl()`.
pub fn prctl_reason(prctl: &TaskPrctl) -> String {
    match prctl.reason.as_str() {
        "Value" | "Change" if prctl.verdict == Verdict::Denied => {
            format!("error {}", prctl.ret.unsigned_abs())
        }
        "Value" => "read".to_owned(),
        "Change" => match takes(prctl) {
            Some(capability) => format!("changed, {capability}"),
            None => "changed".to_owned(),
        },
        rule => rule.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::event::{fixtures::event, What};
    use commoncap::Loss;

    fn described(option: &str, args: [u64; 2], more: &str) -> String {
        let text = format!(
            "task_prctl: tgid=7 ns=1 level=0 option={option} arg2={} arg3={} arg4=0x0 arg5=0x0 \
             ret=0 verdict=granted reason=Change {more}",
            args[0], args[1]
        );
        let What::TaskPrctl(event) = event(7, &text).what else {
            panic!("not task_prctl");
        };
        prctl(&event)
    }

    #[test]
    fn a_prctl_is_shown_with_its_important_argument() {
        assert_eq!(
            described("PR_GET_SECUREBITS", [0, 0], ""),
            "PR_GET_SECUREBITS"
        );
        assert_eq!(
            described(
                "PR_SET_SECUREBITS",
                [0x100, 0],
                "securebits=0x0 asked=0x100"
            ),
            "PR_SET_SECUREBITS none to exec_restrict_file"
        );
        assert_eq!(
            described("PR_SET_SECUREBITS", [1, 0], ""),
            "PR_SET_SECUREBITS to noroot"
        );
        assert_eq!(
            described("PR_CAP_AMBIENT", [2, 21], ""),
            "PR_CAP_AMBIENT RAISE cap_sys_admin"
        );
        assert_eq!(
            described("PR_CAP_AMBIENT", [1, 99], ""),
            "PR_CAP_AMBIENT IS_SET no capability"
        );
        assert_eq!(
            described("PR_CAP_AMBIENT", [4, 0], ""),
            "PR_CAP_AMBIENT CLEAR_ALL"
        );
        assert_eq!(
            described("PR_SET_KEEPCAPS", [1, 0], ""),
            "PR_SET_KEEPCAPS 1"
        );
    }

    #[test]
    fn calls_that_raise_different_capabilities_have_the_same_in_common() {
        let of = |number: u64, operation: u64| {
            let text = format!(
                "task_prctl: tgid=7 ns=1 level=0 option=PR_CAP_AMBIENT arg2={operation} \
                 arg3={number} arg4=0x0 arg5=0x0 ret=0 verdict=granted reason=Change"
            );
            let What::TaskPrctl(event) = event(7, &text).what else {
                panic!("not task_prctl");
            };
            ambient(&event)
        };
        let raises = Some((
            "PR_CAP_AMBIENT RAISE".to_owned(),
            "changed, each".to_owned(),
        ));
        assert_eq!((of(21, 2), of(0, 2)), (raises.clone(), raises));
        assert_eq!(of(99, 2), None);
    }

    #[test]
    fn a_failure_without_a_rule_is_shown_by_its_error() {
        let text = "task_prctl: tgid=7 ns=1 level=0 option=PR_SET_KEEPCAPS arg2=1 arg3=0 arg4=0 \
            arg5=0 ret=-22 verdict=granted reason=Change";
        let What::TaskPrctl(event) = event(7, text).what else {
            panic!("not task_prctl");
        };
        assert_eq!(prctl_reason(&event), "error 22");
    }

    #[test]
    fn every_sentence_says_what_is_wrong_and_then_what_to_do() {
        // The verbs in the imperative, and the conditions before one.
        const REMEDIES: &str = " access act add boot clear drop expect free give include leave \
            make map mount open pass raise read remove report schedule see set skip start trace \
            unshare use without write ";
        let denials = Denial::ALL.iter().map(|rule| (rule.name(), rule.reason()));
        let losses = Loss::ALL.iter().map(|step| (step.name(), step.reason()));
        for (name, sentence) in denials.chain(losses) {
            let (_, remedy) = sentence.rsplit_once(": ").unwrap_or_default();
            let verb = remedy.split([' ', ',']).next().unwrap_or_default();
            assert!(
                !verb.is_empty() && REMEDIES.contains(&format!(" {verb} ")),
                "{name}: no remedy in: {sentence}"
            );
        }
    }

    #[test]
    fn every_rule_has_its_sentence() {
        for denial in Denial::ALL {
            assert_eq!(sentence(denial.name()), Some(denial.reason()));
        }
        assert_eq!(sentence("Effective"), None);
    }
}
