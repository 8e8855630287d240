"""Comments that allow a finding: `// edlint: allow(rule-name) until 2027-01-31 -- reason`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from edlint.finding import Finding
from edlint.source import Source, Span

_COMMENT = re.compile(r"(?P<open>//|/\*|#|<!--)[ \t]*edlint[ \t]*:[ \t]*(?P<word>\w+)(?P<rest>[^\r\n]*)")
_REST = re.compile(r"[ \t]*\((?P<names>[^()]*)\)[ \t]*(?:until[ \t]+(?P<until>\S+))?[ \t]*(?:--[ \t]*(?P<reason>.*))?")


@dataclass(frozen=True, slots=True)
class Allowed:
    """One rule that one comment allows on one line."""

    rule: str
    line: int
    """The line whose findings it allows."""
    span: Span
    """The rule's name in the comment."""
    reason: str
    until: str = ""
    """Last day on which it holds, ISO; empty for ever."""

    def expired(self, today: datetime.date) -> bool:
        """Whether its day has passed; a date that is none counts as passed."""
        if not self.until:
            return False
        try:
            return datetime.date.fromisoformat(self.until) < today
        except ValueError:
            return True


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong with a suppression: a finding of the family `edlint`."""

    rule: str
    allowed: Allowed


def allowances(source: Source) -> tuple[Allowed, ...]:
    """What the comments of a file allow."""
    if "edlint" not in source.text:
        return ()
    found: list[Allowed] = []
    for match in _COMMENT.finditer(source.text):
        if match["word"] != "allow" or not (rest := _REST.match(match["rest"])):
            continue
        line, column = source.position(match.start())
        alone = not source.line(line)[: column - 1].strip()
        target = _next_code_line(source, line) if alone else line
        reason = (rest["reason"] or "").removesuffix("*/").removesuffix("-->").strip()
        base = match.start("rest") + rest.start("names")
        for name in re.finditer(r"[^,\s]+", rest["names"]):
            span = source.span(base + name.start(), base + name.end())
            found.append(Allowed(name[0], target, span, reason, rest["until"] or ""))
    return tuple(found)


def _next_code_line(source: Source, line: int) -> int:
    """The next line that is more than a comment of this kind, so that several may stand above each other."""
    while line < len(source.line_starts):
        line += 1
        text = source.line(line)
        match = _COMMENT.search(text)
        if not match or text[: match.start()].strip():
            return line
    return line


def suppress(
    findings: Iterable[Finding],
    sources: Iterable[Source],
    known: Collection[str],
    ran: Collection[str],
    today: datetime.date,
) -> tuple[list[Finding], list[tuple[Finding, str]], list[Complaint]]:
    """Findings that stay, findings that a comment allows with its reason, and what is wrong with the comments.

    `known` are the names of all rules, `ran` of those that ran: a comment about a rule that did not run is not
    called unused. A comment without reason, or past its day, allows nothing.
    """
    valid: dict[tuple[str, int, str], Allowed] = {}
    complaints: list[Complaint] = []
    for source in sources:
        for allowed in allowances(source):
            if allowed.rule not in known:
                complaints.append(Complaint("unknown-rule-in-suppression", allowed))
            elif not allowed.reason:
                complaints.append(Complaint("missing-reason", allowed))
            elif allowed.expired(today):
                complaints.append(Complaint("expired-suppression", allowed))
            else:
                valid.setdefault((source.path, allowed.line, allowed.rule), allowed)
    kept: list[Finding] = []
    silenced: list[tuple[Finding, str]] = []
    used: set[tuple[str, int, str]] = set()
    for finding in findings:
        span = finding.primary.span
        key = (span.path, span.line, finding.rule)
        if key in valid:
            used.add(key)
            silenced.append((finding, valid[key].reason))
        else:
            kept.append(finding)
    unused = [a for key, a in valid.items() if key not in used and a.rule in ran]
    complaints += [Complaint("unused-suppression", a) for a in unused]
    return kept, silenced, sorted(complaints, key=_order)


def _order(complaint: Complaint) -> tuple[Sequence[object], str]:
    return complaint.allowed.span.order, complaint.rule
