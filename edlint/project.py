"""From paths and a configuration to programs: which enclaves a run is about, and everything read of them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from edlint.config import Config, ConfigError, Enclave
from edlint.errors import RequestError
from edlint.files import CODE_SUFFIXES, HEADER_SUFFIXES, Files, collect, real_path, shown_path
from edlint.frontends.builds import read_builds
from edlint.frontends.settings import read_settings
from edlint.link import link
from edlint.model.build import Target
from edlint.model.interface import Dialect, Interface
from edlint.model.program import Program, Side
from edlint.model.sdk import Sdk
from edlint.model.settings import Settings
from edlint.model.unit import ReadState, Unit
from edlint.outside import Project, outside_headers, outside_sources
from edlint.partition import partition
from edlint.sdk import load_sdk
from edlint.source import Gap, Source, SourceError, read_head, read_source
from edlint.wording import many

MAX_BESIDE, MAX_HEAD = 200, 100_000
"""EDL files of a folder that are searched for imports of another one, and bytes of each."""

_IMPORTED = re.compile(r'(?:^|[{};])[ \t]*(?:from|import)[ \t]*"(?:[^"\r\n]*/)?([^"/\r\n]+)"', re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*include[ \t]*"([^"\r\n]+)"', re.MULTILINE)


class UsageError(RequestError):
    """A request that makes no sense: a path that does not exist, a rule that there is not."""


@dataclass(frozen=True, slots=True)
class Task:
    """One enclave to read, or all given paths when no configuration tells enclaves apart."""

    paths: tuple[Path, ...]
    options: Enclave
    """With the paths in it absolute and the globs relative to the working directory."""


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one task."""

    program: Program
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...]
    facts: tuple[str, ...]
    """What was analysed, a clause each."""
    aside: frozenset[str] = frozenset()
    """Paths of source files that were not asked for: only what the boundary leads into them is told of them."""


def plan(paths: Sequence[Path], base: Path, config: Config, options: Enclave) -> tuple[list[Task], list[Gap]]:
    """The enclaves that `paths` name or belong to, and what belongs to none; no path stands for all enclaves.

    A path of no enclave is read by itself, but for a C or C++ file in a project whose enclaves are configured:
    that is only told. Raises UsageError for a path that does not exist.
    """
    own, common = _placed(options, base, base), _placed(config.common, config.folder, base)
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    if not config.enclaves:
        if not paths:
            raise UsageError("no PATH is given, and there is no edlint.toml with an [[enclave]]")
        return [Task(tuple(paths), _under(own, common))], []
    tasks = []
    wanted: set[int] = set()
    alone: list[Path] = []
    gaps: list[Gap] = []
    for path in paths:
        mine = [n for n, e in enumerate(config.enclaves) if _belongs(real_path(path), e, config.folder)]
        wanted.update(mine)
        if not mine and path.suffix.lower() in CODE_SUFFIXES and path.is_file():
            shown = shown_path(path, base)
            gaps.append(
                Gap(shown, None, f"belongs to no enclave of {config.path}, so it is not analysed", "no-enclave")
            )
        elif not mine:
            alone.append(path)
    for number, enclave in enumerate(config.enclaves):
        if number in wanted or not paths:
            files = tuple(Path(os.path.relpath(config.folder / p, base)) for p in (*enclave.edl, *enclave.sources))
            for path in files:
                if not (base / path).exists():
                    raise ConfigError(f"{config.path}:1: '{path.as_posix()}' of an [[enclave]] does not exist")
            placed = _placed(enclave, config.folder, base)
            tasks.append(Task(files, _under(own, _under(placed, common))))
    if alone:
        tasks.append(Task(tuple(alone), _under(own, common)))
    return tasks, gaps


def _belongs(path: Path, enclave: Enclave, folder: Path) -> bool:
    """Whether a given path is of an enclave: its EDL, a file below its sources, or a folder that holds its EDL."""
    edls = [real_path(folder / e) for e in enclave.edl]
    if path in edls or any(path.is_relative_to(real_path(folder / s)) for s in enclave.sources):
        return True
    return path.is_dir() and any(e.is_relative_to(path) for e in edls)


