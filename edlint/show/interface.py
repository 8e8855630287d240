"""What crosses the boundary: each call and each parameter, with what the bridge does and leaves undone."""

from __future__ import annotations

import json

from edlint.analysis.facts import Facts
from edlint.model.interface import Bridge, Call, Extent, Interface, Operand, Param, Termination, Transfer
from edlint.model.program import Program

_DIRECTION = {
    Transfer.VALUE: "value",
    Transfer.IN: "in",
    Transfer.OUT: "out",
    Transfer.IN_OUT: "in, out",
    Transfer.RAW: "RAW",
}


def show(program: Program, facts: Facts, style: str) -> str:
    """The interfaces of a program, as `text` or `json`, ending with a line end."""
    if style == "json":
        return json.dumps([_document(i) for i in program.interfaces], indent=2, ensure_ascii=False) + "\n"
    return "\n".join(_text(i) for i in program.interfaces) if program.interfaces else "No interface.\n"


def _text(interface: Interface) -> str:
    out = [f"{interface.path}: {interface.dialect} ({interface.dialect_reason})"]
    for statement in interface.imports:
        names = "*" if statement.names is None else ", ".join(n.name for n in statement.names)
        found = statement.resolved or "not found"
        brought = f"{len(statement.calls)} call{'' if len(statement.calls) == 1 else 's'}"
        out.append(f"  imports {statement.path} ({names}): {brought}, {found}")
    for kind, calls in (("ECALL", interface.ecalls), ("OCALL", interface.ocalls)):
        for call in calls:
            out.append("")
            out.append(f"{kind} {_heading(call)}")
            out.extend(_table(call))
    out.append("")
    out.append(
        f"{len(interface.ecalls)} ECALLs, {len(interface.ocalls)} OCALLs, {len(interface.types)} types,"
        f" {len(interface.problems)} refused, {len(interface.inert)} inert"
    )
    return "\n".join(out) + "\n"


def _heading(call: Call) -> str:
    parts = [f"{call.name}: {call.result}"]
    if call.is_ecall:
        parts.append("public" if call.public else "private")
    if call.has_allow:
        allowed = ", ".join(a.name for a in call.allow) or "nothing"
        parts.append(f"allows {allowed}{'' if call.allow_enforced else ' (not enforced)'}")
    if call.switchless:
        parts.append("switchless")
    if call.propagates_errno:
        parts.append("errno of the host")
    if call.conventions:
        parts.append(", ".join(call.conventions))
    if call.imported_by is not None:
        parts.append(f"from {call.imported_by.path}")
    return "; ".join(parts) + f" [{call.span!r}]"


def _table(call: Call) -> list[str]:
    rows = [(p.name, str(p.type), _DIRECTION[p.bridge.transfer], _extent(p), *_facts(p.bridge)) for p in call.params]
    if not rows:
        return []
    head = ("parameter", "type", "direction", "extent", "done", "not done")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return ["  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)]  # fmt: skip


def _extent(param: Param) -> str:
    bridge = param.bridge
    if bridge.transfer in (Transfer.VALUE, Transfer.RAW):
        return "-"
    if bridge.extent is None:
        if param.type.dims:
            return "".join(f"[{d}]" for d in param.type.dims)
        return "1 element"
    return _product(bridge.extent)


def _product(extent: Extent) -> str:
    if extent.string:
        return "to the NUL"
    size = extent.size.text if extent.size else "sizeof"
    return f"{extent.count.text} * {size}" if extent.count else f"{size} bytes"


def _facts(bridge: Bridge) -> tuple[str, str]:
    """What the bridge does for a parameter, and what it does not do."""
    if bridge.transfer is Transfer.VALUE:
        return "-", "-"
    if bridge.transfer is Transfer.RAW:
        return "-", "range check, copy, NULL check"
    done: list[str] = []
    undone: list[str] = []

    def fact(holds: bool, text: str, otherwise: str | None = None) -> None:
        if holds:
            done.append(text)
        elif otherwise != "":
            undone.append(otherwise or text)

    fact(bridge.range_checked, "range check")
    fact(bridge.fenced, "fence", "")
    if bridge.extent is not None and not bridge.extent.string:
        fact(bridge.overflow_checked, "overflow check")
    fact(bridge.extent_trusted, "extent bound to copy", "extent bound to copy")
    if bridge.extent is not None and bridge.extent.string:
        fact(bridge.terminated is not Termination.NONE, bridge.terminated.value, "terminator check")
    if bridge.deep_levels:
        done.append("deep copy" if bridge.deep_levels < 0 else f"deep copy, {bridge.deep_levels} level")
    fact(bridge.copied_back, "copied back whatever is returned", "")
    fact(not bridge.null_reaches, "NULL check")
    if bridge.leaks:
        undone.append("freeing the members' copy")
    return ", ".join(done) or "-", ", ".join(undone) or "-"


def _document(interface: Interface) -> dict[str, object]:
    return {
        "path": interface.path,
        "dialect": interface.dialect.value,
        "dialect_reason": interface.dialect_reason,
        "imports": [
            {
                "path": i.path,
                "names": None if i.names is None else [n.name for n in i.names],
                "resolved": i.resolved,
                "calls": list(i.calls),
                "line": i.span.line,
            }
            for i in interface.imports
        ],
        "includes": [name for name, _ in interface.includes],
        "calls": [_call(c) for c in interface.calls],
        "types": [
            {"name": t.name, "kind": t.kind.value, "deep": t.is_deep, "members": [m.name for m in t.members]}
            for t in interface.types
        ],
        "problems": len(interface.problems),
        "inert": len(interface.inert),
    }


def _call(call: Call) -> dict[str, object]:
    return {
        "kind": call.kind.value,
        "name": call.name,
        "path": call.span.path,
        "line": call.span.line,
        "result": str(call.result),
        "public": call.public,
        "allow": [a.name for a in call.allow] if call.has_allow else None,
        "allow_enforced": call.allow_enforced,
        "switchless": call.switchless,
        "propagates_errno": call.propagates_errno,
        "conventions": list(call.conventions),
        "imported_by": call.imported_by.path if call.imported_by else None,
        "params": [_param(p) for p in call.params],
    }


def _param(param: Param) -> dict[str, object]:
    bridge = param.bridge
    extent = bridge.extent
    return {
        "name": param.name,
        "type": str(param.type),
        "attributes": [a.name for a in param.attributes],
        "transfer": bridge.transfer.value,
        "size": _operand(extent.size) if extent else None,
        "count": _operand(extent.count) if extent else None,
        "string": extent.string if extent else False,
        "sized": bridge.sized,
        "range_checked": bridge.range_checked,
        "overflow_checked": bridge.overflow_checked,
        "extent_trusted": bridge.extent_trusted,
        "terminated": bridge.terminated.value,
        "null_reaches": bridge.null_reaches,
        "zero_length": bridge.zero_length.value,
        "fenced": bridge.fenced,
        "single_fetch": bridge.single_fetch,
        "deep_levels": bridge.deep_levels,
        "copied_back": bridge.copied_back,
        "leaks": bridge.leaks,
    }


def _operand(operand: Operand | None) -> str | None:
    return operand.text if operand else None
