"""Ciphers that work in blocks: what they keep back of their input, and the block that padding adds at the end."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.bits import bounded
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import normal
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import Linear, add, atom, constant, fits, scale
from edlint.analysis.taint.values import Value, number


def given_out(evaluator: Evaluator, given: Value, block: int, name: str) -> Value:
    """How many bytes a cipher gives out for so many: all of them, or all but the rest that fills no block."""
    frame, state = evaluator.frame, evaluator.state
    if given.term is None:
        return Value(None, given.taints, (), given.trail)
    symbol = frame.opaque("op", name, given.term, block)
    frame.remember(symbol, Value(None, given.taints, (), given.trail))
    frame.blocks[symbol] = (given.term, block)
    # Less than nothing is refused.
    for term in (scale(given.term, -1), scale(atom(symbol), -1), add(atom(symbol), given.term, -1)):
        if term.vector:
            state.learn(Bound(*normal(term)))
    state.learn(Bound(*normal(add(add(given.term, atom(symbol), -1), constant(1 - block)))))
    return Value(atom(symbol), given.taints, (), given.trail)


def last_block(evaluator: Evaluator, pointer: Value, length: Value | None, block: int) -> tuple[Value, Linear] | None:
    """Where a cipher that pads writes last, and how much: a whole block after the whole blocks of what it was given.

    `length` is what a function of one call is given; None where the pointer goes as far as calls before gave out. None
    when nobody can say how far that is.
    """
    frame, state = evaluator.frame, evaluator.state
    need = constant(block)
    if length is not None:
        whole = _whole(frame, state, length.term, block) if length.term is not None else None
        return (pointer, add(whole, need)) if whole is not None else None
    targets = []
    for target in evaluator.pointing.targets(pointer):
        offset = _rounded(frame, state, target.offset) if target.offset is not None else None
        if offset is None:
            return None
        targets.append(replace(target, offset=offset))
    return replace(pointer, targets=tuple(targets)), need


def _rounded(frame: Frame, state: State, distance: Linear) -> Linear | None:
    """A distance in which what a cipher gave out are whole blocks, as it is for one that pads."""
    result = constant(distance.constant)
    for symbol, weight in distance.vector:
        known = frame.blocks.get(symbol)
        term: Linear | None = atom(symbol)
        if known is not None:
            term = _whole(frame, state, *known)
        elif symbol.is_counted:
            return None
        if term is None:
            return None
        result = add(result, term, weight)
    return result if fits(result) else None


def _whole(frame: Frame, state: State, term: Linear, block: int) -> Linear | None:
    """The whole blocks of a number of bytes, in bytes."""
    if term.is_constant:
        return constant(term.constant - term.constant % block)
    symbol = frame.opaque("op", "/", term, constant(block))
    taints, trail = frame.taints(term)
    frame.remember(symbol, Value(None, taints, (), trail))
    bounded(frame, state, "/", Value(term), number(block), Value(atom(symbol)))
    whole = scale(atom(symbol), block)
    return whole if fits(whole) else None
