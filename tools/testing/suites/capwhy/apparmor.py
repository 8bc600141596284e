# SPDX-License-Identifier: GPL-2.0
#
# apparmor.py NAME CAPABILITY PERMISSIONS: writes a profile for AppArmor to standard output, in the binary form that the
# kernel loads. It permits all capabilities but that number, and these permissions for every file.

import struct
import sys


def number(value):
    return b"\2" + struct.pack("<I", value)


def text(value):
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def name(value):
    return b"\4" + text(value)


def aligned(data):
    return data + bytes(-len(data) % 8)


def table(kind, size, values):
    code = {2: "H", 4: "I"}[size]
    head = struct.pack(">HHII", kind, size, 0, len(values))
    return aligned(head + struct.pack(f">{len(values)}{code}", *values))


STRUCT, END = b"\7", b"\10"


def main():
    profile, denied, permissions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3], 0)
    # The machine for paths has one state besides the one for no match, and stays in it.
    machine = table(1, 4, [0, permissions | permissions << 14])
    machine += table(7, 4, [0, 0]) + table(2, 4, [0, 0]) + table(4, 2, [0, 1])
    machine += table(8, 2, [0] * 256) + table(3, 2, [0] * 256)
    version = b"notflex\0"
    size = len(aligned(bytes(14) + version))
    head = struct.pack(">IIIH", 0x1B5E783D, size, size + len(machine), 0) + version
    machine = aligned(head) + machine
    capabilities = ((1 << 41) - 1) & ~(1 << denied)
    low, high = capabilities & 0xFFFFFFFF, capabilities >> 32
    out = name("version") + number(5)
    out += name("profile") + STRUCT + b"\5" + text(profile)
    out += name("flags") + STRUCT + number(0) * 3 + END
    out += number(low) + number(0) * 3
    out += name("caps64") + STRUCT + number(high) + number(0) * 3 + END
    out += name("aadfa") + b"\6"
    padding = bytes(-(len(out) + 4) % 8)
    out += struct.pack("<I", len(padding) + len(machine)) + padding + machine + END
    sys.stdout.buffer.write(out)


main()
