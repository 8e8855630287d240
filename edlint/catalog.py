"""The rules: pages of `rules/`, read, checked and bound to the modules of `edlint/checks`."""

from __future__ import annotations

import importlib
import re
import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edlint.files import rules_folder
from edlint.finding import Level, Precision, Profile, RuleInfo
from edlint.rule import Example, FlowSpec, Found, Rule

FAMILIES = ("interface", "surface", "agreement", "taint", "leak", "state", "trusted", "host", "config", "edlint")
"""Folders of `rules/` that hold pages."""

RUN_FAMILY = "edlint"
"""Rules about the run itself: the driver produces their findings, so they have a page and no module."""

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
REQUIRED = frozenset({"title", "level", "precision", "profile", "cwe", "since", "message"})
OPTIONAL = frozenset({"security-severity", "messages", "flow"})

_FENCE = re.compile(r"(`{3,})\s*([\w+-]*)(?:\s+(\S+))?\s*")
_MARK = r"(?:expect|from|missed|false-alarm)(?:: [a-z0-9-]+)?"
_END_MARK = re.compile(rf"[ \t]*(?://|#|<!--)[ \t]*{_MARK}(?:,[ \t]*{_MARK})*[ \t]*(?:-->)?[ \t]*$")
_SIGNS = ("//", "#", "<!--", "/*")
"""How marks begin: most lines have none."""
_INNER_MARK = re.compile(rf"[ \t]*/\*[ \t]*{_MARK}[ \t]*\*/")


@dataclass(frozen=True, slots=True)
class Catalog:
    """All rules, by name, in the order of the families and of their names."""

    rules: Mapping[str, Rule]
    defects: tuple[str, ...] = ()
    """What is wrong with pages, each `path:line: what`; their rules are left out."""
    strays: tuple[str, ...] = ()
    """Modules of `edlint/checks` without a page."""

    def select(self, names: tuple[str, ...]) -> frozenset[str]:
        """Names of the rules that are named, or whose family is; raises KeyError for a word that is neither."""
        found: set[str] = set()
        for word in names:
            if word in self.rules:
                found.add(word)
                continue
            family = word.rstrip("/")
            if family not in FAMILIES:
                raise KeyError(word)
            found.update(n for n, r in self.rules.items() if r.info.family == family)
        return frozenset(found)


class _PageError(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def load_catalog(root: Path | None = None) -> Catalog:
    """All pages of `root` (default: edlint's own) that are in order, and what is wrong with the others."""
    folder = root if root is not None else rules_folder()
    modules = {p.stem for p in (Path(__file__).parent / "checks").glob("*.py") if p.stem != "__init__"}
    rules: dict[str, Rule] = {}
    defects: list[str] = []
    if not folder.is_dir():
        return Catalog({}, (f"{folder}:1: the folder of rule pages is missing",))
    strays = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name not in (*FAMILIES, "models"))
    defects += [f"{folder.name}/{family}:1: unknown family {family!r}" for family in strays]
    for family in FAMILIES:
        for path in sorted((folder / family).glob("*.md")):
            shown = f"{folder.name}/{family}/{path.name}"
            try:
                rule = read_page(path.read_text(encoding="utf-8"), family, path.stem, shown)
                _bind(rule, modules)
                if rule.name in rules:
                    raise _PageError(1, f"a page named {rule.name!r} exists in family {rules[rule.name].info.family!r}")
            except _PageError as defect:
                defects.append(f"{shown}:{defect.line}: {defect}")
                continue
            rules[rule.name] = rule
    pages = {p.stem.replace("-", "_") for family in FAMILIES for p in (folder / family).glob("*.md")}
    return Catalog(rules, tuple(defects), tuple(sorted(modules - pages)))


def check_of(rule: Rule) -> Callable[..., Iterator[Found]]:
    """The function that finds what the rule's page describes."""
    module = importlib.import_module(f"edlint.checks.{rule.name.replace('-', '_')}")
    check: Callable[..., Iterator[Found]] = module.check
    return check


def without_marks(text: str) -> str:
    """An example's file as readers of the page should see it: without the marks that tests look for."""
    return "\n".join(
        _INNER_MARK.sub("", _strip_end_marks(line)) if any(sign in line for sign in _SIGNS) else line
        for line in text.split("\n")
    )


def _strip_end_marks(line: str) -> str:
    while match := _END_MARK.search(line):
        line = line[: match.start()]
    return line


def read_page(text: str, family: str, name: str, path: str) -> Rule:
    """One page as a Rule."""
    lines = text.split("\n")
    if lines[0].strip() != "+++" or "+++" not in (line.strip() for line in lines[1:]):
        raise _PageError(1, "a page starts with TOML front matter between two lines '+++'")
    close = next(n for n, line in enumerate(lines[1:], 1) if line.strip() == "+++")
    head = "\n".join(lines[1:close])
    try:
        fields = tomllib.loads(head)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise _PageError(int(at[1]) + 1 if at else 1, f"front matter: {error}") from error
    if not NAME.fullmatch(name):
        raise _PageError(1, f"name {name!r} is not kebab-case")
    messages, flow = _front_matter(fields, head)
    body = lines[close + 1 :]
    prose, examples = _body(body, close + 2)
    summary = next((p for p in re.split(r"\n\s*\n", prose) if p.strip()), "").strip()
    if not summary or summary.startswith("#"):
        raise _PageError(close + 2, "the page starts with a paragraph that says what the rule flags")
    info = RuleInfo(
        name=name,
        family=family,
        title=fields["title"],
        level=Level(fields["level"]),
        precision=Precision(fields["precision"]),
        profile=Profile(fields["profile"]),
        security_severity=fields.get("security-severity", ""),
        cwe=tuple(fields["cwe"]),
        help=without_marks("\n".join(body)).strip() + "\n",
        summary=" ".join(summary.replace("`", "").split()),
    )
    return Rule(info, messages, fields["since"], flow, examples, text, path)


