# SPDX-License-Identifier: GPL-2.0
"""Follows all paths at once, and makes one of those that come to the same instruction after the same calls.

A register or a place in memory that two paths leave otherwise gets a name, with the fact which path gives it which
value. The states are taken in an order in which an instruction is executed after all that lead to it, but for loops.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyvex
import z3

from image import UD2, Image
from machine import Processor
from memory import on_stack
from state import RETURN, State

# It stops the kernel, by way of much of its code.
NO_RETURN = "__stack_chk_fail"
# What stands for one of two values.
MERGED = "merged"


class Order:
    """The instructions that a function may execute, in such an order, and those to which several lead."""

    def __init__(self, image: Image, processor: Processor, skipped: Iterable[int], start: int) -> None:
        self.image, self.processor, self.skipped = image, processor, {*skipped, *image.all(NO_RETURN)}
        seen, self.joins, after = {start}, {RETURN}, []
        stack = [(start, iter(self._next(start)))]
        while stack:
            at, others = stack[-1]
            to = next(others, None)
            if to is None:
                after.append(at)
                stack.pop()
            elif to in seen:
                self.joins.add(to)
            else:
                seen.add(to)
                stack.append((to, iter(self._next(to))))
        self.number = {at: number for number, at in enumerate(reversed(after))}

    def _next(self, at: int) -> list[int]:
        """Returns what may be executed next; after a call, what it calls and what it returns to."""
        if at in self.skipped or not self.image.read(at, 1):
            return []
        if self.image.read(at, len(UD2)) == UD2:
            return [at + len(UD2)]
        block = self.processor.lift(at)
        after = at + block.size
        if jump := self.image.jumps.get(at):
            return [jump.target, after]
        found = [int(each.dst.value) for each in block.statements if isinstance(each, pyvex.stmt.Exit)]
        if block.jumpkind != "Ijk_Ret" and isinstance(block.next, pyvex.expr.Const):
            found.append(int(block.next.con.value))
        return [*found, after] if block.jumpkind == "Ijk_Call" else found

    def key(self, state: State) -> tuple[int, int]:
        """Returns by what to choose the next state: the deepest call first."""
        return -len(state.seen), self.number.get(state.pc, len(self.number))


def merged(states: list[State]) -> list[State]:
    """Makes one state of those that have come to the same place after the same calls."""
    groups: dict[object, State] = {}
    for state in states:
        events = tuple((event.name, *(arg.get_id() for arg in event.args)) for event in state.events)
        memory = state.memory
        group = (events, *sorted(state.visits.items()), memory.unused.get_id(), frozenset(memory.copies.items()),
                 frozenset(memory.writable), state.outputs, len(state.seen))
        groups[group] = _merge(groups[group], state) if group in groups else state
    return list(groups.values())


def _merge(one: State, other: State) -> State:
    common = 0
    while common < min(len(one.path), len(other.path)) and one.path[common].eq(other.path[common]):
        common += 1
    which, rest = (z3.simplify(z3.And(*state.path[common:], True)) for state in (one, other))
    state = one.copy()
    either = z3.simplify(z3.Or(which, rest))
    state.path = [*one.path[:common], *([] if z3.is_true(either) else [either])]
    state.facts = list({fact.get_id(): fact for fact in (*one.facts, *other.facts)}.values())
    state.met, state.proved = one.met | other.met, one.proved & other.proved
    state.seen = tuple(here | there for here, there in zip(one.seen, other.seen, strict=True))

    def choose(value: z3.BitVecRef, instead: z3.BitVecRef) -> z3.BitVecRef:
        if value.eq(instead):
            return value
        name = state.memory.world.any(MERGED, value.size())
        state.facts.append(name == z3.If(which, value, instead))
        return name

    for at, value in one.registers.items():
        state.registers[at] = choose(value, other.registers[at])
    for place in {**one.memory.stored, **other.memory.stored}:
        # What is below the stack pointer is not read again.
        if place[0] or place[1] >= state.sp or not on_stack(place[1]):
            state.memory.stored[place] = choose(one.memory.cell(*place), other.memory.cell(*place))
        else:
            state.memory.stored.pop(place, None)
    return state


def choices(state: State) -> list[z3.BoolRef]:
    """Returns what decides on this path which of two merged ones it has been."""
    facts = [fact for fact in state.facts if z3.is_eq(fact) and fact.arg(0).decl().name().startswith(MERGED)]
    ways = [fact.arg(1).arg(0) for fact in facts]
    return list({way.get_id(): way for way in ways}.values())
