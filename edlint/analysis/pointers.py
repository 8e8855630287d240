"""Pointers that came from outside, where they are used, and what was checked before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from edlint.analysis.flows import Flow, Flows, one_line
from edlint.analysis.limits import Limits
from edlint.analysis.meaning import Meaning, is_nested_raw
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.numbers import at_most_zero, greatest
from edlint.analysis.taint.state import Check, Computed
from edlint.analysis.taint.symbols import SECRETS, ZERO, Linear, Symbol, add
from edlint.analysis.taint.touches import RELEASED
from edlint.finding import Label
from edlint.model.types import TypeKind, TypeRef
from edlint.model.unit import Function
from edlint.source import Span

MAX_ELSEWHERE = 8
"""Further places that a finding shows."""

NEAR = 3
"""Lines around a finding in which another use is no news."""


class Guarding(StrEnum):
    """What stands between an address of the host and its use."""

    CHECKED = "checked"
    NONE = "none"
    ASSERTED = "asserted"
    """Checked in an assert only."""
    INSIDE = "inside"
    """Proven to lie inside the enclave, which is where the host wants it."""
    NEGATED = "negated"
    """Used exactly when the check failed, or after the negation of a check for inside."""
    SHORT = "short"
    """Checked for fewer bytes than are used."""
    WRAPPED = "wrapped"
    """Checked for a number of bytes whose computation can start again at zero."""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of one pointer that came from outside."""

    flow: Flow
    guarding: Guarding
    null_tested: bool
    integer: bool
    """It is declared as a number."""
    handed_on: bool
    """It goes to code that nobody sees."""
    is_handle: bool
    """It points to an object of the enclave rather than to bytes, or is a bare number."""
    computed: Computed | None = None
    """Where the number of bytes that the check covers was computed, when that can wrap."""

    @property
    def event(self) -> Event:
        """The use."""
        return self.flow.event

    @property
    def meaning(self) -> Meaning:
        """What the pointer is."""
        return self.flow.meaning

    @property
    def kind(self) -> str:
        """What kind of pointer: host, boundary, nested, ocall, integer."""
        return pointer_kind(self.flow.meaning, self.integer)


