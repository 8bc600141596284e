# SPDX-License-Identifier: GPL-2.0
"""Memory: the stack, the image, and the kernel's objects. Each field is a function of its object.

A load or a store must go to the stack, to the image, to a CPU's own data, or to a field of an object of a known
type. Memory is kept in cells of eight bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from flags import Unknown
from image import Image
from layout import Layouts

STACK_TOP = 0xFFFFC90000100000
STACK_SIZE = 0x4000
# The variables in functions by which the kernel logs something once a boot.
LOGGED = "warned"


def word(name: str) -> z3.BitVecRef:
    """Returns a value of 64 bits that may be any."""
    return z3.BitVec(name, 64)


def part(value: z3.BitVecRef, low: int, size: int) -> z3.BitVecRef:
    """Returns some bits of a value."""
    return value if size == value.size() else z3.Extract(low + size - 1, low, value)


def insert(old: z3.BitVecRef, low: int, value: z3.BitVecRef) -> z3.BitVecRef:
    """Returns a value in which some bits are replaced."""
    high = low + value.size()
    parts = [part(old, high, old.size() - high)] if high < old.size() else []
    parts.append(value)
    parts += [part(old, 0, low)] if low else []
    return z3.simplify(z3.Concat(parts)) if len(parts) > 1 else value


@dataclass(eq=False)
class Object:
    """A structure of the kernel that a pointer points to, if it is not NULL."""

    pointer: z3.BitVecRef
    struct: str
    # Of memory that the function has allocated, its size, if that differs.
    size: z3.BitVecRef | None = None


class World:
    """What both sides share: the objects, and what is assumed of each."""

    def __init__(self, layouts: Layouts, initial: int) -> None:
        self.layouts = layouts
        self.objects: dict[int, Object] = {}
        self.cells: dict[tuple[Object, int], z3.BitVecRef] = {}
        # Global variables, by the expressions that stand for their values.
        self.globals: dict[int, z3.BitVecRef] = {}
        # Bitmaps in which every bit is set.
        self.filled: set[int] = set()
        self.fresh = 0
        self.percpu = Object(word("gs"), "")
        self.current = self.declare(word("current"), "task_struct")
        # The only global variable that is an object: the initial user namespace, which has no parent.
        self.initial = self.declare(z3.BitVecVal(initial, 64), "user_namespace")

    def declare(self, pointer: z3.BitVecRef, struct: str) -> Object:
        """Declares that a pointer is to a structure, or NULL."""
        return self.objects.setdefault(pointer.get_id(), Object(pointer, struct))

    def object(self, pointer: z3.BitVecRef) -> Object | None:
        """Returns the object that a pointer points to."""
        return self.objects.get(pointer.get_id())

    def locate(self, base: z3.BitVecRef | None, offset: int) -> tuple[Object | None, int]:
        """Returns the object that an address is in, if it is in one, and the offset there."""
        if base is not None:
            return (self.percpu if base.eq(self.percpu.pointer) else self.object(base)), offset
        inside = offset - self.initial.pointer.as_long()
        if 0 <= inside < self.layouts.sizeof(self.initial.struct):
            return self.initial, inside
        return None, offset

    def any(self, what: str, bits: int = 64) -> z3.BitVecRef:
        """Returns a value that may be any, which comes up nowhere else."""
        self.fresh += 1
        return z3.BitVec(f"{what}?{self.fresh}", bits)

    def cell(self, of: Object, offset: int) -> z3.BitVecRef:
        """Returns the eight bytes at an offset, as they were to begin with."""
        if (of, offset) not in self.cells:
            value = z3.Function(f"{of.struct}+{offset:#x}", z3.BitVecSort(64), z3.BitVecSort(64))(of.pointer)
            self.cells[of, offset] = value
            for field in self.layouts.fields(of.struct).values():
                if field.offset == offset and field.to in FACTS:
                    self.declare(value, field.to)
        return self.cells[of, offset]

    def get(self, of: Object, path: str) -> z3.BitVecRef:
        """Returns a field of an object, as it was to begin with."""
        field = self.layouts.field(of.struct, path)
        return part(self.cell(of, field.offset & ~7), 8 * (field.offset % 8), 8 * field.size)

    def assumed(self, of: Object) -> z3.BoolRef:
        """Returns what is assumed of an object, if the pointer to it is not NULL."""
        return z3.Implies(of.pointer != 0, FACTS[of.struct](self, of))

    def current_user_ns(self) -> z3.BitVecRef:
        """Returns the user namespace that the task had to begin with."""
        return self.get(self.follow(self.current, "cred"), "user_ns")

    def follow(self, of: Object, path: str) -> Object:
        """Returns the object that a field pointed to, to begin with."""
        return self.objects[self.get(of, path).get_id()]


def well_formed(world: World, space: Object) -> z3.BoolRef:
    """A namespace has level 0 if and only if it has no parent, and otherwise its parent's level plus one."""
    level, parent = world.get(space, "level"), world.follow(space, "parent")
    return z3.And(level >= 0, (level == 0) == (parent.pointer == 0),
                  (parent.pointer == 0) == (space.pointer == world.initial.pointer),
                  z3.Implies(parent.pointer != 0, world.get(parent, "level") == level - 1))


