"""Definitions whose types are not those that the EDL declares."""

import re
from collections.abc import Iterator
from typing import Any

from edlint.analysis.signatures import differ, shape
from edlint.finding import Label
from edlint.model.interface import Call, Dialect, Interface
from edlint.model.program import Program
from edlint.model.unit import Function, ReadState
from edlint.rule import Found
from edlint.wording import many

CONDITIONAL = re.compile(r"^[ \t]*#[ \t]*(?:if|el|endif)", re.MULTILINE)


def check(program: Program) -> Iterator[Found]:
    """One finding for each definition, at its first difference; silent when an alternative fits."""
    behind: dict[int, list[tuple[Interface, Call, Function]]] = {}
    for item in program.implementations:
        if item.interface.dialect is not Dialect.VBS:
            behind.setdefault(id(item.call), []).append((item.interface, item.call, item.function))
    for candidates in behind.values():
        found = [_difference(program, *c) for c in candidates]
        if all(f is not None for f in found):
            yield from (f for f in found if f is not None)


def _difference(program: Program, interface: Interface, call: Call, function: Function) -> Found | None:
    """The first difference between declaration and definition, or None."""
    if function.state in (ReadState.LOST, ReadState.PARTIAL) or function.variadic:
        return None
    if CONDITIONAL.search(function.extent.text.partition("{")[0]):
        # The build says which parameters there are.
        return None
    # What the EDL's own compiler refuses may have been read in part.
    if any(call.declaration.covers(p.span) for p in interface.problems):
        return None
    values: dict[str, Any] = {"kind": call.kind, "call": call.name, "file": interface.path.rsplit("/", 1)[-1]}
    if len(function.params) != len(call.params):
        return Found(
            function.span,
            label=many(len(function.params), "parameter"),
            labels=(Label(call.span, f"declared with {many(len(call.params), 'parameter')}"),),
            function=function.qualified,
            variant="count",
            found=many(len(function.params), "parameter"),
            wanted=len(call.params),
            **values,
        )
    for param, variable in zip(call.params, function.params, strict=True):
        left = shape(param.type, program.types, interface, function.path)
        if differ(left, shape(variable.type, program.types, interface, function.path)):
            return Found(
                variable.span,
                label=f"'{variable.type}' here",
                labels=(Label(param.span, f"'{param.type}' in the EDL"),),
                function=function.qualified,
                param=param.name,
                found=variable.type,
                wanted=param.type,
                **values,
            )
    left = shape(call.result, program.types, interface, function.path)
    if differ(left, shape(function.result, program.types, interface, function.path)):
        return Found(
            function.span,
            label=f"returns '{function.result}'",
            labels=(Label(call.span, f"declared to return '{call.result}'"),),
            function=function.qualified,
            variant="result",
            found=function.result,
            wanted=call.result,
            **values,
        )
    return None
