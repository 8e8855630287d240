"""Constants that are variables: `static const uint32_t LIMIT = 64;`, of a file or of a class."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from edlint.frontends.c import literals
from edlint.frontends.c.syntax import Node
from edlint.model.types import TypeRef

_SCOPE = re.compile(r"\b[A-Za-z_]\w*\s*::\s*")
_WORD = re.compile(r"\b[A-Za-z_]\w*")
_CHARACTERS = frozenset(("char", "unsigned char", "signed char", "uint8_t", "int8_t"))
_UNCOUNTED = frozenset(("initializer_pair", "identifier", "call_expression", "preproc_if", "preproc_ifdef", "ERROR"))
"""Items that may stand for another number of elements than one: designators, macros, conditions."""
_NUMBERS = re.compile(r"\{\s*+(?:(?:[-+]?\d[\w.]*+|'[^'\\\n]'|'\\\w++')\s*+(?:,\s*+|(?=\})))++\}")
"""A list of numbers and characters."""
_FLOATING = frozenset(("float", "double", "long double"))


@dataclass(frozen=True, slots=True)
class Named:
    """A constant with its initialiser as written."""

    name: str
    owner: str
    """The class that it belongs to; empty for one of a file."""
    body: str


def body_of(node: Node, type_: TypeRef, value: Node | None, text: str) -> str | None:
    """The initialiser of a scalar that nobody can write, given its declaration; None for anything else."""
    if value is None or not type_.const or type_.is_pointer or type_.reference or type_.base in _FLOATING:
        return None
    if any(c.type == "type_qualifier" and text[c.start_byte : c.end_byte] == "volatile" for c in node.children):
        return None
    if value.type in ("initializer_list", "argument_list"):
        if value.named_child_count != 1:
            return None
        value = value.named_children[0]
    return text[value.start_byte : value.end_byte]


def is_of_class(node: Node, text: str) -> bool:
    """Whether a member's declaration is that of a constant of the class: it takes no room in an object."""
    if node.child_by_field_name("default_value") is None:
        return False
    words = {
        text[c.start_byte : c.end_byte]
        for c in node.children
        if c.type in ("storage_class_specifier", "type_qualifier")
    }
    return "static" in words and not words.isdisjoint(("const", "constexpr"))


def values_of(
    constants: Iterable[Named], evaluate: Callable[[str], int | None], known: Mapping[str, int] = {}
) -> dict[str, int]:
    """The values of constants, each in terms of those before it and of `known`, which is not among the result."""
    found: dict[str, int] = {}
    before = dict(known)
    for constant in constants:
        value = evaluate(substituted(constant.body, before))
        if value is not None:
            found[constant.name] = before[constant.name] = value
    return found


def words(text: str) -> Iterator[str]:
    """The identifiers of an expression."""
    return (found[0] for found in _WORD.finditer(text))


def substituted(text: str, known: Mapping[str, int]) -> str:
    """An expression with the names of `known` replaced by their values, and without the scopes of names."""
    if "::" in text:
        text = _SCOPE.sub("", text)
    return _WORD.sub(lambda m: str(known.get(m[0], m[0])), text) if known else text


def counted(ref: TypeRef, dimension: Callable[[str], str]) -> TypeRef:
    """A type with each dimension as `dimension` says it."""
    if not ref.dims and ref.array is None:
        return ref
    array = counted(ref.array, dimension) if ref.array is not None else None
    return replace(ref, dims=tuple(map(dimension, ref.dims)), array=array)


def measured(ref: TypeRef, value: Node | None, text: str) -> TypeRef:
    """The type of an array whose length its initialiser says: `int a[] = {1, 2}`."""
    if value is None or not ref.dims or ref.dims[0]:
        return ref
    if value.type == "string_literal" and ref.base in _CHARACTERS and not ref.pointers and len(ref.dims) == 1:
        count = len(literals.string(text[value.start_byte : value.end_byte]).encode("utf-8", "replace")) + 1
    elif value.type == "initializer_list":
        if _NUMBERS.fullmatch(text, value.start_byte, value.end_byte):
            # A long table: asking for its parts makes an object of each.
            return replace(ref, dims=(str(value.named_child_count), *ref.dims[1:]))
        items = [c for c in value.named_children if c.type != "comment"]
        if any(c.type in _UNCOUNTED for c in items):
            return ref
        count = len(items)
    else:
        return ref
    return replace(ref, dims=(str(count), *ref.dims[1:])) if count else ref
