"""What the boundary reaches inside the enclave: which function calls which."""

from __future__ import annotations

import json

from edlint.analysis.callgraph import CallGraph
from edlint.analysis.facts import Facts
from edlint.model.program import Program
from edlint.model.unit import Function


def show(program: Program, facts: Facts, style: str) -> str:
    """The call graph as `text` or `json`, callers first, ending with a line end."""
    graph = facts.get(CallGraph)
    functions = sorted(graph.reached, key=lambda f: (f not in graph.roots, f.span.order))
    if style == "json":
        rows = [
            {
                "function": f.qualified,
                "place": repr(f.span),
                "boundary": _role(program, f),
                "calls": [c.qualified for c in graph.calls.get(f, ())],
                "ocalls": _ocalls(program, f),
            }
            for f in functions
        ]
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    lines = []
    for function in functions:
        role = _role(program, function)
        lines.append(f"{function.span!r}: {function.qualified}{f' ({role})' if role else ''}")
        lines += [f"  calls {c.qualified} ({c.span!r})" for c in graph.calls.get(function, ())]
        lines += [f"  leaves the enclave through OCALL {name}" for name in _ocalls(program, function)]
    return "".join(f"{line}\n" for line in lines) or "no trusted function is reached\n"


def _role(program: Program, function: Function) -> str:
    call = program.implemented(function)
    return f"{call.kind} {call.name}" if call is not None else ""


def _ocalls(program: Program, function: Function) -> list[str]:
    return sorted({u.call.name for u in program.uses if u.caller is function and u.call.is_ocall})
