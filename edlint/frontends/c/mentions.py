"""Names in a stretch of text, found without its tree."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from edlint.frontends.c.directives import without_directives
from edlint.model.unit import Mention
from edlint.source import Source

_CALL = re.compile(r"\(\s*+(?:>[\w\s,:*&]{1,80}<)?(\w++)(?<=[A-Za-z_])")
"""A name in front of a parenthesis, in the text from back to front: there are fewer parentheses than names, and what
starts with one certain character is looked for ten times as fast."""
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_NO_CALLS = frozenset(
    (
        "if",
        "while",
        "for",
        "switch",
        "return",
        "sizeof",
        "alignof",
        "_Alignof",
        "typeof",
        "__typeof__",
        "decltype",
        "catch",
        "defined",
        "throw",
        "new",
        "delete",
        "case",
        "else",
        "do",
        "goto",
        "noexcept",
        "static_assert",
        "_Static_assert",
        "__attribute__",
        "__attribute",
        "asm",
        "__asm__",
        "alignas",
    )
)


@lru_cache(16_384)
def _called(reverse: str) -> str | None:
    """The name that stands there from back to front; None when it is no call."""
    name = reverse[::-1]
    return None if name in _NO_CALLS else intern(name)


def mentions(source: Source, clean: str, start: int, end: int) -> tuple[Mention, ...]:
    """The names in front of a parenthesis in clean[start:end], which has no comments and no literals."""
    piece = without_directives(clean[start:end])
    found = [
        Mention(name, source, end - m.end()) for m in _CALL.finditer(piece[::-1]) if (name := _called(m[1])) is not None
    ]
    found.reverse()
    return tuple(found)


def words(clean: str, start: int, end: int) -> frozenset[str]:
    """The identifiers in clean[start:end]."""
    return frozenset(_WORD.findall(clean, start, end))
