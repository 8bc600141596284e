# SPDX-License-Identifier: GPL-2.0
"""What stands for code that is not executed, and for data that others write, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import z3

from flags import Unknown
from layout import BYTES_SIZE
from memory import Object, insert, on_stack, split
from state import ARGUMENTS, FLAGS, SCRATCH, Event, State

Effect = Callable[[State, z3.BitVecRef, tuple[z3.BitVecRef, ...]], list[State]]


@dataclass(frozen=True)
class Summary:
    """A function that is not executed. Its scratch registers and flags may be anything afterwards."""

    # Bits of each argument that what it returns depends on, or `TEXT` for a constant string; None if what it returns
    # may be any.
    arguments: tuple[int, ...] | None
    # Bits of what it returns, where 1 is a `bool`, which is true if it may be any.
    returns: int
    # How it changes the state, giving all states that may be.
    effect: Effect | None
    reason: str
    # The name of the call in the answer, if another one counts as the same.
    event: str = ""
    # A call that depends on arguments is part of the answer unless the function only reads what never changes.
    pure: bool = False
    # What the call in the answer has as its first argument, in addition to those passed.
    about: Callable[[State], z3.BitVecRef] | None = None


def prepare_creds(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns NULL, or an object of its own whose IDs, securebits and capabilities are the task's."""
    world = state.memory.world
    failed, made = state.copy(), state
    failed.path.append(result == 0)
    failed.set("rax", z3.BitVecVal(0, 64))
    made.path.append(result != 0)
    new = world.declare(result, "cred")
    made.own(new)
    pointer = state.memory.load(world.current, world.layouts.field("task_struct", "cred").offset, 8)
    state.memory.copies[new] = world.objects[pointer.get_id()]
    return [failed, made]


