#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
circles.py TREE...: check that no module of a tree of Rust sources depends on itself through others.

A tree is a directory with a mod.rs or a lib.rs. Its modules are the files and directories beside that
file: all files of a directory are one module. A module depends on another one if a path in it, in a
`use` or elsewhere, leads there, also by way of a `pub use` of the root. The root is a module as well,
for the items that it defines itself. Tests do not count. Prints each circle with the lines that close
it, and fails if there is one.
"""

import re
import sys
from pathlib import Path

ROOT = "(root)"
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|r#".*?"#|"(?:\\.|[^"\\])*"', re.S)
TEST = re.compile(r"#\[(?:cfg\((?:any\()?test\b|crate::kunit_tests\()[^\n]*\]\n")
USE = re.compile(r"\b(pub(?:\([a-z]+\))? )?use ([^;]+);")
PATH = re.compile(r"\b(?:crate|super|self)(?:::\w+)+")
AT = re.compile(r'path = "([\w/]+)\.rs"\)?\]\n(?:pub(?:\([a-z]+\))? )?mod (\w+);')
INLINE = re.compile(r"\bmod \w+ \{")

Module = tuple[str, ...]
Edges = dict[str, dict[str, str]]


def end_of_item(text: str, start: int) -> int:
    """Returns where the item ends that starts there: at its `;`, or at the brace that closes it."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0 and text[at] in ";}":
            return at + 1
    return len(text)


def code(path: Path) -> tuple[str, set[str]]:
    """Returns a source without comments, strings and tests, line by line, and the names of its test modules."""
    text = COMMENT_OR_STRING.sub(lambda match: "\n" * match[0].count("\n"), path.read_text())
    tests = set()
    while match := TEST.search(text):
        end = end_of_item(text, match.end())
        item = text[match.start():end]
        tests |= set(re.findall(r"\bmod (\w+);", item))
        text = text[:match.start()] + "\n" * item.count("\n") + text[end:]
    return text, tests


def flatten(tree: str) -> list[str]:
    """Returns the paths of a use tree, each on its own."""
    tree = re.sub(r"\s+(?:as \w+)?", "", tree)
    if not tree.endswith("}"):
        return [tree]
    prefix, inner = tree[:-1].split("{", 1)
    paths, depth, part = [], 0, ""
    for c in inner + ",":
        depth += (c == "{") - (c == "}")
        if c != "," or depth:
            part += c
        elif part:
            paths += [prefix + path for path in flatten(part)]
            part = ""
    return paths


def resolve(path: str, module: Module, crate: Module) -> Module | None:
    """Returns where a path leads, from the root of the tree; None if that is outside of it."""
    names = path.split("::")
    if names[0] == "crate":
        names = names[1:]
        return tuple(names[len(crate):]) if tuple(names[:len(crate)]) == crate else None
    while names and names[0] in ("super", "self"):
        if names[0] == "super":
            if not module:
                return None
            module = module[:-1]
        names = names[1:]
    return module + tuple(names)


def dependencies(tree: Path) -> Edges:
    """Returns the modules of a tree, and the modules that each depends on, with a line that says so."""
    root = next(file for name in ("mod.rs", "lib.rs") if (file := tree / name).exists())
    crate = (tree.name,) if root.name == "mod.rs" else ()
    files = [file for file in sorted(tree.rglob("*.rs")) if file != tree / "main.rs"]
    sources = {file: code(file) for file in files}
    tests = {(file.parent if file.name in ("mod.rs", "lib.rs") else file.with_suffix("")) / name
             for file, (_, names) in sources.items() for name in names}
    modules = {file.relative_to(tree).parts[0].removesuffix(".rs") for file in files if file != root}
    aliases = {tuple(path.split("/")): (module,) for path, module in AT.findall(root.read_text())}
    exported: dict[str, str] = {}
    for public, uses in USE.findall(sources[root][0]):
        if public:
            exported |= {path.split("::")[-1]: path.split("::")[0] for path in flatten(uses)}
    edges: Edges = {module: {} for module in sorted(modules | {ROOT})}

    def add(module: Module, path: str, where: str) -> None:
        leads = resolve(path, module, crate)
        if leads is None:
            return
        name = leads[0] if leads and leads[0] != "*" else ROOT
        source = module[0] if module else ROOT
        target = name if name in modules else exported.get(name, ROOT)
        if target != source:
            edges[source].setdefault(target, where)

    for file, (text, _) in sources.items():
        if any(test in (file.with_suffix(""), *file.parents) for test in tests):
            continue
        module = file.relative_to(tree).with_suffix("").parts
        module = module[:-1] if file.name in ("mod.rs", "lib.rs") else aliases.get(module, module)
        inline = [(match.start(), end_of_item(text, match.start())) for match in INLINE.finditer(text)]
        found = []
        for match in USE.finditer(text):
            if file != root or not match[1]:
                found += [(match.start(), path) for path in flatten(match[2])]
        found += [(match.start(), match[0]) for match in PATH.finditer(USE.sub(lambda use: " " * len(use[0]), text))]
        for at, path in found:
            deeper = ("inline",) * sum(start < at < end for start, end in inline)
            if path.split("::")[0] in ("crate", "super", "self"):
                add(module + deeper, path, f"{file}:{text.count(chr(10), 0, at) + 1}")
            elif file == root and path.split("::")[0] in modules:
                add((), "self::" + path, f"{file}:{text.count(chr(10), 0, at) + 1}")
    return edges


def circle(edges: Edges) -> list[str] | None:
    """Returns the modules of a circle in order, the first one again at the end; None if there is none."""
    done: set[str] = set()

    def visit(module: str, path: list[str]) -> list[str] | None:
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        found = next((circle for to in edges[module] if (circle := visit(to, path + [module]))), None)
        done.add(module)
        return found

    return next((found for module in edges if (found := visit(module, []))), None)


def main(trees: list[str]) -> int:
    failed = 0
    for tree in trees:
        edges = dependencies(Path(tree))
        if found := circle(edges):
            failed = 1
            print(f"{tree}: {' -> '.join(found)}: move what both need to a module of its own")
            for source, target in zip(found, found[1:]):
                print(f"    {edges[source][target]}: {source} depends on {target}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
