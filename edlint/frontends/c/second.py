"""The second reader: C functions that the first could not read whole, through pcpp and pycparser.

One top-level item at a time, so that an item that fails to parse is only itself lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Protocol

from pycparser import c_ast

from edlint.frontends.c import shaped
from edlint.frontends.c.gnu import GNU_WORDS, closing, without_gnu
from edlint.frontends.c.heads import TYPE_WORDS, mended
from edlint.frontends.c.items import Item
from edlint.frontends.c.layout import tokens_of
from edlint.frontends.c.preprocess import TooMuchError, expand
from edlint.frontends.c.shapes import Rendered, Shape
from edlint.frontends.c.syntax import Effort, Node
from edlint.frontends.c.tokens import MAX_WEIGHT, ParseError, Piece, deep, parse, pieces, weight
from edlint.frontends.c.typed_tokens import joined, with_types
from edlint.frontends.c.vocabulary import guessed_types, is_name, is_usual_type, kind
from edlint.model.unit import Macro
from edlint.source import Source

MAX_TEXT = 600_000
"""Code points of an item that is read."""
TOKENS = 4
"""Tokens of which the parsing takes the time of a hundred plain steps of the first reader."""
PER_ITEM = 80
"""Tokens whose parsing takes the time of all else that is done for one item."""
MAX_REPAIRS = 12
"""Times that one item is parsed again with another guess."""


class Budget:
    """What the second reader may still do for one file: it is part of what all readings of the file may cost."""

    __slots__ = ("_tokens", "effort")

    def __init__(self, effort: Effort | None = None) -> None:
        self.effort = effort or Effort()
        self._tokens = 0

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is read."""
        return self.effort.is_too_much

    def take(self, count: int) -> None:
        """So many tokens were parsed."""
        self._tokens += count
        self.effort.spent += self._tokens // TOKENS
        self._tokens %= TOKENS


class Names(Protocol):
    """What the project says about a name, seen from one file."""

    def macro(self, name: str) -> Macro | None:
        """The macro that a name means in the file."""

    def is_type(self, name: str) -> bool:
        """Whether a type of that name is known."""

    def decided(self, condition: str) -> bool | None:
        """Whether the condition of an `#if` holds; None when that cannot be told."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A function definition that was read."""

    name: str
    node: Shape | Node
    origin: Rendered
    holds: bool = True
    """Whether it is what is left when conditions hold of which nothing is known."""


def read_function(source: Source, item: Item, names: Names, budget: Budget | None = None) -> Reading | None:
    """Read the function definition that an item is; None when it is none or cannot be read."""
    budget = budget or Budget()

    def known(name: str) -> bool:
        return names.is_type(name) or is_usual_type(name)

    if item.end - item.start > MAX_TEXT or budget.is_spent:
        return None
    budget.take(PER_ITEM)
    for holds in (True, False) if item.conditional else (True,):
        tokens = tokens_of(source, item.start, item.end, holds=holds, decided=names.decided)
        tokens = with_types(tokens, source, item, names.macro)
        for attempt, mending in _attempts(tokens, names.macro, budget) if tokens else ():
            found = _parsed(attempt, known, budget, item.body, mending=mending)
            if found is None:
                continue
            node, kept = found
            rendered = Rendered(source, kept)
            try:
                with deep():
                    shape = shaped.function(rendered, node)
            except RecursionError:
                return None
            return Reading(node.decl.name, shape, rendered, holds)
    return None


def expanded(source: Source, item: Item, names: Names, budget: Budget) -> Iterator[Rendered]:
    """An item with those macros expanded that hide syntax, then with all, where it uses such macros."""
    tokens = tokens_of(source, item.start, item.end, decided=names.decided)
    before: Sequence[Piece] = tokens
    signed = _signed(tokens, names.macro)

    def hiding(macro: Macro) -> bool:
        return macro.name in signed or _hides_syntax(macro)

    for wanted in (hiding, _everything):
        try:
            made = expand(tokens, names.macro, wanted, budget.take)
        except TooMuchError:
            return
        if made and made != before and weight(made) <= MAX_WEIGHT:
            yield Rendered(source, made)
        before = made


