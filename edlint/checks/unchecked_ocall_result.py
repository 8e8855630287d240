"""Numbers that an OCALL gave back, used as if the host were honest."""

from collections.abc import Iterator

from edlint.analysis.causes import by_cause
from edlint.analysis.flows import Flow, Flows, one_line
from edlint.analysis.lengths import Lengths, Overrun
from edlint.analysis.returned import returned_counts
from edlint.rule import Found

OCALL = ("ocall-scalar", "ocall-bytes")


def check(lengths: Lengths, flows: Flows) -> Iterator[Found]:
    """One finding for each result and function where nothing bounds it, and for each that is returned unchecked."""
    for overrun, flow, notes, labels in by_cause(_accesses(lengths)):
        yield Found(
            one_line(overrun.event.span),
            label=f"goes beyond {overrun.extent.text}",
            labels=labels,
            path=flow.path,
            notes=notes,
            function=overrun.event.function,
            variant="below" if overrun.low else "",
            call=flow.meaning.call,
            what=flow.meaning.name,
            extent=overrun.extent.text,
        )
    for given in returned_counts(flows):
        yield Found(
            one_line(given.event.span),
            label="the caller takes this for a number of bytes in its buffer",
            path=given.flow.path,
            function=given.event.function,
            variant="returned",
            call=given.flow.meaning.call,
            what=given.flow.meaning.name,
            buffer=given.buffer,
        )


def _accesses(lengths: Lengths) -> Iterator[tuple[Overrun, Flow]]:
    for overrun in lengths.overruns:
        flow = next((c for c in overrun.culprits if c.meaning.kind in OCALL), None)
        if flow is not None and not overrun.asserted and overrun.fixed is None:
            yield overrun, flow
