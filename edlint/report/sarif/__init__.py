"""SARIF 2.1.0 as code-scanning services take it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sarif_om as om

from edlint.finding import Finding, Fix, Report
from edlint.fingerprint import keys, line_hash
from edlint.report.sarif.encode import encode
from edlint.report.sarif.places import Places, message
from edlint.report.sarif.rules import descriptors, taxonomy
from edlint.report.style import Style
from edlint.source import Gap, Source

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
INFORMATION = "urn:edlint:linter"
"""Names the tool; a URN, because validators ask for some URI and a page of the tool may move."""
MAX_RESULTS = 25_000
"""A file with more results is refused by code scanning."""
SHOWN_RESULTS = 5_000
"""Code scanning shows no more than this."""
MAX_RELATED = 100
MAX_STEPS = 1_000
LINKED = 10
"""Related places that the message links to; the others are only listed."""


def render(report: Report, style: Style) -> str:
    """One run, with an empty list of results when there are none."""
    places = Places(report.root)
    rules = descriptors(report.rules.values())
    index = {rule.id: n for n, rule in enumerate(rules)}
    findings, dropped = _fitting(report.findings)
    results = [_result(f, k, index, places) for f, k in zip(findings, keys(findings), strict=True)]
    if style.suppressed:
        silenced = [f for f, _ in report.suppressed]
        for (finding, reason), key in zip(report.suppressed, keys(silenced), strict=True):
            result = _result(finding, key, index, places)
            result.suppressions = [om.Suppression(kind="inSource", justification=reason, state="accepted")]
            results.append(result)
    gaps = [*report.gaps, *_size_gaps(len(findings), dropped)]
    driver = om.ToolComponent(
        name="edlint",
        semantic_version=report.version,
        information_uri=INFORMATION,
        rules=rules,
    )
    taxonomies = taxonomy(report.rules.values())
    if taxonomies:
        driver.supported_taxonomies = [om.ToolComponentReference(name="CWE", index=0)]
    run = om.Run(
        tool=om.Tool(driver=driver),
        results=results,
        taxonomies=taxonomies or None,
        column_kind="unicodeCodePoints",
        automation_details=om.RunAutomationDetails(id=f"{style.category.strip('/') or 'edlint'}/"),
        original_uri_base_ids={
            Places.BASE: om.ArtifactLocation(description=message("Top of the repository, or the working directory."))
        },
        invocations=[_invocation(report, gaps, places)],
        properties={"counts": dict(report.counts), "analysed": list(report.facts)},
    )
    log = om.SarifLog(version="2.1.0", schema_uri=SCHEMA, runs=[run])
    return json.dumps(encode(log), indent=2, ensure_ascii=False) + "\n"


def _fitting(findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """As many findings as a file may hold, the severest ones, in their order; and how many are left out."""
    if len(findings) <= MAX_RESULTS:
        return list(findings), 0
    worst = sorted(range(len(findings)), key=lambda n: (findings[n].level.rank, n))[:MAX_RESULTS]
    return [findings[n] for n in sorted(worst)], len(findings) - MAX_RESULTS


def _size_gaps(count: int, dropped: int) -> list[Gap]:
    if dropped:
        text = f"{dropped} findings of lower level are left out: code scanning refuses more than {MAX_RESULTS} results"
        return [Gap("", None, text, "too-many-results", True)]
    if count > SHOWN_RESULTS:
        text = f"code scanning shows only {SHOWN_RESULTS} of these {count} results"
        return [Gap("", None, text, "too-many-results")]
    return []


def _result(finding: Finding, key: str, index: dict[str, int], places: Places) -> om.Result:
    span = finding.primary.span
    related = [label for label in finding.labels if places.has(label.span)][:MAX_RELATED]
    function = finding.function
    logical = None
    if function:
        logical = [om.LogicalLocation(name=function.split("::")[-1], fully_qualified_name=function, kind="function")]
    result = om.Result(
        rule_id=finding.rule,
        rule_index=index[finding.rule],
        level=str(finding.level),
        message=message(_sentence(finding, [label.text for label in related[:LINKED]])),
        locations=[places.location(span, one_line=True, logical=logical, snippet=True)],
        partial_fingerprints={"edlint/v1": key},
    )
    if line := line_hash(span.source, span.line):
        result.partial_fingerprints["primaryLocationLineHash"] = line
    if related:
        result.related_locations = [places.location(r.span, r.text, id=n) for n, r in enumerate(related, 1)]
    steps = [step for step in finding.path if places.has(step.span)][:MAX_STEPS]
    if steps:
        locations = [om.ThreadFlowLocation(location=places.location(s.span, s.text, snippet=True)) for s in steps]
        result.code_flows = [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])]
    if finding.fix:
        result.fixes = [_fix(finding.fix, places)]
    return result


def _sentence(finding: Finding, labels: Sequence[str]) -> str:
    """The message, the notes, and links to the related places by their ids."""
    parts = [_escape(finding.message), *(_escape(note) for note in finding.notes)]
    links = [f"[{_escape(text) or 'related place'}]({n})" for n, text in enumerate(labels, 1)]
    if links:
        parts.append(f"See {', '.join(links)}.")
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part)


def _escape(text: str) -> str:
    """Text in which only edlint's own brackets make links."""
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _fix(fix: Fix, places: Places) -> om.Fix:
    sources: list[Source] = list(dict.fromkeys(e.span.source for e in fix.edits))
    changes = []
    for source in sources:
        replacements = [
            om.Replacement(
                deleted_region=places.region(e.span),
                inserted_content=om.ArtifactContent(text=e.text) if e.text else None,
            )
            for e in fix.edits
            if e.span.source is source
        ]
        changes.append(om.ArtifactChange(artifact_location=places.artifact(source.path), replacements=replacements))
    return om.Fix(description=message(fix.title), artifact_changes=changes)


def _invocation(report: Report, gaps: Sequence[Gap], places: Places) -> om.Invocation:
    notifications = []
    for gap in gaps:
        notification = om.Notification(
            level="error" if gap.fatal else "warning" if gap.span is None else "note",
            message=message(gap.message if gap.message.endswith(".") else f"{gap.message}."),
            descriptor=om.ReportingDescriptorReference(id=gap.kind),
        )
        if gap.span is not None and places.has(gap.span):
            notification.locations = [places.location(gap.span)]
        elif gap.path:
            notification.locations = [places.file(gap.path)]
        notifications.append(notification)
    return om.Invocation(
        execution_successful=report.exit_code in (0, 1),
        exit_code=report.exit_code,
        tool_execution_notifications=notifications or None,
    )
