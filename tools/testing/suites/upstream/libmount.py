# SPDX-License-Identifier: GPL-2.0
"""What crun's tests take of libmount's Python module, which Debian lacks."""

from collections import namedtuple

Mount = namedtuple("Mount", "target vfs_options fs_options")


class Table:
    """The mounts in a file in the format of /proc/self/mountinfo."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = [line.split() for line in file]
        self.mounts = [Mount(line[4], line[5], line[-1]) for line in lines]

    def find_target(self, target):
        """Returns the last mount on the target, or None."""
        return next((mount for mount in reversed(self.mounts) if mount.target == target), None)
