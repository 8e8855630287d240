"""Macros and conditions of the C preprocessor, as far as EDL files use them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_EXPANSION = 200_000
"""Pieces that the macros of one file may expand to."""

PIECE = re.compile(
    r"[A-Za-z_]\w*|\.?[0-9](?:[eEpP][+-]|[\w.])*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|##|<<=?|>>=?|[<>=!]=|&&|\|\||\.\.\.|\s+|[\s\S]",
    re.ASCII,
)
"""Preprocessing tokens and white space."""


class MacroError(Exception):
    """What stops the C preprocessor, as a clause."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A `#define`; params is None for one without parentheses."""

    params: tuple[str, ...] | None
    body: tuple[str, ...]
    variadic: bool = False


def _fixed(value: str) -> Macro:
    return Macro(None, (value,))


PREDEFINED: Mapping[str, Macro] = {
    name: _fixed(value)
    for names, value in (
        ("linux __linux __linux__ __gnu_linux__ unix __unix __unix__ __ELF__ _LP64 __LP64__ __x86_64 __x86_64__", "1"),
        ("__amd64 __amd64__ __k8 __k8__ __STDC__ __STDC_HOSTED__ __STDC_UTF_16__ __STDC_UTF_32__ __MMX__ __SSE__", "1"),
        ("__SSE2__ __SSE_MATH__ __SSE2_MATH__ __FXSR__ __CHAR_UNSIGNED_ABSENT __NO_INLINE__ __OPTIMIZE_ABSENT", "1"),
        ("__CHAR_BIT__ __SIZEOF_LONG__ __SIZEOF_POINTER__ __SIZEOF_SIZE_T__ __SIZEOF_DOUBLE__", "8"),
        ("__SIZEOF_INT__ __SIZEOF_FLOAT__ __SIZEOF_WCHAR_T__", "4"),
        ("__SIZEOF_SHORT__", "2"),
        ("__GNUC__", "12"),
        ("__STDC_VERSION__", "201710L"),
        ("__LINE__ __INCLUDE_LEVEL__ __COUNTER__", "0"),
        ("__FILE__ __DATE__ __TIME__ __VERSION__ __BASE_FILE__", '""'),
        ("__INT_MAX__", "0x7fffffff"),
    )
    for name in names.split()
    if not name.endswith("_ABSENT")
}
"""What gcc defines on its own on x86-64 Linux, as far as its name or value can matter to an EDL file."""


def define(text: str) -> tuple[str, Macro]:
    """The name and macro of a `#define` line's text behind the word."""
    found = re.match(r"\s*([A-Za-z_]\w*)", text, re.ASCII)
    if found is None:
        raise MacroError("'#define' needs the name of a macro" if text.strip() else "'#define' has no name")
    name, rest = found[1], text[found.end() :]
    if name == "defined":
        raise MacroError("'defined' cannot be a macro")
    params: tuple[str, ...] | None = None
    variadic = False
    if rest.startswith("("):
        close = rest.find(")")
        if close < 0:
            raise MacroError(f"the parameters of macro '{name}' have no closing parenthesis")
        words = [w.strip() for w in rest[1:close].split(",")] if rest[1:close].strip() else []
        if words and words[-1] == "...":
            variadic, words[-1] = True, "__VA_ARGS__"
        if any(not re.fullmatch(r"[A-Za-z_]\w*", w, re.ASCII) for w in words) or len(set(words)) < len(words):
            raise MacroError(f"the parameters of macro '{name}' are malformed")
        params, rest = tuple(words), rest[close + 1 :]
    return name, Macro(params, tuple(PIECE.findall(rest.strip())), variadic)


