"""Addresses read out of what the host sent or holds."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers, elsewhere
from edlint.rule import Found


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each, at its first unchecked use."""
    for uses in pointers.by_cause("nested"):
        open_ = [u for u in uses if u.guarding is Guarding.NONE]
        if not open_:
            continue
        use, count = open_[0], sum(u.event.count for u in open_)
        yield Found(
            one_line(use.event.span),
            label="the address is the host's",
            labels=elsewhere(open_),
            path=use.flow.path,
            notes=(f"It is used without a check at {count} places.",) if count > 1 else (),
            function=use.event.function,
            param=use.meaning.name,
            kind=use.meaning.call_kind or "function",
            call=use.meaning.call,
        )
