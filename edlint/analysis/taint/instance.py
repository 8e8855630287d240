"""A summary at a call: everything in it, said in terms of the caller."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import RESULT, Event, Origin, Summary, Via
from edlint.analysis.taint.formats import conversions
from edlint.analysis.taint.frame import REST, THIS
from edlint.analysis.taint.numbers import at_most_zero, normal
from edlint.analysis.taint.state import Bound, Check, Fact, Holds, Outcome
from edlint.analysis.taint.symbols import (
    CODED,
    DEREF,
    MAX_PATH,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    coded,
    fits,
    scale,
    uncoded,
)
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, joined, limited, step
from edlint.model.ir import Invoke, Text

MAX_VIA = 12
"""Calls between a root and an event; deeper ones are not told."""

_ABSOLUTE = frozenset(("global", "source", "heap", "name", "text"))


class Instance:
    """One summary at one call."""

    def __init__(
        self, evaluator: Evaluator, summary: Summary, invoke: Invoke, args: tuple[Value, ...], receiver: Value | None
    ) -> None:
        self._evaluator = evaluator
        self._summary = summary
        self._invoke = invoke
        self._args = args
        self._receiver = receiver
        self._values: dict[Symbol, Value] = {}
        self._places: dict[Symbol, tuple[Target, ...]] = {}
        self._origins: dict[Symbol, Origin] = {o.symbol: o for o in summary.origins}
        self._trail: Trail | None = None

    # ---- the call

    def events(self) -> None:
        """Everything that the callee does, noted in the caller."""
        if self._evaluator.frame.recording:
            for event in self._summary.events:
                self._event(event)

    def apply(self) -> Value:
        """Writes and facts of the callee on the caller's state; the value is what it returns."""
        summary, state = self._summary, self._evaluator.state
        writes = [(self.targets(w.location), self.value(w.value), w.certain) for w in summary.writes]
        result = self._named(self.value(summary.result))
        self._values[RESULT] = result
        always = [f for fact in summary.always if (f := self._fact(fact)) is not None]
        facts = [b for vector, upper in summary.facts if (b := self._bound(vector, upper)) is not None]
        parts = [
            None if facts_ is None else tuple(f for fact in facts_ if (f := self._fact(fact)) is not None)
            for facts_ in summary.outcome
        ]
        for targets, value, certain in writes:
            value = value.via(self._invoke.span, f"written by '{summary.function}'")
            if targets:
                if certain or len(targets) > 1:
                    self._evaluator.memory.store(targets, value)
                else:
                    self._maybe(targets, value)
        for fact in (*always, *facts):
            state.learn(fact)
        return self._result(result, Outcome(*parts))

    def _maybe(self, targets: tuple[Target, ...], value: Value) -> None:
        known = self._evaluator.memory.stored(targets[0].location)
        if any(t.kind == "uninit" for t in known.taints):
            # Nothing was there before: what is used later is what was written.
            self._evaluator.memory.store(targets, value)
            return
        both = Value(
            known.term if known.term == value.term else None,
            limited(known.taints | value.taints),
            value.targets or known.targets,
            value.trail or known.trail,
        )
        self._evaluator.state.memory[targets[0].location] = both

    def _named(self, result: Value) -> Value:
        """What the call returns, under a name of its own where it has none."""
        if result.term is not None:
            return result
        frame = self._evaluator.frame
        named = frame.opaque("call", self._summary.function, self._invoke.span)
        frame.remember(named, Value(None, result.taints, (), result.trail))
        return Value(atom(named), result.taints, result.targets, result.trail)

    def _result(self, result: Value, outcome: Outcome) -> Value:
        result = result.via(self._invoke.span, f"returned by '{self._summary.function}'")
        symbol = result.symbol
        if self._summary.nullable and symbol is not None and symbol.is_opaque:
            keys = frozenset(t for a in self._args if not a.targets for t in a.taints)
            if keys:
                self._evaluator.state.learn(Holds(symbol, Check("maybe-null")))
                self._evaluator.frame.lookups[symbol] = (keys, self._summary.function)
        if symbol is not None and (any(outcome) or None in outcome):
            self._evaluator.state.outcomes[symbol] = outcome
        return result

    # ---- translation

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
        if DEREF not in location.path:
            return ()
        evaluator = self._evaluator
        value = self._argument(location)
        at: tuple[Target, ...] = ()
        for number_, step_ in enumerate(location.path):
            if step_ == DEREF:
                if number_:
                    values = [evaluator.memory.stored(t.location) for t in at]
                    at = tuple(t for v in values for t in evaluator.pointing.targets(v))
                else:
                    at = evaluator.pointing.targets(value)
            else:
                at = tuple(Target(t.location.step(step_)) for t in at)
            if not at:
                return ()
        return at[:4]

    def _taints(self, taints: frozenset[Symbol]) -> tuple[frozenset[Symbol], Trail | None]:
        found: frozenset[Symbol] = NO_TAINT
        trail: Trail | None = None
        for taint in sorted(taints):
            if taint.kind.startswith(CODED):
                inner, way = self._taints(frozenset((uncoded(taint),)))
                kept = frozenset(c for t in inner if (c := coded(t)) is not None)
                found |= kept
                trail = trail or (way if kept else None)
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
        result = Linear((), term.constant)
        for symbol, weight in term.vector:
            value = self.symbol(symbol)
            if value.term is None:
                if not value.taints and not value.targets:
                    value = self._renamed(symbol, NO_TAINT, None)
                else:
                    value = self._renamed(symbol, value.taints, value.trail)
                self._values[symbol] = replace(self._values[symbol], term=value.term)
            assert value.term is not None
            result = add(result, value.term, weight)
        return result if fits(result) else None

    def value(self, value: Value) -> Value:
        """A value of the callee in the caller."""
        if value.term is not None and not value.term.vector and not value.taints and not value.targets:
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
        return joined(step(before, self._invoke.span, f"passed to '{self._summary.function}'"), after)

    def _moved(self, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        found: list[Target] = []
        for target in targets:
            offset = self.linear(target.offset) if target.offset is not None else None
            extent = self.linear(target.extent)
            for place in self.targets(target.location):
                moved = place.moved(offset)
                found.append(replace(moved, extent=place.extent if place.extent is not None else extent))
            if target.location.kind == "local":
                renamed = self._renamed(target.location, NO_TAINT, None).symbol
                if renamed is not None:
                    found.append(Target(renamed, offset, extent))
        return tuple(found)[:4]

    def _bound(self, vector: Vector, upper: int, weak: bool = False) -> Bound | None:
        term = self.linear(Linear(vector, -upper))
        if term is None or not term.vector:
            return None
        sum_, top = normal(term)
        return Bound(sum_, top, weak)

    def _fact(self, fact: Fact) -> Fact | None:
        if isinstance(fact, Bound):
            return self._bound(*fact)
        value = self.symbol(fact.symbol)
        base = self._evaluator.pointing.base(value)
        if base is None:
            return None
        return Holds(base, self._check(fact.check))

    def _check(self, check: Check) -> Check:
        return check if check.extent is None else Check(check.kind, self.linear(check.extent), check.weak)

    # ---- events

    def _event(self, event: Event) -> None:
        evaluator, frame = self._evaluator, self._evaluator.frame
        if len(event.via) >= MAX_VIA or event.kind in ("give", "left"):
            return
        self._origins = {o.symbol: o for o in (*self._summary.origins, *event.origins)}
        subject = self.value(event.subject)
        if event.kind == "sink" and event.subject.targets and event.subject.term is None:
            subject = self._sent(event, subject)
        if event.subject.trail is None and subject.trail is not None:
            subject = subject.via(self._invoke.span, f"passed to '{self._summary.function}'")
        need = self.value(event.need)
        if event.kind == "fetch":
            self._fetch(event)
            return
        if event.kind in ("test", "loop") and not any(t.kind == "source" or DEREF in t.path for t in subject.taints):
            return
        facts = [b for v, u in event.facts if (b := self._bound(v, u)) is not None]
        hopes = [b for v, u in event.hopes if (b := self._bound(v, u)) is not None]
        if event.kind in ("access", "pass"):
            targets = evaluator.pointing.targets(subject)
            bounds = dict(evaluator.state.bounds)
            bounds.update({b.vector: b.upper for b in facts if b.vector not in bounds or b.upper < bounds[b.vector]})
            targets = tuple(t for t in targets if not _inside(t, need, bounds, evaluator))
            interesting = bool(subject.taints) or any(t.location.kind in ("param", "global", "source") for t in targets)
            if not interesting:
                targets = tuple(
                    t
                    for t in targets
                    if t.extent is not None and (need.taints or (t.offset is not None and t.offset.vector))
                )
                if not targets:
                    return
            subject = Value(subject.term, subject.taints, targets, subject.trail)
        elif (not subject.taints and not subject.targets and event.kind not in ("alloc", "stack")) or (
            event.kind in ("alloc", "stack") and not need.taints
        ):
            return
        checks: dict[Symbol, frozenset[Check]] = {}
        for symbol, known in event.checks:
            base = evaluator.pointing.base(self.symbol(symbol))
            if base is not None:
                checks[base] = checks.get(base, frozenset()) | {self._check(c) for c in known}
        frame.note(
            replace(
                event,
                subject=subject,
                need=need,
                facts=tuple((b.vector, b.upper) for b in facts),
                hopes=tuple((b.vector, b.upper) for b in hopes),
                checks=tuple(sorted(checks.items(), key=lambda c: c[0])),
                origins=(),
                via=(Via(self._invoke.span, frame.function.qualified, self._summary.function), *event.via),
            ),
            evaluator.state,
        )

    def _fetch(self, event: Event) -> None:
        """A read of memory behind a pointer: of the caller's pointer, where it has one."""
        evaluator, frame = self._evaluator, self._evaluator.frame
        via = (Via(self._invoke.span, frame.function.qualified, self._summary.function), *event.via)
        for target in self._moved(event.subject.targets):
            location = target.location
            if location.kind not in ("param", "global", "source") or DEREF not in location.path:
                continue
            moved = target.offset is None or target.offset.vector
            if not moved and len(location.path) < MAX_PATH and location not in evaluator.state.memory:
                subject = Value(None, frozenset((location,)), (target,))
                frame.note(replace(event, subject=subject, need=UNKNOWN, origins=(), via=via), evaluator.state)

    def _sent(self, event: Event, subject: Value) -> Value:
        """Bytes that leave: whatever the caller put there."""
        targets = tuple(t for s in event.subject.targets for t in self.targets(s.location))
        if not targets:
            return subject
        content = self._evaluator.memory.content(targets)
        own = frozenset(t for t in subject.taints if t.kind == "source")
        return Value(None, limited(content.taints | own), subject.targets, self._joined(content.trail, subject))


def _inside(target: Target, need: Value, bounds: dict[Vector, int], evaluator: Evaluator) -> bool:
    if target.extent is None or target.offset is None or need.term is None:
        return False
    if target.location.kind not in ("local", "heap", "global", "text"):
        return False
    ranges = evaluator.frame.ranges
    end = add(add(target.offset, need.term), target.extent, -1)
    return at_most_zero(end, bounds, ranges) and at_most_zero(scale(target.offset, -1), bounds, ranges)
