"""Keys, nonces and seeds made of what the host says."""

import re
from collections.abc import Iterator

from edlint.analysis.departures import given_by_ocalls
from edlint.analysis.flows import Flows, one_line, path_of
from edlint.rule import Found

RANDOM = re.compile(r"rand|entropy|seed", re.IGNORECASE)
KINDS = ("host-entropy", "ocall-bytes", "ocall-scalar", "host-time")


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each use as a key or seed, and for each OCALL that is asked for randomness."""
    told: set[object] = set()
    for root, event in flows.events("sink"):
        if event.what not in ("key-use", "entropy-use"):
            continue
        for flow in flows.flows(root, event, event.subject.taints):
            if flow.meaning.kind in KINDS:
                told.add(flow.meaning.info)
                yield Found(
                    one_line(event.span),
                    label="must be unpredictable",
                    path=flow.path,
                    function=event.function,
                    call=flow.meaning.call,
                    sink=event.name,
                )
                break
    for given in given_by_ocalls(flows, RANDOM):
        if given.meaning.info not in told:
            yield Found(
                one_line(given.event.span),
                label="the host knows these bytes",
                path=path_of(given.meaning, given.event),
                function=given.event.function,
                variant="asked",
                call=given.meaning.call,
            )
