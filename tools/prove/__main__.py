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


def verdict(proof: Proof) -> str | None:
    """Proves it. Returns nothing, or how the two differ, with a test that shows it."""
    try:
        proof.run()
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
    """The proof of a function for a kernel and a module, with a fault in this tool or none; whether it must fail."""

    function: str
    kernel: Image
    layouts: Layouts
    module: Path
    fails: bool = False
    fault: str | None = None
    replay: Path | None = None

    def run(self) -> tuple[bool, str]:
        """Returns whether it has ended as it must, and what to print."""
        start, module = time.monotonic(), self.kernel.load(self.module)
        of = f"{self.function} of {self.kernel.name}, {module.name}"
        if self.fault:
            FAULTS[self.fault].plant()
            of += f", with the fault {self.fault}"
        proof = Proof(functions.named(self.function), self.kernel, module, self.layouts)
        found = verdict(proof)
        sides = (proof.sides.c, proof.sides.rust)
        paths, queries = (sum(getattr(side, what) for side in sides) for what in ("paths", "queries"))
        proved = found is None
        found = found or f"proved equal, {paths} paths, {queries} queries, {time.monotonic() - start:.0f} s"
        if self.replay and self.function in REPLAYED:
            (self.replay / f"{REPLAYED[self.function]}.rs").write_text(suite(proof, ROUNDS[-1]))
        # A blank line is behind what is more than a line.
        return proved != self.fails, f"{of}: {found}" + "\n" * (self.fails or not proved)


# A process for each job inherits them.
JOBS: list[Job] = []


def run(number: int) -> tuple[bool, str]:
    """Runs one of the jobs."""
    return JOBS[number].run()


def main() -> int:
    """Proves the functions that are named, and prints a line for each, those that take longest first."""
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("kernel", type=Path, help="vmlinux")
    parser.add_argument("symbols", type=Path, help="its symbols, as /proc/kallsyms has them")
    parser.add_argument("module", type=Path, help="rust_commoncap.ko for that kernel")
    parser.add_argument("--layouts", type=Path, help="an object with BTF of the kernel's structures, if not vmlinux")
    parser.add_argument("--function", action="append", help="prove only this one")
    parser.add_argument("--without", action="append", default=[], help="do not prove this one")
    parser.add_argument("--last-cap", type=int, default=functions.LAST["cap"], help="the last number to pass as cap")
    parser.add_argument("--wrong", action="append", default=[], metavar="FUNCTION=MODULE",
                        help="also compare this function of a module with a wrong rule, which must fail")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS),
                        help="also plant a fault in this tool, with which it must fail")
    parser.add_argument("--found", type=argparse.FileType("w"), default="-", help="print there how these fail")
    parser.add_argument("--replay", type=Path, help="write a test for each path to FUNCTION.rs in this directory")
    args = parser.parse_args()
    functions.LAST["cap"] = args.last_cap
    with (args.layouts or args.kernel).open("rb") as file:
        layouts = Layouts(ELFFile(file).get_section_by_name(".BTF").data())  # type: ignore[union-attr]
    kernel = Image.kernel(args.kernel, args.symbols)
    names = [function.c for function in functions.FUNCTIONS]
    JOBS.extend(Job(name, kernel, layouts, args.module, replay=args.replay) for name in args.function or names
                if name not in args.without)
    for name, module in (wrong.split("=", 1) for wrong in args.wrong):
        JOBS.append(Job(name, kernel, layouts, Path(module), True))
    JOBS.extend(Job(FAULTS[fault].function, kernel, layouts, args.module, True, fault) for fault in args.fault)
    # The last functions take longest.
    JOBS.sort(key=lambda job: names.index(job.function), reverse=True)
    failed = False
    with multiprocessing.get_context("fork").Pool(maxtasksperchild=1) as pool:
        for job, (as_it_must, line) in zip(JOBS, pool.imap(run, range(len(JOBS))), strict=True):
            failed |= not as_it_must
            print(line, file=args.found if job.fails else sys.stdout, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
