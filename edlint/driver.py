"""One run: files in, report out."""

from __future__ import annotations

import contextlib
import datetime
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from edlint import __version__, baseline, suppress
from edlint.analysis.callgraph import CallGraph
from edlint.analysis.facts import Facts
from edlint.analysis.flows import Flow, Flows, one_line
from edlint.analysis.taint.engine import Analysis
from edlint.catalog import RUN_FAMILY, Catalog, check_of, load_catalog
from edlint.config import Config, Enclave
from edlint.files import shown_path
from edlint.finding import Finding, Label, Level, Profile, Report
from edlint.merging import merged
from edlint.model.program import Program
from edlint.model.unit import ReadState
from edlint.project import Read, UsageError, plan, read
from edlint.rule import Found, Rule
from edlint.source import Gap, Source

_LATE = {"partial-function": ReadState.PARTIAL, "lost-function": ReadState.LOST}
"""States of functions by the kind of what the rules told of them."""
PROFILE_RANK = {Profile.DEFAULT: 0, Profile.STRICT: 1, Profile.AUDIT: 2}


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for."""

    paths: tuple[Path, ...]
    base: Path
    """The working directory: reports print paths relative to it."""
    config: Config = field(default_factory=Config)
    options: Enclave = field(default_factory=Enclave)
    """From the command line, on top of the configuration's."""
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = ""
    fail_on: str = ""
    baseline: Path | None = None
    new_since: str = ""
    edl_only: bool = False
    only_given: bool = False
    force_exclude: bool = False
    root: str = ""
    today: datetime.date = field(default_factory=datetime.date.today)
    progress: Callable[[str], None] = lambda _: None
    jobs: int = 0
    """Processes at most; 0 for as many as there are processors."""
    debug: bool = False
    """A rule that raises ends the run with its traceback."""


def run(request: Request, catalog: Catalog | None = None) -> Report:
    """Read, check and report.

    Raises UsageError, ConfigError, BaselineError and ModelError for a request that cannot be met;
    what goes wrong with one file or one rule is a gap of the report.
    """
    clock = _Clock()
    catalog = catalog if catalog is not None else load_catalog()
    rules = selected(request, catalog)
    clock.lap("rules")
    reads, gaps = read_all(request)
    clock.lap("read")
    findings: list[Finding] = []
    late: list[Gap] = []
    gaps += [Gap(d.partition(":")[0], None, f"rule left out: {d}", "internal-error", True) for d in catalog.defects]
    failed = bool(catalog.defects)
    for each, results in zip(reads, _checked(reads, rules, clock, request), strict=True):
        for result in results:
            if isinstance(result, Gap):
                failed = failed or result.fatal
                late.append(result)
            elif _is_asked(result, each.aside):
                findings.append(result)
    counts = _counts(reads, late)
    gaps += late
    kept, silenced = _settle(merged(findings), reads, rules, catalog, request, counts)
    gaps = sorted(dict.fromkeys(gaps), key=_gap_order)
    clock.lap("settle")
    return Report(
        findings=tuple(kept),
        gaps=tuple(gaps),
        rules={r.name: r.info for r in rules},
        facts=tuple(f for each in reads for f in each.facts),
        counts=counts,
        root=request.root,
        version=__version__,
        suppressed=tuple(silenced),
        exit_code=_exit_code(kept, gaps, failed, request.fail_on or request.config.fail_on),
        timing=clock.spent,
    )


def read_all(request: Request) -> tuple[list[Read], list[Gap]]:
    """Everything the request names, read and linked, and all that was not read."""
    tasks, gaps = plan(request.paths, request.base, request.config, request.options)
    reads = [
        each
        for task in tasks
        for each in read(task, request.base, request.config, request.edl_only, request.force_exclude, request.progress)
    ]
    return reads, [*gaps, *(g for each in reads for g in each.gaps)]


SHARE = 200_000
"""Code points of code from which on an enclave is worth a process of its own; smaller ones go together."""

_Results = Iterable[Finding | Gap]


