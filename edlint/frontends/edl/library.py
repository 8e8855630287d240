"""Finds, reads and parses EDL files: each once, wherever the dialect's compiler would look and a little beyond."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from edlint.files import nearest
from edlint.frontends.edl import intel, open_enclave, preprocessor, vbs
from edlint.frontends.edl.conditionals import conditionals
from edlint.frontends.edl.options import EdlOptions
from edlint.frontends.edl.reading import Reading
from edlint.frontends.edl.tokens import (
    EOF,
    INVALID,
    MARK,
    MAX_LENGTH,
    MAX_TOKENS,
    OPEN_ENCLAVE,
    VBS,
    Alphabet,
    Lexed,
    Refused,
    Token,
    scan,
)
from edlint.model.interface import Dialect, Problem
from edlint.source import Source, SourceError, Span, read_source


def parse_source(source: Source, dialect: Dialect, defines: frozenset[str]) -> Reading:
    """Tokens, preprocessing and declarations of one file; what its imports mean is left to others."""
    reading = Reading(source)
    if len(source.text) > MAX_LENGTH:
        _refuse_length(reading, f"more than {MAX_LENGTH} characters")
        return reading
    match dialect:
        case Dialect.INTEL | Dialect.SECGEAR:
            lexed = preprocessor.preprocess(reading)
            intel.parse(reading, _bounded(reading, lexed), dialect)
        case Dialect.OPEN_ENCLAVE:
            lexed = _bounded(reading, _scanned(source, OPEN_ENCLAVE))
            open_enclave.parse(reading, conditionals(reading, lexed, defines))
        case Dialect.VBS:
            vbs.parse(reading, _bounded(reading, _scanned(source, VBS)))
    return reading


def _scanned(source: Source, alphabet: Alphabet) -> Lexed:
    """The tokens of a file that no C preprocessor reads first, so that a byte order mark is one of them."""
    if not source.marked:
        return scan(source.text, alphabet, {})
    lexed = scan(source.text, alphabet, {}, index=1)
    message = "The file begins with a byte order mark, which is no token of this dialect."
    lexed.tokens.insert(0, Token(INVALID, MARK, 0, min(1, len(source.text)), 0))
    lexed.refused[0] = Refused(alphabet.unexpected, message, "Save it as UTF-8 without a byte order mark.")
    return lexed


def _bounded(reading: Reading, lexed: Lexed) -> Lexed:
    """The tokens, or none of a file that is too long to be an interface."""
    if not lexed.too_long:
        return lexed
    _refuse_length(reading, f"more than {MAX_TOKENS} tokens")
    return Lexed([Token(EOF, "", 0, 0, 0)], {})


def _refuse_length(reading: Reading, how: str) -> None:
    reading.refuse("limit.size", Span(reading.source, 0, 1), f"The file has {how} and is not read.", (0,))
    reading.tree.lost.add("")


MAX_ABOVE = 4
"""Folders above an importer's own in which `folder/file.edl` is looked for as a last resort."""


@dataclass(slots=True)
class Located:
    """Where an import leads."""

    key: str
    """Same for the same file, whatever it is called."""
    shown: str
    """For reports: a path or `sdk:<module>`."""
    reading: Reading
    beside: str = ""
    """Where it was found when the compiler does not look there: `beside` the importer, `above its folder`, or
    `elsewhere` among the files of the run."""


@dataclass(slots=True)
class Library:
    """The files that one root file brings together."""

    dialect: Dialect
    options: EdlOptions
    readings: dict[str, Reading] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    def locate(self, name: str, importer: Reading) -> Located | str:
        """The file behind an import, or why there is none."""
        found, beside = self._search(name, importer)
        if found is not None:
            return self._read(name, found, beside)
        for module in sorted(self.options.modules, key=lambda m: m.sdk != self.dialect):
            if module.path == name:
                key = f"sdk:{module.path}"
                if key not in self.readings:
                    reading = parse_source(Source(key, module.text, "none"), self.dialect, self.options.defines)
                    reading.problems.clear()
                    self.readings[key] = reading
                return Located(key, key, self.readings[key])
        nearby = [p for p in self.options.nearby if p.as_posix() == name or p.as_posix().endswith(f"/{name}")]
        nearby = nearest(nearby, Path(importer.source.path))
        if name and len(nearby) == 1:
            return self._read(name, nearby[0], "elsewhere")
        return f"'{name}' is not on the search path"

    def _read(self, name: str, found: Path, beside: str) -> Located | str:
        key = found.resolve().as_posix()
        shown = posixpath.normpath(found.as_posix())
        if key not in self.readings:
            try:
                source = read_source(found, shown)
            except SourceError as error:
                return f"'{name}' cannot be read: {error}"
            self.readings[key] = parse_source(source, self.dialect, self.options.defines)
        return Located(key, shown, self.readings[key], beside)

    def _search(self, name: str, importer: Reading) -> tuple[Path | None, str]:
        if not name or "\0" in name or len(name) > 4000:
            return None, ""
        if self.dialect is Dialect.VBS:
            name = name.replace("\\", "/")
        given = self.options.search_path
        match self.dialect:
            case Dialect.INTEL | Dialect.SECGEAR:
                # The option that comes last is searched first, the working directory at the end.
                folders = [*reversed(given), Path()]
            case Dialect.OPEN_ENCLAVE:
                folders = [Path(), *given]
            case Dialect.VBS:
                folders = list(given)
        for folder in folders:
            path = folder / name
            if _is_file(path) and (self.dialect is not Dialect.VBS or path.suffix == ".edl"):
                return path, ""
        own = Path(importer.source.path).parent
        # Projects that are built on Windows write paths with backslashes.
        for spelled in dict.fromkeys((name, name.replace("\\", "/"))):
            if _is_file(own / spelled):
                return own / spelled, "beside"
        for folder in list(own.parents)[:MAX_ABOVE] if "/" in name and not name.startswith((".", "/")) else []:
            if _is_file(folder / name):
                return folder / name, "above its folder"
        return None, ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
