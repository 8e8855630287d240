"""What crosses the boundary: each call and each parameter, with what the bridge does and leaves undone.

The JSON is a list of interfaces, one for each EDL file that is no import of another:

    path, dialect, dialect_reason, library_reason (empty for an enclave), includes, problems and inert (counts)
    imports   path, names (null: all), resolved (null: not found), calls, line
    types     name, kind, deep (a member says how much it points to), members
    calls     kind (ECALL or OCALL), name, path, line, result, public, allow (null: none is written),
              allow_enforced, switchless, propagates_errno, conventions, imported_by (null: its own), params
    params    name, type, attributes, transfer (value, in, out, in-out, raw), size, count, string, sized,
              range_checked, overflow_checked, extent_trusted, terminated, null_reaches, zero_length, fenced,
              single_fetch, deep_levels (-1: all), copied_back, leaks: see edlint.model.interface.Bridge;
              raw_members (paths of pointer members that cross as they are)
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from edlint.analysis.facts import Facts
from edlint.analysis.members import raw_paths
from edlint.model.interface import Bridge, Call, Extent, Import, Interface, Operand, Param, Termination, Transfer
from edlint.model.program import Program
from edlint.wording import many

WIDTH = 100
"""Columns of the text."""
MAX_NAME, MAX_TYPE, MAX_EXTENT = 24, 26, 22
"""Columns that a name, a type and an extent get before they push the rest aside."""

MAX_MEMBERS = 4
"""Raw members that are named."""

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
    texts = ("\n".join(_text(i)) + "\n" for i in program.interfaces)
    return "\n".join(texts) if program.interfaces else "No interface.\n"


def _text(interface: Interface) -> Iterator[str]:
    own = [c for c in interface.calls if c.imported_by is None]
    yield f"{interface.path}: {interface.dialect} ({interface.dialect_reason})"
    if interface.library_reason:
        yield f"  a library: {interface.library_reason}"
    yield f"  {_both(own)} of its own, {_both([c for c in interface.calls if c.imported_by])} imported"
    if interface.problems or interface.inert:
        yield f"  {len(interface.problems)} refused by the compiler, {len(interface.inert)} without effect"
    for kind, calls in (("ECALL", [c for c in own if c.is_ecall]), ("OCALL", [c for c in own if c.is_ocall])):
        params = [p for c in calls for p in c.params]
        common = _common(params)
        if calls:
            yield ""
            yield f"{kind}s"
            yield from _wrapped(
                f"  in every copied parameter, unless it says otherwise: {', '.join(common)}" if common else "", 4
            )
        widths = _widths(params)
        for call in calls:
            yield ""
            yield from _wrapped(f"  {_heading(call)}", 6)
            for param in call.params:
                yield from _row(interface, call, param, widths, common)
    for statement in interface.imports:
        yield ""
        yield from _imported(interface, statement)


def _both(calls: Sequence[Call]) -> str:
    ecalls = sum(c.is_ecall for c in calls)
    return f"{many(ecalls, 'ECALL')} and {many(len(calls) - ecalls, 'OCALL')}"


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False)


def _heading(call: Call) -> str:
    parts = [f"{call.name} -> {call.result}{' (RAW)' if call.result.is_pointer else ''}"]
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
    return "; ".join(parts) + f"  (line {call.span.line})"


def _imported(interface: Interface, statement: Import) -> Iterator[str]:
    """What one import brings: names, those first that pass raw addresses."""
    names = "all" if statement.names is None else f"{len(statement.names)} named"
    yield from _wrapped(f"import of {statement.path} ({names}): {statement.resolved or 'not found'}", 4)
    calls = [c for c in interface.calls if c.imported_by is statement]
    for kind, some in (("ECALLs", [c for c in calls if c.is_ecall]), ("OCALLs", [c for c in calls if c.is_ocall])):
        if some:
            yield from _wrapped(f"  {len(some)} {kind}: {', '.join(map(_marked, some))}", 4)
    if again := len(statement.calls) - len(calls):
        yield f"  {again} that another import brings already"


def _marked(call: Call) -> str:
    return f"{call.name} (RAW)" if any(p.bridge.is_raw for p in call.params) else call.name


def _widths(params: Iterable[Param]) -> tuple[int, int, int]:
    """Columns of names, types and extents."""
    cells = [(p.name, str(p.type), _extent(p)) for p in params]
    limits = MAX_NAME, MAX_TYPE, MAX_EXTENT
    name, kind, extent = (min(max((len(c[n]) for c in cells), default=0), limits[n]) for n in range(3))
    return name, kind, extent


def _row(
    interface: Interface, call: Call, param: Param, widths: tuple[int, int, int], common: Sequence[str]
) -> list[str]:
    name, kind, extent = widths
    transfer = _DIRECTION[param.bridge.transfer]
    start = f"    {param.name:<{name}}  {param.type!s:<{kind}}  {transfer:<7}  {_extent(param):<{extent}}  "
    said = [f for f in (*_facts(call, param), *_raw(interface, param)) if f not in common]
    # What follows a name or type that is too long starts further right; its continuation does not.
    lines = textwrap.wrap(
        ", ".join(said) or "-",
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * (name + kind + extent + 19),
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return [line.rstrip().removesuffix(" -").rstrip() for line in lines]


def _common(params: Iterable[Param]) -> list[str]:
    """Facts that hold for most of the copied parameters: worth saying once."""
    copied = [_guarantees(p.bridge) for p in params if p.bridge.transfer not in (Transfer.VALUE, Transfer.RAW)]
    facts = dict.fromkeys(fact for each in copied for fact in each)
    return [fact for fact in facts if sum(fact in each for each in copied) * 2 > len(copied)]


def _guarantees(bridge: Bridge) -> list[str]:
    """Facts that do not depend on the parameter's attributes."""
    return [
        "range-checked" if bridge.range_checked else "NO range check",
        "fence" if bridge.fenced else "no fence",
        "length tied to the copy" if bridge.extent_trusted else "REAL LENGTH GIVEN APART",
        "NULL passes" if bridge.null_reaches else "never NULL",
    ]


