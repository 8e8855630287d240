"""Calls of functions that a model describes: its rows, read one after another."""

from __future__ import annotations

import re

from edlint.analysis.taint.computed import computed
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event, SourceInfo
from edlint.analysis.taint.kept import note_content
from edlint.analysis.taint.keymaking import is_made, make, turns_into_key
from edlint.analysis.taint.measured import capped, measured
from edlint.analysis.taint.numbers import greatest, normal
from edlint.analysis.taint.padding import given_out
from edlint.analysis.taint.raw import note_raw
from edlint.analysis.taint.sinks import Sinks, is_number
from edlint.analysis.taint.spots import Spots, text_of
from edlint.analysis.taint.state import Bound, Check, Computed, Fact, Holds, Outcome
from edlint.analysis.taint.symbols import DEREF, SECRETS, ZERO, Linear, Symbol, add, atom, constant, scale
from edlint.analysis.taint.taken import of_block, of_range
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, limited, step
from edlint.model.ir import Invoke
from edlint.model.layout import MAX_SIZE
from edlint.model.sdk import Row, Spot
from edlint.model.types import TypeKind, TypeRef

RETURN = Spot(-1)
_MEMORY = ("enclave-memory", "host-memory")
_GUARDS = {
    "outside-enclave": ("outside", "not-outside"),
    "inside-enclave": ("inside", "not-inside"),
}
_RAW = re.compile(r"(\A|_)(malloc|memalign|aligned_alloc)\Z", re.IGNORECASE)
"""Allocators that give memory as it was."""
_ADDING = frozenset(("append", "push_back", "emplace_back", "insert"))
"""Methods that leave what was in their object before."""
_CAPPED = {"strnlen": 1, "strnlen_s": 1, "wcsnlen": 1, "wcsnlen_s": 1}
"""Functions whose result is at most the argument at that position."""
_COUNTS = frozenset((*_CAPPED, "strlen", "wcslen", "size", "length", "count", "capacity"))
"""Functions whose result is never below zero."""
_LENGTH = TypeRef("size_t", TypeKind.BUILTIN)
_SIGNS = {"true": "-+", "nonzero": "-+", "nonnull": "-+", "false": "0", "zero": "0"}


