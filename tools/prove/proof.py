# SPDX-License-Identifier: GPL-2.0
"""A proof that a function of `commoncap.c` and the one of the module that takes its place answer alike."""

from __future__ import annotations

from compare import Pairs, Sides
from explore import Explorer, Leaf
from functions import Function
from image import Image
from induction import Induction
from layout import Layouts
from memory import Object, World, word
from merge import Order
from state import State, start
from summaries import assume


class Proof:
    """A proof about one function."""

    def __init__(self, function: Function, kernel: Image, module: Image, layouts: Layouts) -> None:
        self.function = function
        self.world = World(layouts, kernel.symbols["init_user_ns"])
        self.arguments = {name: word(name) for name, _ in function.arguments}
        for name, to in function.arguments:
            if to:
                self.world.declare(self.arguments[name], to)
        self.sides = Sides(Explorer(kernel, layouts), Explorer(module, layouts))
        # What both sides come to, by how many rounds of a loop they take, and which two ends one input leads to.
        self.ends: dict[int, tuple[list[Leaf], list[Leaf]]] = {}
        self.met: dict[int, Pairs] = {}

    def _start(self, side: Explorer) -> State:
        """Returns the state in which a side is called."""
        rust = side is self.sides.rust
        at = side.image.find(*(self.function.rust if rust else (self.function.c,)))
        executed = self.function.executed if self.function.calls in side.image.symbols else ()
        for each in (at, *(each for name in executed for each in side.image.all(name))):
            side.summaries.pop(each, None)
        side.once = self.function.merge or self.function.gives
        if self.function.merge and not side.order:
            side.order = Order(side.image, side.processor, side.summaries, at)
        state = start(self.world, side.image, at, self.function.passed(self.world, self.arguments, rust))
        assume(state)
        state.returns = self.function.returns
        state.outputs = tuple(self._object(name) for name in self.function.writes)
        state.gives = state.outputs[0] if self.function.gives else None
        for output in state.outputs:
            state.own(output)
        state.facts += [given(self.world, self.arguments) for given in self.function.given.values()]
        return state

    def _object(self, name: str) -> Object:
        """Returns the object that an argument points to, or the task, or what a field of these points to."""
        first, *path = name.split(".")
        found = self.world.objects[self.arguments[first].get_id()] if first != "current" else self.world.current
        for each in path:
            found = self.world.follow(found, each)
        return found

    def run(self) -> None:
        """Proves it, or raises `Different` or `Unknown`."""
        c, rust = self.sides.c, self.sides.rust
        self.ends[0] = c.run(self._start(c)), rust.run(self._start(rust))
        self.met[0] = self.sides.meet(*self.ends[0])
        for arrival in self.sides.compare(self.met[0]):
            Induction(self.world, self.sides, arrival).run()

    def returns(self, rounds: int) -> tuple[list[Leaf], list[Leaf]]:
        """Returns the ends of each side that may take a few rounds of each loop; of no proof, but to be tested."""
        c, rust = self.sides.c, self.sides.rust
        rounds = rounds if c.heads or rust.heads else 0
        if rounds not in self.ends:
            self.ends[rounds] = c.ends(self._start(c), rounds), rust.ends(self._start(rust), rounds)
        return self.ends[rounds]

    def pairs(self, rounds: int) -> Pairs:
        """Returns each two of these that return and that one input takes."""
        if rounds not in self.met:
            self.met[rounds] = self.sides.meet(*self.returns(rounds))
        return [(c, rust) for c, rust in self.met[rounds] if not c.head and not rust.head]
