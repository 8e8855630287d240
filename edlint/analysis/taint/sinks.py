"""What a modelled function does with what it is given: accesses and sinks."""

from __future__ import annotations

import re

from edlint.analysis.taint.computed import computed
from edlint.analysis.taint.containers import between
from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.events import HEADER, Event
from edlint.analysis.taint.filling import fill
from edlint.analysis.taint.formats import conversions
from edlint.analysis.taint.measured import capped, measured
from edlint.analysis.taint.padding import last_block
from edlint.analysis.taint.spots import Spots
from edlint.analysis.taint.symbols import add, atom, constant, fits
from edlint.analysis.taint.texts import note_text
from edlint.analysis.taint.values import UNKNOWN, Value, number
from edlint.model.ir import Invoke, Number, Text
from edlint.model.sdk import Row, Spot
from edlint.model.types import TypeKind

LENGTHS = ("copy-length", "crypto-length")
_CONTENTS = ("format", "file-path", "shell-command", "key-use", "entropy-use")
_NUMBER = re.compile(
    r"(std::)?(((un)?signed|short|long|int|char|bool|double|float)( (long|int|char|short|double))*|s?size_t|u?int\d+_t)"
)
_TEXTS = {"snprintf": 2, "sprintf_s": 2, "strncat": 1, "strlcpy": 1, "strlcat": 1, "strcpy_s": 2, "strcat_s": 2}
"""Functions that write no more than a text and its terminator, with the argument that is the text or its format."""
_PRECISE = re.compile(r"%[^a-zA-Z%]*\.[0-9*]+s")
_FIGURES = frozenset("diouxXcaeEfFgGA")
_SEQUENCES = frozenset(("vector", "deque", "list"))


def is_number(evaluator: Evaluator, invoke: Invoke, position: int) -> bool:
    """Whether an argument is a plain number where another overload takes a pointer: `std::string(n, ' ')`."""
    if invoke.receiver is None or not 0 <= position < len(invoke.args):
        return False
    ref = evaluator.type_of(invoke.args[position])
    if ref is None and invoke.name in _SEQUENCES:
        # `vector(n, 0)`: no place begins where the number is that it ends with.
        return any(isinstance(a, Number) for a in invoke.args)
    if ref is None or ref.is_pointer:
        return False
    ref = evaluator.frame.layout.resolve(ref)
    return not ref.is_pointer and _NUMBER.fullmatch(ref.base) is not None


