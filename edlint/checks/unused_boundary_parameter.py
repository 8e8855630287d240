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

WORD = re.compile(r"[A-Za-z_]\w*")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def check(program: Program) -> Iterator[Found]:
    """One finding for each definition that does not mention a named parameter."""
    own = {id(call) for _, call in own_calls(program)}
    bodies: dict[str, str] = {}
    for macro in (m for u in program.units for m in u.macros):
        bodies[macro.name] = f"{bodies.get(macro.name, '')} {macro.body}"
    functions: dict[int, tuple[Call, list[Function]]] = {}
    for item in program.implementations:
        if id(item.call) in own:
            functions.setdefault(id(item.call), (item.call, []))[1].append(item.function)
    for call, definitions in functions.values():
        if any(f.state is ReadState.LOST or len(f.params) != len(call.params) for f in definitions):
            continue
        behind = [_macro_text(bodies, f) for f in definitions]
        unused = [
            n
            for n in range(len(call.params))
            if all(_is_unused(f, f.params[n], text) for f, text in zip(definitions, behind, strict=True))
            and not (call.is_ocall and _is_extent(call, n))
        ]
        if unused:
            yield _found(call, definitions[0], unused)


def _is_extent(call: Call, position: int) -> bool:
    """Whether the bridge itself needs a parameter, as the size of another."""
    extents = [p.bridge.extent for p in call.params]
    return any(o.text == call.params[position].name for e in extents if e is not None for o in e.operands)


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


def _macro_text(bodies: dict[str, str], function: Function) -> str:
    """The bodies of all macros that the function names, and of those that they name."""
    seen: dict[str, None] = dict.fromkeys(sorted(n for n in function.names if n in bodies))
    queue = list(seen)
    for name in queue:
        for other in dict.fromkeys(WORD.findall(bodies[name])):
            if other in bodies and other not in seen:
                seen[other] = None
                queue.append(other)
    return " ".join(bodies[n] for n in seen)


def _is_unused(function: Function, variable: Variable, macros: str) -> bool:
    """Whether the definition's text names the parameter only where it declares it, and no macro in it does."""
    if not variable.name or not function.extent.covers(variable.span):
        return False
    if re.search(rf"\b{re.escape(variable.name)}\b", macros):
        return False
    text = COMMENT.sub(" ", function.extent.text)
    return len(re.findall(rf"\b{re.escape(variable.name)}\b", text)) == 1 and _does_something(text)


def _does_something(text: str) -> bool:
    """Whether the body is more than a stub: `{}` and `{ return 0; }` use nothing, and say so."""
    opening = text.find("{")
    body = text[opening + 1 : text.rfind("}")].strip() if opening >= 0 else ""
    return bool(body) and not re.fullmatch(r"return\b[^;]*;|(?:abort|assert|throw)\b[^;]*;", body)
