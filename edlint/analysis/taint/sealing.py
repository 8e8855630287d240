"""What a function seals to the enclave or uses as a key: a secret also at the calls that show it before or after."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from edlint.analysis.outcomes import plain, variable_of
from edlint.analysis.rows import rows_of
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import SourceInfo
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.values import Target, Value
from edlint.model.ir import Assign, Body, Index, Invoke, Op, Place, Scope
from edlint.model.ir import Value as Expression
from edlint.model.sdk import Sdk

SEALED = "sealed"
"""The kind of the sources that are sealed."""

USED = "used-key"
"""The kind of the sources that a key is made of."""

BY_USE = (SEALED, USED)
"""Kinds of sources that are secrets for what the function does with them, wherever they come from."""

INPUT = "seal-input"
"""The kind of the sinks that models name for sealing."""

_SHOWS = re.compile(r"print|log|dump|show|trace|debug|ocall|write|send", re.IGNORECASE)
_READS = re.compile(r"len|cmp|free|size", re.IGNORECASE)
"""Functions of such names leave what their arguments point to as it is."""


class Shown(NamedTuple):
    """An argument of a call whose bytes another call of the function seals or uses as a key."""

    place: Place
    user: Invoke
    kind: str
    name: str
    """What messages call the use."""


def shown(body: Body, sdk: Sdk, is_key: Callable[[Expression], bool]) -> Mapping[int, tuple[Shown, ...]]:
    """By call: its arguments that hold what is sealed or a key, with nothing in between that may have changed it.

    `is_key` tells of an argument whether it points to something whose type is one for keys.
    """
    if not any(_SHOWS.search(invoke.name) for invoke in body.invokes()):
        return {}
    ops: list[Op] = []
    found: dict[int, tuple[Shown, ...]] = {}
    for user in body.invokes():
        for key, kind, name in _used(body, sdk, user, is_key):
            ops = ops or sorted(body.ops(), key=lambda op: op.span.order)
            number = next(n for n, op in enumerate(ops) if op is user)
            for way in (reversed(ops[:number]), ops[number + 1 :]):
                for invoke, place in _until_changed(way, key):
                    found[id(invoke)] = (*found.get(id(invoke), ()), Shown(place, user, kind, name))
    return found


def _used(body: Body, sdk: Sdk, user: Invoke, is_key: Callable[[Expression], bool]) -> Iterator[tuple[str, str, str]]:
    """The local variables whose bytes a call seals or uses as a key, with the kind and the name of the use."""
    for row in rows_of(sdk, user):
        if row.kind == INPUT or (row.kind == "key-use" and row.at.pointee):
            if 0 <= row.at.arg < len(user.args) and (key := _local(body, user.args[row.at.arg])):
                yield key, SEALED if row.kind == INPUT else USED, user.name
        elif row.word == "flow" and row.at.pointee and row.to is not None and row.to.pointee:
            ends = (row.at.arg, row.to.arg)
            if min(ends) >= 0 and max(ends) < len(user.args):
                key = _local(body, user.args[row.at.arg])
                if key and is_key(user.args[row.to.arg]):
                    yield key, USED, text_of(user.args[row.to.arg]).lstrip("&")


def _local(body: Body, argument: Expression) -> str:
    key = variable_of(argument)
    variable = body.variables.get(key) if key is not None else None
    return variable.key if variable is not None and variable.scope is Scope.LOCAL else ""


def _until_changed(ops: Iterable[Op], key: str) -> Iterator[tuple[Invoke, Place]]:
    """The calls that show a variable or elements of it, nearest first, as far as it holds the same."""
    for op in ops:
        if isinstance(op, Assign | Invoke) and op.target is not None and op.target.root == key:
            return
        if not isinstance(op, Invoke):
            continue
        shows = bool(_SHOWS.search(op.name))
        if not shows and not _READS.search(op.name) and any(variable_of(a) == key for a in op.args):
            return
        for argument in op.args if shows else ():
            if (place := _whole(argument, key)) is not None:
                yield op, place


def _whole(argument: Expression, key: str) -> Place | None:
    """The variable that an argument is, is the address of, or is an element of."""
    place = plain(argument)
    if variable_of(argument) == key:
        return Place(key, (), argument.span)
    if isinstance(place, Place) and place.root == key and all(isinstance(s, Index) for s in place.steps):
        return replace(place, steps=())
    return None


def mark(evaluator: Evaluator, invoke: Invoke, found: tuple[Shown, ...]) -> None:
    """What is shown is a secret."""
    for place, user, kind, name in found:
        frame = evaluator.frame
        symbol = frame.registry.symbol(SourceInfo(kind, user.span, frame.function.qualified, name, name=name))
        at = evaluator.places.address(place)
        pointed = evaluator.value(place)
        for target in pointed.targets or at.targets:
            _add(evaluator, target, Value(None, frozenset((symbol,))).via(invoke.span, f"shown to '{invoke.name}'"))


def _add(evaluator: Evaluator, target: Target, secret: Value) -> None:
    known = evaluator.memory.stored(target.location)
    evaluator.memory.put(target.location, known.tainted(secret.taints, secret.trail))