def _placed(options: Enclave, folder: Path, base: Path) -> Enclave:
    """The options with absolute paths, and with globs that match what reports print."""
    return replace(
        options,
        search_path=tuple(str(folder / p) for p in options.search_path),
        models=tuple(str(folder / m) for m in options.models),
        trusted=tuple(_glob(g, folder, base) for g in options.trusted),
        untrusted=tuple(_glob(g, folder, base) for g in options.untrusted),
        exclude=tuple(_glob(g, folder, base) for g in options.exclude),
    )


def _glob(glob: str, folder: Path, base: Path) -> str:
    folder, base = real_path(folder), real_path(base)
    if folder == base or glob.startswith(("*", "/")):
        return glob
    if folder.is_relative_to(base):
        return f"{folder.relative_to(base).as_posix()}/{glob}"
    inner = f"{base.relative_to(folder).as_posix()}/" if base.is_relative_to(folder) else ""
    return glob.removeprefix(inner) if inner and glob.startswith(inner) else (folder / glob).as_posix()


def _under(upper: Enclave, lower: Enclave) -> Enclave:
    """Options of two places; those of `upper` come first, and its SDK wins."""
    return Enclave(
        trusted=upper.trusted + lower.trusted,
        untrusted=upper.untrusted + lower.untrusted,
        exclude=upper.exclude + lower.exclude,
        search_path=upper.search_path + lower.search_path,
        defines=upper.defines + lower.defines,
        models=upper.models + lower.models,
        sdk=upper.sdk if upper.sdk != "auto" else lower.sdk,
        library=upper.library or lower.library,
    )


def read(
    task: Task,
    base: Path,
    config: Config,
    edl_only: bool = False,
    force_exclude: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Read]:
    """Read and link one task, each enclave below its folders by itself.

    Raises edlint.sdk.ModelError for a user's model that is at fault.
    """
    options = task.options
    files = collect(task.paths, options.exclude, force_exclude)
    if edl_only:
        files = replace(files, code=(), settings=())
    reader = _Reader(base, files)
    sdk = load_sdk(tuple(Path(m) for m in options.models))
    of_sdk = frozenset(PurePosixPath(m.path).name for m in sdk.modules)
    parts = partition(files, of_sdk)
    targets = () if edl_only else _targets(files, reader)
    reads = [_read_part(part, reader, sdk, options, config, edl_only, progress, targets) for part in parts]
    used = {real_path(Path(p)) for r in reads for i in r.program.interfaces for p in (i.path, *_imported(i))}
    texts = tuple(p for p in files.edls if reader.sources((p,)))
    left = tuple(p for p in texts if real_path(p) not in used)
    if left:
        part = Files(edls=left)
        reads.append(_read_part(part, reader, sdk, options, config, True, progress, (), imported=True))
    unknown = [
        Gap(shown_path(p, base), None, "not analysed: no EDL, C, C++ or configuration file", "unknown-file", True)
        for p in files.unknown
    ]
    closed = [
        Gap(shown_path(p, base), None, "this folder could not be listed whole", "unreadable-folder")
        for p in files.closed
    ]
    facts = [*_imports_fact(len(texts), reads)]
    if not any(r.program.interfaces for r in reads):
        facts.append("no EDL file: what crosses the boundary is not known")
    if files.other_edls:
        facts.append(f"not {many(len(files.other_edls), 'further EDL file')} of the folders, as one is named")
    last = reads[-1]
    reads[-1] = replace(last, gaps=(*last.gaps, *reader.gaps, *unknown, *closed), facts=(*last.facts, *facts))
    return reads


def _targets(files: Files, reader: _Reader) -> tuple[Target, ...]:
    builds = [s for p in files.builds if (s := reader.quietly(p)) is not None]
    sources = (p for p in files.code if p.suffix.lower() not in HEADER_SUFFIXES)
    return read_builds(builds, [shown_path(p, reader.base) for p in sources]) if builds else ()


