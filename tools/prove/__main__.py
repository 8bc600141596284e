# SPDX-License-Identifier: GPL-2.0
"""Proves that the machine code of `commoncap.c` and that of the module answer alike, for all inputs."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import z3
from elftools.elf.elffile import ELFFile

import functions
import summaries
from flags import Unknown
from image import Image
from kunit import Inputs, suite
from layout import Layouts
from prove import Different, Proof, alike

# How many rounds of a loop the inputs take that are printed.
ROUNDS = 3


def verdict(proof: Proof) -> str | None:
    """Proves it. Returns nothing, or how the two differ, with a test that shows it."""
    try:
        proof.run()
        return None
    except (Different, Unknown) as error:
        reason = str(error)
    try:
        pairs = proof.pairs(ROUNDS)
    except Unknown:
        pairs = []
    for c, rust in pairs:
        same = z3.simplify(alike(c, rust))
        if z3.is_true(same):
            continue
        inputs = Inputs(proof.world, proof.arguments, c, rust)
        model = inputs.model(z3.Not(same))
        if not model:
            inputs = Inputs(proof.world, proof.arguments, c, rust, plain=False)
            model = inputs.model(z3.Not(same))
        if model:
            one, other = (model.eval(side.outcome()[0], model_completion=True).as_signed_long() for side in (c, rust))
            calls = [[event.name for event in side.outcome()[1]] for side in (c, rust)]
            return (f"differ\n    // commoncap.c returns {one} after {calls[0]},\n"
                    f"    // the module {other} after {calls[1]}.\n" + inputs.test("found_by_the_proof", model))
    return f"not proved: {reason}"


def replays(proof: Proof) -> list[str]:
    """Returns a test for each two paths that one input takes, if a test can set that input up."""
    tests: list[str] = []
    for c, rust in proof.pairs(ROUNDS):
        inputs = Inputs(proof.world, proof.arguments, c, rust)
        model = inputs.model()
        if model:
            tests.append(inputs.test(f"path_{len(tests)}", model))
    return tests


def main() -> int:
    """Proves the functions that are named, and prints a line for each."""
    parser = argparse.ArgumentParser(prog="prove", description=__doc__)
    parser.add_argument("kernel", type=Path, help="vmlinux")
    parser.add_argument("symbols", type=Path, help="its symbols, as /proc/kallsyms has them")
    parser.add_argument("layouts", type=Path, help="an object with BTF of the kernel's structures")
    parser.add_argument("modules", type=Path, nargs="+", help="rust_commoncap.ko for that kernel")
    parser.add_argument("--function", action="append", help="prove only this one")
    parser.add_argument("--last-cap", type=int, default=functions.LAST["cap"], help="the last number to pass as cap")
    parser.add_argument("--wrong", choices=sorted(summaries.WRONG), help="use a wrong summary of this function")
    parser.add_argument("--replay", type=Path, help="write a test for each path to FUNCTION.rs in this directory")
    args = parser.parse_args()
    functions.LAST["cap"] = args.last_cap
    if args.wrong:
        summaries.FUNCTIONS[args.wrong] = replace(summaries.FUNCTIONS[args.wrong],
                                                  effect=summaries.WRONG[args.wrong])
    with args.layouts.open("rb") as file:
        section = ELFFile(file).get_section_by_name(".BTF")
        layouts = Layouts(section.data() if section else b"")
    failed = 0
    for module in args.modules:
        image = Image(args.kernel, args.symbols, module)
        objects = ", ".join(f"{name} {digest}" for name, digest in image.hashes.items())
        for function in functions.FUNCTIONS:
            if args.function and function.c not in args.function:
                continue
            start = time.monotonic()
            proof = Proof(function, image, layouts)
            found = verdict(proof)
            failed += found is not None
            print(f"{function.c} of {objects}: {found or 'proved equal'}\n" if found else
                  f"{function.c} of {objects}: proved equal, {proof.count.paths} paths, "
                  f"{proof.count.queries} queries, {time.monotonic() - start:.0f} s", flush=True)
            if args.replay:
                name = "prctl" if function.c == "cap_task_prctl" else "capable"
                (args.replay / f"{name}.rs").write_text(suite(name, replays(proof)))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
