# SPDX-License-Identifier: GPL-2.0
"""Faults to plant in the tool itself. With any of them, it must not prove anything."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import z3

import explore
import functions
import merge
import summaries
from explore import Explorer, Leaf
from state import State


def _no_input() -> None:
    """Assumes what no input meets."""
    for function in functions.FUNCTIONS:
        function.given["nothing is so"] = lambda _world, _args: z3.BoolVal(False)


def _lost_path() -> None:
    """Loses a path."""
    covered = Explorer._covered

    def lose(self: Explorer, state: State, leaves: list[Leaf]) -> None:
        leaves.pop()  # of the list that is returned, too
        covered(self, state, leaves)

    Explorer._covered = lose  # type: ignore[method-assign]


def _summary(name: str, effect: summaries.Effect) -> None:
    summaries.FUNCTIONS[name] = replace(summaries.FUNCTIONS[name], effect=effect)


def _any_value(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    summaries.commit_creds(state, result, args)
    state.set("rax", result)
    return [state]


def _no_copy(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    states = summaries.prepare_creds(state, result, args)
    state.memory.copies.clear()
    return states


def _merging(merge_two: Callable[[State, State], State]) -> None:
    """Merges paths so, and in all functions."""
    merge._merge = merge_two  # type: ignore[assignment]
    functions.FUNCTIONS = tuple(replace(function, merge=True) for function in functions.FUNCTIONS)


def _mixed_up() -> None:
    """Gives each of two merged paths what the other leaves in registers and memory."""
    right = merge._merge

    def mix_up(one: State, other: State) -> State:
        one.path, other.path = other.path, one.path
        return right(one, other)

    _merging(mix_up)


def _calls_ignored() -> None:
    """Merges paths that have made other calls."""
    right = merge.merged

    def ignore(states: list[State]) -> list[State]:
        for state in states:
            state.events = states[0].events
        return right(states)

    explore.merged = ignore  # type: ignore[attr-defined]
    _merging(merge._merge)


@dataclass(frozen=True)
class Fault:
    """A fault, and the function that it is to be noticed with."""

    plant: Callable[[], None]
    function: str = "cap_task_prctl"


FAULTS = {
    "no-input": Fault(_no_input),
    "lost-path": Fault(_lost_path),
    "commit-returns-anything": Fault(lambda: _summary("commit_creds", _any_value)),
    "prepared-creds-are-no-copy": Fault(lambda: _summary("prepare_creds", _no_copy)),
    "merged-paths-are-mixed-up": Fault(_mixed_up, "cap_inode_setxattr"),
    "merging-loses-a-path": Fault(lambda: _merging(lambda one, other: one), "cap_inode_setxattr"),
    "merging-ignores-calls": Fault(_calls_ignored, "cap_inode_setxattr"),
}
