"""What the README says is what edlint does: its generated parts are fresh and its words exist.

`UPDATE=1 pytest tests/test_readme.py` rewrites the parts between `<!-- name -->` and `<!-- /name -->`.
"""

from __future__ import annotations

import ast
import datetime
import os
import re
from pathlib import Path

import click
import pytest

from edlint.analysis.taint.engine import MAX_AGAIN
from edlint.analysis.taint.events import MAX_EVENTS
from edlint.catalog import FAMILIES, load_catalog
from edlint.cli import EXIT_CODES, cli
from edlint.config import Config, parse_config
from edlint.driver import Request, run
from edlint.frontends.c.flow import MAX_DEPTH
from edlint.frontends.c.indexed import MAX_FUNCTIONS, MAX_ITEMS
from edlint.frontends.c.length import MAX_BODY, MAX_STATEMENTS
from edlint.frontends.c.project import MAX_SAME
from edlint.report import FORMATS, Style, render

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SHOWN = "unchecked-host-pointer"
"""The rule whose finding in the key management enclave the README shows."""


def rules_table() -> str:
    rows = ["| rule | level | profile | what it flags |", "|---|---|---|---|"]
    for family in FAMILIES:
        for rule in load_catalog().rules.values():
            if rule.info.family == family:
                link = f"[`{rule.name}`](rules/{family}/{rule.name}.md)"
                title = rule.info.title[0].upper() + rule.info.title[1:]
                rows.append(f"| {link} | {rule.info.level} | {rule.info.profile} | {title} |")
    return "\n".join(rows)


def exit_codes() -> str:
    rows = re.findall(r"^  (\d+) +(.+)$", EXIT_CODES, re.MULTILINE)
    return "\n".join(["| code | meaning |", "|---|---|", *(f"| {code} | {text} |" for code, text in rows)])


def finding() -> str:
    config = Config(folder=ROOT)
    project = Path("fixtures/projects/kms")
    report = run(Request(paths=(project,), base=ROOT, config=config, select=(SHOWN,), today=datetime.date(2026, 1, 1)))
    blocks = render("full", report, Style(False, 100)).split("\n\n")
    shown = next(block for block in blocks if f"[{SHOWN}]" in block.split("\n")[0])
    return f"```text\n{shown.strip()}\n```"


GENERATED = {"rules": rules_table, "exit-codes": exit_codes, "finding": finding}


@pytest.mark.parametrize("name", GENERATED)
def test_generated_part_is_fresh(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    fresh = f"<!-- {name} -->\n{GENERATED[name]()}\n<!-- /{name} -->"
    part = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
    text = README.read_text(encoding="utf-8")
    if os.environ.get("UPDATE"):
        text = part.sub(lambda _: fresh, text)
        README.write_text(text, encoding="utf-8")
    found = part.search(text)
    assert found is not None
    assert found[0] == fresh


def test_commands_exist() -> None:
    used = set(re.findall(r"^\$ (?:uvx )?edlint (\w+)(?=[ \n])", README.read_text(encoding="utf-8"), re.MULTILINE))
    assert {"explain", "rules", "doctor", "baseline"} <= used
    assert used <= set(cli.commands)


def test_options_exist() -> None:
    text = README.read_text(encoding="utf-8")
    commands = (cli, *cli.commands.values())
    known = {o for c in commands for p in c.params if isinstance(p, click.Option) for o in p.opts}
    used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert {"--profile", "--baseline", "--output"} <= used
    assert used <= known


def test_formats_are_all_named() -> None:
    line = next(x for x in README.read_text(encoding="utf-8").split("\n") if x.startswith("`--format` is one of"))
    assert tuple(re.findall(r"`([a-z]+)`", line.split(".")[0])) == FORMATS


def test_configuration_is_valid() -> None:
    blocks = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 1
    config = parse_config(blocks[0], "edlint.toml", ROOT)
    assert config.enclaves[0].edl == ("kms.edl",)
    rules = load_catalog()
    assert rules.select(config.ignore + config.extend_select)


def test_rules_in_comments_exist() -> None:
    names = set(re.findall(r"allow\(([a-z-]+)\)", README.read_text(encoding="utf-8")))
    assert names
    assert names <= set(load_catalog().rules)


def test_every_kind_of_gap_is_described() -> None:
    described = (ROOT / "docs" / "reports.md").read_text("utf-8")
    told = set()
    for path in sorted((ROOT / "edlint").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Gap":
                words = [w.value for a in call.args[3:] for w in ast.walk(a) if isinstance(w, ast.Constant)]
                told |= {w for w in words if isinstance(w, str)}
    assert len(told) > 10
    assert not [kind for kind in sorted(told) if f"`{kind}`" not in described]


def test_limits_of_what_is_read_are_as_described() -> None:
    described = (ROOT / "docs" / "reports.md").read_text("utf-8")
    limits = {"levels": MAX_DEPTH, "statements": MAX_STATEMENTS, "declarations": MAX_ITEMS, "definitions": MAX_SAME}
    limits |= {"functions": MAX_FUNCTIONS, "characters": MAX_BODY, "uses": MAX_EVENTS, "visits": MAX_AGAIN}
    assert {word: number for number, word in re.findall(r"(\d[\d,]*) (\w+)", described) if word in limits} == {
        word: f"{limit:,}" for word, limit in limits.items()
    }
