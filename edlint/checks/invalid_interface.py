"""Everything that the EDL compiler of this dialect refuses."""

from collections.abc import Iterator

from edlint.finding import Edit, Fix, Label
from edlint.model.interface import Problem
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
                fix=_fix(problem),
                reason=problem.message.removesuffix("."),
                error_class=problem.error_class,
                dialect=interface.dialect,
            )


def _fix(problem: Problem) -> Fix | None:
    """The suggestion as an edit, where it is plain what to write."""
    if not problem.replacements:
        return None
    first = problem.replacements[0]
    edits = tuple(Edit(r.span, r.text) for r in problem.replacements)
    return Fix(_title(first.span.text, first.text), edits, safe=problem.certain)


def _title(old: str, new: str) -> str:
    if not new:
        return f"remove '{old.strip()}'"
    if old.isidentifier() and new.isidentifier():
        return f"write '{new}' for '{old}'"
    if new.startswith(old) or new.endswith(old):
        return f"add '{new.replace(old, '', 1).strip()}'"
    return f"remove '{old.removeprefix(new)}'" if old.startswith(new) else f"write '{new}' for '{old}'"
