// SPDX-License-Identifier: GPL-2.0

//! The `setuid()` family, and what it makes of capabilities.

use super::{as_caller, callers::CHANGING_IDS, calls, ok, Attempt, NO_FILE};
use crate::sys::{self, Result};

const SAME: u32 = u32::MAX;

pub fn attempts() -> Vec<Attempt> {
    let mut attempts = Vec::new();
    let mut add = |name: String, call: Box<dyn Fn() -> Result<String>>| {
        attempts.push(Attempt {
            name,
            callers: CHANGING_IDS,
            mounts: NO_FILE,
            run: Box::new(move |_, caller| as_caller(caller, &call)),
        });
    };
    for id in [0, 1000, 1001] {
        add(
            format!("setuid {id}"),
            Box::new(move || ok(calls::setuid(id))),
        );
        add(
            format!("setfsuid {id}"),
            Box::new(move || Ok(calls::setfsuid(id).to_string())),
        );
        add(
            format!("setgid {id}"),
            Box::new(move || ok(calls::setgid(id))),
        );
    }
    for ids in [
        [SAME, 0],
        [SAME, 1000],
        [1000, SAME],
        [0, 1000],
        [1000, 0],
        [1000, 1000],
    ] {
        let name = format!("setreuid {} {}", ids[0] as i32, ids[1] as i32);
        add(name, Box::new(move || ok(calls::setreuid(ids))));
    }
    for ids in [
        [SAME, 0, SAME],
        [SAME, 1000, SAME],
        [SAME, SAME, 1000],
        [0, 0, 0],
        [1000, 1000, 0],
        [0, 1000, 1000],
        [1000, 1000, 1000],
        [1001, 1001, 1001],
    ] {
        let [real, effective, saved] = ids.map(|id| id as i32);
        add(
            format!("setresuid {real} {effective} {saved}"),
            Box::new(move || ok(sys::set_user_ids(ids))),
        );
    }
    // What is lost and kept on the way down and up again.
    for (name, steps) in [
        ("to 1000 and back", [[SAME, 1000, SAME], [SAME, 0, SAME]]),
        ("to 1000 for good, then 0", [[1000; 3], [0; 3]]),
    ] {
        add(
            format!("setresuid {name}"),
            Box::new(move || {
                let answers = steps.map(|ids| {
                    sys::set_user_ids(ids).map_or_else(|errno| errno.to_string(), |()| "ok".into())
                });
                Ok(answers.join(","))
            }),
        );
    }
    add(
        "setgroups 1000".to_owned(),
        Box::new(|| ok(sys::set_groups(&[1000]))),
    );
    attempts
}
