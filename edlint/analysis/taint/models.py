"""Calls of functions that a model describes: its rows, read one after another."""

from __future__ import annotations

import re

from edlint.analysis.taint.boundary import product
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import Event, SourceInfo
from edlint.analysis.taint.formats import conversions
from edlint.analysis.taint.numbers import normal
from edlint.analysis.taint.state import Bound, Check, Holds, Outcome
from edlint.analysis.taint.symbols import DEREF, ZERO, Linear, Symbol, add, atom, scale
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Target, Trail, Value, limited, step
from edlint.model.ir import Invoke, Text
from edlint.model.ir import Value as Expression
from edlint.model.sdk import Row, Spot

LENGTHS = ("copy-length", "crypto-length")
_CONTENTS = ("format", "file-path", "shell-command", "key-use", "entropy-use")
_MEMORY = ("enclave-memory", "host-memory")
_SECRETS = ("secret-key", "plaintext")
_KEY = re.compile(r"(?<![a-z])key|key(?![a-z])|secret|passw|private|master", re.IGNORECASE)
_NO_KEY = re.compile(r"pub|nonce|(?<![a-z])iv|iv(?![a-z])|salt|counter|keyid|key_id|handle", re.IGNORECASE)
_NUMBER = re.compile(r"(std::)?(((un)?signed|short|long|int|char|bool)( (long|int|char|short))*|s?size_t|u?int\d+_t)")
_GUARDS = {
    "outside-enclave": ("outside", "not-outside"),
    "inside-enclave": ("inside", "not-inside"),
}
_CAPPED = {"strnlen": 1, "strnlen_s": 1, "wcsnlen": 1, "wcsnlen_s": 1}
"""Functions whose result is at most the argument at that position."""
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
    ) -> None:
        self._evaluator = evaluator
        self._frame = evaluator.frame
        self._rows = rows
        self._invoke = invoke
        self._args = args
        self._receiver = receiver
        self._written = {r.to.arg for r in rows if r.word == "flow" and r.to is not None and r.to.pointee} | {
            r.at.arg for r in rows if r.word in ("source", "clean") and r.at.pointee
        }

    def run(self) -> Value:
        """Sinks first, then what the function makes of its arguments; the value is its result."""
        self._accesses()
        for row in self._rows:
            if row.word == "sink":
                self._sink(row)
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
        position = _CAPPED.get(self._invoke.name, len(self._args))
        limit = self._args[position].term if position < len(self._args) else None
        if result.term is not None and limit is not None:
            vector, upper = normal(add(result.term, limit, -1))
            self._evaluator.state.learn(Bound(vector, upper))
            self._evaluator.state.learn(Bound(scale(result.term, -1).vector, result.term.constant))

    # ---- places

    def _positions(self, spot: Spot) -> list[int]:
        if spot.rest:
            return list(range(spot.arg, len(self._args)))
        return [spot.arg] if spot.arg < len(self._args) else []

    def _value(self, position: int, result: Value = UNKNOWN) -> Value:
        if position == -1:
            return result
        if position == -2:
            return self._receiver or UNKNOWN
        return self._args[position] if 0 <= position < len(self._args) else UNKNOWN

    def _targets(self, spot: Spot, position: int, result: Value = UNKNOWN) -> tuple[Target, ...]:
        targets = self._evaluator.targets(self._value(position, result))
        if spot.field:
            steps = tuple(spot.field.split("."))
            targets = tuple(Target(t.location.step(*steps)) for t in targets)
        return targets

    def _length(self, *spots: Spot | None) -> Value:
        values = [self._value(s.arg) for s in spots if s is not None and not s.pointee]
        return product(values) if values else UNKNOWN

    def _written_as(self, position: int) -> str:
        return text_of(self._invoke.args[position]) if 0 <= position < len(self._invoke.args) else ""

    # ---- sinks

    def _accesses(self) -> None:
        """One note for each pointer that the callee works on, with the length that is given for it."""
        spans: dict[int, tuple[Value, str]] = {}
        for row in self._rows:
            if row.word != "sink":
                continue
            if row.kind in LENGTHS and row.capacity is not None:
                length = self._reach(row.capacity.arg, row.at, row.times)
                known = spans.get(row.capacity.arg)
                if known is None or (not known[0].taints and length.taints) or known[0].term is None:
                    spans[row.capacity.arg] = (length, row.kind)
            elif row.kind == "memory-access":
                for position in self._positions(row.at):
                    spans.setdefault(position, (self._reach(position, row.extent, row.times), ""))
        for position, (length, _) in sorted(spans.items()):
            if self._is_number(position):
                continue
            if position not in self._written:
                for target in self._evaluator.targets(self._value(position)):
                    self._evaluator.fetched(target, self._invoke.span, self._invoke.name)
            self._evaluator.access(
                self._value(position),
                length,
                self._invoke.args[position].span if 0 <= position < len(self._invoke.args) else self._invoke.span,
                write=position in self._written,
                what=self._invoke.name,
                name=self._written_as(position),
                param=position,
            )
        self._handed_on(set(spans))

    def _reach(self, first: int, length: Spot | None, times: Spot | None) -> Value:
        """How far from the address `first` the callee goes; for a second address, as in `v.assign(p, p + n)`, to it."""
        if length is None:
            return UNKNOWN
        last = length.arg
        ref = self._evaluator.type_of(self._invoke.args[last]) if 0 <= last < len(self._invoke.args) else None
        if ref is None or not (ref.is_pointer or ref.is_array) or length.pointee:
            return self._length(length, times)
        begin, end = self._value(first), self._value(last)
        if begin.term is None or end.term is None:
            return UNKNOWN
        return Value(add(end.term, begin.term, -1), end.taints - begin.taints, (), end.trail)

    def _is_number(self, position: int) -> bool:
        """Whether an argument is a plain number where another overload takes a pointer: `std::string(n, ' ')`."""
        if self._invoke.receiver is None or not 0 <= position < len(self._invoke.args):
            return False
        ref = self._evaluator.type_of(self._invoke.args[position])
        if ref is None or ref.is_pointer:
            return False
        ref = self._frame.layout.resolve(ref)
        return not ref.is_pointer and _NUMBER.fullmatch(ref.base) is not None

    def _handed_on(self, known: set[int]) -> None:
        """Addresses whose use no row measures: the callee works on them all the same."""
        if any(r.word == "guard" or r.kind == "memory-release" for r in self._rows):
            return
        for position, value in enumerate(self._args):
            if position in known or value.term is None or not value.taints:
                continue
            ref = self._evaluator.type_of(self._invoke.args[position])
            if ref is None or ref.is_pointer:
                self._evaluator.access(
                    value,
                    UNKNOWN,
                    self._invoke.args[position].span,
                    write=position in self._written,
                    what=self._invoke.name,
                    kind="pass",
                    name=self._written_as(position),
                    param=position,
                )

    def _sink(self, row: Row) -> None:
        if row.kind in LENGTHS or row.kind == "memory-access":
            return
        for position in self._positions(row.at):
            value = self._value(position)
            if row.kind == "string-read":
                self._string(value, position)
                continue
            if row.at.pointee or (row.kind in _CONTENTS and value.term is not None):
                if not self._is_sent(row, position, ("s",)):
                    continue
                targets = self._targets(row.at, position)
                content = self._evaluator.content(targets)
                value = Value(None, content.taints, targets, content.trail or value.trail)
            elif row.kind == "host-sink" and not self._is_sent(row, position, tuple("diouxXcpaefgEFG")):
                continue
            if row.kind in ("allocation-size", "stack-size"):
                if not self._length(row.at, row.times).taints:
                    continue
                self._note("alloc" if row.kind == "allocation-size" else "stack", row, value, position)
            elif value.taints or any(t.location.kind != "text" for t in value.targets):
                self._note("sink", row, value, position)

    def _string(self, value: Value, position: int) -> None:
        """A pointer is read up to a terminator that somebody must have put there."""
        base = self._evaluator.base(value)
        if self._invoke.name in ("strnlen", "strnlen_s", "memchr") and base is not None:
            return
        targets = self._evaluator.targets(value)
        if not value.taints and not any(t.location.kind != "text" for t in targets):
            return
        content = self._evaluator.content(targets)
        event = Event(
            "string",
            Value(value.term, value.taints, targets, value.trail),
            self._invoke.span,
            self._frame.function.qualified,
            self._invoke.name,
            self._written_as(position),
            Value(None, content.taints, (), content.trail),
            param=position,
        )
        self._frame.note(event, self._evaluator.state)

    def _is_sent(self, row: Row, position: int, letters: tuple[str, ...]) -> bool:
        """Whether the format of a print, where it is known, treats an argument that way."""
        if row.kind != "host-sink" or not row.at.rest:
            return True
        first = row.at.arg
        if not 1 <= first <= len(self._invoke.args):
            return True
        format_ = self._invoke.args[first - 1]
        if not isinstance(format_, Text):
            return True
        wanted = conversions(format_.value)
        at = position - first
        return at < len(wanted) and wanted[at] in letters

    def _note(self, kind: str, row: Row, value: Value, position: int) -> None:
        need = UNKNOWN
        if kind in ("alloc", "stack"):
            need, value = self._length(row.at, row.times), UNKNOWN
        what = row.kind
        if kind == "sink" and row.kind == "host-sink" and not row.at.pointee and self._is_address(row, position):
            what = "host-address"
        event = Event(
            kind,
            value,
            self._invoke.span,
            self._frame.function.qualified,
            what,
            self._written_as(position) or self._invoke.name,
            need,
            param=position,
        )
        self._frame.note(event, self._evaluator.state)

    def _is_address(self, row: Row, position: int) -> bool:
        first = row.at.arg
        if not row.at.rest or not 1 <= first <= len(self._invoke.args):
            return False
        format_ = self._invoke.args[first - 1]
        if not isinstance(format_, Text):
            return False
        wanted = conversions(format_.value)
        at = position - first
        return at < len(wanted) and wanted[at] == "p"

    # ---- what comes out

    def _flows(self, result: Value) -> Value:
        for row in self._rows:
            if row.word == "flow" and row.to is not None:
                for position in self._positions(row.at) if row.at.arg >= 0 else [row.at.arg]:
                    result = self._flow(row, position, result)
        return result

    def _flow(self, row: Row, position: int, result: Value) -> Value:
        assert row.to is not None
        name, span = self._invoke.name, self._invoke.span
        if row.at.pointee:
            source = self._targets(row.at, position)
            moved = self._evaluator.content(source)
        else:
            source = ()
            moved = self._value(position)
        way = step(moved.trail, span, f"through '{name}'") if moved.taints else None
        if row.to.arg == -1:
            if not row.at.pointee and not row.to.pointee:
                return Value(moved.term, moved.taints, moved.targets, way)
            if row.to.pointee:
                targets = self._evaluator.targets(result) if result.targets else ()
                if row.at.arg == -2 and not targets and source:
                    # What a container gives out is its own memory.
                    fresh = atom(self._frame.opaque("call", name, span))
                    return Value(fresh, NO_TAINT, tuple(Target(t.location, t.offset) for t in source), moved.trail)
                if targets:
                    self._evaluator.store(targets, Value(None, moved.taints, (), way), whole=True)
                return result
            # The same question about the same bytes has the same answer: `strlen(s)` is `strlen(s)`.
            where = tuple((t.location, t.offset, self._evaluator.stored(t.location).term) for t in source)
            symbol = self._frame.opaque("op", name, where) if source else self._frame.opaque("op", name, span)
            if "len" in name:
                self._evaluator.state.bounds[((symbol, -1),)] = 0
            taints = limited(result.taints | moved.taints)
            self._frame.remember(symbol, Value(None, taints, (), way))
            return Value(atom(symbol), taints, (), way)
        for to in self._positions(row.to) if row.to.arg >= 0 else [row.to.arg]:
            target = self._targets(row.to, to)
            if not target:
                continue
            if source and row.to.pointee and self._copies(row):
                self._evaluator.copy(source, target, (span, f"copied by '{name}'"))
            else:
                known = self._evaluator.content(target)
                own = frozenset(t for t in known.taints if t.kind != "uninit") if self._adds(row) else NO_TAINT
                self._evaluator.store(target, Value(None, limited(moved.taints | own), (), way), whole=True)
        return result

    def _copies(self, row: Row) -> bool:
        """Whether the bytes arrive as they were: the only flow to that place, by a copying function."""
        return self._invoke.name.lstrip("_").startswith(("mem", "builtin_mem", "wmem", "std::copy", "bcopy", "oe_mem"))

    def _adds(self, row: Row) -> bool:
        assert row.to is not None
        others = [r for r in self._rows if r.word == "flow" and r.to is not None and r.to.arg == row.to.arg]
        return len(others) > 1 or "cat" in self._invoke.name

    def _clean(self, row: Row) -> None:
        for position in self._positions(row.at):
            targets = self._targets(row.at, position)
            if not targets:
                continue
            content = self._evaluator.content(targets)
            if any(t.kind == "source" for t in content.taints):
                self._note_clean(row, content, targets, position)
            if row.kind == "enclave-random" and self._is_key(position):
                self._evaluator.store(targets, self._fresh_key(position), whole=True)
                continue
            symbol = self._frame.opaque("call", self._invoke.name, self._invoke.span, position)
            start = len(targets) == 1 and targets[0].offset == ZERO
            self._evaluator.store(targets, Value(atom(symbol)), whole=start)

    def _is_key(self, position: int) -> bool:
        """Whether random bytes go to something that is named after a key."""
        written = self._written_as(position)
        return bool(_KEY.search(written)) and not _NO_KEY.search(written)

    def _fresh_key(self, position: int) -> Value:
        info = SourceInfo(
            "secret-key",
            self._invoke.span,
            self._frame.function.qualified,
            self._invoke.name,
            None,
            position,
            name=self._written_as(position),
        )
        symbol = self._frame.registry.symbol(info)
        return Value(None, frozenset((symbol,)), (), step(None, self._invoke.span, "a fresh key"))

    def _note_clean(self, row: Row, content: Value, targets: tuple[Target, ...], position: int) -> None:
        event = Event(
            "clean",
            Value(None, content.taints, targets, content.trail),
            self._invoke.span,
            self._frame.function.qualified,
            row.kind,
            self._written_as(position),
        )
        self._frame.note(event, self._evaluator.state)

    def _source(self, row: Row, result: Value) -> Value:
        length = self._length(row.extent, row.times) if row.extent else UNKNOWN
        if row.kind == "enclave-memory":
            if row.at.arg == -2:
                return result
            fresh = self.allocated(length)
            if row.at.arg == -1:
                return fresh
            for position in self._positions(row.at):
                self._evaluator.store(self._targets(row.at, position), fresh, whole=True)
            return result
        if row.kind == "uninitialised":
            return result
        positions = self._positions(row.at) if row.at.arg >= 0 else [row.at.arg]
        for position in positions:
            target = self._targets(row.at, position, result) if row.at.pointee or row.at.field else ()
            symbol, trail = self._symbol(row, position)
            value = Value(atom(symbol), frozenset((symbol,)), (), trail)
            if row.at.pointee or row.at.field:
                if row.kind in _SECRETS:
                    value = Value(None, value.taints, (), trail)
                self._evaluator.store(target, value, whole=True)
            elif row.kind == "host-memory":
                result = Value(atom(symbol), value.taints, (Target(symbol.step(DEREF), ZERO, length.term),), trail)
            else:
                if result.targets:
                    value = Value(value.term, value.taints, result.targets, trail)
                result = value
        return result

    def _symbol(self, row: Row, position: int) -> tuple[Symbol, Trail]:
        name = self._written_as(position) or (text_of(self._invoke.target) if self._invoke.target is not None else "")
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
        self._evaluator.forget(heap)
        self._evaluator.state.memory.pop(heap, None)
        pointer = Symbol("heap", "address", heap.number)
        return Value(atom(pointer), NO_TAINT, (Target(heap, ZERO, length.term),))

    # ---- guards

    def _guarded(self, result: Value) -> Value:
        rows = [r for r in self._rows if r.word == "guard"]
        if not rows:
            return result
        symbol = result.symbol or self._frame.opaque("call", self._invoke.name, self._invoke.span)
        by_sign: dict[str, list[Holds]] = {"-": [], "0": [], "+": []}
        for row in rows:
            kinds = _GUARDS.get(row.kind)
            if kinds is None:
                continue
            for position in self._positions(row.at):
                base = self._evaluator.base(self._value(position))
                if base is None:
                    continue
                extent = self._length(row.extent, row.times).term if row.extent else None
                for sign in "-0+":
                    kind = kinds[0] if sign in _SIGNS.get(row.when, "") else kinds[1]
                    by_sign[sign].append(Holds(base, Check(kind, extent)))
        self._evaluator.state.outcomes[symbol] = Outcome(*(tuple(by_sign[s]) for s in "-0+"))
        return Value(atom(symbol), result.taints, result.targets, result.trail)


def text_of(expression: Expression | None) -> str:
    """The text of an expression, on one line and short enough for a message."""
    if expression is None:
        return ""
    text = " ".join(expression.span.text.split())
    return text if len(text) <= 48 else text[:45] + "..."


__all__ = ["LENGTHS", "Linear", "Modelled", "text_of"]
