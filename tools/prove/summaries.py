# SPDX-License-Identifier: GPL-2.0
"""What stands for code that is not executed, and for data that others write, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from flags import Unknown
from machine import ARGUMENTS, SCRATCH, Event, State


@dataclass(frozen=True)
class Summary:
    """A function that is not executed. Its scratch registers and flags may be anything afterwards."""

    # Bits of each argument; a call is part of the answer unless this is None.
    arguments: tuple[int, ...] | None
    # Bits of what it returns, where 1 is a `bool`, which is true if the call is not part of the answer.
    returns: int
    # How it changes the state, giving all states that may be.
    effect: Callable[[State, z3.BitVecRef, tuple[z3.BitVecRef, ...]], list[State]] | None
    reason: str
    # The name of the call in the answer, if another one counts as the same.
    event: str = ""


def prepare_creds(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns NULL, or an object of its own whose IDs, securebits and capabilities are the task's."""
    memory = state.memory
    world = memory.world
    failed, made = state.copy(), state
    at, _ = world.layouts.field("task_struct", "cred")
    failed.path.append(result == 0)
    failed.set("rax", z3.BitVecVal(0, 64))
    made.path.append(result != 0)
    memory.copies[world.typed(result, "cred")] = memory.load(world.current, at, 8)
    memory.writable.add(result)
    return [failed, made]


def commit_creds(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Takes an object from `prepare_creds()`, makes it the task's, and returns 0; its bytes are part of the answer."""
    memory, (new,) = state.memory, args
    world = memory.world
    if new not in memory.writable:
        raise Unknown(f"commit_creds() of {new}, which prepare_creds() did not return")
    size = world.layouts.sizeof("cred")
    state.events.append(Event("bytes", tuple(memory.load(new, at, 8) for at in range(0, size, 8)), result))
    memory.writable.remove(new)
    memory.writable.add(world.current)
    for name in ("cred", "real_cred"):
        memory.store(world.current, world.layouts.field("task_struct", name)[0], new)
    memory.writable.remove(world.current)
    state.set("rax", z3.BitVecVal(0, 64))
    return [state]


TRACED = (0, 64, 64, 64, 32, 32)
FUNCTIONS = {
    "ns_capable": Summary((64, 32), 1, None, "asks all LSMs; the same question gets the same answer"),
    "prepare_creds": Summary((), 64, prepare_creds, "its documentation: NULL, or a copy of the task's credentials"),
    "commit_creds": Summary((64,), 64, commit_creds, "its documentation: always returns 0"),
    "abort_creds": Summary((64,), 64, None, "drops what prepare_creds() returned"),
    "__traceiter_cap_capable": Summary(TRACED, 64, None, "calls each probe; ignores its first argument"),
    "__SCT__tp_func_cap_capable": Summary(TRACED, 64, None, "jumps there, or to the only probe",
                                          "__traceiter_cap_capable"),
    "rust_commoncap_count": Summary(None, 64, None, "counts, for debugfs"),
    "5hooks5trace7capable": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "5hooks5trace10task_prctl": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "debug_lockdep_rcu_enabled": Summary(None, 32, None, "whether lockdep would warn; its answer may be any"),
    "rcu_is_watching": Summary(None, 1, None, "true wherever the kernel calls the functions"),
    "__SCT__preempt_schedule_notrace": Summary(None, 64, None, "lets other tasks run"),
    "preempt_schedule_notrace": Summary(None, 64, None, "lets other tasks run"),
}

def assume(state: State) -> None:
    """Assumes what is so of global data whenever the functions are called."""
    world, image = state.memory.world, state.memory.image
    tracepoint = image.symbols["__tracepoint_cap_capable"]

    def of(field: str) -> int:
        return tracepoint + world.layouts.field("tracepoint", field)[0]

    # A tracepoint keeps its iterator.
    state.memory.preset(of("iterator"), image.symbols["__traceiter_cap_capable"], 8)
    # The module has found the tracepoint by its name, as it does before it enforces.
    found = image.find("10tracepoint11CAP_CAPABLE")
    state.memory.preset(found, tracepoint, 8)
    state.memory.preset(found + 8, 2, 4)
    # The processor that runs is online.
    world.filled.add(image.symbols["__cpu_online_mask"])
    enabled = state.memory.load(None, of("key.key.enabled.counter"), 4)
    # No tracepoint is being switched on or off, and one that is on has a probe.
    state.facts += [enabled >= 0, z3.Implies(enabled > 0, state.memory.load(None, of("funcs"), 8) != 0)]


def call(state: State, name: str) -> list[State]:
    """Does what a function does that is not executed, and returns from it."""
    summary, world = FUNCTIONS[name], state.memory.world
    result = world.any(name)
    args: tuple[z3.BitVecRef, ...] = ()
    if summary.arguments is not None:
        event = summary.event or name
        args = tuple(z3.simplify(z3.Extract(bits - 1, 0, state.get(register)))
                     for bits, register in zip(summary.arguments, ARGUMENTS, strict=False) if bits)
        # The same call gets the same answer on both sides.
        called = f"{event}#{sum(each.name == event for each in state.events)}"
        sorts = [*(arg.sort() for arg in args), z3.BitVecSort(summary.returns)]
        answer = z3.Function(called, *sorts)(*args) if args else z3.BitVec(called, summary.returns)
        state.events.append(Event(event, args, answer))
        if summary.returns == 1:
            result = z3.Concat(z3.Extract(63, 8, result), z3.ZeroExt(7, answer))
        else:
            result = answer
    elif summary.returns == 1:
        result = z3.Concat(z3.Extract(63, 8, result), z3.BitVecVal(1, 8))
    for register in (*SCRATCH, "cc_op", "cc_dep1", "cc_dep2", "cc_ndep"):
        state.set(register, world.any(register))
    state.set("rax", result)
    after = summary.effect(state, result, args) if summary.effect else [state]
    for each in after:
        address = each.memory.load(None, each.sp, 8)
        if not z3.is_bv_value(address):
            raise Unknown(f"a return address of {name} that depends on the input")
        each.set("rsp", z3.BitVecVal(each.sp + 8, 64))
        each.pc = address.as_long()
    return after


def any_value(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns any value, and takes the credentials."""
    commit_creds(state, result, args)
    state.set("rax", result)
    return [state]


def no_copy(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns NULL, or credentials of anybody."""
    states = prepare_creds(state, result, args)
    state.memory.copies.clear()
    return states


# Wrong summaries. A proof must notice each.
WRONG = {"commit_creds": any_value, "prepare_creds": no_copy}
