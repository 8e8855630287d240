"""State that an ECALL allowed during an OCALL can change under the function that made the OCALL."""

from collections.abc import Iterator

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found
from edlint.source import Span


def check(program: Program, entries: Entries, shared: Globals) -> Iterator[Found]:
    """One finding for each variable and function that uses it before and after such an OCALL."""
    for function in entries.graph.reached:
        for invoke, targets in entries.callees[function]:
            for ocall in _ocalls(program, entries, invoke.name, targets):
                for changed, ecall in _changes(program, ocall):
                    yield from _around(entries, shared, function, invoke.span, ocall, changed, ecall)


def _ocalls(program: Program, entries: Entries, name: str, targets: tuple[Function, ...]) -> Iterator[Call]:
    """The OCALLs with an enforced allow list that a call may end in."""
    names = [name, *(i.name for t in targets for f in entries.reach(t) for i, _ in entries.callees[f])]
    for called in dict.fromkeys(names):
        call = program.boundary(called)
        if call is not None and call.is_ocall and call.allow and call.allow_enforced:
            yield call


def _changes(program: Program, ocall: Call) -> Iterator[tuple[Function, Call]]:
    for allowed in ocall.allow:
        ecall = program.boundary(allowed.name)
        implementation = program.implementation(ecall) if ecall is not None else None
        if ecall is not None and implementation is not None:
            yield implementation, ecall


def _around(
    entries: Entries, shared: Globals, function: Function, at: Span, ocall: Call, changed: Function, ecall: Call
) -> Iterator[Found]:
    own = shared.mentions[function]
    written = {
        m.name: m for f in entries.reach(changed) if f in shared.mentions for m in shared.mentions[f] if m.writes
    }
    for name in sorted(written):
        before = next((m for m in own if m.name == name and m.span.start <= at.end), None)
        after = next((m for m in own if m.name == name and m.span.start > at.end), None)
        if before is None or after is None:
            continue
        yield Found(
            after.span,
            label="used again as if nothing had happened",
            labels=(
                Label(before.span, "used before the OCALL"),
                Label(written[name].span, f"changed in '{ecall.name}'"),
            ),
            function=function.name,
            name=name,
            ocall=ocall.name,
            ecall=ecall.name,
        )
