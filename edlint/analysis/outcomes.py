"""What becomes of the value that a call gives back: tested, kept, dropped, or stored and never looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edlint.model.ir import (
    Address,
    Assign,
    Binary,
    Body,
    Branch,
    Cast,
    Declare,
    Evaluate,
    Invoke,
    Op,
    Place,
    Return,
    Scope,
    Value,
    walk,
)

COMPARED = frozenset(("==", "!=", "<", "<=", ">", ">="))


class Fate(StrEnum):
    """What becomes of a result."""

    READ = "read"
    DROPPED = "dropped"
    UNREAD = "stored and never read"
    OVERWRITTEN = "overwritten before it is read"
    VOIDED = "dropped on purpose"


@dataclass(frozen=True, slots=True)
class At:
    """A place in a body: operation `op` of block `block`; `op` may be the length of the block, for its end."""

    block: int
    op: int


def invokes_with_place(body: Body) -> Iterator[tuple[At, Invoke]]:
    """All calls with where they are, in the order of the text."""
    for number, block in enumerate(body.blocks):
        for index, op in enumerate(block.ops):
            if isinstance(op, Invoke):
                yield At(number, index), op


def plain(value: Value) -> Value:
    """The value without casts around it."""
    while isinstance(value, Cast):
        value = value.operand
    return value


def variable_of(value: Value | None) -> str | None:
    """The variable that a pointer argument lets the callee write: `x` of `&x` and of an array `x`."""
    match plain(value) if value is not None else None:
        case Address(place=Place(root=root, steps=())) | Place(root=root, steps=()):
            return root
        case _:
            return None


def values_of(op: Op) -> Iterator[Value]:
    """The values that an operation reads, the subscripts of its target among them."""
    match op:
        case Assign(target=target, value=value):
            yield value
            yield from (v for v in walk(target) if v is not target)
        case Invoke():
            yield from op.args
            if op.receiver is not None:
                yield op.receiver
            if op.callee is not None:
                yield op.callee
            if op.target is not None:
                yield from (v for v in walk(op.target) if v is not op.target)
        case Evaluate(value=value):
            yield value
        case Declare(extents=extents):
            yield from extents


def mentions(value: Value, key: str) -> bool:
    """Whether a value reads the variable or takes its address."""
    return any(isinstance(v, Place) and v.root == key for v in walk(value))


def fate(body: Body, at: At) -> Fate:
    """What becomes of the result of the call at `at`."""
    op = body.blocks[at.block].ops[at.op]
    if not isinstance(op, Invoke):
        raise TypeError("no call stands there")
    if op.target is None:
        return Fate.VOIDED if op.discarded else Fate.DROPPED
    return _fate_of(body, At(at.block, at.op + 1), op.target, depth=8)


def kept_in(body: Body, at: At) -> str:
    """The variable that ends up with the result of the call at `at`; empty when none does."""
    ops = body.blocks[at.block].ops
    op = ops[at.op]
    if not isinstance(op, Invoke) or op.target is None or not op.target.is_variable:
        return ""
    key = op.target.root
    for later in ops[at.op + 1 : at.op + 4]:
        match later:
            case Assign(target=target, value=value, compound=False) if target.is_variable:
                source = plain(value)
                if isinstance(source, Place) and source.is_variable and source.root == key:
                    return target.root
    return key


def _fate_of(body: Body, start: At, target: Place, depth: int) -> Fate:
    """What becomes of what was just stored in `target`."""
    variable = body.variables.get(target.root)
    if not target.is_variable or variable is None or variable.type.reference or variable.type.is_pointer:
        return Fate.READ
    if variable.scope not in (Scope.LOCAL, Scope.TEMP, Scope.PARAM) or depth == 0:
        return Fate.READ
    key, read, killed = target.root, False, False
    for op, place in reach(body, start, key):
        if op is None or isinstance(op, Branch | Return):
            read = True
            break
        if not isinstance(op, Assign | Invoke | Evaluate | Declare):
            continue
        if isinstance(op, Evaluate) and isinstance(op.value, Binary) and op.value.op in COMPARED:
            # `status != call();` compares, and nobody looks at the answer.
            continue
        values = tuple(values_of(op))
        if any(mentions(v, key) for v in values):
            copied = _copy(op, key)
            if copied is None or _fate_of(body, At(place.block, place.op + 1), copied, depth - 1) is Fate.READ:
                read = True
                break
        killed = killed or _kills(op, key)
    if read:
        return Fate.READ
    return Fate.OVERWRITTEN if killed else Fate.UNREAD


def _copy(op: Op, key: str) -> Place | None:
    """Where an operation stores the plain value of a variable, or None when it does something else with it."""
    if isinstance(op, Assign) and not op.compound:
        value = plain(op.value)
        if isinstance(value, Place) and value.is_variable and value.root == key:
            return op.target
    return None


def _kills(op: Op, key: str) -> bool:
    match op:
        case Assign(target=target) | Invoke(target=Place() as target):
            return target.root == key and target.is_variable
        case Declare(variable=variable):
            return variable == key
        case _:
            return False


def reach(body: Body, start: At, key: str) -> Iterator[tuple[Op | Branch | Return | None, At]]:
    """Operations and ends that see the value of a variable after `start`, up to where it gets another.

    Only those that mention the variable are given, as far as ends go; each block is entered once.
    """
    seen: set[int] = set()
    work = [start]
    while work:
        at = work.pop()
        block = body.blocks[at.block]
        alive = True
        for index in range(at.op, len(block.ops)):
            op = block.ops[index]
            yield op, At(at.block, index)
            if _kills(op, key):
                alive = False
                break
        if not alive:
            continue
        match block.end:
            case Branch(condition=condition) if mentions(condition, key):
                yield block.end, At(at.block, len(block.ops))
            case Return(value=value) if value is not None and mentions(value, key):
                yield block.end, At(at.block, len(block.ops))
        for successor in block.successors:
            if successor not in seen:
                seen.add(successor)
                work.append(At(successor, 0))


def is_set_before(body: Body, at: At, key: str) -> bool:
    """Whether some operation before `at`, on some path, may give the variable a value.

    Blocks are in the order of the text, so a block of a lower number counts as before.
    """
    for number, block in enumerate(body.blocks[: at.block + 1]):
        ops = block.ops[: at.op] if number == at.block else block.ops
        for op in ops:
            if isinstance(op, Assign) and op.target.root == key:
                return True
            if isinstance(op, Invoke):
                if op.target is not None and op.target.root == key:
                    return True
                if any(isinstance(v, Address) and v.place.root == key for a in op.args for v in walk(a)):
                    return True
                variable = body.variables.get(key)
                array = variable is not None and variable.type.is_array
                if array and any(variable_of(a) == key for a in op.args):
                    return True
    return False


def is_retried(body: Body, at: At, key: str) -> bool:
    """Whether the call at `at` stands in a loop that goes on for as long as the variable keeps its value.

    What let control into the loop lets it in again when the call has not run.
    """
    for op, place in reach(body, At(at.block, at.op + 1), key):
        if isinstance(op, Branch) and op.loop and place.block <= at.block:
            return True
    return False


def is_read_after(body: Body, at: At, key: str) -> bool:
    """Whether the variable, or something behind it, is looked at after the operation at `at` on some path."""
    for op, place in reach(body, At(at.block, at.op + 1), key):
        if op is None or isinstance(op, Branch | Return):
            return True
        if place != at and any(mentions(v, key) for v in values_of(op)):
            return True
    return False


def is_followed_after(body: Body, at: At, key: str) -> bool:
    """Whether something behind the pointer is read after the operation at `at` on some path."""
    for op, place in reach(body, At(at.block, at.op + 1), key):
        values = (op.condition,) if isinstance(op, Branch) else (op.value,) if isinstance(op, Return) else ()
        read = values_of(op) if not isinstance(op, Branch | Return) and op is not None and place != at else values
        parts = (part for v in read if v is not None for part in walk(v))
        if any(isinstance(part, Place) and part.root == key and part.steps for part in parts):
            return True
    return False
