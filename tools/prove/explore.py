# SPDX-License-Identifier: GPL-2.0
"""All paths of a function: to where it returns, and to the heads of its loops, which are found on the way."""

from __future__ import annotations

from dataclasses import dataclass

import z3

from flags import Unknown
from machine import PRESERVED, RETURN, Event, Processor, State
from memory import STACK_TOP
from summaries import FUNCTIONS, call

STEPS = 4000


@dataclass
class Leaf:
    """The end of a path: a return, or the head of a loop."""

    state: State
    head: tuple[int, int] | None

    def outcome(self) -> tuple[z3.BitVecRef, list[Event]]:
        """Returns what the function has answered: the value of an `int`, and its calls."""
        return z3.simplify(z3.Extract(31, 0, self.state.get("rax"))), self.state.events


class Count:
    """What a proof has taken."""

    def __init__(self) -> None:
        self.queries = 0
        self.paths = 0


class Explorer:
    """Follows the paths of one side."""

    def __init__(self, processor: Processor, count: Count) -> None:
        self.processor = processor
        self.count = count
        image = processor.image
        self.summaries = {at: name for name in FUNCTIONS for at in image.all(name)}
        # Heads of loops: a stack pointer, which names the call, and an address.
        self.heads: set[tuple[int, int]] = set()

    def run(self, state: State, unroll: int = 0) -> list[Leaf]:
        """Returns the ends of all paths from a state on, under what it assumes.

        A path ends at the head of a loop, or, to follow a few rounds, when it has come there `unroll` times. A
        path that comes by an address again in the same call has found such a head: all starts again.
        """
        while True:
            heads = set(self.heads)
            leaves: list[Leaf] = []
            solver = z3.Solver()
            solver.add(*state.facts, *state.path)
            self._follow(state.copy(), solver, leaves, unroll, {})
            if heads == self.heads:
                self._covered(state, leaves)
                self.count.paths += len(leaves)
                return leaves

    def check(self, solver: z3.Solver) -> bool:
        """Returns whether what the solver has can be so."""
        self.count.queries += 1
        answer = solver.check()
        if answer == z3.unknown:
            raise Unknown("a question that z3 does not answer")
        return bool(answer == z3.sat)

    def _covered(self, state: State, leaves: list[Leaf]) -> None:
        """Checks that the paths take all inputs."""
        solver = z3.Solver()
        solver.add(*state.facts, *state.path)
        for leaf in leaves:
            solver.add(*leaf.state.facts)
            solver.add(z3.Not(z3.And(*leaf.state.path, True)))
        if self.check(solver):
            raise Unknown("paths that do not take all inputs")

    def _follow(self, state: State, solver: z3.Solver, leaves: list[Leaf], unroll: int,
                visits: dict[tuple[int, int], int]) -> None:
        """Follows a path until it ends, and from where it forks each of the ways that can be taken."""
        asked = len(state.facts)
        for _ in range(STEPS):
            place = (state.sp, state.pc)
            seen = state.seen[-1]
            if state.pc == RETURN:
                self._returned(state)
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
            if len(states) == 1 and not states[0][0]:
                state = states[0][1]
                continue
            for conditions, after in states:
                solver.push()
                solver.add(*after.facts[asked:], *conditions)
                if self.check(solver):
                    self._follow(after, solver, leaves, unroll, visits)
                solver.pop()
            return
        raise Unknown(f"a path of more than {STEPS} instructions")

    def _step(self, state: State) -> list[tuple[list[z3.BoolRef], State]]:
        """Executes an instruction, or what stands for it; returns each state that may come of it, and when."""
        name = self.summaries.get(state.pc)
        if name:
            before = len(state.path)
            state.seen = state.seen[:-1] or (frozenset(),)
            return [(after.path[before:], after) for after in call(state, name)]
        jump = self.processor.image.jumps.get(state.pc)
        if jump:
            enabled = state.memory.load(None, jump.key, 4) > 0
            taken = z3.Not(enabled) if jump.negated else enabled
            beyond = state.pc + self.processor.lift(state.pc).size
            return self._branches(state, [(taken, z3.BitVecVal(jump.target, 64)),
                                          (z3.BoolVal(True), z3.BitVecVal(beyond, 64))])
        targets, kind = self.processor.step(state)
        if kind not in ("Ijk_Boring", "Ijk_Call", "Ijk_Ret"):
            raise Unknown(f"{kind} at {self.processor.image.symbol(state.pc)}")
        if kind == "Ijk_Call":
            state.seen = (*state.seen, frozenset())
        elif kind == "Ijk_Ret":
            state.seen = state.seen[:-1] or (frozenset(),)
        return self._branches(state, targets)

    def _branches(self, state: State, targets: list[tuple[z3.BoolRef, z3.BitVecRef]]
                  ) -> list[tuple[list[z3.BoolRef], State]]:
        found = []
        rest: list[z3.BoolRef] = []
        for guard, target in targets:
            target = self._determined(state, target)
            taken = [*rest, guard] if not z3.is_true(guard) else rest
            after = state.copy() if len(targets) > 1 else state
            after.pc = target.as_long()
            after.path += taken
            found.append((taken, after))
            rest = [*rest, z3.Not(guard)]
        return found

    def _determined(self, state: State, target: z3.BitVecRef) -> z3.BitVecRef:
        """Returns where a jump goes to, which the assumptions must determine."""
        if z3.is_bv_value(target):
            return target
        solver = z3.Solver()
        solver.add(*state.facts, *state.path)
        if not self.check(solver):
            raise Unknown("a jump on a path that cannot be")
        only = solver.model().eval(target, model_completion=True)
        solver.add(target != only)
        if self.check(solver):
            raise Unknown(f"a jump to {target} at {self.processor.image.symbol(state.pc)}")
        return only

    @staticmethod
    def _returned(state: State) -> None:
        """Checks that the caller has its registers and its stack again."""
        for name in PRESERVED:
            if not state.get(name).eq(z3.BitVec(f"in.{name}", 64)):
                raise Unknown(f"a return with another {name}")
        if state.sp != STACK_TOP:
            raise Unknown("a return with another stack pointer")
