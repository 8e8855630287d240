"""Copied pointers that may be NULL and are used without a test."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Pointers, Use
from edlint.rule import Found


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each pointer parameter, at its first use without a test."""
    for uses in pointers.by_cause("boundary"):
        open_ = [u for u in uses if u.meaning.null and not u.null_tested and _dereferences(u)]
        if not open_:
            continue
        use, count = open_[0], sum(u.event.count for u in open_)
        yield Found(
            one_line(use.event.span),
            label="NULL is host memory here",
            path=use.flow.path,
            notes=(f"It is used without a test at {count} places.",) if count > 1 else (),
            function=use.event.function,
            param=use.meaning.param.name if use.meaning.param else use.meaning.name,
            kind=use.meaning.call_kind,
            call=use.meaning.call,
        )
    yield from _lookups(pointers)


def _lookups(pointers: Pointers) -> Iterator[Found]:
    """Answers of lookups by something that the host chose, used without asking whether there is one."""
    told: set[object] = set()
    for root, event in pointers.flows.events("null"):
        place = (event.span.path, event.what, event.function)
        flow = next((f for f in pointers.flows.flows(root, event, event.subject.taints) if f.meaning.is_number), None)
        if flow is None or place in told:
            continue
        told.add(place)
        yield Found(
            one_line(event.span),
            label="NULL when nothing was found",
            path=flow.path,
            function=event.function,
            variant="lookup",
            param=flow.meaning.name,
            kind=flow.meaning.call_kind or "function",
            call=flow.meaning.call,
            callee=event.what,
        )


def _dereferences(use: Use) -> bool:
    """Whether NULL is read or written there, and not refused by a function that tests it."""
    return not use.event.refuses_null and (not use.handed_on or _is_string(use))


def _is_string(use: Use) -> bool:
    """A string that is handed on is read there."""
    extent = use.meaning.param.bridge.extent if use.meaning.param is not None else None
    return extent is not None and extent.string and not use.event.use
