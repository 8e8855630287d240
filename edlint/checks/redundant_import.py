"""Imports that bring nothing which another does not."""

from collections.abc import Iterator

from edlint.finding import Edit, Fix, Label
from edlint.model.interface import Import
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each import of which file and calls come with another import of the same EDL."""
    for interface in program.interfaces:
        kept = list(interface.imports)
        # The last one first, so that of two equal imports the first stays.
        for place in range(len(kept) - 1, -1, -1):
            imported = kept[place]
            if imported.resolved is None:
                continue
            other = next((o for o in kept if o is not imported and _covers(o, imported)), None)
            if other is None:
                continue
            del kept[place]
            yield Found(
                imported.path_span,
                variant="again" if imported.resolved == other.resolved else "",
                label="nothing new",
                labels=(Label(other.path_span, "brings it"),),
                fix=Fix("remove the import", (Edit(imported.span, ""),)),
                file=imported.path,
                other=other.path,
            )


def _covers(other: Import, imported: Import) -> bool:
    """Whether `other` brings the file that `imported` names, with all the calls taken from it."""
    if other.resolved is None or imported.resolved is None or not imported.modules:
        return False
    if imported.modules[0] not in other.modules:
        return False
    return set(imported.calls) <= set(other.calls)
