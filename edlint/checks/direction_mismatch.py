"""Buffers that cross in the direction in which nobody needs them."""

from collections.abc import Iterator

from edlint.analysis.accesses import Access
from edlint.analysis.declared import own_calls
from edlint.analysis.directions import only_against
from edlint.analysis.lost import lost_results
from edlint.analysis.proxies import Proxies
from edlint.finding import Label
from edlint.model.interface import Call, Param, Transfer
from edlint.model.program import Program
from edlint.model.unit import Function
from edlint.rule import Found


def check(program: Program, proxies: Proxies) -> Iterator[Found]:
    """One finding for each parameter that is only written though it goes in, or only read though it comes out."""
    own = {id(call) for _, call in own_calls(program)}
    for lost in lost_results(program, proxies):
        if id(lost.call) in own and not _is_const(lost.param):
            yield Found(
                lost.param.span,
                label="[in]",
                labels=(Label(lost.use.invoke.span, f"'{lost.variable}' has no value before, and is read afterwards"),),
                function=lost.call.name,
                variant="caller",
                kind=lost.call.kind,
                call=lost.call.name,
                param=lost.param.name,
                variable=lost.variable,
                caller=lost.caller.qualified,
            )
    definitions: dict[int, tuple[Call, list[Function]]] = {}
    for item in program.implementations:
        if id(item.call) in own:
            definitions.setdefault(id(item.call), (item.call, []))[1].append(item.function)
    for call, functions in definitions.values():
        if any(len(f.params) != len(call.params) for f in functions):
            continue
        for index, param in enumerate(call.params):
            if param.bridge.transfer not in (Transfer.IN, Transfer.OUT) or _is_const(param):
                continue
            found = [only_against(program, f, index, param) for f in functions]
            if all(f is not None for f in found) and found[0] is not None:
                yield _found(call, param, functions[0], index, found[0])


def _is_const(param: Param) -> bool:
    """Whether the declaration itself says that the callee does not write."""
    return (param.type.const or param.has("readonly")) and param.bridge.transfer is Transfer.IN


def _found(call: Call, param: Param, function: Function, index: int, access: Access) -> Found:
    goes_in = param.bridge.transfer is Transfer.IN
    span = (
        access.call.span if access.call is not None and access.place.span.source is not function.span.source else None
    )
    place = span or access.place.span
    labels = [Label(function.params[index].span, "the callee's parameter")]
    if place.source is function.span.source:
        labels.insert(0, Label(place, "written here" if goes_in else "read here"))
    return Found(
        param.span,
        label="[in]" if goes_in else "[out]",
        labels=tuple(labels),
        function=call.name,
        variant="" if goes_in else "out",
        kind=call.kind,
        call=call.name,
        param=param.name,
    )
