"""What build files say: which source files are compiled together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Files that one library, program or variable of a build file names."""

    path: str
    """The build file."""
    command: str
    """What makes it in CMake; nothing elsewhere."""
    names: tuple[str, ...]
    """What the target is called and how it is made: words of these may tell its side."""
    sources: tuple[str, ...]
    """Paths as those of sources; among them ones of files that the build makes."""
    links: tuple[str, ...] = ()
    """Names of libraries, of other targets among them, that it is linked with."""
    options: tuple[str, ...] = ()
    """What it is compiled and linked with in any case."""
    folders: tuple[str, ...] = ()
    """Where its files look for headers, in this order; `?/inc` is the folder `inc` of a place that is not known."""
