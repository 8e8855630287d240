"""Whether two events can happen in one run of a function, and which of them comes first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.conditions import reachable
from edlint.analysis.taint.events import Event
from edlint.model.ir import Assign, Body, Branch, Declare, Evaluate, Invoke, Op, Return, Terminator, Value, walk
from edlint.model.unit import Function
from edlint.source import Span


class Succession:
    """Orders the events of a program by the ways through the functions that they happen in."""

    def __init__(self, graph: CallGraph) -> None:
        self._graph = graph
        self._named: dict[str, list[Function]] = {}
        for function in graph.reached:
            self._named.setdefault(function.qualified, []).append(function)
        self._places: dict[Function, dict[Span, set[int]]] = {}
        self._after: dict[tuple[Function, int], frozenset[int]] = {}

    def may_follow(self, root: Function, first: Event, second: Event) -> bool:
        """Whether the second of two events told of a root may happen after the first; true where nobody can tell.

        Where their ways through the calls part, two places of one function say so.
        """
        name = _start(first)
        function = root if name == root.qualified else _only(self._named.get(name, []))
        if name != _start(second):
            return True
        for one, two in zip(_way(first), _way(second), strict=False):
            if function is None:
                break
            if one[0] != two[0]:
                return self._follows(function, one[0], two[0])
            inner = self._graph.calls.get(function, ())
            function = _only([f for f in inner if f.qualified == one[1]]) if one == two else None
        return True

    def _follows(self, function: Function, one: Span, two: Span) -> bool:
        places = self._places.get(function)
        if places is None:
            places = self._places[function] = _places(function.body)
        before, after = places.get(one), places.get(two)
        if not before or not after:
            return True
        return any(after & self._reached(function, block) for block in before) or not before.isdisjoint(after)

    def _reached(self, function: Function, block: int) -> frozenset[int]:
        key = (function, block)
        if key not in self._after:
            self._after[key] = reachable(function.body, block)
        return self._after[key]


def _start(event: Event) -> str:
    return event.via[0].caller if event.via else event.function


def _way(event: Event) -> list[tuple[Span, str]]:
    """The calls down to an event, each with what it calls, and its own place."""
    return [*((v.span, v.callee) for v in event.via), (event.span, "")]


def _only(functions: Iterable[Function]) -> Function | None:
    """The function of that name, when there is no other one."""
    found = [*functions]
    return found[0] if len(found) == 1 else None


def _places(body: Body) -> dict[Span, set[int]]:
    """By span of a call or of a value: the blocks in which it is evaluated."""
    found: dict[Span, set[int]] = {}
    for number, block in enumerate(body.blocks):
        for part in (*block.ops, block.end):
            if isinstance(part, Invoke):
                found.setdefault(part.span, set()).add(number)
            for value in _values(part):
                for inner in walk(value):
                    found.setdefault(inner.span, set()).add(number)
    return found


def _values(part: Op | Terminator) -> Iterator[Value]:
    match part:
        case Assign(target=target, value=value):
            yield from (target, value)
        case Invoke(target=target, callee=callee, receiver=receiver, args=args):
            yield from (v for v in (target, callee, receiver, *args) if v is not None)
        case Declare(extents=extents):
            yield from extents
        case Evaluate(value=value) | Branch(condition=value):
            yield value
        case Return(value=result) if result is not None:
            yield result
