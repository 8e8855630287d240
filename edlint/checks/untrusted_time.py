"""Decisions that rest on the host's clock."""

import re
from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.analysis.meaning import Meaning
from edlint.rule import Found

TIME = re.compile(r"time|clock|date|epoch", re.IGNORECASE)
NO_TIME = re.compile(r"timeout|timer|sleep|utimens?|futimens|utimes?$|set_?time|update|validate", re.IGNORECASE)


def _tells_time(meaning: Meaning) -> bool:
    """Whether an OCALL is one for the time; what it returns beside an output is a status."""
    if meaning.kind not in ("ocall-scalar", "ocall-bytes") or not TIME.search(meaning.call):
        return False
    if NO_TIME.search(meaning.call):
        return False
    fills = meaning.declared is not None and any(p.bridge.copies_out for p in meaning.declared.params)
    return meaning.param is not None or not fills


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each source of time that decides something, at the first decision."""
    told: set[object] = set()
    for root, event in flows.events("test", "loop"):
        for flow in flows.flows(root, event, event.subject.taints):
            meaning = flow.meaning
            if (meaning.kind == "host-time" or _tells_time(meaning)) and meaning.info not in told:
                told.add(meaning.info)
                yield Found(
                    one_line(event.span),
                    label="the host decides this",
                    path=flow.path,
                    function=event.function,
                    call=meaning.call,
                )
