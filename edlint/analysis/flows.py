"""What crosses the boundary and where it ends: the events of the taint engine, read at the ECALLs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.meaning import Boundary, Meaning, Reader, boundaries
from edlint.analysis.taint.engine import Analysis
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.numbers import SOME_LIMIT
from edlint.analysis.taint.symbols import CODED, DEREF, SECRETS, Symbol, uncoded
from edlint.finding import Label
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.source import Span

MAX_PATH = 14
"""Steps that a finding shows."""

MAX_MEANINGS = 6
"""Origins of one value that are told apart."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One thing that came in, at one event."""

    event: Event
    symbol: Symbol
    meaning: Meaning
    root: Function
    before: tuple[Label, ...] = ()
    """Steps before the event's own: where a global was set."""

    @property
    def path(self) -> tuple[Label, ...]:
        """From the EDL's declaration to the place, step by step."""
        return path_of(self.meaning, self.event, self.before)


class Flows:
    """Events with what their values are at the boundary."""

    def __init__(self, program: Program, analysis: Analysis, graph: CallGraph) -> None:
        self.program = program
        self.analysis = analysis
        self.graph = graph
        self.boundaries = boundaries(program)
        called = {c for calls in graph.calls.values() for c in calls}
        self.roots = tuple(
            f
            for f in graph.reached
            if (f in self.boundaries or f not in called or f in graph.taken)
            and program.side(f.path) is not Side.UNTRUSTED
        )
        self._readers = {f: Reader(program, analysis.registry, self.boundaries.get(f)) for f in graph.reached}
        self._events: dict[str, list[tuple[Function, Event]]] = {}
        for function in sorted(self.roots, key=lambda f: (f not in self.boundaries, f.span.order)):
            for event in analysis.summaries[function].events:
                self._events.setdefault(event.kind, []).append((function, event))
        for function in sorted(graph.reached, key=lambda f: f.span.order):
            if program.side(function.path) is not Side.UNTRUSTED:
                for event in analysis.frames[function].settled:
                    self._events.setdefault(event.kind, []).append((function, event))
        self._cells = self._kept()
        self._asked: dict[tuple[Function, Symbol, int], tuple[tuple[Meaning, tuple[Label, ...]], ...]] = {}

    @staticmethod
    def build(program: Program, analysis: Analysis, graph: CallGraph) -> Flows:
        """The flows of a program."""
        return Flows(program, analysis, graph)

    def reader(self, root: Function) -> Reader:
        """What the symbols of a root are."""
        return self._readers[root]

    def boundary(self, root: Function) -> Boundary | None:
        """The ECALL that a root implements, or None."""
        return self.boundaries.get(root)

    def events(self, *kinds: str) -> Iterator[tuple[Function, Event]]:
        """Events of some kinds with the root that they are told of, in the order of the roots."""
        for kind in kinds:
            yield from self._events.get(kind, ())

    def own(self, function: Function) -> tuple[Event, ...]:
        """All events of a function, what callers see and what they do not."""
        return (*self.analysis.summaries[function].events, *self.analysis.frames[function].settled)

    def meanings(self, root: Function, symbol: Symbol) -> Iterator[tuple[Meaning, tuple[Label, ...]]]:
        """What a symbol is, through globals: with the steps that led to the global."""
        yield from self._known(root, symbol, 0)

    def _known(self, root: Function, symbol: Symbol, depth: int) -> tuple[tuple[Meaning, tuple[Label, ...]], ...]:
        # Many events ask for the same, and the ways through globals branch with every store.
        key = (root, symbol, depth)
        found = self._asked.get(key)
        if found is None:
            found = self._asked[key] = tuple(itertools.islice(self._meanings(root, symbol, depth), MAX_MEANINGS))
        return found

    def _meanings(self, root: Function, symbol: Symbol, depth: int) -> Iterator[tuple[Meaning, tuple[Label, ...]]]:
        if symbol.kind == CODED + "global":
            for inner, before in self._meanings(root, uncoded(symbol), depth):
                if inner.kind in SECRETS:
                    yield inner, before
            return
        if symbol.kind != "global":
            meaning = self._readers[root].read(symbol)
            if meaning is not None:
                yield meaning, ()
            return
        if depth > 3:
            return
        for keeper, event, location in self._cells.get(symbol.root, ()):
            rest = self._rest(location, symbol)
            if rest is None:
                continue
            if not rest and _counts(event, location):
                if location not in self.analysis.frames[keeper].tested:
                    yield counter(event, location), ()
                continue
            for taint in sorted(event.subject.taints):
                if taint.root == symbol.root:
                    continue
                for meaning, before in self._known(keeper, taint.step(*rest), depth + 1):
                    label = Label(one_line(event.span), f"kept in '{event.name}'")
                    yield meaning, (*before, *labels_of(event), label)

    def _rest(self, location: Symbol, symbol: Symbol) -> tuple[str, ...] | None:
        depth = len(location.path)
        return symbol.path[depth:] if symbol.path[:depth] == location.path else None

    def keepers(self, symbol: Symbol) -> Iterator[tuple[Function, Event]]:
        """Stores to the global that a symbol is, or that it lies in."""
        for keeper, event, location in self._cells.get(symbol.root, ()):
            if self._rest(location, symbol) is not None:
                yield keeper, event

    def _kept(self) -> Mapping[Symbol, list[tuple[Function, Event, Symbol]]]:
        cells: dict[Symbol, list[tuple[Function, Event, Symbol]]] = {}
        for function, event in self._events.get("keep", ()):
            for target in event.subject.targets:
                if target.location.kind == "global":
                    cells.setdefault(target.location.root, []).append((function, event, target.location))
        return cells

    def reaching(self, sources: tuple[str, ...], sinks: tuple[str, ...]) -> Iterator[Flow]:
        """What arrives at sinks of some kinds from sources of some kinds, one flow for each sink."""
        for root, event in self.events("sink"):
            if event.what not in sinks:
                continue
            for flow in self.flows(root, event, event.subject.taints):
                meaning = flow.meaning
                if not meaning.kinds.isdisjoint(sources) or (meaning.info is not None and meaning.info.kind in sources):
                    yield flow
                    break

    def flows(self, root: Function, event: Event, taints: frozenset[Symbol]) -> Iterator[Flow]:
        """What the taints of an event's value are."""
        for taint in sorted(taints):
            for meaning, before in self.meanings(root, taint):
                yield Flow(event, taint, meaning, root, before)


