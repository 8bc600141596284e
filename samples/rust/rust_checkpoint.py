#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Counts with /dev/rust-checkpoint, and checkpoints and restores the counter.

  rust_checkpoint.py WORD...    count, checkpoint, or a number, to restore it

Prints one line with the result of each: a number, "ok" or the name of the error.
"""

import errno
import fcntl
import struct
import sys

SIZE = struct.calcsize("=Q")


def ioc(direction, number):
    """Returns the number of an ioctl, as <linux/ioctl.h> defines it."""
    return direction << 30 | SIZE << 16 | ord("|") << 8 | number


COUNT = ioc(2, 0x90)
CHECKPOINT = ioc(2, 0x91)
RESTORE = ioc(1, 0x92)


def do(device, word):
    """Does one operation, and returns its result as text."""
    try:
        if word in ("count", "checkpoint"):
            ioctl = COUNT if word == "count" else CHECKPOINT
            return str(struct.unpack("=Q", fcntl.ioctl(device, ioctl, bytes(SIZE)))[0])
        fcntl.ioctl(device, RESTORE, struct.pack("=Q", int(word, 0)))
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]
    except (ValueError, struct.error):
        sys.exit(f"rust_checkpoint.py: '{word}' is not an operation: use count, checkpoint or a 64-bit number")


if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
    sys.exit(__doc__.strip())
try:
    with open("/dev/rust-checkpoint", "rb") as counter:
        print(*(do(counter, word) for word in sys.argv[1:]))
except OSError as missing:
    sys.exit(
        f"rust_checkpoint.py: {missing.filename}: {missing.strerror}: "
        "as root, load rust_checkpoint.ko and change the mode of the device"
    )
