#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
measure.py TABLE [NAME...]: for each program of the table, asks capwhy and cap-audit which capabilities it needs, and
tries what they name: the program must work with just this set, and not without any one of it. Prints a table, and a
line for each program.

A program runs as root. A set of capabilities is its bounding set, so that execve() grants nothing else.
"""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass

# capwhy names what the kernel checked. nsenter looked at a process that holds all capabilities, which takes no check of
# one who holds all as well, and cap_sys_ptrace of others. crun and criu give the processes that they start
# capabilities by capset(), which checks that they hold these, but asks for none.
UNCHECKED = ("nsenter", "crun", "criu")
OUT = "/tmp/out"
PATHS = "/usr/local/bin:/usr/sbin:/usr/bin"


@dataclass
class Program:
    """A row of the table."""

    name: str
    before: str
    command: str
    works: str


@dataclass
class Result:
    """What the program did with the set that a tool names."""

    capabilities: frozenset[str] | None
    enough: bool
    # Without which it works as well.
    needless: list[str]

    def shown(self):
        """Returns the cells of the table."""
        if self.capabilities is None:
            return "no answer", ""
        names = " ".join(name + ("*" if name in self.needless else "") for name in sorted(self.capabilities))
        return names or "none", "yes" if self.enough else "no"


def programs(path, names):
    """Reads the table."""
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file if line.strip() and not line.startswith("#")]
    rows = [Program(*(cell.strip() for cell in re.sub(r"\\\|", "\0", line).split(" | ", 3))) for line in lines]
    for row in rows:
        row.before, row.command, row.works = (s.replace("\0", "|") for s in (row.before, row.command, row.works))
    return [row for row in rows if not names or row.name in names]


def sh(command):
    """Runs a command of the table as root, and returns its status."""
    return subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env={"PATH": PATHS, "out": OUT}, check=False).returncode


def run(program, wrapper):
    """Runs the program under another one, and returns whether it did its work."""
    sh(program.before)
    with open(OUT, "w", encoding="utf-8") as out:
        command = [*wrapper, "sh", "-c", program.command]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                              env={"PATH": PATHS}, start_new_session=True) as child:
            try:
                status = child.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                status = 1
    return status == 0 and sh(program.works) == 0


def with_only(program, capabilities):
    """Returns whether the program does its work with just these capabilities."""
    bounding = ",".join(["-all", *(f"+{name.removeprefix('cap_')}" for name in sorted(capabilities))])
    return run(program, ["setpriv", f"--bounding-set={bounding}", "--inh-caps=-all"])


def by_capwhy(program):
    """Returns the set that capwhy names."""
    report = "/tmp/report"
    run(program, ["capwhy", "run", "--json", "--output", report, "--"])
    with open(report, encoding="utf-8") as file:
        return frozenset(json.load(file)["smallest"]["capabilities"])


def by_cap_audit(program):
    """Returns the set that cap-audit recommends; None if it gives no answer."""
    run(program, ["cap-audit", "--json", "--"])
    with open(OUT, encoding="utf-8", errors="replace") as file:
        report = file.read()
    lists = re.findall(r'^  "(?:required|capset_only)_capabilities": \[$(.*?)^  \]', report, re.M | re.S)
    if not lists:
        return None
    names = (name for found in lists for name in re.findall(r'"name": "(\w+)"', found))
    return frozenset("cap_" + name.lower().removeprefix("cap_") for name in names)


def tried(program, capabilities):
    """Tries a set, and the set without each of its capabilities."""
    if capabilities is None:
        return Result(None, False, [])
    enough = with_only(program, capabilities)
    needless = [name for name in sorted(capabilities) if enough and with_only(program, capabilities - {name})]
    return Result(capabilities, enough, needless)


def main():
    """Measures, and prints."""
    failures = 0
    rows = []
    for program in programs(sys.argv[1], sys.argv[2:]):
        if not run(program, []):
            print(f"not ok - {program.name} works as root", flush=True)
            with open(OUT, encoding="utf-8", errors="replace") as file:
                print("# " + file.read()[-600:].replace("\n", "\n# "))
            failures += 1
            continue
        results = [tried(program, ask(program)) for ask in (by_capwhy, by_cap_audit)]
        rows.append([program.name, *results[0].shown(), *results[1].shown()])
        known = program.name in UNCHECKED
        good = results[0].enough != known
        print(f"{'ok' if good else 'not ok'} - {program.name} {'lacks one with' if known else 'works with'} just what "
              f"capwhy names: {results[0].shown()[0]}", flush=True)
        failures += not good
    head = ["program", "capwhy", "enough", "cap-audit", "enough"]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print("*: the program works without it")
    sys.exit(failures > 0)


main()
