"""What an event is made of, and how one event comes to stand for several places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from edlint.analysis.taint.events import Event
from edlint.analysis.taint.indexed import Index
from edlint.analysis.taint.numbers import Bounds, tighten
from edlint.analysis.taint.symbols import Symbol, Vector
from edlint.analysis.taint.values import Target, Trail

MAX_OTHERS = 6
"""Further places of one event that are remembered."""

MAX_NAMED = 16
"""Facts about parameters that an access carries."""


def roots_of(event: Event) -> set[Symbol]:
    """The symbols that an event depends on."""
    found = {*event.subject.taints, *event.need.taints, *terms_of(event)}
    found.update([target.location for target in event.subject.targets])
    for origin in event.origins:
        found |= origin.taints
    if event.kind == "access":
        # A counter's limit is the parameter that it is compared with.
        found.update([s for vector, _ in event.facts for s, _ in vector if not s.is_room])
    return found


def head_of(event: Event, taints: frozenset[Symbol], targets: Iterable[Target]) -> tuple[object, ...]:
    """What of an event's key is known before its facts are: events of one key have one head."""
    kind = event.kind
    given = kind in ("access", "padded", "keep", "fetch")
    return (
        kind,
        taints,
        # Those in objects of the enclave may turn out to be in bounds.
        tuple([t.location for t in targets if t.location.kind in ("param", "source")]) if given else (),
        event.write,
        event.refuses_null,
        event.span if kind in ("fetch", "sink", "address", "keep") else None,
    )


def knows_less(known: Event, event: Event) -> bool:
    """Whether an access at a moving distance happens where less is known of how far that has come."""
    if event.kind != "access" or not any(s.is_counted for t in event.subject.targets for s in _distance(t)):
        return False
    told = dict(event.facts)
    facts = ((v, u) for v, u in known.facts if any(s.is_counted for s, _ in v))
    return any(v not in told or told[v] > u for v, u in facts)


def _distance(target: Target) -> tuple[Symbol, ...]:
    return target.offset.symbols if target.offset is not None else ()


def counted(known: Event, event: Event) -> Event:
    """The first of two events of one cause, which stands for both places."""
    others = known.others
    if len(others) < MAX_OTHERS and event.span not in others:
        others = (*others, event.span)
    if event.reach > known.reach:
        widest = event.widest or (event.span, event.what, event.name)
        known = replace(known, need=event.need, subject=event.subject, type=event.type, widest=widest)
    return replace(known, count=known.count + event.count, others=others)


def is_wider(event: Event, known: Event) -> bool:
    """Whether an event reaches further than one of its cause does, and more or other lengths were compared for it."""
    return event.reach > known.reach and _lengths(event) != _lengths(known)


def _lengths(event: Event) -> dict[Vector, int]:
    """What is known of numbers that are no part of what lies in memory."""
    return {v: u for v, u in event.facts if any(s.is_opaque or (s.kind == "param" and not s.path) for s, _ in v)}


def terms_of(event: Event) -> list[Symbol]:
    """The symbols of an event's terms."""
    terms = [event.subject.term, event.need.term]
    for target in event.subject.targets:
        terms += (target.offset, target.extent)
    return [s for term in terms if term is not None for s, _ in term.vector]


Origins = Callable[[Symbol], tuple[frozenset[Symbol], Trail | None]]
"""What a symbol derives from."""


def facts_told(event: Event, index: Index, symbols: set[Symbol], origin: Origins) -> dict[Vector, int]:
    """What the path knows about the terms of an event: what a callee has told, and what holds in the state."""
    facts, bounds = dict(event.facts), index.bounds
    tighten(facts, index.relevant(symbols))
    if event.kind == "access" and (moved := [s for t in event.subject.targets for s in _distance(t) if s.is_counted]):
        # How far a loop has come depends on how often it goes round.
        tighten(facts, index.relevant({s for symbol in moved for s in index.turned(symbol)}))
    if event.kind in ("alloc", "stack"):
        tighten(facts, _given(bounds))
    if event.kind not in ("access", "padded"):
        return facts
    tighten(facts, index.rooms({s for vector in facts for s, _ in vector if s.is_opaque}))
    if any(t.location.kind == "param" for t in event.subject.targets):
        # What the callee measured by one of its parameters is measured here by what that was.
        measures = {s for vector, _ in event.facts if len(vector) > 1 for s, _ in vector if s.kind == "param"}
        tighten(facts, index.relevant(measures))
        # Who knows the object's extent knows it in terms of parameters.
        told = {s for vector in facts for s, _ in vector if s.is_opaque}
        tighten(facts, index.named(told, MAX_NAMED))
        tighten(facts, _floors(index, origin))
    return facts


def _floors(index: Index, origin: Origins) -> Iterator[tuple[Vector, int]]:
    """Parameters that hold a length of the enclave's own, and maybe more: as it is not negative, they hold the rest."""
    for vector, below in index.floors:
        upper = index.bounds[vector]
        if upper <= 0 and all(s.is_opaque and not origin(s)[0] for s, weight in vector if weight > 0):
            yield vector, upper
            yield below, upper


def _given(bounds: Bounds) -> Iterator[tuple[Vector, int]]:
    """Parameters that are not zero: what the bridge copied, it had a block for."""
    for vector, upper in bounds.items():
        ((symbol, weight), *others) = vector
        if upper < 0 and not others and weight == -1 and symbol.kind == "param" and not symbol.path:
            yield vector, upper