class Pointers:
    """All uses of pointers that came from outside."""

    def __init__(self, flows: Flows) -> None:
        self.flows = flows
        self.uses = tuple(self._uses())

    @staticmethod
    def build(flows: Flows) -> Pointers:
        """The uses in a program."""
        return Pointers(flows)

    def of(self, *kinds: str) -> Iterator[Use]:
        """The uses of pointers of some kinds."""
        return (u for u in self.uses if u.kind in kinds)

    def by_cause(self, *kinds: str) -> list[list[Use]]:
        """The same, together by what came in: one cause, many uses, root by root in the order of the text."""
        groups: dict[tuple[object, ...], list[Use]] = {}
        for use in self.of(*kinds):
            meaning = use.meaning
            groups.setdefault((meaning.call, _order(meaning.label.span), meaning.name), []).append(use)
        for uses in groups.values():
            roots = {u.flow.root: n for n, u in reversed(list(enumerate(uses)))}
            uses.sort(key=lambda u: (roots[u.flow.root], u.event.place))
        return list(groups.values())

    def _uses(self) -> Iterator[Use]:
        seen: set[tuple[object, ...]] = set()
        for root, event in self.flows.events("access", "pass"):
            if event.subject.term is None:
                continue
            guarding: Guarding | None = None
            computed: Computed | None = None
            for flow in self.flows.flows(root, event, event.subject.taints):
                meaning = flow.meaning
                if meaning.kind in (*SECRETS, "counter", "host-memory-block"):
                    continue
                reference = self._type(root, flow.symbol, meaning)
                integer = reference is not None and not reference.is_pointer
                if not self._is_pointer(flow, integer, event):
                    continue
                if guarding is None:
                    guarding, computed = self._guarding(root, event)
                own = self._own(root, event, flow.symbol) if guarding is Guarding.NONE else guarding
                key = (event.span, event.function, meaning.label.span, meaning.name, event.checks)
                if key in seen:
                    continue
                seen.add(key)
                stored = self._guarded_before(flow)
                yield Use(
                    flow,
                    Guarding.CHECKED if stored else own,
                    _null_tested(event, flow.symbol),
                    integer,
                    event.kind == "pass",
                    integer or event.name == "member" or self._is_object(reference),
                    computed,
                )

    def _is_object(self, reference: TypeRef | None) -> bool:
        """Whether a pointer is to a struct, or to something of which nothing is known, and not to bytes."""
        if reference is None or reference.pointers != 1:
            return False
        return reference.kind not in (TypeKind.BUILTIN, TypeKind.ENUM) and not reference.base.endswith("int8_t")

    def _type(self, root: Function, symbol: Symbol, meaning: Meaning) -> TypeRef | None:
        """The type that the C code gives to what came in."""
        layout = self.flows.analysis.layout
        if symbol.kind == "param":
            frame = self.flows.analysis.frames[root]
            found = frame.type_of(symbol)
        else:
            found = None
            if meaning.type is not None and not meaning.path:
                found = meaning.type
        return layout.resolve(found) if found is not None else None

    def _is_pointer(self, flow: Flow, integer: bool, event: Event) -> bool:
        meaning = flow.meaning
        if meaning.kind in ("host-pointer", "boundary-pointer", "ocall-pointer"):
            return True
        if event.kind == "pass" and integer and event.name != RELEASED:
            # A number handed on is a number.
            return False
        base = flow.event.subject.term
        weights = dict(base.vector) if base is not None else {}
        if flow.symbol in weights and weights[flow.symbol] != 1:
            return False
        if meaning.kind in ("ocall-scalar", "host-scalar") and self._is_distance(flow, weights):
            return False
        if meaning.kind == "ocall-scalar":
            return event.kind == "access" and self._is_wide(flow)
        if meaning.kind == "host-scalar":
            return integer and not self._is_small(flow)
        if meaning.kind in ("host-bytes", "host-memory"):
            return self._is_nested(flow, integer, event)
        return False

    def _is_distance(self, flow: Flow, weights: Mapping[Symbol, int]) -> bool:
        """Whether another summand is the address, and the number only says how far from it."""
        frame = self.flows.analysis.frames[flow.root]
        for symbol, weight in weights.items():
            if weight != 1 or symbol == flow.symbol:
                continue
            ref = frame.type_of(symbol)
            if symbol.kind == "addr" or (ref is not None and ref.is_pointer):
                return True
        return False

    def _is_wide(self, flow: Flow) -> bool:
        layout = self.flows.analysis.layout
        ref = flow.meaning.type
        return ref is not None and len(flow.meaning.path) <= 1 and layout.size(replace(ref, pointers=0)) == 8

    def _is_small(self, flow: Flow) -> bool:
        layout = self.flows.analysis.layout
        size = layout.size(flow.meaning.type) if flow.meaning.type is not None else None
        return size is not None and size < 8

    def _is_nested(self, flow: Flow, integer: bool, event: Event) -> bool:
        meaning = flow.meaning
        if event.subject.symbol is None and flow.symbol.kind == "param" and len(event.subject.taints) > 1:
            return False
        if meaning.param is None:
            return False
        boundary = self.flows.boundary(flow.root)
        if meaning.kind == "host-bytes" and boundary is not None:
            return is_nested_raw(boundary.interface, meaning.param, meaning.path)
        return not (integer and event.kind == "pass" and event.name != RELEASED)

    def _guarding(self, root: Function, event: Event) -> tuple[Guarding, Computed | None]:
        """What the checks on the way prove of the bytes that are used, and by which computation not enough."""
        term = event.subject.term
        symbols = set(term.symbols) if term is not None else set()
        checks = [c for s, known in event.checks if s in symbols for c in known]
        strong = [c for c in checks if c.kind == "outside" and not c.weak]
        if strong:
            enough = [c for c in strong if not self._is_short(root, event, c)]
            wrapped = [c.computed for c in enough if self._is_wrapped(root, event, c)]
            if enough and len(wrapped) == len(enough):
                return Guarding.WRAPPED, min(c for c in wrapped if c is not None)
            return Guarding.CHECKED if enough else Guarding.SHORT, None
        if any(c.kind == "null" for c in checks):
            return Guarding.CHECKED, None
        if any(c.kind == "outside" for c in checks):
            return Guarding.ASSERTED, None
        if any(c.kind == "inside" for c in checks):
            return Guarding.INSIDE, None
        if any(c.kind in ("not-outside", "not-inside") for c in checks):
            return Guarding.NEGATED, None
        return Guarding.NONE, None

    def _own(self, root: Function, event: Event, symbol: Symbol) -> Guarding:
        """What was checked of one address before a loop, a branch or an array of globals put others beside it."""
        term = event.subject.term
        if term is None or not any(s.kind in ("phi", "in") for s in term.symbols):
            return Guarding.NONE
        kept = bool(event.subject.targets) and all(t.location.kind == "global" for t in event.subject.targets)
        if not kept and not any(s.kind == "phi" for s in term.symbols):
            return Guarding.NONE
        strong = [c for s, known in event.checks if s == symbol for c in known if c.kind == "outside" and not c.weak]
        # How far what a global keeps may be used is not in the check that was made before it was kept there.
        enough = [c for c in strong if kept or not self._is_short(root, event, c)]
        return Guarding.CHECKED if enough else Guarding.NONE

    def _is_short(self, root: Function, event: Event, check: Check) -> bool:
        """Whether an access goes beyond what was checked: provably, or as far as the host likes."""
        frame = self.flows.analysis.frames[root]
        end = _end(event)
        if check.extent is None or end is None:
            return False
        beyond = add(end, check.extent, -1)
        facts = dict(event.facts)
        if at_most_zero(beyond, facts, frame.ranges):
            return False
        if beyond.is_constant:
            return beyond.constant > 0
        limits = Limits(self.flows, root, event, facts)
        measured = [limits.own(symbol) for symbol in check.extent.symbols]
        if not all(measured):
            return False
        return bool(limits.culprits(limits.deciding(end.symbols).difference(*measured)))

    def _is_wrapped(self, root: Function, event: Event, check: Check) -> bool:
        """Whether what was checked is a sum or product that can wrap, and something else decides what is used."""
        extent, how = check.extent, check.computed
        if how is None or extent is None or event.need.term is None:
            return False
        if event.need.term == extent and all(t.offset is None or t.offset == ZERO for t in event.subject.targets):
            return False
        frame = self.flows.analysis.frames[root]
        facts = dict(event.facts)
        top = greatest(extent, facts, frame.ranges)
        if top is not None:
            return top >= 1 << how.width
        limits = Limits(self.flows, root, event, facts)
        if limits.keep(extent) or any(limits.is_divided(s) for s in extent.symbols):
            return False
        return bool(limits.culprits(limits.deciding(extent.symbols)))

    def _guarded_before(self, flow: Flow) -> bool:
        """Whether what a global holds was checked before it was kept there."""
        if not flow.before:
            return False
        if flow.symbol.kind != "global":
            return False
        keepers = list(self.flows.keepers(flow.symbol))
        return bool(keepers) and all(
            any(c.kind == "outside" and not c.weak for s, known in event.checks for c in known)
            for _, event in keepers
            if event.subject.taints and event.subject.term is not None and event.subject.number is None
        )


