"""Addresses that an OCALL gave back."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers, elsewhere
from edlint.analysis.returned import returned_pointers
from edlint.rule import Found


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each OCALL's address, at its first unchecked use, or where a wrapper returns it."""
    used: set[object] = set()
    for uses in pointers.by_cause("ocall"):
        open_ = [u for u in uses if u.guarding is Guarding.NONE]
        if not open_:
            continue
        use, count = open_[0], sum(u.event.count for u in open_)
        used.add(use.meaning.info)
        yield Found(
            one_line(use.event.span),
            label="the host's address is used",
            labels=elsewhere(open_),
            path=use.flow.path,
            notes=(f"It is used without a check at {count} places.",) if count > 1 else (),
            function=use.event.function,
            what=use.meaning.name,
            call=use.meaning.call,
        )
    for flow in returned_pointers(pointers.flows):
        if flow.meaning.info not in used:
            yield Found(
                one_line(flow.event.span),
                label="the caller takes this for memory of its own",
                path=flow.path,
                function=flow.event.function,
                variant="returned",
                what=flow.meaning.name,
                call=flow.meaning.call,
            )