# What is assumed of each object of these types that is not NULL.
FACTS: dict[str, Callable[[World, Object], z3.BoolRef]] = {
    "cred": lambda world, cred: world.get(cred, "user_ns") != 0,
    "task_struct": lambda world, task: z3.And(world.get(task, "cred") != 0, world.get(task, "real_cred") != 0),
    "user_namespace": well_formed,
    "kernel_cap_t": lambda world, sets: z3.BoolVal(True),
    "bytes": lambda world, some: z3.BoolVal(True),
    "xattr_handler": lambda world, handler: z3.BoolVal(True),
    "dentry": lambda world, entry: world.get(entry, "d_sb") != 0,
    "inode": lambda world, inode: world.get(inode, "i_sb") != 0,
    "linux_binprm": lambda world, bprm: world.get(bprm, "cred") != 0,
    "file": lambda world, file: z3.And(world.get(file, "f_path.mnt") != 0, world.get(file, "f_path.dentry") != 0),
    "vfsmount": lambda world, mount: world.get(mount, "mnt_sb") != 0,
    "audit_context": lambda world, context: z3.BoolVal(True),
    "super_block": lambda world, block: world.get(block, "s_user_ns") != 0,
}


def split(address: z3.BitVecRef) -> tuple[z3.BitVecRef | None, int]:
    """Splits an address into what is symbolic of it, if anything, and a constant."""
    address = z3.simplify(address)
    if z3.is_bv_value(address):
        return None, address.as_long()
    if z3.is_app_of(address, z3.Z3_OP_BADD) and z3.is_bv_value(address.arg(0)):
        rest = [address.arg(number) for number in range(1, address.num_args())]
        return z3.simplify(sum(rest[1:], rest[0])), address.arg(0).as_long()
    return address, 0


def on_stack(address: int) -> bool:
    """Returns whether an address is on the stack."""
    return STACK_TOP - STACK_SIZE <= address < STACK_TOP + STACK_SIZE


