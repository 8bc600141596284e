// SPDX-License-Identifier: GPL-2.0

//! Tests of requests.

use super::{
    super::event::{fixtures::event, What},
    *,
};

/// Pairs decisions: thread, capability, target, verdict. Returns what each request was for, by
/// what it was decided and how.
fn pair(decisions: &[(i32, &str, u64, &str)]) -> Vec<(String, String, Verdict)> {
    let mut pairing = Pairing::default();
    let mut requests = Vec::new();
    for (tid, cap, target, verdict) in decisions {
        let reason = if *verdict == "granted" {
            "Effective"
        } else {
            "NotEffective"
        };
        let event = event(
            *tid,
            &format!(
                "capable: tgid=1 cred_ns=1 cred_level=0 target_ns={target} target_level=0 \
                     cap={cap} verdict={verdict} reason={reason}"
            ),
        );
        let What::Capable(capable) = event.what else {
            panic!("not capable");
        };
        requests.extend(pairing.decision(&event.thread, &capable));
    }
    requests.extend(pairing.rest());
    let shown = |(_, request): (Thread, Request)| {
        (
            request.asked.text().to_owned(),
            request.cap,
            request.verdict,
        )
    };
    requests.into_iter().map(shown).collect()
}

fn request(asked: &str, cap: &str, verdict: Verdict) -> (String, String, Verdict) {
    (asked.to_owned(), cap.to_owned(), verdict)
}

use Verdict::{Denied, Granted};
const CR: &str = "cap_checkpoint_restore";
const ADMIN: &str = "cap_sys_admin";

#[test]
fn two_halves_are_one_request() {
    let both = pair(&[(1, CR, 1, "denied"), (1, ADMIN, 1, "granted")]);
    assert_eq!(both, [request("checkpoint/restore", ADMIN, Granted)]);
    let neither = pair(&[(1, CR, 1, "denied"), (1, ADMIN, 1, "denied")]);
    assert_eq!(neither, [request("checkpoint/restore", CR, Denied)]);
}

/// Pairs the checks of one thread over one namespace: capability, whether audited, verdict.
fn pair_checks(checks: &[(&str, bool, Verdict)]) -> Vec<Request> {
    let mut pairing = Pairing::default();
    let mut requests = Vec::new();
    for (cap, audit, verdict) in checks {
        let (verdict, reason) = match verdict {
            Granted => ("granted", "Effective"),
            Denied => ("denied", "NotEffective"),
        };
        let event = event(
            1,
            &format!(
                "capable: tgid=1 cred_ns=1 cred_level=0 target_ns=1 target_level=0 cap={cap} \
                 verdict={verdict} reason={reason} audit={}",
                u8::from(*audit)
            ),
        );
        let What::Capable(capable) = event.what else {
            panic!("not capable");
        };
        requests.extend(pairing.decision(&event.thread, &capable));
    }
    requests.extend(pairing.rest());
    requests.into_iter().map(|(_, request)| request).collect()
}

#[test]
fn the_checks_of_the_rust_are_one_request() {
    for least in [CR, "cap_bpf", "cap_perfmon"] {
        for (checks, cap, verdict) in [
            (
                &[(least, false, Granted), (least, true, Granted)][..],
                least,
                Granted,
            ),
            (
                &[(least, false, Denied), (ADMIN, true, Granted)],
                ADMIN,
                Granted,
            ),
            (
                &[
                    (least, false, Denied),
                    (ADMIN, true, Denied),
                    (least, true, Denied),
                ],
                least,
                Denied,
            ),
        ] {
            // Twice, so that nothing of the first request is taken for a part of the second.
            let requests = pair_checks(&[checks, checks].concat());
            assert_eq!(requests.len(), 2, "{checks:?}");
            for request in requests {
                assert_eq!((request.cap.as_str(), request.verdict), (cap, verdict));
                assert_eq!((request.asked.least(), request.optional), (least, false));
            }
        }
    }
}

#[test]
fn a_request_without_any_audit_is_optional() {
    let checks = [("cap_bpf", false, Denied), (ADMIN, false, Granted)];
    let requests = pair_checks(&checks);
    assert_eq!((requests.len(), requests[0].optional), (1, true));
}

#[test]
fn an_unaudited_check_does_not_follow_an_audited_one() {
    let checks = [(CR, true, Denied), (ADMIN, false, Granted)];
    let requests = pair_checks(&checks);
    assert_eq!(requests.len(), 2);
    assert!(requests[1].optional && !requests[0].optional);
}

#[test]
fn the_first_half_alone_suffices_if_it_is_granted() {
    let requests = pair(&[(1, CR, 1, "granted"), (1, ADMIN, 1, "granted")]);
    let expected = [
        request("checkpoint/restore", CR, Granted),
        request(ADMIN, ADMIN, Granted),
    ];
    assert_eq!(requests, expected);
}

#[test]
fn halves_belong_together_only_in_one_thread_and_over_one_namespace() {
    for second in [(2, ADMIN, 1, "granted"), (1, ADMIN, 2, "granted")] {
        let requests = pair(&[(1, CR, 1, "denied"), second]);
        assert_eq!(requests.len(), 2, "{second:?}");
        assert!(requests.contains(&request(ADMIN, ADMIN, Granted)));
        assert!(requests.contains(&request("checkpoint/restore", CR, Denied)));
    }
}

