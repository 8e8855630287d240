"""Projects of Visual Studio: the files that a `.vcxproj` compiles."""

from __future__ import annotations

import posixpath
import re

from edlint.frontends.builds.paths import LONGEST, MOST, SOURCE, UNKNOWN, pattern
from edlint.model.build import Target
from edlint.source import Source

_COMPILED = re.compile(r"<ClCompile\s+Include\s*=\s*\"([^\"\r\n]{1,400})\"", re.IGNORECASE)
_LIBRARY = re.compile(r"\bsgx_(?:trts|tstdc|urts)\w*(?=\.lib\b)", re.IGNORECASE)
_NAMES = re.compile(r"\$\((?:ProjectName|MSBuildProjectName|TargetName)\)", re.IGNORECASE)
_HERE = re.compile(r"\$\((?:ProjectDir|MSBuildProjectDirectory|MSBuildThisFileDirectory)\)[\\/]?", re.IGNORECASE)
_OTHER = re.compile(r"\$\(\w+\)")


def read_studio(source: Source) -> tuple[Target, ...]:
    """The one target of a project."""
    folder, file = posixpath.split(source.path)
    name = file[: -len(".vcxproj")]
    text = source.text[: 4 * LONGEST]
    found: dict[str, None] = {}
    for written in _COMPILED.findall(text)[:MOST]:
        path = _OTHER.sub(UNKNOWN, _HERE.sub("", _NAMES.sub(lambda _: name, written)))
        meant = pattern(folder, path) if SOURCE.match(path) else None
        if meant is not None:
            found[meant] = None
    links = tuple(dict.fromkeys(m.lower() for m in _LIBRARY.findall(text)))
    return (Target(source.path, "", (name,), tuple(found), (), links),) if found else ()
