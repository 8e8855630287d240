"""Buffers used with another extent than the EDL gives them."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.lengths import Lengths, Overrun, is_struct_view
from edlint.rule import Found

HOST = ("host-scalar", "host-bytes", "host-memory", "counter")


def check(lengths: Lengths) -> Iterator[Found]:
    """One finding for each parameter at each place where the access may leave the declared extent."""
    for overrun in lengths.overruns:
        param = overrun.extent.param
        if param is None or overrun.asserted or is_struct_view(overrun) or _is_first_element(overrun):
            continue
        boundary = lengths.flows.boundary(overrun.root)
        if boundary is None or (overrun.low and overrun.event.need.term == overrun.extent.term):
            continue
        if overrun.fixed is not None:
            meaning = next(lengths.declared(overrun), None)
        else:
            meaning = next((c for c in overrun.culprits if c.meaning.kind in HOST), None)
        if meaning is None:
            continue
        yield Found(
            one_line(overrun.event.span),
            label=f"may leave {overrun.extent.text}",
            path=meaning.path,
            function=overrun.event.function,
            variant="fixed" if overrun.fixed is not None else "below" if overrun.low else "",
            param=param.name,
            kind=boundary.call.kind,
            call=boundary.call.name,
            extent=overrun.extent.text,
            bytes=overrun.sizes or overrun.fixed,
            length=meaning.meaning.name,
        )


def _is_first_element(overrun: Overrun) -> bool:
    """A plain `*p` or `p[0]`: that nothing crosses at all is the business of other rules."""
    targets = overrun.event.subject.targets
    plain = all(t.offset is not None and t.offset.is_constant and t.offset.constant == 0 for t in targets)
    return overrun.event.what == "dereference" and plain and overrun.fixed is not None
