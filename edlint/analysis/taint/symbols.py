"""What a value is made of: where it was born, and the path that was taken from there.

A symbol names a location and, at the same time, the value that the location held when the function was entered.
Named tuples instead of dataclasses: they are hashed and compared millions of times, in C.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_PATH = 7
"""Steps of an access path; a longer one is cut, so that a walk along a list ends."""

SECRETS = ("secret-key", "plaintext", "sealed", "used-key")
"""Kinds of sources that are the enclave's secrets."""

COUNTED, MOVING = "+", "@"
"""How the names of opaque symbols begin that stand for variables of loops, and for how far pointers have moved."""

THIS = -2
"""Position of `this`, as models count the receiver."""

REST = -3
"""Position of the arguments that a variadic function takes beyond its parameters."""

DEREF = "*"
ELEMENT = "[]"
LENGTH = "size()"
"""The step to how many elements a container holds."""

ANSWER = "()"
"""How the step to what a method answers ends, whose body nobody sees."""

ROOM = "room()"
"""The step to how many bytes there are behind a pointer that came in, which is for the caller to say."""


_new = tuple.__new__
"""Makes a named tuple without the call in between, where that is most of the cost."""


class Symbol(NamedTuple):
    """A variable, a result, an allocation, a source, and the steps taken from it."""

    kind: str
    """param, global, local, heap, text, name: absolute or frame-relative locations (name: an identifier of which
    nothing is known, or a function); source: see Registry; phi, op, call, in: opaque values of one frame;
    addr: the address of a location; size: the size of a type of which nothing is known; uninit: what an unwritten
    location holds; coded-param, coded-global: what stands in a table of characters where the number `param` or
    `global` says: a secret stays one, any other number only chose among what the enclave has."""
    name: str
    number: int = 0
    """Position of a parameter; number of a source or heap site in the registry; else a distinction."""
    path: tuple[str, ...] = ()

    def step(self, *steps: str) -> Symbol:
        """The location that further steps lead to."""
        kind, name, number, path = self
        path += steps
        if len(path) > MAX_PATH:
            path = (*path[: MAX_PATH - 1], "~")
        return _new(Symbol, (kind, name, number, path))

    @property
    def root(self) -> Symbol:
        """Without its steps."""
        kind, name, number, path = self
        return _new(Symbol, (kind, name, number, ())) if path else self

    @property
    def is_counted(self) -> bool:
        """Whether it is what a variable of a loop has become, so that its limit says how far it goes."""
        return self.name.startswith((COUNTED, MOVING))

    @property
    def is_merged(self) -> bool:
        """Whether it is one of several values, by the way that was taken to where they meet."""
        return self.kind == "phi" or (self.kind == "in" and self.name.startswith(("param.", "local.", "global.")))

    @property
    def is_room(self) -> bool:
        """Whether it says how much memory there is behind a pointer."""
        return self.path[-1:] == (ROOM,)

    @property
    def pointer(self) -> Symbol | None:
        """The last pointer on the way to it, or None."""
        kind, name, number, path = self
        if DEREF not in path:
            return None
        return _new(Symbol, (kind, name, number, path[: -1 - path[::-1].index(DEREF)]))

    @property
    def is_opaque(self) -> bool:
        """Whether it is a value of one frame that no caller can name."""
        return self.kind in ("phi", "op", "call", "in")


Vector = tuple[tuple[Symbol, int], ...]
"""A weighted sum of symbols, sorted, without zero weights."""


def is_secret(symbol: Symbol) -> bool:
    """Whether it is a secret of the enclave."""
    return symbol.kind == "source" and symbol.name in SECRETS


