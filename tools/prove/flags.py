# SPDX-License-Identifier: GPL-2.0
"""The flags of x86-64, which VEX keeps as the last operation and its operands."""

from collections.abc import Callable

import z3

CARRY, ZERO, SIGN, OVERFLOW = 0, 6, 7, 11
# VEX numbers operations so, four widths each, from 1. 0 is a copy of all flags.
ADD, SUB, _ADC, _SBB, LOGIC, INC, DEC, SHL, SHR = range(9)
Values = tuple[z3.BitVecRef, ...]


class Unknown(Exception):
    """The code does something that the tool does not model."""


def bit(value: z3.BitVecRef | z3.BoolRef, number: int = 0) -> z3.BitVecRef:
    """Returns one bit of a number, or a truth value as one bit."""
    if isinstance(value, z3.BoolRef):
        return z3.If(value, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))
    return z3.Extract(number, number, value)


def flag(number: int, operation: int, deps: Values) -> z3.BitVecRef | z3.BoolRef:
    """Returns a flag after an operation that VEX numbers so."""
    if operation == 0:
        return bit(deps[0], number)
    kind, width = divmod(operation - 1, 4)
    top = (8 << width) - 1
    left, right = (z3.Extract(top, 0, dep) for dep in deps[:2])
    result = left + right if kind == ADD else left - right if kind == SUB else left
    lowest = z3.BitVecVal(1 << top, top + 1)
    ways: dict[tuple[int, int], Callable[[], z3.BitVecRef | z3.BoolRef]] = {
        (CARRY, ADD): lambda: z3.ULT(result, left),
        (CARRY, SUB): lambda: z3.ULT(left, right),
        (CARRY, LOGIC): lambda: z3.BitVecVal(0, 1),
        (CARRY, INC): lambda: bit(deps[2]),
        (CARRY, DEC): lambda: bit(deps[2]),
        (CARRY, SHL): lambda: bit(right, top),
        (CARRY, SHR): lambda: bit(right),
        (OVERFLOW, ADD): lambda: bit(~(left ^ right) & (left ^ result), top),
        (OVERFLOW, SUB): lambda: bit((left ^ right) & (left ^ result), top),
        (OVERFLOW, LOGIC): lambda: z3.BitVecVal(0, 1),
        (OVERFLOW, INC): lambda: result == lowest,
        (OVERFLOW, DEC): lambda: result == ~lowest,
    }
    if number in (ZERO, SIGN) and kind in (ADD, SUB, LOGIC, INC, DEC, SHL, SHR):
        return result == 0 if number == ZERO else bit(result, top)
    if (number, kind) not in ways:
        raise Unknown(f"flag {number} after the operation {operation}")
    return ways[number, kind]()


def condition(number: int, operation: int, deps: Values) -> z3.BitVecRef:
    """Returns whether a condition code of the processor holds, as one bit."""

    def get(which: int) -> z3.BitVecRef:
        value = flag(which, operation, deps)
        return bit(value) if isinstance(value, z3.BoolRef) else value

    ways: dict[int, Callable[[], z3.BitVecRef]] = {
        0: lambda: get(OVERFLOW), 1: lambda: get(CARRY), 2: lambda: get(ZERO), 3: lambda: get(CARRY) | get(ZERO),
        4: lambda: get(SIGN), 6: lambda: get(SIGN) ^ get(OVERFLOW),
        7: lambda: get(ZERO) | (get(SIGN) ^ get(OVERFLOW)),
    }
    if number // 2 not in ways:
        raise Unknown(f"the condition {number}")
    value = ways[number // 2]()
    return ~value if number % 2 else value
