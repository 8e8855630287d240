"""What a number cannot be when there is a block of so many bytes, or a range of them outside the enclave."""

from __future__ import annotations

from edlint.analysis.taint.state import Bound
from edlint.analysis.taint.symbols import Linear
from edlint.model.layout import MAX_SIZE

MOST_OUTSIDE = (1 << 64) - (1 << 20)
"""Bytes that a range beside the enclave can have: it does not wrap, and the enclave itself takes some."""


def of_block(size: Linear | None, *, multiplied: bool = False) -> tuple[Bound, ...]:
    """What follows from a block of that size; `multiplied` by an allocator that looks whether the product wraps.

    A sum that the caller computed may have wrapped before the allocator saw it, so it says nothing.
    """
    if size is None or len(size.vector) != 1 or size.constant > 0:
        return ()
    ((symbol, weight),) = size.vector
    if weight < 1 or (weight > 1 and not multiplied):
        return ()
    return (Bound(((symbol, 1),), (MAX_SIZE - size.constant) // weight),)


def of_range(size: Linear | None) -> tuple[Bound, ...]:
    """What follows from a range of that size outside the enclave."""
    if size is None or size.symbol is None:
        return ()
    return (Bound(size.vector, MOST_OUTSIDE),)