class Memory:
    """What has been stored, over what was there. `None` stands for the stack and the image."""

    def __init__(self, world: World, image: Image) -> None:
        self.world = world
        self.image = image
        self.stored: dict[tuple[Object | None, int], z3.BitVecRef] = {}
        # Objects that `prepare_creds()` has made, and the credentials that they are copies of.
        self.copies: dict[Object, Object] = {}
        self.writable: set[Object] = set()
        # What is on the stack where nothing has been stored may be anything.
        self.unused = world.any("stack")

    def copy(self) -> Memory:
        """Returns another that starts as this one is."""
        other = Memory(self.world, self.image)
        other.stored, other.copies = self.stored.copy(), self.copies.copy()
        other.writable, other.unused = self.writable.copy(), self.unused
        return other

    def changed(self, like: Object) -> set[Object]:
        """Returns the other objects of a type that have been stored to."""
        return {of for of, _ in self.stored if of and of.struct == like.struct and of is not like}

    def forget(self, sp: int) -> None:
        """Forgets what is below the stack pointer."""
        self.unused = self.world.any("stack")
        self.stored = {(of, at): value for (of, at), value in self.stored.items()
                       if of is not None or not STACK_TOP - STACK_SIZE <= at < sp}

    def cell(self, of: Object | None, at: int) -> z3.BitVecRef:
        """Returns the eight bytes at a multiple of eight."""
        stored = self.stored.get((of, at))
        if stored is not None:
            return stored
        if of is None:
            return word(f"{self.unused}[{at:#x}]") if on_stack(at) else self._of_image(at)
        if of is self.world.percpu:
            at_current = at == self.image.symbols["current_task"]
            return self.world.current.pointer if at_current else word(f"gs:[{self.image.symbol(at)}]")
        if of in self.copies and self._is_copied(at):
            return self.cell(self.copies[of], at)
        return self.world.cell(of, at)

    def _of_image(self, at: int) -> z3.BitVecRef:
        """Returns constants as they are, and variables as they may be."""
        value = word(f"[{self.image.symbol(at)}]")
        self.world.globals[value.get_id()] = value
        for number in range(8):
            data = self.image.read(at + number, 1)
            if data and self.image.constant(at + number):
                value = insert(value, 8 * number, z3.BitVecVal(data[0], 8))
        return value

    def _is_copied(self, at: int) -> bool:
        first, last = (self.world.layouts.field("cred", path) for path in ("uid", "cap_ambient"))
        if first.offset % 8 or last.offset % 8:
            raise Unknown("a struct cred with another order")
        return first.offset <= at <= last.offset

    def load(self, of: Object | None, offset: int, size: int) -> z3.BitVecRef:
        """Loads up to eight little-endian bytes."""
        self._check(of, offset, size)
        at, low = offset & ~7, 8 * (offset & 7)
        value = self.cell(of, at)
        if low + 8 * size > 64:
            value = z3.Concat(self.cell(of, at + 8), value)
        return z3.simplify(part(value, low, 8 * size))

    def bytes(self, of: Object) -> tuple[z3.BitVecRef, ...]:
        """Returns all that an object consists of."""
        return tuple(z3.simplify(self.cell(of, at)) for at in range(0, self.world.layouts.sizeof(of.struct), 8))

    def store(self, of: Object | None, offset: int, value: z3.BitVecRef) -> None:
        """Stores up to eight bytes, where the function may."""
        self._check(of, offset, value.size() // 8)
        if of is None and not STACK_TOP - STACK_SIZE <= offset < STACK_TOP and not self._only_logs(offset):
            raise Unknown(f"a store to {self.image.symbol(offset)}")
        if of and of is not self.world.percpu and of not in self.writable:
            raise Unknown(f"a store to a {of.struct} that is not the function's own")
        self.preset(of, offset, value)

    def _only_logs(self, at: int) -> bool:
        return LOGGED in self.image.symbol(at).split(".")

    def preset(self, of: Object | None, offset: int, value: z3.BitVecRef) -> None:
        """Gives memory a value without recording a write."""
        at, low, rest = offset & ~7, 8 * (offset & 7), 64 - 8 * (offset & 7)
        if value.size() > rest:
            self.preset(of, at + 8, part(value, rest, value.size() - rest))
            value = part(value, 0, rest)
        self.stored[of, at] = z3.simplify(insert(self.cell(of, at), low, value))

    def _check(self, of: Object | None, offset: int, size: int) -> None:
        if size > 8:
            raise Unknown(f"an access of {size} bytes")
        if of and of is not self.world.percpu and not 0 <= offset <= self.world.layouts.sizeof(of.struct) - size:
            raise Unknown(f"an access beyond a {of.struct}, at {offset}")
