"""Sizes, alignments and places of members on x86-64 with the System V ABI (LP64), from the model's types alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from edlint.model.types import Member, TypeDef, TypeKind, TypeRef

MAX_SIZE = 1 << 47
"""Bytes; nothing in a process is larger, so a larger size is a mistake and counts as unknown."""
MAX_DEPTH = 64
"""Typedefs and structs inside each other that are followed."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Bytes that a type takes, and the multiple that its address is."""

    size: int
    align: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How the members of a struct or union lie; `offsets` has one entry a member, in their order."""

    shape: Shape
    padding: int
    offsets: tuple[int, ...]


POINTER = Shape(8, 8)
ARRAYS = frozenset(("std::array", "array"))
"""The container that is an array of a fixed length, as code names it."""
_INT = Shape(4, 4)
_WORDS = frozenset(("signed", "unsigned", "int", "long", "short", "char"))
_NAMED: Mapping[str, Shape] = {
    **{n: Shape(1, 1) for n in ("bool", "_Bool", "int8_t", "uint8_t", "char8_t", "std::byte", "u_char", "u_int8_t")},
    **{n: Shape(2, 2) for n in ("int16_t", "uint16_t", "char16_t", "u_short", "u_int16_t", "in_port_t")},
    **{n: Shape(4, 4) for n in ("int32_t", "uint32_t", "char32_t", "wchar_t", "wint_t", "float", "u_int", "u_int32_t")},
    **{n: Shape(8, 8) for n in ("int64_t", "uint64_t", "size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t")},
    **{n: Shape(8, 8) for n in ("intmax_t", "uintmax_t", "double", "off_t", "time_t", "u_long", "u_int64_t")},
    **{n: Shape(16, 16) for n in ("long double", "__int128", "unsigned __int128", "__int128_t", "__uint128_t")},
    **{n: Shape(16, 16) for n in ("__float128", "_Float128", "max_align_t")},
    "std::size_t": Shape(8, 8),
    "va_list": Shape(24, 8),
    "__builtin_va_list": Shape(24, 8),
    "float _Complex": Shape(8, 4),
    "double _Complex": Shape(16, 8),
}


@lru_cache(1024)
def builtin_shape(base: str) -> Shape | None:
    """The shape of a type that C or its fixed-width headers define, under any order of its words."""
    known = _NAMED.get(base) or _NAMED.get(base.removeprefix("std::"))
    if known is not None:
        return known
    words = base.split()
    if not words or not _WORDS.issuperset(words):
        return None
    if "char" in words:
        return Shape(1, 1)
    if "short" in words:
        return Shape(2, 2)
    return Shape(8, 8) if "long" in words else _INT


def shape_of(
    ref: TypeRef, types: Mapping[str, TypeDef], extent: Callable[[str], int | None], depth: int = 0
) -> Shape | None:
    """The shape of a value of type `ref`; None where something of it is unknown, unsized or unreasonable.

    `extent` gives the number that an array dimension, as written, stands for.
    """
    if ref.reference:
        return POINTER
    if ref.pointers:
        shape: Shape | None = POINTER
    elif ref.function or depth > MAX_DEPTH:
        shape = None
    else:
        shape = _base_shape(ref, types, extent, depth)
    if shape is None:
        return None
    size = shape.size
    for dim in ref.dims:
        count = extent(dim) if dim else None
        if count is None or count < 0:
            return None
        size *= count
        if size > MAX_SIZE:
            return None
    return Shape(size, shape.align)


def _base_shape(
    ref: TypeRef, types: Mapping[str, TypeDef], extent: Callable[[str], int | None], depth: int
) -> Shape | None:
    tagged = ref.kind in (TypeKind.STRUCT, TypeKind.UNION, TypeKind.ENUM)
    found = types.get(ref.base)
    if found is not None and found.size is not None and (found.alias is None or not tagged):
        return Shape(found.size, found.align or 1)
    if found is not None and found.alias is not None and not tagged:
        if found.alias == ref:
            return None
        return shape_of(found.alias, types, extent, depth + 1)
    if found is None and ref.base in ARRAYS and len(ref.arguments) == 2:
        return _array_shape(ref, types, extent, depth)
    if not tagged and found is None:
        return builtin_shape(ref.base)
    if ref.kind is TypeKind.ENUM or (found is not None and found.kind is TypeKind.ENUM):
        return _INT
    return None


def _array_shape(
    ref: TypeRef, types: Mapping[str, TypeDef], extent: Callable[[str], int | None], depth: int
) -> Shape | None:
    """The shape of `std::array<T, N>`: that of `T[N]`."""
    element, length = ref.arguments
    inner = shape_of(element, types, extent, depth + 1)
    count = extent(length.base)
    if inner is None or count is None or not 0 <= count * inner.size <= MAX_SIZE:
        return None
    return Shape(count * inner.size, inner.align)


class Sized(Mapping[str, TypeDef]):
    """Types by name with their layout filled in when they are asked for, from their members alone."""

    def __init__(self, types: Mapping[str, TypeDef], extent: Callable[[str], int | None]) -> None:
        self._types, self._extent = types, extent
        self._known: dict[str, TypeDef] = {}

    def __getitem__(self, name: str) -> TypeDef:
        known = self._known.get(name)
        if known is None:
            found = self._types[name]
            # What contains itself has no size: while it is worked out it is a type of which nothing is known.
            self._known[name] = replace(found, members=())
            known = self._known[name] = with_layout(found, self, self._extent)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


def with_layout(
    definition: TypeDef,
    types: Mapping[str, TypeDef],
    extent: Callable[[str], int | None],
    *,
    pack: int | None = None,
    align: int = 1,
) -> TypeDef:
    """The definition with size, alignment, padding and offsets where they can be told."""
    if definition.size is not None:
        return definition
    if definition.alias is not None:
        shape = shape_of(definition.alias, types, extent)
        return replace(definition, size=shape.size, align=max(shape.align, align)) if shape else definition
    if definition.kind is TypeKind.ENUM:
        wide = any(m.value is not None and not -(1 << 31) <= m.value < 1 << 32 for m in definition.members)
        size = 1 if pack == 1 else 8 if wide else 4
        return replace(definition, size=size, align=size)
    if definition.kind not in (TypeKind.STRUCT, TypeKind.UNION) or not definition.members:
        return definition
    plan = plan_of(definition, types, extent, pack=pack, align=align)
    if plan is None:
        return definition
    members = tuple(replace(m, offset=o) for m, o in zip(definition.members, plan.offsets, strict=True))
    return replace(definition, members=members, size=plan.shape.size, align=plan.shape.align, padding=plan.padding)


def plan_of(
    definition: TypeDef,
    types: Mapping[str, TypeDef],
    extent: Callable[[str], int | None],
    *,
    pack: int | None = None,
    align: int = 1,
) -> Plan | None:
    """How a struct or union lies in memory; None where the shape of a member is unknown.

    `pack` is the largest alignment of a member (`#pragma pack`, 1 for `packed`), `align` the least of the whole.
    """
    shapes: list[Shape] = []
    last = len(definition.members) - 1
    for position, member in enumerate(definition.members):
        ref = member.type
        if position == last and ref.dims and ref.dims[0] in ("", "0") and not ref.reference:
            # A flexible array member takes no room of its own.
            one = shape_of(replace(ref, dims=ref.dims[1:]), types, extent)
            shape = Shape(0, one.align) if one is not None else None
        else:
            shape = shape_of(ref, types, extent)
        if shape is None:
            return None
        shapes.append(shape)
    return _arrange(definition.members, shapes, definition.kind is TypeKind.UNION, pack, align)


def _arrange(
    members: Sequence[Member], shapes: Sequence[Shape], union: bool, pack: int | None, least: int
) -> Plan | None:
    bit = used = size = 0
    align = max(1, least)
    offsets: list[int] = []
    for member, shape in zip(members, shapes, strict=True):
        own = min(shape.align, pack) if pack else shape.align
        if member.bits is not None:
            unit = shape.size * 8
            if member.bits > unit or member.bits < 0:
                return None
            if union:
                bit = 0
            if member.bits == 0 or (not pack and bit // unit != (bit + member.bits - 1) // unit):
                bit = _up(bit, unit)
            offsets.append(bit // 8)
            bit += member.bits
            used += member.bits
            align = max(align, own) if member.name else align
        else:
            bit = 0 if union else _up(bit, own * 8)
            offsets.append(bit // 8)
            bit += shape.size * 8
            used += shape.size * 8
            align = max(align, own)
        size = max(size, (bit + 7) // 8)
        if size > MAX_SIZE:
            return None
    total = _up(size, align)
    filled = max((s.size for s in shapes), default=0) if union else (used + 7) // 8
    return Plan(Shape(total, align), max(0, total - filled), tuple(offsets))


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple if multiple > 0 else value
