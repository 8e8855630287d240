"""What was read: every file with its side, every function with its state."""

from __future__ import annotations

import json
from typing import Any

from edlint.analysis.facts import Facts
from edlint.model.program import Program
from edlint.model.unit import Function, ReadState, Unit


def show(program: Program, facts: Facts, style: str) -> str:
    """The coverage of a program, as `text` or `json`, ending with a line end."""
    if style == "json":
        return json.dumps(_document(program), indent=2, ensure_ascii=False) + "\n"
    return _text(program)


def merged(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """One JSON document for several enclaves; a file that two of them share on the same side stands once."""
    files: dict[tuple[str, str], dict[str, Any]] = {}
    for document in documents:
        for file in document["files"]:
            files.setdefault((file["path"], file["side"]), file)
    counts = {state.value: 0 for state in ReadState}
    for file in {f["path"]: f for f in files.values() if f["reader"] != "generated"}.values():
        for function in file["functions"]:
            counts[function["state"]] += 1
    return {"files": list(files.values()), "functions": counts}


def reader(unit: Unit) -> str:
    """Which readers a file went through: `generated`, `first`, or `first and second`."""
    if unit.generated:
        return "generated"
    return "first and second" if any(f.state is ReadState.SECOND for f in unit.functions) else "first"


def lines(function: Function) -> tuple[int, int]:
    """First and last line of a definition."""
    return function.extent.line, function.extent.source.position(max(function.extent.start, function.extent.end - 1))[0]


def count(program: Program) -> dict[str, int]:
    """Functions by state, generated proxies left out."""
    counts = {state.value: 0 for state in ReadState}
    for unit in program.units:
        if not unit.generated:
            for function in unit.functions:
                counts[function.state.value] += 1
    return counts


def _document(program: Program) -> dict[str, object]:
    files = []
    for unit in program.units:
        placement = program.placements[unit.path]
        functions = []
        for function in unit.functions:
            first, last = lines(function)
            functions.append(
                {
                    "name": function.qualified,
                    "first_line": first,
                    "last_line": last,
                    "state": function.state.value,
                    "unread_lines": sorted({s.line for s in function.unread}),
                }
            )
        files.append(
            {
                "path": unit.path,
                "language": unit.language,
                "side": placement.side.value,
                "reason": placement.reason,
                "reader": reader(unit),
                "functions": functions,
            }
        )
    return {"files": files, "functions": count(program)}


def _text(program: Program) -> str:
    out = []
    for unit in program.units:
        placement = program.placements[unit.path]
        out.append(f"{unit.path}: {placement.side} ({placement.reason}); {unit.language}, reader: {reader(unit)}")
        for function in unit.functions:
            first, last = lines(function)
            unread = sorted({s.line for s in function.unread})
            where = f", not read: line{'s' if len(unread) > 1 else ''} {', '.join(map(str, unread))}" if unread else ""
            out.append(f"  {function.qualified} {first}-{last} {function.state}{where}")
    counts = count(program)
    states = ", ".join(f"{number} {state}" for state, number in counts.items())
    out.append(f"{len(program.units)} files, {sum(counts.values())} functions: {states}")
    return "\n".join(out) + "\n"
