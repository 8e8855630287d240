"""Heap that the host takes as much of as it likes."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.analysis.lengths import decided_by, unlimited
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each allocation."""
    for root, event in flows.events("alloc"):
        if not unlimited(event, flows.analysis.frames[root]):
            continue
        flow = next((f for f in flows.flows(root, event, event.need.taints) if f.meaning.is_number), None)
        if flow is not None:
            yield Found(
                one_line(event.span),
                label="as large as the host says",
                path=flow.path,
                function=event.function,
                source=decided_by(flow.meaning),
            )
