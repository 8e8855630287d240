"""How many functions the readers find and read whole, with universal-ctags as the truth.

    python -m bench.coverage [--errors N] [--lost] PATH...

Each PATH is one project; vendored libraries in it are left out. Prints a table by project and language.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path

from bench.trees import sources
from edlint.frontends.c import read_units
from edlint.model.unit import ReadState, Unit

WHOLE = frozenset({ReadState.CLEAN, ReadState.SECOND})


def ctags(paths: list[str]) -> dict[str, list[tuple[str, int, int]]]:
    """Name, first and last line of every function definition, by file."""
    command = ["ctags", "--output-format=json", "--fields=+ne", "--kinds-C=f", "--kinds-C++=f", "-L", "-", "-f", "-"]
    command.insert(1, "--langmap=C++:+.h")
    done = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, check=True)
    found: dict[str, list[tuple[str, int, int]]] = {}
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "line" in tag and not tag["name"].startswith("__anon"):
            found.setdefault(tag["path"], []).append(("".join(tag["name"].split()), tag["line"], tag.get("end", 0)))
    return found


def compare(unit: Unit, truth: list[tuple[str, int, int]]) -> tuple[Counter[str], list[str]]:
    """Counts of functions seen by ctags, found, and read whole; and a line for each that was not."""
    by_name: dict[str, list[tuple[int, int, ReadState]]] = {}
    for function in unit.functions:
        name = "".join(function.name.split())
        by_name.setdefault(name, []).append((function.extent.line, function.extent.end_line, function.state))
    counts: Counter[str] = Counter()
    notes = []
    for name, line, _ in truth:
        counts["all"] += 1
        near = [s for first, last, s in by_name.get(name, ()) if first - 3 <= line <= last]
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
        for language in ("c", "c++"):
            counts: Counter[str] = Counter()
            for unit in units:
                if unit.language == language:
                    some, lines = compare(unit, truth.get(unit.path, []))
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
