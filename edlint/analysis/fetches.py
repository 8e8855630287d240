"""Reads of memory that the host can change at any time."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edlint.analysis.flows import Flows
from edlint.analysis.meaning import Meaning
from edlint.analysis.succession import Succession
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.symbols import ANSWER, DEREF, ELEMENT, Linear, Symbol
from edlint.finding import Label
from edlint.model.unit import Function

_DECIDES = re.compile(
    r"cmp|equal|hash|sha\d|(?<![a-z])md\d?(?![a-z])|mac|verif|check|strlen|strnlen|digest|valid|decrypt", re.IGNORECASE
)


MAX_ELSEWHERE = 8
"""Further reads that a finding shows."""


@dataclass(frozen=True, slots=True)
class Double:
    """Two reads of one object of the host, in one function or one after the other."""

    meaning: Meaning
    first: Event
    second: Event
    path: tuple[Label, ...]
    elsewhere: tuple[Event, ...] = ()
    """Further reads of the same object."""


class Fetches:
    """All objects of the host that are read for a decision and then once more."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self._succession = Succession(flows.graph)
        self._decided = self._tests()
        self.doubles = tuple(self._read())

    @staticmethod
    def build(flows: Flows) -> Fetches:
        """The double fetches of a program."""
        return Fetches(flows)

    def _read(self) -> Iterator[Double]:
        """One for each object in each function: its members and its later reads are part of it."""
        found: dict[tuple[object, ...], Double] = {}
        for root, reads in self._by_root().items():
            for (symbol, _), events in reads.items():
                events = _distinct(events)
                pair = self._pair(events, root)
                if pair is None or not (self._is_decided(root, symbol) or _DECIDES.search(pair[0].what)):
                    continue
                known = next((m for m in self._flows.meanings(root, symbol) if m[0].kind == "host-memory"), None)
                if known is None or not self._is_the_hosts(root, symbol):
                    continue
                meaning, before = known
                # Members of the host's own struct are told one by one; the nodes of its lists are one thing.
                member = meaning.name if meaning.path.count(DEREF) <= 1 else ""
                key = (meaning.label.span, pair[1].function, member)
                if key not in found:
                    found[key] = Double(meaning, *pair, (meaning.label, *before))
                rest = tuple(e for e in events if e not in pair)
                others = (*found[key].elsewhere, *rest, *(pair if found[key].second is not pair[1] else ()))
                found[key] = replace(found[key], elsewhere=others[:MAX_ELSEWHERE])
        yield from found.values()

    def _is_the_hosts(self, root: Function, symbol: Symbol) -> bool:
        """Whether what a global leads to lies where the host said, rather than holds what was copied from there."""
        pointer = symbol.pointer
        if symbol.kind != "global" or pointer is None:
            return symbol.kind != "global"
        return any(m.is_host or m.kind.endswith("-pointer") for m, _ in self._flows.meanings(root, pointer))

    def _by_root(self) -> dict[Function, dict[tuple[Symbol, Linear | None], list[Event]]]:
        found: dict[Function, dict[tuple[Symbol, Linear | None], list[Event]]] = {}
        callers: dict[Function, frozenset[Function]] = {}
        for root, event in self._flows.events("fetch"):
            if any(c.kind == "inside" and not c.weak for _, known in event.checks for c in known):
                # Memory of the enclave, which the host cannot change.
                continue
            settled = all(t.location.kind == "global" for t in event.subject.targets)
            if settled and root not in callers:
                callers[root] = self._flows.graph.callers(root)
            for target in event.subject.targets:
                if any(s.endswith(ANSWER) for s in target.location.path):
                    # An object may answer with another address each time.
                    continue
                # Memory that a global leads to is the same in whatever calls the function.
                for function in (
                    (root, *sorted(callers.get(root, ()), key=lambda f: f.span.order)) if settled else (root,)
                ):
                    reads = found.setdefault(function, {})
                    reads.setdefault((target.location, target.offset), []).append(event)
        return found

    def _tests(self) -> dict[Function | None, set[Symbol]]:
        """What is decided on, or used as a length: by root, and of globals by anybody."""
        found: dict[Function | None, set[Symbol]] = {None: set()}
        for kind in ("test", "loop", "access", "alloc", "stack"):
            for root, event in self._flows.events(kind):
                taints = event.subject.taints if kind in ("test", "loop") else event.need.taints
                found.setdefault(root, set()).update(taints)
                found[None].update(t for t in taints if t.kind == "global")
        return found

    def _is_decided(self, root: Function, symbol: Symbol) -> bool:
        return symbol in self._decided.get(root, ()) or symbol in self._decided[None]

    def _pair(self, events: list[Event], root: Function) -> tuple[Event, Event] | None:
        """The first two reads in one function, in the order of the text, else the first two in all, the root's before.

        Two that exclude each other, as in two cases of one switch, are none.
        """
        by_function: dict[str, list[Event]] = {}
        for event in events:
            by_function.setdefault(event.function, []).append(event)
        for own in by_function.values():
            pair = self._follower(root, sorted(own, key=lambda e: e.span.order))
            if pair is not None:
                return pair
        if not any(e.via for e in events):
            # Nobody said in which order they come: the root reads and then calls who reads. Two that it calls may
            # never follow each other.
            events = sorted(events, key=lambda e: e.function != root.qualified)
            if events[0].function != root.qualified:
                return None
        return self._follower(root, events)

    def _follower(self, root: Function, events: list[Event]) -> tuple[Event, Event] | None:
        """The first two events of which one may follow the other, in that order."""
        for first, second in itertools.combinations(events, 2):
            if first.function == second.function and first.name != second.name and _by_element(first):
                continue
            if self._succession.may_follow(root, first, second):
                return first, second
            if self._succession.may_follow(root, second, first):
                return second, first
        return None


def _by_element(event: Event) -> bool:
    """Whether an address among others, nobody knows which, led to what is read: then it may be another one each time,
    unless it is written the same."""
    for target in event.subject.targets:
        path = target.location.path
        if (DEREF, DEREF) in itertools.pairwise(path) or (ELEMENT in path and DEREF in path[path.index(ELEMENT) :]):
            return True
    return False


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
