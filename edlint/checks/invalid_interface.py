"""Everything that the EDL compiler of this dialect refuses."""

from collections.abc import Iterator

from edlint.finding import Label
from edlint.model.program import Program
from edlint.rule import Found


def check(program: Program) -> Iterator[Found]:
    """One finding for each refusal, at the token that is refused."""
    for interface in program.interfaces:
        for problem in interface.problems:
            yield Found(
                problem.span,
                label=problem.error_class,
                labels=tuple(Label(r.span, r.text) for r in problem.related),
                notes=(problem.suggestion,) if problem.suggestion else (),
                reason=problem.message.removesuffix("."),
                error_class=problem.error_class,
                dialect=interface.dialect,
            )
