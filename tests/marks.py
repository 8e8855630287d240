"""Marks in the comments of examples and fixtures, and how they are compared with what was found.

A mark ends a line: `// expect: rule` (a finding of the rule has its primary place here), `// from` (its path starts
here), `// missed: rule` (a known false negative), `// false-alarm: rule` (a known false positive). Both ways exact: an
unmarked finding fails, an unmet mark fails, and a cured `missed` or `false-alarm` fails until the mark says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edlint.catalog import without_marks
from edlint.finding import Finding

WORD = re.compile(r"(expect|from|missed|false-alarm)(?:: ([a-z0-9-]+))?")

Place = tuple[str, str, int]
"""Rule, file, line."""


@dataclass
class Marks:
    """The marks of one project, by word."""

    expect: set[Place] = field(default_factory=set)
    start: set[Place] = field(default_factory=set)
    missed: set[Place] = field(default_factory=set)
    false_alarm: set[Place] = field(default_factory=set)

    @property
    def rules(self) -> set[str]:
        return {rule for places in (self.expect, self.start, self.missed, self.false_alarm) for rule, _, _ in places}


def marks_of(files: Mapping[str, str], rule: str = "") -> Marks:
    """What the comments of these files say; `rule` is the one that a mark without a name means."""
    marks = Marks()
    words = {"expect": marks.expect, "from": marks.start, "missed": marks.missed, "false-alarm": marks.false_alarm}
    for name, text in files.items():
        bare = without_marks(text).split("\n")
        for number, (line, kept) in enumerate(zip(text.split("\n"), bare, strict=True), 1):
            if line == kept:
                continue
            removed = line[len(kept) :] if line.startswith(kept) else " ".join(re.findall(r"/\*.*?\*/", line))
            for word, other in WORD.findall(removed):
                words[word].add((other or rule, name, number))
    return marks


def place(finding: Finding) -> Place:
    return finding.rule, finding.primary.span.path, finding.primary.span.line


def lines(places: Iterable[Place]) -> str:
    return "".join(f"\n  {file}:{line}: {rule}" for rule, file, line in sorted(places))


def difference(findings: Iterable[Finding], marks: Marks) -> str:
    """What findings and marks say differently, for the reader of a failed test; empty when they agree."""
    findings = tuple(findings)
    found = {place(f) for f in findings}
    problems = ""
    if extra := found - marks.expect - marks.false_alarm - marks.missed:
        told = "".join(f"\n  {f.primary.span!r}: {f.rule}: {f.message}" for f in findings if place(f) in extra)
        problems += f"\nfound, but not marked:{told}"
    if unmet := marks.expect - found:
        problems += f"\nmarked, but not found:{lines(unmet)}"
    if cured := marks.missed & found:
        problems += f"\nmarked 'missed', but found; say 'expect':{lines(cured)}"
    if cured := marks.false_alarm - found:
        problems += f"\nmarked 'false-alarm', but quiet now; remove the mark:{lines(cured)}"
    return problems
