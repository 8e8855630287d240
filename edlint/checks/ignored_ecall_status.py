"""Host code that does not look at whether the ECALL ran."""

from collections.abc import Iterator

from edlint.analysis.outcomes import At, Fate, fate, invokes_with_place, kept_in, variable_of
from edlint.analysis.proxies import Proxies, ProxyUse
from edlint.finding import Label
from edlint.model.ir import Body
from edlint.model.program import Program, Side
from edlint.model.unit import Function
from edlint.rule import Found

IGNORED = {
    Fate.DROPPED: ("", "the status is dropped"),
    Fate.UNREAD: ("unread", "the status is stored and never read"),
    Fate.OVERWRITTEN: ("unread", "the status is overwritten before it is read"),
}
SHOWN = 8


def check(program: Program, proxies: Proxies) -> Iterator[Found]:
    """One finding for each function, ECALL and way of ignoring its status."""
    for function in _callers(program):
        groups: dict[tuple[str, str], list[tuple[ProxyUse, str, str]]] = {}
        body = function.body
        for at, invoke in invokes_with_place(body):
            use = proxies.of(invoke, function)
            if use is None or not use.is_ecall or use.direct:
                continue
            variant, label, variable = _ignored(body, at, use)
            if label:
                groups.setdefault((use.call.name, variant), []).append((use, label, variable))
        for (name, variant), uses in groups.items():
            first, label, variable = uses[0]
            more = uses[1:]
            yield Found(
                first.invoke.name_span,
                label=label,
                labels=(
                    *(Label(u.invoke.name_span, text) for u, text, _ in more[:SHOWN]),
                    Label(first.call.span, "the ECALL"),
                ),
                notes=(f"The same holds for {len(more)} more calls in this function.",) if len(more) > 1 else (),
                function=function.qualified,
                variant=variant,
                call=name,
                variable=variable,
                caller=function.qualified,
            )


def _callers(program: Program) -> Iterator[Function]:
    """Functions outside the enclave that name an ECALL, each once."""
    seen: set[int] = set()
    for use in program.uses:
        if use.call.is_ecall and id(use.caller) not in seen and program.side(use.caller.path) is not Side.TRUSTED:
            seen.add(id(use.caller))
            yield use.caller


def _ignored(body: Body, at: At, use: ProxyUse) -> tuple[str, str, str]:
    """Variant, label and variable when the status is ignored; an empty label when it is not."""
    result = variable_of(use.result)
    if result is not None and kept_in(body, at) == result:
        return "overwrites", "the status lands on the result", result
    variant, label = IGNORED.get(fate(body, at), ("", ""))
    return variant, label, ""
