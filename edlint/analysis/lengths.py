"""Accesses that may go beyond their object, and who decides how far they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.analysis.extents import Extent, behind_member, copied, extent_of, is_ignored, is_length, varies
from edlint.analysis.flows import Flow, Flows
from edlint.analysis.limits import Limits
from edlint.analysis.meaning import Boundary, Meaning
from edlint.analysis.taint.events import HEADER, Event
from edlint.analysis.taint.frame import POINTER_SIZE, Frame
from edlint.analysis.taint.noted import terms_of
from edlint.analysis.taint.numbers import SOME_LIMIT, at_most_zero, greatest, normal
from edlint.analysis.taint.products import SHORT
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    LENGTH,
    MOVING,
    ROOM,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    constant,
    scale,
)
from edlint.analysis.taint.values import Target
from edlint.finding import Label
from edlint.model.types import TypeKind
from edlint.model.unit import Function

MAX_ELSEWHERE = 8
"""Further places that a finding shows."""

_MEASURED = frozenset(("strlen", "strnlen", "wcslen", "length", "size"))
MANY = 1 << 16
"""Weights of measured lengths from which on a size could wrap after all."""

NO_LIMIT = 1 << 31
"""An upper bound from which on a length counts as unlimited."""


@dataclass(frozen=True, slots=True)
class Overrun:
    """An access that nothing proves to stay inside its object."""

    event: Event
    root: Function
    extent: Extent
    target: Target
    culprits: tuple[Flow, ...]
    """What decides how far the access goes; empty for an access of fixed size."""
    indexed: bool
    """Through an index rather than by a length."""
    low: bool
    """Only the lower end is open: a negative index, or a length that wraps below zero."""
    asserted: bool
    """An assert bounds it."""
    fixed: int | None
    """The end of the access when it is a fixed number of bytes."""
    sizes: str = ""
    """The same, where types of unknown size are part of it."""
    ignored: bool = False
    """Nobody looks at the number that the EDL takes the extent from."""

    @property
    def by_index(self) -> bool:
        """Whether an index reaches it, not a length."""
        return self.event.what == "dereference" or self.event.kind == "pass"

    @property
    def by_member(self) -> bool:
        """Whether a member of a struct is touched."""
        return self.event.name == "member"


class Lengths:
    """All accesses of a program that may go beyond their object."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self._tops: dict[Symbol, int | None] = {}
        self.overruns = tuple(self._overruns())

    @staticmethod
    def build(flows: Flows) -> Lengths:
        """The overruns of a program."""
        return Lengths(flows)

    def _overruns(self) -> Iterator[Overrun]:
        seen: set[tuple[object, ...]] = set()
        causes: dict[tuple[object, ...], Event] = {}
        for root, event in self.flows.events("access", "padded", "pass"):
            if event.kind == "padded" and not self._pads(root, event):
                continue
            frame = self.flows.analysis.frames[root]
            places = [(event, target) for target in event.subject.targets]
            fixed = event.need.term is not None and event.need.term.is_constant
            whole = replace(event, type=HEADER) if fixed else event
            places += [(whole, target) for target in behind_member(event)]
            for given, target in places:
                for overrun in self._target(root, given, target, frame):
                    # The same further down, where less is known, is no second cause.
                    cause = (root, event.function, event.via, event.key, target)
                    if causes.setdefault(cause, event) is not event:
                        continue
                    names = tuple((c.meaning.name, c.meaning.label.span) for c in overrun.culprits)
                    key = (event.span, event.function, overrun.extent.term, names, overrun.low)
                    if key not in seen:
                        seen.add(key)
                        yield overrun

    def _pads(self, root: Function, event: Event) -> bool:
        """Whether the context of a cipher was made for one that pads."""
        return any(flow.meaning.kind == "padding-cipher" for flow in self.flows.flows(root, event, event.need.taints))

    def _kept(self, root: Function, target: Target) -> Extent | None:
        """The extent of what a global points to: that of the only allocation it is set to, else an unknown one."""
        location = target.location
        if location.kind != "global" or location.path[-1:] != (DEREF,):
            return None
        pointer = Symbol(location.kind, location.name, location.number, location.path[:-1])
        extents: set[Linear] = set()
        sizes: set[Symbol] = set()
        for keeper, event in self.flows.keepers(pointer):
            into = [t.location for t in event.subject.targets if t.location.root == pointer.root]
            if all(DEREF in pointer.path[len(at.path) :] for at in into):
                # What leads to the struct that the pointer is a member of, not the pointer.
                continue
            if any(m.kind != "counter" for t in event.subject.taints for m, _ in self.flows.meanings(keeper, t)):
                return None
            for kept in event.need.targets:
                if kept.extent is not None and kept.location.kind in ("heap", "local", "global"):
                    extents.add(kept.extent)
                    limits = Limits(self.flows, keeper, event, {})
                    sizes.update(t for s in kept.extent.symbols for t in limits.own(s) if t.kind == "source")
        name = next((s for s in reversed(pointer.path) if s not in (DEREF, ELEMENT)), location.name.rsplit(".", 1)[-1])
        if len(extents) == 1 and (only := next(iter(extents))).is_constant:
            return Extent(only, f"the {only.constant} bytes of '{name}'")
        unknown = atom(Symbol("size", f"*{location.name}", 0, location.path))
        return Extent(unknown, f"what '{name}' points to", foreign=True, sizes=frozenset(sizes))

    def _is_limited(
        self,
        event: Event,
        symbols: set[Symbol],
        facts: Mapping[Vector, int],
        frame: Frame,
        extent: Extent,
        target: Target,
    ) -> bool:
        """Whether anything at all bounds the numbers from above, other than an extent that does not suffice."""
        wanted = [s for s in symbols if s.kind != "size"]
        ends = [frame.ranges(s)[1] for s in wanted if not s.is_opaque]
        origins = {o.symbol: o.taints for o in event.origins}
        for symbol in wanted:
            for vector, upper in facts.items():
                weights = dict(vector)
                if weights.get(symbol, 0) <= 0 or any(is_length(s) and s in weights for s in extent.term.symbols):
                    continue
                others = [s for s in weights if s != symbol]
                if any(s.is_room for s in others):
                    continue
                if not others and upper < SOME_LIMIT:
                    return True
                for other in others:
                    taints = origins.get(other) if other.is_opaque else frozenset((other,))
                    if taints is None:
                        taints = frame.origin(other)[0]
                    if weights[other] < 0 and any(_are_together(t, target.location) for t in taints):
                        return True
                    if not any(t.kind == "param" or t.kind == "source" for t in taints):
                        return True
                    # The host's number that bounds this one may be bounded itself.
                    if weights[other] < 0 and other not in wanted:
                        wanted.append(other)
        return any(e is not None and e <= 0xFFFF for e in ends)

    def declared(self, overrun: Overrun) -> Iterator[Flow]:
        """The parameter whose extent it is, as a flow to the place."""
        param, boundary = overrun.extent.param, self.flows.boundary(overrun.root)
        if param is None or boundary is None:
            return
        position = boundary.params[boundary.call.params.index(param)]
        if position < 0:
            return
        symbol = Symbol("param", boundary.function.params[position].key, position)
        meaning = self.flows.reader(overrun.root).read(symbol)
        if meaning is not None:
            label = Label(param.span, f"the EDL gives '{param.name}' {overrun.extent.text}")
            yield Flow(overrun.event, symbol, replace(meaning, label=label), overrun.root)

    def _target(self, root: Function, event: Event, target: Target, frame: Frame) -> Iterator[Overrun]:
        extent = extent_of(self.flows.boundary(root), target, frame)
        if target.offset is None:
            return
        if event.widest is not None:
            span, what, name = event.widest
            event = replace(event, span=span, what=what, name=name)
        if extent is None:
            extent = self._kept(root, target)
        if extent is None or not extent.limits(event):
            return
        facts = _within(dict(target.known(self._facts(event, frame))), target, extent)
        start = target.meant(target.offset)
        need = target.meant(event.need.term) if event.need.term is not None else None
        if event.kind == "pass":
            # `f(&a[i])`: whatever f does, it does it there.
            if not start.vector or extent.param is not None:
                return
            need = constant(1)
        if need is None:
            if not event.need.taints:
                if event.write and is_ignored(self.flows.boundary(root), extent):
                    yield Overrun(event, root, extent, target, (), False, False, False, None, ignored=True)
                return
            culprits = Limits(self.flows, root, event, facts).culprits(frozenset(event.need.taints))
            if culprits:
                yield Overrun(event, root, extent, target, culprits, False, False, False, None)
            return
        end = add(start, need)
        beyond = add(end, extent.term, -1)
        upper = at_most_zero(beyond, facts, frame.ranges)
        low_parts = [t for t in (start, need) if t.vector or t.constant < 0]
        low_parts = [t for t in low_parts if not at_most_zero(scale(t, -1), facts, frame.ranges)]
        if upper and (not low_parts or any(s.name.startswith(MOVING) for t in low_parts for s, _ in t.vector)):
            # How far a moving pointer has come says nothing of its comparisons, so its distance counts as positive.
            return
        limits = Limits(self.flows, root, event, facts)
        if _is_fixed(end) and (beyond.is_constant or not _is_fixed(extent.term)):
            if upper or limits.suffice(extent.term):
                return
            if extent.param is not None:
                yield Overrun(event, root, extent, target, (), False, False, False, end.constant, _sizes(end))
            elif target.location.kind == "heap" and event.type == HEADER and end.is_constant:
                # A block of as many bytes as the host said, looked at as a struct.
                culprits = limits.culprits(limits.deciding(set(extent.term.symbols)))
                if culprits:
                    yield Overrun(event, root, extent, target, culprits, False, False, False, end.constant)
            return
        upper = upper or limits.keep(beyond)
        if upper and not low_parts:
            return
        symbols = set() if upper else set(end.symbols)
        below = {s for t in low_parts for s in t.symbols}
        above = limits.culprits(limits.deciding(symbols))
        if not above and not upper:
            above = self._turning(limits, start, extent)
        culprits = above or limits.culprits(limits.below(below))
        if not culprits and not upper and is_ignored(self.flows.boundary(root), extent):
            yield Overrun(event, root, extent, target, (), bool(start.vector), False, False, None, ignored=True)
        if not culprits or (extent.foreign and self._is_limited(event, symbols | below, facts, frame, extent, target)):
            return
        upper = upper or not above
        if any(s.path[-2:] == (ELEMENT, LENGTH) for s in extent.term.symbols):
            # A row of a table of containers: all are as long as another call made them.
            return
        if varies(target, extent) and self._from_one_size(limits, beyond, extent, culprits):
            return
        hopes = {**facts, **dict(event.hopes)}
        asserted = bool(event.hopes) and at_most_zero(beyond, hopes, frame.ranges)
        yield Overrun(event, root, extent, target, culprits, bool(start.vector), upper, asserted, None)

    def _turning(self, limits: Limits, start: Linear, extent: Extent) -> tuple[Flow, ...]:
        """Who lets a loop run on beyond the object, when the object was not made by the same number."""
        if extent.foreign:
            return ()
        found = frozenset(t for s, weight in start.vector if weight > 0 for t in limits.turning(s))
        sizes = extent.sizes | {t for s in extent.term.symbols for t in limits.own(s)}
        return limits.culprits(found) if found and found.isdisjoint(sizes) else ()

    def _from_one_size(self, limits: Limits, beyond: Linear, extent: Extent, culprits: tuple[Flow, ...]) -> bool:
        """Whether an object was made by what decides the length too, in a way that cannot be compared any more."""
        if extent.term.is_constant or not any(s.is_opaque for s in beyond.symbols):
            return False
        if any(s.name == SHORT for s in extent.term.symbols):
            # A product that wrapped made a block that is too small for its factors.
            return False
        sizes = extent.sizes | {t for s in extent.term.symbols for t in limits.own(s)}
        return all(flow.symbol in sizes for flow in culprits)

    def _facts(self, event: Event, frame: Frame) -> dict[Vector, int]:
        """What the path knows, and the limits of the globals that it compares with or uses."""
        facts = dict(event.facts)
        symbols = {s: None for vector in facts for s, _ in vector if s.kind == "global"}
        symbols.update((s, None) for s in terms_of(event) if s.kind == "global")
        for symbol in symbols:
            top, vector = self._greatest_kept(symbol), ((symbol, 1),)
            end = frame.ranges(symbol)[1]
            # What the type holds is no limit that anybody set.
            if top is not None and (end is None or top < end):
                facts[vector] = min(top, facts.get(vector, top))
        return facts

    def _greatest_kept(self, symbol: Symbol) -> int | None:
        """The most that a global holds, by what is known wherever it is written; None for no limit."""
        if symbol not in self._tops:
            ends: list[int | None] = []
            for keeper, event in self.flows.keepers(symbol):
                exact = all(t.location == symbol for t in event.subject.targets)
                ranges = self.flows.analysis.frames[keeper].ranges
                term = event.subject.term if exact else None
                ends.append(greatest(term, dict(event.facts), ranges) if term is not None else None)
            known = [end for end in ends if end is not None]
            self._tops[symbol] = max(known) if known and len(known) == len(ends) else None
        return self._tops[symbol]


