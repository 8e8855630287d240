"""Whether an operation always runs before another, seen from the shape of a body alone."""

from __future__ import annotations

from edlint.model.ir import Body


def always_passes(body: Body, through: int, target: int) -> bool:
    """Whether every way from the entry to block `target` goes through block `through`."""
    if through == target:
        return True
    seen, work = {through}, [0]
    while work:
        block = work.pop()
        if block in seen:
            continue
        if block == target:
            return False
        seen.add(block)
        work.extend(body.blocks[block].successors)
    return True


def reachable(body: Body, start: int) -> frozenset[int]:
    """The blocks that may run after block `start`; itself only when it lies in a loop."""
    seen: set[int] = set()
    work = list(body.blocks[start].successors)
    while work:
        block = work.pop()
        if block not in seen:
            seen.add(block)
            work.extend(body.blocks[block].successors)
    return frozenset(seen)
