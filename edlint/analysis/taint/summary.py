"""What a function leaves for its callers, read off its states at the returns."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.events import MAX_WRITES, RESULT, Origin, Summary, Write
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import greatest, relevant
from edlint.analysis.taint.relations import MAX_RELATIONS
from edlint.analysis.taint.state import Bound, Fact, Holds, Outcome, State
from edlint.analysis.taint.symbols import DEREF, Symbol, Vector, add, atom, keyed, plain_kind, scale
from edlint.analysis.taint.values import NO_TAINT, Value, limited, merged_targets

Limits = tuple[tuple[Vector, int], ...]
"""Sums and the numbers that they never exceed."""


class Summariser:
    """Makes the summary of one frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def summary(self, returns: list[tuple[State, Value]], *, complete: bool) -> Summary:
        """What callers get to see; `returns` are the states and values at the returns."""
        name = self._frame.function.qualified
        events = tuple(self._frame.events)
        if not returns:
            return Summary(
                name,
                events=events,
                returns=not complete,
                params=len(self._frame.function.params),
                copied=self._frame.function.is_copied,
                complete=complete,
            )
        result = returns[0][1]
        for _, other in returns[1:]:
            if other != result:
                term = result.term if result.term == other.term else None
                result = Value(
                    term,
                    limited(result.taints | other.taints),
                    merged_targets(result.targets, other.targets),
                    result.trail or other.trail,
                )
        result = replace(result, taints=frozenset(t for t in result.taints if t.kind != "uninit"))
        limits: Limits = ()
        if result.term is None and not result.targets:
            result, limits = self._one_of(result, returns)
        writes = self._writes(returns)
        facts = (*limits, *self._facts((result, *(w.value for w in writes)), [s for s, _ in returns]))
        origins = self._origins((result, *(w.value for w in writes)))
        return Summary(
            name,
            result,
            self._outcome(returns),
            self._always([s for s, _ in returns]),
            writes,
            events,
            origins,
            facts,
            True,
            len(self._frame.function.params),
            self._frame.function.result.pointers > 0 and 0 < sum(v.number == 0 for _, v in returns) < len(returns),
            tuple(self._frame.handed)[:MAX_WRITES],
            self._frame.function.is_copied,
            complete,
        )

    def _one_of(self, result: Value, returns: list[tuple[State, Value]]) -> tuple[Value, Limits]:
        """A name for a result that is one of several numbers, with what holds of every one of them."""
        if any(v.term is None for _, v in returns):
            return result, ()
        symbol = Symbol("phi", "result")
        self._frame.remember(symbol, Value(None, result.taints | self._asked(returns), (), result.trail))
        others: dict[Symbol, None] = {}
        for state, value in returns:
            symbols = frozenset(value.term.symbols if value.term is not None else ())
            for vector, _ in (*((((s, 1),), 0) for s in symbols), *relevant(symbols, state.bounds)):
                others.update((s, None) for s, _ in vector if s.kind in ("param", "global"))
        limits: list[tuple[Vector, int]] = []
        for sign, away in ((1, None), (-1, None), *((1, other) for other in list(others)[:MAX_RELATIONS])):
            ends: list[int | None] = []
            for state, value in returns:
                assert value.term is not None
                term = scale(value.term, sign)
                ends.append(greatest(add(term, atom(away), -1) if away else term, state.bounds, self._frame.ranges))
            known = [end for end in ends if end is not None]
            if len(known) == len(ends):
                vector = ((symbol, sign),) if away is None else tuple(sorted(((symbol, 1), (away, -1))))
                limits.append((vector, max(known)))
        return Value(atom(symbol), result.taints, (), result.trail), tuple(limits)

    def _asked(self, returns: list[tuple[State, Value]]) -> frozenset[Symbol]:
        """What a function was asked for whose answer is negative when it finds nothing."""
        missing = [v.number is not None and v.number < 0 for _, v in returns]
        if all(missing) or not any(missing):
            return NO_TAINT
        found: set[Symbol] = set()
        for symbol in sorted(self._frame.tested):
            ref = self._frame.type_of(symbol)
            if symbol.kind == "param" and not symbol.path and (ref is None or ref.is_pointer):
                continue
            asked = (t for t in self._frame.origin(symbol)[0] if plain_kind(t) == "param")
            found.update(k for t in asked if (k := keyed(t)) is not None)
        return limited(frozenset(found))

    def _always(self, states: list[State]) -> tuple[Fact, ...]:
        common = _named(states[0])
        for state in states[1:]:
            common &= _named(state)
        return tuple(sorted(common, key=repr)[:24])

    def _outcome(self, returns: list[tuple[State, Value]]) -> Outcome:
        """What each sign of the result says about the arguments."""
        sides: dict[str, set[Fact] | None] = {"-": None, "0": None, "+": None}
        for state, value in returns:
            facts = _named(state)
            symbol = value.symbol
            if symbol is not None:
                facts |= {Holds(RESULT, c) for c in state.checks.get(symbol, ()) if _is_named(Holds(RESULT, c))}
            own = state.outcomes.get(symbol, Outcome()) if symbol is not None else Outcome()
            for sign in state.signs(value, self._frame.ranges):
                more = facts | {n for f in own.of(sign) if (n := _nameable(f)) is not None}
                known = sides[sign]
                sides[sign] = set(more) if known is None else known & more
        parts = [None if facts is None else tuple(sorted(facts, key=repr)[:24]) for facts in sides.values()]
        return Outcome(*parts)

    def _writes(self, returns: list[tuple[State, Value]]) -> tuple[Write, ...]:
        found: dict[Symbol, list[Value]] = {}
        for state, _ in returns:
            for location, value in state.memory.items():
                visible = (location.kind == "param" and DEREF in location.path) or location.kind in ("global", "heap")
                if visible and value != self._frame.initial(location):
                    found.setdefault(location, []).append(value)
        writes: list[Write] = []
        for location in sorted(found, key=lambda s: (len(s.path), s)):
            values = found[location]
            value = values[0]
            for other in values[1:]:
                if other != value:
                    value = Value(
                        value.term if value.term == other.term else None,
                        limited(value.taints | other.taints),
                        merged_targets(value.targets, other.targets),
                        value.trail or other.trail,
                    )
            certain = len(values) == len(returns)
            same = certain and all(v == values[0] for v in values)
            by_sign = () if same or len(returns) == 1 else self._by_sign(location, returns)
            writes.append(Write(location, value, certain, by_sign, self._answer(value, [s for s, _ in returns])))
        # Writes of something that derives from the boundary come first when there are too many.
        writes.sort(key=lambda w: (not w.value.taints, len(w.location.path)))
        kept = writes[:MAX_WRITES]
        kept.sort(key=lambda w: (len(w.location.path), w.location))
        return tuple(kept)

    def _answer(self, value: Value, states: list[State]) -> Outcome | None:
        """What follows from a value that is kept, in words of the arguments."""
        symbol = value.symbol
        known = states[0].outcomes.get(symbol) if symbol is not None and symbol.is_opaque else None
        if symbol is None or known is None or any(s.outcomes.get(symbol) != known for s in states):
            return None
        named = [None if f is None else tuple(n for fact in f if (n := _nameable(fact)) is not None) for f in known]
        return Outcome(*named) if any(named) else None

    def _by_sign(self, location: Symbol, returns: list[tuple[State, Value]]) -> tuple[Value | None, ...]:
        """What a location holds when the result is negative, zero or positive, where that tells anything."""
        sides: dict[str, set[Value]] = {"-": set(), "0": set(), "+": set()}
        for state, result in returns:
            value = state.memory.get(location)
            for sign in state.signs(result, self._frame.ranges):
                sides[sign].add(value if value is not None else self._frame.initial(location))
        parts = tuple(next(iter(side)) if len(side) == 1 else None for side in sides.values())
        return parts if any(p is not None for p in parts) else ()

    def _facts(self, values: tuple[Value, ...], states: list[State]) -> Limits:
        """Bounds of opaque values, and of what came in, that callers get to see."""
        terms = (v.term for v in values if v.term is not None)
        symbols = frozenset(s for t in terms for s in t.symbols if s.is_opaque or s.kind == "source")
        if not symbols:
            return ()
        common = dict(relevant(symbols, states[0].bounds))
        for state in states[1:]:
            common = {v: max(u, state.bounds[v]) for v, u in common.items() if v in state.bounds}
        return tuple(common.items())

    def _origins(self, values: tuple[Value, ...]) -> tuple[Origin, ...]:
        found: dict[Symbol, Origin] = {}
        for value in values:
            terms = [value.term, *(t.offset for t in value.targets), *(t.extent for t in value.targets)]
            for term in terms:
                for symbol in term.symbols if term is not None else ():
                    if symbol.is_opaque and symbol not in found:
                        taints, trail = self._frame.origin(symbol)
                        if taints is not NO_TAINT:
                            found[symbol] = Origin(symbol, taints, trail)
        return tuple(found.values())


def _is_named(fact: Fact) -> bool:
    """Whether a caller can say what a fact is about."""
    symbols = [s for s, _ in fact.vector] if isinstance(fact, Bound) else [fact.symbol]
    if isinstance(fact, Holds) and fact.check.extent is not None:
        symbols.extend(fact.check.extent.symbols)
    return all(s.kind in ("param", "global", "source", "result") for s in symbols)


def _named(state: State) -> set[Fact]:
    return {named for f in state.beyond(State()) if (named := _nameable(f)) is not None}


def _nameable(fact: Fact) -> Fact | None:
    """The fact as a caller can say it: a check whose length only the function itself knows is still a check."""
    if _is_named(fact):
        return fact
    if isinstance(fact, Holds) and fact.check.extent is not None:
        bare = Holds(fact.symbol, fact.check._replace(extent=None))
        return bare if _is_named(bare) else None
    return None