class Expander:
    """Replaces macros in pieces of text; the work over its life is bounded."""

    def __init__(self, macros: Mapping[str, Macro]) -> None:
        self.macros = macros
        self.spent = 0

    def expand(self, pieces: list[str], hidden: frozenset[str] = frozenset(), depth: int = 0) -> list[str]:
        """The pieces with every macro replaced; raises MacroError when there is no end to it."""
        out: list[str] = []
        at = 0
        while at < len(pieces):
            piece = pieces[at]
            at += 1
            self.spent += 1
            if self.spent > MAX_EXPANSION or depth > 60:
                raise MacroError("the macros expand to too much text")
            macro = self.macros.get(piece) if piece not in hidden else None
            if macro is None:
                out.append(piece)
                continue
            body = list(macro.body)
            if macro.params is not None:
                found = arguments(pieces, at)
                if found is None:
                    out.append(piece)
                    continue
                given, at = found
                body = self._filled(piece, macro, given, hidden, depth)
            out.extend(self.expand(_pasted(body), hidden | {piece}, depth + 1))
        return out

    def _filled(self, name: str, macro: Macro, given: list[list[str]], hidden: frozenset[str], depth: int) -> list[str]:
        params = macro.params or ()
        if macro.variadic and len(given) >= len(params):
            rest = given[len(params) - 1 :]
            joined = [p for n, one in enumerate(rest) for p in ([","] if n else []) + one]
            given = [*given[: len(params) - 1], joined]
        if not params and given == [[]]:
            given = []
        if len(given) != len(params):
            raise MacroError(f"macro '{name}' takes {len(params)} arguments and is given {len(given)}")
        values = dict(zip(params, given, strict=True))
        out: list[str] = []
        body = macro.body
        for place, piece in enumerate(body):
            if piece == "#" and place + 1 < len(body):
                continue
            if piece in values:
                raw = values[piece]
                if place and body[place - 1] == "#":
                    out.append('"' + "".join(raw).strip().replace('"', "'") + '"')
                elif "##" in (_near(body, place, -1), _near(body, place, 1)):
                    out.extend(raw)
                else:
                    out.extend(self.expand(raw, hidden, depth + 1))
            else:
                out.append(piece)
        return out


def _near(body: tuple[str, ...], place: int, step: int) -> str:
    place += step
    while 0 <= place < len(body) and body[place].isspace():
        place += step
    return body[place] if 0 <= place < len(body) else ""


def _pasted(body: list[str]) -> list[str]:
    """The pieces with every `##` carried out."""
    if "##" not in body:
        return body
    out: list[str] = []
    paste = False
    for piece in body:
        if piece == "##":
            while out and out[-1].isspace():
                out.pop()
            paste = True
        elif paste and piece.isspace():
            continue
        elif paste and out:
            out[-1] += piece
            paste = False
        else:
            out.append(piece)
            paste = False
    return out


def arguments(pieces: list[str], at: int) -> tuple[list[list[str]], int] | None:
    """The arguments in parentheses from `at` on and the place behind them; None when there are none."""
    while at < len(pieces) and pieces[at].isspace():
        at += 1
    if at >= len(pieces) or pieces[at] != "(":
        return None
    given: list[list[str]] = [[]]
    depth = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece == "(":
            depth += 1
            if depth == 1:
                continue
        elif piece == ")":
            depth -= 1
            if depth == 0:
                return [_strip(g) for g in given], at
        elif piece == "," and depth == 1:
            given.append([])
            continue
        given[-1].append(piece)
    return None


def _strip(pieces: list[str]) -> list[str]:
    start, end = 0, len(pieces)
    while start < end and pieces[start].isspace():
        start += 1
    while end > start and pieces[end - 1].isspace():
        end -= 1
    return pieces[start:end]