def _end(event: Event) -> Linear | None:
    """How far from its base on an access goes, where one pointer is known to reach it."""
    targets = event.subject.targets
    if event.need.term is None or len(targets) != 1 or targets[0].offset is None:
        return event.need.term
    return add(event.need.term, targets[0].offset)


def elsewhere(uses: list[Use]) -> tuple[Label, ...]:
    """Further places of one cause, none beside another: the first of each function, then more of each."""
    places = [(e.function, span) for e in (u.event for u in uses) for span in (e.span, *e.others)]
    shown = [places[0]]
    firsts = {
        function: (function, span) for function, span in reversed(places[1:]) if not _is_near(function, span, shown)
    }
    for function, span in (*reversed(firsts.values()), *places):
        if len(shown) <= MAX_ELSEWHERE and not _is_near(function, span, shown):
            shown.append((function, span))
    return tuple(Label(one_line(span), "also used here") for _, span in shown[1:])


def _is_near(function: str, span: Span, shown: Iterable[tuple[str, Span]]) -> bool:
    return any(function == where and abs(span.line - other.line) <= NEAR for where, other in shown)


def pointer_kind(meaning: Meaning, integer: bool) -> str:
    """What kind of pointer a meaning is when it is used as one."""
    match meaning.kind:
        case "host-pointer":
            return "host"
        case "boundary-pointer":
            return "boundary"
        case "ocall-pointer" | "ocall-scalar":
            return "ocall"
        case "host-scalar":
            return "integer"
        case _:
            return "integer" if integer else "nested"


def _null_tested(event: Event, symbol: Symbol) -> bool:
    symbols = set(event.subject.term.symbols) if event.subject.term is not None else set()
    symbols.add(symbol)
    return any(c.kind in ("nonnull", "null") for s, known in event.checks if s in symbols for c in known)


def _order(span: Span) -> tuple[str, int, int]:
    return span.order
