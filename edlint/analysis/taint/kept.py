"""Notes of what is stored in globals, where another ECALL finds it."""

from __future__ import annotations

from collections.abc import Iterator

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import DEREF, ELEMENT, MAX_PATH, SECRETS, ZERO, Symbol
from edlint.analysis.taint.values import NO_TAINT, Target, Value, put
from edlint.source import Span

MAX_BEHIND = 32
"""Places behind the globals of one state that are looked at."""

DEEP = 3
"""Blocks that are followed one out of another."""


def note_content(evaluator: Evaluator, targets: tuple[Target, ...], value: Value, span: Span, name: str) -> None:
    """Note what a function put into a global, but for plaintexts: many are kept to be given to those who may ask."""
    taints = frozenset(t for t in value.taints if t.kind != "source" or t.name != "plaintext")
    note_kept(evaluator, targets, Value(value.term, taints, (), value.trail), span, name)


def note_kept(evaluator: Evaluator, targets: tuple[Target, ...], value: Value, span: Span, name: str) -> None:
    """Note that a value goes to a global, when it derives from anything or points to something."""
    if not evaluator.frame.recording or not (value.taints or value.targets):
        return
    for target in targets:
        if target.location.kind == "global":
            event = Event(
                "keep",
                Value(value.term, value.taints, (target,), value.trail),
                span,
                evaluator.frame.function.qualified,
                what=target.location.name,
                name=name,
                need=Value(None, NO_TAINT, value.targets),
            )
            evaluator.frame.note(event, evaluator.state)


def note_guarded(evaluator: Evaluator, value: Value, span: Span) -> None:
    """Note a store of an address that was found to lie outside: where it is used, nothing says so any more."""
    base = evaluator.pointing.base(value) if evaluator.frame.recording and value.taints else None
    if base is not None and evaluator.state.has(base, "outside"):
        evaluator.frame.registry.guarded.add(span)


def note_behind(evaluator: Evaluator, span: Span) -> None:
    """Note what an OCALL wrote to a global, and what blocks hold that a global leads to, when a function ends.

    Only then it is known what was checked of it.
    """
    frame = evaluator.frame
    for place, value in behind(evaluator.state):
        taints = frozenset(t for t in value.taints if t.kind != "source" or t.name not in SECRETS)
        if not (taints or value.targets) or put(value.trail) in frame.registry.guarded:
            continue
        name = ".".join((place.name, *(s for s in place.path if s not in (DEREF, ELEMENT))))
        event = Event(
            "keep",
            Value(value.term, taints, (Target(place),), value.trail),
            put(value.trail) or _given_at(evaluator, value) or span,
            frame.function.qualified,
            place.name,
            name,
            Value(None, NO_TAINT, value.targets),
        )
        frame.note(event, evaluator.state)


def behind(state: State) -> Iterator[tuple[Symbol, Value]]:
    """What OCALLs wrote to globals, and what blocks hold that globals lead to: places as others name them."""
    for location, value in state.memory.items():
        if location.kind == "global" and _is_given(value):
            yield location, value
    cells: dict[tuple[str, str, int], list[tuple[Symbol, Value]]] = {}
    for location, value in state.memory.items():
        if location.kind == "heap" and (value.taints or value.targets):
            cells.setdefault(location[:3], []).append((location, value))
    if not cells:
        return
    pending = [(at, v, DEEP) for at, v in state.memory.items() if at.kind == "global" and v.targets]
    count = 0
    while pending:
        location, value, depth = pending.pop()
        for target in value.targets:
            if target.offset != ZERO:
                continue
            start = target.location.path
            for inside, held in cells.get(target.location[:3], ()):
                path = (*location.path, DEREF, *inside.path[len(start) :])
                if inside.path[: len(start)] != start or len(path) > MAX_PATH or count == MAX_BEHIND:
                    continue
                count += 1
                place = Symbol(location.kind, location.name, location.number, path)
                yield place, held
                if depth > 1 and held.targets:
                    pending.append((place, held, depth - 1))


def _is_given(value: Value) -> bool:
    """Whether an OCALL wrote it where it is, and nobody stored it there."""
    symbol = value.symbol
    return symbol is not None and (symbol.kind, symbol.name) == ("source", "ocall-result") and put(value.trail) is None


def _given_at(evaluator: Evaluator, value: Value) -> Span | None:
    """The call that wrote a value where it is."""
    symbol = value.symbol if _is_given(value) else None
    return evaluator.frame.registry.info(symbol).span if symbol is not None else None