class Linear(NamedTuple):
    """A weighted sum of symbols plus a constant."""

    vector: Vector
    constant: int = 0

    @property
    def is_constant(self) -> bool:
        """Whether no symbol is left."""
        return not self.vector

    @property
    def symbol(self) -> Symbol | None:
        """The symbol that it is exactly, or None."""
        vector, constant = self
        if constant == 0 and len(vector) == 1 and vector[0][1] == 1:
            return vector[0][0]
        return None

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        """The symbols in it."""
        return tuple([s for s, _ in self.vector])


CODED = "coded-"
"""How the kinds of symbols begin that tell what a table of characters was asked for."""


def coded(symbol: Symbol) -> Symbol | None:
    """What a table of characters gives for what derives from a symbol; None when that is nobody's secret."""
    if symbol.kind == "source":
        return symbol if symbol.name in SECRETS else None
    if symbol.kind in ("param", "global"):
        return Symbol(CODED + symbol.kind, symbol.name, symbol.number, symbol.path)
    return symbol if symbol.kind.startswith(CODED) else None


def uncoded(symbol: Symbol) -> Symbol:
    """What a table of characters was asked for."""
    return Symbol(symbol.kind.removeprefix(CODED), symbol.name, symbol.number, symbol.path)


KEYED = "keyed-"
"""How the kinds of symbols begin that tell what a search was asked for: it decides whether the answer is negative."""


def keyed(symbol: Symbol) -> Symbol | None:
    """What a search answers when it is asked for what derives from a symbol; None when nobody outside decides that."""
    if symbol.kind in ("param", "global") or (symbol.kind == "source" and symbol.name not in SECRETS):
        return Symbol(KEYED + symbol.kind, symbol.name, symbol.number, symbol.path)
    return symbol if symbol.kind.startswith(KEYED) else None


def unkeyed(symbol: Symbol) -> Symbol:
    """What a search was asked for."""
    return Symbol(symbol.kind.removeprefix(KEYED), symbol.name, symbol.number, symbol.path)


def plain_kind(symbol: Symbol) -> str:
    """The kind of what a symbol tells of, whatever it tells."""
    return plain(symbol.kind)


def plain(kind: str) -> str:
    """The kind of what symbols of a kind tell of."""
    return kind.removeprefix(CODED).removeprefix(KEYED) if "-" in kind else kind


ZERO = Linear(())
MAX_TERMS = 4
MAX_WEIGHT = 1 << 40


def constant(value: int) -> Linear:
    """A number."""
    return _new(Linear, ((), value))


def atom(symbol: Symbol) -> Linear:
    """A symbol alone."""
    return _new(Linear, (((symbol, 1),), 0))


def add(left: Linear, right: Linear, factor: int = 1) -> Linear:
    """left + factor * right."""
    ours, start = left
    theirs, distance = right
    sum_ = start + factor * distance
    if not theirs:
        return _new(Linear, (ours, sum_))
    if not ours:
        vector = theirs if factor == 1 else tuple([(s, w * factor) for s, w in theirs])
        return _new(Linear, (vector, sum_))
    if len(ours) == 1 == len(theirs):
        ((one, weight),) = ours
        ((two, other),) = theirs
        other *= factor
        if one == two:
            weight += other
            return _new(Linear, (((one, weight),) if weight else (), sum_))
        if other:
            return _new(Linear, (((one, weight), (two, other)) if one < two else ((two, other), (one, weight)), sum_))
    weights = dict(ours)
    for symbol, weight in theirs:
        weights[symbol] = weights.get(symbol, 0) + factor * weight
    return _new(Linear, (tuple(sorted([(s, w) for s, w in weights.items() if w])), sum_))


def scale(term: Linear, factor: int) -> Linear:
    """term * factor."""
    if factor == 0:
        return ZERO
    return _new(Linear, (tuple([(s, w * factor) for s, w in term.vector]), term.constant * factor))


def fits(term: Linear) -> bool:
    """Whether a term is small enough to be kept."""
    vector = term.vector
    return len(vector) <= MAX_TERMS and max([abs(w) for _, w in vector], default=0) < MAX_WEIGHT
