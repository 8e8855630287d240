"""Rules and the weaknesses that they are about, in SARIF's terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sarif_om as om

from edlint.finding import Level, RuleInfo

MAX_TEXT = 1024
MAX_TAGS = 10

_PROBLEM = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "recommendation"}


def descriptors(rules: Iterable[RuleInfo]) -> list[om.ReportingDescriptor]:
    """One descriptor a rule, in the given order."""
    return [_descriptor(rule) for rule in rules]


def _descriptor(rule: RuleInfo) -> om.ReportingDescriptor:
    properties: dict[str, Any] = {"tags": _tags(rule), "precision": str(rule.precision)}
    properties["problem.severity"] = _PROBLEM[rule.level]
    if rule.security_severity:
        properties["security-severity"] = rule.security_severity
    return om.ReportingDescriptor(
        id=rule.name,
        name="".join(part.capitalize() for part in rule.name.split("-")),
        short_description=_text(f"{rule.title[:1].upper()}{rule.title[1:]}."),
        full_description=_text(rule.summary),
        help=om.MultiformatMessageString(
            text=f"{_fit(rule.summary, 900)} `edlint explain {rule.name}` prints the whole page.", markdown=rule.help
        ),
        default_configuration=om.ReportingConfiguration(level=str(rule.level)),
        relationships=[_relationship(number) for number in rule.cwe] or None,
        properties=properties,
    )


def _tags(rule: RuleInfo) -> list[str]:
    tags = ["security"] if rule.security_severity else ["correctness"]
    tags.append(rule.family)
    return [*tags, *(f"external/cwe/cwe-{number:03}" for number in rule.cwe)][:MAX_TAGS]


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=_fit(text, MAX_TEXT))


def _fit(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3].rsplit(" ", 1)[0] + "..."


def _relationship(number: int) -> om.ReportingDescriptorRelationship:
    target = om.ReportingDescriptorReference(
        id=f"CWE-{number}", tool_component=om.ToolComponentReference(name="CWE", index=0)
    )
    return om.ReportingDescriptorRelationship(target=target, kinds=["superset"])


def taxonomy(rules: Iterable[RuleInfo]) -> list[om.ToolComponent]:
    """The weaknesses that the rules name, or nothing."""
    numbers = sorted({number for rule in rules for number in rule.cwe})
    if not numbers:
        return []
    return [
        om.ToolComponent(
            name="CWE",
            organization="MITRE",
            short_description=om.MultiformatMessageString(text="The Common Weakness Enumeration."),
            information_uri="https://cwe.mitre.org/",
            is_comprehensive=False,
            taxa=[
                om.ReportingDescriptor(id=f"CWE-{n}", help_uri=f"https://cwe.mitre.org/data/definitions/{n}.html")
                for n in numbers
            ],
        )
    ]
