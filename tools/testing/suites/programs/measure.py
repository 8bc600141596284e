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
from dataclasses import dataclass, field

# Without so many of the capabilities of verified sets, in percent, a program must fail or do less.
NEEDED = 95
OUT = "/tmp/out"
PATHS = "/usr/local/bin:/usr/sbin:/usr/bin"
SECONDS = 60


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

    capabilities: frozenset[str] | None = None
    enough: bool = False
    # Without which it works as well.
    needless: list[str] = field(default_factory=list)
    # Without which it works, and a call is refused: the call of each.
    less: dict[str, str] = field(default_factory=dict)

    def shown(self):
        """Returns the cells of the table."""
        if self.capabilities is None:
            return "no answer", ""
        names = " ".join(map(self.marked, sorted(self.capabilities)))
        return names or "none", "yes" if self.enough else "no"

    def marked(self, name):
        """Returns a capability with its mark."""
        return name + ("*" if name in self.needless else "~" if name in self.less else "")


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


def run(program, wrapper, seconds=SECONDS):
    """Runs the program under another one, and returns whether it did its work."""
    sh(program.before)
    with open(OUT, "w", encoding="utf-8"), open(OUT, "a", encoding="utf-8") as out:
        command = [*wrapper, "sh", "-c", program.command]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                              env={"PATH": PATHS, "out": OUT}, start_new_session=True) as child:
            try:
                status = child.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                status = 1
    return status == 0 and sh(program.works) == 0


def with_only(program, capabilities):
    """Returns whether the program does its work with just these capabilities."""
    bounding = ",".join(["-all", *(f"+{name.removeprefix('cap_')}" for name in sorted(capabilities))])
    return run(program, ["setpriv", f"--bounding-set={bounding}", "--inh-caps=-all"])


def by_capwhy(program, *options):
    """Returns what capwhy reports of the program."""
    report = "/tmp/report"
    run(program, ["capwhy", "run", *options, "--json", "--output", report, "--"], 40 * SECONDS)
    with open(report, encoding="utf-8") as file:
        return json.load(file)


def named(program):
    """Returns the set that capwhy names after one run."""
    return frozenset(by_capwhy(program)["smallest"]["capabilities"])


def verified(program):
    """Returns the set that capwhy ends with after more runs, and the calls that fail without some of it."""
    before = f": >$out; {program.before}"
    timed = Program(program.name, program.before, f"exec timeout -k 1 {SECONDS} sh -c '{quoted(program.command)}'",
                    program.works)
    found = by_capwhy(timed, "--verify", "--each", "--before", before, "--works", program.works)["verified"]
    less = {one["capability"]: one["failed"] for one in found["each"] if one["same"] and one["failed"]}
    return frozenset(found["capabilities"]) if found["enough"] else None, less


def quoted(command):
    """Returns a command of the shell for between quotation marks."""
    return command.replace("'", "'\\''")


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


def tried(program, capabilities, less):
    """Tries a set, and the set without each of its capabilities."""
    if capabilities is None:
        return Result()
    enough = with_only(program, capabilities)
    works = [name for name in sorted(capabilities) if enough and with_only(program, capabilities - {name})]
    return Result(capabilities, enough, [name for name in works if name not in less],
                  {name: less[name] for name in works if name in less})


def main():
    """Measures, and prints."""
    failures = 0
    rows = []
    in_sets = needless = 0
    for program in programs(sys.argv[1], sys.argv[2:]):
        if not run(program, []):
            print(f"not ok - {program.name} works as root", flush=True)
            with open(OUT, encoding="utf-8", errors="replace") as file:
                print("# " + file.read()[-600:].replace("\n", "\n# "))
            failures += 1
            continue
        capabilities, less = verified(program)
        sets = [capabilities, named(program), by_cap_audit(program)]
        results = [tried(program, capabilities, less) for capabilities in sets]
        rows.append([program.name, *(cell for result in results for cell in result.shown())])
        ours = results[0]
        print(f"{'ok' if ours.enough else 'not ok'} - {program.name} works with just what capwhy verifies: "
              f"{ours.shown()[0]}", flush=True)
        for name, call in ours.less.items():
            print(f"# {program.name} works without {name}, and does less: {call}", flush=True)
        failures += not ours.enough
        in_sets += len(ours.capabilities or ())
        needless += len(ours.needless)
    good = (in_sets - needless) * 100 >= NEEDED * in_sets
    print(f"{'ok' if good else 'not ok'} - of {in_sets} capabilities in verified sets, at least {NEEDED} % are needed: "
          f"without {needless}, a program does the same")
    head = ["program", "capwhy run --verify", "enough", "capwhy run", "enough", "cap-audit", "enough"]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        print(" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print("*: the program works without it; ~: it does, and a call is refused")
    sys.exit(failures > 0 or not good)


main()