def _facts(call: Call, param: Param) -> Iterator[str]:
    """What the bridge does for a parameter; what it leaves undone in capitals."""
    bridge = param.bridge
    if bridge.transfer is Transfer.VALUE:
        return
    if bridge.is_raw:
        yield "NOT CHECKED, NOT COPIED" if call.is_ecall else "the address as it is"
        return
    yield from _guarantees(bridge)
    extent = bridge.extent
    if extent is not None and extent.string:
        yield "NO TERMINATOR CHECK" if bridge.terminated is Termination.NONE else str(bridge.terminated.value)
    elif extent is not None and extent.count is not None and not bridge.overflow_checked:
        yield "PRODUCT MAY WRAP"
    if bridge.deep_levels:
        yield "members copied" if bridge.deep_levels < 0 else f"members copied, {bridge.deep_levels} level"
    if bridge.leaks:
        yield "COPY OF THE MEMBERS NOT FREED"


def _raw(interface: Interface, param: Param) -> Iterator[str]:
    """The members that stay addresses of the other side."""
    if names := raw_paths(interface, param):
        more = f" and {len(names) - MAX_MEMBERS} more" if len(names) > MAX_MEMBERS else ""
        yield f"RAW {', '.join(names[:MAX_MEMBERS])}{more}"


def _extent(param: Param) -> str:
    bridge = param.bridge
    if bridge.transfer in (Transfer.VALUE, Transfer.RAW):
        return ""
    if bridge.extent is not None:
        return _product(bridge.extent)
    return "".join(f"[{d}]" for d in param.type.dims) or "one element"


def _product(extent: Extent) -> str:
    if extent.string:
        return "string"
    if extent.count is not None:
        return f"{extent.count.text} * {extent.size.text} bytes" if extent.size else f"{extent.count.text} elements"
    return f"{extent.size.text} bytes" if extent.size else ""


def _document(interface: Interface) -> dict[str, object]:
    return {
        "path": interface.path,
        "dialect": interface.dialect.value,
        "dialect_reason": interface.dialect_reason,
        "library_reason": interface.library_reason,
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
        "calls": [_call(interface, c) for c in interface.calls],
        "types": [
            {"name": t.name, "kind": t.kind.value, "deep": t.is_deep, "members": [m.name for m in t.members]}
            for t in interface.types
        ],
        "problems": len(interface.problems),
        "inert": len(interface.inert),
    }


def _call(interface: Interface, call: Call) -> dict[str, object]:
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
        "params": [_param(interface, p) for p in call.params],
    }


def _param(interface: Interface, param: Param) -> dict[str, object]:
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
        "raw_members": raw_paths(interface, param),
    }


def _operand(operand: Operand | None) -> str | None:
    return operand.text if operand else None
