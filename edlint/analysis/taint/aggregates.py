"""Structs as values, in braced initialisers and in assignments: every member keeps its own."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.filling import fill
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.values import number
from edlint.model.ir import Aggregate, Cast, Field, Place, Text
from edlint.model.ir import Value as Expression
from edlint.model.types import Member, TypeKind, TypeRef

MAX_NESTING = 4
"""Structs inside each other that are filled member by member."""


def filled(evaluator: Evaluator, place: Place, expression: Expression) -> bool:
    """Store a braced initialiser in a struct, member by member; False where it is none, or one that is not clear."""
    while isinstance(expression, Cast):
        expression = expression.operand
    if not isinstance(expression, Aggregate):
        return False
    pairs = _members(evaluator, evaluator.type_of(place), expression, 0)
    if pairs is None:
        return False
    # What is not named is zero.
    whole = evaluator.places.locate(place, touch=False).targets
    evaluator.memory.store(whole, number(0), whole=True)
    fill(evaluator.frame, whole, None, place.span)
    for steps, item in pairs:
        at = place.then(*(Field(name) for name in steps))
        value = evaluator.stored(at, item)
        if value.taints and not place.root.startswith("%"):
            value = value.via(item.span, f"stored in '{'.'.join((text_of(place) or place.root, *steps))}'")
        evaluator.memory.store(evaluator.places.locate(at, touch=False).targets, value)
    return True


def copied(evaluator: Evaluator, place: Place, expression: Expression) -> None:
    """After a struct was assigned: its copy has in its members what it has in its own."""
    while isinstance(expression, Cast):
        expression = expression.operand
    if not isinstance(expression, Place):
        return
    ref = evaluator.type_of(place)
    if ref is None or ref.pointers or ref.dims or evaluator.frame.layout.definition(ref) is None:
        return
    one = evaluator.places.locate(expression, touch=False).targets
    two = evaluator.places.locate(place, touch=False).targets
    if len(one) == 1 and len(two) == 1 and one[0].location != two[0].location:
        way = (place.span, f"stored in '{text_of(place)}'")
        evaluator.memory.copy_parts(one[0].location, two[0].location, way)


def _members(
    evaluator: Evaluator, ref: TypeRef | None, aggregate: Aggregate, depth: int
) -> list[tuple[tuple[str, ...], Expression]] | None:
    layout = evaluator.frame.layout
    if ref is None or depth > MAX_NESTING:
        return None
    ref = layout.resolve(ref)
    found = layout.definition(ref)
    if ref.pointers or ref.dims:
        return None
    if found is None or (found.kind is TypeKind.STRUCT and any(n and not found.member(n) for n, _ in aggregate.items)):
        # A struct that every file has of its own, or none: the members that are named are there.
        return _named(aggregate, depth)
    if found.kind is not TypeKind.STRUCT or not found.members:
        return None
    pairs: list[tuple[tuple[str, ...], Expression]] = []
    for position, (name, item) in enumerate(aggregate.items):
        if name is None:
            if any(n for n, _ in aggregate.items) or position >= len(found.members):
                return None
            member: Member | None = found.members[position]
        else:
            member = found.member(name) if "." not in name and "[" not in name else None
        if member is None:
            return None
        inner = item
        while isinstance(inner, Cast):
            inner = inner.operand
        kind = layout.resolve(replace(member.type, span=None))
        if kind.dims and not isinstance(inner, Aggregate | Text):
            # Braces that were left out: what stands here is the member's first element.
            return None
        if isinstance(inner, Aggregate):
            deeper = _members(evaluator, member.type, inner, depth + 1)
            if deeper is not None:
                pairs.extend(((member.name, *steps), value) for steps, value in deeper)
                continue
        elif (
            name is None
            and not kind.pointers
            and layout.definition(kind) is not None
            and not _is_whole(evaluator, item)
        ):
            return None
        pairs.append(((member.name,), item))
    return pairs


def _named(aggregate: Aggregate, depth: int) -> list[tuple[tuple[str, ...], Expression]] | None:
    """What every member gets of a struct that is not known, where the braces name all that they fill."""
    pairs: list[tuple[tuple[str, ...], Expression]] = []
    for name, item in aggregate.items:
        if not name or not name.isidentifier() or depth > MAX_NESTING:
            return None
        inner = item
        while isinstance(inner, Cast):
            inner = inner.operand
        deeper = _named(inner, depth + 1) if isinstance(inner, Aggregate) else None
        pairs.extend(((name, *steps), value) for steps, value in deeper or [((), item)])
    return pairs


def _is_whole(evaluator: Evaluator, item: Expression) -> bool:
    """Whether a value without braces is that of a whole struct or of an enumeration, not of its first member."""
    ref = evaluator.type_of(item)
    if ref is None:
        return not isinstance(item, Text)
    return evaluator.frame.layout.definition(ref) is not None
