"""Bytes that nobody wrote, on their way to the host."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, labels_of, one_line
from edlint.finding import Label
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each variable that leaves before it is written."""
    told: set[object] = set()
    for _, event in flows.events("sink"):
        use = event.use
        if event.what != "host-sink" or use is None or event.param < 0:
            continue
        param = use.call.params[event.param]
        if not param.type.is_pointer or not param.bridge.copies_in:
            continue
        names = sorted(t.name.split("#")[0] for t in event.subject.taints if t.kind == "uninit")
        if not names or any(t.kind != "uninit" for t in event.subject.taints) or event.span in told:
            continue
        told.add(event.span)
        yield Found(
            one_line(event.span),
            label="holds what was on the stack before",
            path=(*labels_of(event), Label(one_line(event.span), "leaves here")),
            function=event.function,
            variant="in-out" if param.bridge.copies_out else "",
            what=names[0],
            param=param.name,
            call=use.call.name,
        )
