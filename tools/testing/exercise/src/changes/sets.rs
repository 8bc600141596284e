// SPDX-License-Identifier: GPL-2.0

//! `capset()` and `capget()`.

use super::{
    as_caller,
    callers::{NET_RAW, OTHERS},
    calls, ok, Attempt, NO_FILE,
};
use crate::{
    executed::ALL,
    state::State,
    sys::{self, Caps},
};
use commoncap::capability::Capability;

const CHOWN: u64 = 1 << Capability::CHOWN.number();

/// What is asked for, by what is held.
type Asked = fn(Caps) -> Caps;

const ASKED: [(&str, Asked); 15] = [
    ("as it is", |held| held),
    ("nothing", |_| Caps::default()),
    ("no effective", |held| Caps {
        effective: 0,
        ..held
    }),
    ("all effective", |held| Caps {
        effective: held.permitted,
        ..held
    }),
    ("effective beyond permitted", |held| Caps {
        effective: held.permitted | CHOWN,
        permitted: held.permitted & !CHOWN,
        ..held
    }),
    ("less net_raw", |held| Caps {
        effective: held.effective & !NET_RAW,
        permitted: held.permitted & !NET_RAW,
        ..held
    }),
    ("more net_raw", |held| Caps {
        permitted: held.permitted | NET_RAW,
        ..held
    }),
    ("all permitted", |held| Caps {
        permitted: ALL,
        ..held
    }),
    ("inheritable net_raw", |held| Caps {
        inheritable: NET_RAW,
        ..held
    }),
    ("inheritable chown", |held| Caps {
        inheritable: CHOWN,
        ..held
    }),
    ("inheritable what is permitted", |held| Caps {
        inheritable: held.permitted,
        ..held
    }),
    ("no inheritable", |held| Caps {
        inheritable: 0,
        ..held
    }),
    ("all inheritable", |held| Caps {
        inheritable: ALL,
        ..held
    }),
    ("numbers beyond the last", |held| Caps {
        effective: held.effective | (1 << 63),
        permitted: held.permitted | (1 << 63),
        inheritable: held.inheritable | (1 << 63),
    }),
    ("all of everything", |_| Caps {
        effective: u64::MAX,
        permitted: u64::MAX,
        inheritable: u64::MAX,
    }),
];

pub fn attempts() -> Vec<Attempt> {
    let mut attempts: Vec<Attempt> = ASKED
        .into_iter()
        .map(|(name, asked)| Attempt {
            name: format!("capset {name}"),
            callers: OTHERS,
            mounts: NO_FILE,
            run: Box::new(move |_, caller| as_caller(caller, || ok(sys::capset(asked(held()?))))),
        })
        .collect();
    for (name, of) in [("itself", 0), ("its parent", 1), ("nobody", 2)] {
        for setting in [true, false] {
            let call = if setting { "capset" } else { "capget" };
            attempts.push(Attempt {
                name: format!("{call} of {name}"),
                callers: OTHERS,
                mounts: NO_FILE,
                run: Box::new(move |_, caller| {
                    as_caller(caller, || {
                        let pid = [0, calls::parent(), i32::MAX][of];
                        if setting {
                            ok(sys::capset_of(pid, held()?))
                        } else {
                            calls::capget_of(pid)
                                .map(|[e, p, i]| format!("eff {e:x} prm {p:x} inh {i:x}"))
                        }
                    })
                }),
            });
        }
    }
    attempts
}

/// Returns what this process holds.
fn held() -> sys::Result<Caps> {
    let state = State::now()?;
    let [effective, permitted, inheritable] =
        ["eff", "prm", "inh"].map(|name| state.set(name).bits());
    Ok(Caps {
        effective,
        permitted,
        inheritable,
    })
}
