"""The head of a function definition: macros of headers that are not there are taken out of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from edlint.frontends.c.gnu import closing
from edlint.frontends.c.tokens import Piece
from edlint.frontends.c.vocabulary import is_name, kind

TYPE_WORDS = frozenset(
    ("VOID", "CHAR", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "SIGNED", "UNSIGNED", "_BOOL", "__INT128")
)
_TAGS = frozenset(("STRUCT", "UNION", "ENUM"))


def mended(tokens: Sequence[Piece], is_type: Callable[[str], bool]) -> list[Piece]:
    """The tokens of a function definition with one type in front of its name and nothing odd before its body."""
    body = next((i for i, p in enumerate(tokens) if p.value == "{"), -1)
    if body <= 0:
        return _strings(tokens)
    head = _head(list(tokens[:body]), is_type)
    return _strings([*head, *tokens[body:]])


def _head(head: list[Piece], is_type: Callable[[str], bool]) -> list[Piece]:
    # What stands behind the parameters and is no old-style declaration is an attribute.
    last = _parameters(head)
    if last is None:
        return head
    opened, closed = last
    tail = head[closed + 1 :]
    if not any(p.value == ";" for p in tail):
        tail = []
    front = head[: opened - 1]
    return [*_specifiers(front, is_type), *head[opened - 1 : closed + 1], *tail]


def _parameters(head: Sequence[Piece]) -> tuple[int, int] | None:
    """Positions of the brackets of the parameter list; None when nothing looks like one."""
    lists: list[tuple[int, int]] = []
    at = 0
    while at < len(head) and head[at].value != ";":
        if head[at].value == "(":
            close = closing(head, at)
            if at > 0 and is_name(head[at - 1]):
                lists.append((at, close))
            at = close
        at += 1
    for (opened, close), (later, _) in pairwise(lists):
        # `ATTRIBUTE(3) int f(void)` and `EXPORT(int) f(void)` against `int f(void) ATTRIBUTE(3)`.
        typed = any(kind(p.value) not in _STORAGE for p in head[: opened - 1])
        if typed and later - close <= 2:
            return opened, close
    return lists[-1] if lists else None


_STORAGE = frozenset(("STATIC", "EXTERN", "INLINE", "_NORETURN"))


def _specifiers(front: list[Piece], is_type: Callable[[str], bool]) -> list[Piece]:
    """One type among the specifiers; the other names in front of a function are macros."""
    if any(kind(p.value) in _TAGS for p in front):
        return _without(front, {i for i, p in enumerate(front) if is_name(p) and kind(front[i - 1].value) not in _TAGS})
    names = [i for i, p in enumerate(front) if is_name(p)]
    called = {i for i in names if i + 1 < len(front) and front[i + 1].value == "("}
    if any(kind(p.value) in TYPE_WORDS for p in front if _depth(front, p) == 0):
        return _without(front, set(names))
    plain = [i for i in names if i not in called and _depth(front, front[i]) == 0]
    if not plain and called:
        # `EXPORT(int) f(...)`: the type is what was passed.
        at = min(called)
        close = closing(front, at + 1)
        return [*front[:at], *front[at + 2 : close], *front[close + 1 :]]
    if not plain:
        return front
    known = [i for i in plain if is_type(front[i].value)]
    lower = [i for i in plain if not front[i].value.isupper()]
    chosen = (known or lower or plain)[-1 if known else 0]
    return _without(front, set(names) - {chosen})


def _depth(front: Sequence[Piece], piece: Piece) -> int:
    depth = 0
    for other in front:
        if other is piece:
            break
        depth += (other.value in ("(", "[")) - (other.value in (")", "]"))
    return depth


def _without(front: Sequence[Piece], gone: set[int]) -> list[Piece]:
    kept: list[Piece] = []
    at = 0
    while at < len(front):
        if at in gone:
            if at + 1 < len(front) and front[at + 1].value == "(":
                at = closing(front, at + 1)
        else:
            kept.append(front[at])
        at += 1
    return kept


def _strings(tokens: Sequence[Piece]) -> list[Piece]:
    """Names and call-like macros between string literals stand for strings: `PRIu64` and its kin."""
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        piece = tokens[at]
        if is_name(piece):
            called = at + 1 < len(tokens) and tokens[at + 1].value == "("
            last = closing(tokens, at + 1) if called else at
            before = found[-1].value if found else ""
            after = tokens[last + 1].value if last + 1 < len(tokens) else ""
            if before.endswith('"') or (after.endswith('"') and before in _STRING_STARTS):
                text = '"lu"' if piece.value.startswith("PRI") else '"%s"'
                found.append(replace(piece, value=text, end=tokens[last].end))
                at = last + 1
                continue
        if (
            piece.value in _COMPARISONS
            and 0 < at < len(tokens) - 1
            and found[-1].value == ","
            and tokens[at + 1].value in (",", ")")
        ):
            # `timercmp(a, b, <)`
            piece = replace(piece, value=f'"{piece.value}"')
        found.append(piece)
        at += 1
    return found


_COMPARISONS = frozenset(("<", ">", "<=", ">=", "==", "!="))


_STRING_STARTS = frozenset(("(", ",", "=", "return", "?", ":", "{"))
