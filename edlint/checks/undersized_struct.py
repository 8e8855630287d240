"""Buffers read as a struct that may not fit in them."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.lengths import Lengths, Overrun, decided_by, is_struct_view
from edlint.analysis.selfsized import measures_itself
from edlint.rule import Found


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each parameter, at the first member that may lie behind its end."""
    seen: set[object] = set()
    for overrun in lengths.overruns:
        param = overrun.extent.param
        boundary = lengths.flows.boundary(overrun.root)
        if overrun.fixed is None or not is_struct_view(overrun) or measures_itself(overrun):
            continue
        if param is None:
            yield _block(overrun)
            continue
        if boundary is None:
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


def _block(overrun: Overrun) -> Found:
    """A block of the enclave that is as large as the host said."""
    flow = overrun.culprits[0]
    return Found(
        one_line(overrun.event.span),
        label=f"needs {overrun.fixed} bytes",
        path=flow.path,
        function=overrun.event.function,
        variant="block",
        length=decided_by(flow.meaning),
        bytes=overrun.fixed,
    )
