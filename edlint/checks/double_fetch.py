"""Memory of the host that is read twice, first to decide and then to use."""

from collections.abc import Iterator

from edlint.analysis.fetches import Fetches
from edlint.analysis.flows import one_line
from edlint.analysis.taint.events import Event
from edlint.finding import Label
from edlint.rule import Found


def check(fetches: Fetches) -> Iterator[Found]:
    """One finding for each object of the host, at its second read."""
    for double in fetches.doubles:
        first, second = double.first, double.second
        yield Found(
            one_line(second.span),
            label="read again, and maybe changed since",
            labels=(
                Label(one_line(first.span), "read here for a decision"),
                *(Label(one_line(e.span), "also read here") for e in double.elsewhere),
            ),
            path=(*double.path, *_way(first, "first read"), *_way(second, "second read", first)),
            function=second.function,
            what=double.meaning.name,
            kind=double.meaning.call_kind or "function",
            call=double.meaning.call,
            line=first.span.line,
        )


def _way(event: Event, text: str, before: Event | None = None) -> Iterator[Label]:
    """The calls down to a read that were not shown before, and the read."""
    shown = {v.span for v in before.via} if before is not None else set()
    yield from (Label(one_line(v.span), f"passed to '{v.callee}'") for v in event.via if v.span not in shown)
    yield Label(one_line(event.span), text)
