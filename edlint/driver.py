"""One run: files in, report out."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from edlint import __version__, suppress
from edlint.analysis.facts import Facts
from edlint.catalog import RUN_FAMILY, Catalog, check_of, load_catalog
from edlint.config import Config, Enclave
from edlint.files import Files, collect, shown_path
from edlint.finding import Finding, Label, Level, Profile, Report
from edlint.model.interface import Dialect, Interface
from edlint.model.program import Program, Side
from edlint.model.settings import Settings
from edlint.model.unit import ReadState, Unit
from edlint.rule import Found, Rule
from edlint.source import Gap, Source, SourceError, read_source

PROFILE_RANK = {Profile.DEFAULT: 0, Profile.STRICT: 1, Profile.AUDIT: 2}


class UsageError(Exception):
    """A request that makes no sense: a path that does not exist, a rule that there is not."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    paths: tuple[Path, ...]
    base: Path
    """Working directory: reports print paths relative to it."""
    config: Config = field(default_factory=Config)
    options: Enclave = field(default_factory=Enclave)
    """From the command line, on top of the configuration's."""
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = ""
    fail_on: str = ""
    edl_only: bool = False
    force_exclude: bool = False
    root: str = ""
    today: datetime.date = field(default_factory=datetime.date.today)
    progress: Callable[[str], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of one enclave, or of all paths when no configuration tells enclaves apart."""

    program: Program
    sources: tuple[Source, ...]
    gaps: tuple[Gap, ...]
    facts: tuple[str, ...]


def run(request: Request, catalog: Catalog | None = None) -> Report:
    """Read, check and report; raises UsageError, edlint.catalog.CatalogError and edlint.sdk.ModelError."""
    clock = _Clock()
    catalog = catalog if catalog is not None else load_catalog()
    rules = selected(request, catalog)
    clock.lap("rules")
    reads = read_all(request)
    clock.lap("read")
    findings: list[Finding] = []
    gaps: list[Gap] = [g for r in reads for g in r.gaps]
    failed = False
    for read in reads:
        for finding_or_gap in check_program(read.program, rules, clock, request.progress):
            if isinstance(finding_or_gap, Gap):
                failed = True
                gaps.append(finding_or_gap)
            else:
                findings.append(finding_or_gap)
    findings = merged(findings)
    sources = _all_sources(reads, findings)
    kept, silenced, complaints = suppress.suppress(
        findings, sources, catalog.rules, {r.name for r in rules}, request.today
    )
    by_name = {r.name: r for r in rules}
    kept += [_complaint(by_name[c.rule], c) for c in complaints if c.rule in by_name]
    kept.sort(key=lambda f: f.order)
    clock.lap("report")
    gaps = sorted(dict.fromkeys(gaps), key=_gap_order)
    return Report(
        findings=tuple(kept),
        gaps=tuple(gaps),
        rules={r.name: r.info for r in rules},
        facts=tuple(f for r in reads for f in r.facts),
        counts={"suppressed": len(silenced), **_counts(reads)},
        root=request.root,
        version=__version__,
        suppressed=tuple(silenced),
        exit_code=_exit_code(kept, gaps, failed, request.fail_on or request.config.fail_on),
        timing=clock.spent,
    )


def selected(request: Request, catalog: Catalog) -> tuple[Rule, ...]:
    """The rules to run, in the catalogue's order."""
    config = request.config
    try:
        if select := request.select or config.select:
            names = catalog.select(select)
        else:
            rank = PROFILE_RANK[Profile(request.profile or config.profile)]
            names = frozenset(n for n, r in catalog.rules.items() if PROFILE_RANK[r.info.profile] <= rank)
        names |= catalog.select((*request.extend_select, *config.extend_select))
        names -= catalog.select((*request.ignore, *config.ignore))
    except KeyError as error:
        raise UsageError(f"no rule or family is named '{error.args[0]}'") from error
    return tuple(r for n, r in catalog.rules.items() if n in names)


def read_all(request: Request) -> tuple[Read, ...]:
    """Everything the request names, read and linked: one program an enclave."""
    for path in request.paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    return (_read(request, request.paths, _under(request.config.common, request.options)),)


def _under(lower: Enclave, upper: Enclave) -> Enclave:
    """Options of two places; those of `upper` come first, and its SDK wins."""
    return Enclave(
        edl=upper.edl or lower.edl,
        sources=upper.sources or lower.sources,
        trusted=upper.trusted + lower.trusted,
        untrusted=upper.untrusted + lower.untrusted,
        exclude=upper.exclude + lower.exclude,
        search_path=upper.search_path + lower.search_path,
        defines=upper.defines + lower.defines,
        models=upper.models + lower.models,
        sdk=upper.sdk if upper.sdk != "auto" else lower.sdk,
    )


def _read(request: Request, paths: tuple[Path, ...], options: Enclave) -> Read:
    from edlint.frontends.c import read_units
    from edlint.frontends.edl import EdlOptions, read_interface
    from edlint.frontends.settings import read_settings
    from edlint.link import link
    from edlint.sdk import load_sdk

    folder = request.config.folder
    files = collect(paths, options.exclude, request.force_exclude)
    reader = _Reader(request.base, files)
    sdk = load_sdk(tuple(folder / m for m in options.models))
    defines = {name: value or "1" for name, _, value in (d.partition("=") for d in options.defines)}
    units: tuple[Unit, ...] = ()
    settings: list[Settings] = []
    if not request.edl_only:
        request.progress(f"reading {len(files.code)} C and C++ files")
        units = read_units(reader.sources(files.code), defines)
        settings = [s for source in reader.sources(files.settings) if (s := read_settings(source)) is not None]
    request.progress(f"reading {len(files.edls)} EDL files")
    edl_options = EdlOptions(
        dialect=None if options.sdk == "auto" else Dialect(options.sdk),
        search_path=tuple(folder / p for p in options.search_path),
        defines=frozenset(defines),
        modules=sdk.modules,
        hints=() if options.sdk != "auto" else _hints(units),
    )
    interfaces = [read_interface(source, edl_options) for source in reader.sources(files.edls)]
    roots = _roots(interfaces)
    program = link(
        roots,
        units,
        tuple(settings),
        sdk,
        options.trusted,
        options.untrusted,
        request.config.limits,
    )
    gaps = [*reader.gaps, *program.gaps, *(g for u in units for g in u.gaps), *_unresolved(roots)]
    gaps += [_unknown_kind(p, request.base) for p in files.unknown]
    return Read(program, tuple(reader.read), tuple(gaps), _facts(program, len(interfaces) - len(roots), files))


class _Reader:
    """Reads files and remembers what could not be read."""

    def __init__(self, base: Path, files: Files) -> None:
        self.base = base
        self.named = files.named
        self.read: list[Source] = []
        self.gaps: list[Gap] = []

    def sources(self, paths: Iterable[Path]) -> list[Source]:
        found = []
        for path in paths:
            shown = shown_path(path, self.base)
            try:
                found.append(read_source(path, shown))
            except SourceError as error:
                fatal = path.resolve() in self.named
                self.gaps.append(Gap(shown, None, f"not analysed: {error}", "unreadable-file", fatal))
        self.read += found
        return found


def _hints(units: Iterable[Unit]) -> tuple[str, ...]:
    """Names of headers and called functions: evidence for the dialect."""
    names = {i.path for u in units for i in u.includes}
    names |= {m.name for u in units for f in u.functions for m in f.calls}
    return tuple(sorted(names))


def _roots(interfaces: list[Interface]) -> tuple[Interface, ...]:
    """Without those that another one imports: they are analysed where they are imported."""
    real = {i.path: Path(i.path).resolve() for i in interfaces}
    imported = {
        Path(m).resolve()
        for i in interfaces
        for statement in i.imports
        for m in (statement.resolved, *statement.modules)
        if m and not m.startswith("sdk:")
    }
    roots = tuple(i for i in interfaces if real[i.path] not in imported)
    return roots or tuple(interfaces)


def _unresolved(interfaces: Iterable[Interface]) -> Iterator[Gap]:
    for interface in interfaces:
        for note in interface.notes:
            yield Gap(note.span.path, note.span, note.message, note.error_class or "interface-note")


def _unknown_kind(path: Path, base: Path) -> Gap:
    return Gap(
        shown_path(path, base), None, "not analysed: not an EDL, C, C++ or configuration file", "unknown-file", True
    )


_SDK_TITLES = {
    Dialect.INTEL: "Intel SGX",
    Dialect.OPEN_ENCLAVE: "Open Enclave",
    Dialect.SECGEAR: "secGear",
    Dialect.VBS: "VBS",
}


def _facts(program: Program, imported: int, files: Files) -> tuple[str, ...]:
    found = []
    for i in program.interfaces:
        dialect = f"{_SDK_TITLES[i.dialect]} EDL ({i.dialect_reason})"
        found.append(f"{i.path}: {dialect}, {_many(len(i.ecalls), 'ECALL')}, {_many(len(i.ocalls), 'OCALL')}")
    if imported:
        found.append(f"{_many(imported, 'imported EDL file')} analysed through the importer")
    if files.other_edls:
        found.append(f"{_many(len(files.other_edls), 'other EDL file')} in the folders not analysed, as one is named")
    if program.units:
        sides = [program.side(u.path) for u in program.units]
        shares = ", ".join(f"{sides.count(s)} {s.value}" for s in Side if s in sides)
        found.append(f"{_many(len(sides), 'C or C++ file')} ({shares})")
        states = [f.state for u in program.units for f in u.functions]
        read = ", ".join(f"{states.count(s)} {s.value}" for s in ReadState if s in states)
        found.append(f"{_many(len(states), 'function')}{f' ({read})' if read else ''}")
    return tuple(found)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counts(reads: Iterable[Read]) -> dict[str, int]:
    counts = {"edl-files": 0, "code-files": 0, "functions": 0}
    for read in reads:
        counts["edl-files"] += len(read.program.interfaces)
        counts["code-files"] += len(read.program.units)
        for function in (f for u in read.program.units for f in u.functions):
            counts["functions"] += 1
            key = f"functions-{function.state.value}"
            counts[key] = counts.get(key, 0) + 1
    return counts


def check_program(
    program: Program, rules: Iterable[Rule], clock: _Clock, progress: Callable[[str], None]
) -> Iterator[Finding | Gap]:
    """Findings of every rule on one program; a rule that raises yields one Gap instead."""
    facts = Facts(program)
    for rule in rules:
        progress(f"checking {rule.name}")
        try:
            for found in _found(rule, program, facts):
                yield finding_of(rule, found)
        except Exception as error:
            yield Gap(
                rule.path, None, f"rule '{rule.name}' failed: {type(error).__name__}: {error}", "internal-error", True
            )
        clock.lap(f"rule:{rule.name}")


def _found(rule: Rule, program: Program, facts: Facts) -> Iterable[Found]:
    if rule.info.family == RUN_FAMILY:
        return unparsed(program) if rule.name == "unparsed-function" else ()
    if rule.flow is not None:
        from edlint.analysis.flows import Flows, flow_findings

        return flow_findings(rule.flow, facts.get(Flows))
    return facts.call(check_of(rule))


def unparsed(program: Program) -> Iterator[Found]:
    """Functions that were not understood whole."""
    for unit in program.units:
        if unit.generated:
            continue
        for function in unit.functions:
            if function.state in (ReadState.PARTIAL, ReadState.LOST):
                where = tuple(Label(s, "not understood") for s in function.unread[:8])
                yield Found(
                    function.span,
                    labels=where,
                    function=function.qualified,
                    name=function.qualified,
                    count=len(function.unread),
                    variant="lost" if function.state is ReadState.LOST else "",
                )


def finding_of(rule: Rule, found: Found) -> Finding:
    """What a check found, in the words of the rule's page."""
    message = rule.messages[found.variant].format_map(found.values)
    return Finding(
        rule=rule.name,
        level=rule.info.level,
        message=message,
        primary=Label(found.span, found.label),
        labels=found.labels,
        path=found.path,
        notes=found.notes,
        function=found.function,
        fix=found.fix,
    )


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding a rule and place, in order; what the others say becomes notes of the first."""
    kept: dict[tuple[str, str, int, int], Finding] = {}
    for finding in sorted(findings, key=lambda f: f.order):
        span = finding.primary.span
        key = (finding.rule, span.path, span.start, span.end)
        first = kept.get(key)
        if first is None:
            kept[key] = finding
        elif finding != first:
            notes = (finding.message, *finding.notes) if finding.message != first.message else finding.notes
            kept[key] = replace(
                first,
                labels=tuple(dict.fromkeys((*first.labels, *finding.labels))),
                notes=tuple(dict.fromkeys((*first.notes, *notes))),
            )
    return list(kept.values())


def _all_sources(reads: Iterable[Read], findings: Iterable[Finding]) -> list[Source]:
    """Every file that was read, imported EDLs too, each path once."""
    by_path: dict[str, Source] = {}
    for read in reads:
        for source in read.sources:
            by_path.setdefault(source.path, source)
        for interface in read.program.interfaces:
            for call in interface.calls:
                if call.imported_by is None or not (call.imported_by.resolved or "sdk:").startswith("sdk:"):
                    by_path.setdefault(call.span.path, call.span.source)
    for finding in findings:
        by_path.setdefault(finding.primary.span.path, finding.primary.span.source)
    return list(by_path.values())


def _complaint(rule: Rule, complaint: suppress.Complaint) -> Finding:
    allowed = complaint.allowed
    return finding_of(rule, Found(allowed.span, rule=allowed.rule, until=allowed.until))


def _gap_order(gap: Gap) -> tuple[str, int, str, str]:
    return gap.path, gap.span.start if gap.span else -1, gap.kind, gap.message


def _exit_code(findings: Iterable[Finding], gaps: Iterable[Gap], failed: bool, fail_on: str) -> int:
    if failed:
        return 4
    if any(g.fatal for g in gaps):
        return 3
    if fail_on == "never":
        return 0
    return int(any(f.level.rank <= Level(fail_on).rank for f in findings))


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.last = time.perf_counter()
        self.spent: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self.spent[phase] = self.spent.get(phase, 0.0) + now - self.last
        self.last = now