def _signed(tokens: Sequence[Piece], find: Callable[[str], Macro | None]) -> frozenset[str]:
    """Constants whose sign is the operator between them and the name in front: `ERR_KEY ERR_LENGTH`, both negative."""
    behind = {p.value for before, p in pairwise(tokens) if is_name(p) and is_name(before)}
    found = (find(name) for name in sorted(behind))
    return frozenset(m.name for m in found if m is not None and m.literal is not None and m.body[:1] in ("-", "+"))


def _attempts(
    tokens: Sequence[Piece], find: Callable[[str], Macro | None], budget: Budget
) -> Iterator[tuple[list[Piece], bool]]:
    """The tokens as they are, with those macros expanded that hide syntax, with all; then with semicolons mended."""
    seen: list[tuple[list[Piece], bool]] = []
    holders = _holders(tokens)

    def hiding(macro: Macro) -> bool:
        return macro.name in holders or _hides_syntax(macro)

    for wanted, mending in ((_is_statement, False), (hiding, False), (_everything, False), (hiding, True)):
        try:
            made = expand(tokens, find, wanted, budget.take), mending
        except TooMuchError:
            # What is asked for next is no less.
            break
        if mending and holders:
            made = _opened(made[0], holders), mending
        if made not in seen:
            seen.append(made)
            yield made
    yield _opened(tokens, holders), True


def _holders(tokens: Sequence[Piece]) -> set[str]:
    """Names of call-like macros that are given statements or declarations: `TRY(return 0;)`."""
    found: set[str] = set()
    opened: list[int] = []
    for at, piece in enumerate(tokens):
        if piece.value == "(":
            opened.append(at)
        elif piece.value == ")":
            if opened:
                opened.pop()
        elif piece.value in (";", "{", "return") and opened:
            called = tokens[opened[-1] - 1] if opened[-1] else None
            if called is not None and is_name(called):
                found.add(called.value)
    return found


def _opened(tokens: Sequence[Piece], holders: set[str]) -> list[Piece]:
    """The tokens with each use of an unknown macro that is given statements as a block of these."""
    found: list[Piece] = []
    closes: list[int] = []
    for at, piece in enumerate(tokens):
        if closes and at == closes[-1]:
            closes.pop()
            found += [replace(piece, value=";"), replace(piece, value="}")]
        elif at > 0 and piece.value == "(" and tokens[at - 1].value in holders and found:
            found[-1] = replace(piece, value="{")
            closes.append(closing(tokens, at))
        elif closes and piece.value == "," and _encloser(tokens, at) == _encloser(tokens, closes[-1]):
            found.append(replace(piece, value=";"))
        else:
            found.append(piece)
    return found


def _encloser(tokens: Sequence[Piece], index: int) -> int:
    """Position of the bracket that a token stands in, or that a closing one closes."""
    depth = 0
    for at in range(index - 1, -1, -1):
        value = tokens[at].value
        depth += (value in (")", "]", "}")) - (value in ("(", "[", "{"))
        if depth < 0:
            return at
    return -1


def _is_statement(macro: Macro) -> bool:
    """Whether the name of the macro alone is a statement: it would be read as a type."""
    return macro.params is None and macro.body.endswith((";", "}")) and not macro.body.startswith("{")


def _everything(macro: Macro) -> bool:
    # A constant keeps its name: the lowering knows its value.
    return macro.params is not None or macro.literal is None


_OPERANDS = frozenset(("(", ","))
_SPECIFIERS = frozenset(("__attribute__", "__attribute", "__declspec", "case", "default", "else"))
_HEADS = frozenset(("for", "while", "if", "switch", "case", "default", "else", "do"))


def _hides_syntax(macro: Macro) -> bool:
    """Whether a use of the macro is likely to be no expression and no statement."""
    return _is_no_statement(macro.body, called=macro.params is not None)


