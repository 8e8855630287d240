"""Host code that does not look at whether the ECALL ran."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edlint.analysis.outcomes import At, Fate, fate, invokes_with_place, kept_in, variable_of
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.finding import Label
from edlint.model.ir import Body
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.rule import Found
from edlint.wording import many

IGNORED = {
    Fate.DROPPED: ("", "the status is dropped"),
    Fate.UNREAD: ("unread", "the status is stored and never read"),
    Fate.OVERWRITTEN: ("unread", "the status is overwritten before it is read"),
}
SHOWN = 8
MANY = 4
"""Functions of one file that get findings of their own, at most."""
TESTS = re.compile(r"TEST(?:_[A-Z]+)*\Z|BOOST_\w*TEST\w*\Z")
"""Bodies of test frameworks, which look at the effects instead."""
TEARDOWN = re.compile(r"free|close|clean_?up|destroy|release|shutdown|terminate|delete", re.IGNORECASE)
"""Names of ECALLs that end something: nothing can be done when they do not run."""


@dataclass(frozen=True, slots=True)
class _Ignored:
    """One call whose status is ignored."""

    use: ProxyUse
    variant: str
    label: str
    variable: str = ""
    """The result that the status overwrites."""


def check(program: Program, proxies: Proxies) -> Iterator[Found]:
    """One finding for each function and way of ignoring, and one for each result that is overwritten.

    A file in which many functions ignore what they call has one cause and gets one finding.
    """
    files: dict[tuple[str, str], list[tuple[Function, list[_Ignored]]]] = {}
    for function in _callers(program):
        groups: dict[tuple[str, str], list[_Ignored]] = {}
        for at, invoke in invokes_with_place(function.body):
            use = proxies.of(invoke, function)
            if use is None or not use.is_ecall or use.direct:
                continue
            item = _ignored(function.body, at, use)
            if item is not None:
                groups.setdefault((item.variant, item.variable and use.call.name), []).append(item)
        for (variant, overwritten), items in groups.items():
            if overwritten:
                yield _found(function, items)
            elif not all(_ends(function, i.use) for i in items):
                files.setdefault((function.path, variant), []).append((function, items))
    for found in files.values():
        if len(found) > MANY:
            yield _found(found[0][0], [i for _, items in found for i in items], "file")
        else:
            yield from (_found(function, items) for function, items in found)


def _found(function: Function, items: list[_Ignored], where: str = "function") -> Found:
    first, more = items[0], items[1:]
    others = sorted({i.use.call.name for i in more} - {first.use.call.name})
    names = ", ".join(f"'{n}'" for n in others[:SHOWN]) + (" and others" if len(others) > SHOWN else "")
    return Found(
        first.use.invoke.name_span,
        label=first.label,
        labels=(
            *(Label(i.use.invoke.name_span, i.label) for i in more[:SHOWN]),
            Label(first.use.call.span, "the ECALL"),
        ),
        notes=(f"In this {where} the same holds for the {many(len(more), 'call')} of {names}.",) if others else (),
        function=function.qualified,
        variant=first.variant,
        call=first.use.call.name,
        variable=first.variable,
        caller=function.qualified,
    )


def _ends(caller: Function, use: ProxyUse) -> bool:
    """Whether the ECALL ends something and fills no buffer, so that nobody could do anything about its failure."""
    fills = any(p.bridge.copies_out for p in use.call.params)
    return not fills and bool(TEARDOWN.search(use.call.name) or TEARDOWN.search(caller.name) or caller.name[0] == "~")


def _callers(program: Program) -> Iterator[Function]:
    """Functions outside the enclave that name an ECALL, each once."""
    seen: set[int] = set()
    for use in program.uses:
        if TESTS.match(use.caller.name):
            continue
        if use.call.is_ecall and id(use.caller) not in seen and program.side(use.caller.path) is not Side.TRUSTED:
            seen.add(id(use.caller))
            yield use.caller


def _ignored(body: Body, at: At, use: ProxyUse) -> _Ignored | None:
    """How the status is ignored, or None when it is not."""
    result = variable_of(use.result)
    if result is not None and kept_in(body, at) == result:
        return _Ignored(use, "overwrites", "the status lands on the result", result)
    variant, label = IGNORED.get(fate(body, at), ("", ""))
    return _Ignored(use, variant, label) if label else None
