"""Buffers used with another extent than the EDL gives them."""

from collections.abc import Iterator

from edlint.analysis.flows import Flow, one_line
from edlint.analysis.lengths import MAX_ELSEWHERE, Lengths, Overrun, is_struct_view, is_whole_struct
from edlint.analysis.meaning import Boundary
from edlint.finding import Label
from edlint.rule import Found

HOST = ("host-scalar", "host-bytes", "host-memory", "counter")


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each place where the access may leave the declared extent; fixed ones of a function are one."""
    fixed: dict[tuple[object, ...], list[tuple[Overrun, Flow]]] = {}
    for overrun in lengths.overruns:
        param = overrun.extent.param
        if param is None or overrun.asserted or is_struct_view(overrun) or _is_first_element(overrun):
            continue
        boundary = lengths.flows.boundary(overrun.root)
        if boundary is None or (overrun.low and overrun.event.need.term == overrun.extent.term):
            continue
        if overrun.fixed is not None:
            meaning = next(lengths.declared(overrun), None)
            if meaning is not None:
                key = (boundary.call.name, param.name, overrun.event.function, overrun.sizes)
                fixed.setdefault(key, []).append((overrun, meaning))
            continue
        meaning = next((c for c in overrun.culprits if c.meaning.kind in HOST), None)
        if overrun.ignored:
            meaning = next(lengths.declared(overrun), None)
        if meaning is not None:
            yield _found(overrun, meaning, boundary)
    for group in fixed.values():
        overrun, meaning = max(group, key=lambda each: (each[0].fixed or 0, -each[0].event.span.line))
        boundary = lengths.flows.boundary(overrun.root)
        if boundary is not None:
            spans = [s for each, _ in group for s in (each.event.span, *each.event.others)]
            places = {s.line: s for s in spans if s.line != overrun.event.span.line}
            labels = tuple(Label(one_line(s), "also goes beyond it") for _, s in sorted(places.items()))
            yield _found(overrun, meaning, boundary, labels[:MAX_ELSEWHERE])


def _found(overrun: Overrun, meaning: Flow, boundary: Boundary, labels: tuple[Label, ...] = ()) -> Found:
    return Found(
        one_line(overrun.event.span),
        label=f"may leave {overrun.extent.text}",
        labels=labels,
        path=meaning.path,
        function=overrun.event.function,
        variant=_variant(overrun, meaning),
        param=overrun.extent.param.name if overrun.extent.param is not None else "",
        kind=boundary.call.kind,
        call=boundary.call.name,
        extent=overrun.extent.text,
        bytes=overrun.sizes or overrun.fixed,
        length=meaning.meaning.name,
    )


def _variant(overrun: Overrun, meaning: Flow) -> str:
    if overrun.fixed is not None:
        return "fixed"
    if overrun.ignored:
        return "ignored"
    if overrun.low:
        return "below"
    return "own" if meaning.meaning.name in overrun.extent.names else ""


def _is_first_element(overrun: Overrun) -> bool:
    """A plain `*p` or `p[0]`: that nothing crosses at all is the business of other rules."""
    targets = overrun.event.subject.targets
    plain = all(t.offset is not None and t.offset.is_constant and t.offset.constant == 0 for t in targets)
    first = overrun.event.what == "dereference" and plain and overrun.fixed is not None
    return first and not is_whole_struct(overrun)
