"""What edlint says: findings, what was not analysed, and the report that holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edlint.source import Gap, Span


class Level(StrEnum):
    """How bad it is if it is true; a property of the rule."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for error, 1 for warning, 2 for note."""
        return list(Level).index(self)


class Precision(StrEnum):
    """How sure a finding of the rule is; a property of the rule."""

    VERY_HIGH = "very-high"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Profile(StrEnum):
    """The smallest profile that runs the rule."""

    DEFAULT = "default"
    STRICT = "strict"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Label:
    """A place with what is to be said of it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, at one primary place."""

    rule: str
    level: Level
    message: str
    """One sentence with a full stop."""
    primary: Label
    labels: tuple[Label, ...] = ()
    """Other places that explain it, most important first."""
    path: tuple[Label, ...] = ()
    """A flow, step by step: source first (the EDL declaration or the OCALL), sink last."""
    notes: tuple[str, ...] = ()
    """Further facts, each a sentence."""
    function: str = ""
    """The function or declared call that it is in."""
    fix: Fix | None = None

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """A key that sorts findings by place, then rule."""
        span = self.primary.span
        return span.path, span.start, span.end, self.rule, self.message


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a report needs to know of a rule."""

    name: str
    family: str
    title: str
    level: Level
    precision: Precision
    profile: Profile
    security_severity: str
    """CVSS-like number as text, empty when it is no security matter."""
    cwe: tuple[int, ...]
    help: str
    """The page's prose as Markdown, without its examples' marks."""
    summary: str
    """First paragraph of the prose, as plain text."""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings and what was not analysed: all that an output format gets to see."""

    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    rules: Mapping[str, RuleInfo]
    """The rules that ran."""
    facts: tuple[str, ...] = ()
    """What was analysed: dialect and why, EDL files, functions read; each a clause for the summary."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """`suppressed`, `baselined`, `functions`, `functions-clean`, ... for machine formats."""
    root: str = ""
    """Directory that paths of machine formats are relative to; empty for the working directory."""
    version: str = ""
    suppressed: tuple[tuple[Finding, str], ...] = ()
    """Findings that a comment allows, with its reason."""
    exit_code: int = 0
    timing: Mapping[str, float] = field(default_factory=dict)
