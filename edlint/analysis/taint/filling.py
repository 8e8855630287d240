"""Which bytes of a local variable a function writes at all, and which it sends out without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from edlint.analysis.layout import Layout
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import at_most_zero
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import DEREF, ELEMENT, Linear, Symbol, add, constant
from edlint.analysis.taint.values import Target, Value
from edlint.model.ir import Scope, Variable
from edlint.model.types import TypeKind, TypeRef
from edlint.source import Span

PARTLY, PADDING = 1, 2
"""Numbers of `uninit` symbols: bytes that belong to something were not written, or only bytes between members."""

MAX_SIZE = 1 << 16
"""Bytes of the largest variable that is looked into."""

_CODE = re.compile(r"[(=]|\bvirtual\b")
"""What the text of a plain struct does not hold: methods, and values that members start with."""


class Fill(NamedTuple):
    """Bytes of a local that one operation writes."""

    span: Span
    start: int | None = None
    """None for any of them."""
    end: Linear | None = None


def fill(frame: Frame, targets: tuple[Target, ...], length: Linear | None, span: Span) -> None:
    """Write down that `length` bytes behind a pointer are written; None for an unknown number of them."""
    for target in targets:
        location = target.location
        if location.kind not in ("local", "heap") or DEREF in location.path:
            continue
        start = _offset(frame, target) if len(targets) == 1 and length is not None else None
        known = frame.fills.setdefault(_key(location), set())
        known.add(Fill(span) if start is None or length is None else Fill(span, start, add(length, constant(start))))


def unwritten(frame: Frame, state: State, targets: tuple[Target, ...], length: Linear | None, at: Span) -> int | None:
    """Of bytes that leave at `at`: PARTLY, PADDING, 0 when all are written; None when that is not known.

    What is written anywhere else in the function counts as written before.
    """
    if len(targets) != 1 or length is None or not length.is_constant or not 0 < length.constant <= MAX_SIZE:
        return None
    location = targets[0].location
    variable = frame.body.variables.get(location.name) if location.kind == "local" else None
    start = _offset(frame, targets[0]) if variable is not None else None
    if variable is None or start is None or not _starts_raw(frame, variable):
        return None
    if not any(s.kind == "local" and s.name == location.name and s.path for s in state.memory):
        # Nothing at all, which the values themselves tell, or the whole.
        return None
    stop = start + length.constant
    covered: set[int] = set()
    for entry in frame.fills.get(location.name, ()):
        one = Fill(*entry)
        if one.span == at:
            continue
        if one.start is None or one.end is None:
            return 0
        if one.end.is_constant:
            covered.update(range(max(one.start, start), min(one.end.constant, stop)))
        elif at_most_zero(add(constant(stop), one.end, -1), state.bounds, frame.ranges):
            covered.update(range(max(one.start, start), stop))
    left = set(range(start, stop)) - covered
    if not left:
        return 0
    return PARTLY if left & set(_used(frame.layout, variable.type)) else PADDING


def sent(
    frame: Frame, state: State, content: Value, targets: tuple[Target, ...], length: Linear | None, at: Span
) -> Value:
    """What leaves the enclave at `at`, with a taint for bytes among it that nobody wrote."""
    how = unwritten(frame, state, targets, length, at)
    written = frozenset(t for t in content.taints if t.kind != "uninit")
    if how is None:
        known = written == content.taints or all(is_raw_block(frame, state, t, at) for t in targets if _is_block(t))
        return content if known else Value(content.term, written, content.targets, content.trail)
    own = frozenset((Symbol("uninit", targets[0].location.name, how),)) if how else frozenset[Symbol]()
    return Value(content.term, written | own, content.targets, content.trail)


def is_raw_block(frame: Frame, state: State, target: Target, at: Span) -> bool:
    """Whether a block of the heap is as the function got it: nothing writes to it, and only locals know where it is.

    What is written anywhere else in the function counts as written before.
    """
    block = target.location.root
    if block not in frame.raw_blocks or any(Fill(*f).span != at for f in frame.fills.get(_key(block), ())):
        return False
    return not any(
        t.location.root == block
        for location, value in state.memory.items()
        if location.kind != "local" or location.path
        for t in value.targets
    )


def _is_block(target: Target) -> bool:
    return target.location.kind == "heap"


def _key(location: Symbol) -> str:
    """The name of what is written."""
    return location.name if location.kind == "local" else f"{location.name}#{location.number}"


def _starts_raw(frame: Frame, variable: Variable) -> bool:
    """Whether the bytes of a variable are what the stack held: an array of numbers, or a plain struct."""
    ref = frame.layout.resolve(variable.type)
    if variable.scope is not Scope.LOCAL or ref.pointers or ref.reference:
        return False
    if ref.kind in (TypeKind.BUILTIN, TypeKind.ENUM):
        return bool(ref.dims)
    definition = frame.layout.definition(ref)
    if definition is None or definition.kind is not TypeKind.STRUCT or definition.size is None:
        return False
    return frame.function.language == "c" or not _CODE.search(definition.span.text)


def _offset(frame: Frame, target: Target) -> int | None:
    """Bytes from the start of the variable to a place in it; None where that is no constant."""
    if target.offset is None or not target.offset.is_constant:
        return None
    ref = frame.type_of(target.location.root)
    offset = target.offset.constant
    for number, step in enumerate(target.location.path):
        if step == ELEMENT:
            # The index of an element is forgotten in the places inside it.
            return offset if number == len(target.location.path) - 1 and offset >= 0 else None
        definition = frame.layout.definition(ref) if ref is not None else None
        member = definition.member(step) if definition is not None else None
        if member is None or member.offset is None:
            return None
        offset += member.offset
        ref = member.type
    return offset if offset >= 0 else None


def _used(layout: Layout, ref: TypeRef, start: int = 0, depth: int = 0) -> Iterator[int]:
    """The bytes of a type that belong to something."""
    size = layout.size(ref)
    definition = layout.definition(layout.resolve(ref)) if not layout.resolve(ref).dims else None
    if definition is None or definition.kind is not TypeKind.STRUCT or depth > 4:
        yield from range(start, start + (size or 0))
        return
    for member in definition.members:
        if member.offset is not None:
            yield from _used(layout, member.type, start + member.offset, depth + 1)
