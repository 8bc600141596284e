#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
transcripts.py WHERE FILE...: check that the commands in the documentation print what it shows.

A block is checked if a comment with "run: WHERE" stands before it: in reStructuredText ".. run: host", in
Markdown "<!-- run: host -->". A line that starts with "$ " is a command of a user, with "# " a command of
root. The lines after it are its output and its errors. Each command runs in a new shell, in a directory for
the block with links to the files in $FILES. A command that starts with "(WORDS) $ " runs in the shell that
the last command without words started. In the output, "[…]" in place of a line matches any lines, "…"
matches anything in a line, and one blank matches several, or tabs.

WHERE is host or guest, or, for the suite package, install or installed: in a fresh Debian, before and after the
reboot. "log NAME" is for a block without commands: the log of that suite of make test has
its lines, in this order. $LOGS is the directory of the logs. Prints a line for each command.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
from itertools import dropwhile, takewhile


def blocks(path, where):
    """Returns the number of the line, the lines and the name of each block to check."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for at, line in enumerate(lines, 1):
        marked = re.match(r"(?:\.\.|<!--) run: (host|guest|install|installed|log)(?: ([\w-]+))?(?: -->)?$", line)
        if not marked and re.match(r"(\.\.|<!--)\s*run\b", line):
            sys.exit(f"transcripts.py: {path}:{at}: '{line}' says neither host nor guest, install, installed nor log")
        if marked and marked[1] == where:
            fence = "```" if line.startswith("<") else " "
            rest = dropwhile(lambda line: not line.startswith(fence), lines[at:])
            if fence == " ":
                block = takewhile(lambda line: not line.strip() or line[0] == " ", rest)
            else:
                next(rest)
                block = takewhile(lambda line: line != fence, rest)
            yield at, textwrap.dedent("\n".join(block)).splitlines(), marked[2]


def commands(block):
    """Returns each command, whether it is root's, and the lines that it is to print."""
    found, shell = [], ""
    for line in block:
        command = re.match(r"(\(.*\) )?([$#]) (.*)", line)
        if command:
            within = f"{shell} -c {shlex.quote(command[3])}"
            shell = shell if command[1] else command[3]
            found.append([within if command[1] else command[3], command[2] == "#", []])
        elif found:
            found[-1][2].append(line)
    return found


def tidy(text):
    """Returns its lines, without blanks that only make columns, and without blank lines at the end."""
    return [re.sub(r"(?<=\S)[ \t]+", " ", line.rstrip()) for line in text.rstrip().splitlines()]


def same(shown, got):
    """Whether all that is shown is there, and what is left out is marked."""
    at, line, any_lines = 0, 0, None
    while line < len(got):
        if shown[at:at + 1] == ["[…]"]:
            any_lines = [at, line]
            at += 1
        elif at < len(shown) and re.fullmatch(re.escape(shown[at]).replace("…", ".*"), got[line]):
            at, line = at + 1, line + 1
        elif any_lines:
            any_lines[1] += 1
            at, line = any_lines[0] + 1, any_lines[1]
        else:
            return False
    return all(rest == "[…]" for rest in shown[at:])


def run(command, as_root, directory, seconds):
    """Returns what a command prints, run by root or, in the guest, by user 1000."""
    argv = ["bash", "-c", command]
    if not as_root and os.environ.get("SOMEBODY"):
        argv = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "--inh-caps=-all", *argv]
    ran = subprocess.run(argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=seconds, check=False)
    return ran.stdout.decode(errors="replace")


def main():
    where, failed = sys.argv[1], 0
    for path in sys.argv[2:]:
        for at, block, name in blocks(path, where):
            with tempfile.TemporaryDirectory() as directory:
                os.chmod(directory, 0o777)
                for file in os.listdir(os.environ.get("FILES", directory)):
                    os.symlink(os.path.join(os.environ["FILES"], file), os.path.join(directory, file))
                for command, as_root, shown in commands(block) or [["the log " + str(name), True, block]]:
                    shown = tidy("\n".join(shown))
                    if name:
                        with open(f"{os.environ['LOGS']}/suite-{name}.log", encoding="utf-8") as log:
                            got = log.read()
                        shown = ["[…]"] + [part for line in shown for part in (line, "[…]")]
                    else:
                        got = run(command, as_root, directory, 3000 if where == "install" else 300)
                    good = same(shown, tidy(got))
                    failed += not good
                    print(f"{'ok' if good else 'not ok'} - {path}:{at}: {command}")
                    if not good:
                        print("# what it printed:", *got.splitlines(), sep="\n# ")
    sys.exit(failed > 0)


main()
