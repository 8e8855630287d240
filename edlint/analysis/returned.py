"""Results of OCALLs that a wrapper gives to its caller as a count of bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.flows import Flow, Flows
from edlint.analysis.taint.events import Event
from edlint.analysis.taint.frame import Frame
from edlint.analysis.taint.numbers import SOME_LIMIT
from edlint.analysis.taint.state import Bound
from edlint.analysis.taint.symbols import THIS, Symbol
from edlint.model.interface import Call
from edlint.model.ir import Assign, Binary, Body, Branch, Evaluate, Invoke, Number, Place, Return, Value, walk
from edlint.model.unit import Function

_LENGTH = re.compile(r"len|size|count|used|got|read|written|bytes|num|ret", re.IGNORECASE)
_STATUS = re.compile(r"status|result|error|bool|code", re.IGNORECASE)
_SYSTEM = re.compile(
    r"(^|_)([lf]?stat(at|x|fs|vfs)?(64)?|ioctl|poll|ppoll|select|[gs]etsockopt|getsockname|getpeername|accept4?|connect|bind"
    r"|clock_get(time|res)|clock_nanosleep|nanosleep|gettimeofday|times?|utimensat|futimens|utimes?|[gs]etr?limit"
    r"|getrusage|uname|sysinfo|pipe2?|socketpair|sigaction|sem_\w+|epoll_\w+|sched_\w+)$"
)
"""Calls of the system that answer zero or an error, although they fill memory of a given size."""
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
            if event.kind == "give" and not (_is_count(function, use[0], frame) and _is_used(flows, function)):
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
    if info.param < 0 and _SYSTEM.search(call.name):
        return None
    if info.param >= 0 and not _LENGTH.search(call.params[info.param].name):
        return None
    buffer = _filled(call, written=info.param < 0 and bool(_SENDS.search(call.name)))
    if info.param < 0 and buffer is not None and _has_own_count(call, buffer):
        return None
    if info.param >= 0 and call.params[info.param].name == buffer:
        # The bytes themselves.
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
        own = write.location.kind == "param" and write.location.number != THIS
        if own and symbol is not None and symbol.kind == "source":
            info = flows.analysis.registry.info(symbol.root)
            if info.use is not None and info.param >= 0:
                # A result that is negative, zero or positive may say that the count was compared.
                told = [(f.vector, f.upper) for side in summary.outcome for f in side or () if isinstance(f, Bound)]
                facts = (*summary.facts, *told)
                yield Event("out", write.value, info.span, function.qualified, facts=facts)


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


def _is_used(flows: Flows, function: Function) -> bool:
    """Whether somebody may take the result for more than a status: true when any caller does more than test it."""
    callers = [f for f in flows.graph.reached if function in flows.graph.calls.get(f, ())]
    if not callers:
        # What an ECALL returns goes to the host, whose number it is.
        return flows.boundary(function) is None
    return any(not _only_tested(caller.body, function.name) for caller in callers)


def _only_tested(body: Body, name: str) -> bool:
    """Whether what calls of a function give is compared with zero, and nothing else is done with it."""
    targets = [op.target for op in body.invokes() if op.name == name]
    roots = {t.root for t in targets if t is not None and t.is_variable and t.root.startswith("%")}
    if any(t is not None and t.root not in roots for t in targets):
        return False
    used: list[Value] = []
    for block in body.blocks:
        for op in block.ops:
            match op:
                case Assign(value=value) | Evaluate(value=value):
                    used.append(value)
                case Invoke(args=args):
                    used.extend(args)
        match block.end:
            case Branch(condition=Binary(left=left, right=Number(value=0))) if isinstance(left, Place):
                continue
            case Branch(condition=Place()):
                continue
            case Branch(condition=condition):
                used.append(condition)
            case Return(value=given) if given is not None:
                used.append(given)
    return not any(isinstance(v, Place) and v.root in roots for value in used for v in walk(value))


def _is_bounded(event: Event, frame: Frame) -> bool:
    symbol = event.subject.symbol
    for vector, upper in event.facts:
        weights = dict(vector)
        if symbol is not None and weights.get(symbol, 0) > 0 and (len(weights) > 1 or upper < SOME_LIMIT):
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
