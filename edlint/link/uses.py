"""Where the code crosses the boundary: calls of OCALLs inside, of ECALLs outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from edlint.link.headers import Headers
from edlint.link.implementations import nearest, stems_of
from edlint.model.interface import Interface
from edlint.model.program import CallUse, Implementation, Placement, Side
from edlint.model.unit import Unit

_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")


def find_uses(
    interfaces: Sequence[Interface],
    units: Sequence[Unit],
    headers: Headers,
    placements: Mapping[str, Placement],
    implementations: Sequence[Implementation],
) -> tuple[CallUse, ...]:
    """The crossings, one for each function and call, in the order of the text; macros are looked through."""
    declared = frozenset(c.name for i in interfaces for c in i.calls)
    behind = _macro_calls(units, declared)
    crossing = declared.union(behind)
    defined: dict[str, set[int]] = {}
    for implementation in implementations:
        defined.setdefault(implementation.call.name, set()).add(id(implementation.function))
    found = []
    for unit in units:
        if unit.generated:
            continue
        side = placements[unit.path].side
        own = {f.name for f in unit.functions if not f.owner}
        stems: frozenset[str] | None = None
        for function in unit.functions:
            if crossing.isdisjoint(function.called):
                continue
            names = (n for m in function.calls for n in (m.name, *behind.get(m.name, ())))
            for name in dict.fromkeys(names):
                if name not in declared or name in own:
                    continue
                if stems is None:
                    stems = stems_of(unit.path, headers)
                target = nearest(unit.path, name, interfaces, stems)
                if target is None:
                    continue
                interface, call = target
                if (side is Side.TRUSTED and call.is_ecall) or (side is Side.UNTRUSTED and call.is_ocall):
                    continue
                found.append(CallUse(interface, call, function))
    return tuple(found)


def _macro_calls(units: Sequence[Unit], declared: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """By macro: the declared calls that its body makes, through further macros too."""
    direct: dict[str, set[str]] = {}
    for unit in units:
        for macro in unit.macros:
            called = set(_CALL.findall(macro.body))
            # `#define log ocall_log` calls when it is called.
            if macro.params is None and macro.body.strip() in declared:
                called.add(macro.body.strip())
            if called:
                direct.setdefault(macro.name, set()).update(called)
    callers: dict[str, list[str]] = {}
    for name, called in direct.items():
        for other in called:
            callers.setdefault(other, []).append(name)
    found: dict[str, tuple[str, ...]] = {}
    # From the calls up to the macros, since few calls are declared and a header may have any number of macros.
    for call in sorted(declared & callers.keys()):
        seen, queue = {call}, [call]
        for current in queue:
            for name in callers.get(current, ()):
                if name not in seen:
                    seen.add(name)
                    queue.append(name)
        for name in queue[1:]:
            found[name] = (*found.get(name, ()), call)
    return found
