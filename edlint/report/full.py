"""The report for people: findings with their source, then what was analysed and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from edlint.finding import Edit, Finding, Fix, Label, Level, Report
from edlint.report.plain import plain
from edlint.report.snippet import marks_of, snippet
from edlint.report.style import Style
from edlint.source import Gap, Source, Span
from edlint.wording import many

MAX_FACTS = 24
"""Lines about what was analysed: enough for half a dozen enclaves."""

MAX_GAPS = 5
"""Gaps of one kind that are listed; the count of the others is told."""


def render(report: Report, style: Style) -> str:
    """All findings, then the summary."""
    blocks = [finding_block(finding, style) for finding in report.findings]
    blocks.append(list(summary(report, style)))
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def finding_block(finding: Finding, style: Style) -> list[str]:
    """One finding, line by line."""
    paint, level = style.paint, str(finding.level)
    primary = finding.primary
    sources: list[Source] = list(dict.fromkeys(s.span.source for s in (primary, *finding.labels)))
    marks = {source: marks_of(source, primary, finding.labels) for source in sources}
    gutter = max(len(str(m.line)) for found in marks.values() for m in found)
    out = [f"{paint(level, f'{level}[{finding.rule}]')}{paint('strong', f': {plain(finding.message)}')}"]
    for source in sources:
        first = primary.span if source is primary.span.source else _first(source, finding.labels)
        arrow = "-->" if source is primary.span.source else ":::"
        out.append(f"{' ' * gutter}{paint('gutter', arrow)} {plain(source.path)}:{first.line}:{first.column}")
        out.append(f"{' ' * gutter} {paint('gutter', '|')}")
        out += snippet(source, marks[source], gutter, style.width, paint, level)
    out.append(f"{' ' * gutter} {paint('gutter', '|')}")
    edge = f"{' ' * gutter} {paint('gutter', '=')} "
    if finding.path:
        out += _path(finding.path, edge, gutter, style)
    out += [f"{edge}{paint('strong', 'note')}: {plain(note)}" for note in finding.notes]
    out.append(f"{edge}{paint('strong', 'help')}: edlint explain {finding.rule}")
    if finding.fix:
        out += _fix(finding.fix, edge, gutter, style)
    return out


def _first(source: Source, labels: Sequence[Label]) -> Span:
    return next(label.span for label in labels if label.span.source is source)


def _path(path: Sequence[Label], edge: str, gutter: int, style: Style) -> Iterator[str]:
    yield f"{edge}{style.paint('strong', 'path')}: {many(len(path), 'step')}"
    before = None
    indent = " " * (gutter + 3)
    for number, step in enumerate(path, 1):
        span = step.span
        yield f"{indent}{number:>2}. {plain(span.path)}:{span.line}:{span.column}: {plain(step.text)}"
        place = (span.path, span.line)
        if place != before:
            code = plain(span.source.line(span.line)[:400].strip().replace("\t", " "))
            room = max(style.width - len(indent) - 6, 20)
            yield f"{indent}    {style.paint('dim', code if len(code) <= room else code[: room - 3] + '...')}"
        before = place


def _fix(fix: Fix, edge: str, gutter: int, style: Style) -> Iterator[str]:
    kind = "fix" if fix.safe else "suggestion"
    yield f"{edge}{style.paint('strong', kind)}: {plain(fix.title)}"
    for source in dict.fromkeys(e.span.source for e in fix.edits):
        edits = sorted((e for e in fix.edits if e.span.source is source), key=lambda e: e.span.start)
        yield from _diff(source, edits, gutter, style)


def _diff(source: Source, edits: Sequence[Edit], gutter: int, style: Style) -> Iterator[str]:
    """The lines that the edits touch, before and after."""
    first, last = edits[0].span.line, max(e.span.end_line for e in edits)
    start = source.line_starts[first - 1]
    end = source.line_starts[last - 1] + len(source.line(last))
    after, at = "", start
    for edit in edits:
        after += source.text[at : edit.span.start] + edit.text
        at = edit.span.end
    after += source.text[at:end]
    bar = style.paint("gutter", "|")
    for number, line in enumerate(source.text[start:end].splitlines(), first):
        yield f"{str(number).rjust(gutter)} {bar} {style.paint('removed', '- ' + plain(line.expandtabs(4)))}"
    for number, line in enumerate(after.splitlines(), first):
        yield f"{str(number).rjust(gutter)} {bar} {style.paint('added', '+ ' + plain(line.expandtabs(4)))}"


def summary(report: Report, style: Style) -> Iterator[str]:
    """Counts, what was analysed, what was not."""
    yield style.paint("strong", count_line(report))
    for number, fact in enumerate(report.facts[:MAX_FACTS]):
        yield f"{'  analysed: ' if number == 0 else '            '}{plain(fact)}"
    if len(report.facts) > MAX_FACTS:
        yield f"            ... and {len(report.facts) - MAX_FACTS} lines more (--format json has them all)"
    yield from _gaps(report.gaps, style)
    if style.statistics:
        yield from _statistics(report)
    if style.timing:
        yield from _timing(report)


def count_line(report: Report) -> str:
    """How many findings of which level, and how many are not shown."""
    levels = [f.level for f in report.findings]
    parts = [many(levels.count(v), v) for v in Level if v in levels]
    total = len(levels)
    line = many(total, "finding") + (f": {', '.join(parts)}" if parts else "")
    for word in ("suppressed", "baselined", "unchanged"):
        if count := report.counts.get(word, 0):
            line += f"; {count} {word}"
    if fixable := sum(f.fix is not None for f in report.findings):
        line += f"; {fixable} with a suggested change"
    return line


def _gaps(gaps: Sequence[Gap], style: Style) -> Iterator[str]:
    if not gaps:
        return
    yield f"  not analysed, or only in part: {many(len(gaps), 'place')}"
    kinds = sorted({(not g.fatal, g.kind) for g in gaps})
    for calm, kind in kinds:
        group = [g for g in gaps if g.kind == kind and g.fatal is not calm]
        for gap in group[:MAX_GAPS]:
            place = f"{plain(gap.path)}:{gap.span.line}:{gap.span.column}" if gap.span else plain(gap.path)
            word = style.paint("warning" if calm else "error", kind)
            yield f"    {place}: {word}: {plain(gap.message)}"
        if len(group) > MAX_GAPS:
            yield f"    ... and {len(group) - MAX_GAPS} more of kind {kind}"


def _statistics(report: Report) -> Iterator[str]:
    names = [f.rule for f in report.findings]
    for name in sorted(set(names), key=lambda n: (-names.count(n), n)):
        yield f"  {names.count(name):>5} {name}"


def _timing(report: Report) -> Iterator[str]:
    for phase, seconds in sorted(report.timing.items(), key=lambda item: -item[1]):
        yield f"  {seconds * 1000:>8.1f} ms {phase}"
