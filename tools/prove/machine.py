# SPDX-License-Identifier: GPL-2.0
"""The processor: executes one instruction, as VEX lifts it, on symbolic values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import archinfo
import pyvex
import z3

from flags import Unknown, carry, condition, everything
from image import Image
from memory import STACK_TOP, Memory, World, split

ARCH = archinfo.ArchAMD64()  # type: ignore[no-untyped-call]
OFFSET: dict[str, int] = {name: at for name, (at, _) in ARCH.registers.items()}
GENERAL = ("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", *(f"r{n}" for n in range(8, 16)))
PRESERVED = ("rbx", "rbp", "r12", "r13", "r14", "r15")
SCRATCH = tuple(name for name in GENERAL if name not in (*PRESERVED, "rsp"))
ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
# The address that the functions return to.
RETURN = 0xDEAD000000000000
CALLS: dict[str, Callable[..., z3.BitVecRef]] = {
    "amd64g_calculate_condition": condition, "amd64g_calculate_rflags_c": carry,
    "amd64g_calculate_rflags_all": everything,
}


@dataclass(frozen=True)
class Event:
    """A call that the answer includes."""

    name: str
    args: tuple[z3.BitVecRef, ...]
    result: z3.BitVecRef


@dataclass
class State:
    """A path so far: registers, memory, what must hold for it to be taken, what it has called."""

    pc: int
    registers: dict[int, z3.BitVecRef]
    memory: Memory
    path: list[z3.BoolRef] = field(default_factory=list)
    facts: list[z3.BoolRef] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    # Of each call that is under way, where it has been.
    seen: tuple[frozenset[tuple[int, int]], ...] = (frozenset(),)
    known: frozenset[z3.ExprRef] = frozenset()
    nonnull: frozenset[z3.ExprRef] = frozenset()

    def copy(self) -> State:
        """Returns another path that starts as this one is."""
        return State(self.pc, self.registers.copy(), self.memory.copy(), self.path[:], self.facts[:],
                     self.events[:], self.seen, self.known, self.nonnull)

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
        if value in self.memory.world.types and value not in self.known:
            self.known |= {value}
            self.facts += self.memory.world.facts(value)
        return value

    def exists(self, pointer: z3.BitVecRef) -> None:
        """Makes sure that a pointer that is followed is not NULL."""
        if pointer not in self.nonnull:
            solver = z3.Solver()
            solver.add(*self.facts, *self.path, pointer == 0)
            if solver.check() != z3.unsat:
                raise Unknown(f"an access by {pointer}, which may be NULL")
            self.nonnull |= {pointer}


def start(world: World, image: Image, at: int, arguments: list[z3.BitVecRef]) -> State:
    """Returns the state in which a function is called; registers that carry no argument may be anything."""
    names = (*GENERAL, "cc_op", "cc_dep1", "cc_dep2", "cc_ndep")
    registers: dict[int, z3.BitVecRef] = {OFFSET[name]: world.any(name) for name in names}
    registers |= {OFFSET[name]: z3.BitVec(f"in.{name}", 64) for name in PRESERVED}
    registers[OFFSET["gs_const"]] = world.gs
    registers[OFFSET["d"]] = z3.BitVecVal(1, 64)
    state = State(at, registers, Memory(world, image))
    for name, value in zip(ARGUMENTS, arguments, strict=False):
        state.set(name, state.meet(value))
    state.meet(world.current)
    state.meet(world.initial)
    state.facts.append(world.get(world.initial, "parent") == 0)
    state.set("rsp", z3.BitVecVal(STACK_TOP - 8, 64))
    state.memory.store(None, STACK_TOP - 8, z3.BitVecVal(RETURN, 64))
    return state


def as_bits(value: z3.BoolRef) -> z3.BitVecRef:
    """Returns a truth value as one bit."""
    return z3.If(value, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))


SIMPLE: dict[str, Callable[..., z3.BitVecRef]] = {
    "Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b,
    "And": lambda a, b: a & b, "Or": lambda a, b: a | b, "Xor": lambda a, b: a ^ b, "Not": lambda a: ~a,
    "Shl": lambda a, n: a << z3.ZeroExt(a.size() - 8, n), "Shr": lambda a, n: z3.LShR(a, z3.ZeroExt(a.size() - 8, n)),
    "Sar": lambda a, n: a >> z3.ZeroExt(a.size() - 8, n),
    "CmpEQ": lambda a, b: as_bits(a == b), "CmpNE": lambda a, b: as_bits(a != b),
    "CasCmpEQ": lambda a, b: as_bits(a == b), "CasCmpNE": lambda a, b: as_bits(a != b),
    "ExpCmpNE": lambda a, b: as_bits(a != b),
    "CmpLTS": lambda a, b: as_bits(a < b), "CmpLES": lambda a, b: as_bits(a <= b),
    "CmpLTU": lambda a, b: as_bits(z3.ULT(a, b)), "CmpLEU": lambda a, b: as_bits(z3.ULE(a, b)),
    "MullU": lambda a, b: z3.ZeroExt(a.size(), a) * z3.ZeroExt(a.size(), b),
    "MullS": lambda a, b: z3.SignExt(a.size(), a) * z3.SignExt(a.size(), b),
}


def operate(name: str, args: list[z3.BitVecRef]) -> z3.BitVecRef:
    """Does one of VEX's operations on integers."""
    if match := re.fullmatch(r"Iop_(\d+)([US])to(\d+)", name):
        extend = z3.ZeroExt if match[2] == "U" else z3.SignExt
        return extend(int(match[3]) - int(match[1]), args[0])
    if match := re.fullmatch(r"Iop_(\d+)(HI)?to(\d+)", name):
        low = int(match[3]) if match[2] else 0
        return z3.Extract(low + int(match[3]) - 1, low, args[0])
    if re.fullmatch(r"Iop_(\d+)HLto(\d+)", name):
        return z3.Concat(args[0], args[1])
    if match := re.fullmatch(r"Iop_([A-Za-z]+)(8|16|32|64|1)([SU]?)", name):
        function = SIMPLE.get(match[1] + match[3])
        if function:
            return function(*args)
    raise Unknown(f"the operation {name}")


