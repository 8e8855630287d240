"""Addresses inside the enclave that are given to the host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.departures import called, inside
from edlint.analysis.flows import Flows, labels_of, one_line
from edlint.analysis.meaning import Boundary
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.symbols import DEREF, Symbol
from edlint.analysis.taint.values import Target, Value
from edlint.finding import Label
from edlint.model.interface import Transfer
from edlint.model.unit import Function
from edlint.source import Span


@dataclass(frozen=True, slots=True)
class GivenAddress:
    """An address that leaves, at one place."""

    span: Span
    function: str
    way: str
    """print, ocall, output, result."""
    what: str
    """What lies at the address."""
    sink: str
    path: tuple[Label, ...] = ()


class Addresses:
    """All addresses of the enclave that are given to the host."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        seen: set[Span] = set()
        found: list[GivenAddress] = []
        for given in self._read():
            if given.span not in seen:
                seen.add(given.span)
                found.append(given)
        self.given = tuple(found)

    @staticmethod
    def build(flows: Flows) -> Addresses:
        """The addresses that a program gives away."""
        return Addresses(flows)

    def _read(self) -> Iterator[GivenAddress]:
        for _, event in self._flows.events("sink"):
            target = inside(event.subject.targets)
            if target is None:
                continue
            if event.what == "host-address":
                yield self._given(event, target, "print", called(event))
            elif event.what == "host-sink" and event.use is not None and self._crosses(event):
                yield self._given(event, target, "ocall", event.use.call.name)
        for root in self._flows.roots:
            boundary = self._flows.boundary(root)
            if boundary is not None:
                yield from self._returned(root, boundary)

    def _crosses(self, event: Event) -> bool:
        """Whether the address itself goes over, not what lies there."""
        if event.use is None or event.param < 0:
            return False
        param = event.use.call.params[event.param]
        if param.bridge.transfer is Transfer.VALUE:
            return not param.type.is_pointer and event.subject.term is not None
        return param.bridge.is_raw

    def _returned(self, root: Function, boundary: Boundary) -> Iterator[GivenAddress]:
        summary = self._flows.analysis.summaries[root]
        for write in summary.writes:
            location = write.location
            param = boundary.param(location.number) if location.kind == "param" else None
            if param is None or location.path.count(DEREF) != 1 or not (param.bridge.copies_out or param.bridge.is_raw):
                continue
            target = inside(write.value.targets)
            place = self._place(root, location)
            if target is not None and place is not None and not self._deep(param.bridge.deep_levels):
                yield GivenAddress(place, root.qualified, "output", named(target), param.name)
        result = self._flows.analysis.frames[root].layout.size(boundary.call.result)
        target = inside(summary.result.targets)
        if target is not None and result == 8:
            for event in self._flows.own(root):
                if event.kind == "give" and not event.via and inside(event.subject.targets) is not None:
                    yield self._given(event, target, "result", boundary.call.name)
                    break

    def _deep(self, levels: int) -> bool:
        return levels != 0

    def _place(self, root: Function, location: Symbol) -> Span | None:
        """Where a location of a parameter is last written."""
        spans = [
            e.span
            for e in self._flows.own(root)
            if e.kind == "access" and e.write and any(_covers(t.location, location) for t in e.subject.targets)
        ]
        return spans[-1] if spans else None

    def _given(self, event: Event, target: Target, way: str, sink: str) -> GivenAddress:
        steps = [Label(one_line(event.span), "leaves here")]
        return GivenAddress(event.span, event.function, way, named(target), sink, (*labels_of(event), *steps))


def named(target: Target) -> str:
    """For messages: what lies at an address."""
    location = target.location
    if location.kind == "heap":
        return "a block of the enclave's heap"
    return f"'{location.name.split('#')[0]}'"


def _covers(outer: Symbol, inner: Symbol) -> bool:
    return outer.root == inner.root and inner.path[: len(outer.path)] == outer.path


__all__ = ["Addresses", "GivenAddress", "Value"]
