#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
compare.py DIRECTORY DIRECTORY: compare two days.

Each directory has `transcript`, `journal` and `audit`. Times and IDs are left out. The output of each job must be the
same. Journal and audit log must have the same lines, in any order and number, since services run at the same time.
Prints a line for each job and for each log.
"""

import difflib
import json
import re
import sys
from pathlib import Path

# Times and IDs, and what stands for them.
VOLATILE = [
    (r"\x1b\[[0-9;?]*[a-zA-Z]|\r", ""),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Z]?[\w :]*\d{4}|\b\d{4}-\d\d-\d\d\b", "DATE"),
    (r"\b\d+:\d\d(:\d\d)?(\.\d+)?\b", "TIME"),
    (r"\bin \d+s \([\d.,]+ .?B/s\)", "in TIME"),
    (r"\b(\d+min )?[\d.]+ ?(us|ms|s|min)\b", "TIME"),
    # Nanoseconds and offsets, which have either sign.
    (r"(?<=sched_clock: Marking stable ).*", "TIMES"),
    (r"\b[0-9a-f]{12,64}\b", "ID"),
    (r"/proc/\d+|\bpids? ?[=:]?\s?\d+|\bPID \d+|\[\d+\]", "PID"),
    (r"\bfor \d+ \(process ID\)|\bid \d+, seq", "PID"),
    (r"\brun-p?u?\d+(-i?\d+)?", "UNIT"),
    (r"\bname=[a-z]+_[a-z]+\d*|\bpodman-pause-\w+", "NAME"),
    (r"\bport \d+|session-\w+|/tmp/[\w.-]+", "NAME"),
    (r"^\d+ packets (captured|received by filter|dropped by kernel)$", "PACKETS"),
    # The users that systemd makes for units with DynamicUser=.
    (r"\b(6[1-4]\d{3}|65[0-4]\d\d|655[01]\d)\b", "DYNAMIC"),
]
# Sets of capabilities and IDs of processes stay.
CREDENTIALS = re.compile(r"^(Cap\w+:\s*[0-9a-f]{16}|Uid:.*|Gid:.*)$")

# What says how fast the emulated processor was: calibration of timers, use of time and memory, switched rates of logs.
SPEED = re.compile(
    r"APIC|calibrat|\btimer\b|clocksource|\btsc\b|^\.\.\.|: Consumed |^Startup finished|callbacks suppressed|"
    r"watchdog|hrtimer|perf: interrupt took|Time jumped|MP-BIOS"
)
# The module, the kernel about it, and the name of the day on the kernel's command line.
MODULE = re.compile("rust_commoncap|livepatch|taint|package=")
# Audit records of what was done by whom. Others have paths with IDs and numbers of open files.
RECORDS = re.compile(
    r"^type=(SYSCALL|CAPSET|BPRM_FCAPS|SECCOMP|AVC|LOGIN|CONFIG_CHANGE|(USER|CRED|SERVICE|ADD|DEL|GRP|ANOM)_\w+) "
)
FIELDS = re.compile(
    r"\b(type|syscall|success|exit|[a-z]*[ug]id|comm|exe|cap_\w+|fver|f[pie]|old_\w+|p[piea]|op|acct|res|unit|id)="
    r"(\"[^\"]*\"|[^\s']+)"
)
# What depends on which process is faster: systemd's helper for PAM sets the size of a socket's buffer before or after
# its session lost the capability; conmon reads a control group before or after that is removed; rt_sigreturn() has the
# result of the call that a signal interrupted; a timer expires a quarter of an hour after the boot; podman reports that
# it stopped a container unless the container's own cleanup finds that first; the session's D-Bus reports that it
# activated the user's systemd if podman calls that before it takes its name; systemd-timesyncd reports that the network
# changed if it starts before the network is configured; a child that made a user namespace for systemd-nspawn, and so has
# all capabilities in it, calls PR_SET_MM to rename itself unless systemd-nspawn kills it first; when bash exits at the
# console, clear_console switches to the sixth one and back, and systemd-logind starts a getty there if it sees that.
RACE = re.compile(
    r'syscall=54 .*comm="\(sd-pam\)"|syscall=157 .*comm="\(sd-mkuserns\)"|syscall=15 |'
    r"unit=getty@tty6 |Failed to open cgroups file|systemd-tmpfiles-clean|container stop |"
    r"^\[session .*\] Successfully activated service 'org\.freedesktop\.systemd1'$|"
    r"^Network configuration changed, trying to establish connection\.$"
)


def without_ids(line):
    """Returns the line without times and IDs."""
    if CREDENTIALS.match(line):
        return line
    for pattern, name in VOLATILE:
        line = re.sub(pattern, name, line)
    return line


def jobs(path):
    """Returns the lines that each job wrote."""
    found = {}
    lines = []
    for line in path.read_text(errors="replace").splitlines():
        title = re.match(r"== (?!exits with )(.*)", line)
        if title:
            lines = found.setdefault(title[1], [])
        else:
            lines.append(without_ids(line))
    return found


def journal(path):
    """Returns the messages of the journal with their priority and origin."""
    found = set()
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        message = entry.get("MESSAGE") or ""
        if isinstance(message, list):
            message = bytes(message).decode(errors="replace")
        # The audit log has these.
        if entry.get("_TRANSPORT") == "audit" or message.startswith("audit: "):
            continue
        if MODULE.search(message) or SPEED.search(message) or RACE.search(message):
            continue
        # podman names containers at random, in two words.
        who = re.sub(r"^[a-z]+_[a-z]+\d*$", "container", entry.get("SYSLOG_IDENTIFIER", ""))
        found.add(f"<{entry.get('PRIORITY')}> {who}: " + re.sub(r"\d+", "N", without_ids(message.strip())))
    return found


def audit(path):
    """Returns the records of the audit log: who did what, with which credentials, and with what result."""
    found = set()
    for line in path.read_text(errors="replace").splitlines():
        if not RECORDS.match(line) or MODULE.search(line) or RACE.search(line):
            continue
        fields = []
        for name, value in FIELDS.findall(line):
            if name == "exit" and not value.startswith("-"):
                value = "N"
            fields.append(f"{name}={value if re.match('(cap|old)_|fver$|f[pie]$|p[piea]$', name) else without_ids(value)}")
        found.add(" ".join(fields))
    return found


def report(name, differences):
    """Prints a line for a comparison, and the differences, and returns whether it found none."""
    print(f"{'not ' if differences else ''}ok - {name}")
    for line in differences[:100]:
        print(f"# {line}")
    return not differences


def main():
    """Compares."""
    one, other = map(Path, sys.argv[1:])
    left, right = jobs(one / "transcript"), jobs(other / "transcript")
    good = report("both days have the same jobs", sorted(set(left) ^ set(right)))
    for title in left:
        lines = difflib.unified_diff(left[title], right.get(title, []), "commoncap.c", "module", lineterm="", n=0)
        good &= report(f"the same output: {title}", list(lines))
    for read in (journal, audit):
        mine, its = read(one / read.__name__), read(other / read.__name__)
        lines = [f"commoncap.c only: {line}" for line in sorted(mine - its)]
        lines += [f"module only: {line}" for line in sorted(its - mine)]
        good &= report(f"the same {len(mine)} kinds of line in the {read.__name__}", lines)
    sys.exit(not good)


main()
