"""What edlint made of a project, for a user who wonders why a finding is missing."""

from __future__ import annotations

import posixpath
import re

from edlint.link.headers import STANDARD, Headers, normal
from edlint.model.program import Program, Side
from edlint.model.unit import ReadState
from edlint.show.coverage import count, lines
from edlint.wording import many

_PROXY_HEADER = re.compile(r"_[tu]\.h\Z")


def report(program: Program) -> str:
    """Dialects, files by side, headers that were not found, functions that were not read; ends with a line end."""
    parts = [*_interfaces(program), *_sides(program), *_headers(program), *_functions(program)]
    return "\n".join(parts) + "\n"


def _interfaces(program: Program) -> list[str]:
    out = ["Interfaces:"]
    for interface in program.interfaces:
        calls = f"{many(len(interface.ecalls), 'ECALL')}, {many(len(interface.ocalls), 'OCALL')}"
        out.append(f"  {interface.path}: {interface.dialect} ({interface.dialect_reason}); {calls}")
        behind = {i.call.name for i in program.implementations if i.interface is interface}
        own = [c for c in interface.calls if c.imported_by is None]
        out.append(f"    implementations found for {sum(c.name in behind for c in own)} of {len(own)} own calls")
        out.extend(f"    no implementation of {c.kind} '{c.name}'" for c in own if c.name not in behind)
        out.extend(f"    {note.span!r}: {note.message}" for note in interface.notes)
    if not program.interfaces:
        out.append("  none: give the EDL file, or a folder that holds it")
    out.append("Configuration:")
    out.extend(f"  {s.path}: {s.format}, {many(len(s.values), 'setting')}" for s in program.settings)
    if not program.settings:
        out.append("  none")
    return out


def _sides(program: Program) -> list[str]:
    out = []
    for side in Side:
        paths = [u.path for u in program.units if program.side(u.path) is side]
        if paths:
            out.append(f"Files, {side}: {len(paths)}")
            out.extend(f"  {p}: {program.placements[p].reason}" for p in paths)
    if any(program.side(u.path) is Side.UNDECIDED for u in program.units):
        out.append("  decide with --trusted GLOB and --untrusted GLOB, or in edlint.toml")
    return out


def _headers(program: Program) -> list[str]:
    """Quoted includes that no file given answers; those of an SDK and generated ones are not the project's."""
    headers = Headers.of(program.units)
    missing: dict[str, list[str]] = {}
    known = {*program.sdk.trusted_headers, *program.sdk.untrusted_headers}
    for unit in program.units:
        found = {posixpath.basename(p) for p in headers.includes[unit.path]}
        for include in unit.includes:
            path = normal(include.path)
            name = posixpath.basename(path)
            if include.system or name in found or path in known or name in STANDARD or _PROXY_HEADER.search(path):
                continue
            missing.setdefault(path, []).append(unit.path)
    if not missing:
        return []
    out = [f"Headers not found: {len(missing)}"]
    for path, users in sorted(missing.items()):
        more = f" and {len(users) - 1} more" if len(users) > 1 else ""
        out.append(f"  {path}: included by {users[0]}{more}")
    return out


def _functions(program: Program) -> list[str]:
    counts = count(program)
    out = ["Functions: " + ", ".join(f"{number} {state}" for state, number in counts.items())]
    for unit in program.units:
        if unit.generated:
            continue
        for function in unit.functions:
            if function.state in (ReadState.PARTIAL, ReadState.LOST):
                first, last = lines(function)
                out.append(f"  {function.path}:{first}-{last}: '{function.qualified}' is {function.state}")
    return out
