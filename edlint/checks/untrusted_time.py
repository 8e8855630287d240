"""Decisions that rest on the host's clock."""

import re
from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.rule import Found

TIME = re.compile(r"time|clock|date|epoch", re.IGNORECASE)


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each source of time that decides something, at the first decision."""
    told: set[object] = set()
    for root, event in flows.events("test", "loop"):
        for flow in flows.flows(root, event, event.subject.taints):
            meaning = flow.meaning
            clock = meaning.kind == "host-time" or (
                meaning.kind in ("ocall-scalar", "ocall-bytes") and TIME.search(meaning.call)
            )
            if clock and meaning.info not in told:
                told.add(meaning.info)
                yield Found(
                    one_line(event.span),
                    label="the host decides this",
                    path=flow.path,
                    function=event.function,
                    call=meaning.call,
                )
