"""What a function does that a rule may ask for, and the summary that its callers see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from edlint.analysis.proxies import ProxyUse
from edlint.analysis.taint.state import Check, Fact, Outcome
from edlint.analysis.taint.symbols import Linear, Symbol, Vector, is_secret
from edlint.analysis.taint.values import NO_TAINT, UNKNOWN, Trail, Value
from edlint.model.types import TypeKind, TypeRef
from edlint.record import record
from edlint.source import Span

MAX_EVENTS = 160
"""Events that one summary keeps."""

MAX_COPIED = 40
"""Events that a summary keeps beside these of what static functions of headers do, so that they displace nothing."""

MAX_WRITES = 48
"""Writes that one summary keeps."""


class SourceInfo(NamedTuple):
    """Where something came in that is no parameter."""

    kind: str
    span: Span
    function: str
    """The function of the program in which it happens."""
    called: str
    """The call that gave it."""
    use: ProxyUse | None = None
    param: int = -1
    """Position of the OCALL's parameter; -1 for its result."""
    size: Linear | None = None
    """Heap: bytes asked for, in terms of the function."""
    name: str = ""
    """The variable that first held it."""


class Origin(NamedTuple):
    """What an opaque symbol of a frame derives from."""

    symbol: Symbol
    taints: frozenset[Symbol]
    trail: Trail | None


class Via(NamedTuple):
    """One call between the root and an event."""

    span: Span
    caller: str
    callee: str
    copied: bool = False
    """The callee is a static function of a header."""


class Known(NamedTuple):
    """What the path to an event knows of its terms."""

    facts: tuple[tuple[Vector, int], ...] = ()
    hopes: tuple[tuple[Vector, int], ...] = ()
    checks: tuple[tuple[Symbol, frozenset[Check]], ...] = ()


NOTHING_KNOWN = Known()
HEADER = TypeRef("header", TypeKind.STRUCT)
"""As what a function of a library reads memory that it takes for a struct of its own."""


