"""Handlers that every grammar shares: lists, absent parts, and the pieces of a type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edlint.frontends.edl.syntax import Attr, Dim, Enumerator, Type
from edlint.frontends.edl.tokens import Token
from edlint.model.types import TypeKind

_KINDS = {"struct": TypeKind.STRUCT, "union": TypeKind.UNION, "enum": TypeKind.ENUM}
_NORMAL = {
    "short int": "short",
    "long int": "long",
    "unsigned": "unsigned int",
    "unsigned short int": "unsigned short",
    "unsigned long int": "unsigned long",
    "char int": "char",
    "unsigned char int": "unsigned char",
}


def _append(items: list[Any], item: Any) -> list[Any]:
    if item is not None:
        items.append(item)
    return items


def _extend(items: list[Any], more: list[Any]) -> list[Any]:
    items.extend(more)
    return items


def basic(*words: Any) -> Type:
    """A type that the language knows, from its words."""
    if len(words) == 1 and isinstance(words[0], Token):
        word = words[0]
        return Type(_NORMAL.get(word.text, word.text), TypeKind.BUILTIN, word, word, word)
    tokens = [w for word in words for w in (word if isinstance(word, list) else [word])]
    spelt = " ".join(t.text for t in tokens)
    return Type(_NORMAL.get(spelt, spelt), TypeKind.BUILTIN, tokens[0], tokens[-1], tokens[0])


def named(name: Token) -> Type:
    """A type that the language does not know."""
    return Type(name.text, TypeKind.NAMED, name, name, name)


def tagged(keyword: Token, name: Token) -> Type:
    """`struct s`, `union u` or `enum e`."""
    return Type(name.text, _KINDS[keyword.text], keyword, name, name)


def pointer_type(of: Type, stars: list[Token]) -> Type:
    """A type with stars behind it."""
    of.pointers, of.last = len(stars), stars[-1]
    return of


def attribute(name: Token) -> Attr:
    """A word alone."""
    return Attr(name)


def attribute_value(name: Token, _: Token, value: Token) -> Attr:
    """`name = value`."""
    return Attr(name, value, assigned=True)


def dimension(opening: Token, value: Token, closing: Token) -> Dim:
    """`[value]`."""
    return Dim(value, opening, closing)


COMMON: Mapping[str, Callable[..., Any]] = {
    "none": list,
    "nobody": lambda *_: [],
    "nothing": lambda: None,
    "own": lambda items: items,
    "itself": lambda item: item,
    "one": lambda item: [item],
    "first": lambda item, *_: [item] if item is not None else [],
    "another": _append,
    "more": _append,
    "more_ended": lambda items, item, _: _append(items, item),
    "more_listed": lambda items, _, item: _append(items, item),
    "skip": lambda items, *_: items,
    "joined": _extend,
    "basic": basic,
    "named": named,
    "tagged": tagged,
    "pointer_type": pointer_type,
    "attribute": attribute,
    "attribute_value": attribute_value,
    "enumerator": Enumerator,
    "enumerator_value": lambda name, _, value: Enumerator(name, value),
}
"""By alias or name of a rule."""