def commit_creds(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Takes an object from `prepare_creds()`, makes it the task's, and returns 0; its bytes are part of the answer."""
    memory, world = state.memory, state.memory.world
    new = world.object(args[0])
    if new not in memory.writable:
        raise Unknown(f"commit_creds() of {args[0]}, which prepare_creds() did not return")
    state.events.append(Event("bytes", memory.bytes(new), result))
    memory.writable.remove(new)
    for name in ("cred", "real_cred"):
        memory.preset(world.current, world.layouts.field("task_struct", name).offset, new.pointer)
    state.set("rax", z3.BitVecVal(0, 64))
    return [state]


# Stands for a constant string that is passed, by its bytes.
TEXT = 8 * 32


def constant(state: State, pointer: z3.BitVecRef) -> bytes:
    """Returns the constant string that a pointer points to, with the 0 at its end."""
    image, text = state.memory.image, b""
    while not text.endswith(b"\0"):
        at = pointer.as_long() + len(text) if z3.is_bv_value(pointer) else 0
        if not image.constant(at) or len(text) == TEXT // 8:
            raise Unknown(f"a pointer to no constant string: {pointer}")
        text += image.read(at, 1)
    return text


def text(state: State, pointer: z3.BitVecRef) -> z3.BitVecRef:
    """Returns the constant string that a pointer points to, as a number."""
    return z3.BitVecVal(int.from_bytes(constant(state, pointer), "little"), TEXT)


def byte(state: State, text: z3.BitVecRef, at: int) -> z3.BitVecRef:
    """Returns a byte of a string or a value that may be any."""
    return state.load(text + at, 1)


def strlen(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns where the first 0 is. Of a longer string than those that are compared, it is anywhere beyond."""
    text = [byte(state, args[0], at) for at in range(BYTES_SIZE)]
    for at, end in enumerate(text):
        state.facts.append((result == at) == z3.And(*(before != 0 for before in text[:at]), end == 0))
    return [state]


def strncmp(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns 0 if the string is as the constant, the 0 at its end included, or in as many bytes as are passed."""
    expected = constant(state, args[1])
    if len(args) > 2:
        size = args[2].as_long() if z3.is_bv_value(args[2]) else 0
        if not 0 < size < len(expected):
            raise Unknown("a comparison of unknown size")
        expected = expected[:size]
    same = z3.And(*(byte(state, args[0], at) == value for at, value in enumerate(expected)))
    state.facts.append((z3.Extract(31, 0, result) == 0) == same)
    return [state]


def getxattr(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Writes as many bytes as it returns to the stack, and anything behind them; nothing if no size is passed."""
    to, size = state.passed["rcx"], args[-1]
    if state.gives:
        state.facts.append(result == z3.SignExt(32, z3.Extract(31, 0, result)))
        return _read(state, result, to, size)
    base, at = split(to)
    if not z3.is_bv_value(size) or size.as_long() not in (0, BYTES_SIZE) or base is not None:
        raise Unknown(f"a call of __vfs_getxattr() that reads {size} bytes to {to}")
    call = len(state.events)
    for number in range(size.as_long()):
        stored = z3.BitVec(f"xattr#{call}[{number}]", 8)
        beyond = z3.Extract(31, 0, result) <= number
        state.memory.store(None, at + number, z3.If(beyond, state.memory.world.any("beyond", 8), stored))
    return [state]


def _called(state: State, name: str, *args: z3.BitVecRef) -> list[State]:
    """Calls a function that is not executed from another one."""
    for register, value in zip(ARGUMENTS, args, strict=False):
        state.set(register, value)
    state.set("rsp", z3.BitVecVal(state.sp - 8, 64))
    state.memory.preset(None, state.sp, z3.BitVecVal(state.pc, 64))
    return call(state, name)


def getxattr_alloc(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Reads the size by `__vfs_getxattr()`, then as many bytes, to memory that the caller gets by a pointer."""
    dentry, name, pointer, flags = (state.passed[register] for register in ("rsi", "rdx", "rcx", "r9"))
    nothing = z3.BitVecVal(0, 64)
    inode = state.load(dentry + state.memory.world.layouts.field("dentry", "d_inode").offset, 8)
    [failed] = _called(state, "__vfs_getxattr", dentry, inode, name, nothing, nothing)
    sized, size = failed.copy(), failed.get("rax")
    failed.path.append(size < 0)
    sized.path.append(size >= 0)
    [made] = _called(sized, "krealloc_node_align_noprof", sized.load(pointer, 8), size + 1, nothing, flags)
    memory = made.get("rax")
    [cleared] = _called(made, "memset", memory, nothing, size + 1)
    ends = _called(cleared, "__vfs_getxattr", dentry, inode, name, memory, size)
    for end in ends:
        end.store(pointer, memory)
    return [failed, *ends]


def _buffer(state: State, to: z3.BitVecRef, size: z3.BitVecRef) -> tuple[Object | None, int]:
    """Returns where so many bytes may be written: on the stack, or in memory that the function has allocated."""
    if z3.is_app_of(to, z3.Z3_OP_ITE):
        # It may be another address, such as NULL, if it is of no bytes.
        state.ensure(z3.Implies(to.arg(0), size == 0), f"a write to {to}")
        to = to.arg(2)
    base, offset = split(to)
    of, at = state.memory.world.locate(base, offset)
    if of and of in state.memory.writable and of.size is not None:
        state.ensure(z3.ULE(size, of.size), f"a write of {size} bytes to {of.size}")
    elif base is not None or not on_stack(at):
        raise Unknown(f"a write to {to}")
    return of, at


def _write(state: State, of: Object | None, at: int, data: list[z3.BitVecRef]) -> None:
    """Writes bytes there. Some may be what is there already."""
    for number in range(0, len(data), 8):
        state.memory.preset(of, at + number, z3.Concat(*reversed(data[number : number + 8])))


def unmapped(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns the ID of a user, and for the invalid one, which no map has, the invalid ID."""
    state.facts.append(z3.Implies(args[1] == -1, z3.Extract(31, 0, result) == -1))
    return [state]


def alias(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns NULL, or an entry of the inode."""
    entry = state.memory.world.declare(result, "dentry")
    state.meet(result)
    state.facts.append(z3.Implies(result != 0, state.memory.world.get(entry, "d_inode") == args[0]))
    return [state]


def resolved(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Returns a handler or an error, and stores the rest of the name, which depends on the same."""
    state.memory.world.declare(result, "xattr_handler")
    state.facts.append(result != 0)
    sorts = [*(arg.sort() for arg in args), z3.BitVecSort(64)]
    state.store(state.passed["rsi"], z3.Function("name_of_handler", *sorts)(*args))
    return [state]


def _read(state: State, result: z3.BitVecRef, to: z3.BitVecRef, size: z3.BitVecRef) -> list[State]:
    """Returns a size or an error. Called again with that size, it returns no more, and writes as many bytes.

    A value that is longer than a valid one is assumed to stay so; to read it is no part of the answer.
    """
    answer, memory = z3.Extract(31, 0, result), state.memory
    call = sum(event.name == state.events[-1].name for event in state.events)
    if call > 2 or z3.is_bv_value(size) != (call == 1) and not size.eq(z3.BitVecVal(0, 64)):
        raise Unknown(f"a read of {size} bytes")
    if call == 1:
        return [state]
    longer = state.copy()
    longer.events.pop()
    longer.path.append(z3.UGT(size, BYTES_SIZE))
    longer.set("rax", size)
    state.path.append(z3.ULE(size, BYTES_SIZE))
    state.facts.append(answer <= z3.Extract(31, 0, size))
    of, at = _buffer(state, to, size)
    for each in (longer, state):
        stored = [z3.BitVec(f"xattr[{number}]", 8) if each is state else memory.world.any("long", 8)
                  for number in range(BYTES_SIZE)]
        _write(each, of, at, [z3.If(answer > number, byte, memory.world.any("beyond", 8))
                              for number, byte in enumerate(stored)])
    return [longer, state]


def got(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Reads what the file system has."""
    return _read(state, result, state.passed["r8"], args[-1])


def memset(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Fills memory that the function has allocated."""
    to, value, size = args
    of, at = _buffer(state, to, size)
    _write(state, of, at, [z3.If(z3.UGT(size, number), value, state.memory.load(of, at + number, 1))
                           for number in range(BYTES_SIZE)])
    return [state]


def kfree(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Frees what the function has allocated, or nothing."""
    of = state.memory.world.object(args[0])
    if of in state.memory.writable and of is not state.gives:
        state.memory.writable.remove(of)
    elif not z3.is_bv_value(args[0]) or args[0].as_long():
        raise Unknown(f"kfree() of {args[0]}")
    return [state]


def audited(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Keeps the new credentials, so their bytes are part of the answer. Returns 0 or an error number."""
    new = state.memory.world.object(args[1])
    if new is None:
        raise Unknown(f"an audit record of {args[1]}")
    error = z3.Extract(31, 0, result)
    state.facts.append(z3.And(error <= 0, error >= -4095))
    state.events.append(Event("bytes", state.memory.bytes(new), result))
    return [state]


def memcpy(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
    """Copies `size` bytes of a value to the stack, or to memory that the function has allocated."""
    to, value, size = args
    of, at = _buffer(state, to, size)
    state.ensure(z3.ULE(size, BYTES_SIZE), f"a copy of {size} bytes")
    _write(state, of, at, [z3.If(z3.UGT(size, number), byte(state, value, number),
                                 state.memory.load(of, at + number, 1)) for number in range(BYTES_SIZE)])
    state.set("rax", to)
    return [state]


def allocates(size: int, flags: int, old: int | None = None) -> Effect:
    """Returns what allocates memory, where arguments of these numbers have the size, the flags and NULL."""

    def allocate(state: State, result: z3.BitVecRef, args: tuple[z3.BitVecRef, ...]) -> list[State]:
        """Returns NULL, or bytes of its own, which are part of the answer; if the size is 0, anything."""
        if old is not None and (not z3.is_bv_value(args[old]) or args[old].as_long()):
            raise Unknown(f"an allocation in place of {args[old]}")
        if state.gives:
            new = state.memory.world.declare(state.memory.world.any("memory"), "bytes")
            new.size = args[size]
            state.facts.append(new.pointer != 0)
            state.own(new)
            state.set("rax", new.pointer)
            return [state]
        if not z3.is_bv_value(args[size]) or args[size].as_long() not in (0, BYTES_SIZE):
            raise Unknown(f"an allocation of {args[size]} bytes")
        if not args[size].as_long():
            return [state]
        number = sum(event.name == "kmalloc" for event in state.events)
        memory = z3.BitVec(f"kmalloc#{number}", 64)
        state.events.append(Event("kmalloc", (args[size], args[flags]), memory))
        failed, made = state.copy(), state
        failed.path.append(memory == 0)
        failed.set("rax", z3.BitVecVal(0, 64))
        made.path.append(memory != 0)
        made.set("rax", memory)
        new = state.memory.world.declare(memory, "bytes")
        made.own(new)
        made.outputs = (*made.outputs, new)
        return [failed, made]

    return allocate


# What stands for the addresses of functions that fields point to.
POINTED = {("xattr_handler", "get"): 0xDEAD000000001000}
# A tracepoint of the module that is assumed to be off.
OFF = "__tracepoint_exec"
TRACED = (0, 64, 64, 64, 32, 32)
FUNCTIONS = {
    "make_kuid": Summary((64, 32), 32, None, "reads the map of user IDs, which is written once", pure=True),
    "ns_capable": Summary((64, 32), 1, None, "asks all LSMs; the same question gets the same answer"),
    "has_ns_capability": Summary((64, 64, 32), 1, None, "asks all LSMs about another task, as ns_capable() does"),
    "capable": Summary((32,), 1, None, "is ns_capable() of the initial user namespace", "ns_capable",
                       about=lambda state: state.memory.world.initial.pointer),
    "capable_wrt_inode_uidgid": Summary((64, 64, 32), 1, None, "asks all LSMs; the same question gets the same answer"),
    "__vfs_getxattr": Summary((64, 64, TEXT, 0, 64), 64, getxattr, "asks the file system; it may answer anything"),
    "vfs_getxattr_alloc": Summary((64, 64, TEXT), 64, getxattr_alloc,
                                  "reads twice as __vfs_getxattr() does; anyone may read security.*", pure=True),
    "__vfs_removexattr": Summary((64, 64, TEXT), 32, None, "asks the file system; it may answer anything"),
    "from_kuid": Summary((64, 32), 32, unmapped, "reads the map of user IDs, which is written once", pure=True),
    "make_vfsuid": Summary((64, 64, 32), 32, None, "reads maps of user IDs, which are written once", pure=True),
    "from_vfsuid": Summary((64, 64, 32), 32, None, "reads maps of user IDs, which are written once", pure=True),
    "d_find_any_alias": Summary((64,), 64, alias, "its documentation: NULL, or an entry of the inode"),
    "dput": Summary((64,), 64, None, "drops a reference"),
    "xattr_resolve_name": Summary((64,), 64, resolved, "searches the handlers of the super block", pure=True,
                                  about=lambda state: text(state, state.load(state.get("rsi"), 8))),
    "xattr_handler.get": Summary((64, 64, 64, 64, 0, 64), 32, got, "asks the file system; it may answer anything"),
    "kfree": Summary((64,), 64, kfree, "frees", pure=True),
    "memset": Summary((64, 8, 64), 64, memset, "writes bytes", pure=True),
    "krealloc_node_align_noprof": Summary((64, 64, 0, 32), 64, allocates(1, 2, 0), "the same, if passed NULL",
                                          pure=True),
    "__kmalloc_cache_noprof": Summary((0, 32, 64), 64, allocates(1, 0), "its documentation: NULL or memory", pure=True),
    "rust_helper_krealloc_node_align": Summary((64, 64, 0, 32), 64, allocates(1, 2, 0), "the same, if passed NULL",
                                               pure=True),
    "memcpy": Summary((64, 64, 64), 64, memcpy, "copies bytes", pure=True),
    "strlen": Summary((64,), 64, strlen, "only reads the string", pure=True),
    "strncmp": Summary((64, 64, 64), 32, strncmp, "only reads the strings", pure=True),
    "strcmp": Summary((64, 64), 32, strncmp, "only reads the strings", pure=True),
    "strnlen": Summary((64, 64), 64, None, "only reads the string, which is then logged", pure=True),
    "_printk": Summary(None, 32, None, "logs"),
    "6kernel5print11call_printk": Summary(None, 64, None, "logs"),
    "7Effects10warn_mixed": Summary(None, 64, None, "logs"),
    "mnt_may_suid": Summary((64,), 1, None, "reads the flags of a mount", pure=True),
    "current_in_userns": Summary((64,), 1, None, "only reads namespaces; is proved to answer what the next one does",
                                 "in_userns", True, about=lambda state: state.memory.world.current_user_ns()),
    "9exec_call8descends": Summary((64, 64), 1, None, "the same, of the namespace of the task", "in_userns", True),
    "in_group_p": Summary((32,), 32, None, "reads the groups of the task, which only it changes", pure=True),
    "ptracer_capable": Summary((64, 64), 1, None, "asks all LSMs about the tracer, as ns_capable() does"),
    "__audit_log_bprm_fcaps": Summary((64, 64, 64), 32, audited, "keeps credentials for a record; it may fail"),
    "__rcu_read_lock": Summary((), 64, None, "keeps the credentials of another task from being freed"),
    "__rcu_read_unlock": Summary((), 64, None, "ends what __rcu_read_lock() began"),
    "prepare_creds": Summary((), 64, prepare_creds, "its documentation: NULL, or a new copy of the task's credentials"),
    "commit_creds": Summary((64,), 64, commit_creds, "its documentation: always returns 0"),
    "abort_creds": Summary((64,), 64, None, "drops what prepare_creds() returned"),
    "__traceiter_cap_capable": Summary(TRACED, 64, None, "calls each probe; ignores its first argument"),
    "__SCT__tp_func_cap_capable": Summary(TRACED, 64, None, "jumps there, or to the only probe",
                                          "__traceiter_cap_capable"),
    "rust_commoncap_count": Summary(None, 64, None, "counts, for debugfs"),
    "5hooks5trace7capable": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "5hooks5trace10task_prctl": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "5hooks5trace6capset": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "5hooks5trace6setuid": Summary(None, 64, None, "the module's own tracepoint, which only reads"),
    "debug_lockdep_rcu_enabled": Summary(None, 32, None, "whether lockdep would warn; its answer may be any"),
    "rcu_is_watching": Summary(None, 1, None, "true wherever the kernel calls the functions"),
    "rcu_lockdep_current_cpu_online": Summary(None, 1, None, "true, since the processor that runs is online"),
    "__srcu_check_read_flavor": Summary(None, 64, None, "warns of readers of another kind"),
    "lock_acquire": Summary(None, 64, None, "for lockdep, which only warns"),
    "lock_release": Summary(None, 64, None, "for lockdep, which only warns"),
    "lock_is_held_type": Summary(None, 1, None, "true of RCU, which the functions take before they read"),
    "preempt_schedule": Summary(None, 64, None, "lets other tasks run"),
    "__SCT__preempt_schedule_notrace": Summary(None, 64, None, "lets other tasks run"),
    "preempt_schedule_notrace": Summary(None, 64, None, "lets other tasks run"),
}


def of_tracepoint(state: State, path: str) -> int:
    """Returns where a field of the tracepoint `cap_capable` is."""
    field = state.memory.world.layouts.field("tracepoint", path)
    return state.memory.image.symbols["__tracepoint_cap_capable"] + field.offset


def traced(state: State) -> z3.BitVecRef:
    """Returns how often that tracepoint has been switched on."""
    return state.memory.load(None, of_tracepoint(state, "key.key.enabled.counter"), 4)


def assume(state: State) -> None:
    """Assumes what is so of global data whenever the functions are called."""
    image, memory = state.memory.image, state.memory
    # A tracepoint keeps its iterator.
    iterator = z3.BitVecVal(image.symbols["__traceiter_cap_capable"], 64)
    memory.preset(None, of_tracepoint(state, "iterator"), iterator)
    if image.module:
        # The module has found the tracepoint by its name, as it does before it enforces.
        found = image.find("rust_commoncap_tracepoint")
        memory.preset(None, found, z3.BitVecVal(of_tracepoint(state, "name"), 64))
        # The module's own tracepoint of execve() is off: with it on, the module also lists what is lost.
        counter = memory.world.layouts.field("tracepoint", "key.key.enabled.counter").offset
        memory.preset(None, image.module[OFF] + counter, z3.BitVecVal(0, 32))
    # The processor that runs is online.
    memory.world.filled.add(image.symbols["__cpu_online_mask"])
    # No tracepoint is being switched on or off, and one that is on has a probe.
    probes = memory.load(None, of_tracepoint(state, "funcs"), 8)
    state.facts += [traced(state) >= 0, z3.Implies(traced(state) > 0, probes != 0)]


def passed(state: State, bits: int, register: str) -> z3.BitVecRef:
    """Returns an argument of a call."""
    value = state.get(register)
    if bits == TEXT:
        return text(state, value)
    return z3.simplify(z3.Extract(bits - 1, 0, value))


def call(state: State, name: str) -> list[State]:
    """Does what a function does that is not executed, and returns from it."""
    summary, world = FUNCTIONS[name], state.memory.world
    result = world.any(name)
    args: tuple[z3.BitVecRef, ...] = ()
    if summary.arguments is not None:
        event = summary.event or name
        args = tuple(passed(state, bits, register)
                     for bits, register in zip(summary.arguments, ARGUMENTS, strict=False) if bits)
        if summary.about:
            args = (summary.about(state), *args)
        # The same call gets the same answer on both sides.
        called = event if summary.pure else f"{event}#{sum(each.name == event for each in state.events)}"
        sorts = [*(arg.sort() for arg in args), z3.BitVecSort(summary.returns)]
        answer = z3.Function(called, *sorts)(*args) if args else z3.BitVec(called, summary.returns)
        if not summary.pure:
            state.events.append(Event(event, args, answer))
        result = insert(result, 0, z3.ZeroExt(7, answer) if summary.returns == 1 else answer)
    elif summary.returns == 1:
        result = insert(result, 0, z3.BitVecVal(1, 8))
    state.passed = {register: state.get(register) for register in ARGUMENTS}
    for register in (*SCRATCH, *FLAGS):
        state.set(register, world.any(register))
    state.set("rax", result)
    after = summary.effect(state, result, args) if summary.effect else [state]
    for each in after:
        address = each.memory.load(None, each.sp, 8)
        if not z3.is_bv_value(address):
            raise Unknown(f"a return address of {name} that depends on the input")
        each.set("rsp", z3.BitVecVal(each.sp + 8, 64))
        each.pc = address.as_long()
    return after
