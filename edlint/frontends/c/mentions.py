"""Names and nesting of a stretch of text, found without its tree."""

from __future__ import annotations

import re

from edlint.frontends.c.directives import spaces
from edlint.model.unit import Mention
from edlint.source import Source

_CALL = re.compile(r"\b([A-Za-z_]\w*+)(?:\s*+\(|<[\w\s,:*&]{1,80}+>\s*+\()")
_BRACKET = re.compile(r"[(){}]")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_DIRECTIVE = re.compile(r"^[ \t]*#[^\n\\]*+(?:\\\r?\n[^\n\\]*+|\\.[^\n\\]*+)*+", re.MULTILINE)
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


def mentions(source: Source, clean: str, start: int, end: int) -> tuple[Mention, ...]:
    """The names in front of a parenthesis in clean[start:end], which has no comments and no literals."""
    piece = clean[start:end]
    if "#" in piece:
        piece = _DIRECTIVE.sub(spaces, piece)
    return tuple([Mention(m[1], source, start + m.start()) for m in _CALL.finditer(piece) if m[1] not in _NO_CALLS])


def words(clean: str, start: int, end: int) -> frozenset[str]:
    """The identifiers in clean[start:end]."""
    return frozenset(_WORD.findall(clean, start, end))


def nested_deeper(clean: str, start: int, end: int, limit: int) -> bool:
    """Whether brackets in clean[start:end] nest deeper than `limit`."""
    if clean.count("(", start, end) + clean.count("{", start, end) <= limit:
        return False
    depth = 0
    for found in _BRACKET.finditer(clean, start, end):
        depth += 1 if found[0] in "({" else -1
        if depth > limit:
            return True
    return False
