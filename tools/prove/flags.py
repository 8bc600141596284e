# SPDX-License-Identifier: GPL-2.0
"""The flags of x86-64, which VEX keeps as the last operation and its operands."""

from collections.abc import Callable

import z3

CARRY, PARITY, ADJUST, ZERO, SIGN, OVERFLOW = 0, 2, 4, 6, 7, 11
COPY, ADD, SUB, ADC, SBB, LOGIC, INC, DEC, SHL, SHR, ROL, ROR = range(-1, 11)


class Unknown(Exception):
    """The machine does something that is not modelled."""


def bit(value: z3.BitVecRef, number: int) -> z3.BitVecRef:
    """Returns one bit."""
    return z3.Extract(number, number, value)


def flag(number: int, operation: int, dep1: z3.BitVecRef, dep2: z3.BitVecRef, ndep: z3.BitVecRef) -> z3.BitVecRef:
    """Returns a flag as one bit, after an operation that VEX numbers so."""
    if operation == 0:
        return bit(dep1, number)
    kind, width = divmod(operation - 1, 4)
    bits = 8 << width
    left, right = z3.Extract(bits - 1, 0, dep1), z3.Extract(bits - 1, 0, dep2)
    before = z3.ZeroExt(bits - 1, bit(ndep, 0))
    if kind in (ADC, SBB):
        right = right ^ before
    plus, minus = kind in (ADD, ADC), kind in (SUB, SBB)
    carry = before if kind in (ADC, SBB) else z3.BitVecVal(0, bits)
    result = left + right + carry if plus else left - right - carry if minus else left
    top = bits - 1

    def carried() -> z3.BitVecRef | z3.BoolRef:
        if plus:
            return z3.If(carry != 0, z3.ULE(result, left), z3.ULT(result, left))
        if minus:
            return z3.If(carry != 0, z3.ULE(left, right), z3.ULT(left, right))
        if kind == LOGIC:
            return z3.BitVecVal(0, 1)
        if kind in (INC, DEC):
            return bit(ndep, 0)
        if kind == SHL:
            return bit(right, top)
        if kind in (SHR, ROL):
            return bit(right if kind == SHR else left, 0)
        return bit(left, top)

    def overflowed() -> z3.BitVecRef | z3.BoolRef:
        if plus:
            return bit(~(left ^ right) & (left ^ result), top)
        if minus:
            return bit((left ^ right) & (left ^ result), top)
        if kind == LOGIC:
            return z3.BitVecVal(0, 1)
        if kind in (INC, DEC):
            lowest = z3.BitVecVal(1 << top, bits)
            return result == (lowest if kind == INC else ~lowest)
        raise Unknown(f"the overflow flag after a shift ({operation})")

    def parity() -> z3.BitVecRef:
        value = ~bit(result, 0)
        for number in range(1, 8):
            value = value ^ bit(result, number)
        return value

    def adjusted() -> z3.BitVecRef:
        if kind == LOGIC or kind >= SHL:
            return z3.BitVecVal(0, 1)
        if kind in (INC, DEC):
            return bit((result - 1 if kind == INC else result + 1) ^ result, 4)
        return bit(left ^ right ^ result, 4)

    if kind > ROR or kind in (ROL, ROR) and number not in (CARRY, OVERFLOW):
        raise Unknown(f"flag {number} after the operation {operation}")
    ways: dict[int, Callable[[], z3.BitVecRef | z3.BoolRef]] = {
        CARRY: carried, OVERFLOW: overflowed, PARITY: parity, ADJUST: adjusted,
        ZERO: lambda: result == 0, SIGN: lambda: bit(result, top),
    }
    value = ways[number]()
    if z3.is_bool(value):
        return z3.If(value, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))
    return value


def condition(number: int, operation: int, *deps: z3.BitVecRef) -> z3.BitVecRef:
    """Returns whether a condition code of the processor holds, as 64 bits."""

    def get(which: int) -> z3.BitVecRef:
        return flag(which, operation, *deps)

    ways: list[Callable[[], z3.BitVecRef]] = [
        lambda: get(OVERFLOW), lambda: get(CARRY), lambda: get(ZERO), lambda: get(CARRY) | get(ZERO),
        lambda: get(SIGN), lambda: get(PARITY), lambda: get(SIGN) ^ get(OVERFLOW),
        lambda: get(ZERO) | (get(SIGN) ^ get(OVERFLOW)),
    ]
    value = ways[number // 2]()
    return z3.ZeroExt(63, ~value if number % 2 else value)


def carry(operation: int, *deps: z3.BitVecRef) -> z3.BitVecRef:
    """Returns the carry flag as 64 bits."""
    return z3.ZeroExt(63, flag(CARRY, operation, *deps))


def everything(operation: int, *deps: z3.BitVecRef) -> z3.BitVecRef:
    """Returns all flags, where the processor has them in RFLAGS."""
    value = z3.BitVecVal(0, 64)
    for number in (CARRY, PARITY, ADJUST, ZERO, SIGN, OVERFLOW):
        value = value | z3.ZeroExt(63, flag(number, operation, *deps)) << number
    return value
