"""Projects of Visual Studio: the files that a `.vcxproj` compiles."""

from __future__ import annotations

import posixpath
import re

from edlint.frontends.builds.paths import LONGEST, MOST, MOST_FOLDERS, SOURCE, UNKNOWN, folder, pattern
from edlint.model.build import Target
from edlint.source import Source

_COMPILED = re.compile(r"<ClCompile\s+Include\s*=\s*\"([^\"\r\n]{1,400})\"", re.IGNORECASE)
_LIBRARY = re.compile(r"\bsgx_(?:trts|tstdc|urts)\w*(?=\.lib\b)", re.IGNORECASE)
_MARKS = (
    (re.compile(r"[\\/]tlibc\b", re.IGNORECASE), "/tlibc"),
    (re.compile(r"<CLRSupport>\s*(?:true|pure|safe)", re.IGNORECASE), "/clr"),
)
"""What stands in a project for an option: the enclave's C library, and code for .NET."""
_FOLDERS = re.compile(r"<AdditionalIncludeDirectories>([^<]{1,4000})<", re.IGNORECASE)
_NAMES = re.compile(r"\$\((?:ProjectName|MSBuildProjectName|TargetName)\)", re.IGNORECASE)
_HERE = re.compile(r"\$\((?:ProjectDir|MSBuildProjectDirectory|MSBuildThisFileDirectory)\)[\\/]?", re.IGNORECASE)
_PLACE = re.compile(r"\$\(\w+(?:Dir|Path)\)[\\/]?", re.IGNORECASE)
"""A folder, with the separator that its value ends with."""
_OTHER = re.compile(r"\$\(\w+\)")


def read_studio(source: Source) -> tuple[Target, ...]:
    """The one target of a project."""
    home, file = posixpath.split(source.path)
    name = file[: -len(".vcxproj")]
    text = source.text[: 4 * LONGEST]
    found: dict[str, None] = {}
    for written in _COMPILED.findall(text)[:MOST]:
        path = _plain(written, name)
        meant = pattern(home, path) if SOURCE.match(path) else None
        if meant is not None:
            found[meant] = None
    options = dict.fromkeys(m.lower() for m in _LIBRARY.findall(text))
    options.update(dict.fromkeys(option for mark, option in _MARKS if mark.search(text)))
    places = (_plain(f.strip(), name) for held in _FOLDERS.findall(text)[:100] for f in held.split(";"))
    folders = dict.fromkeys(f for p in places if p and "%" not in p and (f := folder(home, p)) is not None)
    kept = tuple(folders)[:MOST_FOLDERS]
    return (Target(source.path, "", (name,), tuple(found), (), tuple(options), kept),) if found else ()


def _plain(written: str, name: str) -> str:
    """A path with what is known of its variables put in."""
    path = _PLACE.sub(f"{UNKNOWN}/", _HERE.sub("", _NAMES.sub(lambda _: name, written)))
    return _OTHER.sub(UNKNOWN, path)
