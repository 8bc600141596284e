# SPDX-License-Identifier: GPL-2.0
"""Inputs that z3 finds, as KUnit tests of the modules that compare both sides (suites/equivalence)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import z3

from explore import Leaf
from layout import BYTES_SIZE
from memory import Object, word
from merge import choices
from proof import Proof
from summaries import traced

# How deep the user namespaces of a test are.
DEPTH = 4
# The groups that the caller of an `execve()` is a member of (suites/equivalence/exec).
GROUPS = (50, 51)


class Inputs:
    """The inputs of a path, and of others that they also take, such as the tests of that module can set up."""

    def __init__(self, proof: Proof, leaf: Leaf, *others: Leaf, plain: bool = True) -> None:
        self.function, self.world, self.arguments, self.leaf = proof.function.c, proof.world, proof.arguments, leaf
        self.solver = leaf.state.solver(*(other.state for other in others))
        self.results = {event.name: event.result for each in (*others, leaf) for event in each.state.events}
        world = self.world
        self.cred = self.object("cred") if "cred" in self.arguments else world.follow(world.current, "cred")
        self.home = world.follow(self.cred, "user_ns")
        if "target_ns" in self.arguments:
            self._descend_from_one_root([self.object("target_ns"), self.home])
        elif "bprm" in self.arguments:
            self._execve()
        elif plain:
            self.solver.add(self.home.pointer == world.initial.pointer)
        if "task" in self.arguments:
            self.subject = world.follow(self.object("task"), "real_cred")
        if plain:
            self._plain()

    def object(self, name: str) -> Object:
        """Returns the object that an argument points to."""
        return self.world.objects[self.arguments[name].get_id()]

    def _plain(self) -> None:
        """Nothing traces, and no other LSM denies what the capabilities allow; there is memory."""
        self.solver.add(traced(self.leaf.state) == 0)
        for event in self.leaf.state.events:
            if event.name == "ns_capable":
                self.solver.add(event.result == self._has(self.cred, event.args[1]))
            elif event.name == "has_ns_capability":
                inside = self.world.get(self.subject, "user_ns") != self.world.initial.pointer
                self.solver.add(event.result == z3.If(inside, 0, self._has(self.subject, event.args[2])))
            elif event.name == "prepare_creds":
                self.solver.add(event.result != 0)

    def _has(self, cred: Object, capability: z3.BitVecRef) -> z3.BitVecRef:
        return z3.Extract(0, 0, z3.LShR(self.world.get(cred, "cap_effective"), z3.ZeroExt(32, capability)))

    def _descend_from_one_root(self, spaces: list[Object]) -> None:
        root = word("root")
        for space in spaces:
            self.solver.add(self.world.get(space, "level") < DEPTH)
            for _ in range(DEPTH):
                self.solver.add(z3.Implies(space.pointer != 0, z3.And(
                    self.world.assumed(space), (self.world.get(space, "level") == 0) == (space.pointer == root))))
                space = self.world.follow(space, "parent")

    def _execve(self) -> None:
        """What suites/equivalence/exec can set up: a child namespace, and a file of the initial one."""
        get, initial = self.world.get, self.world.initial.pointer
        bprm, dentry = self.object("bprm"), self.world.follow(self.object("file"), "f_path.dentry")
        inode = self.world.follow(dentry, "d_inode")
        block = self.world.follow(inode, "i_sb")
        self.new = self.world.follow(bprm, "cred")
        self._descend_from_one_root([self.home])
        self.root = z3.Function("make_kuid", *(z3.BitVecSort(bits) for bits in (64, 32, 32)))(self.home.pointer, 0)
        self.solver.add(get(self.home, "level") == 1, get(self.new, "user_ns") == self.home.pointer, self.root >= -1,
                        get(bprm, "per_clear") == 0, inode.pointer != 0, get(block, "s_user_ns") == initial,
                        "WARN" not in self.results)
        for name, result in self.results.items():
            if name == "__vfs_getxattr":
                self.solver.add(result >= -4095, result <= BYTES_SIZE)
            elif name == "__audit_log_bprm_fcaps":
                self.solver.add(z3.Extract(31, 0, result) == 0)
        for call in _calls(self.solver.assertions()):
            name, args = call.decl().name(), call.children()
            space, number = args[-2:] if len(args) > 1 else (call, *args)
            if name == "in_group_p":
                self.solver.add(call == z3.If(z3.Or(*(number == group for group in GROUPS)), z3.BitVecVal(1, 32), 0))
            elif name == "in_userns":
                self.solver.add(call == 1, number == initial)
            elif name == "mnt_may_suid":
                self.results[name] = call
            elif name == "make_kuid":
                self.solver.add(z3.Or(space == self.home.pointer, z3.And(space == initial, call == number)))
            elif name == "make_vfsuid":
                self.solver.add(call == number)
            elif name == "from_kuid":
                self.solver.add((call == 0) == (number == z3.If(space == initial, 0, self.root)))

    def model(self, *more: z3.BoolRef) -> z3.ModelRef | None:
        """Returns inputs for which that is so, if there are any."""
        solver = z3.SolverFor("QF_UFBV")
        solver.add(*self.solver.assertions(), *more)
        return solver.model() if solver.check() == z3.sat else None

    def models(self, tried: set[tuple[int, bool]]) -> Iterator[z3.ModelRef]:
        """Returns inputs that take this path; if it is merged, also by each way into a merge that is not tried yet."""
        ways = {(which.get_id(), taken): which if taken else z3.Not(which)
                for which in choices(self.leaf.state) for taken in (True, False)}
        model = self.model()
        while model:
            yield model
            tried |= {key for key, way in ways.items() if z3.is_true(model.eval(way, model_completion=True))}
            model = None
            while ways and not model:
                key, way = ways.popitem()
                model = None if key in tried else self.model(way)


def _calls(terms: Iterable[z3.ExprRef]) -> list[z3.ExprRef]:
    """Returns all terms in these that ask a function."""
    seen, found, pending = set[int](), list[z3.ExprRef](), list(terms)
    while pending:
        term = pending.pop()
        if term.get_id() not in seen:
            seen.add(term.get_id())
            pending += term.children()
            found += [term] if z3.is_app_of(term, z3.Z3_OP_UNINTERPRETED) and term.num_args() else []
    return found


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

    def _field(self, path: str, of: Object | None = None) -> str:
        return f"{self._number(self.world.get(of or self.inputs.cred, path)):#x}"

    def _argument(self, name: str) -> str:
        """Returns a set that an argument points to."""
        return self._field("val", self.inputs.object(name))

    def text(self, name: str) -> str:
        """Returns a test that asks both, and checks that both return what the path says."""
        if self.inputs.function not in TESTS:
            return ""
        lines = [*TESTS[self.inputs.function](self), "assert!(group.equal());"]
        if self.inputs.function in REPLAYED:
            lines.append(f"assert_eq!(ret, Some({self._signed(self.inputs.leaf.outcome()[0])}));")
        return "\n".join(["    #[test]", f"    fn {name}() {{",
                          '        let mut group = Group::new("a path of the proof");',
                          *(f"        {line}" for line in lines), "    }"])

    def _capable(self) -> list[str]:
        target, home = self.inputs.object("target_ns"), self.inputs.home
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

    def _setup(self, made: str = "", name: str = "") -> list[str]:
        """Returns what gives the task its credentials, and makes something else."""
        facts = {"effective": "cap_effective", "permitted": "cap_permitted", "inheritable": "cap_inheritable",
                 "bounding": "cap_bset", "ambient": "cap_ambient", "securebits": "securebits"}
        inside = self._number(self.inputs.home.pointer) != self._number(self.world.initial.pointer)
        return [
            *["// For a task in another user namespace than the initial one, which these tests do not enter."] * inside,
            "let Ok(start) = Start::with(Facts {",
            *(f"    {name}: {self._field(path)}," for name, path in facts.items()),
            "}) else {", "    return assert!(false);", "};",
            *([f"let Ok({name}) = {made} else {{", "    return assert!(false);", "};"] if made else []),
        ]

    def _prctl(self) -> list[str]:
        option = self._signed(self.inputs.arguments["option"])
        args = ", ".join(f"{self._number(self.inputs.arguments[name]):#x}" for name in ("arg2", "arg3", "arg4", "arg5"))
        return [*self._setup(), f"let ret = ask(&mut group, &start, {option}, [{args}]);"]

    def _capset(self) -> list[str]:
        new, old = self.inputs.object("new"), self.inputs.object("old")
        return [
            *self._setup("Creds::new()", "mut creds"), "let case = Case {",
            f"    old_permitted: {self._field('cap_permitted', old)},",
            f"    old_inheritable: {self._field('cap_inheritable', old)},",
            f"    old_bounding: {self._field('cap_bset', old)},",
            f"    new_ambient: {self._field('cap_ambient', new)},",
            *(f"    {name}: {self._argument(name)}," for name in ("effective", "inheritable", "permitted")),
            "};", "let ret = ask(&mut group, &mut creds, &start, &case);",
        ]

    def _setuid(self) -> list[str]:
        new, old = self.inputs.object("new"), self.inputs.object("old")
        ids = ", ".join(self._field(f"{path}", of) for of in (old, new) for path in ("uid", "euid", "suid", "fsuid"))
        fields = [self.world.layouts.field("cred", f"cap_{name}")
                  for name in ("effective", "permitted", "inheritable", "bset", "ambient")]
        sets = ", ".join(self._field(field.path, new) for field in fields)
        # As the path leaves them.
        memory = self.inputs.leaf.state.memory
        after = ", ".join(f"{self._number(memory.load(new, field.offset, field.size)):#x}" for field in fields)
        left = ", ".join(f"creds.new.{field.path}" for field in fields)
        make_kuid = z3.Function("make_kuid", z3.BitVecSort(64), z3.BitVecSort(32), z3.BitVecSort(32))
        root = self._number(make_kuid(self.world.get(old, "user_ns"), z3.BitVecVal(0, 32)))
        flags = self._signed(self.inputs.arguments["flags"])
        return [
            *self._setup("Creds::new()", "mut creds"),
            f"let Ok(ns) = Ns::new(Some({root:#x})) else {{", "    return assert!(false);", "};",
            "let case = Case {", "    ns: &ns,", f"    ids: [{ids}],", f"    flags: {flags},", f"    sets: [{sets}],",
            "};", "let ret = ask(&mut group, &mut creds, &start, &case);",
            f"assert_eq!([{left}], [{after}]);",
        ]

    def _about_a_task(self) -> list[str]:
        sets = ", ".join(self._field(f"cap_{name}", self.inputs.subject)
                         for name in ("effective", "inheritable", "permitted"))
        # The initial namespace, or a child of it that another user owns.
        space = self._number(self.world.get(self.inputs.subject, "user_ns"))
        number = 2 if space == self._number(self.world.initial.pointer) else 1
        return [*self._setup("Target::new()", "mut target"),
                f"about_target(&mut group, &start, &mut target, {number}, [{sets}]);"]

    def _execve(self) -> list[str]:
        inputs, get, memory = self.inputs, self.world.get, self.inputs.leaf.state.memory
        old, new = inputs.cred, inputs.new
        answers = {name: self._number(result) for name, result in inputs.results.items()}
        names = [event.name for event in inputs.leaf.state.events]
        read = names.index("__vfs_getxattr") + 1 if "__vfs_getxattr" in names else 0
        value = [self._number(z3.BitVec(f"xattr#{read}[{at}]", 8)) for at in range(BYTES_SIZE)]
        audit = self.world.follow(self.world.current, "audit_context")
        enabled = memory.load(None, memory.image.symbols["file_caps_enabled"], 4)
        root, traced = self._signed(inputs.root), not answers.get("ptracer_capable", 1)
        failing = ("    return assert!(false);", "};")
        flags = {"nosuid": not answers.get("mnt_may_suid", 1), "file_caps_enabled": self._number(enabled) != 0,
                 "audited": self._number(audit.pointer) != 0 and not self._number(get(audit, "dummy"))}
        sets = {"permitted": "cap_permitted", "inheritable": "cap_inheritable", "bounding": "cap_bset",
                "ambient": "cap_ambient"}
        after = [self.world.layouts.field("cred", path)
                 for path in ("euid", "egid", "cap_effective", "cap_permitted", "cap_ambient")]
        left = ", ".join(f"bench.new.{field.path}" for field in after)
        expected = ", ".join(f"{self._number(memory.load(new, field.offset, field.size)):#x}" for field in after)
        result = self._signed(inputs.leaf.outcome()[0])
        return [
            f"let Ok(ns) = Ns::new({f'Some({root:#x})' if root >= 0 else 'None'}) else {{",
            *failing, *(["let Ok(tracer) = ns.tracer(false) else {", *failing] if traced else []),
            "let Ok(mut bench) = Bench::new() else {", *failing,
            "let case = Case {", "    ns: &ns,", "    inputs: Inputs {",
            *(f"        {name}: {str(on).lower()}," for name, on in flags.items()),
            *(["        tracer: &raw const *tracer,"] if traced else []),
            f"        unsafe_flags: {self._signed(get(inputs.object('bprm'), 'unsafe'))},",
            f"        size: {self._signed(inputs.results['__vfs_getxattr']) if read else 0},",
            f"        value: {[*value, *bytes(8)]},", "        ..Inputs::plain()", "    },", "    ids: Ids {",
            *(f"        {name}: {self._field(name, old)}," for name in ("uid", "euid", "gid")),
            *(f"        new_{name}: {self._field(name, new)}," for name in ("uid", "euid", "gid", "egid")),
            "    },", f"    securebits: {self._field('securebits', old)},",
            f"    new_securebits: {self._field('securebits', new)},",
            f"    setuid: {str(answers.get('ns_capable', 0) != 0).lower()},", "    sets: Sets {",
            *(f"        {name}: {self._field(path, old)}," for name, path in sets.items()),
            *(f"        new_{name}: {self._field(path, new)}," for name, path in sets.items() if name != "permitted"),
            "        ..Sets::default()", "    },", "};", "let ret = Some(bench.ask(&mut group, &case).ret);",
            # Where it fails, the kernel drops the new credentials.
            *([f"assert_eq!(({left}), ({expected}));"] if not result else []),
        ]

    def _bytes(self, of: Object) -> bytes:
        cells = [self._number(self.world.cell(of, at)) for at in range(0, BYTES_SIZE, 8)]
        return b"".join(cell.to_bytes(8, "little") for cell in cells)

    def _about_a_name(self) -> list[str]:
        name = self._bytes(self.inputs.object("name")).split(b"\0")[0]
        shown = "".join(chr(byte) if chr(byte).isalnum() or byte == ord(".") else f"\\x{byte:02x}" for byte in name)
        return [f'assert!(each_name(&mut group, &[c"{shown}"]).is_ok());']

    def _about_an_answer(self) -> list[str]:
        answer = self._signed(self.inputs.leaf.state.events[0].result)
        return [f"assert!(each_answer(&mut group, [{answer}].into_iter()).is_ok());"]

    def _about_a_value(self) -> list[str]:
        of = self.world.follow(self.inputs.object("ivalue"), "")
        value = f"Some(&{[*self._bytes(of), *bytes(8)]})" if self._number(of.pointer) else "None"
        return ["let Ok(mut world) = World::new() else {", "    return assert!(false);", "};",
                f"in_each_place(&mut group, &mut world, {value}, {self._number(self.inputs.arguments['size'])});"]

    def _about_a_read(self) -> list[str]:
        results = self.inputs.results
        answer = results.get("xattr_handler.get", results.get("__vfs_getxattr"))
        value = [*(self._number(z3.BitVec(f"xattr[{at}]", 8)) for at in range(BYTES_SIZE)), *bytes(8)]
        return ["let Ok(mut world) = World::new() else {", "    return assert!(false);", "};",
                f"let script = script(&{value}, {0 if answer is None else self._signed(answer)});",
                "each_place(&mut world, &[0], &[(0, 0)], |world, place| {",
                '    read(&mut group, world, place, c"capability", &script);', "});"]

    def _about_the_caller(self) -> list[str]:
        return [*self._setup(), "about_caller(&mut group, &start);"]


# How to make a test of each function.
TESTS: dict[str, Callable[[Test], list[str]]] = {
    "cap_capable": Test._capable, "cap_task_prctl": Test._prctl, "cap_capset": Test._capset,
    "cap_task_fix_setuid": Test._setuid,
    **dict.fromkeys(("cap_ptrace_access_check", "cap_ptrace_traceme", "cap_task_setnice", "cap_task_setioprio",
                     "cap_task_setscheduler"), Test._about_a_task),
    **dict.fromkeys(("cap_settime", "cap_vm_enough_memory", "cap_mmap_addr"), Test._about_the_caller),
    **dict.fromkeys(("cap_inode_setxattr", "cap_inode_removexattr"), Test._about_a_name),
    **dict.fromkeys(("cap_inode_need_killpriv", "cap_inode_killpriv"), Test._about_an_answer),
    "cap_convert_nscap": Test._about_a_value, "cap_bprm_creds_from_file": Test._execve,
    "cap_inode_getsecurity": Test._about_a_read,
}
# The file of these modules to which tests of a function belong, for the functions whose value the tests know.
REPLAYED = {"cap_capable": "capable", "cap_task_prctl": "prctl", "cap_capset": "capset",
            "cap_task_fix_setuid": "setuid", "cap_bprm_creds_from_file": "exec"}


def counterexample(proof: Proof, c: Leaf, rust: Leaf, differs: z3.BoolRef, plain: bool) -> str | None:
    """Says how two paths answer otherwise, with a test of it, if they do for such inputs."""
    inputs = Inputs(proof, c, rust, plain=plain)
    model = inputs.model(differs)
    if model is None:
        return None
    one, other = (model.eval(side.outcome()[0], model_completion=True).as_signed_long() for side in (c, rust))
    calls = [[event.name for event in side.state.events] for side in (c, rust)]
    return (f"differ\n    // commoncap.c returns {one} after {calls[0]},\n"
            f"    // the module {other} after {calls[1]}.\n" + Test(inputs, model).text("found_by_the_proof"))


def suite(proof: Proof, rounds: int) -> str:
    """Returns a module of tests to append to a file: for each path of each side, if a test can set its input up."""
    name = REPLAYED[proof.function.c]
    tests, tried = list[str](), set[tuple[int, bool]]()
    for leaf in (leaf for side in proof.returns(rounds) for leaf in side if not leaf.head):
        inputs = Inputs(proof, leaf)
        tests += [Test(inputs, model).text(f"path_{len(tests) + n}") for n, model in enumerate(inputs.models(tried))]
    return "\n".join(["", f"#[kunit_tests(commoncap_equivalence_proof_{name})]", "mod proof {", "    use super::*;", "",
                      "\n\n".join(tests), "}", ""])