class Processor:
    """Lifts instructions, and executes them."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.lifted: dict[int, pyvex.IRSB] = {}

    def lift(self, address: int) -> pyvex.IRSB:
        """Returns the instruction at an address in VEX's intermediate representation."""
        block = self.lifted.get(address)
        if block is None:
            code = self.image.read(address, 16)
            if not code:
                raise Unknown(f"a jump to {address:#x}, where no code is")
            block = pyvex.lift(code, address, ARCH, max_inst=1, opt_level=1)
            self.lifted[address] = block
        return block

    def step(self, state: State) -> tuple[list[tuple[z3.BoolRef, z3.BitVecRef]], str]:
        """Executes an instruction. Returns where it may go to, and when, and what kind of jump it ends in."""
        block = self.lift(state.pc)
        temporaries: dict[int, z3.BitVecRef] = {}
        targets: list[tuple[z3.BoolRef, z3.BitVecRef]] = []
        for statement in block.statements:
            if isinstance(statement, pyvex.stmt.Put):
                self._put(state, statement.offset, self._value(state, temporaries, statement.data, block))
            elif isinstance(statement, pyvex.stmt.WrTmp):
                temporaries[statement.tmp] = self._value(state, temporaries, statement.data, block)
            elif isinstance(statement, pyvex.stmt.Store):
                address = self._value(state, temporaries, statement.addr, block)
                self.store(state, address, self._value(state, temporaries, statement.data, block))
            elif isinstance(statement, pyvex.stmt.CAS):
                temporaries[statement.oldLo] = self._exchange(state, temporaries, statement, block)
            elif isinstance(statement, pyvex.stmt.Exit):
                guard = z3.simplify(self._value(state, temporaries, statement.guard, block) == 1)
                if not z3.is_false(guard):
                    targets.append((guard, z3.BitVecVal(statement.dst.value, 64)))
            elif not isinstance(statement, (pyvex.stmt.IMark, pyvex.stmt.AbiHint, pyvex.stmt.NoOp)):
                raise Unknown(f"{type(statement).__name__} at {self.image.symbol(state.pc)}")
        targets.append((z3.BoolVal(True), z3.simplify(self._value(state, temporaries, block.next, block))))
        return targets, block.jumpkind

    def _exchange(self, state: State, temporaries: dict[int, z3.BitVecRef], statement: pyvex.stmt.CAS,
                  block: pyvex.IRSB) -> z3.BitVecRef:
        """Does an atomic operation, as one that nothing interrupts; returns what was there."""
        address, expected, new = (self._value(state, temporaries, each, block)
                                  for each in (statement.addr, statement.expdLo, statement.dataLo))
        old = self.load(state, address, new.size() // 8)
        self.store(state, address, z3.If(old == expected, new, old))
        return old

    @staticmethod
    def _put(state: State, offset: int, value: z3.BitVecRef) -> None:
        slot, low = offset, 0
        while slot not in state.registers and low < 8:
            slot, low = slot - 1, low + 1
        if slot not in state.registers or 8 * low + value.size() > 64:
            if offset != OFFSET["rip"]:
                state.registers[offset] = value
            return
        if value.size() < 64:
            old = state.registers[slot]
            parts = [z3.Extract(63, 8 * low + value.size(), old)] if 8 * low + value.size() < 64 else []
            parts.append(value)
            parts += [z3.Extract(8 * low - 1, 0, old)] if low else []
            value = z3.Concat(parts)
        state.registers[slot] = z3.simplify(value)

    def _value(self, state: State, temporaries: dict[int, z3.BitVecRef], expression: pyvex.expr.IRExpr,
               block: pyvex.IRSB) -> z3.BitVecRef:
        if isinstance(expression, pyvex.expr.RdTmp):
            return temporaries[expression.tmp]
        if isinstance(expression, pyvex.expr.Const):
            return z3.BitVecVal(expression.con.value, expression.result_size(block.tyenv))
        if isinstance(expression, pyvex.expr.Get):
            size, slot = expression.result_size(block.tyenv), expression.offset
            low = 0
            while slot not in state.registers and low < 8:
                slot, low = slot - 1, low + 1
            if slot not in state.registers:
                raise Unknown(f"a register that is not modelled, at {self.image.symbol(state.pc)}")
            return z3.Extract(8 * low + size - 1, 8 * low, state.registers[slot])
        if isinstance(expression, pyvex.expr.CCall):
            args = [self._value(state, temporaries, arg, block) for arg in expression.args]
            return self._flags(state, expression.callee.name, args)
        if isinstance(expression, (pyvex.expr.Unop, pyvex.expr.Binop)):
            return operate(expression.op, [self._value(state, temporaries, arg, block) for arg in expression.args])
        if isinstance(expression, pyvex.expr.ITE):
            cond = self._value(state, temporaries, expression.cond, block)
            yes = self._value(state, temporaries, expression.iftrue, block)
            return z3.If(cond == 1, yes, self._value(state, temporaries, expression.iffalse, block))
        if isinstance(expression, pyvex.expr.Load):
            address = self._value(state, temporaries, expression.addr, block)
            return self.load(state, address, expression.result_size(block.tyenv) // 8)
        raise Unknown(f"{expression} at {self.image.symbol(state.pc)}")

    @staticmethod
    def _flags(state: State, name: str, args: list[z3.BitVecRef]) -> z3.BitVecRef:
        concrete = 2 if name == "amd64g_calculate_condition" else 1
        numbers = [z3.simplify(arg) for arg in args[:concrete]]
        function = CALLS.get(name)
        try:
            if function and all(z3.is_bv_value(number) for number in numbers):
                return function(*(int(number.as_long()) for number in numbers), *args[concrete:])
        except Unknown:
            pass
        # Flags that are not modelled may be anything.
        return state.memory.world.any("flags")

    def load(self, state: State, address: z3.BitVecRef, size: int) -> z3.BitVecRef:
        """Loads from an address; what it depends on may be a few bits of an offset in the stack."""
        world = state.memory.world
        base, offset = world.object_at(*split(address))
        if base is None or base.eq(world.gs) or base in world.types:
            if base in world.types:
                state.exists(base)
            return state.meet(state.memory.load(base, offset, size))
        offset &= (1 << 64) - 1
        if Memory.on_stack(offset):
            return z3.Extract(8 * size - 1, 0, z3.LShR(self._cell(state, base, offset, size), 8 * base))
        if offset in world.filled:
            return z3.BitVecVal((1 << 8 * size) - 1, 8 * size)
        # What is in tables, in a CPU's own data, and where global variables point to, may be anything.
        if self.image.read(offset, 1) or world.gs in base.children() or base in world.globals:
            return world.any("loaded", 8 * size)
        raise Unknown(f"a load from {z3.simplify(address)} at {self.image.symbol(state.pc)}")

    @staticmethod
    def _cell(state: State, index: z3.BitVecRef, offset: int, size: int) -> z3.BitVecRef:
        """Returns the eight bytes that VEX puts on the stack for an instruction that tests or sets a bit."""
        solver = z3.Solver()
        solver.add(*state.facts, *state.path, z3.UGT(index, 8 - size))
        if solver.check() != z3.unsat:
            raise Unknown("an access to the stack at an unknown offset")
        return state.memory.load(None, offset, 8)

    def store(self, state: State, address: z3.BitVecRef, value: z3.BitVecRef) -> None:
        """Stores to an address. A CPU's own counters are not part of the answer."""
        world = state.memory.world
        base, offset = world.object_at(*split(address))
        if base is not None and not base.eq(world.gs) and world.gs in base.children():
            return
        if base is not None and Memory.on_stack(offset):
            cell = self._cell(state, base, offset, value.size() // 8)
            mask = z3.BitVecVal((1 << value.size()) - 1, 64) << 8 * base
            value = cell & ~mask | z3.ZeroExt(64 - value.size(), value) << 8 * base
            base = None
        elif base in world.types:
            state.exists(base)
        state.memory.store(base, offset, z3.simplify(value))

