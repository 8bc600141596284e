# SPDX-License-Identifier: GPL-2.0
"""The kernel and the module as they lie in memory: sections, symbols, and relocations applied."""

import hashlib
import struct
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from elftools.elf.elffile import ELFFile

WRITE, ALLOC, EXEC = 1, 2, 4
# Where the kernel puts modules: any address of the top 2 GiB serves.
MODULE_BASE = 0xFFFFFFFFC0000000
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
    """A kernel with one module loaded."""

    def __init__(self, kernel: Path, symbols: Path, module: Path) -> None:
        self.sections: list[Section] = []
        self.symbols: dict[str, int] = {}
        self.module: dict[str, int] = {}
        self.hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in (kernel, module)}
        for line in symbols.read_text().splitlines():
            address, _, name = line.split()[:3]
            self.symbols.setdefault(name, int(address, 16))
        with kernel.open("rb") as file:
            elf = ELFFile(file)
            for section in elf.iter_sections():
                if section["sh_flags"] & ALLOC and section["sh_addr"]:
                    self._add(section["sh_addr"], section)
            btf = elf.get_section_by_name(".BTF")
            self.btf = btf.data() if btf else b""
        with module.open("rb") as file:
            self._link(ELFFile(file))
        self.sections.sort(key=lambda section: section.start)
        self.starts = [section.start for section in self.sections]
        self.names = sorted((address, name) for name, address in (self.symbols | self.module).items())
        self.jumps = {jump.code: jump for jump in self._jump_labels()}

    def _add(self, start: int, section) -> Section:  # type: ignore[no-untyped-def]
        data = bytearray(section["sh_size"]) if section["sh_type"] == "SHT_NOBITS" else bytearray(section.data())
        # Debian's kernel marks .rodata as writable, for what is so until it has booted.
        writable = bool(section["sh_flags"] & WRITE) and section.name != ".rodata"
        self.sections.append(Section(start, data, writable))
        return self.sections[-1]

    def _link(self, elf) -> None:  # type: ignore[no-untyped-def]
        """Does what the kernel's loader does: places the sections, and applies the relocations."""
        placed: dict[int, Section] = {}
        at = MODULE_BASE
        for number, section in enumerate(elf.iter_sections()):
            if section["sh_flags"] & ALLOC and section["sh_size"]:
                at = -(-at // 64) * 64
                placed[number] = self._add(at, section)
                if section.name == "__jump_table":
                    self.module_jumps = (at, at + section["sh_size"])
                at += section["sh_size"]
        symbols = []
        for symbol in elf.get_section_by_name(".symtab").iter_symbols():
            index = symbol["st_shndx"]
            value = symbol["st_value"]
            if isinstance(index, int) and index in placed:
                value += placed[index].start
                if symbol.name and symbol["st_info"]["type"] != "STT_SECTION":
                    self.module.setdefault(symbol.name, value)
            elif index == "SHN_UNDEF":
                value = self.symbols.get(symbol.name, 0)
            elif symbol.name.startswith(LIVEPATCH_SYMBOL):
                value = self.symbols.get(symbol.name.removeprefix(LIVEPATCH_SYMBOL).split(",")[0], 0)
            symbols.append((value, symbol.name))
        for section in elf.iter_sections():
            if section["sh_type"] == "SHT_RELA" and section["sh_info"] in placed:
                target = placed[section["sh_info"]]
                for relocation in section.iter_relocations():
                    value, name = symbols[relocation["r_info_sym"]]
                    if name and not value:
                        raise ValueError(f"the module needs {name}, which the kernel does not have")
                    self._relocate(target, relocation, value)

    @staticmethod
    def _relocate(target: Section, relocation, symbol: int) -> None:  # type: ignore[no-untyped-def]
        kind, offset = relocation["r_info_type"], relocation["r_offset"]
        value = symbol + relocation["r_addend"]
        if kind in (2, 4, 24):  # PC32, PLT32, PC64
            value -= target.start + offset
        elif kind not in (1, 10, 11):  # 64, 32, 32S
            raise ValueError(f"relocations of type {kind} are not known")
        size = 8 if kind in (1, 24) else 4
        target.data[offset : offset + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")

    def _jump_labels(self) -> list[Jump]:
        tables = [(self.symbols.get("__start___jump_table", 0), self.symbols.get("__stop___jump_table", 0))]
        tables.append(getattr(self, "module_jumps", (0, 0)))
        found = []
        for start, stop in tables:
            for at in range(start, stop, 16):
                entry = self.read(at, 16)
                assert entry
                code, target, key = struct.unpack("<iiq", entry)
                address = at + 8 + key
                found.append(Jump(at + code, at + 4 + target, address & ~3, bool(address & 1)))
        return found

    def _section(self, address: int) -> Section | None:
        number = bisect_right(self.starts, address) - 1
        if number < 0 or address >= self.starts[number] + len(self.sections[number].data):
            return None
        return self.sections[number]

    def read(self, address: int, size: int) -> bytes | None:
        """Returns what the image has at an address."""
        section = self._section(address)
        if section is None:
            return None
        return bytes(section.data[address - section.start : address - section.start + size])

    def constant(self, address: int) -> bool:
        """Returns whether nothing writes there."""
        section = self._section(address)
        return section is not None and not section.writable

    def patch(self, address: int, data: bytes) -> None:
        """Changes the code, to try whether a proof notices."""
        section = self._section(address)
        assert section
        section.data[address - section.start : address - section.start + len(data)] = data

    def all(self, name: str) -> set[int]:
        """Returns the addresses of the symbols of this name, or of those of Rust whose mangled names end so."""
        found = {table[name] for table in (self.symbols, self.module) if name in table}
        return found | {address for symbol, address in self.module.items()
                        if name[0].isdigit() and symbol.startswith("_R") and symbol.endswith(name)}

    def find(self, *names: str) -> int:
        """Returns the address of the only symbol of these names."""
        found = set().union(*(self.all(name) for name in names))
        if len(found) != 1:
            raise ValueError(f"the kernel and the module have {len(found)} symbols {' or '.join(names)}, not one")
        return int(found.pop())

    def symbol(self, address: int) -> str:
        """Names an address."""
        at, name = self.names[bisect_right(self.names, (address, "\x7f")) - 1]
        return f"{name}+{address - at:#x}" if address != at else name
