"""Constructs that the EDL compiler accepts and that do nothing, or not what they say."""

from collections.abc import Iterator

from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each construct."""
    for interface in program.interfaces:
        for problem in interface.inert:
            yield Found(
                problem.span,
                label=problem.error_class.replace("-", " "),
                labels=tuple(Label(r.span, r.text) for r in problem.related),
                notes=(problem.suggestion,) if problem.suggestion else (),
                reason=problem.message.removesuffix("."),
            )
