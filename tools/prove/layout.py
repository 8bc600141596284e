# SPDX-License-Identifier: GPL-2.0
"""Where the fields of the kernel's structures are, from the BTF that the compiled kernel carries."""

import struct
from dataclasses import dataclass

# How many bytes follow a type of each kind: fixed, and for each of its members.
TAIL = {1: (4, 0), 3: (12, 0), 4: (0, 12), 5: (0, 12), 6: (0, 8), 13: (0, 8), 14: (4, 0), 15: (0, 12), 17: (4, 0),
        19: (0, 12)}
PTR, ARRAY, STRUCT, UNION, ENUM, FWD = 2, 3, 4, 5, 6, 7
ALIASES = (8, 9, 10, 11, 18)  # typedef, volatile, const, restrict, type tag
INT = 1


@dataclass(frozen=True)
class Type:
    """A type as BTF has it; `size` is the type that it refers to for pointers and aliases."""

    name: str
    kind: int
    size: int
    members: tuple[tuple[str, int, int], ...] = ()  # name, type, offset in bytes


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
                self.structs.setdefault(name(name_at), len(self.types))
            elif kind == ARRAY:
                element, _, number = struct.unpack_from("<III", btf, at + 12)
                members = (("", element, number),)
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

    def sizeof(self, name: str) -> int:
        """Returns the size of a structure in bytes."""
        return self.types[self.structs[name]].size

    def leaves(self, name: str) -> list[tuple[str, int, int, str | None, bool]]:
        """Returns path, offset, size, structure pointed to and whether it is an integer, of each field."""
        return self._leaves(self.types[self.structs[name]], "", 0)

    def _leaves(self, of: Type, path: str, base: int) -> list[tuple[str, int, int, str | None, bool]]:
        found: list[tuple[str, int, int, str | None, bool]] = []
        for name, number, offset in of.members:
            member = self._plain(number)
            inner = f"{path}.{name}" if path and name else path or name
            if member.kind in (STRUCT, UNION):
                found += self._leaves(member, inner, base + offset)
                continue
            to = self._plain(member.size) if member.kind == PTR else None
            target = to.name if to and to.kind in (STRUCT, FWD) else None
            found.append((inner, base + offset, self._size(number), target, member.kind == INT))
        return found

    def field(self, name: str, path: str) -> tuple[int, int]:
        """Returns offset and size of a field."""
        for found, offset, size, _, _ in self.leaves(name):
            if found in (path, f"{path}.val"):
                return offset, size
        raise KeyError(f"struct {name} has no field {path}")
