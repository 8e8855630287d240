"""A summary at a call: everything in it, said in terms of the caller."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import HEADER, RESULT, Event, Known, Write
from edlint.analysis.taint.filling import fill, sent
from edlint.analysis.taint.numbers import at_most_zero, normal
from edlint.analysis.taint.state import Bound, Check, Fact, Holds, Outcome
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    MAX_PATH,
    SECRETS,
    Linear,
    Symbol,
    Vector,
    add,
    atom,
    constant,
    fits,
    scale,
)
from edlint.analysis.taint.told import Told
from edlint.analysis.taint.translation import Translation
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Value, limited, put

_ONE_WAY = re.compile(
    r"25519|scalar_?mult|sha(?:_?[123]|224|256|384|512)|blake2|keccak|hmac|cmac|poly1305|ghash|(?<!un)seal_|encrypt|(?<![a-z])sign(?![a-z])",
    re.IGNORECASE,
)
"""Names of functions of the project whose output can be known without what they were given."""
_OPENS = re.compile(r"decrypt|unseal|unwrap|decipher|(?<![a-z])open", re.IGNORECASE)
"""Names of methods that go the other way, whatever their class is called."""

MAX_VIA = 12
"""Calls between a root and an event; deeper ones are not told."""


T = TypeVar("T")


class Instance(Translation):
    """One summary at one call."""

    # ---- the call

    def events(self) -> None:
        """Everything that the callee does, noted in the caller."""
        frame, events = self._evaluator.frame, self._summary.events
        if not frame.recording:
            return
        for event in self._told(frame.told.events, events):
            self._event(event)

    def _told(self, told: Told, things: tuple[T, ...]) -> tuple[T, ...]:
        """As many of the things that a summary keeps as calls still tell."""
        count = told.take(len(things))
        if count < len(things):
            self._evaluator.frame.cut = True
        return things[:count]

    def apply(self) -> Value:
        """Writes and facts of the callee on the caller's state; the value is what it returns."""
        summary, state = self._summary, self._evaluator.state
        if self._filled():
            self._ways_to.clear()
        writes = [
            (w, self.targets(w.location), self._given(w.value), [self._given(v) if v else None for v in w.by_sign])
            for w in self._told(self._evaluator.frame.told.writes, summary.writes)
        ]
        result = self._named(self._given(summary.result))
        self._values[RESULT] = result
        self._sums.clear()
        always = [f for fact in summary.always if (f := self._fact(fact)) is not None]
        facts = [b for vector, upper in summary.facts if (b := self._bound(vector, upper)) is not None]
        parts = self._sides(summary.outcome)
        for write, targets, value, by_sign in writes:
            value = value.via(self._invoke.span, f"written by '{summary.function}'")
            if targets:
                if len(targets) == 1 and _keeps(write) and self._evaluator.memory.has_members(targets[0].location):
                    # Members that the callee may have left alone are still told apart.
                    more = self._given(Value(None, write.value.taints - {write.location}))
                    self._evaluator.memory.add(targets[0].location, replace(more, trail=value.trail))
                    by_sign = []
                elif write.certain or len(targets) > 1:
                    self._evaluator.memory.store(targets, value)
                else:
                    self._maybe(targets, value)
                if by_sign and len(targets) == 1:
                    parts = self._either(write.location, targets[0].location, by_sign, parts)
                if write.answer is not None and value.symbol is not None:
                    state.outcomes[value.symbol] = Outcome(*self._sides(write.answer))
                self._kept(write.location, targets, value)
                self._wrote(write.location, targets)
        for fact in (*always, *facts):
            state.learn(fact)
        return self._result(result, Outcome(*parts))

    def _sides(self, outcome: Outcome) -> list[tuple[Fact, ...] | None]:
        """What follows from each sign of a value of the callee, said of the caller's."""
        return [
            None if facts is None else tuple(f for fact in facts if (f := self._fact(fact)) is not None)
            for facts in outcome
        ]

    def _given(self, value: Value) -> Value:
        """A value of the callee in the caller; what a function computes that goes one way tells no secret."""
        given = self.value(value)
        if not given.taints or not _is_one_way(self._summary.function):
            return given
        told = frozenset(t for t in given.taints if not (t.kind == "source" and t.name in SECRETS))
        return given if told == given.taints else Value(given.term, told, given.targets, given.trail)

    def _filled(self) -> bool:
        """Memory whose address the callee hands to code that nobody sees may have been written there.

        Whether something was.
        """
        memory, frame = self._evaluator.memory, self._evaluator.frame
        written = False
        for location in self._summary.handed:
            targets = self.targets(location)
            frame.hand_on(targets)
            # What code that nobody sees makes of it may be all of it.
            fill(frame, targets, None, self._invoke.span)
            for target in targets:
                raw = target.location.kind in ("local", "heap")
                if raw and any(t.kind == "uninit" for t in memory.content((target,)).taints):
                    fresh = frame.opaque("call", self._summary.function, self._invoke.span, target.location)
                    memory.store((target,), Value(atom(fresh)), whole=True)
                    written = True
        return written

    def _kept(self, location: Symbol, targets: tuple[Target, ...], value: Value) -> None:
        """What the callee put behind its parameter or in its own object stays, where that is a global of the caller."""
        frame = self._evaluator.frame
        if location.kind != "param" or not frame.recording:
            return
        # Plaintexts that it loads into the enclave's own state are kept for those who may ask.
        taints = frozenset(t for t in value.taints if t.kind != "source" or t.name != "plaintext")
        if not (taints or value.targets):
            return
        for target in targets:
            if target.location.kind == "global":
                place = put(value.trail) or self._invoke.span
                subject = Value(value.term, taints, (target,), value.trail)
                name = ".".join((target.location.name, *(s for s in target.location.path if s not in (DEREF, ELEMENT))))
                event = Event("keep", subject, place, self._summary.function, target.location.name, name)
                frame.note(replace(event, need=Value(None, NO_TAINT, value.targets)), self._evaluator.state)

    def _wrote(self, location: Symbol, targets: tuple[Target, ...]) -> None:
        """Which bytes of the caller's locals are written: a member, or nobody knows how many."""
        frame = self._evaluator.frame
        inside = targets[0].location
        if location.path[-1:] in ((DEREF,), (ELEMENT,)):
            # Nobody knows how much; what a callee is handed a member for is that member.
            steps = inside.path[:-1] if inside.path[-1:] == (ELEMENT,) else inside.path
            inside = Symbol(inside.kind, inside.name, inside.number, steps)
        ref = frame.type_of(inside) if inside.path and ELEMENT not in inside.path else None
        size = frame.layout.size(ref) if ref is not None else None
        if size is not None and len(targets) == 1:
            targets = (Target(inside),) if inside != targets[0].location else targets
        fill(frame, targets, constant(size) if size is not None else None, self._invoke.span)

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
        self._evaluator.memory.put(targets[0].location, both)

    def _either(
        self,
        place: Symbol,
        location: Symbol,
        by_sign: list[Value | None],
        parts: list[tuple[Fact, ...] | None],
    ) -> list[tuple[Fact, ...] | None]:
        """What a location holds afterwards depends on how the callee came back: the sign of its result tells."""
        memory = self._evaluator.state.memory
        both = memory.get(location)
        if both is None or both.term is not None:
            return parts
        term = self._one_of(place, "", both, location)
        known = [v for v in by_sign if v is not None]
        targets = both.targets
        spots = {(v.targets[0].location, v.targets[0].extent) for v in known if len(v.targets) == 1}
        moved = len(spots) == 1 and all(len(v.targets) == 1 and v.targets[0].offset is not None for v in known)
        offset = None
        if moved:
            spot, extent = next(iter(spots))
            offset = self._one_of(place, "@", Value(), None)
            targets = (Target(spot, atom(offset), extent),)
        memory[location] = Value(atom(term), both.taints, targets, both.trail)
        found: list[tuple[Fact, ...] | None] = []
        for value, facts in zip(by_sign, parts, strict=True):
            more: list[Fact] = []
            if value is not None and facts is not None:
                more += _equal(term, value.term)
                more += [Holds(term, f.check) for f in facts if isinstance(f, Holds) and f.symbol == value.symbol]
                if offset is not None:
                    more += _equal(offset, value.targets[0].offset)
            found.append(None if facts is None else (*facts, *more))
        return found

    def _one_of(self, place: Symbol, mark: str, value: Value, location: Symbol | None) -> Symbol:
        frame = self._evaluator.frame
        symbol = frame.opaque("in", f"{mark}{place.name}"[:40], self._invoke.span, mark, place)
        frame.remember(symbol, Value(None, value.taints, (), value.trail))
        frame.types.setdefault(symbol, frame.type_of(location) if location is not None else None)
        return symbol

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
            known = self._evaluator.state.outcomes.get(symbol)
            self._evaluator.state.outcomes[symbol] = outcome if known is None else known.joined(outcome)
        return result

    # ---- events

    def _event(self, event: Event) -> None:
        evaluator, frame = self._evaluator, self._evaluator.frame
        if len(event.via) >= MAX_VIA or event.kind in ("give", "left"):
            return
        if event.origins:
            self._origins = {**self._own_origins, **{o.symbol: o for o in event.origins}}
        else:
            self._origins = self._own_origins
        kind = event.kind
        if kind == "fetch":
            self._fetch(event)
            return
        self._follows = kind in ("access", "padded")
        subject = self.value(event.subject)
        self._follows = False
        if kind == "sink" and event.subject.targets and event.subject.term is None:
            subject = self._sent(event, subject, self.value(event.need))
        if event.subject.trail is None and subject.trail is not None:
            subject = subject.via(self._invoke.span, self._passed)
        if kind in ("test", "loop") and not any(t.kind == "source" or DEREF in t.path for t in subject.taints):
            return
        need, targets = self.value(event.need), subject.targets
        touches = kind in ("access", "padded", "pass")
        if touches:
            base = evaluator.pointing.base(subject)
            if base is not None and base.kind == "addr":
                # An object of the enclave: what came in only decided where in it.
                subject = replace(subject, taints=NO_TAINT)
            targets = evaluator.pointing.targets(subject)
        elif not need.taints if kind in ("alloc", "stack") else not (subject.taints or targets):
            return
        if frame.full and frame.is_beyond(event, subject.taints, targets):
            return
        facts = [b for v, u in event.facts if (b := self._bound(v, u)) is not None]
        hopes = [b for v, u in event.hopes if (b := self._bound(v, u)) is not None]
        if touches:
            if need.term is not None and any(map(_is_measured, targets)):
                bounds = dict(evaluator.state.bounds)
                bounds.update([(v, u) for v, u, _ in facts if v not in bounds or u < bounds[v]])
                targets = tuple([t for t in targets if not _inside(t, need, bounds, evaluator)])
            if not subject.taints and not any(t.location.kind in ("param", "global", "source") for t in targets):
                seen_as_struct = event.type == HEADER
                targets = tuple(
                    t
                    for t in targets
                    if t.extent is not None
                    and (
                        need.taints
                        or (t.offset is not None and t.offset.vector)
                        or (seen_as_struct and t.extent.vector)
                    )
                )
                if not targets:
                    return
            subject = Value(subject.term, subject.taints, targets, subject.trail)
        told = Known(
            tuple((b.vector, b.upper) for b in facts), tuple((b.vector, b.upper) for b in hopes), self._checks(event)
        )
        frame.note(event.seen_by(self._via, subject, need, told), evaluator.state)

    def _checks(self, event: Event) -> tuple[tuple[Symbol, frozenset[Check]], ...]:
        """What the callee has checked, of the pointers of the caller."""
        checks: dict[Symbol, frozenset[Check]] = {}
        for symbol, known in event.checks:
            pointer = self.symbol(symbol)
            base = self._evaluator.pointing.base(pointer)
            if base is not None:
                checks[base] = checks.get(base, frozenset()) | {self._check(c, pointer) for c in known}
        return tuple(sorted(checks.items(), key=lambda c: c[0]))

    def _fetch(self, event: Event) -> None:
        """A read of memory behind a pointer: of the caller's pointer, where it has one."""
        evaluator, frame = self._evaluator, self._evaluator.frame
        for target in self._moved(event.subject.targets):
            location = target.location
            if location.kind not in ("param", "global", "source") or DEREF not in location.path:
                continue
            moved = target.offset is None or target.offset.vector
            if not moved and len(location.path) < MAX_PATH and location not in evaluator.state.memory:
                subject = Value(None, frozenset((location,)), (target,))
                told = event.seen_by(self._via, subject, UNKNOWN, Known(checks=self._checks(event)))
                frame.note(told, evaluator.state)

    def _sent(self, event: Event, subject: Value, need: Value) -> Value:
        """Bytes that leave: whatever the caller put there."""
        targets = tuple(t for s in event.subject.targets for t in self.targets(s.location))
        if not targets:
            return subject
        content = self._evaluator.memory.content(targets)
        content = sent(self._evaluator.frame, self._evaluator.state, content, targets, need.term, self._invoke.span)
        own = frozenset(t for t in subject.taints if t.kind == "source")
        return Value(None, limited(content.taints | own), subject.targets, self._joined(content.trail, subject))


