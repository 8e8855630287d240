"""The bounds of one state by what they are about, for those who ask about many symbols in turn."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from edlint.analysis.taint.numbers import Bounds
from edlint.analysis.taint.symbols import Symbol, Vector

Fact = tuple[Vector, int]


class Index:
    """Bounds that are only added to and made tighter, so that what is known of their order and symbols stays."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.floors: list[tuple[Vector, Vector]] = []
        """Those that one parameter is not below, with that parameter's own lower bound."""
        self._rooms: dict[Symbol, list[int]] = {}
        """By value without a name: those about how much memory there is behind a pointer."""
        self._several: list[Vector] = []
        """Those that relate parameters with each other or with sizes of types that are not known."""
        self._single: list[Vector] = []
        """Those about one parameter."""
        self._unnamed: dict[Symbol, list[int]] = {}
        """By value without a name: those of such ones and parameters."""
        self._turned: dict[tuple[str, int], dict[Symbol, None]] = {}
        self._vectors: list[Vector] = []
        self._at: dict[Symbol, list[int]] = {}

    def update(self) -> None:
        """Take in what was added."""
        done = len(self._vectors)
        if len(self.bounds) > done:
            for number, vector in enumerate(islice(self.bounds, done, None), done):
                self._vectors.append(vector)
                self._add(vector, number)

    def _add(self, vector: Vector, number: int) -> None:
        room, params, sizes, below = False, 0, 0, []
        opaque: list[Symbol] = []
        for symbol, weight in vector:
            self._at.setdefault(symbol, []).append(number)
            kind = symbol.kind
            room = room or symbol.is_room
            if symbol.is_counted:
                self._turned.setdefault((kind, symbol.number), {})[symbol] = None
            params += kind == "param"
            sizes += kind == "size"
            if symbol.is_opaque:
                opaque.append(symbol)
            if weight < 0:
                below.append((symbol, weight))
        if room:
            for symbol in opaque:
                self._rooms.setdefault(symbol, []).append(number)
        if opaque and params + len(opaque) == len(vector):
            for symbol in opaque:
                self._unnamed.setdefault(symbol, []).append(number)
        elif params and params + sizes == len(vector):
            (self._several if len(vector) > 1 else self._single).append(vector)
        if len(vector) > 1 and len(below) == 1 and below[0][1] == -1 and below[0][0].kind == "param":
            self.floors.append((vector, (below[0],)))

    def rooms(self, told: set[Symbol]) -> list[Fact]:
        """Those about how much memory there is behind a pointer that are about one of these values too."""
        numbers = sorted({n for s in told for n in self._rooms.get(s, ())})
        return [(v := self._vectors[n], self.bounds[v]) for n in numbers]

    def named(self, told: set[Symbol], limit: int) -> list[Fact]:
        """Those of parameters, and of values without a name that are told of; first what relates two of them."""
        found = self._several[:limit]
        if len(found) < limit:
            numbers = sorted({n for s in told for n in self._unnamed.get(s, ())})
            vectors = [self._vectors[n] for n in numbers]
            vectors = [v for v in vectors if told.issuperset([s for s, _ in v if s.is_opaque])]
            found += [v for v in vectors if len(v) > 1]
            found += self._single[:limit]
            found += [v for v in vectors if len(v) == 1]
        return [(v, self.bounds[v]) for v in found[:limit]]

    def turned(self, symbol: Symbol) -> Iterable[Symbol]:
        """Values that the same loop changes as a value that it changes."""
        return self._turned.get((symbol.kind, symbol.number), ())

    def relevant(self, symbols: set[Symbol] | frozenset[Symbol], limit: int = 16) -> list[Fact]:
        """The facts about these symbols, and about what those facts relate them to."""
        vectors, at, bounds = self._vectors, self._at, self.bounds
        first = sorted({n for s in symbols for n in at.get(s, ())})
        if len(first) >= limit:
            return [(v := vectors[n], bounds[v]) for n in first[:limit]]
        fresh = {s for n in first if len(vectors[n]) > 1 for s, _ in vectors[n]}.difference(symbols)
        found = first
        if fresh:
            # What was derived on the way is related to what it derives from, and a bound of a loop to what bounds it.
            known = set(first)
            second = {n for s in fresh for n in at[s] if len(vectors[n]) > 1 or s.is_opaque} - known
            found = first + sorted(second)
            if len(found) < limit:
                known |= second
                wider = {s for n in second for s, _ in vectors[n]}.union(symbols, fresh)
                third = {n for s in wider for n in at.get(s, ())} - known
                found += [n for n in sorted(third) if wider.issuperset([s for s, _ in vectors[n]])]
        return [(v := vectors[n], bounds[v]) for n in found[:limit]]
