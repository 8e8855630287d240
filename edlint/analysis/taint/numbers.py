"""What is known of linear terms: upper bounds, intervals read from them, and proofs by them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from edlint.analysis.taint.symbols import Linear, Symbol, Vector, add, scale

Bounds = Mapping[Vector, int]
"""By vector: a number that its sum never exceeds."""

Range = tuple[int | None, int | None]
"""Least and greatest value; None for no bound."""

Ranges = Callable[[Symbol], Range]
"""What the type of a symbol says of its range."""

MAX_FACTS = 24
"""Facts tried in one proof."""

SOME_LIMIT = 1 << 30
"""An upper bound from which on nobody set it: it is what an `int` holds, less what a loop takes off."""


def greatest(term: Linear, bounds: Bounds, ranges: Ranges) -> int | None:
    """An upper bound of a term by the intervals of its symbols, or None."""
    vector, constant = term
    direct = bounds.get(vector)
    alone = len(vector) == 1
    total = constant
    for symbol, weight in vector:
        # The one end of its interval that counts here.
        sign = 1 if weight > 0 else -1
        upper = direct if alone and weight == sign else bounds.get(((symbol, sign),))
        low, high = ranges(symbol)
        end = high if sign > 0 else None if low is None else -low
        if end is None or (upper is not None and upper < end):
            end = upper
        if end is None:
            return None if direct is None else direct + constant
        total += weight * sign * end
    return total if direct is None or total < direct + constant else direct + constant


def most(term: Linear, bounds: Bounds, ranges: Ranges) -> int | None:
    """An upper bound of a term by the intervals of its symbols and at most one fact, or None."""
    ends = [greatest(term, bounds, ranges)]
    weights = dict(term.vector)
    for vector, upper in _related(weights, bounds) if len(term.vector) > 1 else ():
        factor = _factor(weights, vector)
        if factor > 0:
            rest = add(term, Linear(vector, -upper), -factor)
            if len(rest.vector) <= len(term.vector) + 1:
                ends.append(greatest(rest, bounds, ranges))
    return min((end for end in ends if end is not None), default=None)


def at_most_zero(term: Linear, bounds: Bounds, ranges: Ranges, depth: int = 2) -> bool:
    """Whether term <= 0 follows from the bounds: by intervals, by one fact, or by two."""
    top = greatest(term, bounds, ranges)
    if top is not None and top <= 0:
        return True
    if depth == 0 or not term.vector:
        return _is_known(term, bounds, ranges)
    term = _slack(term)
    weights = dict(term.vector)
    for vector, upper in _related(weights, bounds):
        factor = _factor(weights, vector)
        if factor > 0:
            rest = add(add(term, Linear(vector), -factor), Linear((), factor * upper))
            if len(rest.vector) <= len(term.vector) + 1 and at_most_zero(rest, bounds, ranges, depth - 1):
                return True
    return False


def _is_known(term: Linear, bounds: Bounds, ranges: Ranges) -> bool:
    """Whether term <= 0 is one fact about two of its symbols, and what the intervals of the others say."""
    for pair in itertools.combinations(term.vector, 2) if len(term.vector) > 2 else ():
        upper = bounds.get(pair)
        if upper is not None:
            rest = greatest(add(term, Linear(pair, -upper), -1), bounds, ranges)
            if rest is not None and rest <= 0:
                return True
    return False


def _slack(term: Linear) -> Linear:
    """A term that is at most zero just when the given one is: `8 * n - 8 * m <= 7` says no more than `n <= m`."""
    size = math.gcd(*(weight for _, weight in term.vector))
    most = -term.constant // size * size
    return Linear(term.vector, 1 - size - most)


def _related(weights: Mapping[Symbol, int], bounds: Bounds) -> Iterator[tuple[Vector, int]]:
    tried = 0
    for vector, upper in bounds.items():
        if len(vector) > 1:
            for symbol, _ in vector:
                if symbol in weights:
                    yield vector, upper
                    tried += 1
                    if tried >= MAX_FACTS:
                        return
                    break


def _factor(weights: Mapping[Symbol, int], vector: Vector) -> int:
    for symbol, weight in vector:
        wanted = weights.get(symbol, 0)
        if wanted and wanted * weight > 0 and wanted % weight == 0:
            return wanted // weight
    return 0


def at_most(left: Linear, right: Linear, bounds: Bounds, ranges: Ranges) -> bool:
    """Whether left <= right follows."""
    return at_most_zero(add(left, right, -1), bounds, ranges)


def normal(term: Linear) -> tuple[Vector, int]:
    """`term <= 0` as a vector and its upper bound, divided by a common factor."""
    if len(term.vector) == 1:
        symbol, weight = term.vector[0]
        size = abs(weight)
        if size > 1:
            return ((symbol, weight // size),), (-term.constant) // size
    return term.vector, -term.constant


def tighten(known: dict[Vector, int], more: Iterable[tuple[Vector, int]]) -> None:
    """Add bounds to known ones: of two for one sum the lower one holds."""
    for vector, upper in more:
        if upper <= known.get(vector, upper):
            known[vector] = upper


def relevant(symbols: frozenset[Symbol], bounds: Bounds, limit: int = 16) -> tuple[tuple[Vector, int], ...]:
    """The facts about these symbols, and about what those facts relate them to."""
    if not symbols or not bounds:
        return ()
    found: dict[Vector, int] = {}
    wider = set(symbols)
    for vector, upper in bounds.items():
        for symbol, _ in vector:
            if symbol in symbols:
                found[vector] = upper
                if len(vector) > 1:
                    wider.update([s for s, _ in vector])
                break
    fresh = wider - symbols
    if not fresh or len(found) >= limit:
        return tuple(found.items())[:limit]
    # What was derived on the way is related to what it derives from, and a bound of a loop to what bounds it.
    for vector, upper in bounds.items():
        for symbol, _ in vector:
            if symbol in fresh and (len(vector) > 1 or symbol.is_opaque):
                if vector not in found:
                    found[vector] = upper
                    wider.update([s for s, _ in vector])
                break
    if len(found) < limit:
        for vector, upper in bounds.items():
            if vector not in found and wider.issuperset([s for s, _ in vector]):
                found[vector] = upper
    return tuple(found.items())[:limit]


__all__ = [
    "Bounds",
    "Range",
    "Ranges",
    "at_most",
    "at_most_zero",
    "greatest",
    "normal",
    "relevant",
    "scale",
]
