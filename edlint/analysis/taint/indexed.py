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
        self.rooms: list[Vector] = []
        """Those about how much memory there is behind a pointer."""
        self.named: list[Vector] = []
        """Those of parameters, sizes of types that are not known, and values without a name."""
        self.floors: list[tuple[Vector, Vector]] = []
        """Those that one parameter is not below, with that parameter's own lower bound."""
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
        room, named, below = False, True, []
        for symbol, weight in vector:
            self._at.setdefault(symbol, []).append(number)
            kind = symbol.kind
            room = room or symbol.is_room
            if symbol.is_counted:
                self._turned.setdefault((kind, symbol.number), {})[symbol] = None
            named = named and (kind in ("param", "size") or symbol.is_opaque)
            if weight < 0:
                below.append((symbol, weight))
        if room:
            self.rooms.append(vector)
        if named:
            self.named.append(vector)
        if len(vector) > 1 and len(below) == 1 and below[0][1] == -1 and below[0][0].kind == "param":
            self.floors.append((vector, (below[0],)))

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
