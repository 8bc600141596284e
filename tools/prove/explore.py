# SPDX-License-Identifier: GPL-2.0
"""All paths of a function: to where it returns, and to the heads of its loops, which are found on the way."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

import z3

from flags import Unknown
from image import UD2, Image
from layout import BYTES_SIZE, Layouts
from machine import Processor
from memory import STACK_TOP, Memory
from merge import Order, merged
from state import PRESERVED, RETURN, Event, State
from summaries import FUNCTIONS, POINTED, call

STEPS = 4000
# A head of a loop: a stack pointer, which names the call, and an address.
Head = tuple[int, int]


@dataclass(eq=False)
class Leaf:
    """The end of a path: a return, or the head of a loop."""

    state: State
    head: Head | None

    def outcome(self) -> tuple[z3.BitVecRef, list[Event], list[Event]]:
        """Returns what the function has answered: its value, its calls, and what it has written."""
        value = z3.simplify(z3.Extract(self.state.returns - 1, 0, self.state.get("rax")))
        written = [Event("bytes", self.state.memory.bytes(output), value) for output in self.state.outputs]
        if given := self.state.given:
            its = (z3.If(value > at, self.state.memory.load(given, at, 1), 0) for at in range(BYTES_SIZE))
            written = [Event("given", tuple(its), value)]
        return value, self.state.events, written


class Tree:
    """Paths that begin with the same conditions, so that one question answers for all of them."""

    def __init__(self, leaves: list[Leaf], depth: int = 0) -> None:
        self.common: list[z3.BoolRef] = []
        paths = [leaf.state.path for leaf in leaves]
        while paths and all(len(path) > depth and path[depth].eq(paths[0][depth]) for path in paths):
            self.common.append(paths[0][depth])
            depth += 1
        self.ends = [leaf for leaf in leaves if len(leaf.state.path) == depth]
        ways: dict[int, list[Leaf]] = {}
        for leaf in leaves:
            if len(leaf.state.path) > depth:
                ways.setdefault(leaf.state.path[depth].get_id(), []).append(leaf)
        self.ways = [Tree(way, depth) for way in ways.values()]

    def taken(self, explorer: Explorer, solver: z3.Solver) -> list[Leaf]:
        """Returns the paths that some input takes, given what the solver has."""
        found: list[Leaf] = []
        solver.push()
        solver.add(*self.common)
        if self.ends or explorer.check(solver):
            found += [leaf for leaf in self.ends if explorer.check(solver, *leaf.state.facts)]
            for way in self.ways:
                found += way.taken(explorer, solver)
        solver.pop()
        return found

    def gap(self, explorer: Explorer, solver: z3.Solver) -> bool:
        """Returns whether some input that meets the common conditions takes none of the paths."""
        if self.ends:
            return False
        solver.push()
        solver.add(*self.common)
        found = (explorer.check(solver, *(z3.Not(z3.And(*way.common, True)) for way in self.ways))
                 or any(way.gap(explorer, solver) for way in self.ways))
        solver.pop()
        return found


class Explorer:
    """Follows the paths of one side."""

    def __init__(self, image: Image, layouts: Layouts) -> None:
        self.image, self.processor = image, Processor(image)
        self.warnings = image.warnings(layouts.sizeof("bug_entry"), layouts.field("bug_entry", "flags").offset)
        self.summaries = {at: name for name in FUNCTIONS for at in image.all(name)}
        # Functions that fields point to, by the values of these fields.
        self.pointed: dict[str, int] = {}
        for (struct, field), at in POINTED.items():
            self.pointed[f"{struct}+{layouts.field(struct, field).offset:#x}"] = at
            self.summaries[at] = f"{struct}.{field}"
        self.heads: set[Head] = set()
        # The order of the instructions, if paths are to be merged.
        self.order: Order | None = None
        # Whether to ask each question anew.
        self.once = False
        self.queries = 0
        self.paths = 0

    def run(self, state: State, unroll: int = 0) -> list[Leaf]:
        """Returns the ends of all paths from a state on, under what it assumes, and checks that these are all."""
        leaves = self.ends(state, unroll)
        self._covered(state, leaves)
        self.paths += len(leaves)
        return leaves

    def ends(self, state: State, unroll: int) -> list[Leaf]:
        """Returns the ends of paths from a state on, which proves nothing.

        A path ends at the head of a loop, or, to follow a few rounds, when it has come there `unroll` times. A
        path that comes by an address again in the same call has found such a head: all starts again.
        """
        while True:
            heads = set(self.heads)
            leaves: list[Leaf] = []
            solver = state.solver()
            if not self.check(solver):
                raise Unknown("assumptions that no input meets")
            first = state.copy()
            first.visits = {}
            if self.order:
                self._sweep(first, self.order, leaves, unroll)
            else:
                self._follow(first, solver, leaves, unroll)
            if heads == self.heads:
                return leaves

    def check(self, solver: z3.Solver, *more: z3.BoolRef) -> bool:
        """Returns whether what the solver has, and more, can be so."""
        self.queries += 1
        if self.once:
            # A solver that does not keep what it learns first replaces the names that merging gives.
            once = z3.SolverFor("QF_UFBV")
            once.add(*solver.assertions(), *more)
            answer = once.check()
        else:
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
        solver.add(*{fact.get_id(): fact for leaf in leaves for fact in leaf.state.facts}.values())
        tree = Tree(leaves)
        if len(tree.taken(self, solver)) < len(leaves):
            raise Unknown("a path that no input takes")
        paths = [z3.And(*leaf.state.path, True) for leaf in leaves]
        # An input that takes none of the paths with the same beginning may take a merged one.
        if (tree.gap(self, solver) or not tree.common) and self.check(solver, z3.Not(z3.Or(*paths))):
            raise Unknown("paths that do not take all inputs")

    def _follow(self, state: State, solver: z3.Solver, leaves: list[Leaf], unroll: int) -> None:
        """Follows a path until it ends, and from where it forks each of the ways that can be taken."""
        facts, path = len(state.facts), len(state.path)
        for after in self._advance(state, leaves, unroll):
            solver.push()
            solver.add(*after.facts[facts:], *after.path[path:])
            if self.check(solver):
                self._follow(after, solver, leaves, unroll)
            solver.pop()

    def _sweep(self, state: State, order: Order, leaves: list[Leaf], unroll: int) -> None:
        """Follows all paths at once, and merges those that meet. Drops what no input takes only at the end."""
        pending, ends = [state], list[Leaf]()
        while pending:
            first = min(pending, key=order.key)
            place = (first.sp, first.pc, len(first.seen))
            here = [each for each in pending if (each.sp, each.pc, len(each.seen)) == place]
            pending = [each for each in pending if (each.sp, each.pc, len(each.seen)) != place]
            for each in merged(here):
                pending += self._advance(each, ends, unroll, order.joins)
        leaves += [end for end in ends if self.check(end.state.solver())]

    def _advance(self, state: State, leaves: list[Leaf], unroll: int, stops: Container[int] = ()) -> list[State]:
        """Follows a path until it ends, forks, or comes to where another one may; returns each way to go on."""
        for _ in range(STEPS):
            place = (state.sp, state.pc)
            seen = state.seen[-1]
            if state.pc == RETURN:
                _returned(state)
                leaves.append(Leaf(state, None))
                return []
            if place in self.heads:
                times = state.visits.get(place, 0)
                if seen and times == unroll:
                    leaves.append(Leaf(state, place))
                    return []
                state.visits = state.visits | {place: times + 1} if seen else state.visits
                seen = frozenset()
            elif place in seen:
                self.heads.add(place)
                return []
            state.seen = (*state.seen[:-1], seen | {place})
            calls = len(state.seen)
            states = self._step(state)
            if len(states) > 1 or stops and (states[0].pc in stops or len(states[0].seen) < calls):
                return states
            state = states[0]
        raise Unknown(f"a path of more than {STEPS} instructions")

    def _step(self, state: State) -> list[State]:
        """Executes an instruction, or what stands for it; returns each state that may come of it."""
        name = self.summaries.get(state.pc)
        if name:
            state.seen = state.seen[:-1] or (frozenset(),)
            return call(state, name)
        if state.pc in self.warnings:
            state.events.append(Event("WARN", (), z3.BitVecVal(0, 64)))
            state.pc += len(UD2)
            return [state]
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
        found: list[State] = []
        for after, condition, target in ways:
            guard = after.decided(condition)
            if not z3.is_false(guard):
                after.path += before if z3.is_true(guard) else [*before, guard]
                before.append(z3.Not(guard))
                after.pc = self._determined(after, target)
                found.append(after)
            if z3.is_true(guard):
                break
        return found

    def _determined(self, state: State, target: z3.BitVecRef) -> int:
        """Returns where a jump goes to, which the assumptions must determine."""
        if z3.is_bv_value(target):
            return int(target.as_long())
        if target.decl().name() in self.pointed:
            return self.pointed[target.decl().name()]
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
    if state.gives:
        if state.memory.writable - {state.gives, state.given}:
            raise Unknown("a return that leaves memory to nobody")
        if state.given and state.given.size is not None:
            size = z3.SignExt(32, z3.Extract(31, 0, state.get("rax")))
            state.ensure(z3.ULE(size, state.given.size), "a return of more bytes than are allocated")