@lru_cache(4096)
def _is_no_statement(text: str, *, called: bool) -> bool:
    body = [p.value for p in pieces(text)]
    if not called:
        if not body:
            return True
        if body[0] == "[" or (body[0].endswith('"') and not _OPERANDS.isdisjoint(body)):
            # Operands of an assembler statement.
            return True
        if all(b.isidentifier() for b in body) and any(kind(b) != "ID" or b in GNU_WORDS for b in body):
            # A name that stands for a type is read as the name of a type.
            return not any(kind(b) in TYPE_WORDS for b in body)
    if not body:
        return False
    depth = 0
    for value in body:
        depth += (value in ("(", "[", "{")) - (value in (")", "]", "}"))
        if depth < 0:
            return True
    if depth or not _SPECIFIERS.isdisjoint(body):
        return True
    return body[0] in _HEADS - {"do", "if", "while"} or (body[0] in ("if", "while") and body[-1] not in (";", "}"))


def _parsed(
    tokens: Sequence[Piece], is_type: Callable[[str], bool], budget: Budget, body: int, *, mending: bool
) -> tuple[c_ast.FuncDef, list[Piece]] | None:
    """The function definition whose body starts at the offset `body`, else the first one, with its tokens."""
    kept, _ = without_gnu(tokens)
    kept = mended(kept, is_type)
    types = guessed_types(kept, is_type) | {p.value for p in kept if "(" in p.value and is_name(p)}
    guess = _Guess(kept, frozenset(types), frozenset())
    tried: set[tuple[int, frozenset[str], frozenset[int]]] = set()
    for _ in range(MAX_REPAIRS):
        state = (len(guess.tokens), guess.types, guess.values)
        if state in tried or budget.is_spent:
            return None
        tried.add(state)
        try:
            nodes = parse(guess.tokens, guess.types, guess.values)
        except ParseError as error:
            budget.take(max(error.index, 200))
            repaired = _repaired(guess, error.index, mending=mending)
            if repaired is None:
                return None
            guess = repaired
            continue
        budget.take(len(guess.tokens))
        found = [n for n in nodes if isinstance(n, c_ast.FuncDef)]
        own = (n for n in found if n.body.coord is not None and _opens(guess.tokens, n.body.coord.line, body))
        definition = next(own, found[0] if found else None)
        return (definition, guess.tokens) if definition is not None else None
    return None


def _opens(tokens: Sequence[Piece], index: int, offset: int) -> bool:
    """Whether the token at `index` is the one that stands at an offset of the file."""
    return 0 <= index < len(tokens) and tokens[index].start == offset and not tokens[index].macro


@dataclass(frozen=True, slots=True)
class _Guess:
    """What the tokens of an item are taken for."""

    tokens: list[Piece]
    types: frozenset[str]
    values: frozenset[int]
    """Positions where the name of a type is an argument of a macro."""

    def without(self, first: int, last: int) -> _Guess:
        """With the tokens from `first` to `last` left out."""
        gone = last - first + 1
        values = frozenset(v - gone if v > last else v for v in self.values if not first <= v <= last)
        return _Guess([*self.tokens[:first], *self.tokens[last + 1 :]], self.types, values)

    def without_type(self, index: int) -> _Guess | None:
        """With the type that starts at `index`, an argument of a macro, put as one value."""
        last = index
        while last + 1 < len(self.tokens) and self.tokens[last + 1].value not in (",", ")", ";"):
            last += 1
        names = [p for p in self.tokens[index : last + 1] if p.is_word]
        if self.tokens[last].value == ";" or not names:
            return None
        whole = joined(self.tokens[index : last + 1])
        shorter = self.without(index, last - 1) if last > index else self
        made = [*shorter.tokens[:index], whole, *shorter.tokens[index + 1 :]]
        return _Guess(made, self.types, shorter.values | {index})

    def spelled(self, first: int, last: int) -> _Guess:
        """With the tokens from `first` to `last` put as one type."""
        whole = joined(self.tokens[first : last + 1])
        shorter = self.without(first + 1, last)
        made = [*shorter.tokens[:first], whole, *shorter.tokens[first + 1 :]]
        return _Guess(made, self.types | {whole.value}, shorter.values)

    def mended(self, index: int) -> _Guess:
        """With a semicolon in front of the token at `index`."""
        before = self.tokens[index - 1]
        semicolon = replace(before, value=";", start=before.end, end=before.end)
        values = frozenset(v + 1 if v >= index else v for v in self.values)
        return _Guess([*self.tokens[:index], semicolon, *self.tokens[index:]], self.types, values)


