"""Keys that stay in memory after their last use."""

from collections.abc import Iterator

from edlint.analysis.flows import Flows, one_line
from edlint.rule import Found


def check(flows: Flows) -> Iterator[Found]:
    """One finding for each local that holds a key when its function returns."""
    told: set[object] = set()
    for function in flows.graph.reached:
        events = flows.analysis.frames[function].settled
        wiped = {t.location.name for e in events if e.kind == "clean" for t in e.subject.targets}
        for event in events:
            # What has no name is what a call gave: by reference, as a rule, and then no local of this function.
            if event.kind != "left" or event.via or not event.name or event.span in told or event.name in wiped:
                continue
            told.add(event.span)
            source = next(s for s in sorted(event.subject.taints) if s.kind == "source" and s.name == "secret-key")
            info = flows.analysis.registry.info(source)
            yield Found(
                one_line(event.span),
                label="holds a key when the function returns",
                function=event.function,
                what=event.name,
                source=info.called,
            )
