"""Names and nesting of a stretch of text, found without its tree."""

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
_LEVEL = re.compile(r"[-!~*&=?:.)\]]|\b(?:if|else)\b")
"""What may be a level of its own in an expression or a statement."""
_LOOP = re.compile(r"\)\s*+for\b")
_CONDITION = re.compile(r"#[ \t]*+(if|endif)")
_STATEMENT = re.compile(r"[^;{}]++")
_NO_BRACKETS = bytes(c for c in range(256) if c not in b"(){}[]")
_OPENINGS = b"({["
_NO_LEVELS = bytes(c for c in range(256) if c not in b"-!~*&=?:.)]")
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


def is_left_open(clean: str, limit: int) -> bool:
    """Whether more than `limit` brackets are open at the end of a text, or angle brackets at that of a statement."""
    if clean.count("<") > limit and any(s.count("<") - s.count(">") > limit for s in _STATEMENT.findall(clean)):
        return True
    if sum(map(clean.count, "({[")) <= limit:
        return False
    depth = 0
    for bracket in clean.encode("ascii", "replace").translate(None, _NO_BRACKETS):
        depth = depth + 1 if bracket in _OPENINGS else max(depth - 1, 0)
    return depth > limit


def may_nest_deeper(clean: str, start: int, end: int, limit: int) -> bool:
    """Whether something without brackets in clean[start:end] may nest deeper than `limit`: `!!!a`, `if (a) if (b)`."""
    if end - start <= limit:
        return False
    if clean.count("for", start, end) > limit and len(_LOOP.findall(clean, start, end)) > limit:
        return True
    if clean.count("#", start, end) > limit:
        depth = 0
        for found in _CONDITION.finditer(clean, start, end):
            depth += 1 if found[1] == "if" else -1
            if depth > limit:
                return True
    if _levels(clean[start:end]) <= limit:
        return False
    runs = (run for run in _STATEMENT.findall(clean, start, end) if len(run) > limit)
    return any(len(_LEVEL.findall(run)) > limit for run in runs if _levels(run) > limit)


def _levels(text: str) -> int:
    """At least as many levels as a text has: counted ten times as fast as they are found."""
    marks = text.encode("ascii", "replace").translate(None, _NO_LEVELS)
    return len(marks) + text.count("if") + text.count("else")


def nested_deeper(clean: str, start: int, end: int, limit: int) -> bool:
    """Whether brackets in clean[start:end] nest deeper than `limit`."""
    if sum(clean.count(opening, start, end) for opening in "({[") <= limit:
        return False
    depth = 0
    for bracket in clean[start:end].encode("ascii", "replace").translate(None, _NO_BRACKETS):
        depth = depth + 1 if bracket in _OPENINGS else max(depth - 1, 0)
        if depth > limit:
            return True
    return False
