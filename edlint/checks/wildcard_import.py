"""Imports of everything that an SDK's EDL file declares."""

from collections.abc import Iterator

from edlint.analysis.usage import Usage
from edlint.finding import Edit, Fix
from edlint.model.interface import Dialect, Import, Interface
from edlint.model.program import Program
from edlint.rule import Found

_SHOWN = 12
"""Names in a message; the rest is counted."""


def check(program: Program, usage: Usage) -> Iterator[Found]:
    """One finding for each whole import, in an interface with one of which the code reaches no more than half.

    Silent on an enclave of which an ECALL has no implementation: its code is not all there.
    """
    for interface in program.interfaces:
        # An import of VBS cannot name calls. A file that only gathers others has no code, so is not complete.
        if interface.dialect is Dialect.VBS or not usage.is_complete(interface):
            continue
        whole = [i for i in interface.imports if i.is_wildcard and i.calls and usage.module(i) is not None]
        needed = [(imported, *_needed(interface, imported, usage)) for imported in whole]
        # Whoever has to list the calls of one import lists those of the others in the same edit.
        if all(2 * len(reached) > len(imported.calls) for imported, reached, _ in needed):
            continue
        for imported, reached, kept in needed:
            if len(reached) + len(kept) == len(imported.calls) and reached:
                continue
            names = [f"'{name}'" for name in reached[:_SHOWN]]
            if len(reached) > _SHOWN:
                names.append(f"and {len(reached) - _SHOWN} more")
            yield Found(
                imported.path_span,
                variant="" if reached else "none",
                label=f"brings {_calls(len(imported.calls))}",
                notes=_notes(reached, kept),
                fix=_fix(imported, [*reached, *kept]),
                file=imported.path,
                count=_calls(len(imported.calls)),
                reached=len(reached),
                names=", ".join(names),
            )


def _needed(interface: Interface, imported: Import, usage: Usage) -> tuple[list[str], dict[str, str]]:
    """The calls that the code reaches, and those that only a library asks for, each with what asks."""
    reached: list[str] = []
    kept: dict[str, str] = {}
    for name in imported.calls:
        call = interface.call(name)
        if call is None:
            continue
        # The host's code may not be among the files; its calls are not to be taken away then.
        unseen = usage.caller_side(interface, call).functions == 0 or usage.lacks(interface, call)
        if unseen or usage.reason(interface, call) is not None:
            reached.append(name)
        elif (library := usage.linked(interface, call)) is not None:
            kept[name] = library
    return reached, kept


def _notes(reached: list[str], kept: dict[str, str]) -> tuple[str, ...]:
    found = []
    for library in dict.fromkeys(kept.values()):
        count = sum(name == library for name in kept.values())
        found.append(f"'{library}' does not link without {_calls(count)} more, which the suggested list keeps.")
    if not reached and not kept:
        found.append("Nothing in the given code needs it; libraries of which no source was given are not seen.")
    return tuple(found)


def _fix(imported: Import, names: list[str]) -> Fix:
    span = imported.span
    if not names:
        return Fix("remove the import", (Edit(span, ""),))
    star = span.text.rfind("*")
    if star < 0:
        text = f'from "{imported.path}" import {", ".join(names)};'
        return Fix(f"import {_calls(len(names))} by name", (Edit(span, text),))
    place = span.source.span(span.start + star, span.start + star + 1)
    return Fix(f"import {_calls(len(names))} by name", (Edit(place, ", ".join(names)),))


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"
