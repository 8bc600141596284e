# SPDX-License-Identifier: GPL-2.0
"""The kernel and the module as they lie in memory: sections, symbols, and relocations applied."""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import Relocation, RelocationSection
from elftools.elf.sections import Section as ElfSection
from elftools.elf.sections import SymbolTableSection

WRITE, ALLOC = 1, 2
# Where the kernel puts modules: any address of the top 2 GiB serves.
MODULE_BASE = 0xFFFFFFFFC0000000
# The instruction by which the kernel warns, or stops.
UD2 = b"\x0f\x0b"
# What precedes the name of a symbol that livepatch finds for the module.
LIVEPATCH_SYMBOL = ".klp.sym.vmlinux."


@dataclass
class Section:
    """A section in memory."""

    start: int
    data: bytearray
    writable: bool


@dataclass(frozen=True)
class Jump:
    """A jump label: the jump at `code` is to `target` if the key is enabled, or not if `negated`."""

    code: int
    target: int
    key: int
    negated: bool


class Image:
    """A kernel, which may have one module loaded."""

    def __init__(self, path: Path, sections: list[Section], symbols: dict[str, int], module: dict[str, int],
                 names: list[tuple[int, str]]) -> None:
        self.name = f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"
        self.sections = sorted(sections, key=lambda section: section.start)
        self.starts = [section.start for section in self.sections]
        self.symbols, self.module = symbols, module
        # Static variables of functions may share a name.
        self.names = sorted([*names, *((address, name) for name, address in module.items())])
        self.mangled = [(name, address) for name, address in (symbols | module).items() if name.startswith("_R")]
        self.jumps = {jump.code: jump for jump in self._jump_labels()}

    @classmethod
    def kernel(cls, path: Path, symbols: Path) -> Image:
        """Returns a kernel without a module."""
        found: dict[str, int] = {}
        names: list[tuple[int, str]] = []
        for line in symbols.read_text().splitlines():
            address, _, name = line.split()[:3]
            names.append((int(address, 16), name))
            found.setdefault(name, int(address, 16))
        with path.open("rb") as file:
            sections = [_section(section["sh_addr"], section) for section in ELFFile(file).iter_sections()
                        if section["sh_flags"] & ALLOC and section["sh_addr"]]
        return cls(path, sections, found, {}, names)

    def load(self, path: Path) -> Image:
        """Returns this kernel with a module, which is loaded as the kernel does: placed, and relocations applied."""
        placed: dict[int, Section] = {}
        module: dict[str, int] = {}
        at = MODULE_BASE
        with path.open("rb") as file:
            elf = ELFFile(file)
            for number, section in enumerate(elf.iter_sections()):
                if section["sh_flags"] & ALLOC and section["sh_size"]:
                    at = -(-at // 64) * 64
                    placed[number] = _section(at, section)
                    at += section["sh_size"]
                    if section.name in ("__jump_table", "__bug_table"):
                        module |= {f"__start_{section.name}": placed[number].start, f"__stop_{section.name}": at}
            symbols: list[tuple[str, int]] = []
            table = elf.get_section_by_name(".symtab")
            assert isinstance(table, SymbolTableSection)
            for symbol in table.iter_symbols():
                index, value = symbol["st_shndx"], symbol["st_value"]
                if index in placed:
                    value += placed[index].start
                    if symbol.name and symbol["st_info"]["type"] != "STT_SECTION":
                        module.setdefault(symbol.name, value)
                elif index == "SHN_UNDEF":
                    value = self.symbols.get(symbol.name, 0)
                elif symbol.name.startswith(LIVEPATCH_SYMBOL):
                    value = self.symbols.get(symbol.name.removeprefix(LIVEPATCH_SYMBOL).split(",")[0], 0)
                symbols.append((symbol.name, value))
            for section in elf.iter_sections():
                if isinstance(section, RelocationSection) and section["sh_info"] in placed:
                    for relocation in section.iter_relocations():
                        name, value = symbols[relocation["r_info_sym"]]
                        if name and not value:
                            raise ValueError(f"the module needs {name}, which the kernel does not have")
                        _relocate(placed[section["sh_info"]], relocation, value)
        return Image(path, [*self.sections, *placed.values()], self.symbols, module, self.names)

    def _jump_labels(self) -> list[Jump]:
        found = []
        for table in (self.symbols, self.module):
            for at in range(table.get("__start___jump_table", 0), table.get("__stop___jump_table", 0), 16):
                code, target, key = struct.unpack("<iiq", self.read(at, 16))
                address = at + 8 + key
                found.append(Jump(at + code, at + 4 + target, address & ~3, bool(address & 1)))
        return found

    def warnings(self, size: int, flags: int) -> set[int]:
        """Returns where the code has a `WARN()`, given the size of an entry and where that has its flags."""
        found = set()
        for table in (self.symbols, self.module):
            for at in range(table.get("__start___bug_table", 0), table.get("__stop___bug_table", 0), size):
                address = at + struct.unpack("<i", self.read(at, 4))[0]
                if self.read(at + flags, 1)[0] & 1 and self.read(address, len(UD2)) == UD2:
                    found.add(address)
        return found

    def _at(self, address: int) -> Section | None:
        number = bisect_right(self.starts, address) - 1
        section = self.sections[number]
        return section if number >= 0 and address < section.start + len(section.data) else None

    def read(self, address: int, size: int) -> bytes:
        """Returns what the image has at an address, which is less at the end of a section, or nothing."""
        section = self._at(address)
        offset = address - section.start if section else 0
        return bytes(section.data[offset : offset + size]) if section else b""

    def constant(self, address: int) -> bool:
        """Returns whether nothing writes there."""
        section = self._at(address)
        return section is not None and not section.writable

    def all(self, name: str) -> set[int]:
        """Returns the addresses of the symbols of this name, or of those of Rust whose mangled names end so."""
        found = {table[name] for table in (self.symbols, self.module) if name in table}
        return found | {address for symbol, address in self.mangled if name[0].isdigit() and symbol.endswith(name)}

    def find(self, *names: str) -> int:
        """Returns the address of the only symbol of these names."""
        found = {address for name in names for address in self.all(name)}
        if len(found) != 1:
            raise ValueError(f"the kernel and the module have {len(found)} symbols {' or '.join(names)}, not one")
        return found.pop()

    def symbol(self, address: int) -> str:
        """Names an address."""
        at, name = self.names[bisect_right(self.names, (address, "\x7f")) - 1]
        return f"{name}+{address - at:#x}" if address != at else name


def _section(start: int, section: ElfSection) -> Section:
    data = bytearray(section["sh_size"]) if section["sh_type"] == "SHT_NOBITS" else bytearray(section.data())
    # Debian's kernel marks .rodata as writable, for what is so until it has booted.
    return Section(start, data, bool(section["sh_flags"] & WRITE) and section.name != ".rodata")


def _relocate(target: Section, relocation: Relocation, symbol: int) -> None:
    kind, offset = relocation["r_info_type"], relocation["r_offset"]
    value = symbol + relocation["r_addend"]
    if kind == 0:
        return
    if kind in (2, 4, 24):  # PC32, PLT32, PC64
        value -= target.start + offset
    elif kind not in (1, 10, 11):  # 64, 32, 32S
        raise ValueError(f"relocations of type {kind} are not known")
    size = 8 if kind in (1, 24) else 4
    target.data[offset : offset + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")
