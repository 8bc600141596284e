# SPDX-License-Identifier: GPL-2.0
"""Faults to plant in the tool itself. With any of them, it must not prove anything."""

from collections.abc import Callable
from dataclasses import replace

import z3

import functions
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


FAULTS: dict[str, Callable[[], None]] = {
    "no-input": _no_input,
    "lost-path": _lost_path,
    "commit-returns-anything": lambda: _summary("commit_creds", _any_value),
    "prepared-creds-are-no-copy": lambda: _summary("prepare_creds", _no_copy),
}
