"""Texts that were measured: what was read up to its end lies in its object."""

from __future__ import annotations

from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import at_most, normal
from edlint.analysis.taint.state import Bound, State
from edlint.analysis.taint.symbols import DEREF, ROOM, ZERO, Linear, Symbol, add, atom, constant, fits
from edlint.analysis.taint.values import Target

MEASURES = {"strlen": 1, "strnlen": 0}
"""Functions that measure a text, with the bytes that they read beyond what they answer."""


def room_of(target: Target) -> Linear | None:
    """Bytes from a place to the end of its object; what only callers know has a name for them to translate."""
    location = target.location
    if target.offset is None or target.extent == ZERO:
        return None
    if target.extent is not None:
        return add(target.extent, target.offset, -1)
    if location.kind in ("param", "global", "source") and location.path[-1:] == (DEREF,):
        return add(atom(location.step(ROOM)), target.offset, -1)
    return None


Where = tuple[tuple[Symbol, Linear | None, Linear | None], ...]
"""Places, how far into them, and what they hold."""


def capped(frame: Frame, state: State, where: Where) -> Symbol | None:
    """What `strnlen` answered for a text, where that is below its limit and therefore what `strlen` answers."""
    length = frame.opaque("op", "strnlen", where)
    limit = frame.limits.get(length)
    if limit is None or not at_most(add(atom(length), constant(1)), limit, state.bounds, frame.ranges):
        return None
    return length


def measured(state: State, name: str, length: Symbol, text: tuple[Target, ...]) -> None:
    """A text was measured: that it has no end inside its object is the business of another rule."""
    if len(text) != 1 or name not in MEASURES:
        return
    room = room_of(text[0])
    if room is None:
        return
    term = add(add(atom(length), room, -1), constant(MEASURES[name]))
    if term.vector and fits(term):
        state.learn(Bound(*normal(term)))
