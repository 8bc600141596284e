# SPDX-License-Identifier: GPL-2.0
"""Proves that the machine code of `commoncap.c` and that of the module answer alike, for all inputs."""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import z3
from elftools.elf.elffile import ELFFile

import functions
from compare import Different, alike
from faults import FAULTS
from flags import Unknown
from image import Image
from layout import Layouts
from proof import Proof
from replay import REPLAYED, counterexample, suite

# How many rounds of a loop the inputs take that are printed: the first of these that is enough.
ROUNDS = (0, 1, 3)


def verdict(proof: Proof, module: Image) -> str | None:
    """Proves it. Returns nothing, or how the two differ, with a test that shows it."""
    try:
        proof.run(module)
        return None
    except (Different, Unknown) as error:
        reason = str(error)
    with suppress(Unknown):
        # First those that a test can show: without tracing, and with another value or other bytes than other calls.
        for plain, calls, rounds in itertools.product((True, False), (False, True), ROUNDS):
            for c, rust in proof.pairs(rounds):
                same = alike(c, rust, calls)
                found = None if z3.is_true(same) else counterexample(proof, c, rust, z3.Not(same), plain)
                if found:
                    return found
    return f"not proved: {reason}"


class Job(NamedTuple):
    """The proof of a function for a module."""

    proof: Proof
    module: Path
    replay: Path | None

    def run(self) -> tuple[bool, str]:
        """Returns whether it is proved, and what to print."""
        start, proof, module = time.monotonic(), self.proof, self.proof.c.image.load(self.module)
        found = verdict(proof, module)
        sides = (proof.sides.c, proof.sides.rust)
        paths, queries = (sum(getattr(side, what) for side in sides) for what in ("paths", "queries"))
        proved = found is None
        found = found or f"proved equal, {paths} paths, {queries} queries, {time.monotonic() - start:.0f} s"
        if self.replay and proof.function.c in REPLAYED:
            (self.replay / f"{REPLAYED[proof.function.c]}.rs").write_text(suite(proof, ROUNDS[-1]))
        return proved, f"{proof.function.c} of {proof.c.image.name}, {module.name}: {found}"


# A process for each job inherits them, and with them the paths of `commoncap.c` that several modules share.
JOBS: list[Job] = []


def run(number: int) -> tuple[bool, str]:
    """Runs one of the jobs."""
    return JOBS[number].run()


def main() -> int:
    """Proves the functions that are named, and prints a line for each."""
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("kernel", type=Path, help="vmlinux")
    parser.add_argument("symbols", type=Path, help="its symbols, as /proc/kallsyms has them")
    parser.add_argument("modules", type=Path, nargs="+", help="rust_commoncap.ko for that kernel")
    parser.add_argument("--layouts", type=Path, help="an object with BTF of the kernel's structures, if not vmlinux")
    parser.add_argument("--function", action="append", help="prove only this one")
    parser.add_argument("--without", action="append", default=[], help="do not prove this one")
    parser.add_argument("--last-cap", type=int, default=functions.LAST["cap"], help="the last number to pass as cap")
    parser.add_argument("--fault", choices=sorted(FAULTS), help="plant a fault in this tool")
    parser.add_argument("--replay", type=Path, help="write a test for each path to FUNCTION.rs in this directory")
    args = parser.parse_args()
    functions.LAST["cap"] = args.last_cap
    if args.fault:
        FAULTS[args.fault]()
    with (args.layouts or args.kernel).open("rb") as file:
        layouts = Layouts(ELFFile(file).get_section_by_name(".BTF").data())  # type: ignore[union-attr]
    kernel = Image.kernel(args.kernel, args.symbols)
    for function in functions.FUNCTIONS:
        if function.c in args.without or (args.function and function.c not in args.function):
            continue
        proof = Proof(function, kernel, layouts)
        if len(args.modules) > 1:
            with suppress(Unknown):
                _ = proof.of_c
        JOBS.extend(Job(proof, module, args.replay) for module in args.modules)
    failed = 0
    with multiprocessing.get_context("fork").Pool(maxtasksperchild=1) as pool:
        # The last functions take longest.
        for proved, line in pool.imap_unordered(run, reversed(range(len(JOBS)))):
            failed += not proved
            print(line if proved else f"{line}\n", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
