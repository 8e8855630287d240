"""Results of OCALLs that a wrapper gives to its caller as a count of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.flows import Flow, Flows
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.symbols import Symbol
from edlint.model.interface import Call
from edlint.model.unit import Function

_LENGTH = re.compile(r"len|size|count|used|got|read|written|bytes|num|ret", re.IGNORECASE)
_STATUS = re.compile(r"status|result|error|bool|code", re.IGNORECASE)
_SENDS = re.compile(r"send|write", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """A function that returns what an OCALL returned."""

    flow: Flow
    buffer: str
    """The parameter of the OCALL that the count is about."""

    @property
    def event(self) -> Event:
        """The return."""
        return self.flow.event


def returned_counts(flows: Flows) -> Iterator[Given]:
    """Counts that an OCALL gave for a buffer, returned, added up or written out with no upper bound on the way."""
    seen: set[object] = set()
    for function in flows.graph.reached:
        frame = flows.analysis.frames[function]
        for event in (*frame.settled, *_written_out(flows, function)):
            symbol = event.subject.symbol
            if event.kind not in ("give", "count", "out") or symbol is None or event.span in seen:
                continue
            taints = event.subject.taints if event.kind == "count" else frozenset((symbol,))
            use = next((u for t in sorted(taints) if (u := _filling(flows, t)) is not None), None)
            if use is None or _is_bounded(event, frame) or (event.kind == "give" and event.via):
                continue
            if event.kind == "give" and not _is_count(function, use[0], frame):
                continue
            seen.add(event.span)
            for flow in flows.flows(function, event, event.subject.taints):
                yield Given(flow, use[1])
                break


def _filling(flows: Flows, symbol: Symbol) -> tuple[Call, str] | None:
    """The OCALL that gave a count, with the parameter that the count is about."""
    if symbol.kind != "source":
        return None
    info = flows.analysis.registry.info(symbol.root)
    if info.use is None or len(symbol.path) > 1:
        return None
    call = info.use.call
    if info.param >= 0 and not _LENGTH.search(call.params[info.param].name):
        return None
    buffer = _filled(call, written=info.param < 0 and bool(_SENDS.search(call.name)))
    if info.param < 0 and buffer is not None and _has_own_count(call, buffer):
        return None
    return (call, buffer) if buffer is not None else None


def _has_own_count(call: Call, buffer: str) -> bool:
    """Whether the count for a buffer comes in a parameter of its own: `accept(fd, [out] addr, n, [out] addrlen)`."""
    return any(
        p.name.lower().startswith(buffer.lower())
        and p.name != buffer
        and p.bridge.copies_out
        and _LENGTH.search(p.name)
        for p in call.params
    )


def _written_out(flows: Flows, function: Function) -> Iterator[Event]:
    """Output parameters of a wrapper that hold what the OCALL wrote, as it is."""
    summary = flows.analysis.summaries[function]
    for write in summary.writes:
        symbol = write.value.symbol
        if write.location.kind == "param" and symbol is not None and symbol.kind == "source":
            info = flows.analysis.registry.info(symbol.root)
            if info.use is not None and info.param >= 0:
                yield Event("out", write.value, info.span, function.qualified, facts=summary.facts)


def _filled(call: Call, *, written: bool) -> str | None:
    """The parameter that the host fills, or takes, up to a length that the enclave gives."""
    for param in call.params:
        extent = param.bridge.extent
        if (param.bridge.copies_out or written) and extent is not None and extent.names and not extent.string:
            return param.name
    return None


def _is_count(function: Function, call: Call, frame: Frame) -> bool:
    """Whether the result can be a count: as wide as a length, not a status type."""
    base = frame.layout.resolve(call.result).base
    own = function.result.base
    wide = ("int", "long", "ssize_t", "size_t", "uint32_t", "int32_t", "int64_t", "uint64_t", "unsigned int", "short")
    return (base in wide or base.startswith(("unsigned", "long"))) and not _STATUS.search(own)


def _is_bounded(event: Event, frame: Frame) -> bool:
    symbol = event.subject.symbol
    for vector, _ in event.facts:
        weights = dict(vector)
        if symbol is not None and weights.get(symbol, 0) > 0:
            return True
    return False


def returned_pointers(flows: Flows) -> Iterator[Flow]:
    """Wrappers that return the address an OCALL gave, with no check on the way."""
    seen: set[object] = set()
    for function in flows.graph.reached:
        for event in flows.analysis.frames[function].settled:
            symbol = event.subject.symbol
            if event.kind != "give" or event.via or symbol is None or symbol.kind != "source" or event.span in seen:
                continue
            if not function.result.is_pointer or any(
                c.kind == "outside" and not c.weak for s, known in event.checks if s == symbol for c in known
            ):
                continue
            seen.add(event.span)
            for flow in flows.flows(function, event, event.subject.taints):
                if flow.meaning.kind in ("ocall-pointer", "ocall-scalar"):
                    yield flow
                    break
