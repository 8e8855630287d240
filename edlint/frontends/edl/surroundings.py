"""What lies around an EDL file and tells its dialect: headers that it includes, code, settings, other EDL files."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from edlint.model.interface import Dialect
from edlint.source import read_head

MAX_LEVELS = 6
"""Folders that are climbed, the EDL's own among them."""
MAX_FILES = 60
"""Files that are looked into on one level."""
MAX_READ = 16_384
"""Bytes of a file that are looked at."""

_CODE = (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp")
_INNER = frozenset({"enclave", "enc", "edl", "trusted", "include", "inc", "interface", "common", "shared"})
"""Names of folders that are part of a project, never the whole of one."""
_TOP = ("license", "licence", "readme", "copying")
_SKIPPED = frozenset({"build", "node_modules", "__pycache__", "CMakeFiles", "venv"})


def _included(names: str, words: str) -> re.Pattern[bytes]:
    """A header by its name, or a word that only programs of one SDK use."""
    return re.compile(rf'^\s*#\s*include\s*[<"]({names})[>"]|\b({words})\b'.encode("ascii"), re.MULTILINE)


_CODE_SIGNS = (
    (Dialect.OPEN_ENCLAVE, _included(r'openenclave/[^>"\r\n]+', "oe_result_t|oe_enclave_t")),
    (Dialect.SECGEAR, _included(r'(?:secgear_|secGear)[^>"\r\n]*', "cc_enclave_t|cc_enclave_result_t")),
    (Dialect.VBS, _included(r'(?:VbsEnclave|vbsenclave|winenclave)[^>"\r\n]*', "VbsEnclave|CallEnclave")),
    (Dialect.INTEL, _included(r'(?:[^>"\r\n]*/)?sgx_\w+\.h', "sgx_status_t|sgx_enclave_id_t")),
)
_EDLS = (
    (Dialect.OPEN_ENCLAVE, re.compile(rb'"(openenclave/[^"\r\n]*)"')),
    (Dialect.SECGEAR, re.compile(rb'"((?:secgear_|secGear)[^"\r\n]*)"')),
    (Dialect.VBS, re.compile(rb"\b((?:vector|optional)<|HRESULT)")),
    (Dialect.INTEL, re.compile(rb'"(sgx_\w+\.edl)"')),
)
_SETTINGS = (
    (Dialect.INTEL, re.compile(rb"<(EnclaveConfiguration)>")),
    (Dialect.OPEN_ENCLAVE, re.compile(rb"^\s*(Num(?:Heap|Stack)Pages)\s*=", re.MULTILINE)),
)

_BUILD = re.compile(r"CMakeLists\.txt|(?:GNU)?[Mm]akefile(?:\.\w+)?|.+\.(?:cmake|mk)")

Seen = tuple[Dialect, str, int]
"""A dialect, a clause or text that speaks for it, and how much that weighs (see `detect.STRONG`)."""
UNANIMOUS, DIVIDED, SETTINGS = 6, 4, 2


def around(path: str, includes: Sequence[str], search_path: Sequence[Path]) -> Seen | None:
    """The dialect that the nearest files speak for, and a clause that says so; None for a text that is no file."""
    file = Path(os.path.realpath(path))
    if not file.is_file():
        return None
    for name in includes:
        for folder in (file.parent, *search_path):
            found = _looked(folder / name)
            if found is not None:
                return found[0], f"the header '{name}' that it includes names '{found[1]}'", UNANIMOUS
    for folder in _levels(file.parent):
        if (seen := _level(folder, _changed(folder), file.as_posix())) is not None:
            return seen
    return None


def _levels(start: Path) -> Iterator[Path]:
    """The folder, and those above it up to the top of its project as far as that shows."""
    folders = [start, *start.parents][:MAX_LEVELS]
    top = 0
    for level, folder in enumerate(folders):
        try:
            names = {entry.name.lower() for entry in folder.iterdir()}
        except OSError:
            break
        if names & {".git", "edlint.toml"}:
            top = level
            break
        if any(name.startswith(_TOP) for name in names):
            top = level
    if top == 0 and start.name.lower() in _INNER and len(folders) > 1:
        top = 1
    yield from folders[: top + 1]


def _changed(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=256)
def _level(folder: Path, changed: int, own: str) -> Seen | None:
    """The dialect of most files below a folder; `changed` makes the answer of a changed folder a new one."""
    votes: Counter[Dialect] = Counter()
    first: dict[Dialect, Seen] = {}
    for path in _files(folder):
        if path.as_posix() == own or (found := _looked(path)) is None:
            continue
        votes[found[0]] += found[2]
        if found[0] not in first or first[found[0]][2] < found[2]:
            first[found[0]] = found[0], f"'{path.name}' near it names '{found[1]}'", found[2]
    if not votes:
        return None
    best = first[max(Dialect, key=lambda d: votes[d])]
    rivals = [dialect for dialect, seen in first.items() if dialect is not best[0] and seen[2] > SETTINGS]
    return best[0], best[1], min(best[2], DIVIDED) if rivals else best[2]


def _files(folder: Path) -> list[Path]:
    """Files of a folder and the two levels below it that can tell something, those on top first."""
    found: list[Path] = []
    level = [folder]
    for _ in range(3):
        below: list[Path] = []
        for place in level:
            try:
                entries = sorted(os.scandir(place), key=lambda e: e.name)
            except OSError:
                continue
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED and not entry.name.startswith("."):
                        below.append(place / entry.name)
                elif entry.name.lower().endswith((*_CODE, ".edl", ".conf", ".config.xml")):
                    found.append(place / entry.name)
                    if len(found) >= MAX_FILES:
                        return found
        level = below
    return found


def _looked(path: Path) -> Seen | None:
    """The dialect that one file names, and the text that does."""
    name = path.name.lower()
    signs = _EDLS if name.endswith(".edl") else _SETTINGS if name.endswith((".conf", ".xml")) else _CODE_SIGNS
    weight = SETTINGS if signs is _SETTINGS else UNANIMOUS
    head = read_head(path, MAX_READ)
    for dialect, pattern in signs:
        if match := pattern.search(head):
            return dialect, (match[match.lastindex or 0]).decode("ascii", "replace")[:60], weight
    return None


def build_defines(path: str, names: frozenset[str]) -> tuple[frozenset[str], str]:
    """Which of the names a build file near an EDL file defines with `-D`, and the name of the first that does."""
    file = Path(os.path.realpath(path))
    if not names or not file.is_file():
        return frozenset(), ""
    pattern = re.compile(rb"-D\s*(" + b"|".join(re.escape(n.encode()) for n in sorted(names)) + rb")\b")
    found: set[str] = set()
    first = ""
    for build in _builds(file.parent):
        if words := pattern.findall(read_head(build, MAX_READ)):
            first = first or build.name
            found.update(w.decode() for w in words)
    return frozenset(found), first


def _builds(folder: Path) -> list[Path]:
    """Build files in a folder, in the one above it and in those beside it."""
    try:
        above = sorted(p for p in folder.parent.iterdir() if p.is_dir() and p.name not in _SKIPPED)
        folders = [folder, folder.parent, *(p for p in above[:MAX_FILES] if p != folder)]
        return [p for f in folders for p in sorted(f.iterdir()) if _BUILD.fullmatch(p.name) and p.is_file()]
    except OSError:
        return []
