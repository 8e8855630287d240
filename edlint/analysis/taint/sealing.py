"""What a function seals to the enclave: the bytes are a secret also at the calls that show them before or after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from edlint.analysis.outcomes import variable_of
from edlint.analysis.rows import rows_of
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import SourceInfo
from edlint.analysis.taint.values import Target, Value
from edlint.model.ir import Assign, Body, Invoke, Op, Scope
from edlint.model.sdk import Sdk

SEALED = "sealed"
"""The kind of the sources."""

INPUT = "seal-input"
"""The kind of the sinks that models name."""

_SHOWS = re.compile(r"print|log|dump|show|trace|debug|ocall|write|send", re.IGNORECASE)
_READS = re.compile(r"len|cmp|free|size", re.IGNORECASE)
"""Functions of such names leave what their arguments point to as it is."""


class Shown(NamedTuple):
    """An argument of a call whose bytes another call of the function seals."""

    position: int
    seal: Invoke


def shown(body: Body, sdk: Sdk) -> Mapping[int, tuple[Shown, ...]]:
    """By call: its arguments that hold what is sealed, with nothing in between that may have changed it."""
    if not any(row.kind == INPUT for invoke in body.invokes() for row in sdk.rows.get(invoke.name, ())):
        return {}
    ops = sorted(body.ops(), key=lambda op: op.span.order)
    found: dict[int, tuple[Shown, ...]] = {}
    for number, seal in enumerate(ops):
        for key, _ in _sealed(body, sdk, seal):
            assert isinstance(seal, Invoke)
            for way in (reversed(ops[:number]), ops[number + 1 :]):
                for invoke, position in _until_changed(way, key):
                    found[id(invoke)] = (*found.get(id(invoke), ()), Shown(position, seal))
    return found


def _sealed(body: Body, sdk: Sdk, op: Op) -> Iterator[tuple[str, int]]:
    """The local variables whose bytes a call seals."""
    for row in rows_of(sdk, op) if isinstance(op, Invoke) else ():
        if row.kind == INPUT and isinstance(op, Invoke) and 0 <= row.at.arg < len(op.args):
            key = variable_of(op.args[row.at.arg])
            variable = body.variables.get(key) if key is not None else None
            if key is not None and variable is not None and variable.scope is Scope.LOCAL:
                yield key, row.at.arg


def _until_changed(ops: Iterable[Op], key: str) -> Iterator[tuple[Invoke, int]]:
    """The calls that show a variable, nearest first, as far as it holds the same."""
    for op in ops:
        if isinstance(op, Assign | Invoke) and op.target is not None and op.target.root == key:
            return
        if not isinstance(op, Invoke):
            continue
        positions = [n for n, argument in enumerate(op.args) if variable_of(argument) == key]
        if positions and not (_SHOWS.search(op.name) or _READS.search(op.name)):
            return
        if positions and _SHOWS.search(op.name):
            yield from ((op, n) for n in positions)


def mark(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], found: tuple[Shown, ...]) -> None:
    """What the arguments point to is a secret."""
    for position, seal in found:
        frame = evaluator.frame
        info = SourceInfo(SEALED, seal.span, frame.function.qualified, seal.name, name=seal.name)
        symbol = frame.registry.symbol(info)
        for target in evaluator.pointing.targets(args[position]):
            _add(evaluator, target, Value(None, frozenset((symbol,))).via(invoke.span, f"shown to '{invoke.name}'"))


def _add(evaluator: Evaluator, target: Target, secret: Value) -> None:
    known = evaluator.memory.stored(target.location)
    evaluator.memory.put(target.location, known.tainted(secret.taints, secret.trail))
