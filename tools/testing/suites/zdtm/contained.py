# SPDX-License-Identifier: GPL-2.0
#
# What CRIU's zdtm_ct does for each test of zdtm.py, but in a copy of zdtm.py's process: to start
# Python anew takes seconds on an emulated processor.

import atexit
import ctypes
import os
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
MS_BIND, MS_REC, MS_SLAVE, MNT_DETACH = 1 << 12, 1 << 14, 1 << 19, 2


def mount(source, target, kind, flags, data):
    words = [word and word.encode() for word in (source, target, kind, data)]
    if libc.mount(words[0], words[1], words[2], flags, words[3]):
        raise OSError(ctypes.get_errno(), target)


def namespaces():
    os.unshare(os.CLONE_NEWNS | os.CLONE_NEWPID | os.CLONE_NEWNET | os.CLONE_NEWIPC)


def settle():
    os.unshare(os.CLONE_NEWTIME)
    for clock, days in ("monotonic", 110), ("boottime", 40):
        with open("/proc/self/timens_offsets", "w") as offsets:
            offsets.write(f"{clock} {days * 24 * 60 * 60} 0")
    # The kernel lets a process enter it only while it has one thread, as this one has.
    with open("/proc/self/ns/time_for_children") as entered:
        os.setns(entered.fileno(), 0)
    mount(None, "/", None, MS_REC | MS_SLAVE, None)
    for old in "/proc", "/dev/pts":
        libc.umount2(old.encode(), MNT_DETACH)
    mount("zdtm_proc", "/proc", "proc", 0, None)
    mount("zdtm_devpts", "/dev/pts", "devpts", 0, "newinstance,ptmxmode=0666")
    mount("zdtm_binfmt", "/proc/sys/fs/binfmt_misc", "binfmt_misc", 0, None)
    mount("/dev/pts/ptmx", "/dev/ptmx", None, MS_BIND, None)
    subprocess.check_call(["ip", "link", "set", "up", "dev", "lo"])


class Run:
    """Runs a function in namespaces of its own, if this is root. The function exits."""

    def __init__(self, function, env, stdout, **_):
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            return
        root = os.getuid() == 0
        if stdout:
            os.dup2(stdout.fileno(), 1)
            os.dup2(stdout.fileno(), 2)
        if root:
            namespaces()
        child = os.fork()
        if child:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
        status = 1
        try:
            os.environ.clear()
            os.environ.update(env)
            if root:
                settle()
            function()
        except SystemExit as end:
            status = end.code or 0
        finally:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def wait(self):
        pass
