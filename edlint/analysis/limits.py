"""Who decides a number of an event: what it derives from, and what it is compared with on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from edlint.analysis.flows import Flow, Flows
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.symbols import Linear, Symbol, Vector, unkeyed
from edlint.model.unit import Function

NO_LIMIT = 0x7FFFFFFF
"""An upper bound from which on one says nothing."""

MOST_ROUNDS = 0xFFFF
"""A number of rounds up to which a loop counts as limited."""

MAX_QUOTIENTS = 2
"""Divisions of one number that are followed back."""


class Limits:
    """The numbers of one event, told at one root."""

    def __init__(self, flows: Flows, root: Function, event: Event, facts: Mapping[Vector, int]) -> None:
        self._flows = flows
        self._root = root
        self._event = event
        self._frame = flows.analysis.frames[root]
        self._facts = facts
        self._origins = {o.symbol: o.taints for o in event.origins}

    def own(self, symbol: Symbol) -> frozenset[Symbol]:
        """What a symbol derives from."""
        if not symbol.is_opaque:
            return frozenset((symbol,))
        known = self._origins.get(symbol)
        return known if known is not None else self._frame.origin(symbol)[0]

    def below(self, symbols: Iterable[Symbol]) -> frozenset[Symbol]:
        """What decides whether symbols are negative: also what a search did not find."""
        return frozenset(unkeyed(t) for s in symbols for t in self.own(s))

    def deciding(self, symbols: Iterable[Symbol]) -> frozenset[Symbol]:
        """What decides how large symbols are: what they derive from, or what a counter is compared with."""
        found: set[Symbol] = set()
        for symbol in sorted(symbols):
            found |= self.own(symbol) or self._compared(symbol)
        return frozenset(found)

    def turning(self, symbol: Symbol) -> frozenset[Symbol]:
        """What decides how often a loop moves a pointer or an offset on that nothing on the way is compared with.

        Nothing when anything else may end the loop: what is left to read, a limit of the number of rounds.
        """
        # What a type holds at most is no limit that anybody set.
        facts = [(dict(vector), upper) for vector, upper in self._facts.items() if upper < NO_LIMIT]
        if not symbol.is_counted or any(weights.get(symbol, 0) > 0 for weights, _ in facts):
            return frozenset()
        counters = {s for weights, _ in facts for s in weights if _is_turned_with(s, symbol)}
        ends: set[Symbol] = set()
        for weights, upper in facts:
            if symbol in weights:
                continue
            for counter in counters & set(weights):
                others = [s for s in weights if s != counter]
                if not others and weights[counter] < 0 and upper >= 0:
                    continue
                if len(others) != 1 or weights[counter] != 1 or weights[others[0]] != -1:
                    return frozenset()
                ends.add(others[0])
        return self.own(next(iter(ends))) if len(ends) == 1 and self._is_open(next(iter(ends))) else frozenset()

    def _is_open(self, symbol: Symbol) -> bool:
        """Whether nothing says how large a number is at most, not even its type."""
        top = self._frame.ranges(symbol)[1] if not symbol.is_opaque else None
        return (top is None or top > MOST_ROUNDS) and not any(
            weight > 0 and upper < NO_LIMIT
            for vector, upper in self._facts.items()
            for s, weight in vector
            if s == symbol
        )

    def culprits(self, taints: frozenset[Symbol]) -> tuple[Flow, ...]:
        """Those that the host chose."""
        return tuple(f for f in self._flows.flows(self._root, self._event, taints) if f.meaning.is_number)

    def keep(self, term: Linear) -> bool:
        """Whether each number that makes a term larger is compared with one that nobody outside decides."""
        growing = [s for s, weight in term.vector if weight > 0]
        return bool(growing) and all(self._kept(s) for s in growing)

    def is_divided(self, symbol: Symbol) -> bool:
        """Whether a number was compared with a quotient, as when a product is asked whether it has wrapped."""
        return any((other.kind, other.name) == ("op", "/") for other in self._above(symbol))

    def suffice(self, extent: Linear) -> bool:
        """Whether an extent was compared with as many bytes as the enclave needs: with the size of a type that nobody
        knows, or with a length of its own."""
        symbol = extent.symbol
        for vector, upper in self._facts.items():
            if symbol is None or (symbol, -1) not in vector:
                continue
            others = [s for s, weight in vector if weight > 0]
            if any(s.kind == "size" for s in others):
                return True
            own = upper <= 0 and len(others) == len(vector) - 1 and all(s.is_opaque for s in others)
            if own and others and not self.culprits(self.deciding(others)):
                return True
        return False

    def _kept(self, symbol: Symbol, depth: int = MAX_QUOTIENTS) -> bool:
        own = (o for o in self._above(symbol) if self._is_limited(o) and not self.culprits(self.deciding((o,))))
        return any(True for _ in own) or (depth > 0 and any(self._kept(o, depth - 1) for o in self._divided(symbol)))

    def _divided(self, symbol: Symbol) -> Iterator[Symbol]:
        """What a quotient is a quotient of."""
        for vector in self._facts:
            if len(vector) == 2 and dict(vector).get(symbol, 0) > 1:
                yield from (s for s, weight in vector if weight == -1)

    def _is_limited(self, symbol: Symbol) -> bool:
        """Whether a symbol can be a limit: a counter is none that only ends where it has reached what it counts."""
        return not symbol.is_counted or any(s == symbol and w > 0 for vector in self._facts for s, w in vector)

    def _compared(self, symbol: Symbol) -> frozenset[Symbol]:
        """What a counter is compared with: when one of its limits is the enclave's own, nobody else decides.

        For any other number a limit only says how large it cannot be, not where it comes from.
        """
        found: set[Symbol] = set()
        if not symbol.is_counted:
            return frozenset()
        for other in (*self._above(symbol), *self._shared(symbol)):
            own = self.own(other)
            if not own and other.kind not in ("param", "global", "source"):
                return frozenset()
            found |= own
        return frozenset(found)

    def _shared(self, symbol: Symbol) -> Iterator[Symbol]:
        """Symbols that a counter and what is left to count do not exceed together."""
        for vector in self._facts:
            above = [s for s, weight in vector if weight < 0]
            below = [s for s, weight in vector if weight > 0]
            if len(above) == 1 and len(below) > 1 and symbol in below and all(s.is_counted for s in below):
                yield above[0]

    def _above(self, symbol: Symbol) -> Iterator[Symbol]:
        """Symbols that a symbol does not exceed, but for a constant."""
        for vector in self._facts:
            weights = dict(vector)
            if weights.get(symbol, 0) <= 0 or len(vector) != 2:
                continue
            other = next(s for s in weights if s != symbol)
            if weights[other] < 0 and not other.is_room:
                yield other


def _is_turned_with(symbol: Symbol, other: Symbol) -> bool:
    """Whether two values that a loop changes are changed by the same loop."""
    return symbol != other and symbol.is_counted and (symbol.kind, symbol.number) == (other.kind, other.number)
