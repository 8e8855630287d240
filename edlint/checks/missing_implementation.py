"""Declared calls behind which nothing stands."""

import posixpath
import re
from collections.abc import Iterator, Sequence

from edlint.analysis.declared import own_calls
from edlint.model.interface import Call, CallKind, Interface
from edlint.model.program import Program, Side
from edlint.model.unit import Unit
from edlint.rule import Found

SOURCES = (".c", ".cc", ".cpp", ".cxx", ".c++")
DECLARATION = re.compile(r"\s*\((?:[^();{}]|\([^();{}]*\))*\)[\w\s()]*(?:=\s*0\s*)?;")
"""What follows the name in a prototype or in the declaration of a method."""
WANTED = {CallKind.ECALL: Side.TRUSTED, CallKind.OCALL: Side.UNTRUSTED}

_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+"


def check(program: Program) -> Iterator[Found]:
    """One finding for each call that the code given should define and does not."""
    found = {id(i.call) for i in program.implementations}
    groups: dict[tuple[int, CallKind, str], list[tuple[Interface, Call]]] = {}
    for interface, call in own_calls(program):
        groups.setdefault((id(interface), call.kind, call.span.path), []).append((interface, call))
    modules = "\n".join(m.text for m in program.sdk.modules)
    for (_, kind, path), calls in groups.items():
        missing = [(i, c) for i, c in calls if id(c) not in found]
        units = _candidates(program, kind)
        if not missing or not units or not _is_given(calls[0][0], path, kind, units, len(missing) < len(calls)):
            continue
        for interface, call in missing:
            # `time` and the like come with the C library of that side.
            if call.name in program.sdk.proxied or call.name in program.sdk.rows:
                continue
            # An OCALL of the SDK that the file declares by itself, in place of an import: its library has it.
            if kind is CallKind.OCALL and re.search(rf"\b{re.escape(call.name)}\s*\(", modules):
                continue
            if not any(_may_define(u, call.name) for u in units):
                yield Found(
                    call.span,
                    label="declared here",
                    function=call.name,
                    kind=kind,
                    call=call.name,
                    side=WANTED[kind],
                    file=posixpath.basename(interface.path),
                )


def _candidates(program: Program, kind: CallKind) -> list[Unit]:
    """The files that may hold the definitions, when at least one of them certainly runs on that side."""
    sides = {u.path: program.side(u.path) for u in program.units if not u.generated and u.functions}
    if not any(s is WANTED[kind] and p.lower().endswith(SOURCES) for p, s in sides.items()):
        return []
    return [u for u in program.units if sides.get(u.path) in (WANTED[kind], Side.BOTH, Side.UNDECIDED)]


def _is_given(interface: Interface, path: str, kind: CallKind, units: Sequence[Unit], some: bool) -> bool:
    """Whether the code behind this file's calls is among the files given, rather than in a library or elsewhere."""
    if some:
        return True
    if path != interface.path:
        return False
    stem = posixpath.splitext(posixpath.basename(interface.path))[0]
    header = f"{stem}_{'t' if kind is CallKind.ECALL else 'u'}.h"
    includers = [u for u in units if any(posixpath.basename(i.path.replace("\\", "/")) == header for i in u.includes)]
    return any(u.path.lower().endswith(SOURCES) for u in includers)


def _may_define(unit: Unit, name: str) -> bool:
    """Whether the name stands where a definition that was not read may be: outside of functions and declarations."""
    text = unit.source.text
    if name not in text:
        return False
    if any(f.name == name and not f.owner for f in unit.functions):
        return True
    extents = sorted((f.extent.start, f.extent.end) for f in unit.functions)
    seen, reach = 0, 0
    for match in re.finditer(rf"{_COMMENT}|\b({re.escape(name)})\b", text):
        at = match.start()
        while seen < len(extents) and extents[seen][0] <= at:
            reach = max(reach, extents[seen][1])
            seen += 1
        if match[1] is not None and at >= reach and not DECLARATION.match(text, match.end()):
            return True
    return False
