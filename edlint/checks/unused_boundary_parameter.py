"""Parameters that cross the boundary for nobody."""

import re
from collections.abc import Iterator

from edlint.analysis.declared import own_calls
from edlint.finding import Label
from edlint.model.interface import Call
from edlint.model.ir import Variable
from edlint.model.program import Program
from edlint.model.unit import Function, ReadState
from edlint.rule import Found

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def check(program: Program) -> Iterator[Found]:
    """One finding for each definition that does not mention a named parameter."""
    own = {id(call) for _, call in own_calls(program)}
    functions: dict[int, tuple[Call, list[Function]]] = {}
    for item in program.implementations:
        if id(item.call) in own:
            functions.setdefault(id(item.call), (item.call, []))[1].append(item.function)
    for call, definitions in functions.values():
        if any(f.state is ReadState.LOST or len(f.params) != len(call.params) for f in definitions):
            continue
        unused = [n for n in range(len(call.params)) if all(_is_unused(f, f.params[n]) for f in definitions)]
        if unused:
            yield _found(call, definitions[0], unused)


def _found(call: Call, function: Function, unused: list[int]) -> Found:
    first, more = unused[0], unused[1:]
    names = [f"'{function.params[n].name}'" for n in unused]
    return Found(
        function.params[first].span,
        label="never used",
        labels=(
            *(Label(function.params[n].span, "never used") for n in more),
            Label(call.params[first].span, "crosses the boundary"),
        ),
        function=function.qualified,
        variant="several" if more else "",
        kind=call.kind,
        call=call.name,
        param=", ".join(names[:-1]) + f" and {names[-1]}" if more else names[0],
    )


def _is_unused(function: Function, variable: Variable) -> bool:
    """Whether the definition's text names the parameter only where it declares it."""
    if not variable.name or not function.extent.covers(variable.span):
        return False
    text = COMMENT.sub(" ", function.extent.text)
    return len(re.findall(rf"\b{re.escape(variable.name)}\b", text)) == 1 and _does_something(text)


def _does_something(text: str) -> bool:
    """Whether the body is more than a stub: `{}` and `{ return 0; }` use nothing, and say so."""
    opening = text.find("{")
    body = text[opening + 1 : text.rfind("}")].strip() if opening >= 0 else ""
    return bool(body) and not re.fullmatch(r"return\b[^;]*;|(?:abort|assert|throw)\b[^;]*;", body)
