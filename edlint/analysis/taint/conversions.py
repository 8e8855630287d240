"""Characters that become a string of the C++ library on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edlint.analysis.taint.evaluate import Evaluator
from edlint.analysis.taint.spots import text_of
from edlint.analysis.taint.texts import is_text
from edlint.analysis.taint.values import UNKNOWN, Value
from edlint.model.ir import Invoke, Text
from edlint.model.ir import Value as Expression
from edlint.model.types import TypeRef
from edlint.model.unit import Function


def taken_as_text(evaluator: Evaluator, invoke: Invoke, callees: Iterable[Function]) -> dict[int, TypeRef]:
    """Positions of the pointers to characters for which the function called takes a string, with its type."""
    taken: dict[int, TypeRef] = {}
    functions = tuple(callees)
    for position, given in enumerate(invoke.args):
        types = [f.params[position].type for f in functions if position < len(f.params)]
        if not types or isinstance(given, Text):
            continue
        if all(is_text(evaluator, replace(t, reference=False) if t.reference else t) for t in types):
            ref = evaluator.type_of(given)
            if ref is not None and (ref.is_pointer or ref.is_array):
                taken[position] = types[0]
    return taken


def copied(evaluator: Evaluator, ref: TypeRef, given: Expression, value: Value) -> Value:
    """A string made of characters for a call, which reads them there. One that goes by reference is where they are."""
    if value.taints or value.targets:
        evaluator.touches.access(value, UNKNOWN, given.span, write=False, what="std::string", name=text_of(given))
    return value if ref.reference else evaluator.memory.content(evaluator.pointing.targets(value))
