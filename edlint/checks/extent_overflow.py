"""Sums and products of the host's numbers that wrap before they are used."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.analysis.lengths import bits_of, decided_by, wraps
from edlint.analysis.pointers import Guarding, Pointers
from edlint.finding import Label
from edlint.rule import Found


def check(flows: Flows, pointers: Pointers) -> Iterator[Found]:
    """One finding for each allocation whose size can wrap, and for each range check whose length can."""
    yield from _allocations(flows)
    told: set[object] = set()
    for use in pointers.of("host", "ocall", "nested", "integer"):
        if use.guarding is not Guarding.WRAPPED or use.computed is None or use.computed.span in told:
            continue
        told.add(use.computed.span)
        yield Found(
            one_line(use.computed.span),
            label="smaller than meant when it wraps",
            labels=(Label(one_line(use.event.span), "the address is used here"),),
            path=use.flow.path,
            function=use.event.function,
            variant="check",
            what=use.meaning.name,
            bits=use.computed.width,
        )


def _allocations(flows: Flows) -> Iterator[Found]:
    for root, event in flows.events("alloc", "stack"):
        if not wraps(event, flows.analysis.frames[root], flows.boundary(root)):
            continue
        flow = next((f for f in flows.flows(root, event, event.need.taints) if f.meaning.is_number), None)
        if flow is not None:
            yield Found(
                one_line(event.span),
                label="smaller than meant when the sum wraps",
                path=flow.path,
                function=event.function,
                source=decided_by(flow.meaning),
                bits=bits_of(event),
            )
