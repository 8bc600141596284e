# SPDX-License-Identifier: GPL-2.0
"""Proves that two functions answer alike: path by path, and by induction where they loop.

Both sides are followed from their start to where they return or come to the head of a loop. There, an invariant
relates what they have in registers and on the stack. Candidates for it are whatever was so when both first came
there, with the pointers that the loop moves in place of their first values; those that a round does not keep are
dropped, until all are kept. What is left must prove that both return alike after any round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import z3

from explore import Count, Explorer, Leaf
from flags import Unknown
from functions import Function
from image import Image
from layout import Layouts
from machine import GENERAL, OFFSET, Processor, State, start
from memory import STACK_TOP, World, word
from summaries import assume

# How many rounds one side may still take once the other has returned.
LAG = 2
# Registers are named; what is on the stack, by its address.
Place = tuple[int, str | int]


class Different(Exception):
    """Both sides may answer otherwise: at a state that the invariant allows, which need not be one that can be."""


@dataclass
class Heads:
    """A pair of heads, the states in which they were first reached, and the invariant so far."""

    first: tuple[Leaf, Leaf]
    # What a round may change, with the variables that stand for it, and the candidates.
    moved: dict[Place, z3.BitVecRef]
    invariant: list[z3.BoolRef]


def alike(c: Leaf, rust: Leaf) -> z3.BoolRef:
    """Returns whether two ends are the same answer."""
    (one, calls), (other, others) = c.outcome(), rust.outcome()
    if [call.name for call in calls] != [call.name for call in others]:
        return z3.BoolVal(False)
    pairs = [pair for call, same in zip(calls, others, strict=True) for pair in zip(call.args, same.args, strict=True)]
    return z3.And(one == other, *(a == b for a, b in pairs if not a.eq(b)))


class Proof:
    """A proof about one function of both sides."""

    def __init__(self, function: Function, image: Image, layouts: Layouts) -> None:
        self.function, self.image = function, image
        self.count = Count()
        self.world = World(layouts, image.symbols["init_user_ns"])
        self.arguments = {name: self.world.typed(word(name), to) if to else word(name)
                          for name, to in function.arguments}
        self.sides = [Explorer(Processor(image), self.count) for _ in range(2)]

    def start(self, side: int) -> State:
        """Returns the state in which a side is called."""
        at = self.image.find(*self.function.rust) if side else self.image.find(self.function.c)
        state = start(self.world, self.image, at, list(self.arguments.values()))
        assume(state)
        state.facts += [given(self.arguments) for given in self.function.given.values()]
        return state

    def run(self) -> None:
        """Proves it, or raises `Different` or `Unknown`."""
        first: list[tuple[Leaf, Leaf]] = []
        self._match([side.run(self.start(number)) for number, side in enumerate(self.sides)], first)
        if not first:
            return
        if len({(c.head, rust.head) for c, rust in first}) > 1:
            raise Unknown("more than one pair of loops")
        heads = Heads(first[0], {}, [])
        while True:
            heads = self._candidates(heads)
            if self._keep(heads, first) and self._round(heads):
                return

    def pairs(self, rounds: int) -> list[tuple[Leaf, Leaf]]:
        """Returns each two paths that one input takes, which may take a few rounds of each loop."""
        ends = [[end for end in side.run(self.start(number), rounds) if not end.head]
                for number, side in enumerate(self.sides)]
        found: list[tuple[Leaf, Leaf]] = []
        for c in ends[0]:
            solver = z3.Solver()
            solver.add(*c.state.facts, *c.state.path)
            found += [(c, rust) for rust in ends[1]
                      if self._may(solver, z3.And(*rust.state.facts, *rust.state.path))]
        return found

    def _match(self, ends: list[list[Leaf]], loops: list[tuple[Leaf, Leaf]]) -> None:
        """Compares each two ends that one input may lead to, and adds to `loops` those that are both in one."""
        returned: list[tuple[Leaf, Leaf]] = []
        for c in ends[0]:
            solver = z3.Solver()
            solver.add(*c.state.facts, *c.state.path)
            for rust in ends[1]:
                if self._may(solver, z3.And(*rust.state.facts, *rust.state.path)):
                    (loops if c.head and rust.head else returned).append((c, rust))
        for c, rust in returned:
            if c.head or rust.head:
                self._finish(c, rust)
            else:
                self._compare(c, rust)

    def _compare(self, c: Leaf, rust: Leaf) -> None:
        same = z3.simplify(alike(c, rust))
        if z3.is_true(same):
            return
        solver = z3.Solver()
        solver.add(*c.state.facts, *c.state.path, *rust.state.facts, *rust.state.path, z3.Not(same))
        if self.sides[0].check(solver):
            raise Different("both sides may answer otherwise")

    def _finish(self, c: Leaf, rust: Leaf) -> None:
        """One side has returned: follows the other to its return, and compares."""
        side = 0 if c.head else 1
        late, done = (c, rust) if c.head else (rust, c)
        state = late.state.copy()
        state.facts += [*done.state.facts, *done.state.path]
        state.seen = (frozenset(),)
        for end in self.sides[side].run(state, LAG):
            if end.head:
                raise Unknown("one side returns, and the other goes on")
            self._compare(*((end, done) if side == 0 else (done, end)))

    # What follows is the induction.

    def _value(self, state: State, place: Place) -> z3.BitVecRef:
        where = place[1]
        return state.get(where) if isinstance(where, str) else state.memory.load(None, where, 8)

    def _places(self, heads: Heads) -> list[Place]:
        """Returns where the sides may have what matters: in registers, and in the stack above its pointer."""
        found: list[Place] = []
        for side, leaf in enumerate(heads.first):
            found += [(side, name) for name in GENERAL if name != "rsp"]
            found += [(side, at) for at in range(leaf.state.sp, STACK_TOP, 8)]
        return found

    def _candidates(self, heads: Heads) -> Heads:
        """Returns what may be the invariant, given what a round moves."""
        values = {place: z3.simplify(self._value(heads.first[place[0]].state, place)) for place in heads.moved}
        found: list[z3.BoolRef] = []
        conditions = [condition for leaf in heads.first for condition in leaf.state.path]
        pointers = [place for place in heads.moved if values[place] in self.world.types]
        for pointer in pointers:
            variable = heads.moved[pointer]
            self.world.typed(variable, self.world.types[values[pointer]])
            found.append(variable != 0)
            into = [(values[pointer], variable)]
            for place, value in values.items():
                if place != pointer:
                    found.append(heads.moved[place] == z3.substitute(value, into))
            found += [z3.substitute(condition, into) for condition in conditions]
        # What is so of the arguments stays so.
        return replace(heads, invariant=[*conditions, *found])

    def _keep(self, heads: Heads, arrivals: list[tuple[Leaf, Leaf]]) -> bool:
        """Drops what is not so at an arrival. Returns whether nothing was to be dropped, nor to be moved."""
        kept = True
        for c, rust in arrivals:
            solver = z3.Solver()
            for leaf in (c, rust):
                solver.add(*leaf.state.facts, *leaf.state.path)
            values = {place: z3.simplify(self._value((c, rust)[place[0]].state, place))
                      for place in self._places(heads)}
            for place, value in values.items():
                first = z3.simplify(self._value(heads.first[place[0]].state, place))
                if place not in heads.moved and not value.eq(first) and self._may(solver, value != first):
                    heads.moved[place] = word(f"{'C' if place[0] == 0 else 'Rust'}.{place[1]}")
                    kept = False
            into = [(variable, values[place]) for place, variable in heads.moved.items()]
            for place, variable in heads.moved.items():
                if variable in self.world.types and self.world.types.get(values[place]) != self.world.types[variable]:
                    raise Unknown(f"a round that leaves no {self.world.types[variable]} in {place[1]}")
            if kept:
                so = [fact for fact in heads.invariant if not self._may(solver, z3.Not(z3.substitute(fact, into)))]
                kept = len(so) == len(heads.invariant)
                heads.invariant = so
        return kept

    def _may(self, solver: z3.Solver, fact: z3.BoolRef) -> bool:
        solver.push()
        solver.add(fact)
        answer = self.sides[0].check(solver)
        solver.pop()
        return answer

    def _round(self, heads: Heads) -> bool:
        """Follows both sides from their heads, under the invariant. Returns whether this proves it."""
        while True:
            starts = [self._at_head(heads, side) for side in range(2)]
            again: list[tuple[Leaf, Leaf]] = []
            moved = len(heads.moved)
            try:
                self._match([side.run(state) for side, state in zip(self.sides, starts, strict=True)], again)
                failed = None
            except (Different, Unknown) as error:
                failed = error
            if self._keep(heads, again) and not failed:
                self._ends(heads, again)
                return True
            if len(heads.moved) > moved:
                return False
            if failed:
                raise failed

    def _at_head(self, heads: Heads, side: int) -> State:
        """Returns any state at the head that the invariant allows."""
        state = heads.first[side].state.copy()
        state.path = []
        state.seen = (frozenset(),)
        state.nonnull = frozenset()
        state.memory.forget(state.sp)
        for name in ("cc_op", "cc_dep1", "cc_dep2", "cc_ndep"):
            state.registers[OFFSET[name]] = self.world.any(name)
        if state.events or any(base is not None for base, _ in state.memory.stored):
            raise Unknown("a loop that follows a call or a store")
        for place, variable in heads.moved.items():
            if place[0] == side:
                where = place[1]
                if isinstance(where, str):
                    state.set(where, variable)
                else:
                    state.memory.store(None, where, variable)
            state.meet(variable)
        state.facts += heads.invariant
        return state

    def _ends(self, heads: Heads, again: list[tuple[Leaf, Leaf]]) -> None:
        """Makes sure that there is an end to the rounds: an integer of what a pointer points to falls, above 0."""
        for place, variable in heads.moved.items():
            name = self.world.types.get(variable)
            for path, _, size, _, integer in self.world.fields[name] if name else []:
                if not integer or size not in (4, 8):
                    continue
                for c, rust in again:
                    value = z3.simplify(self._value((c, rust)[place[0]].state, place))
                    before, after = self.world.get(variable, path), self.world.get(value, path)
                    solver = z3.Solver()
                    solver.add(*c.state.facts, *c.state.path, *rust.state.facts, *rust.state.path)
                    if self._may(solver, z3.Not(z3.And(before > after, after >= 0))):
                        break
                else:
                    return
        raise Unknown("a loop that may not end")
