"""The integer types that C computes in: how wide they are, and whether they have a sign."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edlint.analysis.layout import Layout
from edlint.model.ir import Binary, Number, SizeOf
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeRef

INT = 32
"""Bits of an int, in which narrower types are computed with."""
WIDE = 64
"""Bits of size_t."""
_COMPUTED = frozenset(("+", "-", "*", "/", "%", "&", "|"))

Types = Callable[[Expression | None], TypeRef | None]
"""The type of an expression where it is known."""


def is_unsigned(ref: TypeRef) -> bool:
    """Whether a type, typedefs resolved, is an unsigned integer."""
    return not ref.is_pointer and ref.base.removeprefix("std::").startswith(("u", "size_t", "bool", "_Bool"))


def width_of(ref: TypeRef, layout: Layout) -> int:
    """Bits of an integer type, negative for a signed one; 0 when that is not known."""
    ref = layout.resolve(replace(ref, reference=False) if ref.reference else ref)
    size = None if ref.is_pointer else layout.size(ref)
    if size is None:
        return 0
    return size * 8 if is_unsigned(ref) else -size * 8


def width(expression: Expression, types: Types, layout: Layout, depth: int = 4) -> int:
    """Bits of the type of an expression, negative for a signed one; 0 when that is not known."""
    match expression:
        case SizeOf():
            return WIDE
        case Number(text=text):
            suffix = text.upper() if text[:1].isdigit() else ""
            bits = WIDE if suffix.endswith(("L", "LU")) else INT
            return bits if "U" in suffix else -bits
        case Binary(op=op, left=left, right=right) if depth and op in _COMPUTED:
            return common(width(left, types, layout, depth - 1), width(right, types, layout, depth - 1))
    ref = types(expression)
    return width_of(ref, layout) if ref is not None else 0


def common(one: int, two: int) -> int:
    """The type that two sides of an operation are converted to; 0 when one of them is not known."""
    if 0 in (one, two):
        return 0
    bits = max(abs(one), abs(two), INT)
    return bits if bits in (one, two) else -bits