def _read_part(
    files: Files,
    reader: _Reader,
    sdk: Sdk,
    options: Enclave,
    config: Config,
    edl_only: bool,
    progress: Callable[[str], None],
    targets: Sequence[Target],
    imported: bool = False,
) -> Read:
    """Read and link the files of one enclave, or of several that share a folder."""
    defines = {name: value or "1" for name, _, value in (d.partition("=") for d in options.defines)}
    edls = reader.sources(files.edls)
    units: tuple[Unit, ...] = ()
    beyond: list[Source] = []
    helpers: list[Source] = []
    settings: tuple[Settings, ...] = ()
    sources = list(edls)
    if not edl_only:
        code = reader.sources((*files.code, *_included(edls, files, options.search_path, reader.base)))
        progress(f"reading {many(len(code), 'C or C++ file')}")
        given = frozenset(real_path(reader.base / s.path) for s in code)
        project = Project(reader.base, edls)
        beyond = outside_headers(code, reader.base, given, reader.quietly, edls, project)
        helpers = outside_sources(code, beyond, given, reader.quietly, project, edls)
        beyond += outside_headers(
            helpers, reader.base, given | {real_path(reader.base / s.path) for s in beyond}, reader.quietly, (), project
        )
        beyond = [s for s in beyond if s not in helpers]
        units = _units([*code, *helpers, *beyond], defines)[: len(code) + len(helpers)]
        found = reader.sources(files.settings)
        settings = tuple(s for f in found if (s := read_settings(f)) is not None)
        sources += [*code, *found]
    progress(f"reading {many(len(edls), 'EDL file')}")
    interfaces = _interfaces(edls, units, sdk, options, frozenset(defines), imported, reader)
    progress("joining both sides")
    program = link(interfaces, units, settings, sdk, options.trusted, options.untrusted, config.limits, targets)
    aside = frozenset(s.path for s in helpers)
    gaps = (*program.gaps, *(g for u in units if u.path not in aside for g in u.gaps), *_notes(interfaces))
    facts = list(_facts(program))
    if beyond:
        facts.append(f"{many(len(beyond), 'header')} that the code includes from elsewhere, for macros and types only")
    if helpers:
        facts.append(f"{many(len(helpers), 'file')} beyond what was given, for what functions do that the code calls")
    return Read(program, tuple(sources), gaps, tuple(facts), aside)


def _imported(interface: Interface) -> Iterator[str]:
    """Paths of the files that an EDL file imports, directly or not."""
    for statement in interface.imports:
        for path in (statement.resolved, *statement.modules):
            if path and not path.startswith("sdk:"):
                yield path


def _imports_fact(edls: int, reads: Sequence[Read]) -> Iterator[str]:
    roots = sum(len(r.program.interfaces) for r in reads)
    if edls > roots:
        yield f"{many(edls - roots, 'imported EDL file')}, each through its importer"


# The two readers are imported when there is something for them to read: their parsers take longer to load than a
# small EDL file takes to lint.


def _units(sources: Sequence[Source], defines: Mapping[str, str]) -> tuple[Unit, ...]:
    if not sources:
        return ()
    from edlint.frontends.c import read_units

    return read_units(sources, defines)


def _interfaces(
    sources: Sequence[Source],
    units: Sequence[Unit],
    sdk: Sdk,
    options: Enclave,
    defines: frozenset[str],
    imported: bool,
    reader: _Reader,
) -> list[Interface]:
    if not sources:
        return []
    from edlint.frontends.edl import EdlOptions, read_interface

    detect = options.sdk == "auto"
    edl_options = EdlOptions(
        dialect=None if detect else Dialect(options.sdk),
        library=options.library,
        importer="a given file" if imported else "",
        bare=not any(Path(u.path).suffix.lower() in CODE_SUFFIXES - HEADER_SUFFIXES for u in units),
        search_path=tuple(Path(p) for p in options.search_path),
        nearby=reader.nearby,
        defines=defines,
        modules=sdk.modules,
        hints=_hints(units) if detect else (),
    )
    importers: dict[Path, Mapping[str, str]] = {}
    interfaces = []
    for source in sources:
        path = reader.base / source.path
        if path.parent not in importers:
            importers[path.parent] = _importers(path.parent)
        importer = importers[path.parent].get(path.name)
        beside = edl_options.importer or (f"'{importer}' beside it" if importer else "")
        interfaces.append(read_interface(source, replace(edl_options, importer=beside)))
    return interfaces


