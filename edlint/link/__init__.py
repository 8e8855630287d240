"""Both sides joined into a Program: which side every file is on, and which function is which declared call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edlint.link import shared
from edlint.link.configured import settings_in_code
from edlint.link.headers import Headers, is_header
from edlint.link.implementations import find_implementations
from edlint.link.included import Included
from edlint.link.sides import place
from edlint.link.uses import find_uses
from edlint.model.build import Target
from edlint.model.interface import Interface
from edlint.model.ir import Variable
from edlint.model.program import Placement, Program, Side
from edlint.model.sdk import Sdk
from edlint.model.settings import Settings
from edlint.model.types import TypeDef
from edlint.model.unit import Function, Shared, Unit
from edlint.source import Gap

__all__ = ["link"]


def link(
    interfaces: Sequence[Interface],
    units: Sequence[Unit],
    settings: Sequence[Settings],
    sdk: Sdk,
    trusted: Sequence[str] = (),
    untrusted: Sequence[str] = (),
    limits: Mapping[str, int] | None = None,
    targets: Sequence[Target] = (),
) -> Program:
    """The program that these files are.

    `trusted` and `untrusted` are globs of paths that decide before all evidence. `limits` are those of the
    configuration, and `targets` what the build files compile. Never raises.
    """
    ordered = tuple(sorted(units, key=lambda u: u.path))
    headers = Headers.of(ordered, targets)
    placements = place(interfaces, ordered, headers, sdk, trusted, untrusted, targets)
    implementations = find_implementations(interfaces, ordered, headers, placements)
    functions: dict[str, list[Function]] = {}
    variables: dict[str, list[Variable]] = {}
    for unit in ordered:
        for function in unit.functions:
            functions.setdefault(function.name, []).append(function)
        for variable in unit.globals:
            variables.setdefault(variable.key, []).append(variable)
    declared: dict[str, list[Variable]] = {}
    for unit in ordered:
        for variable in unit.externs:
            if variable.key not in variables:
                declared.setdefault(variable.key, []).append(variable)
    together = _shared(ordered)
    return Program(
        interfaces=tuple(interfaces),
        units=ordered,
        settings=(*settings, *settings_in_code(ordered, settings)),
        sdk=sdk,
        placements=placements,
        implementations=implementations,
        uses=find_uses(interfaces, ordered, headers, placements, implementations),
        functions={n: tuple(f) for n, f in functions.items()},
        globals={n: tuple(v) for n, v in variables.items()},
        types=together.types,
        constants=together.constants,
        gaps=_gaps(ordered, placements, headers),
        limits=dict(limits or {}),
        externs={n: tuple(v) for n, v in declared.items()},
        included=Included(interfaces, headers),
    )


def _shared(units: Sequence[Unit]) -> Shared:
    """What the units know together; what they say one by one when they were not read together."""
    together = {id(u.shared): u.shared for u in units if u.shared is not None}
    if len(together) == 1 and all(u.shared is not None for u in units):
        return next(iter(together.values()))
    types: dict[str, TypeDef] = {}
    constants: dict[str, int] = {}
    for unit in units:
        for definition in unit.types:
            known = types.get(definition.name)
            # A forward declaration gives way to the definition.
            if known is None or (not known.members and known.alias is None):
                types[definition.name] = definition
        for name, value in unit.constants.items():
            constants.setdefault(name, value)
    return Shared(types, constants)


def _gaps(units: Sequence[Unit], placements: Mapping[str, Placement], headers: Headers) -> tuple[Gap, ...]:
    """What the readers lost, and the files with code of which the side is unknown."""
    gaps = [gap for unit in units for gap in unit.gaps]
    for unit in units:
        placement = placements[unit.path]
        # What is in a header that nobody includes runs nowhere.
        unused = is_header(unit.path) and not headers.included_by[unit.path]
        if placement.side is Side.UNDECIDED and unit.functions and not unit.generated and not unused:
            message = f"Whether this file runs inside the enclave is not decided: {placement.reason}."
            gaps.append(Gap(unit.path, None, message, "undecided-side"))
    return (*gaps, *shared.gap(units, placements))
