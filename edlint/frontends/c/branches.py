"""Groups of `#if` ... `#endif`, and which of them cut a statement in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_CONDITIONAL = re.compile(
    r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b((?:[^\n\\]|\\\r?\n|\\.)*)", re.MULTILINE
)
_DIRECTIVE = re.compile(r"^[ \t]*#[^\n\\]*+(?:\\\r?\n[^\n\\]*+|\\.[^\n\\]*+)*+", re.MULTILINE)
_BRACKETS = re.compile(r"[^(){}\[\]]")


MAX_DEPTH = 40
"""Nesting of groups that is looked into."""


@dataclass(slots=True)
class Group:
    """One `#if` with its alternatives."""

    directives: list[tuple[int, int, str, str]] = field(default_factory=list)
    """Start, end, word and condition of each directive, `#endif` the last."""
    depth: int = 0

    @property
    def parts(self) -> list[tuple[int, int]]:
        """The text between the directives."""
        ends = self.directives
        return [(ends[i][1], ends[i + 1][0]) for i in range(len(ends) - 1)]


def groups(clean: str) -> Iterator[Group]:
    """The closed groups of a text without comments, inner ones first."""
    stack: list[Group] = []
    for found in _CONDITIONAL.finditer(clean):
        word = found[1]
        directive = (found.start(), found.end(), word, found[2].strip())
        if word in ("if", "ifdef", "ifndef"):
            stack.append(Group([directive], len(stack)))
        elif stack:
            stack[-1].directives.append(directive)
            if word == "endif":
                yield stack.pop()


def split_groups(clean: str) -> Iterator[tuple[int, int]]:
    """What to overwrite so that each group that cuts a statement keeps one alternative: directives and the others."""
    for group in groups(clean):
        first = group.directives[0]
        if group.depth > MAX_DEPTH:
            continue
        if _linkage(clean, group):
            yield from ((d[0], d[1]) for d in group.directives)
            yield from group.parts
            continue
        if not _splits(clean, group):
            continue
        kept = 1 if first[2] == "if" and first[3] in ("0", "(0)") and len(group.parts) > 1 else 0
        yield from ((d[0], d[1]) for d in group.directives)
        yield from (p for i, p in enumerate(group.parts) if i != kept)


def _linkage(clean: str, group: Group) -> bool:
    """Whether a group holds nothing but `extern "C" {` or its closing brace."""
    if "__cplusplus" not in group.directives[0][3]:
        return False
    text = "".join(clean[a:b] for a, b in group.parts).split()
    joined = "".join(text)
    return joined in ("}", "};") or (joined.startswith("extern") and joined.endswith("{") and joined.count('"') == 2)


def _splits(clean: str, group: Group) -> bool:
    before = _before(clean, group.directives[0][0])
    if before not in ("", ";", "{", "}", ":"):
        return True
    for start, end in group.parts:
        text = _DIRECTIVE.sub("", clean[start:end])
        stripped = text.strip()
        if not stripped:
            continue
        if stripped[-1] not in ";{}:>" and not stripped.endswith(")"):
            return True
        if stripped.startswith(("else", ")", "||", "&&", ",", ".")) or not _balanced(text):
            return True
        if stripped.endswith(")") and stripped.startswith(("if", "while", "for")):
            return True
    return False


def _balanced(text: str) -> bool:
    depth = {"(": 0, "{": 0, "[": 0}
    for char in _BRACKETS.sub("", text):
        if char in depth:
            depth[char] += 1
        else:
            opening = {")": "(", "}": "{", "]": "["}[char]
            depth[opening] -= 1
            if depth[opening] < 0:
                return False
    return not any(depth.values())


def _before(clean: str, at: int) -> str:
    """The last character in front of `at` that is no space and in no directive."""
    while at > 0:
        line = clean.rfind("\n", 0, at - 1) + 1 if at > 0 else 0
        text = clean[line:at].strip()
        if text and not text.startswith("#"):
            previous = clean[max(0, line - 2) : line].rstrip("\r\n")
            if not previous.endswith("\\"):
                return text[-1]
        at = line
        if at == 0:
            break
    return ""