_STATEMENTS = frozenset(("IF", "FOR", "WHILE", "DO", "SWITCH", "RETURN", "GOTO", "BREAK", "CONTINUE", "LBRACE"))
_MODIFIERS = frozenset(("UNSIGNED", "SIGNED", "LONG", "SHORT"))
_TYPE_STARTS = TYPE_WORDS | {"CONST", "VOLATILE", "STRUCT", "UNION", "ENUM"}


def _repaired(guess: _Guess, index: int, *, mending: bool) -> _Guess | None:
    """Another guess about the tokens around the one where parsing stopped; None when there is none."""
    tokens, types = guess.tokens, guess.types
    if not 0 < index < len(tokens):
        return None
    here, before = tokens[index], tokens[index - 1]
    if kind(here.value) in _TYPE_STARTS and before.value in ("(", ","):
        return guess.without_type(index)
    if here.value in (",", ")") and before.value == "*":
        start = index - 1
        while start > 0 and tokens[start].value == "*":
            start -= 1
        if is_name(tokens[start]) and tokens[start - 1].value in ("(", ","):
            return guess.without_type(start)
    if here.value in types and index not in guess.values:
        if before.value in ("(", ","):
            return replace(guess, values=guess.values | {index} | _last_arguments(guess))
        return replace(guess, types=types - {here.value})
    if is_name(before):
        modified = index > 1 and kind(tokens[index - 2].value) in _MODIFIERS
        if modified and is_name(here) and before.value.isupper() and not here.value.isupper():
            # `unsigned WORD x`
            return guess.spelled(index - 2, index - 1)
        if is_name(here) and before.value not in types and _declares(guess, index - 2):
            # `T x ALIGNED(16) = ...`: an attribute that no header explains.
            called = index + 1 < len(tokens) and tokens[index + 1].value == "("
            return guess.without(index, closing(tokens, index + 1) if called else index)
        if mending and kind(here.value) in _STATEMENTS:
            return guess.mended(index)
        if mending and is_name(here) and index + 1 < len(tokens) and tokens[index + 1].value == "(":
            return guess.mended(index)
        if here.value == "*" and before.value not in types and _declares(guess, index - 2):
            # `int ATTRIBUTE *x`
            return guess.without(index - 1, index - 1)
        if before.value not in types and (here.is_word or here.value == "*"):
            return replace(guess, types=types | {before.value})
        if before.value in types:
            if index > 1 and tokens[index - 2].value in ("(", ",") and index - 1 not in guess.values:
                return replace(guess, values=guess.values | {index - 1} | _last_arguments(guess))
            return replace(guess, types=types - {before.value})
        if mending and (here.value in ("{", "}") or here.is_word):
            # A macro of which nothing is known, used like a statement or an attribute.
            return guess.mended(index)
    if mending and before.value == ")":
        opened = _opening(tokens, index - 1)
        if opened > 0 and is_name(tokens[opened - 1]):
            # A call-like macro without a semicolon behind it, or one that heads a block.
            return guess.mended(index)
    return None


def _last_arguments(guess: _Guess) -> frozenset[int]:
    """Positions in the body where the name of a type is the last of several arguments, as in `va_arg(ap, T)`."""
    tokens = guess.tokens
    body = next((i for i, p in enumerate(tokens) if p.value == "{"), len(tokens))
    return frozenset(
        i
        for i in range(body, len(tokens) - 1)
        if tokens[i].value in guess.types and tokens[i - 1].value == "," and tokens[i + 1].value == ")"
    )


def _declares(guess: _Guess, index: int) -> bool:
    """Whether what ends at `index` may stand in front of the name that it declares."""
    if index < 0:
        return False
    value = guess.tokens[index].value
    return value in guess.types or value == "*" or kind(value) in TYPE_WORDS


def _opening(tokens: Sequence[Piece], index: int) -> int:
    depth = 0
    for at in range(index, -1, -1):
        value = tokens[at].value
        depth += (value in (")", "]", "}")) - (value in ("(", "[", "{"))
        if depth == 0:
            return at
    return -1
