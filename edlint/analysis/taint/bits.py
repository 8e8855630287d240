"""What masks, shifts, quotients and remainders say of their operands."""

from __future__ import annotations

from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import greatest, normal
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import Linear, Symbol, add, atom, constant, fits, scale
from edlint.analysis.taint.values import NO_TAINT, Value

QUOTIENTS = frozenset(("/", ">>"))
"""Names of the symbols for numbers that were divided."""

_MAX_SHIFT = 40


def bounded(
    frame: Frame, state: State, op: str, left: Value, right: Value, result: Value, *, unsigned: bool = False
) -> None:
    """Note the bounds of the result of an operation that rounds down, cuts off or shifts."""
    symbol = result.symbol
    if symbol is None or op not in ("&", "%", ">>", "/", "<<"):
        return
    bounds, ranges = state.bounds, frame.ranges
    if op == "<<":
        most = greatest(right.term, bounds, ranges) if right.term is not None else None
        if left.number is not None and left.number >= 0 and most is not None and 0 <= most < _MAX_SHIFT:
            bounds[((symbol, 1),)] = left.number << most
            bounds[((symbol, -1),)] = 0
        return
    whole = left.term
    low = greatest(scale(whole, -1), bounds, ranges) if whole is not None else None
    positive = whole is not None and low is not None and low <= 0
    top: int | None = None
    if op == "&":
        masks = [n for n in (left.number, right.number) if n is not None and n >= 0]
        top = min(masks) if masks else None
        if right.term is not None and right.number is None and unsigned:
            _limit(state, add(atom(symbol), right.term, -1))
        if not masks and not positive and not unsigned:
            return
    elif op == "%":
        if right.term is None:
            return
        end = greatest(right.term, bounds, ranges)
        if right.symbol is not None:
            bounds[tuple(sorted(((symbol, 1), (right.symbol, -1))))] = -1
        if end is not None:
            bounds[((symbol, 1),)] = end - 1
        if not positive and not unsigned:
            return
    else:
        end = greatest(whole, bounds, ranges) if whole is not None else None
        by = right.number
        if by is not None and by > 0 and end is not None and end >= 0:
            top = end >> min(by, 64) if op == ">>" else end // by
        if left.symbol is not None:
            bounds[tuple(sorted(((symbol, 1), (left.symbol, -1))))] = 0
    if top is not None:
        bounds[((symbol, 1),)] = top
    bounds[((symbol, -1),)] = 0
    if positive and whole is not None:
        _parts(frame, state, op, whole, right.number, symbol)


def _parts(frame: Frame, state: State, op: str, whole: Linear, by: int | None, symbol: Symbol) -> None:
    """The part that is a multiple and the part that is left over come to the whole."""
    size = _size(op, by)
    if op in (">>", "/"):
        if size is not None:
            rounded = scale(atom(symbol), size)
            _limit(state, add(rounded, whole, -1))
            _limit(state, add(add(whole, rounded, -1), constant(1 - size)))
        return
    _limit(state, add(atom(symbol), whole, -1))
    if size is None:
        return
    times = frame.opaque("op", ">>", whole, constant(size.bit_length() - 1)) if op == "&" else None
    if times is None:
        times = frame.opaque("op", "/", whole, constant(size))
    frame.remember(times, Value(None, NO_TAINT, (), None))
    _limit(state, add(add(atom(symbol), atom(times), size), whole, -1))


def _size(op: str, by: int | None) -> int | None:
    """What the operation divides by, or None."""
    if by is None or by <= 0:
        return None
    match op:
        case "&":
            return by + 1 if (by & (by + 1)) == 0 else None
        case ">>":
            return 1 << by if by < _MAX_SHIFT else None
        case _:
            return by


def _limit(state: State, term: Linear) -> None:
    if not term.vector or not fits(term):
        return
    vector, upper = normal(term)
    known = state.bounds.get(vector)
    state.bounds[vector] = upper if known is None else min(known, upper)
