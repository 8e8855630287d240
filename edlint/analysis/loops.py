"""Loops of a function: which blocks run again and again, and what decides how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from edlint.model.ir import Address, Assign, Binary, Body, Branch, Cast, Invoke, Number, Place, SizeOf, Value, walk


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop that has a condition."""

    branch: Branch
    blocks: frozenset[int]
    """The blocks of its body, that of the condition among them."""


def loops_of(body: Body) -> tuple[Loop, ...]:
    """The loops in the order of the text; those without any condition (`for (;;)`) are left out."""
    before: dict[int, list[int]] = {}
    for index, block in enumerate(body.blocks):
        for following in block.successors:
            before.setdefault(following, []).append(index)
    found = []
    for index, block in enumerate(body.blocks):
        if isinstance(block.end, Branch) and block.end.loop:
            ahead = _closure([block.end.yes], index, lambda n: body.blocks[n].successors)
            behind = _closure(before.get(index, []), index, lambda n: before.get(n, ()))
            found.append(Loop(block.end, frozenset(ahead & behind) | {index}))
    return tuple(found)


def _closure(start: Iterable[int], stop: int, step: Callable[[int], Iterable[int]]) -> set[int]:
    """All that `step` leads to from `start`, without going through `stop`."""
    seen: set[int] = set()
    pending = list(start)
    while pending:
        at = pending.pop()
        if at not in seen and at != stop:
            seen.add(at)
            pending.extend(step(at))
    return seen


def invokes_in(body: Body, loop: Loop) -> Iterator[Invoke]:
    """The calls that a loop repeats, in the order of the text."""
    for index in sorted(loop.blocks):
        for op in body.blocks[index].ops:
            if isinstance(op, Invoke):
                yield op


def is_counted(body: Body, loop: Loop) -> bool:
    """Whether the code itself says how often the loop runs: a counter between constants."""
    return all(_is_counter(body, part.root) for part in walk(loop.branch.condition) if isinstance(part, Place))


def _is_counter(body: Body, root: str) -> bool:
    """Whether a variable only ever gets constants and constant steps."""
    variable = body.variables.get(root)
    assigned = [op for op in body.ops() if isinstance(op, Assign) and op.target.root == root]
    if variable is None:
        # An unknown name in capitals is a constant of a header that was not given.
        return root.isupper()
    for invoke in body.invokes():
        if invoke.target is not None and invoke.target.root == root:
            return False
        if any(isinstance(part, Address) and part.place.root == root for a in invoke.args for part in walk(a)):
            return False
    return bool(assigned) and all(_is_step(op.value, root) for op in assigned)


def _is_step(value: Value, root: str) -> bool:
    match value:
        case Number() | SizeOf():
            return True
        case Cast(operand=operand):
            return _is_step(operand, root)
        case Place():
            return value.root == root and not value.steps
        case Binary(left=left, right=right):
            return _is_step(left, root) and _is_step(right, root)
    return False
