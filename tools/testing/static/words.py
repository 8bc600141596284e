#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
words.py [FILE...]: check how often words occur that readers stumble over, by default in the whole tree.

words.list has the words, their limits and better ones; words.exceptions has the lines that do not count.
Prints every line that counts for a word at its limit, and the number of each word.
"""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent


def table(name):
    """Returns the rows of a file of this directory: fields with tabs between, "#" starts a comment."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [re.split(r"\t+", line) for line in lines if line and not line.startswith("#")]


def lines(paths):
    """Returns path, number and text of each line of the files that are text."""
    for path in paths:
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            yield path, number, line


def main():
    paths = sys.argv[1:] or subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout.splitlines()
    exceptions = table("words.exceptions")
    found = {}
    for path, number, line in lines(paths):
        if any(fnmatch(path, row[0]) and all(text in line for text in row[1:]) for row in exceptions):
            continue
        for _, pattern, _ in table_of_words:
            if re.search(pattern, line, re.IGNORECASE):
                found.setdefault(pattern, []).append(f"{path}:{number}: {line.strip()}")
    failed = False
    for limit, pattern, instead in table_of_words:
        hits = found.get(pattern, [])
        if len(hits) >= int(limit):
            failed = True
            print(*hits, sep="\n")
            print(f"'{pattern}' must stay under {limit}: {instead}")
        print(f"{len(hits)} lines with '{pattern}', limit {limit}")
    sys.exit(failed)


table_of_words = table("words.list")
main()
