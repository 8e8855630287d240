"""A summary's symbols, terms, values and facts, said in terms of the caller."""

from __future__ import annotations

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Origin, Summary, Via
from edlint.analysis.taint.formats import conversions
from edlint.analysis.taint.measured import room_of
from edlint.analysis.taint.numbers import normal
from edlint.analysis.taint.state import Bound, Check, Fact, Holds
from edlint.analysis.taint.symbols import (
    CODED,
    DEREF,
    KEYED,
    REST,
    THIS,
    ZERO,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    coded,
    fits,
    keyed,
    uncoded,
    unkeyed,
)
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, joined, limited, step
from edlint.model.ir import Invoke, Place, Text

_ABSOLUTE = frozenset(("global", "source", "heap", "name", "text"))
_UNSEEN = Linear((), -1)
"""Stands for a sum that was not asked for yet."""
_new = tuple.__new__


class Translation:
    """What a callee's summary says, at one call."""

    def __init__(
        self, evaluator: Evaluator, summary: Summary, invoke: Invoke, args: tuple[Value, ...], receiver: Value | None
    ) -> None:
        self._evaluator = evaluator
        self._summary = summary
        self._invoke = invoke
        self._args = args
        self._receiver = receiver
        self._follows = False
        """Whether addresses of objects that belong to callees of the callee are told too: what is accessed there."""
        self._values: dict[Symbol, Value] = {}
        self._places: dict[Symbol, tuple[Target, ...]] = {}
        self._ways_to: dict[Symbol, tuple[Target, ...]] = {}
        """Where paths from parameters lead, and the beginnings of these."""
        self._sums: dict[Vector, Linear | None] = {}
        self._derived: dict[frozenset[Symbol], tuple[frozenset[Symbol], Trail | None]] = {}
        self._ways: dict[tuple[int, int], tuple[Trail | None, Trail, Trail | None]] = {}
        """By what led to the call and what came after it, which are kept too, as they are known by identity."""
        self._passed = f"passed to '{summary.function}'"
        self._own_origins: dict[Symbol, Origin] = {o.symbol: o for o in summary.origins}
        self._origins = self._own_origins
        self._via = Via(invoke.span, evaluator.frame.function.qualified, summary.function, summary.copied)

    def symbol(self, symbol: Symbol) -> Value:
        """What a symbol of the callee is in the caller."""
        found = self._values.get(symbol)
        if found is None:
            found = self._symbol(symbol)
            self._values[symbol] = found
        return found

    def _symbol(self, symbol: Symbol) -> Value:
        evaluator = self._evaluator
        if symbol.kind == "param":
            if not symbol.path:
                return self._argument(symbol)
            if symbol.is_room:
                return self._room(symbol)
            targets = self.targets(symbol)
            if not targets:
                return self._renamed(symbol, NO_TAINT, None)
            values = [evaluator.memory.stored(t.location) for t in targets]
            value = values[0]
            for other in values[1:]:
                value = Value(
                    value.term if value.term == other.term else None, limited(value.taints | other.taints), ()
                )
            return value
        if symbol.kind == "global":
            return evaluator.memory.stored(symbol)
        if symbol.kind in _ABSOLUTE:
            return Value(atom(symbol), frozenset((symbol,)) if symbol.kind == "source" else NO_TAINT)
        if symbol.kind == "size":
            return Value(atom(symbol))
        if symbol.kind == "uninit":
            return Value(None, frozenset((symbol,)))
        origin = self._origins.get(symbol)
        if origin is None:
            return self._renamed(symbol, NO_TAINT, None)
        taints, trail = self._taints(origin.taints)
        return self._renamed(symbol, taints, joined(trail, origin.trail))

    def _room(self, symbol: Symbol) -> Value:
        """How much memory there is behind the callee's pointer, where the caller knows it."""
        targets = self.targets(Symbol(symbol.kind, symbol.name, symbol.number, symbol.path[:-1]))
        room = room_of(targets[0]) if len(targets) == 1 else None
        return Value(room) if room is not None else self._renamed(symbol, NO_TAINT, None)

    def _renamed(self, symbol: Symbol, taints: frozenset[Symbol], trail: Trail | None) -> Value:
        frame = self._evaluator.frame
        renamed = frame.opaque("in", symbol.name[:40], self._invoke.span, symbol)
        frame.remember(renamed, Value(None, taints, (), trail))
        frame.types.setdefault(renamed, None)
        return Value(atom(renamed), taints, (), trail)

    def _rest(self) -> Value:
        """What a variadic callee takes beyond its parameters: with a known format, as the format says."""
        first = self._summary.params
        format_ = self._invoke.args[first - 1] if 0 < first <= len(self._invoke.args) else None
        letters = conversions(format_.value) if isinstance(format_, Text) else None
        taints: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for position in range(first, len(self._args)):
            value = self._args[position]
            letter = letters[position - first] if letters is not None and position - first < len(letters) else "?"
            if letter in "s?" and value.targets:
                value = self._evaluator.memory.content(value.targets)
            elif letter == "s" and value.taints:
                value = self._evaluator.memory.content(self._evaluator.pointing.targets(value))
            taints |= value.taints
            trail = trail or value.trail
        return Value(None, limited(frozenset(t for t in taints if t.kind != "uninit")), (), trail)

    def _argument(self, symbol: Symbol) -> Value:
        if symbol.number == THIS:
            return self._receiver or UNKNOWN
        if symbol.number == REST:
            return self._rest()
        return self._args[symbol.number] if 0 <= symbol.number < len(self._args) else UNKNOWN

    def targets(self, location: Symbol) -> tuple[Target, ...]:
        """The locations of the caller that a location of the callee is."""
        found = self._places.get(location)
        if found is None:
            found = self._targets(location)
            self._places[location] = found
        return found

    def _targets(self, location: Symbol) -> tuple[Target, ...]:
        if location.kind != "param":
            return (Target(location),) if location.kind in _ABSOLUTE else ()
        return self._reached(location)[:4] if location.path else ()

    def _reached(self, location: Symbol) -> tuple[Target, ...]:
        """The locations that the steps of a path from a parameter lead to, which most paths share but for the last."""
        found = self._ways_to.get(location)
        if found is None:
            found = self._ways_to[location] = self._walked(location)
        return found

    def _walked(self, location: Symbol) -> tuple[Target, ...]:
        kind, name, number, path = location
        evaluator, last = self._evaluator, path[-1]
        if len(path) == 1:
            if last == DEREF:
                return evaluator.pointing.targets(self._argument(location))
            at = self._given_whole(location)
        else:
            at = self._reached(_new(Symbol, (kind, name, number, path[:-1])))
            if last == DEREF:
                values = [evaluator.memory.stored(t.location) for t in at]
                return tuple([t for v in values for t in evaluator.pointing.targets(v)])
        return tuple([Target(t.location.step(last)) for t in at])

    def _given_whole(self, location: Symbol) -> tuple[Target, ...]:
        """Where the struct is that was handed over by value."""
        args = self._invoke.args
        place = args[location.number] if 0 <= location.number < len(args) else None
        return self._evaluator.places.locate(place, touch=False).targets if isinstance(place, Place) else ()

    def _taints(self, taints: frozenset[Symbol]) -> tuple[frozenset[Symbol], Trail | None]:
        """What symbols of the callee derive from in the caller."""
        if not taints:
            return NO_TAINT, None
        known = self._derived.get(taints)
        if known is None:
            known = self._derived[taints] = self._derive(taints)
        return known

    def _derive(self, taints: frozenset[Symbol]) -> tuple[frozenset[Symbol], Trail | None]:
        found: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for taint in sorted(taints):
            if taint.kind.startswith(CODED):
                inner, way = self._taints(frozenset((uncoded(taint),)))
                kept = frozenset(c for t in inner if (c := coded(t)) is not None)
                found |= kept
                trail = trail or (way if kept else None)
                continue
            if taint.kind.startswith(KEYED):
                inner, _ = self._taints(frozenset((unkeyed(taint),)))
                found |= {k for t in inner if (k := keyed(t)) is not None}
                continue
            value = (
                self._content(taint) if taint.kind == "param" and taint.path[-1:] == (DEREF,) else self.symbol(taint)
            )
            found |= value.taints
            trail = trail or value.trail
        return limited(found), trail

    def _content(self, symbol: Symbol) -> Value:
        targets = self.targets(symbol)
        return self._evaluator.memory.content(targets) if targets else self.symbol(symbol)

    def linear(self, term: Linear | None) -> Linear | None:
        """A term of the callee in the caller."""
        if term is None or not term.vector:
            return term
        vector, constant = term
        sum_ = self._sum(vector)
        return sum_ if sum_ is None or not constant else _new(Linear, (sum_.vector, sum_.constant + constant))

    def _sum(self, vector: Vector) -> Linear | None:
        """A weighted sum of symbols of the callee in the caller."""
        found = self._sums.get(vector, _UNSEEN)
        if found is not _UNSEEN:
            return found
        result = ZERO
        for symbol, weight in vector:
            value = self.symbol(symbol)
            if value.term is None:
                if not value.taints and not value.targets:
                    value = self._renamed(symbol, NO_TAINT, None)
                else:
                    value = self._renamed(symbol, value.taints, value.trail)
                known = self._values[symbol]
                self._values[symbol] = Value(value.term, known.taints, known.targets, known.trail)
            assert value.term is not None
            result = add(result, value.term, weight)
        found = self._sums[vector] = result if fits(result) else None
        return found

    def value(self, value: Value) -> Value:
        """A value of the callee in the caller."""
        if (
            not value.taints
            and not value.targets
            and (value.trail is None if value.term is None else not value.term.vector)
        ):
            return value
        taints, trail = self._taints(value.taints)
        symbol = value.symbol
        targets = self._moved(value.targets)
        if symbol is not None and not targets:
            exact = self.symbol(symbol)
            if exact.term is not None or exact.targets or symbol.kind in ("param", "global"):
                way = self._joined(exact.trail or trail, value)
                return Value(exact.term, limited(exact.taints | taints), exact.targets, way)
        term = self.linear(value.term)
        return Value(term, taints, targets, self._joined(trail, value) if taints else None)

    def _joined(self, before: Trail | None, value: Value) -> Trail | None:
        after = value.trail
        if after is None:
            return before
        if before is None and not any(t.kind in ("param", "global") for t in value.taints):
            # Born in the callee: nothing was passed to it, and the caller says how it came back.
            return after
        key = (id(before), id(after))
        way = self._ways.get(key)
        if way is None:
            way = (before, after, joined(step(before, self._invoke.span, self._passed), after))
            self._ways[key] = way
        return way[2]

    def _moved(self, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        found: list[Target] = []
        for target in targets:
            offset = self.linear(target.offset) if target.offset is not None else None
            extent = self.linear(target.extent)
            when = tuple([(b.vector, b.upper) for v, u in target.when if (b := self._bound(v, u)) is not None])
            for place in self.targets(target.location):
                away = None if offset is None or place.offset is None else add(place.offset, offset)
                whole = place.extent if place.extent is not None else extent
                found.append(Target(place.location, away, whole, (*place.when, *when)))
            inner = self._follows and target.location.kind == "in" and not target.location.path
            if inner or target.location.kind == "local":
                # An object of the callee, or of one that it calls.
                renamed = self._renamed(target.location, NO_TAINT, None).symbol
                if renamed is not None:
                    found.append(Target(renamed, offset, extent, when))
        return tuple(found)[:4]

    def _bound(self, vector: Vector, upper: int, weak: bool = False) -> Bound | None:
        sum_ = self._sum(vector)
        if sum_ is None or not sum_.vector:
            return None
        most = upper - sum_.constant
        if len(sum_.vector) > 1:
            return _new(Bound, (sum_.vector, most, weak))
        return Bound(*normal(Linear(sum_.vector, -most)), weak)

    def _fact(self, fact: Fact) -> Fact | None:
        if isinstance(fact, Bound):
            return self._bound(*fact)
        value = self.symbol(fact.symbol)
        base = self._evaluator.pointing.base(value)
        if base is None:
            return None
        return Holds(base, self._check(fact.check, value))

    def _check(self, check: Check, pointer: Value) -> Check:
        """A check of the callee's pointer as one of the base of the caller's."""
        if check.extent is None:
            return check
        return check._replace(extent=self._evaluator.pointing.reach(pointer, self.linear(check.extent)))
