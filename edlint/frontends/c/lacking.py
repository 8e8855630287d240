"""What the grammars lack inside of statements and lists, with what can stand there instead at equal length."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.frontends.c.patterns import CAPS

_EACH = re.compile(r"\bfor\s+(each)\s*\(([^;(){}]{1,200}?[\w>&*]\s+)(in)\s")
_FRIEND = re.compile(r"(?<!\w)(inline|static|constexpr|extern)(\s+)friend\b")
_DEFAULT = re.compile(
    r"\*\s++(=(?!=)\s*+(?:[\w:]++(?:<[^<>;(){}]*+(?:<[^<>;(){}]*+>[^<>;(){}]*+)?>)?)?(?:\([^(){};]*+\)|\{[^(){};]*+\})?)(?=\s*+[,)>])"
)
"""What a parameter without a name, a pointer, is by default."""
_THROW = re.compile(r"([?:])\s*+(throw)\s++(?=[\w:\"])")
_WORDS = re.compile(rf"[;{{}}]\s*+{CAPS}\s*+\(([ \t]*+\w++(?:[ \t]++\w++)++[ \t]*+)\)\s*+;")
"""Words in a row that are given to a macro, which makes a text of them."""
_EMPTY = re.compile(r"[,(]\s*+(\(\s*+\))(?=\s*+[,)])")
_HEAD = re.compile(
    r"(?:if(?<!\wif)|while(?<!\wwhile)|switch(?<!\wswitch))[ \t]++"
    r"(?!not\b|compl\b|constexpr\b|consteval\b)([A-Za-z_]\w*+)\s*+\("
)
"""A macro with what it is given instead of the parentheses that belong to the condition."""
_MADE = re.compile(r"<(?<=\w<)\s*+(?:const\s++)?(\w++\(\s*+\w++\s*+\))[\s*&]*+>\s*+[\w(:&*{]")
"""A type that a macro makes, as the argument of a template."""
_MADE_CONST = re.compile(r"[(,]\s*+(const\s++\w++\(\s*+\w++\s*+\))(?=\s*+[,)])")
"""The same as the argument of another macro."""
_MAX_STATEMENT = 400


def blanks(code: str) -> Iterator[tuple[int, int]]:
    """What can go from C++, in the order of the text."""
    found = [m.span(1) for m in _DEFAULT.finditer(code)] if "*" in code else []
    if "throw" in code:
        found += [m.span(2) for m in _THROW.finditer(code) if m[1] == "?" or _is_choice(code, m.start())]
    yield from sorted(found)


def written(code: str) -> Iterator[tuple[int, str]]:
    """What goes in place of words of C++ that stand in an order of their own."""
    if "each" in code:
        for m in _EACH.finditer(code):
            yield m.start(1), " " * len("each")
            yield m.start(3), ": "
    if "friend" in code:
        for m in _FRIEND.finditer(code):
            yield m.start(), f"friend{m[2]}{m[1]}"


def names(code: str, *, cpp: bool) -> Iterator[tuple[int, int]]:
    """Arguments that are no values, each of which can be a name."""
    for pattern in (_WORDS, _EMPTY, _MADE, _MADE_CONST) if cpp else (_WORDS, _EMPTY, _MADE_CONST):
        yield from (m.span(1) for m in pattern.finditer(code))


def heads(code: str) -> Iterator[re.Match[str]]:
    """`if likely (x)`: the name of the macro is group 1, its list starts where the match ends."""
    return _HEAD.finditer(code)


def _is_choice(code: str, colon: int) -> bool:
    """Whether a colon belongs to a `?`, not to a label."""
    low = max(0, colon - _MAX_STATEMENT)
    start = max(code.rfind(c, low, colon) for c in ";{}")
    return code.find("?", max(low, start), colon) >= 0
