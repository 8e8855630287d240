"""SARIF: what code scanning asks for. The schema and the SARIF multitool are run by `make sarif`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import CODE, EDL, GAPS, RULES, WHOLE, at, finding, report

import edlint.report.sarif as sarif
from edlint.finding import Label, Report
from edlint.report import Style, render
from edlint.source import Source


def run_of(made: Report, style: Style | None = None) -> dict[str, Any]:
    """The one run of the log."""
    log = json.loads(render("sarif", made, style))
    assert log["version"] == "2.1.0"
    assert log["$schema"].startswith("https://")
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found


def result_of(*arguments: Any, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = run_of(report(*arguments, **options))["results"][0]
    return found


def test_no_findings_is_an_empty_list() -> None:
    run = run_of(report())
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


def test_every_rule_is_described() -> None:
    driver = run_of(report())["tool"]["driver"]
    assert driver["name"] == "edlint"
    assert [r["id"] for r in driver["rules"]] == list(RULES)
    for rule in driver["rules"]:
        info = RULES[rule["id"]]
        assert rule["name"] != rule["id"] and rule["name"].isalnum()
        for text in (rule["shortDescription"], rule["fullDescription"], rule["help"]):
            assert 0 < len(text["text"]) <= 1024
        assert "## Remedy" in rule["help"]["markdown"] and "```" in rule["help"]["markdown"]
        assert rule["properties"]["precision"] == info.precision
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["properties"].get("security-severity", "") == info.security_severity
        assert ("security" in rule["properties"]["tags"]) is bool(info.security_severity)
        assert rule["defaultConfiguration"]["level"] == info.level
        for number in info.cwe:
            assert f"external/cwe/cwe-{number:03}" in rule["properties"]["tags"] or len(info.cwe) > 8


def test_result() -> None:
    result = result_of(WHOLE)
    assert result["ruleId"] == "user-check-pointer"
    assert list(RULES)[result["ruleIndex"]] == "user-check-pointer"
    assert result["level"] == "warning", "the default of the standard is written too: a rule's level would win"
    assert result["message"]["text"] == (
        "Parameter 'out' of ECALL 'seal' is 'user_check': the bridge neither copies nor checks it. "
        "There is no check on the way. See [the host's address](1), [length](2), "
        "[neither copied nor checked \\[sic\\]](3), [declared](4)."
    )
    (location,) = result["locations"]
    region = location["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]) == (7, 12, 7, 15)
    assert location["logicalLocations"][0]["name"] == "seal"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "kms::seal"
    assert [r["id"] for r in result["relatedLocations"]] == [1, 2, 3, 4]
    steps = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [s["location"]["message"]["text"] for s in steps] == [step.text for step in WHOLE.path]
    assert all("region" in s["location"]["physicalLocation"] for s in steps)
    change = result["fixes"][0]["artifactChanges"][0]
    assert change["artifactLocation"]["uri"] == "kms.edl"
    assert change["replacements"][0]["insertedContent"]["text"] == "out, size=len"


def test_fingerprints() -> None:
    source = Source("a.c", " a\nb\n  \t\tc\n d")
    marks = result_of(finding("user-check-pointer", at(source, "b")))["partialFingerprints"]
    assert marks["primaryLocationLineHash"] == "54703d4cd895b18:1"
    assert len(marks["edlint/v1"]) == 16
    huge = Source("a.c", "bad" + " " * 2_000_000)
    assert list(result_of(finding("user-check-pointer", at(huge, "bad")))["partialFingerprints"]) == ["edlint/v1"]


def test_paths_are_relative_and_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "top" / "real dir").mkdir(parents=True)
    (tmp_path / "top" / "link").symlink_to("real dir")
    monkeypatch.chdir(tmp_path / "top")

    def uri(path: str, root: str) -> dict[str, str]:
        span = at(Source(path, "bad\n"), "bad")
        made = replace(report(finding("user-check-pointer", span)), root=root)
        found: dict[str, str] = run_of(made)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        return found

    top = str(tmp_path / "top")
    assert uri("real dir/ü#%.c", top) == {"uri": "real%20dir/%C3%BC%23%25.c", "uriBaseId": "SRCROOT"}
    assert uri("link/a.c", top) == {"uri": "real%20dir/a.c", "uriBaseId": "SRCROOT"}
    assert uri("real dir/a.c", str(tmp_path))["uri"] == "top/real%20dir/a.c"
    assert uri("a\udcff.c", top)["uri"] == "a%FF.c", "a name that is no UTF-8"
    assert uri("../outside.c", top)["uri"].startswith("file:///")
    assert "uriBaseId" not in uri("../outside.c", top)


def test_the_base_of_uris_is_defined() -> None:
    run = run_of(report(WHOLE))
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]
    assert run["columnKind"] == "unicodeCodePoints"


def test_category() -> None:
    assert run_of(report())["automationDetails"]["id"] == "edlint/"
    assert run_of(report(), Style(category="edlint/kms"))["automationDetails"]["id"] == "edlint/kms/"


def test_gaps_are_notifications() -> None:
    run = run_of(replace(report(gaps=GAPS), exit_code=3))
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    first, second = invocation["toolExecutionNotifications"]
    assert (first["level"], first["descriptor"]["id"]) == ("error", "unreadable-file")
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "enclave%20dir/lost.c"
    assert (second["level"], second["locations"][0]["physicalLocation"]["region"]["startLine"]) == ("note", 2)


def test_primary_region_is_on_one_line() -> None:
    region = result_of(finding("user-check-pointer", CODE.span(0, 60)))["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"], region["endColumn"]) == (1, 1, 54)


def test_places_in_made_text_are_left_out() -> None:
    made = Source("sdk:module.edl", "enclave { };", "none")
    there = Label(at(made, "enclave"), "the module")
    result = result_of(replace(WHOLE, labels=(there, *WHOLE.labels), path=(there, *WHOLE.path)))
    assert len(result["relatedLocations"]) == 4
    assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == 3


def test_suppressed_findings_stay_out_unless_asked_for() -> None:
    made = report(suppressed=((WHOLE, "never followed"),))
    assert run_of(made)["results"] == []
    (result,) = run_of(made, Style(suppressed=True))["results"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "never followed", "status": "accepted"}]


def test_size_guards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MAX_RESULTS", 5)
    monkeypatch.setattr(sarif, "SHOWN_RESULTS", 3)
    mild = finding("non-portable-type", at(EDL, "int"))
    severe = finding("invalid-interface", at(EDL, "trusted"))
    run = run_of(report(*[mild] * 6, severe))
    assert [r["level"] for r in run["results"]] == ["note"] * 4 + ["error"]
    assert "2 findings" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    run = run_of(report(*[mild] * 4))
    assert len(run["results"]) == 4
    assert "only 3" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


def test_taxa_of_weaknesses() -> None:
    run = run_of(report())
    taxa = {t["id"] for t in run["taxonomies"][0]["taxa"]}
    named = {r["target"]["id"] for d in run["tool"]["driver"]["rules"] for r in d.get("relationships", [])}
    assert named == taxa == {f"CWE-{n}" for info in RULES.values() for n in info.cwe}
