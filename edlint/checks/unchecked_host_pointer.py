"""Addresses that the host chose and the enclave uses as they are."""

from collections.abc import Iterator

from edlint.analysis.flows import one_line
from edlint.analysis.pointers import Guarding, Pointers, elsewhere
from edlint.rule import Found


def check(pointers: Pointers) -> Iterator[Found]:
    """One finding for each unchecked pointer parameter, at its first use."""
    found: dict[object, Found] = {}
    for uses in pointers.by_cause("host"):
        open_ = [u for u in uses if u.guarding is Guarding.NONE]
        if not open_:
            continue
        use = next((u for u in open_ if not u.handed_on), open_[0])
        count = sum(u.event.count for u in open_)
        notes = [f"It is used without a check at {count} places."] if count > 1 else []
        if use.null_tested:
            notes.append("A test against NULL says nothing about where the address lies.")
        later = [u for u in uses if u.guarding is Guarding.CHECKED]
        if later:
            notes.append(f"A check comes only later: line {later[0].event.span.line} is behind it.")
        place = use.event.span
        if place in found:
            # One place for several ECALLs: the others are told beside it.
            found[place].labels += use.flow.path[:2]
            continue
        found[place] = Found(
            one_line(place),
            label="the host's address is handed on" if use.handed_on else "the host's address is used",
            labels=elsewhere(open_),
            path=use.flow.path,
            notes=tuple(notes),
            function=use.event.function,
            variant="handed-on" if use.handed_on else "",
            param=use.meaning.param.name if use.meaning.param else use.meaning.name,
            kind=use.meaning.call_kind,
            call=use.meaning.call,
            callee=use.event.what,
        )
    yield from found.values()
