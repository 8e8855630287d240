"""Groups of `#if` ... `#endif`, and which of them cut a statement in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edlint.frontends.c.directives import BRACES, CONDITIONS, LABEL, places, text_before
from edlint.frontends.c.nesting import peeled

_BRACKETS = tuple((pair, bytes(c for c in b"(){}[]" if c not in pair)) for pair in (b"()", b"{}", b"[]"))
"""Each kind of bracket, and the other kinds."""
_PAIRS = tuple(pair for pair, _ in _BRACKETS)
_OTHERS = bytes(c for c in range(256) if c not in b"(){}[]")
_ROUNDS = 8
"""How often brackets that close each other are taken out before the rest is counted one by one."""
_DEFINED = re.compile(r"defined\s*(?:\(\s*\w+\s*\)|\w+)")
_ELSEWHERE = re.compile(
    r"(?:\b|_)(?:MOCK(?:ED)?|(?:UNIT_?)?TEST(?:S|ING)?|FUZZ(?:ING)?|WIN(?:32|64|DOWS)|MSC_VER|HOST_?ONLY|UNTRUSTED)(?:\b|_)",
    re.IGNORECASE,
)
"""Macros of builds that are no enclave's, or not this system's."""
_NEAR = 128
"""Code points in which a label or an `else` is looked for."""
_CODE = re.compile(r"\S")
_ELSE = re.compile(r"\s*+else\b")
"""Behind a group, even one with nothing in it, it belongs to the `if` in front of it or inside."""
_LONE = re.compile(r"(?:[;{}]|\A)\s*\n[ \t]*[A-Z_][A-Z0-9_]*\Z")
"""The name of a macro that stands alone behind the end of a statement or block."""

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
    for start, sign, end, word in places(clean):
        if word not in CONDITIONS:
            continue
        directive = (start, end, word, clean[clean.index(word, sign) + len(word) : end].strip())
        if word in ("if", "ifdef", "ifndef"):
            stack.append(Group([directive], len(stack)))
        elif stack:
            stack[-1].directives.append(directive)
            if word == "endif":
                yield stack.pop()


def split_groups(clean: str, code: str) -> Iterator[tuple[int, int]]:
    """What to overwrite so that each group that cuts a statement keeps one alternative: directives and the others.

    `code` is the text without its directives.
    """
    gone: list[tuple[int, int]] = []
    for group in groups(clean):
        first = group.directives[0]
        if group.depth > MAX_DEPTH:
            continue
        if _linkage(clean, group):
            yield from ((d[0], d[1]) for d in group.directives)
            yield from group.parts
            gone += group.parts
            continue
        if _is_guard(code, group) or not _splits(code, group, gone):
            continue
        kept = 1 if len(group.parts) > 1 and _is_unlikely(first[2], first[3]) else 0
        others = [p for i, p in enumerate(group.parts) if i != kept]
        yield from ((d[0], d[1]) for d in group.directives)
        yield from others
        gone += others


def _is_guard(code: str, group: Group) -> bool:
    """Whether a group without alternatives has all the code there is: it cuts nothing, and to look at it takes long."""
    directives = group.directives
    return (
        group.depth == 0
        and len(directives) == 2
        and not text_before(code, directives[0][0])
        and _CODE.search(code, directives[1][1]) is None
    )


def _is_unlikely(word: str, condition: str) -> bool:
    """Whether an enclave is hardly built with the first alternative: it is for tests, for another system, or off."""
    if word == "if" and condition in ("0", "(0)"):
        return True
    asks = word == "ifdef" or (word == "if" and _DEFINED.fullmatch(condition) is not None)
    return asks and _ELSEWHERE.search(condition) is not None


def _linkage(clean: str, group: Group) -> bool:
    """Whether a group holds nothing but `extern "C" {` or its closing brace."""
    if "__cplusplus" not in group.directives[0][3]:
        return False
    text = "".join(clean[a:b] for a, b in group.parts).split()
    joined = "".join(text)
    return joined in ("}", "};") or (joined.startswith("extern") and joined.endswith("{") and joined.count('"') == 2)


def _splits(code: str, group: Group, gone: Sequence[tuple[int, int]]) -> bool:
    """Whether a group cuts a statement; `gone` is what is overwritten of the groups that ended before, in order."""
    begin = group.directives[0][0]
    before = text_before(code, begin)
    if before[-1:] not in ("", ";", "{", "}", ":") and not _LONE.search(before):
        return True
    # Groups that end before this one does and start behind its start are inside it.
    inside = len(gone)
    while inside and gone[inside - 1][0] > begin:
        inside -= 1
    if _ELSE.match(code, end := group.directives[-1][1], end + _NEAR):
        return True
    for text in _left(code, group.parts, sorted(gone[inside:])):
        stripped = text.strip()
        if not stripped:
            continue
        if stripped[-1] not in ";{}:>)" and not _LONE.search(stripped) and _CODE.search(code, group.directives[-1][1]):
            return True
        if stripped.startswith(("else", ")", "||", "&&", ",", ".")) or not _balanced(stripped):
            return True
        if stripped[-1] == ")" and (stripped.startswith(("if", "while", "for")) or _headed(code, group)):
            return True
        if stripped[-1] == ":" and LABEL.search("\n" + stripped[-_NEAR:]):
            return True
    return False


def _left(code: str, parts: Sequence[tuple[int, int]], gone: Sequence[tuple[int, int]]) -> Iterator[str]:
    """What is left of each part where the groups inside it keep one alternative; `gone` is in order too."""
    at = 0
    for start, end in parts:
        kept: list[str] = []
        while at < len(gone) and gone[at][0] < end:
            kept.append(code[start : max(start, gone[at][0])])
            start = max(start, gone[at][1])
            at += 1
        yield "".join([*kept, code[start:end]])


def _headed(code: str, group: Group) -> bool:
    """Whether the braces behind a group belong to what ends in it."""
    return BRACES.match(code, group.directives[-1][1]) is not None


def _balanced(text: str) -> bool:
    """Whether each kind of bracket closes what it opens."""
    _, found = peeled(text.encode("ascii", "replace").translate(None, _OTHERS), _PAIRS, _ROUNDS)
    if not found:
        return True
    for pair, others in _BRACKETS:
        depth = 0
        for bracket in found.translate(None, others):
            depth += 1 if bracket == pair[0] else -1
            if depth < 0:
                return False
        if depth:
            return False
    return True
