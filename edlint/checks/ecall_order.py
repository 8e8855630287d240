"""Global pointers that an ECALL follows although the host may not have made the ECALL that sets them."""

from collections.abc import Iterator

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Touch
from edlint.analysis.order import Order, Use
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program, entries: Entries, shared: Globals, order: Order) -> Iterator[Found]:
    """One finding for each global pointer and function that follows it untested or frees it without a reset."""
    calls = {function: call for call, function in entries.roots}
    for name, setters in order.setters.items():
        told: set[tuple[str, int]] = set()
        uses = [(calls[r], u) for r, names in order.exposed.items() for u in names.get(name, ())]
        setter, place = calls[setters[0][0]], setters[0][1]
        names = " or ".join(f"'{calls[root].name}'" for root, _ in setters[:3])
        for call, use in uses:
            key = (use.function.path, use.function.span.start)
            if use.freed:
                if not _is_reset(entries, shared, name, call, use):
                    yield _dangling(name, call, use, uses)
            elif key not in told:
                told.add(key)
                yield Found(
                    use.span,
                    label=f"'{name}' is NULL until then",
                    labels=(
                        Label(place, f"set here, in ECALL '{setter.name}'"),
                        Label(call.span, "the host may call this first"),
                    ),
                    function=use.function.name,
                    name=name,
                    call=call.name,
                    setters=names,
                )


def _is_reset(entries: Entries, shared: Globals, name: str, call: Call, use: Use) -> bool:
    """Whether the ECALL gives the pointer a new value after it freed what it points to."""
    root = next(function for each, function in entries.roots if each is call)
    return any(
        mention.name == name
        and mention.touch is Touch.SET
        and (function is not use.function or mention.span.start > use.span.start)
        for function in entries.reach(root)
        for mention in shared.mentions[function]
    )


def _dangling(name: str, call: Call, use: Use, uses: list[tuple[Call, Use]]) -> Found:
    other = next(((c, u) for c, u in uses if u is not use and c is not call), (call, use))
    return Found(
        use.span,
        variant="freed",
        label="freed, and the address is kept",
        labels=(Label(other[1].span, f"used here, in ECALL '{other[0].name}'"),) if other[1] is not use else (),
        function=use.function.name,
        name=name,
        call=call.name,
        user=other[0].name,
    )
