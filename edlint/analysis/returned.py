"""Results of OCALLs that a wrapper gives to its caller as a count of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.flows import Flow, Flows
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import Frame
from edlint.model.interface import Call
from edlint.model.unit import Function


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
    """Wrappers that return the count an OCALL gave for a buffer it filled, with no upper bound on the way."""
    seen: set[object] = set()
    for function in flows.graph.reached:
        frame = flows.analysis.frames[function]
        for event in flows.analysis.frames[function].settled:
            symbol = event.subject.symbol
            if event.kind != "give" or event.via or symbol is None or symbol.kind != "source" or event.span in seen:
                continue
            info = flows.analysis.registry.info(symbol.root)
            if info.use is None or (info.param >= 0 and len(symbol.path) > 1) or _is_bounded(event, frame):
                continue
            buffer = _filled(info.use.call)
            result = frame.layout.resolve(function.result)
            if buffer is None or result.is_pointer or result.is_void or not _is_count(function, info.use.call, frame):
                continue
            seen.add(event.span)
            for flow in flows.flows(function, event, event.subject.taints):
                yield Given(flow, buffer)
                break


def _filled(call: Call) -> str | None:
    """The parameter that the host fills up to a length that the enclave gives."""
    for param in call.params:
        extent = param.bridge.extent
        if param.bridge.copies_out and extent is not None and extent.names and not extent.string:
            return param.name
    return None


def _is_count(function: Function, call: Call, frame: Frame) -> bool:
    """Whether the result can be a count: as wide as a length, not a status type."""
    base = frame.layout.resolve(call.result).base
    own = function.result.base
    wide = ("int", "long", "ssize_t", "size_t", "uint32_t", "int32_t", "int64_t", "uint64_t", "unsigned int", "short")
    return (base in wide or base.startswith(("unsigned", "long"))) and not own.endswith(
        ("status_t", "result_t", "bool")
    )


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
