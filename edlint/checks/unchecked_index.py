"""Indexes and loop bounds that the host chose."""

from collections.abc import Iterator

from edlint.analysis.causes import by_cause
from edlint.analysis.flows import Flow, one_line
from edlint.analysis.lengths import Lengths, Overrun
from edlint.rule import Found

HOST = ("host-scalar", "host-bytes", "host-memory", "counter")


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each number of the host and function where nothing keeps it inside an array."""
    for overrun, flow, notes, labels in by_cause(_indexes(lengths)):
        yield Found(
            one_line(overrun.event.span),
            label=f"may lie outside {overrun.extent.text}",
            labels=labels,
            path=flow.path,
            notes=notes,
            function=overrun.event.function,
            variant="below" if overrun.low else "",
            param=flow.meaning.name,
            kind=flow.meaning.call_kind or "function",
            call=flow.meaning.call,
            extent=overrun.extent.text,
        )


def _indexes(lengths: Lengths) -> Iterator[tuple[Overrun, Flow]]:
    for overrun in lengths.overruns:
        if overrun.extent.param is not None or overrun.asserted or not overrun.by_index:
            continue
        flow = next((c for c in overrun.culprits if c.meaning.kind in HOST), None)
        if flow is not None:
            yield overrun, flow