@functools.lru_cache(maxsize=4096)
def _is_one_way(function: str) -> bool:
    own = function.rpartition("::")[2]
    return _ONE_WAY.search(function) is not None and (own == function or not _OPENS.search(own))


def _equal(symbol: Symbol, term: Linear | None) -> list[Fact]:
    """That a symbol is a term."""
    if term is None:
        return []
    difference = add(atom(symbol), term, -1)
    sides = (difference, scale(difference, -1))
    return [Bound(*normal(side)) for side in sides if side.vector and fits(side)]


def _is_measured(target: Target) -> bool:
    """Whether it is known where in an object of the enclave a target is, and how large that is."""
    known = target.extent is not None and target.offset is not None
    return known and target.location.kind in ("local", "heap", "global", "text")


def _inside(target: Target, need: Value, bounds: Mapping[Vector, int], evaluator: Evaluator) -> bool:
    if target.extent is None or target.offset is None or need.term is None or not _is_measured(target):
        return False
    ranges = evaluator.frame.ranges
    end = add(add(target.offset, need.term), target.extent, -1)
    bounds = target.known(bounds)
    return at_most_zero(end, bounds, ranges) and at_most_zero(scale(target.offset, -1), bounds, ranges)


def _keeps(write: Write) -> bool:
    """Whether what was behind a pointer before may still be there."""
    return write.location in write.value.taints and write.location.path[-1:] == (DEREF,)