#[test]
fn threads_that_take_turns_do_not_disturb_each_other() {
    let requests = pair(&[
        (1, CR, 1, "denied"),
        (2, CR, 1, "denied"),
        (2, ADMIN, 1, "granted"),
        (3, "cap_chown", 1, "denied"),
        (1, ADMIN, 1, "denied"),
    ]);
    let expected = [
        request("checkpoint/restore", ADMIN, Granted),
        request("cap_chown", "cap_chown", Denied),
        request("checkpoint/restore", CR, Denied),
    ];
    assert_eq!(requests, expected);
}

#[test]
fn nothing_may_come_between_two_halves() {
    let requests = pair(&[
        (1, CR, 1, "denied"),
        (1, "cap_chown", 1, "granted"),
        (1, ADMIN, 1, "granted"),
    ]);
    let expected = [
        request("checkpoint/restore", CR, Denied),
        request("cap_chown", "cap_chown", Granted),
        request(ADMIN, ADMIN, Granted),
    ];
    assert_eq!(requests, expected);
}

#[test]
fn the_check_of_a_prctl_is_part_of_it() {
    let of = |text: &str| event(1, text);
    let ask = |target: u64| {
        of(&format!(
            "capable: tgid=1 cred_ns=1 cred_level=0 target_ns={target} target_level=0 \
                 cap=cap_setpcap verdict=granted reason=Effective"
        ))
    };
    let prctl = |option: &str, answer: &str| {
        of(&format!(
            "task_prctl: tgid=1 ns=1 level=0 option={option} arg2=0x1 arg3=0x0 arg4=0x0 \
                 arg5=0x0 {answer}"
        ))
    };
    let granted = "ret=0 verdict=granted reason=Change";
    for (target, option, answer, requests) in [
        (1, "PR_SET_SECUREBITS", granted, 0),
        (1, "PR_CAPBSET_DROP", granted, 0),
        (1, "PR_GET_SECUREBITS", granted, 1),
        (2, "PR_SET_SECUREBITS", granted, 1),
        (
            1,
            "PR_SET_SECUREBITS",
            "ret=-1 verdict=denied reason=SecurebitsPrivileged",
            0,
        ),
        // Refused before it asks: it was asked for by something else, such as capset().
        (
            1,
            "PR_SET_SECUREBITS",
            "ret=-1 verdict=denied reason=SecurebitsLocked",
            1,
        ),
    ] {
        let mut pairing = Pairing::default();
        let mut complete = Vec::new();
        for event in [ask(target), prctl(option, answer)] {
            match &event.what {
                What::Capable(capable) => {
                    complete.extend(pairing.decision(&event.thread, capable));
                }
                What::TaskPrctl(prctl) => complete.extend(pairing.prctl(&event.thread, prctl)),
                _ => panic!("not asked"),
            }
        }
        complete.extend(pairing.rest());
        assert_eq!(complete.len(), requests, "{option} {target} {answer}");
    }
}

#[test]
fn an_unaudited_check_is_optional_but_for_checkpoint_restore() {
    for (cap, audit, optional) in [
        (ADMIN, false, true),
        (ADMIN, true, false),
        (CR, false, false),
        (CR, true, false),
    ] {
        let requests = pair_checks(&[(cap, audit, Granted)]);
        assert_eq!(requests[0].optional, optional, "{cap} {audit}");
    }
}

#[test]
fn each_attempt_is_a_request_of_its_own() {
    let once = [(1, CR, 1, "denied"), (1, ADMIN, 1, "denied")];
    assert_eq!(pair(&[once, once].concat()).len(), 2);
}

#[test]
fn a_second_capability_of_another_call_is_another_request() {
    let in_call = |number, cap: &str, verdict: &str| {
        let text = format!(
            "capable: tgid=1 cred_ns=1 cred_level=0 target_ns=1 target_level=0 cap={cap} \
             verdict={verdict} reason=NotEffective"
        );
        let event = event(1, &text);
        let What::Capable(mut capable) = event.what else {
            panic!("not capable");
        };
        capable.call = Some((number, 0, 0));
        (event.thread, capable)
    };
    for (second, requests) in [(54, 1), (55, 2)] {
        let mut pairing = Pairing::default();
        let mut complete = Vec::new();
        for (thread, capable) in [
            in_call(54, "cap_net_raw", "denied"),
            in_call(second, "cap_net_admin", "granted"),
        ] {
            complete.extend(pairing.decision(&thread, &capable));
        }
        complete.extend(pairing.rest());
        assert_eq!(complete.len(), requests);
        let (_, last) = complete.pop().unwrap();
        assert_eq!((&*last.cap, last.verdict), ("cap_net_admin", Granted));
        let least = if requests == 1 {
            "cap_net_raw"
        } else {
            "cap_net_admin"
        };
        assert_eq!(last.asked.least(), least);
    }
}

#[test]
fn a_capability_that_is_one_of_two_elsewhere_is_a_request_alone() {
    assert_eq!(
        pair(&[
            (1, "cap_net_admin", 1, "denied"),
            (1, "cap_kill", 1, "granted")
        ]),
        [
            request("cap_net_admin", "cap_net_admin", Denied),
            request("cap_kill", "cap_kill", Granted)
        ]
    );
    assert_eq!(
        pair(&[(1, "cap_net_admin", 1, "granted")]),
        [request("cap_net_admin", "cap_net_admin", Granted)]
    );
}
