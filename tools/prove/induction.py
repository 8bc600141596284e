# SPDX-License-Identifier: GPL-2.0
"""Proof by induction that two loops go on alike.

An invariant relates what both sides have in registers and on the stack when they come to the heads of their loops.
Candidates for it are whatever was so when both first came there, with the pointers that the loop moves in place of
their first values; those that a round does not keep are dropped, until all are kept. What is left must prove that
both return alike after any round.
"""

from __future__ import annotations

import z3

from compare import Different, Pairs, Sides
from explore import Explorer, Leaf
from flags import Unknown
from memory import STACK_TOP, World, on_stack, word
from state import FLAGS, GENERAL, OFFSET, State

# The number of a side, and a register by name, or what is on the stack by its address.
Place = tuple[int, str | int]


def value(state: State, place: Place) -> z3.BitVecRef:
    """Returns what a state has in a place."""
    where = place[1]
    return z3.simplify(state.get(where) if isinstance(where, str) else state.memory.load(None, where, 8))


def _unchanged(leaf: Leaf, first: Leaf) -> bool:
    """Returns whether a round has called nothing, and has stored to nothing but the stack."""
    stored, before = ({place: value for place, value in each.state.memory.stored.items()
                       if place[0] or not on_stack(place[1])} for each in (leaf, first))
    return (len(leaf.state.events) == len(first.state.events) and stored.keys() == before.keys()
            and all(value.eq(before[place]) for place, value in stored.items()))


class Induction:
    """A pair of heads, the states in which they were first reached, and the invariant so far."""

    def __init__(self, world: World, sides: Sides, first: tuple[Leaf, Leaf]) -> None:
        self.world, self.sides, self.first = world, sides, first
        # What a round may change, with the variables that stand for it.
        self.moved: dict[Place, z3.BitVecRef] = {}
        # Where a pointer was at first, but no pointer after a round: it may be anything.
        self.plain: set[Place] = set()
        self.invariant: list[z3.BoolRef] = []
        self.places: list[Place] = []
        for side, leaf in enumerate(self.first):
            self.places += [(side, name) for name in GENERAL if name != "rsp"]
            self.places += [(side, at) for at in range(leaf.state.sp, STACK_TOP, 8)]

    def run(self) -> None:
        """Proves it, or raises `Different` or `Unknown`."""
        while True:
            self._propose()
            if self._keep([self.first]) and self._round():
                return

    def _propose(self) -> None:
        """Makes the invariant of all candidates, given what a round moves."""
        initially = {place: value(self.first[place[0]].state, place) for place in self.moved}
        # What is so of the arguments stays so.
        conditions = [condition for leaf in self.first for condition in leaf.state.path]
        self.invariant = conditions[:]
        for place, variable in self.moved.items():
            pointed = self.world.object(initially[place])
            if pointed is None or place in self.plain:
                continue
            if self.world.declare(variable, pointed.struct).struct != pointed.struct:
                raise Unknown(f"a pointer in {place[1]} to another type")
            into = (pointed.pointer, variable)
            self.invariant.append(variable != 0)
            self.invariant += [self.moved[other] == z3.substitute(its, into)
                               for other, its in initially.items() if other != place]
            self.invariant += [z3.substitute(condition, into) for condition in conditions]

    def _keep(self, arrivals: Pairs) -> bool:
        """Drops what is not so at an arrival. Returns whether nothing was to be dropped, nor to be moved."""
        kept, check = True, self.sides.c.check
        for pair in arrivals:
            if any(leaf.head != first.head for leaf, first in zip(pair, self.first, strict=True)):
                raise Unknown("more than one pair of loops")
            if not all(_unchanged(*leaves) for leaves in zip(pair, self.first, strict=True)):
                raise Unknown("a loop with a call or a store in it")
            solver = pair[0].state.solver(pair[1].state)
            values = {place: value(pair[place[0]].state, place) for place in self.places}
            for place, now in values.items():
                first = value(self.first[place[0]].state, place)
                if place not in self.moved and not now.eq(first) and check(solver, now != first):
                    self.moved[place] = word(f"{'C' if place[0] == 0 else 'Rust'}.{place[1]}")
                    kept = False
            for place, variable in list(self.moved.items()):
                was, now = self.world.object(variable), self.world.object(values[place])
                if was and (now is None or now.struct != was.struct):
                    self.plain.add(place)
                    self.moved[place] = word(f"{variable}.any")
                    kept = False
            if kept:
                into = [(variable, values[place]) for place, variable in self.moved.items()]
                so = [fact for fact in self.invariant if not check(solver, z3.Not(z3.substitute(fact, *into)))]
                kept = len(so) == len(self.invariant)
                self.invariant = so
        return kept

    def _round(self) -> bool:
        """Follows both sides from their heads, under the invariant. Returns whether this proves it."""
        while True:
            moved = len(self.moved) + len(self.plain)
            failed: Exception | None = None
            again: Pairs = []
            try:
                again = self.sides.meet(*(side.run(self._at_head(side, number))
                                          for number, side in enumerate((self.sides.c, self.sides.rust))))
                self.sides.compare(again)
            except (Different, Unknown) as error:
                failed = error
            again = [(c, rust) for c, rust in again if c.head and rust.head]
            if self._keep(again) and not failed:
                self._ends(again)
                return True
            if len(self.moved) + len(self.plain) > moved:
                return False
            if failed:
                raise failed

    def _at_head(self, side: Explorer, number: int) -> State:
        """Returns any state at the head that the invariant allows."""
        state = self.first[number].state.copy()
        state.path, state.seen, state.proved = [], (frozenset(),), frozenset()
        state.memory.forget(state.sp)
        for name in FLAGS:
            state.registers[OFFSET[name]] = self.world.any(name)
        for place, variable in self.moved.items():
            if place[0] == number:
                where = place[1]
                if isinstance(where, str):
                    state.set(where, variable)
                else:
                    state.memory.preset(None, where, variable)
            state.meet(variable)
        # A side that is a round behind knows of its values by what the other has found out, which has its own names.
        state.facts += [*self.first[1 - number].state.facts, *self.invariant]
        return state

    def _ends(self, again: Pairs) -> None:
        """Makes sure that there is an end to the rounds: an integer of what a pointer points to falls, above 0."""
        for place, variable in self.moved.items():
            pointed = self.world.object(variable)
            for path, field in self.world.layouts.fields(pointed.struct).items() if pointed else ():
                if field.integer and field.size in (4, 8) and all(self._falls(pair, place, path) for pair in again):
                    return
        raise Unknown("a loop that may not end")

    def _falls(self, pair: tuple[Leaf, Leaf], place: Place, path: str) -> bool:
        before = self.world.objects[self.moved[place].get_id()]
        after = self.world.objects[value(pair[place[0]].state, place).get_id()]
        was, now = self.world.get(before, path), self.world.get(after, path)
        solver = pair[0].state.solver(pair[1].state)
        return not self.sides.c.check(solver, z3.Not(z3.And(was > now, now >= 0)))
