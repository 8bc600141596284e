# SPDX-License-Identifier: GPL-2.0
"""Inputs that z3 finds, as KUnit tests of the module that compares both sides (suites/equivalence/module)."""

from __future__ import annotations

import z3

from explore import Leaf
from memory import Object, word
from proof import Proof
from summaries import traced

# How deep the user namespaces of a test are.
DEPTH = 4


class Inputs:
    """The inputs of one path of both sides, such as the tests of that module can set up."""

    def __init__(self, proof: Proof, c: Leaf, rust: Leaf, plain: bool = True) -> None:
        self.world, self.arguments, self.c = proof.world, proof.arguments, c
        self.solver = c.state.solver(rust.state)
        world = self.world
        cred = world.object(self.arguments["cred"]) if "cred" in self.arguments else None
        self.cred = cred or world.follow(world.current, "cred")
        self.home = world.follow(self.cred, "user_ns")
        target = self.arguments.get("target_ns")
        self.target = world.object(target) if target is not None else None
        if self.target:
            self._descend_from_one_root([self.target, self.home])
        elif plain:
            self.solver.add(self.home.pointer == world.initial.pointer)
        if plain:
            self._plain()

    def _plain(self) -> None:
        """Nothing traces, and no other LSM denies what the capabilities allow; there is memory."""
        self.solver.add(traced(self.c.state) == 0)
        effective = self.world.get(self.cred, "cap_effective")
        for event in self.c.state.events:
            if event.name == "ns_capable":
                self.solver.add(event.result == z3.Extract(0, 0, z3.LShR(effective, z3.ZeroExt(32, event.args[1]))))
            elif event.name == "prepare_creds":
                self.solver.add(event.result != 0)

    def _descend_from_one_root(self, spaces: list[Object]) -> None:
        root = word("root")
        for space in spaces:
            self.solver.add(self.world.get(space, "level") < DEPTH)
            for _ in range(DEPTH):
                self.solver.add(z3.Implies(space.pointer != 0, z3.And(
                    self.world.assumed(space), (self.world.get(space, "level") == 0) == (space.pointer == root))))
                space = self.world.follow(space, "parent")

    def model(self, *more: z3.BoolRef) -> z3.ModelRef | None:
        """Returns inputs for which that is so, if there are any."""
        return self.solver.model() if self.solver.check(*more) == z3.sat else None


class Test:
    """A test that one model of these inputs makes."""

    def __init__(self, inputs: Inputs, model: z3.ModelRef) -> None:
        self.inputs, self.world, self.model = inputs, inputs.world, model

    def _signed(self, of: z3.BitVecRef) -> int:
        value: int = self.model.eval(z3.Extract(31, 0, of), model_completion=True).as_signed_long()
        return value

    def _number(self, of: z3.BitVecRef) -> int:
        value: int = self.model.eval(of, model_completion=True).as_long()
        return value

    def _field(self, path: str) -> str:
        return f"{self._number(self.world.get(self.inputs.cred, path)):#x}"

    def text(self, name: str) -> str:
        """Returns a test that asks both, and checks that both return what the path of the C says."""
        lines = self._capable() if self.inputs.target else self._prctl()
        lines += ["assert!(group.equal());", f"assert_eq!(ret, {self._signed(self.inputs.c.outcome()[0])});"]
        return "\n".join(["    #[test]", f"    fn {name}() {{",
                          '        let mut group = Group::new("a path of the proof");',
                          *(f"        {line}" for line in lines), "    }"])

    def _capable(self) -> list[str]:
        target, home = self.inputs.target, self.inputs.home
        assert target
        spaces: dict[int, Object] = {}
        for space in (target, home):
            while self._number(space.pointer):
                spaces[self._number(space.pointer)] = space
                space = self.world.follow(space, "parent")
        order = sorted(spaces, key=lambda address: self._number(self.world.get(spaces[address], "level")))
        lines = [f"let (Ok(mut tree), Ok(mut cred)) = (Tree::new({len(order)}), new_cred()) else {{",
                 "    return assert!(false);", "};"]
        for index, address in enumerate(order):
            owner = f"{self._number(self.world.get(spaces[address], 'owner')):#x}"
            parent = self._number(self.world.get(spaces[address], "parent"))
            lines.append(f"tree.place({index}, {order.index(parent)}, {owner});" if index else f"tree.own(0, {owner});")
        places = ", ".join(str(order.index(self._number(space.pointer))) for space in (home, target))
        cap = self._signed(self.inputs.arguments["cap"])
        return [*lines, f"cred.euid.val = {self._field('euid')};",
                f"cred.cap_effective.val = {self._field('cap_effective')};",
                f"let ret = ask(&mut group, &tree, &mut cred, {places}, {cap}, 0);"]

    def _prctl(self) -> list[str]:
        option = self._signed(self.inputs.arguments["option"])
        args = ", ".join(f"{self._number(self.inputs.arguments[name]):#x}" for name in ("arg2", "arg3", "arg4", "arg5"))
        facts = {"effective": "cap_effective", "permitted": "cap_permitted", "inheritable": "cap_inheritable",
                 "bounding": "cap_bset", "ambient": "cap_ambient", "securebits": "securebits"}
        inside = self._number(self.inputs.home.pointer) != self._number(self.world.initial.pointer)
        return [
            *["// For a task in another user namespace than the initial one, which these tests do not enter."] * inside,
            "let Ok(start) = Start::with(Facts {",
            *(f"    {name}: {self._field(path)}," for name, path in facts.items()),
            "}) else {", "    return assert!(false);", "};",
            f"let ret = ask(&mut group, &start, {option}, [{args}]);",
        ]


def counterexample(proof: Proof, c: Leaf, rust: Leaf, differs: z3.BoolRef) -> str | None:
    """Says how two paths answer otherwise if they do, with a test of it: one that works on that kernel if possible."""
    for plain in (True, False):
        inputs = Inputs(proof, c, rust, plain)
        model = inputs.model(differs)
        if model:
            one, other = (model.eval(side.outcome()[0], model_completion=True).as_signed_long() for side in (c, rust))
            calls = [[event.name for event in side.outcome()[1]] for side in (c, rust)]
            return (f"differ\n    // commoncap.c returns {one} after {calls[0]},\n"
                    f"    // the module {other} after {calls[1]}.\n" + Test(inputs, model).text("found_by_the_proof"))
    return None


def suite(name: str, proof: Proof, rounds: int) -> str:
    """Returns a module of tests to append to a file: one for each two paths, if a test can set their input up."""
    tests: list[str] = []
    for c, rust in proof.pairs(rounds):
        inputs = Inputs(proof, c, rust)
        model = inputs.model()
        if model:
            tests.append(Test(inputs, model).text(f"path_{len(tests)}"))
    return "\n".join(["", f"#[kunit_tests(commoncap_equivalence_proof_{name})]", "mod proof {", "    use super::*;", "",
                      "\n\n".join(tests), "}", ""])
