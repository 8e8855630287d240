"""Function definitions that brackets and names betray, for files that the grammar could not read whole."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from edlint.frontends.c.directives import code_of
from edlint.frontends.c.nesting import peeled
from edlint.model.unit import Function

_HEAD_END = re.compile(r"\)[^{};)]*+\{")
_BRACES = re.compile(r"[{}]")
_NAME = re.compile(
    r"(?<!\w)(?<!\w::)((?:[A-Za-z_]\w*+\s*+::\s*+){0,8}(?:operator\s*(?:\(\)|\[\]|[^\s\w(]{1,3})|~?[A-Za-z_]\w*+))\s*+\("
)
"""Looked for where a chain of names starts."""
_OPENS = re.compile(r"\b(?:namespace|extern|class|struct|union|enum)\b")
_NO_NAMES = frozenset(
    (
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "sizeof",
        "else",
        "do",
        "decltype",
        "noexcept",
        "requires",
        "alignas",
        "__attribute__",
        "__declspec",
        "defined",
        "throw",
        "static_assert",
        "new",
        "delete",
    )
)
_NO_BRACES = bytes(c for c in range(256) if c not in b"{}")
_OPENING = ord("{")
_ROUNDS = 16
"""How often braces that close each other are taken out before the rest is counted one by one."""
_MAX_HEAD = 2_000
_MAX_HEADS = 50_000
"""Braces behind a list that head nothing with a name and are looked at in one text."""


@dataclass(frozen=True, slots=True)
class Betrayed:
    """What looks like a function definition."""

    name: str
    start: int
    name_start: int
    name_end: int
    body: int
    end: int


def definitions(clean: str, start: int = 0) -> Iterator[Betrayed]:
    """Function definitions of a text without comments and literals from `start` on, by their braces alone."""
    code = code_of(clean)
    end, nameless = start, 0
    # Braces without a list in front of them, of which a hostile text is full, are not looked at one by one.
    while nameless < _MAX_HEADS and (found := _HEAD_END.search(code, end)) is not None:
        body = end = found.end() - 1
        end += 1
        low = max(0, body - _MAX_HEAD)
        name = _named(code, max(low, *(code.rfind(c, low, body) + 1 for c in "{};")), body)
        if name is None:
            nameless += 1
            continue
        end = _closed(code, body)
        yield Betrayed(re.sub(r"\s+", "", name[1]).rsplit("::", 1)[-1], name.start(1), *name.span(1), body, end)


def _closed(code: str, body: int) -> int:
    """The offset behind the brace that closes the one at `body`, or the end of the text."""
    depth = 0
    for found in _BRACES.finditer(code, body):
        depth += 1 if found[0] == "{" else -1
        if depth == 0:
            return found.end()
    return len(code)


def _named(code: str, start: int, end: int) -> re.Match[str] | None:
    """The name of the function whose head is code[start:end]."""
    head = code[start:end]
    last = head.rfind(")")
    if last < 0 or _OPENS.search(head, max(last, head.rfind("(")) + 1):
        return None
    found = _NAME.search(code, start, end)
    if found is None or "=" in code[start : found.start()]:
        return None
    name = re.sub(r"\s+", "", found[1]).rsplit("::", 1)[-1]
    return None if name in _NO_NAMES else found


def runs_out(clean: str) -> bool:
    """Whether a definition may reach to the end of the text: no brace closes it there, or the last character does."""
    _, braces = peeled(code_of(clean).encode("ascii", "replace").translate(None, _NO_BRACES), (b"{}",), _ROUNDS)
    depth = 0
    for brace in braces:
        depth = depth + 1 if brace == _OPENING else max(depth - 1, 0)
    return clean.endswith("}") or depth > 0


def hidden(clean: str, parts: Sequence[tuple[int, int]]) -> Iterator[Betrayed]:
    """The definitions that stand whole in some parts of a text, which are in order of their starts."""
    reach = 0
    for start, end in parts:
        if start < reach or clean.find("{", start, end) < 0:
            continue
        reach = end
        # Behind the last brace of one that ends in the part there is something left.
        for found in definitions(clean[start:end] + " "):
            if found.end <= end - start:
                places = (found.start, found.name_start, found.name_end, found.body, found.end)
                yield Betrayed(found.name, *(start + p for p in places))


def missed(found: Iterable[Betrayed], functions: Sequence[Function]) -> Iterator[Betrayed]:
    """Those of the definitions, which are in order, that none of the functions covers."""
    covered = sorted((f.extent.start, f.extent.end) for f in functions)
    at, reach = 0, -1
    for definition in found:
        while at < len(covered) and covered[at][0] <= definition.name_start:
            reach = max(reach, covered[at][1])
            at += 1
        if definition.name_start >= reach:
            yield definition
