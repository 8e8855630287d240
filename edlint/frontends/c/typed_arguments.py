"""Types as arguments of what looks like a function, which only a macro can take, and types that a macro makes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edlint.frontends.c.patterns import ARGUMENTS, CAPS_WORD, HEADS, KEYWORDS, LOOP_NAME, MACRO_TYPE, ONLY_TYPE

_BEFORE = re.compile(r"(?:\b(const|static|inline|extern|virtual|typedef)|[;{}(,<]|(?<![^\n]))\s*\Z")
"""What may stand in front of a type, with the word that only stands in front of one."""
_CAST = re.compile(r"[^\w\s)]\s*\(\s*(?:const\s+)?[A-Za-z_]\w*(?:\s+\w+|::\w+)*[\s*]*\)\Z")
_CALLED = re.compile(r"\(\w++(?<=[A-Za-z_])")
"""A name right in front of its parenthesis, in the text from back to front: there are fewer of these than of names."""
_OPERAND = re.compile(r"[=(,]\s*\Z")
_NEAR = 64
_BOUNDS = frozenset(";{}")
"""What no list of arguments goes beyond."""
_OPERATORS = frozenset("&|+-*/%^=?!")
_NO_NAME = re.compile(r"\W", re.ASCII)


def as_name(text: str) -> str:
    """One identifier of the length of a text."""
    return "_" + _NO_NAME.sub("_", text[1:])


def with_names(code: str) -> str:
    """The code with a name of the same length for each type that is an argument."""
    parts: list[str] = []
    at = 0
    for start, end in types(code):
        if start >= at:
            parts += [code[at:start], as_name(code[start:end])]
            at = end
    return "".join([*parts, code[at:]]) if parts else code


def types(code: str) -> Iterator[tuple[int, int]]:
    """Types as arguments of what looks like a function: `va_arg(ap, char *)`, `CAST(T *, p)`."""
    found = (type_argument(code, m) for pattern in ARGUMENTS for m in pattern.finditer(code))
    return iter(sorted(at for at in found if at is not None))


def made_types(code: str) -> Iterator[tuple[int, int]]:
    """Types that a macro makes, in front of what is declared: `const OF(T) *p`, `f(OF(T) a)`, `(OF(T) *)p`."""
    at, size = 0, len(code)
    for start in reversed([size - m.end() for m in _CALLED.finditer(code[::-1])]):
        # A type may stand inside what is none.
        found = MACRO_TYPE.match(code, start) if start >= at else None
        if found is not None and _is_made_type(code, found):
            at = found.end(1)
            yield found.span(1)


def _is_made_type(code: str, found: re.Match[str]) -> bool:
    start = found.start()
    name = code[start : code.index("(", start)]
    before = _BEFORE.search(code, max(0, start - _NEAR), start)
    if before is None or name in KEYWORDS or HEADS.search(name) or LOOP_NAME.search(name):
        return False
    stars, declared, after = found[2], found[3], found[4]
    front = code[before.start() : start].strip()[:1]
    if not front and code[max(0, before.start() - _NEAR) : before.start()].rstrip()[-1:] in _OPERATORS:
        # The line goes on with an expression.
        return False
    if before[1] is not None:
        return bool(stars or declared)
    if front == "(" and stars and not declared:
        return after == ")"
    if front in ("(", ","):
        if not declared or after not in ",)[=":
            return False
        # Nothing is assigned to a product.
        assigned = after == "=" and code[found.end() : found.end() + 1] != "="
        return not stars or assigned or _in_parameters(code, start)
    return bool(declared) and (after in "[=" or (after in ";,(" and stars is not None))


def _in_parameters(code: str, at: int) -> bool:
    """Whether an offset stands in the list of parameters of what is declared."""
    open_ = begin = _name_end(code, _opening(code, at))
    while begin > 0 and (code[begin - 1].isalnum() or code[begin - 1] == "_"):
        begin -= 1
    return 0 < begin < open_ and code[begin:open_] not in KEYWORDS and _is_declaration(code, begin)


def _name_end(code: str, at: int) -> int:
    while at > 0 and code[at - 1] in " \t":
        at -= 1
    return at


def type_argument(code: str, found: re.Match[str]) -> tuple[int, int] | None:
    """Where a match of ARGUMENT has a type as the argument of what looks like a function; None when it has none."""
    spelled = found[2].rstrip()
    if not (spelled.endswith(("*", "&")) or ONLY_TYPE.fullmatch(spelled)) or (found[1] == "(" and found[3] == ")"):
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
    open_ = code.rfind("(", max(0, at - limit), at)
    if open_ >= 0 and code.find(")", open_, at) < 0:
        return open_ if _BOUNDS.isdisjoint(code[open_:at]) else -1
    depth = 0
    for offset in range(at - 1, max(-1, at - limit), -1):
        char = code[offset]
        if char == ")":
            depth += 1
        elif char == "(":
            if depth == 0:
                return offset
            depth -= 1
        elif char in _BOUNDS:
            return -1
    return -1


def _is_declaration(code: str, start: int) -> bool:
    """Whether the name at `start` has a type in front of it, as in a prototype."""
    at = start - 1
    while at >= 0 and code[at] in " \t\r\n":
        at -= 1
    if at < 0:
        return True
    if code[at] == ")" and "\n" in code[at:start] and CAPS_WORD.match(code, start):
        # Behind the condition of a statement, or the use of another macro.
        return False
    if code[at] == ")":
        return _CAST.search(code, max(0, at - _NEAR), at + 1) is None
    if code[at] in "*&>":
        # Behind `=` or a comma it is an operator.
        return code[at - 1] != "-" if code[at] == ">" else not _OPERAND.search(code, max(0, at - _NEAR), at)
    if not (code[at].isalnum() or code[at] == "_"):
        return False
    begin = at
    while begin > 0 and (code[begin - 1].isalnum() or code[begin - 1] == "_"):
        begin -= 1
    return code[begin : at + 1] not in KEYWORDS
