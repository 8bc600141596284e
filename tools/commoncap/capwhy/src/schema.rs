// SPDX-License-Identifier: GPL-2.0

//! Checks that the JSON is as `schema.txt` says: each field, and its types.
//!
//! To add a field, add it there. To remove a field or to change its type, also increase the
//! `VERSION` of the command.

use crate::{
    check,
    deploy::Form,
    exec,
    facts::{
        fixtures::{in_child_with_its_own, in_initial},
        Owner, Uid,
    },
    run::{
        fixtures::{report, report_of_refusals},
        Verified, Without,
    },
    securebits, topic,
    watch::fixtures::{output, output_of_refusals},
};
use commoncap::{capability::Capability, securebits::Securebits};
use serde_json::{to_value, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// The types of each field, by the path to it.
type Schema = BTreeMap<String, BTreeSet<&'static str>>;

/// Objects whose keys are names of capabilities or programs.
const BY_NAME: [&str; 3] = ["times", "programs", "wanted"];

fn describe(path: &str, value: &Value, schema: &mut Schema) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(items) => {
            for item in items {
                describe(&format!("{path}[]"), item, schema);
            }
            "list"
        }
        Value::Object(fields) => {
            let by_name = BY_NAME
                .iter()
                .any(|name| path.ends_with(&format!(".{name}")));
            for (key, value) in fields {
                let key = if by_name { "*" } else { key };
                describe(&format!("{path}.{key}"), value, schema);
            }
            "object"
        }
    };
    schema.entry(path.to_owned()).or_default().insert(kind);
}

const REQUEST: &str = "capable: tgid=6 cred_ns=1 cred_level=0 target_ns=1 target_level=0 \
    cap=cap_kill verdict=granted reason=Effective audit=1";
const PRCTL: &str = "task_prctl: tgid=6 ns=1 level=0 option=PR_SET_SECUREBITS arg2=0x1 arg3=0x0 \
    arg4=0x0 arg5=0x0 ret=-1 verdict=denied reason=SecurebitsPrivileged securebits=0x0 asked=0x1 \
    after=0x0";
const SILENT: &str = "task_prctl: tgid=6 ns=1 level=0 option=PR_GET_KEEPCAPS arg2=0x0 arg3=0x0 \
    arg4=0x0 arg5=0x0 ret=0 verdict=granted reason=Value";
const OPTIONAL: &str = "capable: tgid=6 cred_ns=1 cred_level=0 target_ns=1 target_level=0 \
    cap=cap_sys_admin verdict=denied reason=NotEffective audit=0";
const LINK: &str = "exe_link: tgid=6 uid=1000 ns=1 old=/a new=/b";

/// Describes the output of the commands, of enough input that each field has all of its types.
fn schema() -> Schema {
    let mut schema = Schema::new();
    let mut unknown = in_initial(&[]);
    (unknown.securebits, unknown.euid) = (None, Uid::Unmapped { same: true });
    (unknown.pid_ns_owner, unknown.ipc_ns_owner) = (Owner::NotBelow, Owner::NotBelow);
    let setpcap = [Capability::SETPCAP];
    let mut known = in_child_with_its_own(&setpcap);
    (known.ambient, known.inheritable) = (known.effective, known.effective);
    known.securebits = Some(Securebits::EXEC_RESTRICT_FILE);
    for process in [unknown, known] {
        let report = check::Report::of(process, &[]).unwrap();
        describe("check", &to_value(&report).unwrap(), &mut schema);
        let report = report
            .with_obstacles(&check::Obstacles::fixture())
            .with_form(Form::Systemd);
        describe("check", &to_value(report).unwrap(), &mut schema);
    }
    for report in check::script::reports() {
        describe("check script", &to_value(report).unwrap(), &mut schema);
    }
    for words in ["NotEffective", "cap_bpf"] {
        let report = topic::Report::of(&[words.to_owned()]).unwrap();
        describe("explain", &to_value(report).unwrap(), &mut schema);
    }
    for report in exec::fixtures::reports() {
        describe("exec", &to_value(report).unwrap(), &mut schema);
    }
    for to in [None, Some(0x300), Some(0x701), Some(0)] {
        let report = securebits::Report::of(0x301, to).unwrap();
        describe("securebits", &to_value(report).unwrap(), &mut schema);
    }
    for (signal, events) in [
        (None, &[REQUEST, OPTIONAL, PRCTL, SILENT, LINK][..]),
        (Some("SIGTERM".to_owned()), &[]),
    ] {
        let report = report(signal.clone(), events);
        describe("run", &to_value(&report).unwrap(), &mut schema);
        let mut report = report.with_form(None);
        report.verified = Some(Verified {
            capabilities: vec!["cap_kill".to_owned()],
            status: 1,
            works: signal.is_none().then_some(true),
            signal,
            missing: vec!["cap_kill".to_owned()],
            added: vec!["cap_kill".to_owned()],
            left_out: vec!["cap_kill".to_owned()],
            each: [None, Some("kill()".to_owned())]
                .map(|failed| Without {
                    capability: "cap_kill".to_owned(),
                    same: true,
                    failed,
                })
                .to_vec(),
            ..Verified::default()
        });
        describe("run", &to_value(report).unwrap(), &mut schema);
    }
    let refusals = to_value(report_of_refusals()).unwrap();
    describe("run", &refusals, &mut schema);
    for line in (output(&[REQUEST, PRCTL, SILENT, LINK], true) + &output_of_refusals()).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let hook = line["hook"].as_str().unwrap_or("lost");
        describe(&format!("watch {hook}"), &line, &mut schema);
    }
    schema
}

#[test]
fn json_is_as_the_schema_says() {
    let mut text = String::new();
    for (path, kinds) in schema() {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let _ = writeln!(text, "{path}: {}", kinds.join(" or "));
    }
    let said = include_str!("../schema.txt");
    let said: String = said
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.to_owned() + "\n")
        .collect();
    assert_eq!(text, said, "schema.txt should be:\n{text}");
}
