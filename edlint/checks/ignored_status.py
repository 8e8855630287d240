"""Trusted code that works on although nobody knows whether the call before succeeded."""

import re
from collections.abc import Iterator

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.neglects import VERIFIES, Neglect, neglects, told_neglects
from edlint.analysis.proxies import Proxies
from edlint.analysis.reporters import Reporters
from edlint.finding import Label
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found

STEPS = re.compile(r"_?(?:init|update|final|starts|finish|get_hash)(?:_ex)?\d*\Z", re.IGNORECASE)
"""What tells apart the steps of one operation: they are one finding."""


def check(program: Program, proxies: Proxies, graph: CallGraph, reporters: Reporters) -> Iterator[Found]:
    """One finding for each function, operation and way of neglecting its status."""
    calls = {c.name for i in program.interfaces for c in i.ocalls}
    helpers = {f.name for f in reporters.of}
    for unit in program.units:
        if unit.generated:
            continue
        for function in unit.functions:
            names = function.called
            asked = any(n in program.sdk.statuses or n in calls or n in helpers or VERIFIES.search(n) for n in names)
            if not asked or not program.is_trusted(function):
                continue
            groups: dict[tuple[str, str], list[Neglect]] = {}
            found = neglects(program, proxies, function)
            told = told_neglects(graph, reporters, function) if function in graph.calls else ()
            for item in (*found, *told):
                groups.setdefault((STEPS.sub("", item.invoke.name), item.variant), []).append(item)
            for items in groups.values():
                yield _found(function, items)


def _found(function: Function, items: list[Neglect]) -> Found:
    first, more = items[0], items[1:]
    wanted = f", which should fill '{first.values[0]}'," if first.values else ""
    return Found(
        first.invoke.name_span,
        label=first.label,
        labels=(
            *((Label(first.use, "used here, before the status is looked at"),) if first.use else ()),
            *(Label(i.invoke.name_span, i.label) for i in more[:8]),
        ),
        notes=(f"The same holds for {len(more)} more calls in this function.",) if len(more) > 1 else (),
        function=function.qualified,
        variant=first.variant,
        callee=first.invoke.name,
        kind=first.kind,
        wanted=wanted,
        caller=function.qualified,
    )