def _counts(event: Event, location: Symbol) -> bool:
    """Whether a store makes a number grow, without a limit."""
    term = event.subject.term
    if term is None or term.constant <= 0 or term.vector != ((location, 1),):
        return False
    return not any(
        dict(vector).get(location, 0) > 0 and (len(vector) > 1 or upper < SOME_LIMIT) for vector, upper in event.facts
    )


def counter(event: Event, location: Symbol) -> Meaning:
    """A number that the host makes as large as it likes by calling often enough."""
    name = location.name.rsplit(".", 1)[-1]
    label = Label(one_line(event.span), f"'{name}' grows with every call that the host makes")
    return Meaning("counter", label, name, event.function, path=location.path)


def one_line(span: Span) -> Span:
    """The part of a span on its first line."""
    if span.line == span.end_line:
        return span
    source = span.source
    start = source.line_starts[span.line - 1]
    return Span(source, span.start, max(span.start + 1, start + len(source.line(span.line))))


def labels_of(event: Event) -> tuple[Label, ...]:
    """The steps that an event's value took, and the calls down to the place."""
    steps: list[tuple[Span, str]] = []
    for trail in (event.subject.trail, event.need.trail):
        if trail is not None:
            steps.extend(s for s in trail.steps() if s not in steps)
    spans = {s for s, _ in steps}
    calls = [(v.span, f"passed to '{v.callee}'") for v in event.via if v.span not in spans]
    return tuple(Label(one_line(span), text) for span, text in (*calls, *steps))


def path_of(meaning: Meaning, event: Event, before: tuple[Label, ...] = (), sink: str = "") -> tuple[Label, ...]:
    """From the declaration through the steps to the place of the event."""
    steps: list[Label] = [meaning.label]
    if meaning.info is not None and meaning.label.span != meaning.info.span:
        steps.append(Label(one_line(meaning.info.span), f"'{meaning.call}' is called"))
    seen = {one_line(s.span) for s in steps}
    for label in (*before, *labels_of(event)):
        if label.span not in seen:
            seen.add(label.span)
            steps.append(label)
    if len(steps) > MAX_PATH:
        steps = [*steps[: MAX_PATH // 2], *steps[-MAX_PATH // 2 :]]
    place = one_line(event.span)
    steps = [s for s in steps if s.span != place or s is steps[0]]
    steps.append(Label(place, sink or "used here"))
    return tuple(steps)


def under(symbol: Symbol) -> Symbol:
    """What a pointer symbol points to."""
    return symbol.step(DEREF)


__all__ = ["Flow", "Flows", "labels_of", "one_line", "path_of", "replace", "under"]
