"""How deep a text nests, found without its tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

_LEVEL = re.compile(r"[-!~*&=?:.)\]]|\b(?:if|else)\b")
"""What may be a level of its own in an expression or a statement."""
_LOOP = re.compile(r"\)\s*+for\b")
_CONDITION = re.compile(r"#[ \t]*+(if|endif)")
_STATEMENT = re.compile(r"[^;{}]++")
_BRACKETS = b"(){}[]"
_ENDS = b";{}"
_LEVELS = b"-!~*&=?:.)]"
_OTHERS = b"<>#"
_NO_MARKS = bytes(c for c in range(256) if c not in _BRACKETS + _ENDS + _LEVELS + _OTHERS)
_NO_BRACKETS = bytes(c for c in range(256) if c not in _BRACKETS)
_NO_RUNS = bytes(c for c in range(256) if c not in _ENDS + _LEVELS)
_NO_LEVELS = bytes(c for c in range(256) if c not in _LEVELS)
_OPENINGS = b"({["
_KINDS = bytes(ord("(") if c in _OPENINGS else ord(")") for c in range(256))
"""Brackets without their kind."""
_RUNS = bytes(ord(";") if c in _ENDS else ord("-") for c in range(256))
"""Levels without their kind, and ends of statements without theirs."""
_ROUNDS = 64
"""How often brackets that close each other are taken out of a text before the rest is counted one by one."""
_PER_MARK = 3
"""Levels that one mark may stand for: every `if`, and every `else` behind one, has the parenthesis of a condition."""


class Nesting:
    """How deep a whole text nests: looking through it at once takes a fraction of looking through each function."""

    def __init__(self, clean: str) -> None:
        self._clean = clean

    def is_left_open(self, limit: int) -> bool:
        """Whether more than `limit` brackets are open at the end of the text, or angle brackets at that of a statement.

        Of brackets only which way they face counts, not their kind.
        """
        if len(self._clean) <= limit or len(self._marks) <= limit:
            return False
        if self._marks.count(b"<") > limit and any(
            s.count("<") - s.count(">") > limit for s in _STATEMENT.findall(self._clean)
        ):
            return True
        left = self._closed[1]
        if len(left) <= limit:
            return False
        depth = 0
        for bracket in left:
            depth = depth + 1 if bracket in _OPENINGS else max(depth - 1, 0)
        return depth > limit

    def has_signs(self, limit: int) -> bool:
        """Whether the text has more than `limit` signs of operators."""
        return len(self._clean) > limit and sum(map(self._clean.count, "*!~=+-&?")) > limit

    def is_shallow(self, limit: int) -> bool:
        """Whether no function can nest deeper than `limit`, be it brackets or `!!!a`; false if that is not certain."""
        rounds, left = self._closed
        if rounds + len(left) > limit or b"-" * (limit // _PER_MARK) in self._marks.translate(_RUNS, _NO_RUNS):
            return False
        # A loop that stands in another without braces has its parenthesis behind that of the other.
        return self._marks.count(b")(") <= limit and self._marks.count(b"#") <= limit

    @cached_property
    def _marks(self) -> bytes:
        """Brackets, levels, ends of statements and directives, in order: ten times as fast to count in as the text."""
        return self._clean.encode("ascii", "replace").translate(None, _NO_MARKS)

    @cached_property
    def _closed(self) -> tuple[int, bytes]:
        """How often brackets that close each other were taken out, whatever their kind, and those that are left.

        As many levels as there were rounds were there at most in what was taken out.
        """
        return peeled(self._marks.translate(_KINDS, _NO_BRACKETS), (b"()",), _ROUNDS)


def peeled(brackets: bytes, pairs: Sequence[bytes], rounds: int) -> tuple[int, bytes]:
    """How often pairs of brackets that close each other were taken out, at most `rounds` times, and those left."""
    for number in range(rounds):
        smaller = brackets
        for pair in pairs:
            smaller = smaller.replace(pair, b"")
        if len(smaller) == len(brackets):
            return number, brackets
        brackets = smaller
    return rounds, brackets


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
