"""Runs an automaton over tokens, declaration by declaration, and goes on behind every error.

An unexpected token is answered, in this order, by inserting one token, by leaving that one out, and by skipping
the smallest unit that the grammar lets stand as UNREADABLE: an attribute, a parameter, a member, a declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edlint.frontends.edl.automaton import UNREADABLE, Automaton
from edlint.frontends.edl.tokens import EOF, INVALID, NAME, Lexed, Token

Handler = Callable[..., Any]

MAX_ERRORS = 500
"""Errors of one file after which the rest is not read."""

_INSERTIONS: tuple[tuple[str, ...], ...] = (
    ("SEMI",),
    ("COMMA",),
    ("RPAR",),
    ("RBRACK",),
    ("RBRACE",),
    ("RPAR", "SEMI"),
    ("RBRACE", "SEMI"),
)
SPELLING: Mapping[str, str] = {
    "SEMI": ";",
    "COMMA": ",",
    "RPAR": ")",
    "RBRACK": "]",
    "RBRACE": "}",
    "LPAR": "(",
    "LBRACK": "[",
    "LBRACE": "{",
    "EQUAL": "=",
    "STAR": "*",
}

_OPENING = {"LPAR", "LBRACK", "LBRACE"}
_CLOSING = {"RPAR", "RBRACK", "RBRACE"}
_ENDING = {"SEMI", "COMMA", "LBRACE", "RBRACE"}


@dataclass(frozen=True, slots=True)
class Unexpected:
    """A token that the grammar does not allow there."""

    token: Token
    before: Token | None
    """The token that was accepted last."""
    expected: tuple[str, ...]
    """Kinds that would have been accepted, sorted."""
    values: tuple[Any, ...]
    """The values on the stack, the latest one last."""
    inserted: tuple[str, ...] = ()
    """Kinds whose insertion repairs it."""
    dropped: bool = False
    """Leaving the token out repairs it."""


class Parser:
    """One run over one file. A handler gets the values of the children and returns the value of the whole.

    `on_lost` is told of skipped text: its tokens, the values that were made of its begin, and those in front of it.
    """

    def __init__(
        self,
        automaton: Automaton,
        handlers: Mapping[str, Handler],
        lexed: Lexed,
        *,
        contextual: Mapping[str, str],
        item_words: frozenset[str],
        on_unexpected: Callable[[Unexpected], None],
        on_refused: Callable[[Token], None],
        on_lost: Callable[[Sequence[Token], Sequence[Any], Sequence[Any]], None],
    ) -> None:
        self.automaton = automaton
        self.handlers = [handlers[rule.handler] for rule in automaton.rules]
        self.lexed = lexed
        self.contextual = contextual
        self.item_words = item_words
        self.on_unexpected = on_unexpected
        self.on_refused = on_refused
        self.on_lost = on_lost
        self.states = [automaton.start]
        self.values: list[Any] = []
        self.at = 0
        self.last: Token | None = None
        self.errors = 0
        self.given = (-1, 0)
        """Token at which text was given up last, and the depth of the stack below it."""
        self.quiet = False
        """An error was reported and no declaration has ended since: what follows may be its echo."""
        self.torn = False
        """That error was an invalid token: nobody knows what stood there."""

    def run(self) -> Any:
        """Parse to the end; the value of the start rule, or None when nothing could be made of it."""
        automaton, states, values, tokens = self.automaton, self.states, self.values, self.lexed.tokens
        actions, defaults, contextual = automaton.actions, automaton.defaults, self.contextual
        gotos, handlers, lengths, origins, end = (
            automaton.gotos,
            self.handlers,
            [rule.length for rule in automaton.rules],
            [rule.origin for rule in automaton.rules],
            automaton.end,
        )
        while True:
            state = states[-1]
            rule = defaults[state]
            if rule < 0:
                if state == end:
                    return values[-1]
                token = tokens[self.at]
                kind = token.kind
                if kind is INVALID:
                    self._refuse(token)
                    continue
                row = actions[state]
                if kind is NAME and contextual:
                    word = contextual.get(token.text)
                    if word is not None and word in row:
                        kind = word
                action = row.get(kind)
                if action is None:
                    if not self._recover(token):
                        return None
                    continue
                if action >= 0:
                    states.append(action)
                    values.append(token)
                    self.last = token
                    self.at += 1
                    if self.quiet and kind in _ENDING:
                        self.quiet = self.torn = False
                    continue
                rule = -1 - action
            # The same as _reduce, here because most of the time is spent here.
            length = lengths[rule]
            if length:
                children = values[-length:]
                del states[-length:], values[-length:]
                values.append(handlers[rule](*children))
            else:
                values.append(handlers[rule]())
            states.append(gotos[states[-1]][origins[rule]])

    def _reduce(self, number: int) -> None:
        rule = self.automaton.rules[number]
        states, values, length = self.states, self.values, rule.length
        if length:
            children = values[-length:]
            del states[-length:], values[-length:]
        else:
            children = []
        values.append(self.handlers[number](*children))
        states.append(self.automaton.gotos[states[-1]][rule.origin])

    def _refuse(self, token: Token) -> None:
        """Report a run of invalid tokens once and leave it out."""
        tokens = self.lexed.tokens
        self.on_refused(token)
        self.errors += 1
        self.quiet = self.torn = True
        end = token.end
        while tokens[self.at].kind is INVALID and tokens[self.at].start <= end:
            end = tokens[self.at].end
            self.at += 1

    def accepts(
        self, stack: Sequence[int], ahead: Sequence[tuple[str, str]], inserted: Sequence[tuple[str, str]] = ()
    ) -> bool:
        """Whether the automaton takes the (kind, text) pairs of `inserted` and then those of `ahead` from that stack.

        What follows the end is not read by some compilers, but the end is no repair: it has to be written.
        """
        stack = list(stack)
        automaton = self.automaton
        for place, (kind, text) in enumerate([*inserted, *ahead]):
            while True:
                state = stack[-1]
                action: int | None
                if (rule := automaton.defaults[state]) >= 0:
                    action = -1 - rule
                elif state == automaton.end:
                    return kind == EOF or place > len(inserted)
                else:
                    row = automaton.actions[state]
                    word = self.contextual.get(text) if kind is NAME else None
                    action = row.get(word) if word is not None and word in row else row.get(kind)
                if action is None:
                    return False
                if action >= 0:
                    stack.append(action)
                    break
                taken = automaton.rules[-1 - action]
                if taken.length:
                    del stack[-taken.length :]
                stack.append(automaton.gotos[stack[-1]][taken.origin])
        return True

    def _ahead(self, at: int, count: int) -> list[tuple[str, str]]:
        """The next valid tokens as pairs."""
        found: list[tuple[str, str]] = []
        tokens = self.lexed.tokens
        while len(found) < count and at < len(tokens):
            if tokens[at].kind is not INVALID:
                found.append((tokens[at].kind, tokens[at].text))
            at += 1
        return found

    def _recover(self, token: Token) -> bool:
        """Report the token and get past it; False when the end of the file is reached or too much is wrong."""
        expected = tuple(sorted(k for k in self.automaton.actions[self.states[-1]] if k != UNREADABLE))
        inserted = self._insertion(token)
        dropped = not inserted and token.kind is not EOF and self._can_drop()
        echo = self.quiet
        if not echo:
            self.on_unexpected(Unexpected(token, self.last, expected, tuple(self.values), inserted, dropped))
            self.errors += 1
        if self.errors >= MAX_ERRORS:
            return False
        self.quiet = True
        if inserted:
            for kind in inserted:
                self._feed(self._made(kind))
            self.quiet = echo
            return True
        if dropped:
            self.at += 1
            self.quiet = echo
            return True
        return self._skip()

    def _insertion(self, token: Token) -> tuple[str, ...]:
        """Kinds to insert before the token so that it and its successor fit, or nothing."""
        ahead = self._ahead(self.at, 1 if token.kind in (EOF, "RBRACE") else 2)
        for kinds in _INSERTIONS:
            if token.kind in kinds:
                continue
            if self.accepts(self.states, ahead, [(k, SPELLING[k]) for k in kinds]):
                return kinds
        return ()

    def _can_drop(self) -> bool:
        """Whether the text fits again when the token is left out."""
        return self.accepts(self.states, self._ahead(self.at + 1, 2))

    def _made(self, kind: str) -> Token:
        """A token that is not written, at the end of the last one."""
        place = self.last.end if self.last else 0
        return Token(kind, SPELLING.get(kind, ""), place, place, self.lexed.tokens[self.at].order)

    def _feed(self, token: Token) -> None:
        """Shift a token that is known to fit."""
        automaton = self.automaton
        while True:
            state = self.states[-1]
            rule = automaton.defaults[state]
            if rule < 0:
                action = automaton.actions[state][token.kind]
                if action >= 0:
                    self.states.append(action)
                    self.values.append(token)
                    return
                rule = -1 - action
            self._reduce(rule)

    def _skip(self) -> bool:
        """Give up the innermost unit that can be given up, and go on behind it."""
        for depth in range(len(self.states) - 1, -1, -1):
            if UNREADABLE not in self.automaton.actions[self.states[depth]]:
                continue
            after = self._behind(self.states[: depth + 1])
            if after is None or (end := self._sync(after)) is None:
                continue
            # Going on from the same token again has to give up more, or there would be no end.
            if end == self.at == self.given[0] and depth >= self.given[1]:
                continue
            self.given = end, depth
            self._give_up(depth, end)
            return True
        tokens = self.lexed.tokens
        self._lose(tokens[_begin(self.values, self.at) :], 0)
        return False

    def _behind(self, stack: list[int]) -> list[int] | None:
        """The stack when an UNREADABLE is taken and every reduction that does not wait is made."""
        automaton = self.automaton
        shifted = False
        while True:
            state = stack[-1]
            rule = automaton.defaults[state]
            if rule < 0:
                if shifted:
                    return stack
                action = automaton.actions[state].get(UNREADABLE)
                if action is None:
                    return None
                if action >= 0:
                    stack.append(action)
                    shifted = True
                    continue
                rule = -1 - action
            taken = automaton.rules[rule]
            if taken.length:
                del stack[-taken.length :]
            stack.append(automaton.gotos[stack[-1]][taken.origin])

    def _lose(self, tokens: Sequence[Token], depth: int) -> None:
        """Tell of skipped tokens; invalid ones among those that were not reached are refused."""
        reached = self.at
        end = -1
        for token in tokens:
            if token.kind is INVALID and token.order >= reached:
                if token.start > end:
                    self.on_refused(token)
                    self.errors += 1
                end = token.end
        self.on_lost(tokens, self.values[depth:], self.values[:depth])

    def _sync(self, after: list[int]) -> int | None:
        """Index of the token at which the automaton can go on from that stack, or None."""
        automaton, tokens = self.automaton, self.lexed.tokens
        row = automaton.actions[after[-1]]
        inner = "COMMA" in row
        nest, at, moved = 0, self.at, False
        while True:
            kind = tokens[at].kind
            if nest <= 0:
                if inner:
                    if kind in row and kind != "SEMI":
                        return at
                    if kind == "SEMI" and self.accepts(after, self._ahead(at, 2), [("RPAR", ")")]):
                        return at
                    if kind in ("SEMI", "LBRACE", "RBRACE", EOF):
                        return None
                elif "SEMI" in row:
                    if kind in ("SEMI", "RBRACE"):
                        return at
                    if kind is EOF or (moved and self._starts_item(at)):
                        return None
                elif kind is EOF:
                    return at if self.accepts(after, [(kind, "")]) else None
                elif kind == "RBRACE" or (moved and (tokens[at - 1].kind == "SEMI" or self._starts_item(at))):
                    return at
            if kind is EOF:
                return None
            if kind in _OPENING:
                nest += 1
            elif kind in _CLOSING:
                nest -= 1
            elif kind == "SEMI" and nest > 0:
                if inner:
                    return None
                if self._starts_item(at + 1):
                    nest = 0
            at += 1
            moved = True

    def _starts_item(self, at: int) -> bool:
        """Whether a section or definition begins there: a word of that kind and what must follow it."""
        tokens = self.lexed.tokens
        if at + 2 >= len(tokens) or tokens[at].text not in self.item_words:
            return False
        after = tokens[at + 1]
        if tokens[at].text in ("struct", "union", "enum"):
            return tokens[at + 2].kind == "LBRACE" or after.kind == "LBRACE"
        return after.kind in ("LBRACE", "STRING")

    def _give_up(self, depth: int, end: int) -> None:
        """Replace everything above `depth` on the stack, and the tokens before `end`, by UNREADABLE."""
        tokens = self.lexed.tokens
        self._lose(tokens[_begin(self.values[depth:], self.at) : end], depth)
        del self.states[depth + 1 :], self.values[depth:]
        self.last = tokens[end - 1] if end > self.at else self.last
        made = self._made(UNREADABLE)
        self._feed(made)
        self.at = end
        if tokens[end].kind == "RBRACE" and not self.accepts(self.states, [("RBRACE", "}")]):
            self._feed(self._made("SEMI"))
        # A parenthesis that is missing behind what was skipped is told of already.
        self.quiet = self.torn or (tokens[end].kind == "SEMI" and not self.accepts(self.states, [("SEMI", ";")]))


def _begin(values: Sequence[Any], fallback: int) -> int:
    """Index of the first token that went into the values."""
    for value in values:
        found = value[0] if isinstance(value, list) and value else value
        token = found if isinstance(found, Token) else getattr(found, "first", None) or getattr(found, "open", None)
        if isinstance(token, Token):
            return min(token.order, fallback)
    return fallback
