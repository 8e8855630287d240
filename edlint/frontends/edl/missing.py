"""What is said of an import that leads nowhere, or somewhere unexpected."""

from __future__ import annotations

from edlint.frontends.edl.gathered import MAX_CHAIN, MAX_OPENINGS, Gathered
from edlint.frontends.edl.library import Library, Located
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.syntax import ImportStatement
from edlint.model.interface import Problem

_WHERE = {
    "beside": "beside the file that imports it",
    "above its folder": "above the folder of its importer",
    "elsewhere": "in another folder of what is linted",
}


def ends(
    gathered: Gathered, reading: Reading, statement: ImportStatement, stack: tuple[str, ...], order: tuple[int, ...]
) -> bool:
    """Whether an import is not followed since there were too many: the first of these is noted."""
    if gathered.openings < MAX_OPENINGS and len(stack) <= MAX_CHAIN:
        return False
    if not gathered.cut:
        gathered.cut = gathered.incomplete = True
        why = f"more than {MAX_CHAIN} files import each other in a row"
        if gathered.openings >= MAX_OPENINGS:
            why = f"more than {MAX_OPENINGS} imports lead on"
        message = f"From here on imports are not followed, since {why}; what they bring is not known."
        gathered.note(Problem(reading.span(statement.path), message, "unresolved-import", (), "", order))
    return True


def opened(
    gathered: Gathered, library: Library, reading: Reading, statement: ImportStatement, order: tuple[int, ...]
) -> Located | None:
    """The file behind an import statement; what is not found is noted, or refused where that is asked for."""
    gathered.openings += 1
    path = statement.path.text.strip('"')
    found = library.locate(path, reading)
    span = reading.span(statement.path)
    if isinstance(found, str):
        gathered.incomplete = True
        # An empty name is the search directory itself, on which the C preprocessor fails.
        error_class = "pp.failed" if not path and library.dialect in ("intel-sgx", "secgear") else "import.file_missing"
        problem = Problem(span, f"The imported file {found}.", error_class, (), "", order)
        if library.options.strict_imports:
            gathered.problems.append(problem)
        else:
            gathered.note(
                Problem(
                    span,
                    f"The imported file {found}; what it declares is not known.",
                    "unresolved-import",
                    (),
                    "Name its directory with the search path.",
                    order,
                )
            )
        return None
    if found.beside:
        where = _WHERE[found.beside]
        note = Problem(
            span,
            f"The file '{path}' was found {where}, where the compiler does not look.",
            "import-beside",
            (),
            "Name its directory with the search path.",
            order,
        )
        gathered.note(note)
    return found
