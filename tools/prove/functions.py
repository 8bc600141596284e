# SPDX-License-Identifier: GPL-2.0
"""The functions to prove equal: their arguments, and what is assumed of these."""

from collections.abc import Callable
from dataclasses import dataclass, field

import z3


@dataclass(frozen=True)
class Function:
    """A function `cap_NAME()` of `commoncap.c`; `hooks::NAME::entry` of the module takes its place."""

    c: str
    # Name of each argument, and the structure that it points to, if it is a pointer.
    arguments: tuple[tuple[str, str | None], ...]
    # What is assumed of the arguments, each with its reason.
    given: dict[str, Callable[[dict[str, z3.BitVecRef]], z3.BoolRef]] = field(default_factory=dict)

    @property
    def rust(self) -> tuple[str, str]:
        """Returns the symbol of `entry`: that of kernels with KUnit, and the end of the mangled one."""
        name = self.c.removeprefix("cap_")
        return f"rust_commoncap_{self.c}", f"5hooks{len(name)}{name}5entry"


# `CAP_LAST_CAP`. Up to 63, the known difference is to be found.
LAST = {"cap": 40}
FUNCTIONS = (
    Function(
        "cap_capable",
        (("cred", "cred"), ("target_ns", "user_namespace"), ("cap", None), ("opts", None)),
        {
            "callers pass capabilities": lambda args: z3.ULE(z3.Extract(31, 0, args["cap"]), LAST["cap"]),
            "callers pass an object": lambda args: z3.And(args["cred"] != 0, args["target_ns"] != 0),
        },
    ),
    Function(
        "cap_task_prctl",
        (("option", None), ("arg2", None), ("arg3", None), ("arg4", None), ("arg5", None)),
    ),
)
