"""Types whose size depends on the compiler of either side."""

from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.model.program import Program
from edlint.model.types import TypeRef
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each parameter or result of type long, unsigned long, long double or wchar_t."""
    for interface, call in own_calls(program):
        if not interface.dialect.crosses_platforms:
            continue
        for param in call.params:
            if _varies(param.type):
                place = f"Parameter '{param.name}' of {call.kind} '{call.name}'"
                yield Found(param.span, function=call.name, place=place, type=param.type.base)
        if _varies(call.result):
            yield Found(
                call.span, function=call.name, place=f"Result of {call.kind} '{call.name}'", type=call.result.base
            )


def _varies(used: TypeRef) -> bool:
    words = used.base.split()
    return used.base in ("wchar_t", "long double") or (
        words.count("long") == 1 and set(words) <= {"long", "int", "unsigned", "signed"}
    )
