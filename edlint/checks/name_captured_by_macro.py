"""Names that the C preprocessor replaces before the EDL compiler sees them."""

from collections.abc import Iterator

from edlint.model.program import Program
from edlint.rule import Found

PREDEFINED = {"linux": "1", "unix": "1", "i386": "1"}
"""Macros of the GNU dialects of C without a leading underscore; i386 on 32-bit compilers."""


def check(program: Program) -> Iterator[Found]:
    """One finding for each place where the compiler stumbles over a predefined macro."""
    for interface in program.interfaces:
        for problem in interface.problems:
            name = problem.span.text
            if interface.dialect.preprocessed and name in PREDEFINED:
                value = PREDEFINED[name]
                yield Found(problem.span, label=f"the compiler reads '{value}'", name=name, value=value)
