"""Global pointers that an ECALL follows although the host may not have made the ECALL that sets them."""

from collections.abc import Iterator

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Touch
from edlint.analysis.key_order import KeyOrder, KeyUse
from edlint.analysis.order import Order, Use
from edlint.analysis.released import FreedElement, Released
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found
from edlint.source import Span


def check(
    program: Program, entries: Entries, shared: Globals, order: Order, keys: KeyOrder, released: Released
) -> Iterator[Found]:
    """One finding for each global and function that uses it untested, or frees it without a reset; keys by ECALL."""
    calls = {function: call for call, function in entries.roots}
    for interface in program.interfaces:
        declared = {id(call) for call in interface.calls}
        own = {function for function, call in calls.items() if id(call) in declared}
        for name, all_setters in order.setters.items():
            setters = [(calls[root], place) for root, place in all_setters if root in own]
            uses = [(calls[r], u) for r, names in order.exposed.items() if r in own for u in names.get(name, ())]
            if setters:
                yield from _of_global(entries, shared, name, setters, uses)
        for (name, root), each in _by_key(keys).items():
            setters = [(calls[setter], place) for setter, place in each[0].setters if setter in own]
            if root in own and setters:
                notes = (f"It is used in {len(each)} functions behind this ECALL.",) if len(each) > 1 else ()
                yield _unset(name, calls[root], each[0].function, each[0].span, setters, "key", notes)

    for element in released.elements:
        yield _kept(element)


def _kept(element: FreedElement) -> Found:
    return Found(
        element.span,
        variant="element",
        label="freed, and the table keeps the address",
        labels=(Label(element.call.span, "the host may call this again"),),
        function=element.function.name,
        name=element.name,
        call=element.call.name,
    )


def _by_key(keys: KeyOrder) -> dict[tuple[str, Function], list[KeyUse]]:
    """The uses of each key behind each ECALL, which one test there would settle."""
    found: dict[tuple[str, Function], list[KeyUse]] = {}
    for use in keys.uses:
        found.setdefault((use.name, use.root), []).append(use)
    return found


def _of_global(
    entries: Entries, shared: Globals, name: str, setters: list[tuple[Call, Span]], uses: list[tuple[Call, Use]]
) -> Iterator[Found]:
    told: set[Function] = set()
    for call, use in uses:
        if use.freed:
            if not _is_reset(entries, shared, name, call, use):
                yield _dangling(name, call, use, uses)
        elif use.function not in told:
            told.add(use.function)
            yield _unset(name, call, use.function, use.span, setters, "")


def _unset(
    name: str,
    call: Call,
    function: Function,
    span: Span,
    setters: list[tuple[Call, Span]],
    variant: str,
    notes: tuple[str, ...] = (),
) -> Found:
    return Found(
        span,
        variant=variant,
        label=f"'{name}' is {'all zero' if variant else 'NULL'} until then",
        labels=(
            Label(setters[0][1], f"set here, in ECALL '{setters[0][0].name}'"),
            Label(call.span, "the host may call this first"),
        ),
        notes=notes,
        function=function.name,
        name=name,
        call=call.name,
        setters=" or ".join(f"'{setter.name}'" for setter, _ in setters[:3]),
    )


def _is_reset(entries: Entries, shared: Globals, name: str, call: Call, use: Use) -> bool:
    """Whether the ECALL gives the pointer a new value after it freed what it points to."""
    root = next(function for each, function in entries.roots if each is call)
    return any(
        mention.name == name
        and mention.touch in (Touch.SET, Touch.RESET)
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
