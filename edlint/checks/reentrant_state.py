"""State that an ECALL allowed during an OCALL can change under the function that made the OCALL."""

from collections.abc import Iterator, Mapping, Sequence

from edlint.analysis.entries import Entries
from edlint.analysis.globals import Globals, Mention
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found
from edlint.source import Span


def check(program: Program, entries: Entries, shared: Globals) -> Iterator[Found]:
    """One finding for each variable and function that uses it before and after such an OCALL."""
    guarded = _guarded(program)
    ends = _ends(entries, guarded) if guarded else {}
    written = {f: _written(entries, shared, f) for _, changes in guarded.values() for f, _ in changes}
    for function in ends:
        own = shared.mentions[function]
        for invoke, targets in entries.callees[function] if own else ():
            inside = frozenset[str]().union(*(ends[t] for t in targets))
            for name, (ocall, changes) in guarded.items():
                if name == invoke.name or name in inside:
                    for changed, ecall in changes:
                        yield from _around(own, written[changed], function, invoke.span, ocall, ecall)


def _guarded(program: Program) -> dict[str, tuple[Call, list[tuple[Function, Call]]]]:
    """The OCALLs with an enforced allow list, by name, with the ECALLs in it and what implements them."""
    found: dict[str, tuple[Call, list[tuple[Function, Call]]]] = {}
    for name in dict.fromkeys(c.name for i in program.interfaces for c in i.calls if c.is_ocall and c.allow):
        call = program.boundary(name)
        if call is not None and call.is_ocall and call.allow and call.allow_enforced:
            found[name] = call, list(_changes(program, call))
    return found


def _changes(program: Program, ocall: Call) -> Iterator[tuple[Function, Call]]:
    for allowed in ocall.allow:
        ecall = program.boundary(allowed.name)
        implementation = program.implementation(ecall) if ecall is not None else None
        if ecall is not None and implementation is not None:
            yield implementation, ecall


def _ends(entries: Entries, guarded: Mapping[str, object]) -> dict[Function, frozenset[str]]:
    """The guarded OCALLs that each function may end in, callees first."""
    ends: dict[Function, frozenset[str]] = {}
    for component in entries.graph.components:
        own = {i.name for f in component for i, _ in entries.callees[f] if i.name in guarded}
        below = {ends[t] for f in component for t in entries.graph.calls[f] if t in ends}
        # Most functions end in what one of those that they call ends in.
        whole = next(iter(below)) if len(below) == 1 and not own else frozenset(own).union(*below)
        ends.update(dict.fromkeys(component, whole))
    return ends


def _written(entries: Entries, shared: Globals, function: Function) -> dict[str, Mention]:
    """The globals that a function writes, directly or not, by name."""
    return {m.name: m for f in entries.reach(function) for m in shared.mentions.get(f, ()) if m.writes}


def _around(
    own: Sequence[Mention], written: Mapping[str, Mention], function: Function, at: Span, ocall: Call, ecall: Call
) -> Iterator[Found]:
    names = {m.name for m in own if m.name in written}
    for name in sorted(names):
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
