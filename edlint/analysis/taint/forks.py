"""Pointers that lead elsewhere on each of two ways, with the numbers that differ there too.

`p = long ? digest : data; n = long ? 32 : length;` is two consistent pairs, which neither `p` nor `n` tells by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edlint.analysis.taint.numbers import normal
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import Symbol, Vector, add, atom, fits, scale
from edlint.analysis.taint.values import Target, Value

Merged = tuple[Symbol, Value, Value]
"""A name for what is one of two values."""

Facts = tuple[tuple[Vector, int], ...]
"""Sums and what they do not exceed."""

MAX_NUMBERS = 4
"""Numbers that are told for a pointer."""


def fork(state: State, merged: Iterable[Merged]) -> None:
    """Tell with each target of a merged pointer what the merged numbers are when it leads there."""
    pointers = {symbol: (one, two) for symbol, one, two in merged if one.targets or two.targets}
    numbers = [m for m in merged if _is_number(*m)][:MAX_NUMBERS]
    if not pointers or not numbers:
        return
    sides = (_equal((s, one) for s, one, _ in numbers), _equal((s, two) for s, _, two in numbers))
    for location, value in state.memory.items():
        pair = pointers.get(value.symbol) if value.symbol is not None else None
        if pair is None:
            continue
        first, second = ({t.location for t in side.targets} for side in pair)
        told = tuple(_told(t, t.location in first, t.location in second, sides) for t in value.targets)
        state.memory[location] = Value(value.term, value.taints, told, value.trail)


def _is_number(symbol: Symbol, one: Value, two: Value) -> bool:
    """Whether it is a variable that holds a number on both ways."""
    if one.targets or two.targets or "%" in symbol.name:
        return False
    return all(v.symbol is None or v.symbol.kind != "local" for v in (one, two))


def forget(state: State, old: State, new: State) -> None:
    """In the next round of a loop the numbers are others."""
    for location, value in state.memory.items():
        if any(t.when for t in value.targets) and old.memory.get(location) != new.memory.get(location):
            state.memory[location] = replace(value, targets=tuple(replace(t, when=()) for t in value.targets))


def _told(target: Target, first: bool, second: bool, sides: tuple[Facts, Facts]) -> Target:
    """The target with what holds on the one way that leads to it."""
    if first == second:
        return replace(target, when=()) if target.when else target
    return replace(target, when=(*target.when, *(sides[0] if first else sides[1])))


def _equal(numbers: Iterable[tuple[Symbol, Value]]) -> Facts:
    """That each name stands for its number."""
    found: list[tuple[Vector, int]] = []
    for symbol, value in numbers:
        if value.term is None:
            continue
        difference = add(atom(symbol), value.term, -1)
        if difference.vector and fits(difference):
            found += (normal(difference), normal(scale(difference, -1)))
    return tuple(found)
