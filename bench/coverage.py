"""How many functions the readers find and read whole, with universal-ctags as the truth.

    python -m bench.coverage [--errors N] [--vendored] PATH...

Each PATH is one project; vendored libraries in it are left out. Prints a table by project and language.

Where ctags takes a macro for the function, as in `OF(T) *make(int n) {`, the truth is the name of the function, and
what it sees inside a `#define` or `#if false` is none. A function that a macro of the project heads, as in
`HANDLER(open) {`, may be known by the name that the macro gives it. Of several heads of one body, as in
`#if A int f(void) { #else int g(void) { #endif`, one that is found is enough; where none is, each is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

from bench.trees import sources
from edlint.frontends.c import read_units
from edlint.frontends.c.directives import bare, read
from edlint.model.unit import ReadState, Unit

WHOLE = frozenset({ReadState.CLEAN, ReadState.SECOND})
_BEFORE = re.compile(r"(?:static|inline|extern|const|typedef|\s)*")
_BEHIND = re.compile(r"[^;{}:()#]*?(?:[A-Za-z_]\w*::)*([A-Za-z_]\w*)\s*\(")
_COMMENT = re.compile(
    r"//[^\n]*|/\*.*?\*/|^[ \t]*#[ \t]*(?:undef|define|include|pragma)(?:[^\n\\]|\\.)*", re.DOTALL | re.MULTILINE
)
_DIRECTIVES = re.compile(r"(?:\s*#(?!\s*el)[^\n]*\n)+\s*")
_OF_CLASS = re.compile(r"[^;{}]*\{\s*(?:public|private|protected)\s*:")
"""What a macro heads that makes a class."""
_QUALIFIERS = re.compile(r"(?:\s|\b(?:const|volatile|noexcept|override|final)\b)*")
"""What stands between the parameters of a function and its attributes."""
_OTHER_HEAD = re.compile(r"[^#{}]*\{\s*#[ \t]*(?:el|endif)")
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:(if)|endif)", re.MULTILINE)
_GOES_ON = re.compile(r"[^\n]*\n\s*#[ \t]*(?:el|endif)")
"""The end of a condition that nothing but the next part, or the end, of the one around it stands behind."""
_NO_NAMES = frozenset(("throw", "noexcept", "defined", "requires", "decltype", "alignas", "asm"))
Tag = tuple[str, int, int]
"""Name, first and last line of a function definition."""


def ctags(paths: list[str]) -> dict[str, list[Tag]]:
    """The function definitions that ctags sees, by file."""
    command = ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "--kinds-C++=f", "-L", "-", "-f", "-"]
    command.insert(1, "--langmap=C++:+.h")
    done = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, check=True)
    found: dict[str, list[Tag]] = {}
    for printed in done.stdout.splitlines():
        tag = json.loads(printed)
        if tag.get("_type") == "tag" and "line" in tag and not tag["name"].startswith("__anon"):
            found.setdefault(tag["path"], []).append(("".join(tag["name"].split()), tag["line"], tag.get("end", 0)))
    return found


def corrected(text: str, tags: list[Tag]) -> list[Tag]:
    """The tags without those inside of `#define`, and with the functions in place of the macros in front of them."""
    lines = text.split("\n")
    starts = [0]
    for text_line in lines:
        starts.append(starts[-1] + len(text_line) + 1)
    made: dict[Tag, None] = {}
    for tag in tags:
        name, line, end = tag
        if line > 1 and lines[line - 2].rstrip("\r").endswith("\\"):
            continue
        at = starts[line - 1]
        if _OF_CLASS.match(text, at):
            continue
        called = re.compile(rf"(?<!\w){re.escape(name)}\s*\(").search(text, at, at + 4_000)
        if called is not None and text.endswith("__declspec(", 0, called.start()):
            continue
        if called is not None and _BEFORE.fullmatch(text, at, called.start()):
            at = called.start()
            there = real(text[at : at + 4_000], name)
            if there is None:
                continue
            tag = there[0], line + text.count("\n", at, at + there[1]), end
        made[tag] = None
    return list(made)


def real(text: str, name: str) -> tuple[str, int] | None:
    """The function that a text starts with, behind macros that bring their own end, and its place; None without one.

    ctags takes `name` for the function.
    """
    text = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    place = 0
    for _ in range(16):
        opened = text.find("(", place)
        end = _closing(text, opened) if opened >= 0 else -1
        if end < 0 or text[end:].lstrip()[:1] in ("{", ":"):
            break
        between = _DIRECTIVES.match(text, end)
        if between is not None and not text[between.end() : between.end() + 1].isidentifier():
            break
        end = between.end() if between is not None else end
        found = _BEHIND.match(text, end)
        if found is None:
            # Parameters that are declared behind the list are those of a function of the old style.
            given = set(re.findall(r"\w+", text[opened:end]))
            declared = re.findall(r"\w+", text[end:].split("{")[0])
            return (name, place) if given & set(declared) or "#" in text[end:].split("{")[0] else None
        if found[1] in _NO_NAMES or (found[1].startswith("__") and _QUALIFIERS.fullmatch(text, end, found.start(1))):
            break
        behind = _closing(text, found.end() - 1)
        if found[1].isupper() and text[behind:].lstrip()[:1] == "{":
            break
        name, place = found[1], found.start(1)
    return name, place


def _closing(text: str, at: int) -> int:
    """The offset behind the list that starts at `at`; -1 when it does not end."""
    depth = 0
    for offset in range(at, len(text)):
        depth += (text[offset] == "(") - (text[offset] == ")")
        if depth == 0:
            return offset + 1
    return -1


def headed(unit: Unit, tag: Tag, macros: frozenset[str]) -> ReadState | None:
    """The state of a function that a macro heads or names, which may be known by what the macro stands for."""
    name, line, _ = tag
    if name not in macros:
        return None
    for function in unit.functions:
        extent = function.extent
        if extent.line - 1 <= line <= extent.end_line and re.search(rf"\b{name}\s*\(", extent.text.split("{")[0]):
            return function.state
    return None


def conditions(clean: str) -> list[tuple[int, int]]:
    """First and last line of every `#if` of a `bare` text, inner ones before those around them."""
    found: list[tuple[int, int]] = []
    opened: list[int] = []
    line, at = 1, 0
    for directive in _CONDITION.finditer(clean):
        line += clean.count("\n", at, directive.start())
        at = directive.start()
        if directive[1]:
            opened.append(line)
        elif opened:
            found.append((opened.pop(), line))
    return found


def other_head(unit: Unit, clean: str, starts: list[int], line: int) -> bool:
    """Whether the function that starts in a line is found by another head of its body.

    That head stands in the same `#if`, and the function goes on behind it.
    """
    if not _OTHER_HEAD.match(clean, starts[line - 1]):
        return False
    found = [f for f in unit.functions if f.state is not ReadState.LOST]
    for first, last in conditions(clean):
        if first <= line <= last:
            if any(first <= f.span.line <= last < f.extent.end_line for f in found):
                return True
            if not _GOES_ON.match(clean, starts[last - 1]):
                break
    return False


def compare(unit: Unit, truth: list[Tag], macros: frozenset[str]) -> tuple[Counter[str], list[str]]:
    """Counts of functions seen by ctags, found, and read whole; and a line for each that was not."""
    by_name: dict[str, list[tuple[int, int, ReadState]]] = {}
    for function in unit.functions:
        name = "".join(function.name.split())
        by_name.setdefault(name, []).append((function.extent.line, function.extent.end_line, function.state))
    counts: Counter[str] = Counter()
    notes = []
    clean = bare(unit.source.text)
    starts = [0, *(m.end() for m in re.finditer("\n", clean))]
    dead = read(unit.source, clean).dead
    for tag in corrected(unit.source.text, truth):
        name, line, _ = tag
        if any(start <= starts[line - 1] < end for start, end in dead):
            continue
        counts["all"] += 1
        near = [s for first, last, s in by_name.get(name, ()) if first - 3 <= line <= last]
        if not near and other_head(unit, clean, starts, line):
            counts["all"] -= 1
            continue
        if not near and (state := headed(unit, tag, macros)) is not None:
            near = [state]
        if not near or all(s is ReadState.LOST for s in near):
            notes.append(f"{unit.path}:{line}: {name} not found" + (" (lost)" if near else ""))
            continue
        counts["found"] += 1
        if any(s in WHOLE for s in near):
            counts["whole"] += 1
        else:
            notes.append(f"{unit.path}:{line}: {name} partial")
    return counts, notes


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--errors", type=int, default=0, help="print so many of the functions that were not read whole")
    parser.add_argument("--vendored", action="store_true", help="read vendored libraries too")
    options = parser.parse_args()
    total: dict[str, Counter[str]] = {"c": Counter(), "c++": Counter()}
    notes: list[str] = []
    print(f"{'project':44} {'lang':4} {'functions':>9} {'found':>7} {'whole':>7}")
    for root in options.paths:
        texts = [s for s in sources([root], vendored=options.vendored) if "_" * 3 not in s.path]
        units = read_units(texts)
        truth = ctags([u.path for u in units])
        macros = frozenset(m.name for u in units for m in u.macros if m.params is not None)
        for language in ("c", "c++"):
            counts: Counter[str] = Counter()
            for unit in units:
                if unit.language == language:
                    some, lines = compare(unit, truth.get(unit.path, []), macros)
                    counts += some
                    notes += lines
            if counts["all"]:
                print(row(root.name, language, counts))
            total[language] += counts
    for language, counts in total.items():
        if counts["all"]:
            print(row("all", language, counts))
    for note in notes[: options.errors]:
        print(note)


def row(name: str, language: str, counts: Counter[str]) -> str:
    """One line of the table."""
    whole = counts["all"]
    return f"{name[:44]:44} {language:4} {whole:9} {counts['found'] / whole:7.2%} {counts['whole'] / whole:7.2%}"


if __name__ == "__main__":
    main()
