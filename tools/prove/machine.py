# SPDX-License-Identifier: GPL-2.0
"""The processor: executes one instruction, as VEX lifts it, on symbolic values."""

from __future__ import annotations

import re
from collections.abc import Callable

import pyvex
import z3

from flags import CARRY, OVERFLOW, SIGN, ZERO, Unknown, bit, condition
from image import Image
from memory import insert
from state import ARCH, OFFSET, State


def extended(function: Callable[[z3.BitVecRef, z3.BitVecRef], z3.BitVecRef]) -> Callable[..., z3.BitVecRef]:
    """Returns a shift, for which z3 wants a count as wide as the value."""
    return lambda value, count: function(value, z3.ZeroExt(value.size() - 8, count))


def trailing_zeros(value: z3.BitVecRef) -> z3.BitVecRef:
    """Returns how many zeros are below the lowest one. That of 0 may be anything."""
    count = z3.FreshConst(value.sort())
    for at in reversed(range(value.size())):
        count = z3.If(z3.Extract(at, at, value) == 1, z3.BitVecVal(at, value.size()), count)
    return count


SIMPLE: dict[str, Callable[..., z3.BitVecRef]] = {
    "Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mul": lambda a, b: a * b,
    "And": lambda a, b: a & b, "Or": lambda a, b: a | b, "Xor": lambda a, b: a ^ b, "Not": lambda a: ~a,
    "Shl": extended(lambda a, n: a << n), "Shr": extended(z3.LShR), "Sar": extended(lambda a, n: a >> n),
    "CmpEQ": lambda a, b: bit(a == b), "CmpNE": lambda a, b: bit(a != b),
    "CasCmpEQ": lambda a, b: bit(a == b), "CasCmpNE": lambda a, b: bit(a != b), "ExpCmpNE": lambda a, b: bit(a != b),
    "CmpLTS": lambda a, b: bit(a < b), "CmpLES": lambda a, b: bit(a <= b),
    "CmpLTU": lambda a, b: bit(z3.ULT(a, b)), "CmpLEU": lambda a, b: bit(z3.ULE(a, b)),
    "MullU": lambda a, b: z3.ZeroExt(a.size(), a) * z3.ZeroExt(a.size(), b),
    "MullS": lambda a, b: z3.SignExt(a.size(), a) * z3.SignExt(a.size(), b),
    "Ctz": trailing_zeros,
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
    match = re.fullmatch(r"Iop_([A-Za-z]+)(8|16|32|64|1)([SU]?)", name)
    if match and match[1] + match[3] in SIMPLE:
        return SIMPLE[match[1] + match[3]](*args)
    raise Unknown(f"the operation {name}")


class Processor:
    """Lifts instructions, and executes them."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.lifted: dict[int, pyvex.IRSB] = {}

    def lift(self, address: int) -> pyvex.IRSB:
        """Returns the instruction at an address in VEX's intermediate representation."""
        if address not in self.lifted:
            code = self.image.read(address, 16)
            if not code:
                raise Unknown(f"a jump to {address:#x}, where no code is")
            self.lifted[address] = pyvex.lift(code, address, ARCH, max_inst=1, opt_level=1)
        return self.lifted[address]

    def step(self, state: State) -> list[tuple[State, z3.BoolRef, z3.BitVecRef]]:
        """Executes an instruction. Returns each state that may come of it, unless an earlier one does, and where."""
        block = self.lift(state.pc)
        if block.jumpkind not in ("Ijk_Boring", "Ijk_Call", "Ijk_Ret"):
            raise Unknown(f"{block.jumpkind} at {self.image.symbol(state.pc)}")
        return Execution(state, block).run()


class Execution:
    """The execution of one instruction."""

    def __init__(self, state: State, block: pyvex.IRSB) -> None:
        self.state, self.block = state, block
        self.temporaries: dict[int, z3.BitVecRef] = {}

    def run(self) -> list[tuple[State, z3.BoolRef, z3.BitVecRef]]:
        """Executes it."""
        state = self.state
        ways: list[tuple[State, z3.BoolRef, z3.BitVecRef]] = []
        for statement in self.block.statements:
            if isinstance(statement, pyvex.stmt.Put):
                if statement.offset != OFFSET["rip"]:
                    state.write(statement.offset, self._value(statement.data))
            elif isinstance(statement, pyvex.stmt.WrTmp):
                self.temporaries[statement.tmp] = self._value(statement.data)
            elif isinstance(statement, pyvex.stmt.Store):
                state.store(self._value(statement.addr), self._value(statement.data))
            elif isinstance(statement, pyvex.stmt.CAS):
                # An atomic operation, which nothing interrupts here.
                address, new = self._value(statement.addr), self._value(statement.dataLo)
                old = state.load(address, new.size() // 8)
                state.store(address, z3.If(old == self._value(statement.expdLo), new, old))
                self.temporaries[statement.oldLo] = old
            elif isinstance(statement, pyvex.stmt.Exit):
                guard = z3.simplify(self._value(statement.guard) == 1)
                if not z3.is_false(guard):
                    # What the instruction does after this, it does not do on that way.
                    ways.append((state.copy(), guard, z3.BitVecVal(statement.dst.value, 64)))
            elif not isinstance(statement, (pyvex.stmt.IMark, pyvex.stmt.AbiHint, pyvex.stmt.NoOp)):
                raise Unknown(f"{type(statement).__name__} at {state.memory.image.symbol(state.pc)}")
        return [*ways, (state, z3.BoolVal(True), z3.simplify(self._value(self.block.next)))]

    def _value(self, of: pyvex.expr.IRExpr) -> z3.BitVecRef:
        if isinstance(of, pyvex.expr.RdTmp):
            return self.temporaries[of.tmp]
        if isinstance(of, pyvex.expr.Const):
            return z3.BitVecVal(of.con.value, of.result_size(self.block.tyenv))
        if isinstance(of, pyvex.expr.Get):
            return self.state.read(of.offset, of.result_size(self.block.tyenv))
        if isinstance(of, pyvex.expr.CCall):
            return self._flags(of.callee.name, [self._value(arg) for arg in of.args])
        if isinstance(of, (pyvex.expr.Unop, pyvex.expr.Binop)):
            return operate(of.op, [self._value(arg) for arg in of.args])
        if isinstance(of, pyvex.expr.ITE):
            return z3.If(self._value(of.cond) == 1, self._value(of.iftrue), self._value(of.iffalse))
        if isinstance(of, pyvex.expr.Load):
            return self.state.load(self._value(of.addr), of.result_size(self.block.tyenv) // 8)
        raise Unknown(f"{of} at {self.state.memory.image.symbol(self.state.pc)}")

    def _flags(self, name: str, args: list[z3.BitVecRef]) -> z3.BitVecRef:
        """Returns flags. Those that are not modelled may be anything."""
        world = self.state.memory.world

        def one(number: int, operation: z3.BitVecRef, *deps: z3.BitVecRef) -> z3.BitVecRef:
            try:
                if z3.is_bv_value(operation):
                    return condition(number, operation.as_long(), deps)
            except Unknown:
                pass
            return world.any("flag", 1)

        args = [z3.simplify(arg) for arg in args]
        if name == "amd64g_calculate_condition":
            return z3.ZeroExt(63, one(args[0].as_long(), *args[1:]))
        if name == "amd64g_calculate_rflags_c":
            return z3.ZeroExt(63, one(2, *args))
        if name == "amd64g_calculate_rflags_all":
            value = world.any("flags")
            for number, its in ((OVERFLOW, 0), (CARRY, 2), (ZERO, 4), (SIGN, 8)):
                value = insert(value, number, one(its, *args))
            return value
        raise Unknown(f"{name} at {self.state.memory.image.symbol(self.state.pc)}")
