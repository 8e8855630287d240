"""Bytes of the types whose size needs no layout: builtins, pointers, arrays of them; x86-64."""

from __future__ import annotations

from dataclasses import replace

from edlint.frontends.c import literals
from edlint.frontends.c.flow import Flow
from edlint.model.ir import Deref, Index, Place, Scope, Text, Value
from edlint.model.types import TypeRef

POINTER = 8

BUILTIN = {
    "char": 1,
    "signed char": 1,
    "unsigned char": 1,
    "bool": 1,
    "_Bool": 1,
    "short": 2,
    "unsigned short": 2,
    "short int": 2,
    "int": 4,
    "unsigned": 4,
    "unsigned int": 4,
    "signed": 4,
    "signed int": 4,
    "long": 8,
    "unsigned long": 8,
    "long int": 8,
    "unsigned long int": 8,
    "long unsigned int": 8,
    "long long": 8,
    "unsigned long long": 8,
    "long long int": 8,
    "unsigned long long int": 8,
    "float": 4,
    "double": 8,
    "int8_t": 1,
    "uint8_t": 1,
    "int16_t": 2,
    "uint16_t": 2,
    "int32_t": 4,
    "uint32_t": 4,
    "int64_t": 8,
    "uint64_t": 8,
    "size_t": 8,
    "ssize_t": 8,
    "intptr_t": 8,
    "uintptr_t": 8,
    "ptrdiff_t": 8,
}


def extent(flow: Flow, dim: str) -> int | None:
    """The value of an array dimension as written."""
    value = literals.constant(dim)
    return value if value is not None else flow.names.evaluate(dim)


def size_of(flow: Flow, type_: TypeRef) -> int | None:
    """Bytes of a type; None when a layout is needed or nothing is known."""
    if type_.reference or (type_.function and not type_.pointers):
        return None
    size = POINTER if type_.pointers or type_.function else BUILTIN.get(type_.base.removeprefix("std::"))
    if size is None:
        size = flow.names.size(type_.base)
    for dim in type_.dims:
        count = extent(flow, dim)
        if size is None or count is None:
            return None
        size *= count
    return size


def size_of_value(flow: Flow, value: Value) -> int | None:
    """Bytes of what a value is, for a plain variable and for what it points to."""
    match value:
        case Place(root=root, steps=()):
            variable = flow.variables.get(root)
            if variable is None:
                return None
            if variable.scope is Scope.PARAM and variable.type.dims and not variable.type.reference:
                # A parameter that is written as an array is a pointer.
                return POINTER
            return size_of(flow, variable.type)
        case Place(root=root, steps=(Deref() | Index(),)):
            variable = flow.variables.get(root)
            type_ = variable.type.element if variable is not None else None
            return size_of(flow, replace(type_, reference=False, function=False)) if type_ is not None else None
        case Text(value=text):
            return len(text.encode("utf-8", "replace")) + 1
        case _:
            return None
