"""What leaves the enclave: OCALL arguments, prints, output parameters, results, memory of the host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.flows import Flow, Flows, one_line, path_of
from edlint.analysis.meaning import Boundary
from edlint.analysis.reported import ENDS, PRINTS
from edlint.analysis.rows import rows_of
from edlint.analysis.taint.events import Event, Write
from edlint.analysis.taint.sealing import BY_USE
from edlint.analysis.taint.symbols import DEREF, SECRETS, Symbol
from edlint.analysis.taint.told import SMALL
from edlint.analysis.taint.values import Target, Value
from edlint.finding import Label
from edlint.model.unit import Function
from edlint.source import Span

_NAME = re.compile(r"[A-Za-z_]\w*")
_MEASURES = re.compile(r"through '(\w*strn?len\w*|wcsn?len|size|length|\w*_size)'")

MANY = 4
"""Variables that a number derives from, from which on it counts as computed and not as given."""

_SHOWS = re.compile(f"{PRINTS.pattern}|{ENDS.pattern}|error|assert|dump|show|hex|display|send|write", re.IGNORECASE)
"""Names of functions that show what they are given, however long they are."""

ENCLAVE = frozenset(("local", "heap", "global", "in"))
"""Kinds of locations in memory of the enclave; `in` is a local of a function that was called."""


@dataclass(frozen=True, slots=True)
class Departure:
    """Something that leaves, at one place."""

    flow: Flow
    span: Span
    way: str
    """ocall, print, output, host-memory, result."""
    sink: str
    """The OCALL, the printing function, or the parameter."""

    @property
    def function(self) -> str:
        """The function that the place is in."""
        event = self.flow.event
        return next((v.caller for v in event.via if v.span == self.span), event.function)

    @property
    def label(self) -> str:
        """For the primary place."""
        match self.way:
            case "ocall":
                return f"goes to the host through OCALL '{self.sink}'"
            case "print":
                return f"'{self.sink}' ends in the host"
            case "output":
                return f"the bridge copies '{self.sink}' to the host"
            case "host-memory":
                return "this memory is the host's"
            case _:
                return "the host gets the result"

    @property
    def path(self) -> tuple[Label, ...]:
        """From the source to the place."""
        steps = path_of(self.flow.meaning, self.flow.event, self.flow.before)
        place = one_line(self.span)
        if self.span != self.flow.event.span:
            return (*steps[:-1], Label(one_line(self.flow.event.span), self.label))
        kept = [s for s in steps[:-1] if s.span != place or s is steps[0]]
        return (*kept, Label(place, self.label))


class Departures:
    """All that leaves, with what it derives from."""

    def __init__(self, flows: Flows) -> None:
        self._flows = flows
        self._long = frozenset(f.qualified for f in flows.graph.reached if _is_long(f))
        self._all = tuple(self._read())

    @staticmethod
    def build(flows: Flows) -> Departures:
        """The departures of a program."""
        return Departures(flows)

    def of(self, kinds: tuple[str, ...]) -> Iterator[Departure]:
        """Departures of what derives from sources of some kinds, each source once a place."""
        found = [d for d in self._all if d.flow.meaning.kind in kinds]
        # What one OCALL behind a call gets is a length: what others of its name get there is reckoned from it.
        lengths = {_from(d) for d in found if _is_length(d.flow)}
        seen: set[tuple[object, ...]] = set()
        for departure in found:
            key = (departure.span, departure.way, departure.sink, departure.flow.meaning.label.span)
            if key in seen or _from(departure) in lengths:
                continue
            seen.add(key)
            if not (self._goes_both_ways(departure.flow) or self._is_known(departure.flow)):
                yield departure

    def _goes_both_ways(self, flow: Flow) -> bool:
        """Whether a plaintext comes from a function that encrypts into the same place: callers say which of the two."""
        info = flow.meaning.info
        if info is None or flow.meaning.kind != "plaintext":
            return False
        output = _first_name(info.name)
        functions = (f for f in self._flows.graph.reached if f.qualified == info.function)
        return bool(output) and any(
            row.word == "clean"
            and row.kind == "encrypted"
            and 0 <= row.at.arg < len(invoke.args)
            and _first_name(invoke.args[row.at.arg].span.text) == output
            for function in functions
            for invoke in function.body.invokes()
            if invoke.span != info.span
            for row in rows_of(self._flows.program.sdk, invoke)
        )

    def _is_known(self, flow: Flow) -> bool:
        """Whether what an enclave seals or uses as a key came from the host, at least in part: that is no news."""
        event = flow.event
        others = self._flows.flows(flow.root, event, event.subject.taints) if flow.meaning.kind in BY_USE else ()
        return any(other.meaning.kind not in SECRETS for other in others)

    def _read(self) -> Iterator[Departure]:
        for root, event in self._flows.events("sink"):
            if event.what not in ("host-sink", "host-address"):
                continue
            way = "ocall" if event.use is not None else "print"
            sink = event.use.call.name if event.use is not None else called(event)
            if _is_mixed(event):
                continue
            for flow in self._flows.flows(root, event, event.subject.taints):
                yield Departure(flow, self._place(event, flow), way, sink)
        for root in self._flows.roots:
            boundary = self._flows.boundary(root)
            summary = self._flows.analysis.summaries[root]
            if boundary is not None:
                for write in summary.writes:
                    yield from self._written(root, boundary, write)

    def _place(self, event: Event, flow: Flow) -> Span:
        """Where the one who holds the secret lets it go: in the function that got it.

        Else at the outermost call from which on nothing happens but that it is shown: who does more with it is to
        blame for what it shows, not all who call it.
        """
        info = flow.meaning.info
        holder = info.function if info is not None else ""
        if not event.via or holder == event.function:
            return event.span
        for via in event.via:
            if via.caller == holder:
                return via.span
        place = event.span
        for via in reversed(event.via):
            if via.callee in self._long:
                break
            place = via.span
        return place

    def _written(self, root: Function, boundary: Boundary, write: Write) -> Iterator[Departure]:
        location = write.location
        if location.kind == "param" and DEREF in location.path:
            param = boundary.param(location.number)
            if param is None:
                return
            if param.bridge.copies_out and location.path.count(DEREF) == 1:
                way = "output"
            elif param.bridge.is_raw:
                way = "host-memory"
            else:
                return
            yield from self._gone(root, write.value, way, param.name)

    def _gone(self, root: Function, value: Value, way: str, sink: str) -> Iterator[Departure]:
        steps = value.trail.steps() if value.trail is not None else []
        if not steps:
            return
        span = steps[-1][0]
        frame = self._flows.analysis.frames[root]
        within = next((f for f in self._flows.graph.reached if f.extent.covers(span)), frame.function)
        event = Event("sink", value, span, within.qualified, "host-sink", sink)
        for flow in self._flows.flows(root, event, value.taints):
            yield Departure(flow, span, way, sink)


def _is_mixed(event: Event) -> bool:
    """Whether a number for the host is computed from many things: it says little of a secret among them."""
    params = event.use.call.params if event.use is not None else ()
    if event.subject.targets or (0 <= event.param < len(params) and params[event.param].type.is_pointer):
        return False
    return sum(t.kind in ("param", "global") for t in event.subject.taints) >= MANY


def _is_length(flow: Flow) -> bool:
    """Whether what leaves is how long a secret is: its way leads through a function that measures."""
    trail = flow.event.subject.trail
    return trail is not None and any(_MEASURES.fullmatch(text) for _, text in trail.steps())


def _from(departure: Departure) -> tuple[object, ...]:
    """What leaves for where, behind one call of the function that has it."""
    event = departure.flow.event
    place = event.via[0].span if event.via else event.span
    return (place, departure.way, departure.sink, departure.flow.meaning.label.span)


def _first_name(text: str) -> str:
    found = _NAME.search(text)
    return found.group() if found is not None else ""


def called(event: Event) -> str:
    """The function whose call an event is, as the text has it."""
    text = event.span.text
    name = text.split("(", 1)[0].strip()
    return name if name.replace("_", "a").replace(":", "a").isalnum() else event.name


def _is_long(function: Function) -> bool:
    """Whether it does more than to show what it is given."""
    return sum(len(b.ops) for b in function.body.blocks) >= SMALL and not _SHOWS.search(function.name)


def inside(targets: tuple[Target, ...]) -> Target | None:
    """The first target that lies in memory of the enclave, or None."""
    return next((t for t in targets if t.location.kind in ENCLAVE and not _is_host(t.location)), None)


def _is_host(location: Symbol) -> bool:
    return location.kind in ("global", "in") and DEREF in location.path


def given_by_ocalls(flows: Flows, name: re.Pattern[str]) -> Iterator[Flow]:
    """OCALLs whose name or buffer says that they give something of a kind, each call once."""
    seen: set[object] = set()
    for info in flows.analysis.registry.infos:
        if info.use is None or info.span in seen or not flows.roots:
            continue
        call = info.use.call
        gives = info.param >= 0 or not call.result.is_void
        if not gives or not name.search(call.name) or call.name.lower().startswith(("srand", "print")):
            continue
        filled = [i for i, p in enumerate(call.params) if p.bridge.copies_out]
        if filled and info.param not in filled:
            continue
        seen.add(info.span)
        symbol = flows.analysis.registry.symbol(info)
        meaning = flows.reader(flows.roots[0]).read(symbol)
        if meaning is not None:
            event = Event("give", Value(None, frozenset((symbol,))), info.span, info.function)
            yield Flow(event, symbol, meaning, flows.roots[0])
