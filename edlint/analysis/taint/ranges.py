"""What the type of a number says of its range."""

from __future__ import annotations

from edlint.analysis.layout import Layout
from edlint.analysis.taint.numbers import Range
from edlint.model.types import TypeKind, TypeRef

_UNSIGNED = {
    "bool": (0, 1),
    "_Bool": (0, 1),
    "uint8_t": (0, 255),
    "unsigned char": (0, 255),
    "uint16_t": (0, 65535),
    "unsigned short": (0, 65535),
    "uint32_t": (0, (1 << 32) - 1),
    "unsigned int": (0, (1 << 32) - 1),
    "unsigned": (0, (1 << 32) - 1),
}
_SIGNED = {
    "char": (-128, 127),
    "int8_t": (-128, 127),
    "signed char": (-128, 127),
    "short": (-(1 << 15), (1 << 15) - 1),
    "int16_t": (-(1 << 15), (1 << 15) - 1),
    "int": (-(1 << 31), (1 << 31) - 1),
    "int32_t": (-(1 << 31), (1 << 31) - 1),
}
_WIDE_SIGNED = frozenset(("long", "long long", "int64_t", "ssize_t", "off_t", "ptrdiff_t", "intptr_t", "time_t"))
NO_RANGE: Range = (None, None)
WIDE_UNSIGNED: Range = (0, None)


def range_of_type(layout: Layout, ref: TypeRef | None) -> Range:
    """What values of a type can be; pointers and unknown types count as unsigned."""
    if ref is None:
        return NO_RANGE
    ref = layout.resolve(ref)
    if ref.is_pointer:
        return WIDE_UNSIGNED
    base = ref.base.removeprefix("std::")
    known = _UNSIGNED.get(base) or _SIGNED.get(base)
    if known is not None:
        return known
    if base in _WIDE_SIGNED:
        return NO_RANGE
    if base in ("size_t", "uint64_t", "unsigned long", "unsigned long long", "uintptr_t"):
        return WIDE_UNSIGNED
    if ref.kind is TypeKind.ENUM:
        return NO_RANGE
    return NO_RANGE