def _checked(reads: list[Read], rules: tuple[Rule, ...], clock: _Clock, request: Request) -> Iterable[_Results]:
    """By program what the rules say of it; in several processes, if there is much to do and there are processors."""
    shares = _shares([sum(len(u.source.text) for u in each.program.units) for each in reads])
    processes = 1
    if len(shares) > 1 and request.jobs != 1 and not request.debug:
        from edlint.workers import LostError, possible, spread

        processes = possible(request.jobs)
    if processes == 1:
        return (check_program(each.program, rules, clock, request) for each in reads)
    quiet = replace(request, progress=lambda _: None)

    def work(share: list[int]) -> tuple[list[list[Finding | Gap]], dict[str, float]]:
        own = _Clock()
        return [list(check_program(reads[n].program, rules, own, quiet)) for n in share], own.spent

    for rule in rules:
        # Imported once, and not by every process.
        if rule.flow is None and rule.info.family != RUN_FAMILY:
            with contextlib.suppress(Exception):
                check_of(rule)
    request.progress(f"checking {len(reads)} enclaves")
    sources = list({id(s): s for each in reads for s in _sources_of(each)}.values())
    answers = spread([partial(work, share) for share in shares], processes, sources)
    found: dict[int, _Results] = {}
    for share, answer in zip(shares, answers, strict=True):
        if isinstance(answer, LostError):
            what = f"not analysed: the process that checked this enclave {answer}"
            for n in share:
                path = next((i.path for i in reads[n].program.interfaces), ".")
                found[n] = [Gap(path, None, what, "internal-error", True)]
        else:
            found.update(zip(share, answer[0], strict=True))
            clock.add(answer[1])
    return [found[n] for n in range(len(reads))]


def _shares(sizes: list[int]) -> list[list[int]]:
    """Numbers of programs that are checked together, by their sizes: the largest first."""
    shares: list[list[int]] = []
    room = 0
    for n in sorted(range(len(sizes)), key=lambda n: (-sizes[n], n)):
        if room <= 0:
            shares.append([])
            room = SHARE
        shares[-1].append(n)
        room -= sizes[n]
    return shares


def _sources_of(each: Read) -> Iterator[Source]:
    """The files that findings about a program may be in."""
    yield from each.sources
    yield from (u.source for u in each.program.units)
    for interface in each.program.interfaces:
        yield from (c.span.source for c in interface.calls)
        yield from (t.span.source for t in interface.types)
        yield from (p.span.source for p in (*interface.problems, *interface.inert, *interface.notes))


def _settle(
    findings: list[Finding],
    reads: list[Read],
    rules: tuple[Rule, ...],
    catalog: Catalog,
    request: Request,
    counts: dict[str, int],
) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Without what comments, the baseline and the request's filters take out; with what is wrong about these."""
    by_name = {r.name: r for r in rules}
    sources = _all_sources(reads, findings)
    kept, silenced, complaints = suppress.suppress(findings, sources, catalog.rules, by_name, request.today)
    kept += [_complaint(by_name[c.rule], c) for c in complaints if c.rule in by_name]
    kept.sort(key=lambda f: f.order)
    counts["suppressed"] = len(silenced)
    file = request.baseline or (request.config.folder / request.config.baseline if request.config.baseline else None)
    if file is not None:
        _, entries = baseline.load(file, shown_path(file, request.base))
        kept, counts["baselined"], stale = baseline.apply(kept, entries, by_name, {s.path for s in sources})
        if rule := by_name.get("stale-baseline-entry"):
            kept += [finding_of(rule, Found(e.span, rule=e.rule, file=e.path)) for e in stale]
            kept.sort(key=lambda f: f.order)
    before = len(kept)
    if request.new_since:
        changed = baseline.changed_lines(request.new_since, request.base)
        kept = [f for f in kept if baseline.touched(f, changed)]
    if request.only_given:
        given = [p.resolve() for p in request.paths]
        kept = [f for f in kept if any(_within(label, given, request.base) for label in _places(f))]
    counts["unchanged"] = before - len(kept)
    return kept, silenced


def _is_asked(finding: Finding, aside: frozenset[str]) -> bool:
    """Whether a finding is in a file that was asked for, or about what comes in through one."""
    return any(label.span.path not in aside for label in (finding.primary, *finding.path[:1]))


