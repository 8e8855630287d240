"""Names in a stretch of text, found without its tree."""

from __future__ import annotations

import re
from functools import lru_cache
from sys import intern

from edlint.frontends.c.directives import without_directives
from edlint.model.unit import Mention
from edlint.record import record

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
def _forward(reverse: str) -> str:
    """What stands there from back to front."""
    return intern(reverse[::-1])


@record(frozen=True, slots=True, eq=False)
class Stretch:
    """The text of a function, or what may be one, with what is named in it."""

    clean: str
    """The text of the file without comments and literals."""
    start: int
    body: int
    """Where the body starts, inside of which calls are looked for."""
    end: int

    def called(self) -> frozenset[str]:
        """The names in front of a parenthesis."""
        return frozenset(map(_forward, _CALL.findall(self._reverse()))) - _NO_CALLS

    def calls(self) -> tuple[Mention, ...]:
        """The same, one by one."""
        named = [(_forward(m[1]), self.end - m.end()) for m in _CALL.finditer(self._reverse())]
        return tuple(Mention(n, at) for n, at in reversed(named) if n not in _NO_CALLS)

    def names(self) -> frozenset[str]:
        """All identifiers."""
        return frozenset(_WORD.findall(self.clean, self.start, self.end))

    def _reverse(self) -> str:
        return without_directives(self.clean[self.body : self.end])[::-1]
