"""C text as tokens with exact offsets: what pycparser and pcpp are fed instead of bare text."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pycparser import c_ast
from pycparser.c_lexer import CLexer, Token
from pycparser.c_parser import CParser

from edlint.record import record

MAX_TOKENS = 60_000
"""Tokens of one top-level item; a longer item is not parsed."""
MAX_WEIGHT = 6_000
"""Nesting that the recursive descent is trusted with, counted in Python frames."""
FRAMES = 12_000
"""Python's own limit while a tree is built or walked; calls between Python functions need no C stack."""

_PIECE = re.compile(
    r"""
      (?:[ \t\r\n\f\v]++|\\\r?\n|//(?:[^\n\\]|\\\r?\n|\\(?!\r?\n))*+|/\*.*?(?:\*/|\Z))*+
      (?: \Z
      | ((?:L|u8|u|U)?"(?:[^"\\\n]|\\(?:\r\n|.))*"|(?:L|u8|u|U)?'(?:[^'\\\n]|\\.)*'
      | [A-Za-z_$][A-Za-z0-9_$]*
      | \.?[0-9](?:[eEpP][+-]|'(?=[0-9a-fA-F])|[0-9A-Za-z_.])*
      | \.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\#\#|.
      ))
    """,
    re.VERBOSE | re.DOTALL,
)
"""White space and comments, then a token or the end."""


@record(frozen=True, slots=True)
class Piece:
    """One token: its spelling, and the range of the source it stands for.

    A token that a macro expansion made stands for the use of the macro.
    """

    value: str
    start: int
    end: int
    macro: str = ""
    """The outermost macro it came from; empty for the text itself and for what was passed to the macro."""

    @property
    def is_word(self) -> bool:
        """Whether it is an identifier or a keyword."""
        return self.value[0].isalpha() or self.value[0] in "_$"


def pieces(text: str, start: int = 0, end: int | None = None) -> list[Piece]:
    """The tokens of `text[start:end]` without comments and white space."""
    stop = len(text) if end is None else end
    return [Piece(m[1], m.start(1), m.end()) for m in _PIECE.finditer(text, start, stop) if m.lastindex]


class LexError(Exception):
    """A character or a token that C does not have."""


def _raise(message: str, line: int, column: int) -> None:
    raise LexError(message)


_SPELLED = re.compile(r"[ (*]")
"""What the spelling of a type of several tokens has."""
_QUOTED = {'"': "STRING_LITERAL", "'": "CHAR_CONST"}
_types: dict[str, str] = {}
_lexer = CLexer(_raise)


def token_type(value: str) -> str:
    """What pycparser calls a token of that spelling; raises LexError."""
    known = _types.get(value)
    if known is None:
        _lexer.input(value)
        try:
            token = _lexer.token()
            known = token.type if token is not None and token.value == value else ""
        except LexError:
            known = ""
        if not known and len(value) > 1 and value[-1] in _QUOTED:
            # An escape sequence that C does not have, or a character constant of many characters.
            known = _QUOTED[value[-1]]
        if not known and (value[0].isalpha() or value[0] == "_") and _SPELLED.search(value):
            known = "ID"
        if not known:
            raise LexError(f"'{value}' is no token of C")
        if len(_types) < 100_000:
            _types[value] = known
    return known


class _Stream:
    """Stands in for pycparser's lexer and hands out ready tokens.

    A node's `coord.line` is then the position of its first token in the sequence.
    """

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = iter(tokens)
        self.filename = ""
        self.given = -1
        """`lineno` of the last token that was handed out."""

    def input(self, text: str, filename: str = "") -> None:
        """Nothing: the tokens are there already."""

    def token(self) -> Token | None:
        """The next token, or None at the end."""
        token = next(self._tokens, None)
        if token is not None:
            self.given = token.lineno
        return token


class ParseError(Exception):
    """Text that pycparser refuses; `index` is the position of the token where it gave up, or -1."""

    def __init__(self, message: str, index: int = -1) -> None:
        super().__init__(message)
        self.index = index


NO_TYPE = "__edlint_value"
"""How pycparser sees the name of a type that is passed to a macro."""

_WHERE = re.compile(r"^:(\d+):\d+: ")


def parse(tokens: Sequence[Piece], types: Iterable[str], values: Collection[int] = ()) -> list[c_ast.Node]:
    """The external declarations that the tokens spell; raises ParseError.

    `types` are the names to take for types, `values` the positions where such a name is none: in the arguments of
    a macro. Coordinates count `tokens` from 0 (`node.coord.line`).
    """
    if len(tokens) > MAX_TOKENS:
        raise ParseError("too many tokens")
    if weight(tokens) > MAX_WEIGHT:
        raise ParseError("nested too deeply")
    try:
        ready = [Token(token_type(p.value), p.value, i, 0, "") for i, p in enumerate(tokens)]
        for at in values:
            ready[at].type, ready[at].value = "ID", NO_TYPE
    except LexError as error:
        raise ParseError(str(error)) from error
    used = {p.value for p in tokens}
    seeds = [n for n in sorted(set(types) & used) if token_type(n) == "ID"]
    before = [Token(token_type(v), v, -1, 0, "") for n in seeds for v in ("typedef", "int", n, ";")]

    stream = _Stream([*before, *ready])

    def lexer(error_func: Callable[[str, int, int], None], **_: Any) -> _Stream:
        return stream

    try:
        with deep():
            tree = CParser(lexer=lexer).parse("")
    except RecursionError as error:
        raise ParseError("nested too deeply") from error
    except Exception as error:
        # Beside its ParseError, pycparser lets assertion and attribute errors of odd input through.
        where = _WHERE.match(str(error))
        index = int(where[1]) if where else stream.given
        raise ParseError(str(error) or type(error).__name__, index) from error
    return list(tree.ext[len(seeds) :])


_OPENERS = {"(": 14, "[": 14, "{": 8}
_CLOSERS = ")]}"
_CHAINED = frozenset(("*", "&", "-", "+", "!", "~", "sizeof", "++", "--", "?", "=", ".", "->", "if", "while", "for"))


def weight(tokens: Sequence[Piece]) -> int:
    """An upper bound of the Python frames that recursive descent needs for the tokens."""
    stack: list[int] = []
    here = top = run = chains = 0
    for piece in tokens:
        value = piece.value
        if value in _OPENERS:
            here += _OPENERS[value] + run
            stack.append(_OPENERS[value] + run)
            run = 0
        elif value in _CLOSERS:
            here -= stack.pop() if stack else 0
        elif value in _CHAINED:
            run += 3
        elif value == "else":
            # A chain of `else if` nests although its text does not.
            chains += 4
        elif value in (";", ","):
            run = 0
        top = max(top, here + run)
    return top + chains


@contextmanager
def deep() -> Iterator[None]:
    """Room for the recursion over a syntax tree whose depth MAX_WEIGHT bounds."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
