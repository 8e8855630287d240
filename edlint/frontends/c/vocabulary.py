"""Which names of a function are types, judged by what stands around them: the headers that say so are not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from edlint.frontends.c.gnu import TYPEOF_TYPE
from edlint.frontends.c.tokens import LexError, Piece, token_type
from edlint.model.layout import builtin_shape

_STARTS = frozenset((";", "{", "}", ":", ")", "else", "do", "const", "volatile", "static", "register", "extern"))
_LITERAL = frozenset(("INT_CONST_DEC", "INT_CONST_OCT", "INT_CONST_HEX", "STRING_LITERAL", "CHAR_CONST", "FLOAT_CONST"))


def is_usual_type(name: str) -> bool:
    """Whether a name is that of a type by the usage of C programs: `size_t`, `foo_t`."""
    return name.endswith("_t") or builtin_shape(name) is not None


def is_name(piece: Piece) -> bool:
    """Whether a token is an identifier and no keyword."""
    try:
        return piece.is_word and token_type(piece.value) == "ID"
    except LexError:
        return False


def kind(value: str) -> str:
    """What pycparser calls a token of that spelling; empty for what C does not have."""
    try:
        return token_type(value)
    except LexError:
        return ""


def guessed_types(tokens: Sequence[Piece], is_type: Callable[[str], bool]) -> set[str]:
    """Names that must or may be types in a function definition; `is_type` is asked where both readings are possible."""
    body = next((i for i, p in enumerate(tokens) if p.value == "{"), len(tokens))
    found = {p.value for i, p in enumerate(tokens[:-1]) if is_name(p) and _names_type(tokens, i, i < body, is_type)}
    return found | {TYPEOF_TYPE}


def _names_type(tokens: Sequence[Piece], at: int, in_head: bool, is_type: Callable[[str], bool]) -> bool:
    name = tokens[at].value
    before = tokens[at - 1].value if at else ";"
    after = tokens[at + 1]
    if is_name(after):
        # `MACRO call(x);` in a body is more likely than the prototype that it may be.
        called = not in_head and at + 2 < len(tokens) and tokens[at + 2].value == "("
        return before not in _NO_TYPE_BEHIND and (not called or is_type(name))
    if after.value in _POINTING:
        return _points(tokens, at, before, in_head, is_type)
    if before == "(" and after.value == ")":
        return at + 2 < len(tokens) and _casts(tokens, at, is_type)
    if in_head and before in ("(", ",") and after.value in (")", ",", "["):
        return is_type(name)
    if after.value == "(" and before in _STARTS:
        return _declares_pointer(tokens, at)
    if before == "(" and at >= 2 and tokens[at - 2].value == "offsetof":
        return True
    return after.value == ")" and before == "," and _is_va_arg(tokens, at)


def _points(tokens: Sequence[Piece], at: int, before: str, in_head: bool, is_type: Callable[[str], bool]) -> bool:
    """Whether the star behind a name makes a pointer type rather than a product."""
    stars = at + 1
    while stars < len(tokens) and tokens[stars].value in _POINTING:
        stars += 1
    if stars >= len(tokens):
        return False
    behind = tokens[stars]
    if before in ("(", ",", "const", "volatile") and behind.value in (")", ","):
        return True
    if in_head:
        return before in _HEAD_STARTS
    if (before in _STARTS or (before == "(" and tokens[at - 2].value == "for")) and is_name(behind):
        follows = tokens[stars + 1].value if stars + 1 < len(tokens) else ""
        return follows in ("=", ";", ",", "[") and (before != ")" or is_type(tokens[at].value))
    if behind.value == "(" and before in _STARTS and before != ")":
        return _declares_pointer(tokens, stars - 1)
    if before == "," and is_name(behind) and stars + 1 < len(tokens) and tokens[stars + 1].value in (",", ")"):
        return is_type(tokens[at].value) and _is_parameter(tokens, at)
    return before == "(" and behind.value == "(" and is_type(tokens[at].value)


def _is_parameter(tokens: Sequence[Piece], at: int) -> bool:
    """Whether a token stands in a list behind `(*)`, as in the type of a function pointer."""
    depth = 0
    for back in range(at - 1, max(0, at - 80), -1):
        value = tokens[back].value
        depth += (value == ")") - (value == "(")
        if depth < 0:
            return tokens[back - 1].value == ")" and tokens[back - 2].value == "*"
    return False


_POINTING = frozenset(("*", "const", "volatile", "restrict"))
_NO_TYPE_BEHIND = frozenset((".", "->", "goto", "struct", "union", "enum"))
_HEAD_STARTS = frozenset(("(", ",", "const", "volatile", ";", "static", "inline", "extern", "register"))


def _casts(tokens: Sequence[Piece], at: int, is_type: Callable[[str], bool]) -> bool:
    """Whether `(name)` in front of something is a cast."""
    follows = tokens[at + 2]
    caller = tokens[at - 2] if at >= 2 else None
    if caller is not None and caller.value == ")" and at >= 3 and _ends_type(tokens[at - 3], is_type):
        # The second of two casts in a row.
        caller = None
    if caller is not None and (is_name(caller) or caller.value in ("if", "while", "for", "switch", ")", "]", "sizeof")):
        return caller.value == "sizeof" and is_type(tokens[at].value)
    if is_name(follows) or kind(follows.value) in _LITERAL or follows.value in ("{", "~", "!", "sizeof"):
        return True
    if follows.value == "(" and at + 5 < len(tokens) and is_name(tokens[at + 3]) and tokens[at + 4].value == ")":
        # `(A)(B)x`
        return is_name(tokens[at + 5]) or kind(tokens[at + 5].value) in _LITERAL
    return follows.value in ("(", "&", "*", "-") and is_type(tokens[at].value)


def _ends_type(piece: Piece, is_type: Callable[[str], bool]) -> bool:
    return piece.value == "*" or kind(piece.value) in _TYPE_ENDS or (is_name(piece) and is_type(piece.value))


_TYPE_ENDS = frozenset(("CHAR", "SHORT", "INT", "LONG", "UNSIGNED", "SIGNED", "VOID", "FLOAT", "DOUBLE"))


def _declares_pointer(tokens: Sequence[Piece], at: int) -> bool:
    """Whether `name (*p)(...)` or `name (*p)[...]` declares p."""
    if at + 4 >= len(tokens) or tokens[at + 2].value != "*" or not is_name(tokens[at + 3]):
        return False
    return tokens[at + 4].value == ")" and at + 5 < len(tokens) and tokens[at + 5].value in ("(", "[")


def _is_va_arg(tokens: Sequence[Piece], at: int) -> bool:
    depth = 0
    for back in range(at - 1, max(0, at - 40), -1):
        value = tokens[back].value
        depth += (value == ")") - (value == "(")
        if depth < 0:
            return tokens[back - 1].value == "__builtin_va_arg"
    return False
