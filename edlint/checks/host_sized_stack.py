"""Stack that the host takes as much of as it likes."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.analysis.lengths import decided_by, unlimited
from edlint.analysis.limits import Limits
from edlint.rule import Found

LIMIT = 1 << 16
"""Bytes up to which a bound counts as one; the default stack of an enclave is a few times that."""


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each array or alloca."""
    for root, event in flows.events("stack"):
        if not unlimited(event, flows.analysis.frames[root], LIMIT):
            continue
        if event.need.term is not None and Limits(flows, root, event, dict(event.facts)).keep(event.need.term):
            continue
        flow = next((f for f in flows.flows(root, event, event.need.taints) if f.meaning.is_number), None)
        if flow is not None:
            yield Found(
                one_line(event.span),
                label="as large as the host says",
                path=flow.path,
                function=event.function,
                what=event.name or event.what,
                source=decided_by(flow.meaning),
            )
