# SPDX-License-Identifier: GPL-2.0
"""Where the fields of the kernel's structures are, from the BTF that the compiled kernel carries."""

import struct
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

# How many bytes follow a type of each kind: fixed, and for each of its members.
TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
        19: (0, 12)}
INT, PTR, ARRAY, STRUCT, UNION, FWD, TYPEDEF = 1, 2, 3, 4, 5, 7, 8
ALIASES = (TYPEDEF, 9, 10, 11, 18)  # typedef, volatile, const, restrict, type tag
# Structures that only have these names.
TYPEDEFS = ("kernel_cap_t",)


@dataclass(frozen=True)
class Type:
    """A type as BTF has it; `size` is the type that it refers to for pointers and aliases."""

    name: str
    kind: int
    size: int
    members: tuple[tuple[str, int, int], ...] = ()  # name, type, offset in bytes


class Field(NamedTuple):
    """A field of a structure, or of one inside it, in bytes."""

    path: str
    offset: int
    size: int
    # The structure that it points to.
    to: str | None
    integer: bool


# Not structures of the kernel: as many bytes as the functions read of a name or a value, and a pointer to such.
BYTES_SIZE = 24
PLAIN = {"bytes": (BYTES_SIZE, {}), "pointer": (8, {"": Field("", 0, 8, "bytes", False)})}


class Layouts:
    """The structures of one kernel."""

    def __init__(self, btf: bytes) -> None:
        header = struct.unpack_from("<HBBIIIII", btf)
        if header[0] != 0xEB9F:
            raise ValueError("this is no BTF")
        types, length, strings = header[3] + header[4], header[5], header[3] + header[6]

        def name(at: int) -> str:
            start = strings + at
            return btf[start : btf.index(b"\0", start)].decode()

        self.types = [Type("void", 0, 0)]
        self.structs: dict[str, int] = {}
        at = types
        while at < types + length:
            name_at, info, size = struct.unpack_from("<III", btf, at)
            kind, count = info >> 24 & 0x1F, info & 0xFFFF
            fixed, each = TAIL.get(kind, (0, 0))
            members: tuple[tuple[str, int, int], ...] = ()
            if kind in (STRUCT, UNION):
                raw = struct.iter_unpack("<III", btf[at + 12 : at + 12 + 12 * count])
                bits = 0xFFFFFF if info >> 31 else 0xFFFFFFFF
                members = tuple((name(n), t, (o & bits) // 8) for n, t, o in raw)
            elif kind == ARRAY:
                element, _, number = struct.unpack_from("<III", btf, at + 12)
                members = (("", element, number),)
            if kind == STRUCT or kind == TYPEDEF and name(name_at) in TYPEDEFS:
                self.structs.setdefault(name(name_at), len(self.types))
            self.types.append(Type(name(name_at), kind, size, members))
            at += 12 + fixed + each * count

    def _plain(self, number: int) -> Type:
        found = self.types[number]
        while found.kind in ALIASES:
            found = self.types[found.size]
        return found

    def _size(self, number: int) -> int:
        found = self._plain(number)
        if found.kind == ARRAY:
            return self._size(found.members[0][1]) * found.members[0][2]
        return 8 if found.kind == PTR else found.size

    @cache  # noqa: B019 (there is one for a kernel, until the end)
    def sizeof(self, name: str) -> int:
        """Returns the size of a structure in bytes."""
        return PLAIN[name][0] if name in PLAIN else self._size(self.structs[name])

    @cache  # noqa: B019
    def fields(self, name: str) -> dict[str, Field]:
        """Returns the fields of a structure by their paths, such as `cap_effective.val`."""
        if name in PLAIN:
            return PLAIN[name][1]
        return {found.path: found for found in self._fields(self._plain(self.structs[name]), "", 0)}

    def _fields(self, of: Type, path: str, base: int) -> list[Field]:
        found: list[Field] = []
        for name, number, offset in of.members:
            member = self._plain(number)
            inner = f"{path}.{name}" if path and name else path or name
            if member.kind in (STRUCT, UNION):
                found += self._fields(member, inner, base + offset)
                continue
            to = self._plain(member.size) if member.kind == PTR else None
            target = to.name if to and to.kind in (STRUCT, FWD) else None
            found.append(Field(inner, base + offset, self._size(number), target, member.kind == INT))
        return found

    def field(self, name: str, path: str) -> Field:
        """Returns a field of a structure; that of a number in a structure of its own needs no `.val`."""
        fields = self.fields(name)
        return fields[path] if path in fields else fields[f"{path}.val"]
