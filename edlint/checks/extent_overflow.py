"""Sums and products of the host's numbers that wrap before they are used."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.analysis.lengths import decided_by, wraps
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each allocation whose size can wrap."""
    for root, event in flows.events("alloc", "stack"):
        if not wraps(event, flows.analysis.frames[root]):
            continue
        flow = next((f for f in flows.flows(root, event, event.need.taints) if f.meaning.is_number), None)
        if flow is not None:
            yield Found(
                one_line(event.span),
                label="smaller than meant when the sum wraps",
                path=flow.path,
                function=event.function,
                source=decided_by(flow.meaning),
            )
