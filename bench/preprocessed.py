"""How far the first reader agrees with a compiler's preprocessor on C files, as a third opinion beside the two readers.

    python -m bench.preprocessed [--show N] [--compiler CC] PATH...

Each PATH is one project. Its C files go through `CC -E` with the headers of the project; a header that is not there
counts as empty. What comes out of a file's own lines is read by the first reader, which has no macros and no
conditions left to look at, and is compared to its reading of the file as it is: names, parameters, results, calls,
assignments and locals, with the bodies of macros for their names in types. Each difference has a cause:

- alternatives: the function has an `#if` inside, of which the reader keeps all alternatives
- macros: it uses a macro, which may stand for what the reader leaves as it is; a choice that a macro makes, as
  `MIN(a, b)` does, is kept in a value of its own
- readers: neither, so one of the readings is wrong

Files that the compiler refuses are counted, and functions that are left in neither text are left out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.readers import differences_shown
from bench.trees import sources
from edlint.frontends.c import read_units
from edlint.frontends.c.agreement import Cause, differences
from edlint.frontends.c.directives import bare
from edlint.model.types import TypeRef
from edlint.model.unit import Function, ReadState, Unit
from edlint.source import Source

_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"\n]+)[>\"]", re.MULTILINE)
_ROUNDS = 4
"""How deep macros may name each other."""
_MARKER = re.compile(r"# (\d+) \"([^\"]*)\"")


def main() -> None:
    """Print the counts and some of the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=0, help="print so many of the differences")
    parser.add_argument("--compiler", default="cc", help="the compiler whose preprocessor is asked")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    shown: list[str] = []
    for root in options.paths:
        units = read_units(sources([root]))
        macros = {m.name: m.body for u in units for m in u.macros if m.params is None}
        texts = preprocessed(units, root, options.compiler)
        again = {u.path: u for u in read_units([Source(path, text) for path, text in texts.items()])}
        for unit in units:
            if unit.language == "c" and unit.path.endswith(".c"):
                counts["files"] += 1
                counts["  refused by the compiler"] += unit.path not in again
                if unit.path in again:
                    _compare(unit, again[unit.path], macros, counts, shown)
    for line in shown[: options.show]:
        print(line)
    for what, count in counts.items():
        print(f"{count:6} {what}")


def preprocessed(units: Sequence[Unit], root: Path, compiler: str) -> dict[str, str]:
    """The own lines of each C file behind the preprocessor, without those of files that the compiler refuses."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inside = {u.path: folder / Path(u.path).relative_to(root if root.is_dir() else root.parent) for u in units}
        for unit in units:
            place = inside[unit.path]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(unit.source.text, encoding="utf-8")
        known = {p.name for p in inside.values()}
        stubs = folder / "no such headers"
        for header in sorted({h for u in units for h in _INCLUDE.findall(u.source.text)}):
            if Path(header).name not in known and ".." not in header and not header.startswith("/"):
                (stubs / header).parent.mkdir(parents=True, exist_ok=True)
                (stubs / header).touch()
        folders = sorted({p.parent for p in inside.values()})
        command = [compiler, "-E", "-nostdinc", *(f"-I{f}" for f in folders), f"-I{stubs}"]
        for unit in units:
            if unit.path.endswith(".c"):
                place = inside[unit.path]
                done = subprocess.run([*command, str(place)], capture_output=True, text=True, check=False)
                if done.returncode == 0:
                    found[unit.path] = own_lines(done.stdout, str(place))
    return found


def own_lines(text: str, path: str) -> str:
    """What comes from a file itself, by the marks that the preprocessor leaves."""
    kept: list[str] = []
    own = False
    for line in text.splitlines():
        marker = _MARKER.match(line)
        if marker is not None:
            own = marker[2] == path
        elif own:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _compare(unit: Unit, other: Unit, macros: Mapping[str, str], counts: Counter[str], shown: list[str]) -> None:
    by_name = {f.name: f for f in other.functions if f.state is ReadState.CLEAN}
    named = frozenset(m.name for m in unit.macros) | macros.keys()
    for function in unit.functions:
        same = by_name.get(function.name)
        if function.state is not ReadState.CLEAN or same is None:
            continue
        counts["functions"] += 1
        as_it_is, same = _spelled_out(function, macros), _spelled_out(same, macros)
        differs = differences(as_it_is, same)
        counts["  differ" if differs else "  agree"] += 1
        if differs:
            cause = _cause(function, named)
            counts[f"    {cause}"] += 1
            shown.append(f"{function.span}: {function.name}: {', '.join(differs)} ({cause})")
            shown += differences_shown(as_it_is, same, "as it is", "preprocessed")


def _spelled_out(function: Function, macros: Mapping[str, str]) -> Function:
    """The function with what macros stand for in the types of its variables."""
    body, signature = function.body, function.signature
    body = replace(body, variables={k: replace(v, type=_expanded(v.type, macros)) for k, v in body.variables.items()})
    params = tuple(replace(p, type=_expanded(p.type, macros)) for p in signature.params)
    return replace(function, lower=lambda: body, find_signature=lambda: replace(signature, params=params))


def _expanded(type_: TypeRef, macros: Mapping[str, str]) -> TypeRef:
    dims = type_.dims
    for _ in range(_ROUNDS):
        dims = tuple(re.sub(r"[A-Za-z_]\w*", lambda m: macros.get(m[0], m[0]), d) for d in dims)
    array = _expanded(type_.array, macros) if type_.array is not None else None
    return replace(type_, dims=dims, array=array)


def _cause(function: Function, macros: frozenset[str]) -> Cause:
    text = bare(function.extent.text)
    if re.search(r"^[ \t]*#", text, re.MULTILINE):
        return Cause.ALTERNATIVES
    return Cause.MACROS if not macros.isdisjoint(re.findall(r"\w+", text)) else Cause.READERS


if __name__ == "__main__":
    main()
