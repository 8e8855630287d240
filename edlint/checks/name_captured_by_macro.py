"""Names that the C preprocessor replaces before the EDL compiler sees them."""

from collections.abc import Iterator

from edlint.model.interface import Interface
from edlint.model.program import Program
from edlint.rule import Found
from edlint.source import Span

PREDEFINED = {"linux": "1", "unix": "1", "i386": "1"}
"""Macros of the GNU dialects of C without a leading underscore; i386 on 32-bit compilers."""


def check(program: Program) -> Iterator[Found]:
    """One finding for each name of a call, parameter, type or member that is a predefined macro."""
    for interface in program.interfaces:
        if not interface.dialect.preprocessed:
            continue
        for what, name, span in _names(interface):
            if name in PREDEFINED:
                yield Found(span, label=f"becomes '{PREDEFINED[name]}'", what=what, name=name, value=PREDEFINED[name])


def _names(interface: Interface) -> Iterator[tuple[str, str, Span]]:
    for call in interface.calls:
        yield "call", call.name, call.span
        for param in call.params:
            yield "parameter", param.name, param.span
    for definition in interface.types:
        yield "type", definition.name, definition.span
        for member in definition.members:
            yield "member", member.name, member.span
