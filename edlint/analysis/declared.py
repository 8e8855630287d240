"""The part of an interface that its author wrote, as opposed to what an SDK's own EDL brought."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from edlint.model.interface import Call, Interface, Param
from edlint.model.program import Program
from edlint.model.types import TypeDef, TypeKind, TypeRef


def own_calls(program: Program) -> Iterator[tuple[Interface, Call]]:
    """The calls whose text the author can edit: those of the EDL itself and of imported files of the project."""
    system = {module.path for module in program.sdk.modules}
    for interface in program.interfaces:
        for call in interface.calls:
            if call.imported_by is None or not _is_system(call.span.path, system):
                yield interface, call


def own_params(program: Program) -> Iterator[tuple[Interface, Call, Param]]:
    """The parameters of the calls whose text the author can edit, without those that the compiler refuses.

    What a refused declaration means is a guess, and the refusal is reported already.
    """
    for interface, call in own_calls(program):
        for param in accepted(interface, call):
            yield interface, call, param


def accepted(interface: Interface, call: Call) -> Iterator[Param]:
    """The parameters of a call without those that the compiler refuses: for them there is no bridge."""
    refused = interface.refused(call.declaration.source)
    for param in call.params:
        first = bisect_left(refused, (param.declaration.start,))
        if not any(end <= param.declaration.end for _, end in _started(refused, first, param.declaration.end)):
            yield param


def _started(places: Sequence[tuple[int, int]], first: int, end: int) -> Iterator[tuple[int, int]]:
    """The places from number `first` on that start before `end`."""
    while first < len(places) and places[first][0] <= end:
        yield places[first]
        first += 1


def _is_system(path: str, system: set[str]) -> bool:
    if path.startswith("sdk:"):
        return True
    parts = path.split("/")
    return any("/".join(parts[at:]) in system for at in range(len(parts)))


def edl_struct(interface: Interface, used: TypeRef) -> TypeDef | None:
    """The struct or union that the EDL defines for the base of a type, or None."""
    if used.kind not in (TypeKind.STRUCT, TypeKind.UNION, TypeKind.NAMED):
        return None
    found = interface.type(used.base)
    return found if found is not None and found.kind in (TypeKind.STRUCT, TypeKind.UNION) else None


def c_struct(program: Program, used: TypeRef) -> TypeDef | None:
    """The C definition of the base of a type, typedefs followed, or None when no given file has one."""
    name = used.base
    for _ in range(16):
        found = program.types.get(name)
        if found is None or found.alias is None:
            return found
        if found.alias.pointers or found.alias.function:
            return found
        if found.alias.base == name:
            return None
        name = found.alias.base
    return None
