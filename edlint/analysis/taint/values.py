"""Abstract values: what is known of one value at one point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

from edlint.analysis.taint.symbols import ZERO, Linear, Symbol, Vector, add, atom, constant
from edlint.record import record
from edlint.source import Span

_new = tuple.__new__

MAX_TAINTS = 12
MAX_TARGETS = 4
MAX_TRAIL = 10


class Trail(NamedTuple):
    """How a value got here, last step first."""

    span: Span
    text: str
    before: Trail | None
    length: int

    def steps(self) -> list[tuple[Span, str]]:
        """First step first."""
        found: list[tuple[Span, str]] = []
        at: Trail | None = self
        while at is not None:
            found.append((at.span, at.text))
            at = at.before
        found.reverse()
        return found


def step(trail: Trail | None, span: Span, text: str) -> Trail:
    """A trail with one more step; a long trail keeps its start and its newest steps are not added."""
    if trail is None:
        return _new(Trail, (span, text, None, 1))
    last, _, _, length = trail
    if length >= MAX_TRAIL or last is span or last == span:
        return trail
    return _new(Trail, (span, text, trail, length + 1))


STORED = "stored in "
"""How the step of a store begins."""


def put(trail: Trail | None) -> Span | None:
    """Where a value was stored last on its way."""
    while trail is not None:
        if trail.text.startswith(STORED):
            return trail.span
        trail = trail.before
    return None


def joined(first: Trail | None, second: Trail | None) -> Trail | None:
    """The steps of `first`, then those of `second`, which happened later."""
    if second is None or first is second:
        return first
    if first is None:
        return second
    if first.length >= MAX_TRAIL:
        return first
    result = first
    for span, text in second.steps():
        result = step(result, span, text)
    return result


@record(frozen=True, slots=True)
class Target:
    """What a pointer may point to: a location, a distance from it in bytes, and how large the object there is."""

    location: Symbol
    offset: Linear | None = ZERO
    """None when it is not known."""
    extent: Linear | None = None
    """Bytes of the object from the location on; None when it is not known here."""
    when: tuple[tuple[Vector, int], ...] = ()
    """Sums and what they do not exceed when it is this one that the pointer leads to."""

    def moved(self, distance: Linear | None) -> Target:
        """The target further on by `distance` bytes."""
        if distance is None or self.offset is None:
            return Target(self.location, None, self.extent, self.when)
        return Target(self.location, add(self.offset, distance), self.extent, self.when)

    def known(self, bounds: Mapping[Vector, int]) -> Mapping[Vector, int]:
        """What holds where it is this one, besides what holds anyhow."""
        if not self.when:
            return bounds
        found = dict(bounds)
        for vector, upper in self.when:
            found[vector] = min(upper, found.get(vector, upper))
        return found

    def meant(self, term: Linear) -> Linear:
        """A number, said by what merged numbers are where it is this one."""
        for vector, upper in self.when:
            if (tuple((s, -w) for s, w in vector), -upper) not in self.when:
                continue
            for symbol, weight in vector:
                times = dict(term.vector).get(symbol, 0)
                if times and symbol.is_merged and abs(weight) == 1:
                    term = add(term, Linear(vector, -upper), -times * weight)
                    break
        return term


NO_TAINT: frozenset[Symbol] = frozenset()


@record(frozen=True, slots=True)
class Value:
    """One value: its term, the symbols that it derives from, what it points to, and how it got here."""

    term: Linear | None = None
    """None when nothing is known of the number."""
    taints: frozenset[Symbol] = NO_TAINT
    targets: tuple[Target, ...] = ()
    trail: Trail | None = field(default=None, compare=False)

    @property
    def number(self) -> int | None:
        """The constant that it is, or None."""
        return self.term.constant if self.term is not None and not self.term.vector else None

    @property
    def symbol(self) -> Symbol | None:
        """The symbol that it is exactly, or None."""
        return self.term.symbol if self.term is not None else None

    def via(self, span: Span, text: str) -> Value:
        """The same value one step further on its way; values without origin have no way."""
        if not self.taints:
            return self
        trail = step(self.trail, span, text)
        return self if trail is self.trail else Value(self.term, self.taints, self.targets, trail)

    def tainted(self, taints: frozenset[Symbol], trail: Trail | None = None) -> Value:
        """The same value that derives from further symbols."""
        if taints <= self.taints:
            return self
        return Value(self.term, limited(self.taints | taints), self.targets, self.trail or trail)


UNKNOWN = Value()


def number(value: int) -> Value:
    """A constant."""
    return Value(constant(value))


def of_symbol(symbol: Symbol, trail: Trail | None = None) -> Value:
    """The value that a location held on entry, or that a source gave."""
    return Value(atom(symbol), frozenset((symbol,)), (), trail)


def limited(taints: frozenset[Symbol]) -> frozenset[Symbol]:
    """At most MAX_TAINTS of them, sources before parameters before globals."""
    if len(taints) <= MAX_TAINTS:
        return taints
    rank = {"source": 0, "param": 1, "global": 2}
    return frozenset(sorted(taints, key=lambda s: (rank.get(s.kind, 3), len(s.path), s))[:MAX_TAINTS])


def merged_targets(first: tuple[Target, ...], second: tuple[Target, ...]) -> tuple[Target, ...]:
    """Both sets of targets; one target per location, with what both agree on."""
    if first == second or not second:
        return first
    if not first:
        return second
    by_location = {t.location: t for t in first}
    for target in second:
        known = by_location.get(target.location)
        if known is None:
            by_location[target.location] = target
        elif known != target:
            offset = known.offset if known.offset == target.offset else None
            extent = known.extent if known.extent == target.extent else None
            by_location[target.location] = Target(target.location, offset, extent)
    return tuple(by_location.values())[:MAX_TARGETS]