def _front_matter(fields: dict[str, Any], head: str) -> tuple[dict[str, str], FlowSpec | None]:
    def line(key: str) -> int:
        at = re.search(rf"^\[?{re.escape(key)}\b", head, re.MULTILINE)
        return head.count("\n", 0, at.start()) + 2 if at else 1

    if unknown := sorted(set(fields) - REQUIRED - OPTIONAL):
        raise _PageError(line(unknown[0]), f"unknown key {unknown[0]!r}")
    if missing := sorted(REQUIRED - set(fields)):
        raise _PageError(1, f"missing key {missing[0]!r}")
    for key in sorted((REQUIRED - {"cwe"}) | {"security-severity"} & set(fields)):
        if not isinstance(fields[key], str) or not fields[key]:
            raise _PageError(line(key), f"{key!r} must be text")
    for key, kind in (("level", Level), ("precision", Precision), ("profile", Profile)):
        if fields[key] not in [str(v) for v in kind]:
            raise _PageError(line(key), f"{key!r} is one of {', '.join(kind)}, not {fields[key]!r}")
    if fields["title"].endswith("."):
        raise _PageError(line("title"), "'title' has no final stop")
    if not isinstance(fields["cwe"], list) or not all(type(n) is int for n in fields["cwe"]):
        raise _PageError(line("cwe"), "'cwe' is a list of numbers")
    severity = fields.get("security-severity")
    if severity is not None and not re.fullmatch(r"(\d|10)(\.\d)?", severity):
        raise _PageError(line("security-severity"), "'security-severity' is a number from 0.1 to 10.0 as text")
    variants = fields.get("messages", {})
    if not isinstance(variants, dict) or not all(isinstance(v, str) for v in variants.values()):
        raise _PageError(line("messages"), "[messages] is a table of sentences")
    messages = {"": fields["message"], **variants}
    for variant, sentence in messages.items():
        _check_sentence(sentence, line(variant or "message"))
    return messages, _flow(fields, line)


def _check_sentence(sentence: str, line: int) -> None:
    if not sentence.endswith("."):
        raise _PageError(line, "a message is a sentence with a full stop")
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
    except ValueError as error:
        raise _PageError(line, f"message: {error}") from error
    for name in names:
        if not name.isidentifier():
            raise _PageError(line, f"message: {{{name}}} is not a name")


def _flow(fields: dict[str, Any], line: Callable[[str], int]) -> FlowSpec | None:
    if "flow" not in fields:
        return None
    flow = fields["flow"]
    if not isinstance(flow, dict) or set(flow) != {"from", "to"}:
        raise _PageError(line("flow"), "[flow] has the keys 'from' and 'to'")
    for key in ("from", "to"):
        if not isinstance(flow[key], list) or not flow[key] or not all(isinstance(k, str) for k in flow[key]):
            raise _PageError(line(key), f"{key!r} is a list of kinds")
    return FlowSpec(tuple(flow["from"]), tuple(flow["to"]))


def _body(lines: list[str], first: int) -> tuple[str, tuple[Example, ...]]:
    """Prose before `## Examples`, and the sections behind it; `first` is the page's line of `lines[0]`."""
    start = next((n for n, line in enumerate(lines) if line.rstrip() == "## Examples"), None)
    if start is None:
        raise _PageError(first, "the page has no '## Examples'")
    examples: list[Example] = []
    title, at, files = "", 0, dict[str, str]()
    n = start + 1

    def close() -> None:
        if not title:
            return
        if not files:
            raise _PageError(at, f"section {title!r} has no file")
        if title in (e.title for e in examples):
            raise _PageError(at, f"two sections named {title!r}")
        examples.append(Example(title, dict(files), at, _options(files, at)))

    while n < len(lines):
        line = lines[n]
        if line.startswith("### "):
            close()
            title, at, files = line[4:].strip(), first + n, {}
        elif line.startswith("## "):
            raise _PageError(first + n, "'## Examples' is the last chapter of a page")
        elif fence := _FENCE.fullmatch(line):
            end = next((m for m in range(n + 1, len(lines)) if lines[m].rstrip() == fence[1]), None)
            if end is None:
                raise _PageError(first + n, "a fence without its end")
            if name := fence[3]:
                if not title:
                    raise _PageError(first + n, "a file outside of a '### ' section")
                if name in files or name.startswith("/") or ".." in name.split("/"):
                    raise _PageError(first + n, f"file name {name!r} is taken or leaves the project")
                files[name] = "\n".join(lines[n + 1 : end]) + "\n"
            n = end
        n += 1
    close()
    return "\n".join(lines[:start]), tuple(examples)


def _options(files: Mapping[str, str], line: int) -> dict[str, object]:
    try:
        return tomllib.loads(files.get("edlint.toml", ""))
    except tomllib.TOMLDecodeError as error:
        raise _PageError(line, f"edlint.toml: {error}") from error


def _bind(rule: Rule, modules: set[str]) -> None:
    module = rule.name.replace("-", "_")
    coded = module in modules
    if rule.flow is not None and coded:
        raise _PageError(1, f"both a [flow] and a module edlint/checks/{module}.py")
    if rule.info.family == RUN_FAMILY and coded:
        raise _PageError(1, f"the driver produces family {RUN_FAMILY!r}, yet there is edlint/checks/{module}.py")
    if rule.flow is None and not coded and rule.info.family != RUN_FAMILY:
        raise _PageError(1, f"no module edlint/checks/{module}.py and no [flow]")
