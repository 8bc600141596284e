# SPDX-License-Identifier: GPL-2.0
"""The functions to prove equal: their arguments, and what is assumed of these."""

from collections.abc import Callable
from dataclasses import dataclass, field

import z3

from memory import World

Given = Callable[[World, dict[str, z3.BitVecRef]], z3.BoolRef]


@dataclass(frozen=True)
class Function:
    """A function `cap_NAME()` of `commoncap.c`; a function `NAME::entry` of the module takes its place."""

    c: str
    # Name of each argument, and the structure that it points to, if it is a pointer.
    arguments: tuple[tuple[str, str | None], ...]
    # Objects that the function may write to, where `a.b` is what field b of a points to; `current` is the task.
    # Their bytes are part of the answer.
    writes: tuple[str, ...] = ()
    # What is assumed of the arguments, each with its reason.
    given: dict[str, Given] = field(default_factory=dict)
    # Whether the only such object gets memory that the caller frees. No allocation fails then, and none is compared.
    gives: bool = False
    # Functions that are executed, although there are summaries of them, if what they call is not inlined there.
    executed: tuple[str, ...] = ()
    calls: str = ""
    # Whether paths are merged that meet, since there are too many.
    merge: bool = False
    # Bits of what it returns: those of an `int`, or of a `bool`.
    returns: int = 32
    # The end of the mangled name of the function of the module, and its arguments, if these are others.
    inner: tuple[str, Callable[[World, dict[str, z3.BitVecRef]], list[z3.BitVecRef]]] | None = None

    @property
    def rust(self) -> tuple[str, ...]:
        """Returns the symbol of `entry`: that of kernels with KUnit, and the end of the mangled one."""
        if self.inner:
            return (self.inner[0],)
        name = self.c.removeprefix("cap_")
        return f"rust_commoncap_{self.c}", f"{len(name)}{name}5entry"

    def passed(self, world: World, args: dict[str, z3.BitVecRef], rust: bool) -> list[z3.BitVecRef]:
        """Returns the arguments in the order in which a side takes them."""
        return self.inner[1](world, args) if rust and self.inner else list(args.values())


# `CAP_LAST_CAP`. Up to 63, the known difference is to be found.
LAST = {"cap": 40}


def objects(*names: str) -> Given:
    """Returns the assumption that these pointers are to objects, and to different ones."""
    return lambda _, args: z3.And(*(args[name] != 0 for name in names), z3.Distinct(*(args[name] for name in names)))


def has_inode(world: World, args: dict[str, z3.BitVecRef]) -> z3.BoolRef:
    """Assumes that the entry of a directory is that of a file."""
    return world.get(world.objects[args["dentry"].get_id()], "d_inode") != 0


def _about_a_task(name: str, *numbers: str) -> Function:
    """Returns a function that only answers whether the current task may do something to another task."""
    return Function(name, (("task", "task_struct"), *((number, None) for number in numbers)), (),
                    {"callers pass a task": objects("task")})


SETS = tuple((name, "kernel_cap_t") for name in ("effective", "inheritable", "permitted"))
# Those whose proofs take longest are the last.
FUNCTIONS: tuple[Function, ...] = (
    Function(
        "cap_capable",
        (("cred", "cred"), ("target_ns", "user_namespace"), ("cap", None), ("opts", None)),
        (),
        {
            "callers pass capabilities": lambda _, args: z3.ULE(z3.Extract(31, 0, args["cap"]), LAST["cap"]),
            "callers pass objects": objects("cred", "target_ns"),
        },
    ),
    Function(
        "cap_task_prctl",
        (("option", None), ("arg2", None), ("arg3", None), ("arg4", None), ("arg5", None)),
    ),
    Function(
        "cap_capset",
        (("new", "cred"), ("old", "cred"), *SETS),
        ("new",),
        {"callers pass objects, and have just made the first": objects("new", "old", *(name for name, _ in SETS))},
    ),
    Function(
        "cap_task_fix_setuid",
        (("new", "cred"), ("old", "cred"), ("flags", None)),
        ("new",),
        {"callers pass objects, and have just made the first": objects("new", "old")},
    ),
    Function(
        "cap_capget",
        (("target", "task_struct"), *SETS),
        tuple(name for name, _ in SETS),
        {"callers pass objects": objects("target", *(name for name, _ in SETS))},
    ),
    _about_a_task("cap_ptrace_access_check", "mode"),
    _about_a_task("cap_ptrace_traceme"),
    _about_a_task("cap_task_setnice", "nice"),
    _about_a_task("cap_task_setioprio", "ioprio"),
    _about_a_task("cap_task_setscheduler"),
    Function("cap_settime", (("ts", None), ("tz", None))),
    Function("cap_vm_enough_memory", (("mm", None), ("pages", None))),
    # It notes the use of privilege in the flags of the task.
    Function("cap_mmap_addr", (("addr", None),), ("current",)),
    Function("cap_inode_need_killpriv", (("dentry", "dentry"),), (),
             {"callers pass an entry": objects("dentry"), "of a file": has_inode}),
    Function("cap_inode_killpriv", (("idmap", None), ("dentry", "dentry")), (),
             {"callers pass an entry": objects("dentry"), "of a file": has_inode}),
    # These two do not look at the value, its size and the flags.
    Function("cap_inode_setxattr", (("dentry", "dentry"), ("name", "bytes")), (),
             {"callers pass objects": objects("dentry", "name")}),
    Function("cap_inode_removexattr", (("idmap", None), ("dentry", "dentry"), ("name", "bytes")), (),
             {"callers pass objects": objects("idmap", "dentry", "name")}),
    Function("cap_convert_nscap",
             (("idmap", None), ("dentry", "dentry"), ("ivalue", "pointer"), ("size", None)),
             ("ivalue",),
             {"callers pass objects": objects("idmap", "dentry", "ivalue"), "of a file": has_inode,
              "callers pass at most XATTR_SIZE_MAX": lambda _, args: z3.ULE(args["size"], 1 << 16)}),
    # The file system is called where the code of the kernel calls it. A compiler may have inlined the search for a
    # handler, a loop in a loop through lists that the tool does not model.
    Function("cap_inode_getsecurity",
             (("idmap", None), ("inode", "inode"), ("name", "bytes"), ("buffer", "pointer"), ("alloc", None)),
             ("buffer",),
             {"callers pass objects": objects("inode", "name", "buffer"),
              "callers pass a bool": lambda _, args: z3.ULE(args["alloc"], 1)},
             gives=True, executed=("__vfs_getxattr", "vfs_getxattr_alloc"), calls="xattr_resolve_name"),
    # What the next function calls; the module checks any namespace, there that of the task.
    Function("current_in_userns", (("target_ns", "user_namespace"),), (),
             {"callers pass an object": objects("target_ns"),
              "the task has a namespace": lambda world, _: world.current_user_ns() != 0}, returns=8,
             inner=("9exec_call8descends", lambda world, args: [world.current_user_ns(), args["target_ns"]])),
    Function("cap_bprm_creds_from_file", (("bprm", "linux_binprm"), ("file", "file")), ("bprm", "bprm.cred"),
             {"callers pass objects": objects("bprm", "file")}, merge=True),
)


def named(name: str) -> Function:
    """Returns the function of this name."""
    return next(function for function in FUNCTIONS if function.c == name)
