"""The order of the blocks of a body."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate

from edlint.model.ir import Body, Branch, Place, Return, Terminator, walk

MANY = 16
"""Ways back to the head of a loop from which on it waits for all of them."""


def reverse_post_order(body: Body) -> dict[int, int]:
    """Position of each reachable block in reverse post-order, the body of a loop before what follows it."""
    seen = {0}
    stack: list[tuple[int, int]] = [(0, 0)]
    finished: list[int] = []
    while stack:
        block, at = stack.pop()
        successors = body.blocks[block].successors[::-1]
        if at < len(successors):
            stack.append((block, at + 1))
            if successors[at] not in seen:
                seen.add(successors[at])
                stack.append((successors[at], 0))
        else:
            finished.append(block)
    finished.reverse()
    return {block: position for position, block in enumerate(finished)}


def nesting(body: Body, order: Mapping[int, int]) -> tuple[dict[int, int], frozenset[int]]:
    """In how many loops each block lies, and the heads of loops that hold another loop."""
    ends: dict[int, int] = {}
    for block, position in order.items():
        for successor in body.blocks[block].successors:
            head = order.get(successor, 0)
            if head <= position:
                ends[head] = max(ends.get(head, 0), position)
    heads = sorted(ends)
    covers = _covering(len(order), ends.items())
    depths = {b: covers[at] for b, at in order.items()}
    outer = {b for b, at in order.items() if at in ends and bisect_right(heads, ends[at]) > bisect_right(heads, at)}
    return depths, frozenset(outer)


def turns(body: Body, order: Mapping[int, int]) -> dict[int, tuple[int, bool]]:
    """By block: its place among those that wait for a visit.

    That is its position, but for the head of a loop that many ways lead back to, as one around a switch of hundreds of
    cases: it waits until they have all been gone, since all that arrives is joined each time.
    """
    back: dict[int, list[int]] = {}
    for block, position in order.items():
        for successor in set(body.blocks[block].successors):
            if order.get(successor, 0) <= position:
                back.setdefault(successor, []).append(position)
    return {
        block: (max(back[block]), True) if len(back.get(block, ())) > MANY else (position, False)
        for block, position in order.items()
    }


def in_loops(body: Body, order: Mapping[int, int]) -> frozenset[int]:
    """Blocks between the head of a loop and a jump back to it, in reverse post-order."""
    by_position = sorted(order, key=lambda b: order[b])
    back = [
        (order[successor], order[block])
        for block in by_position
        for successor in body.blocks[block].successors
        if order.get(successor, 0) <= order[block]
    ]
    covers = _covering(len(order), back)
    return frozenset(b for b, count in zip(by_position, covers, strict=True) if count)


def _covering(size: int, ranges: Iterable[tuple[int, int]]) -> list[int]:
    """How many of the ranges, first and last position, each position lies in."""
    steps = [0] * (size + 1)
    for first, last in ranges:
        steps[first] += 1
        steps[last + 1] -= 1
    return list(accumulate(steps[:size]))


def roots_of(end: Terminator) -> set[str]:
    """The variables that the end of a block reads."""
    match end:
        case Branch(condition=value) | Return(value=value) if value is not None:
            return {v.root for v in walk(value) if isinstance(v, Place)}
        case _:
            return set()
