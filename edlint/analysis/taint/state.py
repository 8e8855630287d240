"""What holds at one point of a function: memory, bounds, checks; and how two such points become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from edlint.analysis.taint.numbers import Ranges, greatest, tighten
from edlint.analysis.taint.relations import Relations, limits_of, one_way
from edlint.analysis.taint.symbols import (
    COUNTED,
    DEREF,
    ELEMENT,
    MOVING,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    scale,
)
from edlint.analysis.taint.values import NO_TAINT, Target, Value, limited, merged_targets
from edlint.source import Span

_new = tuple.__new__

MAX_OUTCOME = 24
"""Facts that hang on the outcome of one value."""

MAX_FLAGS = 12
"""Merged values whose sign may tell which way was taken."""


class Computed(NamedTuple):
    """Where a sum or product was computed, and in how many bits."""

    span: Span
    width: int


class Check(NamedTuple):
    """Something that the path established about an address."""

    kind: str
    """nonnull (and for numbers: not zero), outside, inside, not-outside, not-inside, terminated; and of a
    location that the host filled: unterminated."""
    extent: Linear | None = None
    """For how many bytes; None when that is not known."""
    weak: bool = False
    """By an assert only, which a release build may drop."""
    computed: Computed | None = None
    """How the extent was computed, when it is a sum or product."""


class Bound(NamedTuple):
    """vector <= upper."""

    vector: Vector
    upper: int
    weak: bool = False


class Holds(NamedTuple):
    """A check of a symbol."""

    symbol: Symbol
    check: Check


Fact = Bound | Holds

_NULL = Check("null")


class Outcome(NamedTuple):
    """What follows when a value turns out negative, zero or positive; None when it cannot."""

    negative: tuple[Fact, ...] | None = ()
    zero: tuple[Fact, ...] | None = ()
    positive: tuple[Fact, ...] | None = ()

    def joined(self, other: Outcome) -> Outcome:
        """What follows when both are told of one value."""
        sides = [None if one is None or two is None else (*one, *two) for one, two in zip(self, other, strict=True)]
        return Outcome(*(None if side is None else tuple(dict.fromkeys(side))[:MAX_OUTCOME] for side in sides))

    def of(self, signs: str) -> tuple[Fact, ...]:
        """What follows when the value has one of the signs in `signs` (of `-0+`)."""
        sets = [s for sign, s in zip("-0+", self, strict=True) if sign in signs and s is not None]
        if not sets:
            return ()
        return tuple(f for f in sets[0] if all(f in other for other in sets[1:]))


@dataclass(slots=True)
class State:
    """Mutable while one block is interpreted; copied at its end."""

    memory: dict[Symbol, Value] = field(default_factory=dict)
    bounds: dict[Vector, int] = field(default_factory=dict)
    hopes: dict[Vector, int] = field(default_factory=dict)
    """Bounds by assert only."""
    checks: dict[Symbol, frozenset[Check]] = field(default_factory=dict)
    outcomes: dict[Symbol, Outcome] = field(default_factory=dict)
    dead: bool = False
    """Control cannot be here."""

    def copy(self) -> State:
        """A state of its own with the same content."""
        return State(
            self.memory.copy(),
            self.bounds.copy(),
            self.hopes.copy(),
            self.checks.copy(),
            self.outcomes.copy(),
            self.dead,
        )

    def learn(self, fact: Fact) -> None:
        """Take a fact as true from here on."""
        if isinstance(fact, Bound):
            vector, upper, weak = fact
            if not vector:
                return
            known = self.hopes if weak else self.bounds
            if vector not in known or upper < known[vector]:
                known[vector] = upper
        else:
            known_checks = self.checks.get(fact.symbol, frozenset())
            if fact.check in known_checks:
                return
            self.checks[fact.symbol] = known_checks | {fact.check}
            if fact.check.kind == "nonnull" and not fact.check.weak and fact.symbol in self.outcomes:
                for follows in self.outcomes[fact.symbol].of("-+"):
                    self.learn(follows)

    def has(self, symbol: Symbol, kind: str, weak: bool = False) -> bool:
        """Whether a check of that kind stands; with `weak` an asserted one counts."""
        checks = self.checks.get(symbol)
        return checks is not None and any(c.kind == kind and (weak or not c.weak) for c in checks)

    def beyond(self, other: State) -> set[Fact]:
        """The bounds and checks that another state has not."""
        known, checked = other.bounds, other.checks
        found: set[Fact] = {_new(Bound, (v, u, False)) for v, u in self.bounds.items() if known.get(v) != u}
        for symbol, checks in self.checks.items():
            found.update([Holds(symbol, c) for c in checks.difference(checked.get(symbol, ()))])
        return found

    def signs(self, value: Value, ranges: Ranges) -> str:
        """The signs that a value may have, of `-0+`."""
        number = value.number
        if number is not None:
            return "-" if number < 0 else "0" if number == 0 else "+"
        if value.targets and value.term is None:
            return "+"
        if value.term is None:
            return "-0+"
        symbol = value.symbol
        signs = "-0+"
        if symbol is not None:
            if symbol.kind == "addr":
                return "+"
            if self.has(symbol, "nonnull"):
                signs = "-+"
        top = greatest(value.term, self.bounds, ranges)
        low = greatest(scale(value.term, -1), self.bounds, ranges)
        if top is not None:
            signs = signs if top > 0 else signs.replace("+", "")
            signs = signs if top >= 0 else signs.replace("0", "")
        if low is not None:
            signs = signs if low > 0 else signs.replace("-", "")
            signs = signs if low >= 0 else signs.replace("0", "")
        return signs


class Merge:
    """Joins two states at the head of a block; values that differ become phi symbols of that block."""

    def __init__(
        self,
        block: int,
        missing: Callable[[State, Symbol], Value],
        ranges: Ranges,
        remember: Callable[[Symbol, Value], None],
        loops: bool = False,
    ) -> None:
        self._block = block
        self._missing = missing
        self._ranges = ranges
        self._remember = remember
        self._loops = loops
        self.merged: list[tuple[Symbol, Value, Value]] = []
        """What the last merge gave names to."""

    def __call__(self, old: State, new: State, *, widen: bool = False) -> State:
        """What holds in both; with `widen`, a bound that would have to give way is dropped."""
        if old.dead:
            return new.copy()
        if new.dead:
            return old.copy()
        result = State()
        for vector, upper in old.bounds.items():
            other = new.bounds.get(vector)
            if other is not None and (other <= upper or not widen):
                result.bounds[vector] = max(upper, other)
        for vector, upper in old.hopes.items():
            other = new.hopes.get(vector, new.bounds.get(vector))
            if other is not None and (other <= upper or not widen):
                result.hopes[vector] = max(upper, other)
        for symbol, checks in old.checks.items():
            both = checks & new.checks.get(symbol, frozenset())
            if both:
                result.checks[symbol] = both
        for symbol, outcome in old.outcomes.items():
            if new.outcomes.get(symbol, outcome if symbol.is_opaque else None) == outcome:
                result.outcomes[symbol] = outcome
        for symbol, outcome in new.outcomes.items():
            if symbol not in old.outcomes and symbol.is_opaque:
                # The other way does not know the value; one that was there on entry is known on all of them.
                result.outcomes[symbol] = outcome
        self._sided: list[tuple[Vector, int]] = []
        self.merged = phis = self._memory(old, new, result)
        self._relate(old, new, result, phis, widen)
        tighten(result.bounds, self._sided)
        if not self._loops:
            self._tested(old, new, result)
        return result

    def _memory(self, old: State, new: State, result: State) -> list[tuple[Symbol, Value, Value]]:
        phis: list[tuple[Symbol, Value, Value]] = []
        for location, value in old.memory.items():
            other = new.memory.get(location)
            if other is value or (other is not None and other == value):
                result.memory[location] = value
                continue
            if other is None:
                other = self._missing(new, location)
            result.memory[location] = self._value(location, value, other, phis, old, new)
        for location, other in new.memory.items():
            if location not in old.memory:
                value = self._missing(old, location)
                result.memory[location] = (
                    other if value == other else self._value(location, value, other, phis, old, new)
                )
        return phis

    def _value(
        self,
        location: Symbol,
        one: Value,
        two: Value,
        phis: list[tuple[Symbol, Value, Value]],
        old: State,
        new: State,
    ) -> Value:
        if one == two:
            return one
        taints = limited(one.taints | two.taints)
        if self._loops and ELEMENT in location.path:
            # A loop that writes elements of an array counts as one that fills it.
            raw = frozenset(t for t in taints if t.kind == "uninit")
            if not (raw <= one.taints and raw <= two.taints):
                taints -= raw
        targets = self._targets(location, one, two, phis, old, new)
        term = one.term
        trail = one.trail or two.trail
        if one.term != two.term:
            counted = self._loops or any(s.is_counted for v in (one, two) if v.term is not None for s in v.term.symbols)
            name = f"{COUNTED if counted else ''}{location.kind}.{location.name}.{location.number}"
            symbol = Symbol("phi", name, self._block, location.path)
            term = atom(symbol)
            phis.append((symbol, one, two))
            self._remember(symbol, Value(None, taints, (), trail))
        return Value(term, taints, targets, trail)

    def _targets(
        self,
        location: Symbol,
        one: Value,
        two: Value,
        phis: list[tuple[Symbol, Value, Value]],
        old: State,
        new: State,
    ) -> tuple[Target, ...]:
        ones, twos = one.targets or _implied(one, two.targets), two.targets or _implied(two, one.targets)
        if len(ones) == 1 and len(twos) == 1:
            (first,), (second,) = ones, twos
            same = first.location == second.location and first.extent == second.extent
            if same and first.offset != second.offset and first.offset is not None and second.offset is not None:
                name = f"{MOVING}{location.kind}.{location.name}.{location.number}"
                symbol = Symbol("phi", name, self._block, location.path)
                phis.append((symbol, Value(first.offset), Value(second.offset)))
                self._remember(symbol, Value(None, NO_TAINT, (), None))
                return (Target(first.location, atom(symbol), first.extent),)
        if self._loops or not (one.targets and two.targets):
            return merged_targets(one.targets, two.targets)
        sides: list[tuple[Target, ...]] = []
        for targets, others, bounds in ((one.targets, two.targets, old.bounds), (two.targets, one.targets, new.bounds)):
            renamed = [*one_way(self._block, location, targets, others)]
            for target, was in renamed:
                if was is not None and target.offset is not None and target.offset.symbol is not None:
                    self._sided.extend(limits_of(target.offset.symbol, was, bounds, self._ranges))
                    self._remember(target.offset.symbol, Value(None, NO_TAINT, (), None))
            sides.append(tuple(target for target, _ in renamed))
        return merged_targets(*sides)

    def _relate(
        self, old: State, new: State, result: State, phis: list[tuple[Symbol, Value, Value]], widen: bool
    ) -> None:
        if not phis:
            return
        fresh = {symbol for symbol, _, _ in phis}
        for known in (result.bounds, result.hopes):
            for vector in [v for v in known if not fresh.isdisjoint([s for s, _ in v])]:
                del known[vector]
        for symbol in fresh:
            result.checks.pop(symbol, None)
            result.outcomes.pop(symbol, None)
        if self._loops:
            for symbol, outcome in result.outcomes.items():
                result.outcomes[symbol] = Outcome(*(_without(facts, fresh) for facts in outcome))
        relations = Relations(old.bounds, new.bounds, self._ranges, fresh, loops=self._loops)
        flags: list[tuple[Symbol, Value, Value, str, str]] = []
        for symbol, one, two in phis:
            if not (one.targets or two.targets):
                result.bounds.update(relations.single(symbol, one, two, widen=widen))
            checks = self._checks(one, old) & self._checks(two, new)
            if checks:
                result.checks[symbol] = checks
            if len(flags) < MAX_FLAGS:
                first, second = old.signs(one, self._ranges), new.signs(two, self._ranges)
                if first != second or one.symbol in old.outcomes or two.symbol in new.outcomes:
                    flags.append((symbol, one, two, first, second))
        if len(fresh) > 1:
            tighten(result.bounds, relations.pairs(phis))
        if flags:
            self._outcomes(old, new, result, flags, fresh)

    def _tested(self, old: State, new: State, result: State) -> None:
        """An address that is NULL on one way and not on the other tells which way was taken when it is tested again."""
        for there, gone in ((old, new), (new, old)):
            for symbol, checks in gone.checks.items():
                if symbol.is_opaque or _NULL not in checks or not there.has(symbol, "nonnull"):
                    continue
                some, none = (sorted(s.beyond(result), key=sort_key)[:MAX_OUTCOME] for s in (there, gone))
                outcome = Outcome(tuple(some), tuple(none), tuple(some))
                known = result.outcomes.get(symbol)
                result.outcomes[symbol] = outcome if known is None else known.joined(outcome)

    def _checks(self, value: Value, state: State) -> frozenset[Check]:
        if value.number == 0:
            # NULL is not outside, but nothing is read there before a test that the other side passed.
            return frozenset((Check("outside"), Check("terminated")))
        found: frozenset[Check] = frozenset()
        if value.term is not None:
            for symbol, _ in value.term.vector:
                known = state.checks.get(symbol)
                if known:
                    found |= known
                if symbol.kind == "addr":
                    found |= {Check("nonnull")}
        return found

    def _outcomes(
        self,
        old: State,
        new: State,
        result: State,
        flags: list[tuple[Symbol, Value, Value, str, str]],
        fresh: set[Symbol],
    ) -> None:
        """A flag that is zero on one way and not on the other tells which way was taken."""
        sides = [state.beyond(result) for state in (old, new)]
        for symbol, one, two, first, second in flags:
            parts: list[tuple[Fact, ...] | None] = []
            for sign in "-0+":
                allowed: set[Fact] | None = None
                for state, value, side, may in ((old, one, sides[0], first), (new, two, sides[1], second)):
                    if sign not in may:
                        continue
                    own = state.outcomes.get(value.symbol) if value.symbol else None
                    known = side | set(own.of(sign)) if own is not None else side
                    allowed = set(known) if allowed is None else allowed & known
                # What the ways knew of a merged value, they knew of what it was on the round before.
                facts = None if allowed is None else tuple(sorted(allowed, key=sort_key))
                kept = _without(facts, fresh)
                parts.append(kept[:MAX_OUTCOME] if kept is not None else None)
            if any(parts) or None in parts:
                result.outcomes[symbol] = Outcome(*parts)


def _without(facts: tuple[Fact, ...] | None, symbols: set[Symbol]) -> tuple[Fact, ...] | None:
    """The facts that say nothing of some symbols."""
    if not facts:
        return facts
    return tuple(
        f
        for f in facts
        if (f.symbol not in symbols if isinstance(f, Holds) else symbols.isdisjoint([s for s, _ in f.vector]))
    )


def _implied(value: Value, others: tuple[Target, ...]) -> tuple[Target, ...]:
    """Where an address of unknown make points to, when it is the one that another address was made from."""
    if value.term is None or len(others) != 1:
        return ()
    location, extent = others[0].location, others[0].extent
    base = next((s for s, w in value.term.vector if w == 1 and s.step(DEREF) == location), None)
    return (Target(location, add(value.term, atom(base), -1), extent),) if base is not None else ()


def sort_key(fact: Fact) -> tuple[object, ...]:
    """A key that sorts facts, whatever kind they are of."""
    if isinstance(fact, Bound):
        return (0, fact.vector, fact.upper, fact.weak)
    check = fact.check
    return (1, ((fact.symbol, 0),), 0, False, check.kind, check.extent or (), check.weak)
