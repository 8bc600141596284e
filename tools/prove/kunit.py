# SPDX-License-Identifier: GPL-2.0
"""Inputs that z3 has found, as KUnit tests of the module that compares both sides (suites/equivalence/module)."""

from __future__ import annotations

import z3

from explore import Leaf
from machine import State
from memory import World

# How deep the user namespaces of a test are.
DEPTH = 4


class Inputs:
    """The inputs of one path of both sides, such as the tests of that module can set up."""

    def __init__(self, world: World, arguments: dict[str, z3.BitVecRef], c: Leaf, rust: Leaf,
                 plain: bool = True) -> None:
        self.world, self.arguments, self.c = world, arguments, c
        self.solver = z3.Solver()
        for leaf in (c, rust):
            self.solver.add(*leaf.state.facts, *leaf.state.path)
        self.cred = arguments.get("cred", world.get(world.current, "cred"))
        if "target_ns" in arguments:
            self._namespaces()
        elif plain:
            self.solver.add(world.get(self.cred, "user_ns") == world.initial)
        if plain:
            self._plain(c.state)

    def _plain(self, state: State) -> None:
        """Nothing traces, and no other LSM denies what the capabilities allow; there is memory."""
        for value in {value for value in self.world.globals if "tracepoint" in str(value)}:
            if str(value).endswith("+0x8]"):
                self.solver.add(z3.Extract(31, 0, value) == 0)
        effective = self.world.get(self.cred, "cap_effective")
        for event in state.events:
            if event.name == "ns_capable":
                held = z3.Extract(0, 0, z3.LShR(effective, z3.ZeroExt(32, event.args[1])))
                self.solver.add(event.result == held)
            elif event.name == "prepare_creds":
                self.solver.add(event.result != 0)

    def _namespaces(self) -> None:
        """All namespaces descend from one, which is on level 0."""
        world, root = self.world, z3.BitVec("root", 64)
        for pointer in (self.arguments["target_ns"], world.get(self.cred, "user_ns")):
            self.solver.add(world.get(pointer, "level") < DEPTH)
            for _ in range(DEPTH):
                self.solver.add(*world.facts(pointer))
                self.solver.add(z3.Implies(pointer != 0, (world.get(pointer, "level") == 0) == (pointer == root)))
                pointer = world.get(pointer, "parent")

    def model(self, *more: z3.BoolRef) -> z3.ModelRef | None:
        """Returns inputs for which that is so, if there are any."""
        self.solver.push()
        self.solver.add(*more)
        found = self.solver.model() if self.solver.check() == z3.sat else None
        self.solver.pop()
        return found

    def test(self, name: str, model: z3.ModelRef) -> str:
        """Returns a test that asks both, and checks that the C returns what its path says."""

        def number(value: z3.BitVecRef) -> int:
            return int(model.eval(value, model_completion=True).as_long())

        def field(path: str) -> int:
            return number(self.world.get(self.cred, path))

        value, _ = self.c.outcome()
        returns = model.eval(value, model_completion=True).as_signed_long()
        lines = self._capable(number, field, returns) if "target_ns" in self.arguments else self._prctl(
            number, field, returns)
        return "\n".join(["    #[test]", f"    fn {name}() {{", *(f"        {line}" for line in lines), "    }"])

    def _capable(self, number, field, returns: int) -> list[str]:  # type: ignore[no-untyped-def]
        world = self.world
        nodes: dict[int, tuple[int, z3.BitVecRef]] = {}
        target, home = self.arguments["target_ns"], world.get(self.cred, "user_ns")
        for pointer in (target, home):
            while number(pointer):
                nodes[number(pointer)] = (number(world.get(pointer, "level")), pointer)
                pointer = world.get(pointer, "parent")
        order = [address for address, _ in sorted(nodes.items(), key=lambda node: node[1][0])]
        lines = [f"let (Ok(mut tree), Ok(mut cred)) = (Tree::new({len(order)}), new_cred()) else {{",
                 "    return assert!(false);", "};"]
        for index, address in enumerate(order):
            pointer = nodes[address][1]
            owner = number(world.get(pointer, "owner"))
            if index == 0:
                lines.append(f"tree.own(0, {owner:#x});")
            else:
                parent = order.index(number(world.get(pointer, "parent")))
                lines.append(f"tree.place({index}, {parent}, {owner:#x});")
        cap = number(self.arguments["cap"]) & 0xFFFFFFFF
        cap -= (cap >> 31) << 32
        lines += [
            f"cred.euid.val = {field('euid'):#x};",
            f"cred.cap_effective.val = {field('cap_effective'):#x};",
            'let mut group = Group::new("a path of the proof");',
            f"let (home, target, cap) = ({order.index(number(home))}, {order.index(number(target))}, {cap});",
            "ask(&mut group, &tree, &mut cred, home, target, cap, 0);",
            "assert!(group.equal());",
            "// SAFETY: As in `ask`.",
            "let ret = unsafe { bindings::cap_capable(&*cred, tree.0[target].get(), cap, 0) };",
            f"assert_eq!(ret, {returns});",
        ]
        return lines

    def _prctl(self, number, field, returns: int) -> list[str]:  # type: ignore[no-untyped-def]
        option = number(self.arguments["option"]) & 0xFFFFFFFF
        option -= (option >> 31) << 32
        args = ", ".join(f"{number(self.arguments[name]):#x}" for name in ("arg2", "arg3", "arg4", "arg5"))
        facts = {"effective": "cap_effective", "permitted": "cap_permitted", "inheritable": "cap_inheritable",
                 "bounding": "cap_bset", "ambient": "cap_ambient", "securebits": "securebits"}
        inside = number(self.world.get(self.cred, "user_ns")) != self.world.initial.as_long()
        return [
            *["// For a task in another user namespace than the initial one, which these tests do not enter."] * inside,
            "let Ok(start) = Start::with(Facts {",
            *(f"    {name}: {field(path):#x}," for name, path in facts.items()),
            "}) else {", "    return assert!(false);", "};",
            'let mut group = Group::new("a path of the proof");',
            f"let (option, args) = ({option}, [{args}]);",
            "ask(&mut group, &start, option, args);",
            "assert!(group.equal());",
            "let mut ret = 0;",
            "start.outcome(|| {",
            "    // SAFETY: As in `ask`.",
            "    ret = unsafe { bindings::cap_task_prctl(option, args[0], args[1], args[2], args[3]) };",
            "    ret",
            "});",
            f"assert_eq!(ret, {returns});",
        ]


def suite(name: str, tests: list[str]) -> str:
    """Returns a module of tests, to append to `capable.rs` or `prctl.rs`."""
    return "\n".join(["", f"#[kunit_tests(commoncap_equivalence_proof_{name})]", "mod proof {", "    use super::*;", "",
                      "\n\n".join(tests), "}", ""])