def _importers(folder: Path) -> Mapping[str, str]:
    """The EDL files that others in a folder import, each with the name of one that does."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.edl"))[:MAX_BESIDE]:
        for name in _IMPORTED.findall(read_head(path, MAX_HEAD).decode("utf-8", "replace")):
            if name != path.name:
                found.setdefault(name, path.name)
    return found


def _included(edls: Iterable[Source], files: Files, search_path: Sequence[str], base: Path) -> list[Path]:
    """Headers that the EDL files include and that lie beside them or on the search path, where not given anyway."""
    known = {real_path(p) for p in files.code}
    found: list[Path] = []
    for source in edls:
        folders = (Path(source.path).parent, *(Path(f) for f in search_path))
        for name in _INCLUDE.findall(source.text):
            path = next((f / name for f in folders if (base / f / name).is_file()), None)
            if path is not None and path.suffix.lower() in CODE_SUFFIXES and real_path(path) not in known:
                known.add(real_path(path))
                found.append(path)
    return found


class _Reader:
    """Reads each file once and remembers what could not be read."""

    def __init__(self, base: Path, files: Files) -> None:
        self.base = base
        self.named = files.named
        self.nearby = (*files.edls, *files.other_edls)
        self.known: dict[Path, Source | None] = {}
        self.gaps: list[Gap] = []

    def sources(self, paths: Iterable[Path]) -> list[Source]:
        """The files as text, without those that are none."""
        found = []
        for path in paths:
            if path not in self.known:
                self.known[path] = self._read(path)
            if (source := self.known[path]) is not None:
                found.append(source)
        return found

    def quietly(self, path: Path) -> Source | None:
        """A file that nobody asked for, or None when it cannot be read."""
        if path not in self.known:
            try:
                self.known[path] = read_source(path, shown_path(path, self.base))
            except SourceError:
                return None
        return self.known[path]

    def _read(self, path: Path) -> Source | None:
        shown = shown_path(path, self.base)
        try:
            return read_source(path, shown)
        except SourceError as error:
            fatal = real_path(path) in self.named
            self.gaps.append(Gap(shown, None, f"not analysed: {error}", "unreadable-file", fatal))
            return None


def _hints(units: Iterable[Unit]) -> tuple[str, ...]:
    """Names of headers and called functions: evidence for the dialect."""
    names = {i.path for u in units for i in u.includes}
    names |= {n for u in units for f in u.functions for n in f.called}
    return tuple(sorted(names))


def _notes(interfaces: Iterable[Interface]) -> Iterator[Gap]:
    for interface in interfaces:
        for note in interface.notes:
            yield Gap(note.span.path, note.span, note.message, note.error_class or "interface-note")


_SDK_TITLES = {
    Dialect.INTEL: "Intel SGX",
    Dialect.OPEN_ENCLAVE: "Open Enclave",
    Dialect.SECGEAR: "secGear",
    Dialect.VBS: "VBS",
}


def _facts(program: Program) -> tuple[str, ...]:
    found = []
    for i in program.interfaces:
        dialect = f"{_SDK_TITLES[i.dialect]} EDL ({i.dialect_reason})"
        if i.library_reason:
            dialect += f", read as a library ({i.library_reason})"
        found.append(f"{i.path}: {dialect}, {many(len(i.ecalls), 'ECALL')}, {many(len(i.ocalls), 'OCALL')}")
    if program.units:
        sides = [program.side(u.path) for u in program.units]
        shares = ", ".join(f"{sides.count(s)} {s.value}" for s in Side if s in sides)
        found.append(f"{many(len(sides), 'C or C++ file')} ({shares})")
        states = [f.state for u in program.units for f in u.functions]
        read_how = ", ".join(f"{states.count(s)} {s.value}" for s in ReadState if s in states)
        found.append(f"{many(len(states), 'function')}{f' ({read_how})' if read_how else ''}")
    if program.settings:
        found.append(many(len(program.settings), "configuration file"))
    return tuple(found)
