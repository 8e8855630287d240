"""Types as arguments of what looks like a function, which only a macro can take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.frontends.c.patterns import ARGUMENT, KEYWORDS, ONLY_TYPE


def types(code: str) -> Iterator[tuple[int, int]]:
    """Types as arguments of what looks like a function: `va_arg(ap, char *)`, `CAST(T *, p)`."""
    return (at for m in ARGUMENT.finditer(code) if (at := type_argument(code, m)) is not None)


def type_argument(code: str, found: re.Match[str]) -> tuple[int, int] | None:
    """Where a match of ARGUMENT has a type as the argument of what looks like a function; None when it has none."""
    spelled = found[2].rstrip()
    if not (spelled.endswith("*") or ONLY_TYPE.fullmatch(spelled)) or (found[1] == "(" and found[3] == ")"):
        return None
    open_ = _opening(code, found.start() if found[1] == "," else found.start() + 1)
    if open_ > 0 and (code[open_ - 1].isalnum() or code[open_ - 1] == "_"):
        begin = open_
        while begin > 0 and (code[begin - 1].isalnum() or code[begin - 1] == "_"):
            begin -= 1
        name = code[begin:open_]
        if name.endswith("va_arg") or (name not in KEYWORDS and not _is_declaration(code, begin)):
            return found.start(2), found.start(2) + len(spelled)
    return None


def _opening(code: str, at: int, limit: int = 600) -> int:
    """The offset of the parenthesis that is open at `at`; -1 when there is none near."""
    depth = 0
    for offset in range(at - 1, max(-1, at - limit), -1):
        char = code[offset]
        if char == ")":
            depth += 1
        elif char == "(":
            if depth == 0:
                return offset
            depth -= 1
        elif char in ";{}":
            return -1
    return -1


def _is_declaration(code: str, start: int) -> bool:
    """Whether the name at `start` has a type in front of it, as in a prototype."""
    at = start - 1
    while at >= 0 and code[at] in " \t\r\n":
        at -= 1
    if at < 0:
        return True
    if code[at] == ")":
        return True
    if code[at] in "*&>":
        return code[at] != ">" or code[at - 1] != "-"
    if not (code[at].isalnum() or code[at] == "_"):
        return False
    begin = at
    while begin > 0 and (code[begin - 1].isalnum() or code[begin - 1] == "_"):
        begin -= 1
    return code[begin : at + 1] not in KEYWORDS
