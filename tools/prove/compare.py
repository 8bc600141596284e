# SPDX-License-Identifier: GPL-2.0
"""Compares what both sides answer, for all inputs that take two paths."""

from __future__ import annotations

from dataclasses import dataclass

import z3

from explore import Explorer, Leaf, Tree
from flags import Unknown

# How many rounds one side may still take once the other has returned.
LAG = 2
Pairs = list[tuple[Leaf, Leaf]]


class Different(Exception):
    """Both sides may answer otherwise: at a state that the invariant allows, which need not be one that can be."""


def alike(c: Leaf, rust: Leaf, calls: bool = True) -> z3.BoolRef:
    """Returns whether two returns are the same answer, or are so but for the calls that were made before."""
    (one, made, written), (other, others, instead) = c.outcome(), rust.outcome()
    if calls:
        written, instead = made + written, others + instead
    if [event.name for event in written] != [event.name for event in instead]:
        return z3.BoolVal(False)
    pairs = [pair for event, same in zip(written, instead, strict=True)
             for pair in zip(event.args, same.args, strict=True)]
    return z3.simplify(z3.And(one == other, *(a == b for a, b in pairs if not a.eq(b))))


@dataclass
class Sides:
    """Both sides."""

    c: Explorer
    rust: Explorer

    def meet(self, of_c: list[Leaf], of_rust: list[Leaf]) -> Pairs:
        """Returns each two ends that one input may lead to, where each end is in one of them."""
        met: Pairs = []
        tree = Tree(of_rust)
        for c in of_c:
            taken = self._merged(c, of_rust) if self.c.order else tree.taken(self.c, c.state.solver())
            met += [(c, rust) for rust in taken]
        if {id(leaf) for pair in met for leaf in pair} != {id(leaf) for leaf in (*of_c, *of_rust)}:
            raise Unknown("a path of one side whose inputs take no path of the other")
        return met

    def _merged(self, c: Leaf, of_rust: list[Leaf]) -> list[Leaf]:
        """Returns which paths an input of one takes, where most of those with other calls are not among them."""
        solver = c.state.solver()
        names = [event.name for event in c.state.events]
        likely, others = list[Leaf](), list[Leaf]()
        for rust in of_rust:
            (likely if [event.name for event in rust.state.events] == names else others).append(rust)
        facts = {fact.get_id(): fact for rust in others for fact in rust.state.facts}
        if self.c.check(solver, *facts.values(), z3.Or(*(z3.And(*rust.state.path, True) for rust in others))):
            likely += others
        return [rust for rust in likely if self.c.check(solver, *rust.state.facts, *rust.state.path)]

    def compare(self, pairs: Pairs) -> Pairs:
        """Compares those that return; returns those that are both in a loop."""
        late: dict[Leaf, list[Leaf]] = {}
        for c, rust in pairs:
            if c.head and not rust.head:
                late.setdefault(c, []).append(rust)
            elif rust.head and not c.head:
                late.setdefault(rust, []).append(c)
            elif not c.head:
                self._same(c, rust)
        of_c = {c for c, _ in pairs}
        for leaf, done in late.items():
            self._finish(self.c if leaf in of_c else self.rust, leaf, done)
        return [(c, rust) for c, rust in pairs if c.head and rust.head]

    def _same(self, c: Leaf, rust: Leaf) -> None:
        same = alike(c, rust)
        if not z3.is_true(same) and self.c.check(c.state.solver(rust.state), z3.Not(same)):
            raise Different("both sides may answer otherwise")

    def _finish(self, side: Explorer, late: Leaf, done: list[Leaf]) -> None:
        """One side has returned: follows the other to its returns, and compares."""
        state = late.state.copy()
        state.facts += {fact.get_id(): fact for leaf in done for fact in leaf.state.facts}.values()
        state.facts.append(z3.Or(*(z3.And(*leaf.state.path, True) for leaf in done)))
        state.seen = (frozenset(),)
        ends = side.run(state, LAG)
        if any(end.head for end in ends):
            raise Unknown("one side returns, and the other goes on")
        for end, leaf in self.meet(ends, done):
            self._same(end, leaf)
