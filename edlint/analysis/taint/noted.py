"""What an event is made of, and how one event comes to stand for several places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from edlint.analysis.taint.events import Event
from edlint.analysis.taint.numbers import Bounds
from edlint.analysis.taint.symbols import Symbol, Vector
from edlint.analysis.taint.values import Trail

MAX_OTHERS = 6
"""Further places of one event that are remembered."""


def roots_of(event: Event) -> Iterator[Symbol]:
    """The symbols that an event depends on."""
    yield from event.subject.taints
    yield from event.need.taints
    yield from terms_of(event)
    for target in event.subject.targets:
        yield target.location
    for origin in event.origins:
        yield from origin.taints
    if event.kind == "access":
        # A counter's limit is the parameter that it is compared with.
        for vector, _ in event.facts:
            for symbol, _ in vector:
                if not symbol.is_room:
                    yield symbol


def counted(known: Event, event: Event) -> Event:
    """The first of two events of one cause, which stands for both places."""
    others = known.others
    if len(others) < MAX_OTHERS and event.span not in others:
        others = (*others, event.span)
    if event.reach > known.reach:
        widest = event.widest or (event.span, event.what, event.name)
        known = replace(known, need=event.need, subject=event.subject, type=event.type, widest=widest)
    return replace(known, count=known.count + event.count, others=others)


def terms_of(event: Event) -> Iterator[Symbol]:
    """The symbols of an event's terms."""
    for term in (event.subject.term, event.need.term):
        if term is not None:
            yield from term.symbols
    for target in event.subject.targets:
        if target.offset is not None:
            yield from target.offset.symbols
        if target.extent is not None:
            yield from target.extent.symbols


def floors(
    bounds: Bounds, origin: Callable[[Symbol], tuple[frozenset[Symbol], Trail | None]]
) -> Iterator[tuple[Vector, int]]:
    """Parameters that hold a length of the enclave's own, and maybe more: as it is not negative, they hold the rest."""
    for vector, upper in bounds.items():
        if upper > 0 or len(vector) < 2:
            continue
        below = tuple((s, weight) for s, weight in vector if weight < 0)
        if len(below) != 1 or below[0][0].kind != "param" or below[0][1] != -1:
            continue
        if all(s.is_opaque and not origin(s)[0] for s, weight in vector if weight > 0):
            yield vector, upper
            yield below, upper


def given(bounds: Bounds) -> Iterator[tuple[Vector, int]]:
    """Parameters that are not zero: what the bridge copied, it had a block for."""
    for vector, upper in bounds.items():
        ((symbol, weight), *others) = vector
        if upper < 0 and not others and weight == -1 and symbol.kind == "param" and not symbol.path:
            yield vector, upper
