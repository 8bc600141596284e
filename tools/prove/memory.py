# SPDX-License-Identifier: GPL-2.0
"""Memory: the stack, the image, and the kernel's objects. Each field is a function of its object.

A load or a store must go to the stack, to the image, to a CPU's own data, or to a field of an object of a known
type. Objects of a type are the same or apart, and those of different types are apart.
"""

from __future__ import annotations

import z3

from flags import Unknown
from image import Image
from layout import Layouts

STACK_TOP = 0xFFFFC90000100000
STACK_SIZE = 0x4000


def word(name: str) -> z3.BitVecRef:
    """Returns a value of 64 bits that may be any."""
    return z3.BitVec(name, 64)


class World:
    """What both sides share: types of pointers, and what is assumed of each object that comes up."""

    def __init__(self, layouts: Layouts, initial: int) -> None:
        self.layouts = layouts
        self.fields = {name: layouts.leaves(name) for name in ("cred", "user_namespace", "task_struct")}
        self.types: dict[z3.ExprRef, str] = {}
        self.globals: set[z3.ExprRef] = set()
        # Bitmaps in which every bit is set.
        self.filled: set[int] = set()
        self.fresh = 0
        self.gs = word("gs")
        self.current = self.typed(word("current"), "task_struct")
        # The only global variable that is an object: the initial user namespace, which has no parent.
        self.initial = self.typed(z3.BitVecVal(initial, 64), "user_namespace")

    def typed(self, pointer: z3.BitVecRef, name: str) -> z3.BitVecRef:
        """Declares that a pointer is to a structure, or NULL."""
        self.types[pointer] = name
        return pointer

    def object_at(self, base: z3.BitVecRef | None, offset: int) -> tuple[z3.BitVecRef | None, int]:
        """Returns the object that an address is in, and the offset there, if it is a global variable."""
        inside = offset - self.initial.as_long()
        if base is None and 0 <= inside < self.layouts.sizeof("user_namespace"):
            return self.initial, inside
        return base, offset

    def any(self, what: str, bits: int = 64) -> z3.BitVecRef:
        """Returns a value that may be any, which comes up nowhere else."""
        self.fresh += 1
        return z3.BitVec(f"{what}?{self.fresh}", bits)

    def variable(self, name: str) -> z3.BitVecRef:
        """Returns the eight bytes of a global variable, as they were to begin with."""
        value = word(f"[{name}]")
        self.globals.add(value)
        return value

    def cell(self, name: str, base: z3.BitVecRef, offset: int) -> z3.BitVecRef:
        """Returns the eight bytes at an offset, as they were to begin with."""
        function = z3.Function(f"{name}+{offset:#x}", z3.BitVecSort(64), z3.BitVecSort(64))
        value = function(base)
        for _, at, size, to, _ in self.fields[name]:
            if at == offset and size == 8 and to in self.fields:
                self.types[value] = to
        return value

    def get(self, pointer: z3.BitVecRef, path: str) -> z3.BitVecRef:
        """Returns a field of an object, as it was to begin with."""
        name = self.types[pointer]
        offset, size = self.layouts.field(name, path)
        low = 8 * (offset % 8)
        value = self.cell(name, pointer, offset // 8 * 8)
        return value if size == 8 else z3.Extract(low + 8 * size - 1, low, value)

    def facts(self, pointer: z3.BitVecRef) -> list[z3.BoolRef]:
        """Returns what is assumed of an object."""
        name = self.types[pointer]
        if name == "cred":
            return [self.get(pointer, "user_ns") != 0]
        if name == "task_struct":
            return [pointer != 0, self.get(pointer, "cred") != 0]
        level, parent = self.get(pointer, "level"), self.get(pointer, "parent")
        return [
            z3.Implies(
                pointer != 0,
                z3.And(
                    level >= 0,
                    (level == 0) == (parent == 0),
                    z3.Implies(parent != 0, self.get(parent, "level") == level - 1),
                ),
            )
        ]


def split(address: z3.BitVecRef) -> tuple[z3.BitVecRef | None, int]:
    """Splits an address into what is symbolic of it, if anything, and a constant."""
    address = z3.simplify(address)
    if z3.is_bv_value(address):
        return None, address.as_long()
    if not z3.is_app_of(address, z3.Z3_OP_BADD):
        return address, 0
    constant, rest = 0, []
    for part in address.children():
        if z3.is_bv_value(part):
            constant += part.as_signed_long()
        else:
            rest.append(part)
    base = rest[0]
    for part in rest[1:]:
        base = base + part
    return z3.simplify(base), constant & (1 << 64) - 1


class Memory:
    """What has been stored, over what was there."""

    def __init__(self, world: World, image: Image) -> None:
        self.world = world
        self.image = image
        self.stored: dict[tuple[z3.ExprRef | None, int], z3.BitVecRef] = {}
        self.copies: dict[z3.ExprRef, z3.BitVecRef] = {}
        self.writable: set[z3.ExprRef] = set()
        # What is on the stack where nothing has been stored may be anything.
        self.unused = world.any("stack")

    def copy(self) -> Memory:
        """Returns another that starts as this one is."""
        other = Memory(self.world, self.image)
        other.stored, other.copies = self.stored.copy(), self.copies.copy()
        other.writable, other.unused = self.writable.copy(), self.unused
        return other

    def forget(self, sp: int) -> None:
        """Forgets what is below the stack pointer."""
        self.unused = self.world.any("stack")
        self.stored = {(base, at): value for (base, at), value in self.stored.items()
                       if base is not None or not STACK_TOP - STACK_SIZE <= at < sp}

    def preset(self, address: int, value: int, size: int) -> None:
        """Declares what a global variable has."""
        for number, byte in enumerate(value.to_bytes(size, "little")):
            self.stored[None, address + number] = z3.BitVecVal(byte, 8)

    def _byte(self, base: z3.BitVecRef | None, offset: int) -> z3.BitVecRef:
        stored = self.stored.get((base, offset))
        if stored is not None:
            return stored
        world, cell, low = self.world, offset & ~7, 8 * (offset & 7)
        if base is None:
            if self.image.constant(offset):
                data = self.image.read(offset, 1)
                assert data is not None
                return z3.BitVecVal(data[0], 8)
            if self.on_stack(offset):
                value = word(f"{self.unused}[{cell:#x}]")
            else:
                value = world.variable(self.image.symbol(cell))
        elif base.eq(world.gs):
            value = word(f"gs:[{self.image.symbol(cell)}]")
            if cell == self.image.symbols["current_task"]:
                value = world.current
        else:
            copied = self.copies.get(base)
            if copied is not None and self._is_copied(offset):
                return self._byte(copied, offset)
            value = world.cell(world.types[base], base, cell)
        return z3.Extract(low + 7, low, value)

    def _is_copied(self, offset: int) -> bool:
        first, _ = self.world.layouts.field("cred", "uid")
        last, size = self.world.layouts.field("cred", "cap_ambient")
        return first <= offset < last + size

    @staticmethod
    def on_stack(address: int) -> bool:
        """Returns whether an address is on the stack."""
        return STACK_TOP - STACK_SIZE <= address < STACK_TOP + STACK_SIZE

    def load(self, base: z3.BitVecRef | None, offset: int, size: int) -> z3.BitVecRef:
        """Loads little-endian bytes from a known place."""
        if base is not None and not base.eq(self.world.gs):
            self._check(base, offset, size)
        parts = [self._byte(base, offset + number) for number in reversed(range(size))]
        return z3.simplify(z3.Concat(parts) if size > 1 else parts[0])

    def store(self, base: z3.BitVecRef | None, offset: int, value: z3.BitVecRef) -> None:
        """Stores to a known place, where the function may."""
        size = value.size() // 8
        if base is None:
            if not STACK_TOP - STACK_SIZE <= offset < STACK_TOP:
                raise Unknown(f"a store to {self.image.symbol(offset)}")
        elif not base.eq(self.world.gs):
            self._check(base, offset, size)
            if base not in self.writable:
                raise Unknown(f"a store to a {self.world.types[base]} that is not the function's own")
        for number in range(size):
            self.stored[base, offset + number] = z3.Extract(8 * number + 7, 8 * number, value)

    def _check(self, base: z3.BitVecRef, offset: int, size: int) -> None:
        name = self.world.types.get(base)
        if name is None:
            raise Unknown(f"an access of {size} bytes at {z3.simplify(base + offset)}, which is no known object")
        if not 0 <= offset <= self.world.layouts.sizeof(name) - size:
            raise Unknown(f"an access beyond a {name}, at {offset}")
