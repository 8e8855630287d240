"""How much calls tell of what their callees do, for a whole program.

What a summary keeps is told at every call of the function, and again at the calls of its callers. Thousands of small
functions that call each other would tell a hundred times more than they do themselves, where real ones tell a few
things each, and functions of some length more.
"""

from __future__ import annotations

from collections.abc import Iterable

from edlint.model.unit import Function

MAX_TOLD = 12_000
"""Events that the calls of a program of small functions tell, and half as many writes: an enclave of 40 of them comes
to 3,400 events."""

PER_OPERATION = 48
"""How many more those of longer functions tell, for each operation behind the first ones: large enclaves come to a
tenth of it."""

SMALL = 8
"""Operations of a function from which on it is a longer one."""

LONG = 256
"""Operations of a function that count: one that does nothing but call thousands of others is no reason for more."""

FEW = 4
"""Those that a call tells when that is used up, until half as many more were told; then it tells none."""


def most_told(functions: Iterable[Function]) -> int:
    """How much the calls of some functions tell before they tell few."""
    sizes = (sum(len(block.ops) for block in f.body.blocks) for f in functions)
    return MAX_TOLD + PER_OPERATION * sum(max(min(size, LONG) - SMALL, 0) for size in sizes)


class Told:
    """Counts what calls tell."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._last = -(most // 2)

    def take(self, count: int) -> int:
        """How many of so many events or writes a call tells, the first ones."""
        if self._left <= 0:
            count = min(count, FEW) if self._left > self._last else 0
        self._left -= count
        return count


class Share:
    """What the calls of one pass over a program tell."""

    def __init__(self, most: int) -> None:
        self.events = Told(most)
        self.writes = Told(most - MAX_TOLD // 2)
