"""Range checks that prove something else than they should."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers
from edlint.rule import Found

WRONG = {Guarding.INSIDE: "inside", Guarding.NEGATED: "negated", Guarding.SHORT: "short"}


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each pointer, at its first use behind the wrong check."""
    for uses in pointers.by_cause("host", "ocall", "nested", "integer"):
        wrong = [u for u in uses if u.guarding in WRONG and not (u.guarding is Guarding.INSIDE and u.is_handle)]
        if not wrong:
            continue
        use = wrong[0]
        yield Found(
            one_line(use.event.span),
            label="the check before does not make this safe",
            path=use.flow.path,
            function=use.event.function,
            variant=WRONG[use.guarding],
            param=use.meaning.name,
            kind=use.meaning.call_kind or "function",
            call=use.meaning.call,
        )
