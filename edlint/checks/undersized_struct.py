"""Buffers read as a struct that may not fit in them."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.lengths import Lengths, is_struct_view
from edlint.rule import Found


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each parameter, at the first member that may lie behind its end."""
    seen: set[object] = set()
    for overrun in lengths.overruns:
        param = overrun.extent.param
        boundary = lengths.flows.boundary(overrun.root)
        if param is None or boundary is None or overrun.fixed is None or not is_struct_view(overrun):
            continue
        flow = next(lengths.declared(overrun), None)
        if flow is None or (boundary.call.name, param.name) in seen:
            continue
        seen.add((boundary.call.name, param.name))
        yield Found(
            one_line(overrun.event.span),
            label=f"needs {overrun.fixed} bytes",
            path=flow.path,
            function=overrun.event.function,
            param=param.name,
            kind=boundary.call.kind,
            call=boundary.call.name,
            extent=overrun.extent.text,
            bytes=overrun.fixed,
        )
