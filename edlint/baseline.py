"""Findings that were accepted once, in a file; and what is new since a commit."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edlint import fingerprint
from edlint.errors import RequestError
from edlint.files import shown_path
from edlint.finding import Finding
from edlint.source import Source, SourceError, Span, read_source

VERSION = 1

_KEY = re.compile(r'"key"\s*+:\s*+"([^"\\\n]*+)"')
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class BaselineError(RequestError):
    """A baseline file or a revision that cannot be used; the message is one sentence with the place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding."""

    rule: str
    path: str
    key: str
    span: Span
    """Its place in the baseline file."""


def load(path: Path, shown: str) -> tuple[Source, tuple[Entry, ...]]:
    """The entries of a baseline file."""
    try:
        source = read_source(path, shown)
        data = json.loads(source.text)
    except SourceError as error:
        raise BaselineError(f"{shown}: {error}") from error
    except json.JSONDecodeError as error:
        raise BaselineError(f"{shown}:{error.lineno}:{error.colno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{shown}:1: a number too long, or values nested too deeply") from error
    rows = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(data, dict) or data.get("version") != VERSION or not isinstance(rows, list):
        raise BaselineError(f"{shown}:1: not a baseline of version {VERSION}")
    entries = []
    # The last one counts: of entries with one key the last is known.
    places = {m[1]: m.start(1) - 1 for m in _KEY.finditer(source.text)}
    for row in rows:
        if not isinstance(row, dict) or not all(isinstance(row.get(k), str) for k in ("rule", "path", "key")):
            raise BaselineError(f"{shown}:1: every finding of a baseline has a 'rule', a 'path' and a 'key'")
        at = places.get(row["key"], 0)
        entries.append(Entry(row["rule"], row["path"], row["key"], source.span(at, at + len(row["key"]) + 2)))
    return source, tuple(entries)


def apply(
    findings: Sequence[Finding], entries: Iterable[Entry], ran: Collection[str], read: Collection[str]
) -> tuple[list[Finding], int, list[Entry]]:
    """Findings that no entry accepts, how many are accepted, and the entries that match nothing.

    An entry of a rule that did not run or of a file that was not read (`read` holds paths) is left alone.
    """
    known = {e.key: e for e in entries}
    used: set[str] = set()
    kept: list[Finding] = []
    for finding, key in zip(findings, fingerprint.keys(findings), strict=True):
        if key in known:
            used.add(key)
        else:
            kept.append(finding)
    stale = [e for e in known.values() if e.key not in used and e.rule in ran and e.path in read]
    return kept, len(findings) - len(kept), stale


def dump(findings: Sequence[Finding]) -> str:
    """The text of a baseline file that accepts these findings."""
    rows = [
        {"rule": f.rule, "path": f.primary.span.path, "key": key, "message": f.message}
        for f, key in zip(findings, fingerprint.keys(findings), strict=True)
    ]
    return json.dumps({"version": VERSION, "findings": rows}, indent=2, ensure_ascii=False) + "\n"


def changed_lines(revision: str, base: Path) -> Mapping[str, frozenset[int] | None]:
    """Lines added or edited since `revision` in the work tree, by path relative to `base`; None for a whole file."""
    if revision.startswith("-"):
        raise BaselineError(f"'{revision}' is not a revision")
    top = Path(_git(base, "rev-parse", "--show-toplevel").strip())
    quoting = ("-c", "core.quotePath=false")
    options = ("--unified=0", "--no-color", "--no-ext-diff", "--no-prefix", "--find-renames")
    diff = _git(base, *quoting, "diff", *options, revision, "--")
    found: dict[str, frozenset[int] | None] = {}
    path, lines, body = "", set[int](), 0
    for line in diff.split("\n"):
        if body and line[:1] in ("+", "-"):
            body -= 1
        elif line.startswith("+++ "):
            path, lines = shown_path(top / line[4:].split("\t")[0].strip('"'), base), set()
        elif match := _HUNK.match(line):
            first, count = int(match[2]), int(match[3] or 1)
            body = int(match[1] or 1) + count
            lines.update(range(first, first + count))
            found[path] = frozenset(lines)
    for name in _git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0"):
        if name:
            found[shown_path(top / name, base)] = None
    return found


def touched(finding: Finding, changed: Mapping[str, frozenset[int] | None]) -> bool:
    """Whether any place of the finding is on a changed line."""
    for label in (finding.primary, *finding.labels, *finding.path):
        span = label.span
        if span.path in changed:
            lines = changed[span.path]
            if lines is None or any(n in lines for n in range(span.line, span.end_line + 1)):
                return True
    return False


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=True, encoding="utf-8", errors="replace"
        )
    except FileNotFoundError as error:
        raise BaselineError("git is not installed") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr or "").strip().splitlines()
        raise BaselineError(f"git: {reason[-1] if reason else 'failed'}") from error
    return done.stdout