_LEVELS: tuple[Mapping[str, Callable[[int, int], int]], ...] = (
    {"||": lambda a, b: int(bool(a) or bool(b))},
    {"&&": lambda a, b: int(bool(a) and bool(b))},
    {"|": lambda a, b: a | b},
    {"^": lambda a, b: a ^ b},
    {"&": lambda a, b: a & b},
    {"==": lambda a, b: int(a == b), "!=": lambda a, b: int(a != b)},
    {
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
    },
    {"<<": lambda a, b: a << min(b, 64) if b >= 0 else 0, ">>": lambda a, b: a >> min(b, 64) if b >= 0 else 0},
    {"+": lambda a, b: a + b, "-": lambda a, b: a - b},
    {"*": lambda a, b: a * b, "/": lambda a, b: a // b if b else 0, "%": lambda a, b: a % b if b else 0},
)


def condition(text: str, macros: Mapping[str, Macro]) -> bool:
    """The value of an `#if` line's text behind the word; raises MacroError for what gcc refuses."""
    pieces: list[str] = []
    raw = [p for p in PIECE.findall(text) if not p.isspace()]
    at = 0
    while at < len(raw):
        if raw[at] in ("defined", "__has_include"):
            wrapped = raw[at + 1 : at + 2] == ["("]
            name = raw[at + 1 + wrapped] if at + 1 + wrapped < len(raw) else ""
            if raw[at] == "defined" and not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
                raise MacroError("'defined' needs a name")
            if wrapped and raw[at] == "defined" and raw[at + 3 : at + 4] != [")"]:
                raise MacroError("'defined' has no closing parenthesis")
            pieces.append(str(int(name in macros)))
            if raw[at] == "__has_include":
                at = raw.index(")", at) + 1 if ")" in raw[at:] else len(raw)
            else:
                at += 2 + 2 * wrapped
            continue
        pieces.append(raw[at])
        at += 1
    expanded = [p for p in Expander(macros).expand(pieces) if not p.isspace()]
    if not expanded:
        raise MacroError("'#if' has no condition")
    if len(expanded) > 2000:
        raise MacroError("the condition is too long")
    reader = _Expression(expanded)
    value = reader.ternary(0)
    if reader.at < len(expanded):
        raise MacroError(f"'{expanded[reader.at]}' does not fit into the condition")
    return value != 0


class _Expression:
    """Integer constant expressions by descent; its depth is bounded."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.at = 0

    def peek(self) -> str:
        return self.pieces[self.at] if self.at < len(self.pieces) else ""

    def ternary(self, depth: int) -> int:
        if depth > 40:
            raise MacroError("the condition is nested too deeply")
        value = self.binary(0, depth)
        if self.peek() == "?":
            self.at += 1
            yes = self.ternary(depth + 1)
            if self.peek() != ":":
                raise MacroError("'?' has no ':'")
            self.at += 1
            no = self.ternary(depth + 1)
            return yes if value else no
        return value

    def binary(self, level: int, depth: int) -> int:
        if level == len(_LEVELS):
            return self.unary(depth)
        value = self.binary(level + 1, depth)
        while (operator := self.peek()) in _LEVELS[level]:
            self.at += 1
            right = self.binary(level + 1, depth)
            if operator in ("/", "%") and right == 0:
                raise MacroError("the condition divides by zero")
            value = _LEVELS[level][operator](value, right)
            value = (value + 2**63) % 2**64 - 2**63
        return value

    def unary(self, depth: int) -> int:
        piece = self.peek()
        self.at += 1
        if piece in ("!", "-", "+", "~"):
            if depth > 40:
                raise MacroError("the condition is nested too deeply")
            value = self.unary(depth + 1)
            return {"!": int(not value), "-": -value, "+": value, "~": ~value}[piece]
        if piece == "(":
            value = self.ternary(depth + 1)
            if self.peek() != ")":
                raise MacroError("'(' has no ')'")
            self.at += 1
            return value
        if re.fullmatch(r"[A-Za-z_]\w*", piece, re.ASCII):
            return 0
        if piece.startswith("'") and len(piece) > 2:
            return ord(piece[1])
        digits = piece.rstrip("uUlL")
        try:
            return int(digits, 8) if re.fullmatch("0[0-7]+", digits) else int(digits, 0)
        except ValueError:
            raise MacroError(f"'{piece}' is no number" if piece else "the condition is incomplete") from None