@record(frozen=True, slots=True)
class Event:
    """Something that happens at one place, in terms of the parameters of the function that is summarised."""

    kind: str
    """access: memory is touched through `subject`; pass: an address is handed to code that nobody sees;
    alloc, stack: memory of `need` bytes is taken; sink: `subject` reaches a sink of kind `what`;
    fetch: `subject` is read from memory behind a pointer; address: an address of the enclave is given away;
    padded: an access, of a cipher that pads when that is what `need` derives from;
    string, open-string: bytes are read up to a terminator, which those of an OCALL need not have;
    raw: bytes that nobody wrote are copied to where `subject` points;
    test: a value is decided on; give: a function gives `subject` back; keep: `subject` is stored in a global."""
    subject: Value
    span: Span
    function: str
    what: str = ""
    """The function called, or the kind of the sink, or the operation."""
    name: str = ""
    """How the subject is written at the place."""
    need: Value = UNKNOWN
    """Bytes touched from the subject's address on, or asked for; its taints are those of the length."""
    type: TypeRef | None = None
    """As what the memory is read."""
    write: bool = False
    repeated: bool = False
    """Inside a loop."""
    facts: tuple[tuple[Vector, int], ...] = ()
    hopes: tuple[tuple[Vector, int], ...] = ()
    checks: tuple[tuple[Symbol, frozenset[Check]], ...] = ()
    origins: tuple[Origin, ...] = ()
    via: tuple[Via, ...] = ()
    """Calls from the summarised function down to the place."""
    count: int = 1
    """Places that this one stands for."""
    use: ProxyUse | None = None
    """The OCALL of a sink at the boundary."""
    param: int = -1
    """Position of the OCALL's parameter, or of the argument."""
    others: tuple[Span, ...] = ()
    """Some of the other places that this one stands for."""
    refuses_null: bool = False
    """The function called tests the address for NULL itself."""
    widest: tuple[Span, str, str] | None = None
    """The place that reaches furthest of those that this one stands for, where it is another one: with its `what` and
    `name`."""
    width: int = 0
    """Bits in which `need`, a sum or product, was computed; 0 where that is not known."""

    def seen_by(self, via: Via, subject: Value, need: Value, known: Known = NOTHING_KNOWN) -> Event:
        """The same event in terms of a caller, with what the callee knew about it."""
        return Event(
            self.kind,
            subject,
            self.span,
            self.function,
            self.what,
            self.name,
            need,
            self.type,
            self.write,
            self.repeated,
            known.facts,
            known.hopes,
            known.checks,
            (),
            (via, *self.via),
            self.count,
            self.use,
            self.param,
            self.others,
            self.refuses_null,
            self.widest,
        )

    @property
    def key(self) -> tuple[object, ...]:
        """Events of one function with the same key have one cause."""
        moves = self.need.term is not None and bool(self.need.term.vector)
        moves = moves or any(t.offset is not None and t.offset.vector for t in self.subject.targets)
        return (
            self.kind,
            self.subject.term if not moves and self.kind not in ("test", "loop") else None,
            self.subject.taints,
            self.what if self.kind in ("sink", "address", "fetch") else "",
            self.need.term if self.kind in ("alloc", "stack") or moves else None,
            self.checks,
            tuple(t if moves else t.location for t in self.subject.targets)
            if self.kind in ("access", "padded", "keep", "fetch")
            else (),
            self.write,
            self.refuses_null,
            self.span if self.kind in ("fetch", "sink", "address", "keep") else None,
            # A secret that a helper shows is shown at each call of the helper.
            self.via[0].span if self.kind == "sink" and self.via and any(map(is_secret, self.subject.taints)) else None,
        )

    @property
    def place(self) -> tuple[tuple[str, int, int], ...]:
        """Sorts events of one function as a reader meets them: a call's events stand where the call is."""
        return (*(v.span.order for v in self.via), self.span.order)

    @property
    def reach(self) -> int:
        """The end of an access of fixed size, 0 for any other."""
        if self.need.term is None or self.need.term.vector:
            return 0
        ends = [t.offset.constant for t in self.subject.targets if t.offset is not None and not t.offset.vector]
        return self.need.term.constant + max(ends, default=0)


RESULT = Symbol("result", "")
"""In a summary's facts: what the function returns."""


class Write(NamedTuple):
    """What a location that the caller knows holds afterwards."""

    location: Symbol
    value: Value
    certain: bool
    by_sign: tuple[Value | None, ...] = ()
    """What it holds when the result is negative, zero, positive; None where that is not one value. Empty when it is
    the same every time."""
    answer: Outcome | None = None
    """What the sign of the value says about the arguments, as of a flag that keeps whether a check passed."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What callers see of a function."""

    function: str
    result: Value = UNKNOWN
    outcome: Outcome = field(default_factory=Outcome)
    """What the result's sign says about the arguments."""
    always: tuple[Fact, ...] = ()
    """What holds of the arguments whenever the function comes back."""
    writes: tuple[Write, ...] = ()
    events: tuple[Event, ...] = ()
    origins: tuple[Origin, ...] = ()
    facts: tuple[tuple[Vector, int], ...] = ()
    """Bounds of the result and of what is written."""
    returns: bool = True
    params: int = 0
    """Named parameters."""
    nullable: bool = False
    """Some way through it returns a plain NULL, and another one an address."""
    handed: tuple[Symbol, ...] = ()
    """Memory of the caller whose address code that nobody sees was given."""
    copied: bool = False
    """The function is a static one of a header."""
    complete: bool = True
    """False when the function was too large to be followed to the end."""


EMPTY = Summary("")

__all__ = [
    "EMPTY",
    "MAX_COPIED",
    "MAX_EVENTS",
    "MAX_WRITES",
    "NO_TAINT",
    "RESULT",
    "Event",
    "Origin",
    "SourceInfo",
    "Summary",
    "Via",
    "Write",
]
