"""Texts that are read up to their terminators: by functions that take strings, and by `%s` in what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.formats import texts
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.values import UNKNOWN, Value
from edlint.model.ir import Binary, Invoke, Place, Text
from edlint.model.ir import Value as Expression
from edlint.model.sdk import Row
from edlint.model.types import TypeRef
from edlint.model.unit import Function
from edlint.source import Span

_LISTED = re.compile(r"_*v|.*scanf")
"""Functions that take their arguments as a list, or write where they lead."""
_STRINGS = frozenset(("string", "wstring", "basic_string"))
_LIMITED = ("strnlen", "strnlen_s", "memchr")


def note_text(evaluator: Evaluator, value: Value, span: Span, what: str, name: str, position: int = -1) -> None:
    """A pointer, written `name`, is read up to a terminator that somebody must have put there."""
    if what in _LIMITED and evaluator.pointing.base(value) is not None:
        return
    targets = evaluator.pointing.targets(value)
    if not value.taints and not any(t.location.kind != "text" for t in targets):
        return
    content = evaluator.memory.content(targets)
    event = Event(
        "string",
        Value(value.term, value.taints, targets, value.trail),
        span,
        evaluator.frame.function.qualified,
        what,
        name,
        Value(None, content.taints, (), content.trail),
        param=position,
    )
    evaluator.frame.note(event, evaluator.state)
    if any(evaluator.state.has(t.location, "unterminated") for t in targets):
        filled = frozenset(t for t in content.taints if t.kind == "source")
        open_ = replace(event, kind="open-string", subject=Value(value.term, filled, targets, content.trail))
        evaluator.frame.note(open_, evaluator.state)


def format_position(rows: Iterable[Row], callees: Iterable[Function]) -> int:
    """Where a call that takes more arguments than are declared has its format; -1 where nobody says."""
    for row in rows:
        if row.word == "sink" and row.kind == "format" and row.at.arg >= 0 and not _LISTED.match(row.function):
            return row.at.arg
    return next((len(f.params) - 1 for f in callees if f.variadic), -1)


def printed(evaluator: Evaluator, invoke: Invoke, args: tuple[Value, ...], position: int) -> None:
    """Note the addresses that a call whose format is known reads as texts."""
    format_ = invoke.args[position] if 0 <= position < len(invoke.args) else None
    if not isinstance(format_, Text):
        return
    for offset, ends in texts(format_.value):
        place = position + 1 + offset
        if place >= len(args):
            return
        value, given = args[place], invoke.args[place]
        if not value.taints and not value.targets:
            continue
        evaluator.touches.access(
            value,
            UNKNOWN,
            given.span,
            write=False,
            what=invoke.name,
            name=text_of(given),
            param=place,
            refuses_null=True,
        )
        if not ends:
            note_text(evaluator, value, invoke.span, invoke.name, text_of(given), place)


def is_text(evaluator: Evaluator, ref: TypeRef | None) -> bool:
    """Whether a place is a string that takes a copy of the characters, not their address."""
    if ref is None or ref.is_pointer:
        return False
    ref = evaluator.frame.layout.resolve(ref)
    return not ref.is_pointer and not ref.dims and ref.base.rpartition("::")[2] in _STRINGS


def assigned_text(evaluator: Evaluator, place: Place, value: Value, given: Expression | None) -> Value:
    """What a string holds that is set to a value or a sum; the addresses among these are read up to a terminator."""
    for part in _parts(given):
        one = evaluator.value(part) if part is not given else value
        if not (one.taints or one.targets) or not _is_address(evaluator, one):
            continue
        if not is_text(evaluator, evaluator.type_of(part)):
            note_text(evaluator, one, place.span, "std::string", text_of(part))
            if part is not given:
                evaluator.touches.access(one, UNKNOWN, place.span, write=False, what="std::string")
    if not (value.taints or value.targets) or not _is_address(evaluator, value):
        return value
    # The characters are read and copied, the address is not kept.
    evaluator.touches.access(value, UNKNOWN, place.span, write=False, what="std::string")
    return evaluator.memory.content(evaluator.pointing.targets(value))


def _parts(given: Expression | None) -> Iterator[Expression]:
    """What a sum is made of; anything else is itself."""
    rest = [given] if given is not None else []
    while rest:
        part = rest.pop()
        if isinstance(part, Binary) and part.op == "+":
            rest += [part.right, part.left]
        elif not isinstance(part, Binary):
            yield part


def _is_address(evaluator: Evaluator, value: Value) -> bool:
    base = evaluator.pointing.base(value)
    ref = evaluator.frame.type_of(base) if base is not None else None
    return bool(value.targets) or (ref is not None and ref.is_pointer)
