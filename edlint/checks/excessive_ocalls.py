"""Enclaves that ask too much of the host."""

from collections.abc import Iterator

from edlint.finding import Label
from edlint.model.interface import Interface
from edlint.model.program import Program
from edlint.rule import Found

LIMIT = 100
"""OCALLs of one enclave that nobody minds, unless the configuration says otherwise."""
_SHOWN = 5


def check(program: Program) -> Iterator[Found]:
    """One finding for each enclave with more OCALLs than the limit, at the word `enclave`."""
    limit = program.limits.get("ocalls", LIMIT)
    for interface in program.interfaces:
        count = len(interface.ocalls)
        if count <= limit or interface.body is None:
            continue
        shares = _shares(interface)[:_SHOWN]
        start = interface.body.start
        yield Found(
            interface.body.source.span(start, start + len("enclave")),
            label=f"{count} OCALLs",
            labels=tuple(label for _, _, label in shares if label is not None),
            count=count,
            limit=limit,
            shares=", ".join(f"{number} from {origin}" for origin, number, _ in shares),
        )


def _shares(interface: Interface) -> list[tuple[str, int, Label | None]]:
    """Where the OCALLs come from, the largest share first; a call that two imports bring counts for the first."""
    left = {call.name for call in interface.ocalls if call.imported_by is None}
    found: list[tuple[str, int, Label | None]] = []
    if left:
        found.append(("the file itself", len(left), None))
    taken = set(left)
    ocalls = {call.name for call in interface.ocalls}
    for imported in interface.imports:
        brought = (set(imported.calls) & ocalls) - taken
        taken |= brought
        if brought:
            text = f"brings {len(brought)} OCALL{'s' if len(brought) > 1 else ''}"
            found.append((f"'{imported.path}'", len(brought), Label(imported.path_span, text)))
    return sorted(found, key=lambda share: -share[1])
