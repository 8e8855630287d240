"""Whether a C or C++ type can stand for a type of the EDL, as far as both are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edlint.model.interface import Interface
from edlint.model.types import TypeDef, TypeKind, TypeRef
from edlint.model.unit import SOURCE_SUFFIXES

_INTEGERS = {
    "char": (1, None),
    "signed char": (1, True),
    "unsigned char": (1, False),
    "short": (2, True),
    "unsigned short": (2, False),
    "int": (4, True),
    "unsigned int": (4, False),
    "unsigned": (4, False),
    "signed": (4, True),
    "long long": (8, True),
    "unsigned long long": (8, False),
    "size_t": (8, False),
    "ssize_t": (8, True),
    "ptrdiff_t": (8, True),
    "intptr_t": (8, True),
    "uintptr_t": (8, False),
    "int8_t": (1, True),
    "uint8_t": (1, False),
    "int16_t": (2, True),
    "uint16_t": (2, False),
    "int32_t": (4, True),
    "uint32_t": (4, False),
    "int64_t": (8, True),
    "uint64_t": (8, False),
}
"""Bytes and signedness; `long` and `wchar_t` differ between systems and are compared by name alone."""
_BY_NAME = frozenset({"long", "unsigned long", "wchar_t"})
_OTHERS = {"float": 4, "double": 8, "long double": 16, "bool": 1, "_Bool": 1, "void": 0}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a type comes to behind its typedefs."""

    family: str
    """`integer`, `float`, `bool`, `void`, `struct`, or `unknown`."""
    size: int = 0
    signed: bool | None = None
    name: str = ""
    depth: int = 0
    """Levels of pointers and array dimensions."""


def _known(name: str, types: Mapping[str, TypeDef], interface: Interface, path: str) -> TypeDef | None:
    """What stands behind a name in the file `path`: a type private to another source file does not."""
    found = interface.type(name) or types.get(name)
    if found is None or found.span.path in (path, interface.path):
        return found
    return None if found.span.path.lower().endswith(SOURCE_SUFFIXES) else found


def shape(type_: TypeRef, types: Mapping[str, TypeDef], interface: Interface, path: str) -> Shape:
    """The shape of a type in the file `path`; family `unknown` when it is not known what stands behind its name."""
    base, kind, depth = type_.base, type_.kind, type_.pointers + len(type_.dims)
    if type_.function or type_.arguments or type_.reference:
        return Shape("unknown", depth=depth)
    for _ in range(16):
        if kind is TypeKind.ENUM:
            return Shape("unknown", depth=depth)
        known = _plain(base)
        if known is not None:
            family, size, signed = known
            return Shape(family, size, signed, base, depth)
        if kind in (TypeKind.STRUCT, TypeKind.UNION):
            return Shape("struct", name=base, depth=depth)
        definition = _known(base, types, interface, path)
        if definition is None or definition.kind is TypeKind.ENUM:
            return Shape("unknown", name=base, depth=depth)
        alias = definition.alias
        if alias is None:
            known_struct = definition.kind in (TypeKind.STRUCT, TypeKind.UNION)
            return Shape("struct" if known_struct else "unknown", name=definition.name, depth=depth)
        if alias.function or alias.base == base:
            return Shape("unknown", name=base, depth=depth)
        depth += alias.pointers + len(alias.dims)
        base, kind = alias.base, alias.kind
    return Shape("unknown", name=base, depth=depth)


def _plain(base: str) -> tuple[str, int, bool | None] | None:
    base = base.removeprefix("std::")
    if base in _INTEGERS:
        size, signed = _INTEGERS[base]
        return "integer", size, signed
    if base in _BY_NAME:
        return "unknown", 0, None
    if base in _OTHERS:
        family = {"bool": "bool", "_Bool": "bool", "void": "void"}.get(base, "float")
        return family, _OTHERS[base], None
    return None


def differ(left: Shape, right: Shape) -> bool:
    """Whether two types certainly are not the same; False when that is not known."""
    if "unknown" in (left.family, right.family):
        return False
    if left.depth != right.depth:
        return True
    behind = left.depth > 0
    if behind and "void" in (left.family, right.family):
        return False
    if left.family != right.family:
        # One byte behind a pointer is one byte, whatever it is called.
        return not (behind and left.size == right.size == 1)
    match left.family:
        case "integer":
            sign = left.signed is not None and right.signed is not None and left.signed is not right.signed
            return left.size != right.size or (sign and left.size > 1)
        case "float":
            return left.size != right.size
        case "struct":
            return left.name != right.name
        case _:
            return False
