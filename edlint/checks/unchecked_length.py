"""Lengths that the host chose, longer than the object they are used on."""

from collections.abc import Iterator

from edlint.analysis.causes import by_cause
from edlint.analysis.flows import Flow, one_line
from edlint.analysis.lengths import Lengths, Overrun
from edlint.rule import Found

HOST = ("host-scalar", "host-bytes", "host-memory", "counter")


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each length of the host and function where nothing bounds it by the object."""
    for overrun, flow, notes, labels in by_cause(_accesses(lengths)):
        yield Found(
            one_line(overrun.event.span),
            label=f"goes beyond {overrun.extent.text}",
            labels=labels,
            path=flow.path,
            notes=notes,
            function=overrun.event.function,
            variant="below" if overrun.low else "",
            param=flow.meaning.name,
            kind=flow.meaning.call_kind or "function",
            call=flow.meaning.call,
            callee=overrun.event.what,
            extent=overrun.extent.text,
        )


def _accesses(lengths: Lengths) -> Iterator[tuple[Overrun, Flow]]:
    for overrun in lengths.overruns:
        if overrun.extent.param is not None or overrun.asserted or overrun.by_index or overrun.fixed is not None:
            continue
        flow = next((c for c in overrun.culprits if c.meaning.kind in HOST), None)
        if flow is not None:
            yield overrun, flow