def _places(finding: Finding) -> tuple[Label, ...]:
    return (finding.primary, *finding.labels, *finding.path)


def _within(label: Label, given: list[Path], base: Path) -> bool:
    path = (base / label.span.path).resolve()
    return any(path.is_relative_to(g) for g in given)


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


def _counts(reads: Iterable[Read], late: Iterable[Gap]) -> dict[str, int]:
    """Files and functions; `late` tells what turned out not to be understood when the rules asked for it."""
    counts = {"edl-files": 0, "code-files": 0, "functions": 0}
    places: dict[str, dict[int, ReadState]] = {}
    for gap in late:
        if gap.kind in _LATE and gap.span is not None:
            places.setdefault(gap.path, {})[gap.span.start] = _LATE[gap.kind]
    starts = {path: sorted(found) for path, found in places.items()}
    for each in reads:
        counts["edl-files"] += len(each.program.interfaces)
        units = [u for u in each.program.units if u.path not in each.aside]
        counts["code-files"] += len(units)
        for function in (f for u in units for f in u.functions):
            state, extent, known = function.state, function.extent, starts.get(function.path, ())
            at = bisect_left(known, extent.start)
            if at < len(known) and known[at] < extent.end:
                state = places[function.path][known[at]]
            counts["functions"] += 1
            key = f"functions-{state.value}"
            counts[key] = counts.get(key, 0) + 1
    return counts


def check_program(program: Program, rules: Iterable[Rule], clock: _Clock, request: Request) -> Iterator[Finding | Gap]:
    """Findings of every rule on one program; a rule that raises yields one Gap instead."""
    facts = Facts(program)
    for rule in rules:
        request.progress(f"checking {rule.name}")
        try:
            for found in _found(rule, program, facts):
                yield finding_of(rule, found)
        except Exception as error:
            if request.debug:
                raise
            what = f"rule '{rule.name}' failed: {type(error).__name__}: {error}"
            yield Gap(rule.path, None, what, "internal-error", True)
        clock.lap(f"rule:{rule.name}")
    graph, analysis = facts.known(CallGraph), facts.known(Analysis)
    yield from graph.gaps if graph is not None else ()
    yield from analysis.gaps if analysis is not None else ()
    yield from _overlooked(program)


def _overlooked(program: Program) -> Iterator[Gap]:
    """Functions that turned out not to be understood whole when a rule asked for their bodies."""
    for function in (f for u in program.units if not u.generated for f in u.functions):
        if places := function.overlooked:
            lost = places[0] == function.extent
            what = "could not be read again" if lost else "is too long or too deep to be followed in all places"
            kind = "lost-function" if lost else "partial-function"
            yield Gap(function.path, places[0], f"function '{function.qualified}' {what}", kind)


def _found(rule: Rule, program: Program, facts: Facts) -> Iterable[Found]:
    if rule.info.family == RUN_FAMILY:
        return unparsed(program) if rule.name == "unparsed-function" else ()
    if rule.flow is not None:
        return (_flowing(f) for f in facts.get(Flows).reaching(rule.flow.sources, rule.flow.sinks))
    return facts.call(check_of(rule))


def _flowing(flow: Flow) -> Found:
    """The finding of a rule that is a pure flow."""
    event, meaning = flow.event, flow.meaning
    return Found(
        one_line(event.span),
        path=flow.path,
        function=event.function,
        source=meaning.name,
        sink=event.name,
        kind=meaning.call_kind,
        call=meaning.call,
    )


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


def _all_sources(reads: Iterable[Read], findings: Iterable[Finding]) -> list[Source]:
    """Every file that was read, imported EDLs too, each path once."""
    by_path: dict[str, Source] = {}
    for each in reads:
        for source in each.sources:
            by_path.setdefault(source.path, source)
        for interface in each.program.interfaces:
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

    def add(self, spent: Mapping[str, float]) -> None:
        """Take in what another process spent meanwhile."""
        for phase, seconds in spent.items():
            self.spent[phase] = self.spent.get(phase, 0.0) + seconds
        self.last = time.perf_counter()
