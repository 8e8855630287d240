"""Products of two numbers: in how many bits they fit, what limits them, and which of two is the larger one."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import greatest, most, normal
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import Linear, Symbol, add, atom, fits, scale
from edlint.analysis.taint.values import Target, Value
from edlint.analysis.taint.widths import WIDE

SHORT = "short"
"""Name of the symbols for products that may have wrapped when something of their size was allocated."""

MOST = 24
"""Products of one function that are compared."""


def multiplied(frame: Frame, state: State, left: Linear, right: Linear, bits: int) -> Symbol:
    """The symbol of a product that is computed in so many bits, negative for a signed type and 0 for an unknown one.

    One that may be too large for an unsigned type is another number than the same product in a wider type.
    """
    factors = (left, right) if left <= right else (right, left)
    narrow = bits if 0 < bits < WIDE else 0
    wraps = _too_large(frame, state, *factors, narrow)
    symbol = frame.opaque("op", "*", *factors, narrow) if wraps else frame.opaque("op", "*", *factors)
    if not wraps and narrow:
        # What was too large before its factors were compared with anything is the same number now.
        other = frame.opaque("op", "*", *factors, narrow)
        if other in frame.products:
            _equal(state, symbol, other)
    if len(frame.products) < MOST:
        frame.products[symbol] = (*factors, narrow if wraps else 0)
    _limit(frame, state, symbol, *factors, narrow if wraps else 0)
    _relate(frame, state, symbol, *factors)
    return symbol


def limit_products(frame: Frame, state: State) -> None:
    """After a comparison: a product is limited as soon as both factors are."""
    for symbol, (left, right, bits) in frame.products.items():
        if ((symbol, -1),) in state.bounds:
            _limit(frame, state, symbol, left, right, bits)


def comparable(frame: Frame, state: State, held: set[Symbol]) -> set[Symbol]:
    """Products that others of the same factors may still be compared with."""
    return {
        symbol
        for symbol, (left, right, _) in frame.products.items()
        if ((symbol, -1),) in state.bounds
        and all(s in held or not s.is_opaque for term in (left, right) for s in term.symbols)
    }


def as_allocated(frame: Frame, state: State, target: Target) -> Target:
    """An allocated block whose size is a product that may have wrapped, under another name than the product."""
    symbol = target.extent.symbols[0] if target.extent is not None and len(target.extent.vector) == 1 else None
    known = frame.products.get(symbol) if symbol is not None and target.location.kind == "heap" else None
    if known is None or symbol is None or target.extent is None or not _too_large(frame, state, *known):
        return target
    short = frame.opaque("op", SHORT, symbol)
    frame.remember(short, Value(None, frame.origin(symbol)[0]))
    _equal(state, symbol, short)
    weight = target.extent.vector[0][1]
    return replace(target, extent=Linear(((short, weight),), target.extent.constant))


def _too_large(frame: Frame, state: State, left: Linear, right: Linear, bits: int) -> bool:
    """Whether a product may be too large for an unsigned type of so many bits; 0 for one that is wide enough."""
    if not bits:
        return False
    top = _top(frame, state, left, right)
    return top is None or top >= 1 << bits


def _top(frame: Frame, state: State, left: Linear, right: Linear) -> int | None:
    """The most that a product of numbers that are not negative can be."""
    ends = [greatest(t, state.bounds, frame.ranges) for t in (left, right)]
    return ends[0] * ends[1] if ends[0] is not None and ends[1] is not None else None


def _limit(frame: Frame, state: State, symbol: Symbol, left: Linear, right: Linear, bits: int) -> None:
    lows = [greatest(scale(t, -1), state.bounds, frame.ranges) for t in (left, right)]
    if any(low is None or low > 0 for low in lows):
        return
    top = _top(frame, state, left, right)
    if bits:
        top = min(top, (1 << bits) - 1) if top is not None else (1 << bits) - 1
    if top is not None:
        state.learn(Bound(((symbol, 1),), top))
    state.learn(Bound(((symbol, -1),), 0))


def _relate(frame: Frame, state: State, symbol: Symbol, left: Linear, right: Linear) -> None:
    """`row * columns` is below `rows * columns` by a whole row at least."""
    for other, (one, two, bits) in frame.products.items():
        if other == symbol or ((other, -1),) not in state.bounds or _too_large(frame, state, one, two, bits):
            continue
        for mine, common in ((left, right), (right, left)):
            theirs = two if common == one else one if common == two else None
            low = greatest(scale(common, -1), state.bounds, frame.ranges)
            if theirs is None or low is None or low > 0:
                continue
            less = most(add(mine, theirs, -1), state.bounds, frame.ranges)
            term = add(add(atom(symbol), atom(other), -1), common, -less) if less is not None and less <= 0 else None
            if term is not None and fits(term):
                state.learn(Bound(*normal(term)))


def _equal(state: State, one: Symbol, two: Symbol) -> None:
    difference = add(atom(one), atom(two), -1)
    state.learn(Bound(*normal(difference)))
    state.learn(Bound(*normal(scale(difference, -1))))
