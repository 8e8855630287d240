"""Macro expansion by pcpp on tokens that keep their places; bounded by counted work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from pcpp.preprocessor import Macro as PcppMacro
from pcpp.preprocessor import Preprocessor

from edlint.frontends.c.gnu import closing
from edlint.frontends.c.tokens import Piece, deep, pieces
from edlint.model.unit import Macro

MAX_WORK = 150_000
"""Tokens that the expansion of one item may look at."""
LOOKED = 2
"""Tokens that are looked at in the time in which one is parsed."""
MAX_MACROS = 400
"""Definitions that one item may need."""
MAX_TOKENS = 60_000
"""Tokens that an item may grow to."""


class TooMuchError(Exception):
    """An expansion that does not end, or not soon."""


class _Token:
    """What pcpp expects of a token: `lexpos` and `lineno` carry the position among the item's tokens."""

    __slots__ = ("expanded_from", "lexer", "lexpos", "lineno", "source", "type", "value")

    def __init__(self, kind: str, value: str, lexpos: int, lineno: int) -> None:
        self.type, self.value, self.lexpos, self.lineno = kind, value, lexpos, lineno
        self.source = ""
        self.lexer: Any = None


class _Bounded(Preprocessor):  # type: ignore[misc]
    """pcpp that counts what it does and keeps its complaints to itself."""

    work = 0

    def expand_macros(self, tokens: list[Any], expanding_from: list[str] | None = None) -> list[Any]:
        """As pcpp's own; raises TooMuchError."""
        self.work += 1 + len(tokens)
        if self.work > MAX_WORK:
            raise TooMuchError
        found: list[Any] = super().expand_macros(tokens, expanding_from or [])
        return found

    def macro_expand_args(self, macro: Any, args: list[Any]) -> list[Any]:
        """As pcpp's own; raises TooMuchError."""
        self.work += len(macro.value) + sum(len(a) for a in args)
        if self.work > MAX_WORK:
            raise TooMuchError
        found: list[Any] = super().macro_expand_args(macro, args)
        return found

    def on_error(self, file: str, line: int, msg: str) -> None:
        """Nothing: a use that does not fit its macro stays as it is."""


@cache
def _preprocessor() -> _Bounded:
    return _Bounded()


_KINDS = {"(": "CPP_LPAREN", ")": "CPP_RPAREN", ",": "CPP_COMMA", "##": "CPP_DPOUND", "#": "CPP_POUND"}


def _tokens(found: Sequence[Piece], of_body: bool) -> list[Any]:
    tokens = []
    for index, piece in enumerate(found):
        kind = "CPP_ID" if piece.is_word else _KINDS.get(piece.value, "CPP_OTHER")
        tokens.append(_Token(kind, piece.value, -1 if of_body else index, 0 if of_body else index))
    return tokens


def expand(
    tokens: Sequence[Piece],
    find: Callable[[str], Macro | None],
    wanted: Callable[[Macro], bool],
    take: Callable[[int], None] = lambda count: None,
) -> list[Piece]:
    """The tokens with the uses of the macros that are `wanted` replaced; raises TooMuchError.

    `take` is told how many tokens could have been parsed meanwhile. A token that comes from a macro's body stands for
    the whole use; what was passed to it keeps its place.
    """
    table = _table(tokens, find, wanted)
    if not table:
        return list(tokens)
    worker = _preprocessor()
    worker.macros = table
    worker.work = 0
    worker.linemacro = worker.linemacrodepth = 0
    try:
        with deep():
            made = worker.expand_macros(_tokens(tokens, of_body=False))
    except TooMuchError:
        raise
    except Exception as error:
        # pcpp lets index and attribute errors of odd definitions through.
        raise TooMuchError from error
    finally:
        take(worker.work // LOOKED)
    if len(made) > MAX_TOKENS:
        raise TooMuchError
    found: list[Piece] = []
    for token in made:
        value = str(token.value)
        if not value.strip():
            continue
        if token.lexpos >= 0 and tokens[token.lexpos].value == value:
            found.append(tokens[token.lexpos])
            continue
        at = min(max(token.lineno, 0), len(tokens) - 1)
        use = tokens[at]
        last = tokens[closing(tokens, at + 1)] if _has_list(tokens, at, table) else use
        found.append(Piece(value, use.start, last.end, use.value))
    return found


def _has_list(tokens: Sequence[Piece], at: int, table: dict[str, Any]) -> bool:
    macro = table.get(tokens[at].value)
    follows = at + 1 < len(tokens) and tokens[at + 1].value == "("
    return follows and macro is not None and macro.arglist is not None


def _table(
    tokens: Sequence[Piece], find: Callable[[str], Macro | None], wanted: Callable[[Macro], bool]
) -> dict[str, Any]:
    table: dict[str, Any] = {}
    seen: set[str] = set()
    pending = [p.value for p in tokens if p.is_word]
    for name in pending:
        if name in seen:
            continue
        seen.add(name)
        macro = find(name)
        if macro is None or not wanted(macro):
            continue
        if len(table) >= MAX_MACROS:
            raise TooMuchError
        table[name], words = _defined(macro.name, macro.params, macro.body)
        pending.extend(words)
    return table


@lru_cache(1024)
def _defined(name: str, params: tuple[str, ...] | None, body: str) -> tuple[Any, tuple[str, ...]]:
    """A macro as pcpp wants it, which copies its tokens where it uses them; the words of its body."""
    # Its tokens stand nowhere in the text that uses it.
    found = [replace(p, start=0, end=0) for p in pieces(body)]
    words = tuple(p.value for p in found if p.is_word)
    value = _tokens(found, of_body=True)
    if params is None:
        return PcppMacro(name, value), words
    variadic = bool(params) and params[-1].endswith("...")
    named = [p.removesuffix("...").strip() or "__VA_ARGS__" if p.endswith("...") else p for p in params]
    made = PcppMacro(name, value, named, variadic)
    _preprocessor().macro_prescan(made)
    return made, words