class Modelled:
    """One call of a modelled function in one state."""

    def __init__(
        self,
        evaluator: Evaluator,
        rows: tuple[Row, ...],
        invoke: Invoke,
        args: tuple[Value, ...],
        receiver: Value | None,
        *,
        refuses_null: bool = False,
    ) -> None:
        self._evaluator = evaluator
        self._frame = evaluator.frame
        self._rows = rows
        self._refuses_null = refuses_null
        self._invoke = invoke
        self._args = args
        self._receiver = receiver
        self._spots = Spots(evaluator, invoke, args, receiver)
        self._written = {r.to.arg for r in rows if r.word == "flow" and r.to is not None and r.to.pointee} | {
            r.at.arg for r in rows if r.word in ("source", "clean") and r.at.pointee
        }

    def run(self) -> Value:
        """Sinks first, then what the function makes of its arguments; the value is its result."""
        Sinks(
            self._evaluator,
            self._rows,
            self._invoke,
            self._args,
            self._spots,
            self._written,
            refuses_null=self._refuses_null,
        ).run()
        result = UNKNOWN
        for row in self._rows:
            if row.word == "source" and row.at.arg == -1 and not row.at.pointee and row.kind in _MEMORY:
                result = self._source(row, result)
        result = self._flows(result)
        for row in self._rows:
            if row.word == "clean":
                self._clean(row)
        for row in self._rows:
            if row.word == "source" and (row.at.arg != -1 or row.at.pointee or row.kind not in _MEMORY):
                result = self._source(row, result)
        self._capped(result)
        return self._guarded(result)

    def _capped(self, result: Value) -> None:
        """A length is never below zero, and at most what the caller allows."""
        if result.term is None or self._invoke.name not in _COUNTS:
            return
        self._evaluator.state.learn(Bound(scale(result.term, -1).vector, result.term.constant))
        if result.symbol is not None and result.symbol.is_opaque:
            self._frame.types.setdefault(result.symbol, _LENGTH)
        position = _CAPPED.get(self._invoke.name, len(self._args))
        limit = self._args[position].term if position < len(self._args) else None
        if limit is not None:
            if result.symbol is not None:
                self._frame.limits[result.symbol] = limit
            vector, upper = normal(add(result.term, limit, -1))
            self._evaluator.state.learn(Bound(vector, upper))

    # ---- what comes out

    def _flows(self, result: Value) -> Value:
        plain = [r for r in self._rows if r.word == "flow" and r.to == RETURN and not (r.at.pointee or r.bytes)]
        plain = [r for r in plain if r.at.arg >= 0]
        mixed = len({r.at.arg for r in plain}) > 1
        if mixed:
            result = self._mixed([self._spots.value(r.at.arg) for r in plain])
        for row in self._rows:
            if row.word == "flow" and row.to is not None and not (mixed and row in plain):
                for position in self._spots.positions(row.at) if row.at.arg >= 0 else [row.at.arg]:
                    result = self._flow(row, position, result)
        return result

    def _mixed(self, values: list[Value]) -> Value:
        """A number that is made of several: none of them, but the least and the greatest of some keep their limits."""
        state, frame, name = self._evaluator.state, self._frame, self._invoke.name
        taints = limited(frozenset(t for v in values for t in v.taints))
        trail = next((v.trail for v in values if v.trail is not None), None)
        way = step(trail, self._invoke.span, f"through '{name}'") if taints else None
        terms = [v.term for v in values if v.term is not None]
        whole = len(terms) == len(values)
        symbol = frame.opaque("op", name, *terms) if whole else frame.opaque("op", name, self._invoke.span)
        frame.remember(symbol, Value(None, taints, (), way))
        for sign in {"min": (1,), "max": (-1,)}.get(name.rsplit("::", 1)[-1], ()):
            for term in terms:
                vector, upper = normal(scale(add(atom(symbol), term, -1), sign))
                state.learn(Bound(vector, upper))
            ends = [greatest(scale(term, -sign), state.bounds, frame.ranges) for term in terms]
            known = [end for end in ends if end is not None]
            if whole and len(known) == len(ends):
                state.learn(Bound(((symbol, -sign),), max(known)))
        return Value(atom(symbol), taints, (), way)

    def _flow(self, row: Row, position: int, result: Value) -> Value:
        assert row.to is not None
        name, span = self._invoke.name, self._invoke.span
        if row.at.pointee and is_number(self._evaluator, self._invoke, position):
            # Another overload takes what the argument points to; a number points to nothing.
            return result
        if row.at.pointee:
            source = self._spots.targets(row.at, position)
            moved = self._evaluator.memory.content(source)
        else:
            source = ()
            moved = self._spots.value(position)
        way = step(moved.trail, span, f"through '{name}'") if moved.taints else None
        if row.to.arg == -2 and self._receiver is None:
            # A constructor as an expression: the object is what the call gives.
            kept = frozenset(t for t in moved.taints if t.kind != "uninit")
            return Value(result.term, limited(result.taints | kept), result.targets, result.trail or way)
        if row.to.arg == -1:
            if row.bytes:
                return self._larger(row.bytes, moved, result)
            if not row.at.pointee and not row.to.pointee:
                return Value(moved.term, moved.taints, moved.targets, way)
            if row.to.pointee:
                targets = self._evaluator.pointing.targets(result) if result.targets else ()
                if row.at.arg == -2 and not targets and source:
                    # What a container gives out is its own memory.
                    fresh = atom(self._frame.opaque("call", name, span))
                    return Value(fresh, NO_TAINT, tuple(Target(t.location, t.offset) for t in source), moved.trail)
                carried = frozenset(t for t in moved.taints if t.kind == "source" and t.name in SECRETS)
                if not targets and carried and result is UNKNOWN:
                    # The secret is in memory that nobody has seen before.
                    result = self.allocated(UNKNOWN)
                    targets, moved = result.targets, Value(None, carried)
                if targets:
                    self._evaluator.memory.store(targets, Value(None, moved.taints, (), way), whole=True)
                return result
            # The same question about the same bytes has the same answer: `strlen(s)` is `strlen(s)`.
            where = tuple((t.location, t.offset, self._evaluator.memory.stored(t.location).term) for t in source)
            symbol = self._frame.opaque("op", name, where) if source else self._frame.opaque("op", name, span)
            if name == "strlen":
                symbol = capped(self._frame, self._evaluator.state, where) or symbol
            taints = limited(result.taints | moved.taints)
            if "len" in name:
                # How long a secret is, is none.
                self._evaluator.state.learn(Bound(((symbol, -1),), 0))
                if self._invoke.name in ("strlen", "strnlen", "wcslen"):
                    self._evaluator.state.learn(Bound(((symbol, 1),), MAX_SIZE))
                taints = frozenset(t for t in taints if t.kind != "source" or t.name not in SECRETS)
            measured(self._evaluator.state, self._invoke.name, symbol, source)
            self._frame.remember(symbol, Value(None, taints, (), way))
            return Value(atom(symbol), taints, (), way)
        for to in self._spots.positions(row.to) if row.to.arg >= 0 else [row.to.arg]:
            target = self._spots.targets(row.to, to)
            if not target or (not row.at.pointee and not row.bytes and moved.number == 0):
                # NULL leaves what was there.
                continue
            if row.bytes and not row.at.pointee:
                self._evaluator.memory.store(target, given_out(self._evaluator, moved, row.bytes, name), whole=True)
                continue
            if row.to.arg >= 0 and row.at.pointee:
                content = Value(None, moved.taints, (), way)
                note_content(self._evaluator, target, content, span, self._spots.written_as(to))
            if source and row.to.pointee and self._copies(row):
                note_raw(self._evaluator, target, source, self._copied(to), span)
                if to >= 0 and turns_into_key(self._evaluator, self._invoke, to, source):
                    make(self._evaluator, self._invoke, to, target)
                    continue
                self._evaluator.memory.copy(source, target, (span, f"copied by '{name}'"))
            else:
                known = self._evaluator.memory.content(target)
                own = frozenset(t for t in known.taints if t.kind != "uninit") if self._adds(row) else NO_TAINT
                if any(t.kind == "source" and t.name in SECRETS for t in moved.taints):
                    target = self._behind(target)
                self._evaluator.memory.store(target, Value(None, limited(moved.taints | own), (), way), whole=True)
        return result

    def _copied(self, position: int) -> Linear | None:
        """How many bytes the call copies to an argument."""
        rows = (r for r in self._rows if r.kind == "copy-length" and r.capacity is not None)
        row = next((r for r in rows if r.capacity is not None and r.capacity.arg == position and not r.times), None)
        return self._spots.value(row.at.arg).term if row is not None and not row.at.pointee else None

    def _larger(self, more: int, moved: Value, result: Value) -> Value:
        """A size that is larger than an argument by so many bytes at least."""
        symbol = self._frame.opaque("op", self._invoke.name, tuple(a.term for a in self._args))
        # A number that can only be one decides nothing.
        taints = limited((NO_TAINT if self._is_certain(moved.term) else moved.taints) | result.taints)
        self._frame.remember(symbol, Value(None, taints, (), moved.trail or result.trail))
        self._evaluator.state.learn(Bound(((symbol, -1),), -more))
        if moved.term is not None and moved.term.vector:
            vector, upper = normal(add(add(moved.term, atom(symbol), -1), constant(more)))
            self._evaluator.state.learn(Bound(vector, upper))
        return Value(atom(symbol), taints, (), moved.trail or result.trail)

    def _is_certain(self, term: Linear | None) -> bool:
        """Whether a term can be no other number than one."""
        if term is None:
            return False
        bounds, ranges = self._evaluator.state.bounds, self._frame.ranges
        top, low = greatest(term, bounds, ranges), greatest(scale(term, -1), bounds, ranges)
        return top is not None and low is not None and top == -low

    def _copies(self, row: Row) -> bool:
        """Whether the bytes arrive as they were: the only flow to that place, by a copying function."""
        return self._invoke.name.lstrip("_").startswith(("mem", "builtin_mem", "wmem", "std::copy", "bcopy", "oe_mem"))

    def _adds(self, row: Row) -> bool:
        assert row.to is not None
        others = [r for r in self._rows if r.word == "flow" and r.to is not None and r.to.arg == row.to.arg]
        return len(others) > 1 or "cat" in self._invoke.name or self._invoke.name in _ADDING

    def _clean(self, row: Row) -> None:
        for position in self._spots.positions(row.at):
            targets = self._spots.targets(row.at, position)
            if not targets:
                continue
            content = self._evaluator.memory.content(targets)
            if any(t.kind == "source" for t in content.taints):
                self._note_clean(row, content, targets, position)
            if is_made(self._evaluator, row.kind, self._invoke, self._args, position):
                make(self._evaluator, self._invoke, position, targets)
                continue
            symbol = self._frame.opaque("call", self._invoke.name, self._invoke.span, position)
            start = len(targets) == 1 and targets[0].offset == ZERO
            self._evaluator.memory.store(targets, Value(atom(symbol)), whole=start)

    def _note_clean(self, row: Row, content: Value, targets: tuple[Target, ...], position: int) -> None:
        event = Event(
            "clean",
            Value(None, content.taints, targets, content.trail),
            self._invoke.span,
            self._frame.function.qualified,
            row.kind,
            self._spots.written_as(position),
        )
        self._frame.note(event, self._evaluator.state)

    def _source(self, row: Row, result: Value) -> Value:
        length = self._spots.length(row.extent, row.times) if row.extent else UNKNOWN
        if row.kind == "enclave-memory":
            if row.at.arg == -2:
                return result
            fresh = self.allocated(length)
            if row.at.arg == -1:
                facts = of_block(length.term, multiplied=row.times is not None)
                if facts and fresh.symbol is not None:
                    self._evaluator.state.outcomes[fresh.symbol] = Outcome(None, (), facts)
                return fresh
            for position in self._spots.positions(row.at):
                self._evaluator.memory.store(self._spots.targets(row.at, position), fresh, whole=True)
            return result
        if row.kind == "uninitialised":
            return result
        positions = self._spots.positions(row.at) if row.at.arg >= 0 else [row.at.arg]
        for position in positions:
            if row.at.arg == -1 and row.at.pointee and row.kind in SECRETS and not result.targets:
                result = self.allocated(UNKNOWN)
            target = self._spots.targets(row.at, position, result) if row.at.pointee or row.at.field else ()
            symbol, trail = self._symbol(row, position)
            value = Value(atom(symbol), frozenset((symbol,)), (), trail)
            if row.at.pointee or row.at.field:
                if row.kind in SECRETS:
                    value = Value(None, value.taints, (), trail)
                    target = self._behind(target)
                self._evaluator.memory.store(target, value, whole=True)
                note_content(self._evaluator, target, value, self._invoke.span, self._spots.written_as(position))
            elif row.kind == "host-memory":
                result = Value(atom(symbol), value.taints, (Target(symbol.step(DEREF), ZERO, length.term),), trail)
            else:
                if result.targets:
                    value = Value(value.term, value.taints, result.targets, trail)
                result = value
        return result

    def _behind(self, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        """Where a secret is put: for the address of a pointer, where that leads, or into a fresh block."""
        if len(targets) != 1:
            return targets
        ref = self._frame.type_of(targets[0].location)
        ref = self._frame.layout.resolve(ref) if ref is not None else None
        if ref is None or ref.dims or not ref.pointers:
            return targets
        known = self._evaluator.memory.stored(targets[0].location)
        if known.targets:
            return known.targets
        fresh = self.allocated(UNKNOWN)
        self._evaluator.memory.store(targets, fresh, whole=True)
        return fresh.targets

    def _symbol(self, row: Row, position: int) -> tuple[Symbol, Trail]:
        name = self._spots.written_as(position) or (
            text_of(self._invoke.target) if self._invoke.target is not None else ""
        )
        info = SourceInfo(
            row.kind,
            self._invoke.span,
            self._frame.function.qualified,
            self._invoke.name,
            None,
            position,
            name=name,
        )
        return self._frame.registry.symbol(info), step(None, self._invoke.span, f"comes from '{self._invoke.name}'")

    def allocated(self, length: Value) -> Value:
        """Fresh memory of the enclave of that many bytes."""
        info = SourceInfo("enclave-memory", self._invoke.span, self._frame.function.qualified, self._invoke.name)
        heap = self._frame.registry.symbol(info, "heap")
        self._evaluator.memory.forget(heap)
        self._evaluator.memory.drop(heap)
        if _RAW.search(self._invoke.name):
            self._frame.raw_blocks[heap] = " ".join(self._invoke.span.text.split())[:48]
        pointer = Symbol("heap", "address", heap.number)
        return Value(atom(pointer), NO_TAINT, (Target(heap, ZERO, length.term),))

    # ---- guards

    def _guarded(self, result: Value) -> Value:
        rows = [r for r in self._rows if r.word == "guard"]
        if not rows:
            return result
        symbol = result.symbol or self._frame.opaque("call", self._invoke.name, self._invoke.span)
        by_sign: dict[str, list[Fact]] = {"-": [], "0": [], "+": []}
        for row in rows:
            kinds = _GUARDS.get(row.kind)
            if kinds is None:
                continue
            for position in self._spots.positions(row.at):
                pointer = self._spots.value(position)
                base = self._evaluator.pointing.base(pointer)
                if base is None:
                    continue
                length = self._spots.length(row.extent, row.times).term if row.extent else None
                extent = self._evaluator.pointing.reach(pointer, length)
                how = self._computed(row, length)
                for sign in "-0+":
                    kind = kinds[0] if sign in _SIGNS.get(row.when, "") else kinds[1]
                    by_sign[sign].append(Holds(base, Check(kind, extent, computed=how)))
                    if kind == "outside":
                        by_sign[sign].extend(of_range(length))
        self._evaluator.state.outcomes[symbol] = Outcome(*(tuple(by_sign[s]) for s in "-0+"))
        return Value(atom(symbol), result.taints, result.targets, result.trail)

    def _computed(self, row: Row, length: Linear | None) -> Computed | None:
        """How the length of a check was computed by the caller."""
        at = row.extent.arg if row.extent is not None and row.times is None else -1
        return computed(self._evaluator, self._invoke.args[at], length) if 0 <= at < len(self._invoke.args) else None
