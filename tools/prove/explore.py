# SPDX-License-Identifier: GPL-2.0
"""All paths of a function: to where it returns, and to the heads of its loops, which are found on the way."""

from __future__ import annotations

from dataclasses import dataclass

import z3

from flags import Unknown
from image import Image
from machine import Processor
from memory import STACK_TOP, Memory
from state import PRESERVED, RETURN, Event, State
from summaries import FUNCTIONS, call

STEPS = 4000
# A head of a loop: a stack pointer, which names the call, and an address.
Head = tuple[int, int]


@dataclass(eq=False)
class Leaf:
    """The end of a path: a return, or the head of a loop."""

    state: State
    head: Head | None

    def outcome(self) -> tuple[z3.BitVecRef, list[Event]]:
        """Returns what the function has answered: the value of an `int`, its calls, and what it has written."""
        value = z3.simplify(z3.Extract(31, 0, self.state.get("rax")))
        written = [Event("bytes", self.state.memory.bytes(output), value) for output in self.state.outputs]
        return value, self.state.events + written


class Explorer:
    """Follows the paths of one side."""

    def __init__(self, image: Image) -> None:
        self.image, self.processor = image, Processor(image)
        self.summaries = {at: name for name in FUNCTIONS for at in image.all(name)}
        self.heads: set[Head] = set()
        self.queries = 0
        self.paths = 0

    def run(self, state: State, unroll: int = 0) -> list[Leaf]:
        """Returns the ends of all paths from a state on, under what it assumes.

        A path ends at the head of a loop, or, to follow a few rounds, when it has come there `unroll` times. A
        path that comes by an address again in the same call has found such a head: all starts again.
        """
        while True:
            heads = set(self.heads)
            leaves: list[Leaf] = []
            solver = state.solver()
            if not self.check(solver):
                raise Unknown("assumptions that no input meets")
            self._follow(state.copy(), solver, leaves, unroll, {})
            if heads == self.heads:
                self._covered(state, leaves)
                self.paths += len(leaves)
                return leaves

    def check(self, solver: z3.Solver, *more: z3.BoolRef) -> bool:
        """Returns whether what the solver has, and more, can be so."""
        self.queries += 1
        solver.push()
        solver.add(*more)
        answer = solver.check()
        solver.pop()
        if answer == z3.unknown:
            raise Unknown("a question that z3 does not answer")
        return bool(answer == z3.sat)

    def _covered(self, state: State, leaves: list[Leaf]) -> None:
        """Checks that the paths take all inputs, and that what they assume of objects excludes none of them."""
        solver = state.solver()
        for leaf in leaves:
            solver.add(*leaf.state.facts)
        for leaf in leaves:
            if not self.check(solver, *leaf.state.path):
                raise Unknown("a path that no input takes")
        if self.check(solver, *(z3.Not(z3.And(*leaf.state.path, True)) for leaf in leaves)):
            raise Unknown("paths that do not take all inputs")

    def _follow(self, state: State, solver: z3.Solver, leaves: list[Leaf], unroll: int,
                visits: dict[Head, int]) -> None:
        """Follows a path until it ends, and from where it forks each of the ways that can be taken."""
        facts, path = len(state.facts), len(state.path)
        for _ in range(STEPS):
            place = (state.sp, state.pc)
            seen = state.seen[-1]
            if state.pc == RETURN:
                _returned(state)
                leaves.append(Leaf(state, None))
                return
            if place in self.heads:
                times = visits.get(place, 0)
                if seen and times == unroll:
                    leaves.append(Leaf(state, place))
                    return
                visits = visits | {place: times + 1} if seen else visits
                seen = frozenset()
            elif place in seen:
                self.heads.add(place)
                return
            state.seen = (*state.seen[:-1], seen | {place})
            states = self._step(state)
            if len(states) == 1:
                state = states[0]
                continue
            for after in states:
                solver.push()
                solver.add(*after.facts[facts:], *after.path[path:])
                if self.check(solver):
                    self._follow(after, solver, leaves, unroll, visits)
                solver.pop()
            return
        raise Unknown(f"a path of more than {STEPS} instructions")

    def _step(self, state: State) -> list[State]:
        """Executes an instruction, or what stands for it; returns each state that may come of it."""
        name = self.summaries.get(state.pc)
        if name:
            state.seen = state.seen[:-1] or (frozenset(),)
            return call(state, name)
        block = self.processor.lift(state.pc)
        if jump := self.image.jumps.get(state.pc):
            enabled = state.memory.load(None, jump.key, 4) > 0
            taken = z3.Not(enabled) if jump.negated else enabled
            ways = [(state.copy(), taken, z3.BitVecVal(jump.target, 64)),
                    (state, z3.BoolVal(True), z3.BitVecVal(state.pc + block.size, 64))]
        else:
            ways = self.processor.step(state)
            if block.jumpkind == "Ijk_Call":
                state.seen = (*state.seen, frozenset())
            elif block.jumpkind == "Ijk_Ret":
                state.seen = state.seen[:-1] or (frozenset(),)
        before: list[z3.BoolRef] = []
        for after, guard, target in ways:
            after.path += before if z3.is_true(guard) else [*before, guard]
            before.append(z3.Not(guard))
            after.pc = self._determined(after, target)
        return [after for after, _, _ in ways]

    def _determined(self, state: State, target: z3.BitVecRef) -> int:
        """Returns where a jump goes to, which the assumptions must determine."""
        if z3.is_bv_value(target):
            return int(target.as_long())
        solver = state.solver()
        if solver.check() != z3.sat:
            raise Unknown("a jump on a path that cannot be")
        only = solver.model().eval(target, model_completion=True)
        if self.check(solver, target != only):
            raise Unknown(f"a jump to {target} at {self.image.symbol(state.pc)}")
        return int(only.as_long())


def _returned(state: State) -> None:
    """Checks that the caller has its registers, its stack and the CPU's own data again."""
    initially = Memory(state.memory.world, state.memory.image)
    for (of, at), value in state.memory.stored.items():
        if of is state.memory.world.percpu and not value.eq(initially.cell(of, at)):
            raise Unknown(f"a return with another {state.memory.image.symbol(at)}")
    for name in PRESERVED:
        if not state.get(name).eq(z3.BitVec(f"in.{name}", 64)):
            raise Unknown(f"a return with another {name}")
    if state.sp != STACK_TOP:
        raise Unknown("a return with another stack pointer")