def _are_together(number: Symbol, location: Symbol) -> bool:
    """Whether a number is kept in the same struct as the pointer to a location: it says how much there is."""
    pointer = location.pointer
    if pointer is None or pointer.kind != "global" or (number.kind, number.name) != ("global", pointer.name):
        return False
    struct = pointer.path[:-1]
    return pointer.path[-1:] != (ELEMENT,) and bool(pointer.path) and number.path[: len(struct)] == struct


def _within(facts: dict[Vector, int], target: Target, extent: Extent) -> dict[Vector, int]:
    """What is known, with what was said of the room behind the pointer said of the extent."""
    room = target.location.step(ROOM)
    for vector, upper in list(facts.items()):
        weight = dict(vector).get(room, 0)
        if weight:
            term = add(add(Linear(vector, -upper), atom(room), -weight), extent.term, weight)
            if term.vector:
                known, top = normal(term)
                facts[known] = min(top, facts.get(known, top))
    return facts


def _is_fixed(term: Linear) -> bool:
    """Whether a term is made of numbers and sizes of types only."""
    return all(s.kind == "size" for s in term.symbols)


def _sizes(term: Linear) -> str:
    """The sizes of types that a term is made of."""
    return " + ".join(
        f"{weight} * sizeof({s.name})" if weight != 1 else f"sizeof({s.name})" for s, weight in term.vector
    )


