"""Addresses of the enclave that the host keeps and gives back."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers
from edlint.rule import Found


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each handle, at its first use."""
    for uses in pointers.by_cause("host", "integer", "nested"):
        trusted = [u for u in uses if u.guarding is Guarding.INSIDE and u.is_handle]
        if not trusted:
            continue
        use = trusted[0]
        yield Found(
            one_line(use.event.span),
            label="lies inside the enclave, and may be anything there",
            path=use.flow.path,
            function=use.event.function,
            param=use.meaning.name,
            kind=use.meaning.call_kind or "function",
            call=use.meaning.call,
        )
