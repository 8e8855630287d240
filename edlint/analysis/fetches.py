"""Reads of memory that the host can change at any time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.flows import Flows
from edlint.analysis.meaning import Meaning
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.symbols import Linear, Symbol
from edlint.finding import Label
from edlint.model.unit import Function

_DECIDES = re.compile(r"cmp|equal|hash|sha\d|mac|verif|check|strlen|strnlen|digest|valid|decrypt", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Double:
    """Two reads of one object of the host."""

    meaning: Meaning
    first: Event
    second: Event
    path: tuple[Label, ...]


class Fetches:
    """All objects of the host that are read for a decision and then once more."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self.doubles = tuple(self._read())

    @staticmethod
    def build(flows: Flows) -> Fetches:
        """The double fetches of a program."""
        return Fetches(flows)

    def _read(self) -> Iterator[Double]:
        told: set[tuple[object, ...]] = set()
        for root, reads in self._by_root().items():
            tested = self._tested(root)
            for (symbol, _), events in reads.items():
                events = _distinct(events)
                if len(events) < 2 or not (symbol in tested or _DECIDES.search(events[0].what)):
                    continue
                found = next(
                    (m for m in self._flows.meanings(root, symbol) if m[0].kind == "host-memory"),
                    None,
                )
                if found is None:
                    continue
                meaning, before = found
                key = (meaning.label.span, meaning.name, meaning.call, events[1].function)
                if key not in told:
                    told.add(key)
                    yield Double(meaning, events[0], events[1], (meaning.label, *before))

    def _by_root(self) -> dict[Function, dict[tuple[Symbol, Linear | None], list[Event]]]:
        found: dict[Function, dict[tuple[Symbol, Linear | None], list[Event]]] = {}
        for root, event in self._flows.events("fetch"):
            for target in event.subject.targets:
                reads = found.setdefault(root, {})
                reads.setdefault((target.location, target.offset), []).append(event)
        return found

    def _tested(self, root: Function) -> set[Symbol]:
        """What is decided on, or used as a length."""
        found: set[Symbol] = set()
        for kind in ("test", "loop"):
            for other, event in self._flows.events(kind):
                if other is root:
                    found |= event.subject.taints
        for kind in ("access", "alloc", "stack"):
            for other, event in self._flows.events(kind):
                if other is root:
                    found |= event.need.taints
        return found


def _distinct(events: list[Event]) -> list[Event]:
    """One event for each place."""
    seen: set[object] = set()
    kept: list[Event] = []
    for event in events:
        place = (event.span.path, event.span.line, event.span.column)
        if place not in seen:
            seen.add(place)
            kept.append(event)
    return kept
