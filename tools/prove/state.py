# SPDX-License-Identifier: GPL-2.0
"""A path so far: registers, memory, what must hold for it to be taken, what it has called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import archinfo
import z3

from flags import Unknown
from image import Image
from memory import FACTS, STACK_TOP, Memory, Object, World, insert, on_stack, part, split

ARCH = archinfo.ArchAMD64()  # type: ignore[no-untyped-call]
OFFSET: dict[str, int] = {name: at for name, (at, _) in ARCH.registers.items()}
GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", *(f"r{n}" for n in range(8, 16)))
FLAGS = ("cc_op", "cc_dep1", "cc_dep2", "cc_ndep")
PRESERVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
SCRATCH = tuple(name for name in GENERAL if name not in (*PRESERVED, "rsp"))
ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
# How many entries of a table are distinguished.
INDICES = 16
# The address that the functions return to.
RETURN = 0xDEAD000000000000
Question = Object | tuple[Object, Object | int]


@dataclass(frozen=True)
class Event:
    """A call that the answer includes."""

    name: str
    args: tuple[z3.BitVecRef, ...]
    result: z3.BitVecRef


@dataclass
class State:
    """A path so far."""

    pc: int
    registers: dict[int, z3.BitVecRef]
    memory: Memory
    # What makes the code take this path, and what is assumed of the objects that it has met.
    path: list[z3.BoolRef] = field(default_factory=list)
    facts: list[z3.BoolRef] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    # Bits of what the function returns, and objects of the caller whose bytes are part of the answer.
    returns: int = 32
    outputs: tuple[Object, ...] = ()
    # Where the caller gets memory that it frees; no allocation fails then, and none is part of the answer.
    gives: Object | None = None
    # Of each call that is under way, where it has been.
    seen: tuple[frozenset[tuple[int, int]], ...] = (frozenset(),)
    # The registers with the arguments of the last call that is not executed.
    passed: dict[str, z3.BitVecRef] = field(default_factory=dict)
    # How often it has come to the head of each loop.
    visits: dict[tuple[int, int], int] = field(default_factory=dict)
    met: frozenset[Object] = frozenset()
    # Objects that are not NULL, pairs of objects that are apart, and how many bytes an object has at least.
    proved: frozenset[Question] = frozenset()

    def copy(self) -> State:
        """Returns another path that starts as this one is."""
        return replace(self, registers=self.registers.copy(), memory=self.memory.copy(), path=self.path[:],
                       facts=self.facts[:], events=self.events[:])

    def solver(self, *others: State) -> z3.Solver:
        """Returns a solver that knows what is so on this path, and on others that the same input takes."""
        solver = z3.Solver()
        for state in (self, *others):
            solver.add(*state.facts, *state.path)
        return solver

    def surely(self, condition: z3.BoolRef) -> bool:
        """Returns whether something must be so on this path."""
        solver = z3.SolverFor("QF_UFBV")
        solver.add(*self.facts, *self.path, z3.Not(condition))
        return bool(solver.check() == z3.unsat)

    def ensure(self, condition: z3.BoolRef, otherwise: str) -> None:
        """Makes sure that something is so on this path."""
        if not self.surely(condition):
            raise Unknown(otherwise)

    def read(self, offset: int, bits: int) -> z3.BitVecRef:
        """Returns a part of a register, by VEX's offset."""
        slot = next((slot for slot in range(offset, offset - 8, -1) if slot in self.registers), None)
        if slot is None:
            raise Unknown(f"a register that is not modelled, at {self.memory.image.symbol(self.pc)}")
        return part(self.registers[slot], 8 * (offset - slot), bits)

    def write(self, offset: int, value: z3.BitVecRef) -> None:
        """Changes a part of a register, by VEX's offset."""
        slot = next((slot for slot in range(offset, offset - 8, -1) if slot in self.registers), None)
        if slot is None or slot == OFFSET["d"] or 8 * (offset - slot) + value.size() > 64:
            raise Unknown(f"a change of a register that is not modelled, at {self.memory.image.symbol(self.pc)}")
        self.registers[slot] = z3.simplify(insert(self.registers[slot], 8 * (offset - slot), value))

    def get(self, name: str) -> z3.BitVecRef:
        """Returns a register."""
        return self.registers[OFFSET[name]]

    def set(self, name: str, value: z3.BitVecRef) -> None:
        """Changes a register."""
        self.registers[OFFSET[name]] = z3.simplify(value)

    @property
    def sp(self) -> int:
        """Returns the stack pointer."""
        value = self.get("rsp")
        if not z3.is_bv_value(value):
            raise Unknown("a stack pointer that depends on the input")
        return int(value.as_long())

    def meet(self, value: z3.BitVecRef) -> z3.BitVecRef:
        """Assumes of an object what there is to assume, if the value points to one."""
        world = self.memory.world
        found = world.object(value)
        if found and found.struct in FACTS and found not in self.met:
            self.met |= {found}
            self.facts.append(world.assumed(found))
        return value

    def own(self, found: Object) -> None:
        """Lets the function write to an object that nothing else points to."""
        world = self.memory.world
        self.memory.writable.add(found)
        others = [of for of in world.objects.values() if of.struct == found.struct and of is not found]
        self.facts += [z3.Implies(found.pointer != 0, found.pointer != other.pointer) for other in others]

    @property
    def given(self) -> Object | None:
        """Returns the memory that the caller gets, if it gets some that this function has allocated."""
        found = self.memory.world.object(self.memory.cell(self.gives, 0)) if self.gives else None
        return found if found in self.memory.writable else None

    def _use(self, found: Object | None, end: int) -> None:
        """Makes sure that a pointer that is followed is not NULL, and that it is to no object stored to by another."""
        if found is None or not found.struct:
            return
        questions: list[tuple[Question, z3.BoolRef]] = [(found, found.pointer == 0)]
        questions += [] if found.size is None else [((found, end), z3.ULT(found.size, end))]
        questions += [((found, other), found.pointer == other.pointer) for other in self.memory.changed(found)]
        for question, wrong in questions:
            if question not in self.proved:
                if not self.surely(z3.Not(wrong)):
                    raise Unknown(f"an access by {found.pointer}, where this may be: {wrong}")
                self.proved |= {question}

    def decided(self, condition: z3.BoolRef) -> z3.BoolRef:
        """Returns a condition, or what it is if it only asks whether an object is there that is."""
        condition = z3.simplify(condition)
        no = z3.is_not(condition)
        equal = condition.arg(0) if no else condition
        sides = equal.children() if z3.is_eq(equal) else []
        found = next((found for side in sides if (found := self.memory.world.object(side))), None)
        if found and any(z3.is_bv_value(side) and not side.as_long() for side in sides):
            if found not in self.proved and self.surely(found.pointer != 0):
                self.proved |= {found}
            if found in self.proved:
                return z3.BoolVal(no)
        return condition

    def load(self, address: z3.BitVecRef, size: int) -> z3.BitVecRef:
        """Loads from an address; what it depends on may be a few bits of an offset in the stack, or one of two."""
        memory, world = self.memory, self.memory.world
        if z3.is_app_of(address, z3.Z3_OP_ITE):
            either, other = (self.load(address.arg(number), size) for number in (1, 2))
            return z3.If(address.arg(0), either, other)
        base, offset = split(address)
        found, inside = world.locate(base, offset)
        if found or base is None:
            self._use(found, inside + size)
            return self.meet(memory.load(found, inside, size))
        bit = next((term for term in base.children() if _is_a_bit(term)), None)
        if bit is not None:
            high, low = _values(bit)
            either, other = (self.load(z3.substitute(address, (bit, value)), size) for value in (high, low))
            return z3.If(bit == high, either, other)
        if on_stack(offset):
            return part(z3.LShR(self._cell(base, offset, size), 8 * base), 0, 8 * size)
        if offset in world.filled:
            return z3.BitVecVal((1 << 8 * size) - 1, 8 * size)
        constants = self._of_table(base, offset, size)
        if constants is not None:
            return constants
        # What is in large tables, in another CPU's own data, and where global variables point to, may be anything.
        if memory.image.read(offset, 1) or self._of_a_cpu(base) or base.get_id() in world.globals:
            return world.any("loaded", 8 * size)
        raise Unknown(f"a load from {z3.simplify(address)} at {memory.image.symbol(self.pc)}")

    def _of_table(self, base: z3.BitVecRef, offset: int, size: int) -> z3.BitVecRef | None:
        """Returns a constant of a table whose index may be one of a few."""
        image, indices = self.memory.image, list[z3.BitVecRef]()
        if not image.constant(offset):
            return None
        value = self.memory.world.any("loaded", 8 * size)
        while len(indices) < INDICES:
            solver = z3.SolverFor("QF_UFBV")
            solver.add(*self.facts, *self.path, *(base != index for index in indices))
            answer = solver.check()
            if answer != z3.sat:
                return value if answer == z3.unsat else None
            index = solver.model().eval(base, model_completion=True)
            at = offset + index.as_signed_long()
            if not image.constant(at) or not image.constant(at + size - 1):
                return None
            constant = int.from_bytes(image.read(at, size), "little")
            value = z3.If(base == index, z3.BitVecVal(constant, 8 * size), value)
            indices.append(index)
        return None

    def store(self, address: z3.BitVecRef, value: z3.BitVecRef) -> None:
        """Stores to an address. A CPU's own counters are not part of the answer."""
        memory = self.memory
        base, offset = split(address)
        found, inside = memory.world.locate(base, offset)
        if found or base is None:
            self._use(found, inside + value.size() // 8)
            memory.store(found, inside, z3.simplify(value))
        elif on_stack(offset):
            cell = self._cell(base, offset, value.size() // 8)
            mask = z3.BitVecVal((1 << value.size()) - 1, 64) << 8 * base
            memory.store(None, offset, cell & ~mask | z3.ZeroExt(64 - value.size(), value) << 8 * base)
        elif not self._of_a_cpu(base):
            raise Unknown(f"a store to {z3.simplify(address)} at {memory.image.symbol(self.pc)}")

    def _of_a_cpu(self, base: z3.BitVecRef) -> bool:
        return any(child.eq(self.memory.world.percpu.pointer) for child in base.children())

    def _cell(self, index: z3.BitVecRef, offset: int, size: int) -> z3.BitVecRef:
        """Returns the eight bytes that VEX puts on the stack for an instruction that tests or sets a bit."""
        self.ensure(z3.ULE(index, 8 - size), "an access to the stack at an unknown offset")
        return self.memory.load(None, offset, 8)


def _is_a_bit(term: z3.BitVecRef) -> bool:
    """Returns whether a term of a sum is a bit of the input, moved to the left."""
    parts = term.children()
    return (z3.is_app_of(term, z3.Z3_OP_CONCAT) and sum(not z3.is_bv_value(part) for part in parts) == 1
            and all(part.size() == 1 if not z3.is_bv_value(part) else not part.as_long() for part in parts))


def _values(term: z3.BitVecRef) -> tuple[z3.BitVecRef, z3.BitVecRef]:
    """Returns such a term with the bit, and without it."""
    parts = [part if z3.is_bv_value(part) else z3.BitVecVal(1, 1) for part in term.children()]
    return z3.simplify(z3.Concat(parts)), z3.BitVecVal(0, term.size())


def start(world: World, image: Image, at: int, arguments: list[z3.BitVecRef]) -> State:
    """Returns the state in which a function is called; registers that carry no argument may be anything."""
    registers = {OFFSET[name]: world.any(name) for name in (*GENERAL, *FLAGS)}
    registers |= {OFFSET[name]: z3.BitVec(f"in.{name}", 64) for name in PRESERVED}
    registers |= {OFFSET["gs_const"]: world.percpu.pointer, OFFSET["d"]: z3.BitVecVal(1, 64)}
    state = State(at, registers, Memory(world, image))
    for name, value in zip(ARGUMENTS, arguments, strict=False):
        state.set(name, state.meet(value))
    state.meet(world.current.pointer)
    state.meet(world.initial.pointer)
    state.facts += [world.current.pointer != 0, world.get(world.initial, "parent") == 0]
    state.set("rsp", z3.BitVecVal(STACK_TOP - 8, 64))
    state.memory.preset(None, STACK_TOP - 8, z3.BitVecVal(RETURN, 64))
    return state