def unlimited(event: Event, frame: Frame, limit: int = NO_LIMIT) -> bool:
    """Whether nothing on the path keeps what an event asks for below `limit` bytes."""
    if event.need.term is None:
        return True
    top = greatest(event.need.term, dict(event.facts), frame.ranges)
    return top is None or top >= limit


def decided_by(meaning: Meaning) -> str:
    """For messages: what the number is and where it comes from."""
    if meaning.kind in ("ocall-scalar", "ocall-bytes"):
        return f"the result of {'OCALL ' if meaning.call_kind else ''}'{meaning.call}'"
    return f"'{meaning.name}'"


def is_whole_struct(overrun: Overrun) -> bool:
    """Whether a struct is copied as a whole from or to bytes that were counted one by one.

    The bridge compares the count with the size of a type that the EDL defines, and with that of no other.
    """
    event, param = overrun.event, overrun.extent.param
    if param is None or overrun.fixed is None or param.type.kind is not TypeKind.NAMED or event.what != "dereference":
        return False
    return overrun.fixed > POINTER_SIZE and all(weight == 1 for _, weight in overrun.extent.term.vector)


def is_struct_view(overrun: Overrun) -> bool:
    """Whether bytes that the host sized are looked at as a struct."""
    event, param = overrun.event, overrun.extent.param
    if overrun.fixed is None or (param is None and not overrun.culprits):
        return False
    if param is not None and not param.bridge.copies_in:
        return False
    if event.type == HEADER:
        return True
    return (
        event.what == "dereference"
        and (overrun.by_member or is_whole_struct(overrun))
        and all(t.offset is not None and t.offset.is_constant for t in event.subject.targets)
    )


def wraps(event: Event, frame: Frame, boundary: Boundary | None) -> bool:
    """Whether the size that an event asks for can exceed the bits that it is computed in and start again at zero."""
    term = event.need.term
    if term is None or not term.vector:
        return False
    if all(s.is_opaque and s.name in _MEASURED for s in term.symbols) and sum(abs(w) for _, w in term.vector) < MANY:
        # What lies in memory is measured: it is never so long that a few bytes more would wrap.
        return False
    grows = any(w > 1 for _, w in term.vector) or term.constant > 0 or len(term.vector) > 1
    product = term.symbol is not None and term.symbol.kind == "op" and term.symbol.name == "*"
    if not (grows or product):
        return False
    top = greatest(term, copied(boundary, dict(event.facts), frame), frame.ranges)
    return top >= 1 << bits_of(event) if top is not None else all(_is_wide(s, frame) for s in term.symbols)


def bits_of(event: Event) -> int:
    """The bits in which the size that an event asks for is computed."""
    return event.width or 64


def _is_wide(symbol: Symbol, frame: Frame) -> bool:
    """Whether a symbol is known to be a number of 64 bits without a limit."""
    ref = frame.type_of(symbol)
    return ref is not None and not ref.is_pointer and frame.layout.size(ref) == 8
