"""Functions of the project that tell by what they give back whether a call of an SDK or library succeeded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.outcomes import At, invokes_with_place, kept_in, plain, reach
from edlint.model.ir import Assign, Body, Branch, Invoke, Number, Place, Return, Value
from edlint.model.program import Program
from edlint.model.unit import Function

TEARDOWN = re.compile(r"_(?:close|free|destroy|cleanup|release|close_context)(?:_context)?\Z")
"""Functions of such names give memory back, and nobody waits for what they say."""

MAX_STATES = 2000
"""Blocks with what is known there of the results, for one call."""

_Known = frozenset[tuple[str, str]]
"""Variables that are given back, with what they hold."""


@dataclass(frozen=True)
class Reporters:
    """By function: the SDK function whose success or failure its result tells."""

    of: Mapping[Function, str]

    @staticmethod
    def build(program: Program, graph: CallGraph) -> Reporters:
        """Callees first, so that what a helper tells is told on by its callers."""
        found: dict[Function, str] = {}
        for function in graph.reached:
            if not program.is_trusted(function) or function.result.is_void or function.result.is_pointer:
                continue
            for at, invoke in invokes_with_place(function.body):
                cause = _cause(program, graph, found, function, invoke)
                if cause and _is_told(function.body, at, invoke):
                    found[function] = cause
                    break
        return Reporters(found)


def _cause(
    program: Program, graph: CallGraph, found: Mapping[Function, str], function: Function, invoke: Invoke
) -> str:
    if TEARDOWN.search(invoke.name):
        return ""
    if invoke.name in program.sdk.statuses and invoke.receiver is None:
        return invoke.name
    targets = graph.callees(invoke, function)
    return found.get(targets[0], "") if targets and all(t in found for t in targets) else ""


def _is_told(body: Body, at: At, invoke: Invoke) -> bool:
    """Whether what the function gives back differs by what the call at `at` gave."""
    if invoke.target is None:
        return False
    for key in dict.fromkeys((invoke.target.root, kept_in(body, at))):
        for op, place in reach(body, At(at.block, at.op + 1), key) if key else ():
            if isinstance(op, Return):
                return True
            if isinstance(op, Branch) and op.yes != op.no:
                before = _known_in(body, place.block)
                yes, no = (set(_results(body, to, before)) for to in (op.yes, op.no))
                if yes and no and yes != no:
                    return True
    return False


def _returned(body: Body) -> frozenset[str]:
    """Variables that the function gives back as they are."""
    ends = (b.end for b in body.blocks)
    values = (plain(e.value) for e in ends if isinstance(e, Return) and e.value is not None)
    return frozenset(v.root for v in values if isinstance(v, Place) and v.is_variable)


def _known_in(body: Body, block: int) -> _Known:
    return _after(body, block, frozenset(), _returned(body))


def _after(body: Body, block: int, known: _Known, returned: frozenset[str]) -> _Known:
    """What the returned variables hold behind a block."""
    held = dict(known)
    for op in body.blocks[block].ops:
        if isinstance(op, (Assign, Invoke)) and op.target is not None and op.target.root in returned:
            plainly = isinstance(op, Assign) and not op.compound
            held[op.target.root] = _text(op.value) if isinstance(op, Assign) and plainly else "?"
    return frozenset(held.items())


def _results(body: Body, start: int, known: _Known) -> Iterator[str]:
    """What may be given back on the ways that start with a block."""
    returned = _returned(body)
    seen: set[tuple[int, _Known]] = set()
    work = [(start, known)]
    while work and len(seen) < MAX_STATES:
        state = work.pop()
        if state in seen:
            continue
        seen.add(state)
        after = _after(body, *state, returned)
        block = body.blocks[state[0]]
        if isinstance(block.end, Return) and block.end.value is not None:
            value = plain(block.end.value)
            yield dict(after).get(value.root, "?") if isinstance(value, Place) and value.is_variable else _text(value)
        work.extend((s, after) for s in block.successors)


def _text(value: Value) -> str:
    value = plain(value)
    return str(value.value) if isinstance(value, Number) else value.span.text
