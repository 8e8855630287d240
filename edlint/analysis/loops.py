"""Loops of a function: which blocks run again and again, and what decides how often."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edlint.analysis.components import components_of
from edlint.model.ir import Address, Assign, Binary, Body, Branch, Cast, Invoke, Number, Place, SizeOf, Value, walk

MAX_WALKED = 1_000_000
"""Blocks that are walked for the loops of one function; the loops that are left have the blocks that stand in them."""


@dataclass(frozen=True, slots=True)
class Loop:
    """One loop that has a condition."""

    branch: Branch
    blocks: frozenset[int]
    """The blocks of its body, that of the condition among them."""


def loops_of(body: Body) -> tuple[Loop, ...]:
    """The loops in the order of the text; those without any condition (`for (;;)`) are left out."""
    heads = [i for i, block in enumerate(body.blocks) if isinstance(block.end, Branch) and block.end.loop]
    if not heads:
        return ()
    following = [block.successors for block in body.blocks]
    before: list[list[int]] = [[] for _ in following]
    for index, others in enumerate(following):
        for other in others:
            before[other].append(index)
    cycle: dict[int, frozenset[int]] = {}
    for component in components_of(range(len(following)), following.__getitem__):
        cycle.update(dict.fromkeys(component, frozenset(component)))
    found, walked = [], 0
    for index in heads:
        end = body.blocks[index].end
        assert isinstance(end, Branch)
        if walked > MAX_WALKED:
            found.append(Loop(end, _between(index, end, before[index])))
            continue
        # What leads from the branch back to it is all in one cycle with it.
        ahead = _closure([end.yes], index, following, cycle[index])
        behind = _closure(before[index], index, before, ahead)
        walked += len(ahead)
        found.append(Loop(end, frozenset(behind) | {index}))
    return tuple(found)


def _between(index: int, end: Branch, before: Sequence[int]) -> frozenset[int]:
    """The blocks of a loop by their place in the text alone."""
    places = (index, end.yes, *(b for b in before if b > index))
    return frozenset(range(min(places), max(places) + 1))


def _closure(start: Iterable[int], stop: int, step: Sequence[Sequence[int]], inside: Container[int]) -> set[int]:
    """All that `step` leads to from `start` by blocks that are `inside`, without going through `stop`."""
    seen: set[int] = set()
    pending = list(start)
    while pending:
        at = pending.pop()
        if at not in seen and at != stop and at in inside:
            seen.add(at)
            pending.extend(step[at])
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
