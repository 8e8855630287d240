"""The linter, linted: pages, checks, models and the shape of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from marks import marks_of

import edlint
from edlint.catalog import FAMILIES, NAME, RUN_FAMILY, check_of, load_catalog, read_page
from edlint.files import rules_folder
from edlint.rule import Rule
from edlint.sdk import load_sdk

PACKAGE = Path(edlint.__file__).parent
CATALOG = load_catalog()
RULES = list(CATALOG.rules.values())
FILES = sorted([*PACKAGE.rglob("*.py"), *Path(__file__).parent.glob("*.py")])
MAX_LINES = 420
MAX_CHECK_LINES = 130
FORBIDDEN = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented\w*|lorem ipsum dolor sit amet, consectetur)\b")
ADVICE = re.compile(r"\b(should|must|please|consider|you)\b", re.IGNORECASE)

by_name = pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)


def test_no_page_or_module_is_at_fault() -> None:
    assert CATALOG.defects == ()
    assert CATALOG.strays == ()


def test_every_family_has_rules() -> None:
    assert {r.info.family for r in RULES} == set(FAMILIES)


@by_name
def test_page(rule: Rule) -> None:
    assert NAME.fullmatch(rule.name)
    assert not rule.name.startswith(("no-", "check-"))
    assert rule.path == f"rules/{rule.info.family}/{rule.name}.md"
    assert rule.info.level != "error" or rule.info.profile == "default", "an error of a profile that nobody runs"
    for chapter in ("## Why it matters", "## Remedy", "## What it does not see", "## References", "## Examples"):
        assert rule.page.count(f"\n{chapter}\n") == 1, chapter
    assert len(rule.info.title) <= 72
    assert len(rule.info.summary) <= 1024


@by_name
def test_messages_state_facts(rule: Rule) -> None:
    for message in rule.messages.values():
        assert not ADVICE.search(message), message
        assert message[0].isupper() or message[0] == "'" or message[0] == "{", message


@by_name
def test_two_loud_and_two_quiet_examples(rule: Rule) -> None:
    loud = [e for e in rule.examples if marks_of(e.files, rule.name).expect]
    quiet = [e for e in rule.examples if rule.name not in marks_of(e.files, rule.name).rules]
    assert len(loud) >= 2, [e.title for e in loud]
    assert len(quiet) >= 2, [e.title for e in quiet]


@by_name
def test_check_is_bound(rule: Rule) -> None:
    if rule.flow is None and rule.info.family != RUN_FAMILY:
        assert callable(check_of(rule))


def test_every_kind_is_declared_and_used() -> None:
    sdk = load_sdk()
    flows = {kind for r in RULES if r.flow for kind in (*r.flow.sources, *r.flow.sinks)}
    assert flows <= set(sdk.kinds), "a page's [flow] names a kind that kinds.toml does not declare"
    rows = {row.kind for found in sdk.rows.values() for row in found if row.kind}
    engine = "\n".join(p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py"))
    orphans = sorted(k for k in sdk.kinds if k not in rows and k not in flows and f'"{k}"' not in engine)
    assert orphans == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_file_is_short_and_finished(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = MAX_CHECK_LINES if path.parent.name == "checks" else MAX_LINES
    lines = text.count("\n")
    assert lines <= limit, path
    if path != Path(__file__):
        assert not FORBIDDEN.search(text)


def test_pages_are_finished() -> None:
    for path in rules_folder().rglob("*.md"):
        assert not FORBIDDEN.search(path.read_text(encoding="utf-8")), path


GOOD = """+++
title = "thing"
level = "error"
precision = "high"
profile = "default"
cwe = [1]
since = "0.1.0"
message = "Thing '{name}' is bad."
+++
What it flags.

## Examples
### One
```c a.c
int x;
```
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("+++\ntitle", "title", 1, "front matter"),
        ('level = "error"', 'level = "fatal"', 3, "'level' is one of"),
        ('level = "error"', 'level = "error"\ncolour = "red"', 4, "unknown key 'colour'"),
        ('title = "thing"', 'title = "thing."', 2, "no final stop"),
        ('since = "0.1.0"\n', "", 1, "missing key 'since'"),
        ("cwe = [1]", 'cwe = ["CWE-1"]', 6, "list of numbers"),
        ("bad.", "bad", 8, "full stop"),
        ("{name}", "{}", 8, "not a name"),
        ("{name}", "{name", 8, "message"),
        ("cwe = [1]", "cwe = [1", 7, "front matter"),
        ("## Examples\n", "", 10, "no '## Examples'"),
        ("What it flags.", "## Why", 10, "paragraph"),
        ("```c a.c", "```c ../a.c", 14, "leaves the project"),
        ("int x;\n```\n", "int x;\n", 14, "without its end"),
        ("```c a.c\nint x;\n```\n", "", 13, "has no file"),
    ],
)
def test_a_bad_page_is_named_with_its_line(old: str, new: str, line: int, what: str, tmp_path: Path) -> None:
    read_page(GOOD, "taint", "some-thing", "x.md")
    assert old in GOOD
    folder = tmp_path / "rules" / "edlint"
    folder.mkdir(parents=True)
    (folder / "some-thing.md").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    defects = [d for d in load_catalog(tmp_path / "rules").defects if d.startswith("rules/")]
    assert len(defects) == 1
    assert defects[0].startswith(f"rules/edlint/some-thing.md:{line}: ")
    assert what in defects[0]