class Sinks:
    """The sinks of one call of a modelled function."""

    def __init__(
        self,
        evaluator: Evaluator,
        rows: tuple[Row, ...],
        invoke: Invoke,
        args: tuple[Value, ...],
        spots: Spots,
        written: set[int],
        *,
        refuses_null: bool = False,
    ) -> None:
        self._evaluator = evaluator
        self._frame = evaluator.frame
        self._rows = rows
        self._invoke = invoke
        self._args = args
        self._spots = spots
        self._written = written
        self._refuses_null = refuses_null

    def run(self) -> None:
        """Note every access and every sink."""
        self._accesses()
        for row in self._rows:
            if row.word == "sink":
                self._sink(row)

    def _accesses(self) -> None:
        """One note for each pointer that the callee works on, with the length that is given for it."""
        spans: dict[int, tuple[Value, str]] = {}
        headers = {r.at.arg for r in self._rows if r.word == "sink" and r.kind == "memory-access" and r.bytes}
        for row in self._rows:
            if row.word != "sink":
                continue
            if row.kind == "unbounded-copy" and row.capacity is not None:
                known = spans.get(row.capacity.arg)
                if known is None or known[0].term is None:
                    spans[row.capacity.arg] = (self._texts(row), row.kind)
            elif row.kind in LENGTHS and row.capacity is not None:
                length = self._reach(row.at, row.times)
                if row.capacity.arg == 0:
                    length = self._of_text(length)
                known = spans.get(row.capacity.arg)
                if known is None or (not known[0].taints and length.taints) or known[0].term is None:
                    spans[row.capacity.arg] = (length, row.kind)
            elif row.kind == "memory-access":
                for position in self._spots.positions(row.at):
                    length = number(row.bytes) if row.bytes else self._reach(row.extent, row.times)
                    if length is UNKNOWN and self._goes_out(position):
                        length = self._spots.value(2)
                    spans.setdefault(position, (length, ""))
        for position, (length, _) in sorted(spans.items()):
            if is_number(self._evaluator, self._invoke, position):
                continue
            if position in self._written:
                fill(self._frame, self._spots.value(position).targets, length.term, self._invoke.span)
            elif length is UNKNOWN:
                self._set(position)
            if position not in self._written:
                args = self._invoke.args
                name = args[position].span.text if 0 <= position < len(args) else ""
                for target in self._evaluator.pointing.targets(self._spots.value(position)):
                    self._evaluator.touches.fetched(target, self._invoke.span, self._invoke.name, name=name)
            self._evaluator.touches.access(
                self._spots.value(position),
                length,
                self._invoke.args[position].span if 0 <= position < len(self._invoke.args) else self._invoke.span,
                write=position in self._written,
                what=self._invoke.name,
                seen_as=HEADER if position in headers or self._fills_struct(position, length) else None,
                name=self._spots.written_as(position),
                param=position,
                refuses_null=self._refuses_null,
            )
        for row in self._rows:
            if (
                row.word != "sink"
                and row.bytes
                and row.at.pointee
                and 0 <= row.at.arg < len(self._args)
                and row.at.arg not in spans
            ):
                spans[row.at.arg] = (UNKNOWN, row.kind)
                self._evaluator.touches.access(
                    self._spots.value(row.at.arg),
                    number(row.bytes),
                    self._invoke.args[row.at.arg].span,
                    write=True,
                    what=self._invoke.name,
                    name=self._spots.written_as(row.at.arg),
                    param=row.at.arg,
                    refuses_null=self._refuses_null,
                )
        released = {r.at.arg for r in self._rows if r.kind == "memory-release"}
        for position, value in enumerate(self._args):
            if position not in spans and position not in released:
                fill(self._frame, value.targets, None, self._invoke.span)
        self._handed_on(set(spans))

    def _set(self, position: int) -> None:
        """An object whose address is given without a size: where nothing is in it yet, the function puts it there."""
        targets = self._spots.value(position).targets
        fill(self._frame, targets, None, self._invoke.span)
        taints = self._evaluator.memory.content(targets).taints
        if taints and all(t.kind == "uninit" for t in taints):
            given = self._frame.opaque("call", self._invoke.name, self._invoke.span, position)
            self._evaluator.memory.store(targets, Value(atom(given)), whole=True)

    def _of_text(self, length: Value) -> Value:
        """A literal is written as far as it goes, whatever room the call says that there is."""
        position = _TEXTS.get(self._invoke.name, len(self._invoke.args))
        text = self._invoke.args[position] if position < len(self._invoke.args) else None
        if not isinstance(text, Text) or ("%" in text.value and "printf" in self._invoke.name):
            return length
        size = len(text.value.encode("utf-8", "replace")) + 1
        return number(size if length.number is None else min(size, length.number))

    def _fills_struct(self, position: int, length: Value) -> bool:
        """Whether what is read at an argument fills a struct: `memcpy(&header, bytes, sizeof(header))`."""
        if position in self._written or length.number is None:
            return False
        layout = self._frame.layout
        for to in self._written:
            ref = self._evaluator.type_of(self._invoke.args[to]) if 0 <= to < len(self._invoke.args) else None
            inner = layout.pointee(ref) if ref is not None else None
            if inner is None or inner.is_pointer or layout.size(inner) != length.number:
                continue
            found = layout.definition(inner)
            if found is not None and found.kind is TypeKind.STRUCT:
                return True
        return False

    def _goes_out(self, position: int) -> bool:
        """Whether an argument is a string that `strncpy` copies to memory of the host, which says how much of it."""
        if position != 1 or self._invoke.name not in ("strncpy", "stpncpy"):
            return False
        base = self._evaluator.pointing.base(self._spots.value(0))
        return base is not None and self._evaluator.state.has(base, "outside")

    def _texts(self, row: Row) -> Value:
        """Bytes of the string that is copied, or at least of those that a print puts together, and the terminator."""
        if not row.at.rest:
            return self._text(row.at.arg) if self._invoke.name.startswith("st") else UNKNOWN
        format_ = self._invoke.args[row.at.arg - 1] if 0 < row.at.arg <= len(self._invoke.args) else None
        if not isinstance(format_, Text) or _PRECISE.search(format_.value):
            return UNKNOWN
        total = number(1)
        for at, letter in enumerate(conversions(format_.value), row.at.arg):
            if letter == "s" and at < len(self._invoke.args) and total.term is not None:
                text = self._text(at)
                assert text.term is not None
                term = add(add(total.term, text.term), constant(-1))
                total = Value(term if fits(term) else None, total.taints | text.taints, (), total.trail or text.trail)
        return total

    def _text(self, position: int) -> Value:
        """Bytes of a string, its terminator included."""
        value = self._spots.value(position)
        targets = self._evaluator.pointing.targets(value)
        content = self._evaluator.memory.content(targets)
        state, bounds = self._evaluator.state, self._evaluator.state.bounds
        where = tuple((t.location, t.offset, self._evaluator.memory.stored(t.location).term) for t in targets)
        text = capped(self._frame, state, where) or self._frame.opaque("op", "strlen", where)
        bounds[((text, -1),)] = min(0, bounds.get(((text, -1),), 0))
        measured(state, "strlen", text, targets)
        taints = frozenset(t for t in content.taints if t.kind != "uninit")
        self._frame.remember(text, Value(None, taints, (), content.trail))
        return Value(add(atom(text), constant(1)), taints, (), content.trail)

    def _reach(self, length: Spot | None, times: Spot | None) -> Value:
        """How far the callee goes; for a second address, as in `v.assign(p, p + n)`, as far as it is from the first."""
        if length is None:
            return UNKNOWN
        last = length.arg
        ref = self._evaluator.type_of(self._invoke.args[last]) if 0 <= last < len(self._invoke.args) else None
        is_address = ref.is_pointer or ref.is_array if ref is not None else bool(self._spots.value(last).targets)
        if not is_address or length.pointee:
            return self._spots.length(length, times)
        begin, end = self._spots.value(last - 1), self._spots.value(last)
        distance = between(begin, end)
        return Value(distance, end.taints - begin.taints, (), end.trail) if distance is not None else UNKNOWN

    def _handed_on(self, known: set[int]) -> None:
        """Addresses whose use no row measures: the callee works on them all the same."""
        if any(r.word == "guard" or r.kind == "memory-release" for r in self._rows):
            return
        lengths = {s.arg for r in self._rows for s in (r.extent, r.times) if s is not None and not s.pointee}
        for position, value in enumerate(self._args):
            if position in known or position in lengths or value.term is None or not value.taints:
                continue
            if not self._is_figure(position) and self._evaluator.may_be_address(self._invoke.args[position], value):
                self._evaluator.touches.access(
                    value,
                    UNKNOWN,
                    self._invoke.args[position].span,
                    write=position in self._written,
                    what=self._invoke.name,
                    kind="pass",
                    name=self._spots.written_as(position),
                    param=position,
                    refuses_null=self._refuses_null,
                )

    def _is_figure(self, position: int) -> bool:
        """Whether the format of a print shows an argument as a number: `%02x` is for no address."""
        at = next((r.at.arg for r in self._rows if r.kind == "format"), position)
        format_ = self._invoke.args[at] if at < position else None
        return isinstance(format_, Text) and conversions(format_.value)[position - at - 1 :][:1] in _FIGURES

    def _sink(self, row: Row) -> None:
        if row.kind in LENGTHS or row.kind in ("memory-access", "unbounded-copy"):
            return
        if row.kind == "padded-output":
            self._last_block(row)
            return
        for position in self._spots.positions(row.at):
            value = self._spots.value(position)
            if row.kind == "string-read":
                note_text(
                    self._evaluator,
                    value,
                    self._invoke.span,
                    self._invoke.name,
                    self._spots.written_as(position),
                    position,
                )
                continue
            if row.kind == "memory-release":
                self._evaluator.touches.released(value, self._invoke, position)
                continue
            if row.at.pointee or (row.kind in _CONTENTS and value.term is not None):
                if not self._is_sent(row, position, ("s",)):
                    continue
                targets = self._spots.targets(row.at, position)
                content = self._evaluator.memory.content(targets)
                value = Value(None, content.taints, targets, content.trail or value.trail)
            elif row.kind == "host-sink" and not self._is_sent(row, position, tuple("diouxXcpaefgEFG")):
                continue
            if row.kind in ("allocation-size", "stack-size"):
                if not self._spots.length(row.at, row.times).taints:
                    continue
                self._note("alloc" if row.kind == "allocation-size" else "stack", row, value, position)
            elif value.taints or any(t.location.kind != "text" for t in value.targets):
                self._note("sink", row, value, position)

    def _last_block(self, row: Row) -> None:
        """A cipher that pads writes more than it was given, if that is what its context was made for."""
        position = row.capacity.arg if row.capacity is not None else len(self._args)
        content = self._evaluator.memory.content(self._spots.targets(row.at, row.at.arg))
        length = self._spots.length(row.extent) if row.extent is not None else None
        written = last_block(self._evaluator, self._spots.value(position), length, row.bytes)
        if written is None or not content.taints or position >= len(self._args):
            return
        pointer, need = written
        self._evaluator.touches.access(
            pointer,
            Value(need, content.taints),
            self._invoke.args[position].span,
            write=True,
            what=self._invoke.name,
            kind="padded",
            name=self._spots.written_as(position),
            param=position,
            refuses_null=self._refuses_null,
        )

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
        width = 0
        if kind in ("alloc", "stack"):
            need, value = self._spots.length(row.at, row.times), UNKNOWN
            how = computed(self._evaluator, self._invoke.args[position], need.term) if row.times is None else None
            width = how.width if how is not None else 0
        what = row.kind
        if kind == "sink" and row.kind == "host-sink" and not row.at.pointee and self._is_address(row, position):
            what = "host-address"
        event = Event(
            kind,
            value,
            self._invoke.span,
            self._frame.function.qualified,
            what,
            self._spots.written_as(position) or self._invoke.name,
            need,
            param=position,
            width=width,
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
