"""Words in capitals that can be nothing but macros which stand for attributes, for nothing or for a statement.

The places of all such words are looked for once; what each pattern asks for is tried there alone. A word that was
overwritten in the meantime matches no pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from edlint.frontends.c.patterns import (
    BEFORE_MEMBERS,
    BETWEEN,
    BLOCK_WORD,
    CAPITAL_WORD,
    DECLARED,
    KEYWORDS,
    LEADING,
    MAX_WORDS,
    NOT_TYPES,
    OF_PARAMETER,
    RECORD,
    TRAILING,
    TRAILING_CALL,
)

_MAX_LIST = 2_000
_RECORDS = frozenset(("struct", "class", "union", "enum"))
_QUALIFIERS = frozenset(("const", "static", "extern", "volatile"))


def places(code: str) -> list[int]:
    """Where words in capitals start."""
    return [m.start() for m in islice(CAPITAL_WORD.finditer(code), MAX_WORDS)]


def of_records(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Between `struct` and the name: `struct EXPORT S {`."""
    return (m.span() for m in _at(RECORD, code, words) if _word_before(code, m.start()) in _RECORDS)


def leading(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """In front of a type: `API int f(void)`."""
    return (m.span() for m in _at(LEADING, code, words))


def between(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Between the type and the name of a function: `int API f(void)`."""
    for m in _at(BETWEEN, code, words):
        start = _left(code, m.start())
        before = code[start - 1 : start]
        if start == m.start():
            if before and before in "*&":
                yield m.span()
        elif (before in (">", "_") or before.isalnum()) and not NOT_TYPES.search(code[max(0, start - 12) : start + 1]):
            yield m.span()


def trailing(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Behind the parameters or a qualifier of a function: `int f(void) NOTHROW {`."""
    for m in _at(TRAILING, code, words):
        at = _left(code, m.start())
        if code[at - 1 : at] == ")" or _word_before(code, at) in ("const", "override", "final"):
            yield m.span()


def trailing_calls(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Behind the parameters of a function, with arguments: `int f(void) REQUIRES(lock) {`."""
    for m in _at(TRAILING_CALL, code, words):
        at = _left(code, m.start())
        for word in ("const", "override", "final", "noexcept"):
            at = _left(code, at - len(word)) if code.endswith(word, 0, at) else at
        opened = code.rfind("(", max(0, at - _MAX_LIST), at) if code[at - 1 : at] == ")" else -1
        # The innermost list is that of the parameters unless one of them is a function.
        if opened < 0 or ")" in code[opened : at - 1]:
            continue
        name = _word_before(code, opened)
        start = _left(code, opened) - len(name)
        before = code[_left(code, start) - 1 : _left(code, start)]
        typed = before in (">", "*", "&", ":", "~") or before == "_" or before.isalnum()
        # Nothing but a constructor has a colon there.
        typed = typed or (before in (";", "{", "}") and code[_right(code, m.end())] == ":")
        if name and typed and name not in KEYWORDS and not NOT_TYPES.search(code[max(0, start - 12) : start]):
            yield m.span()


def before_members(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Between the parameters of a constructor and the colon of its member initialisers."""
    for m in _at(BEFORE_MEMBERS, code, words):
        at = _left(code, m.start())
        if 0 < at < m.start() and code[at - 1] == ")" and "?" not in code[max(0, at - 80) : at]:
            yield m.span()


def of_variables(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """In front of the type of a variable."""
    for m in _at(DECLARED, code, words):
        at = _left(code, m.start())
        if code[at - 1 : at] in (";", "{", "}") or (at < m.start() and _word_before(code, at) in _QUALIFIERS):
            yield m.span()


def of_parameters(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """In front of the type of a parameter."""
    return (m.span() for m in _at(OF_PARAMETER, code, words) if code[_left(code, m.start()) - 1] in ("(", ","))


def lone(code: str, words: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Alone on a line, behind the end of a statement or block."""
    for m in _at(BLOCK_WORD, code, words):
        start = _left(code, m.start())
        line = code.rfind("\n", start, m.start()) + 1
        if start > 0 and code[start - 1] in ";{}" and 0 < line < m.start() and not code[line : m.start()].strip(" \t"):
            yield m.span()


def _at(pattern: re.Pattern[str], code: str, words: Sequence[int]) -> Iterator[re.Match[str]]:
    return (found for at in words if (found := pattern.match(code, at)))


def _left(code: str, at: int) -> int:
    """Where the white space in front of `at` starts."""
    while at > 0 and code[at - 1].isspace():
        at -= 1
    return at


def _right(code: str, at: int) -> int:
    """Where the white space behind `at` ends."""
    while at < len(code) and code[at].isspace():
        at += 1
    return at


def _word_before(code: str, at: int) -> str:
    """The word in front of the white space in front of `at`."""
    end = start = _left(code, at)
    while start > 0 and (code[start - 1].isalnum() or code[start - 1] == "_"):
        start -= 1
    return code[start:end]
