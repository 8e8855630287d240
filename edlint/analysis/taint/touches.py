"""Notes of memory that is touched: what a rule may ask about an access."""

from __future__ import annotations

from dataclasses import replace

from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import at_most_zero
from edlint.analysis.taint.pointing import Pointing
from edlint.analysis.taint.products import as_allocated
from edlint.analysis.taint.state import State
from edlint.analysis.taint.symbols import (
    DEREF,
    ELEMENT,
    MAX_PATH,
    add,
    atom,
    constant,
    scale,
)
from edlint.analysis.taint.values import UNKNOWN, Target, Value
from edlint.model.ir import Invoke
from edlint.model.types import TypeRef
from edlint.source import Span

RELEASED = "released"
"""Name of the event when an allocator gets a pointer back."""

DEEP = 3
"""Steps from a global beyond which extents are not compared."""


class Touches:
    """Notes accesses in one state of one frame."""

    def __init__(self, frame: Frame, state: State, pointing: Pointing) -> None:
        self._frame = frame
        self._state = state
        self._pointing = pointing

    def access(
        self,
        pointer: Value,
        need: Value,
        span: Span,
        *,
        write: bool,
        what: str,
        seen_as: TypeRef | None = None,
        kind: str = "access",
        name: str = "",
        param: int = -1,
        refuses_null: bool = False,
    ) -> None:
        """Note that `need` bytes behind a pointer are touched, unless they are known to be there."""
        frame = self._frame
        if kind == "pass" and write:
            frame.hand_on(self._pointing.targets(pointer))
        if not frame.recording:
            return
        if frame.lookups:
            self._lookup(pointer, span)
        targets = tuple(t for t in self._pointing.targets(pointer) if not self._proven(t, need))
        interesting = bool(pointer.taints) or any(t.location.kind in ("param", "global", "source") for t in targets)
        if not interesting:
            # Memory of the enclave: worth a note only when somebody else may decide how much of it is touched.
            targets = tuple(t for t in targets if self._movable(t, need))
            if not targets:
                return
        if frame.rounds:
            targets = tuple(self._furthest(t) for t in targets)
        if frame.products:
            targets = tuple(as_allocated(frame, self._state, t) for t in targets)
        term = pointer.term
        if all(t.location.kind == "global" and t.extent is None and len(t.location.path) > DEEP for t in targets):
            # Deep inside what a global leads to: whose memory it is matters, how far into it does not.
            base = self._pointing.base(pointer)
            targets = tuple(replace(t, offset=None) for t in targets)
            term = atom(base) if base is not None and base.kind == "global" else None
            need = UNKNOWN
        subject = Value(term, pointer.taints, targets, pointer.trail)
        function = frame.function.qualified
        event = Event(kind, subject, span, function, what, name, need, seen_as, write, param=param)
        frame.note(replace(event, refuses_null=True) if refuses_null else event, self._state)

    def _furthest(self, target: Target) -> Target:
        """Where the last round of a loop gets to, in memory that somebody else provides."""
        if target.offset is None or DEREF not in target.location.path:
            return target
        offset = target.offset
        for symbol, weight in offset.vector:
            last = self._frame.rounds.get(symbol)
            if last is not None and weight > 0:
                offset = add(offset, add(atom(symbol), constant(last), -1), -weight)
        return replace(target, offset=offset)

    def released(self, pointer: Value, invoke: Invoke, position: int) -> None:
        """Note that an allocator gets a pointer back: it writes around the address, whoever chose it."""
        if pointer.taints and pointer.term is not None:
            span = invoke.args[position].span
            self.access(
                pointer, UNKNOWN, span, write=True, what=invoke.name, kind="pass", name=RELEASED, param=position
            )

    def fetched(self, target: Target, span: Span, what: str, seen_as: TypeRef | None = None, name: str = "") -> None:
        """Note that bytes behind a pointer, written `name`, are read, unless the enclave wrote them itself."""
        location = target.location
        if location.kind not in ("param", "global", "source") or DEREF not in location.path:
            return
        if not self._frame.recording or self._frame.showing:
            # What is only shown decides nothing, however often it is read.
            return
        known = self._state.memory.get(location)
        if known is not None and (location.path[-1:] not in ((DEREF,), (ELEMENT,)) or location not in known.taints):
            # The enclave wrote it; a write to one element leaves the others as they were.
            return
        if target.offset is None or target.offset.vector or len(location.path) >= MAX_PATH:
            # Two reads whose distance is not known are not the same read.
            return
        subject = Value(None, frozenset((location,)), (target,))
        event = Event("fetch", subject, span, self._frame.function.qualified, what, name, type=seen_as)
        self._frame.note(event, self._state)

    def _lookup(self, pointer: Value, span: Span) -> None:
        """Note the use of what a lookup answered, when nobody asked whether it is NULL."""
        symbol = self._pointing.base(pointer)
        if symbol is None or symbol not in self._frame.lookups or not self._state.has(symbol, "maybe-null"):
            return
        if not self._state.has(symbol, "nonnull") and not self._state.has(symbol, "null"):
            keys, called = self._frame.lookups[symbol]
            subject = Value(None, keys)
            self._frame.note(Event("null", subject, span, self._frame.function.qualified, called), self._state)

    def _proven(self, target: Target, need: Value) -> bool:
        if target.extent is None or target.offset is None or need.term is None:
            return False
        if target.location.kind not in ("local", "heap", "global", "text"):
            return False
        end = add(add(target.offset, need.term), target.extent, -1)
        bounds, ranges = target.known(self._state.bounds), self._frame.ranges
        return (
            at_most_zero(end, bounds, ranges)
            and at_most_zero(scale(target.offset, -1), bounds, ranges)
            and at_most_zero(scale(need.term, -1), bounds, ranges)
        )

    def _movable(self, target: Target, need: Value) -> bool:
        if target.extent is None:
            return False
        if need.taints:
            return True
        terms = [t for t in (target.offset, need.term, target.extent) if t is not None]
        return any(t.vector for t in terms)
