"""What reading C and C++ costs beside the bare parse of the same files, in the same run.

    python -m bench.cost [--vendored] [--repeat N] [PATH...]

Prints milliseconds of processor time per thousand lines of the bare tree-sitter parse, of the index of all files
(functions, the calls in them, globals) and of lowering every function and every initialiser, with their ratios to the
parse, and the peak memory of the index and with all bodies kept. Each round parses before and after what it measures,
so that a ratio compares two times of one state of the machine; printed is the median of N rounds, of ratios with their
range. Without a PATH a tree of generated files is read. The garbage collector is set as the command line sets it.
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

import tree_sitter
import tree_sitter_c
import tree_sitter_cpp

from bench.generated import tree
from bench.trees import sources
from edlint.__main__ import settle
from edlint.frontends.c import read_units
from edlint.frontends.c.files import opened
from edlint.model.unit import Unit
from edlint.source import Source

Result = TypeVar("Result")
_C = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
_CPP = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language()))


def bare(texts: list[bytes], languages: list[str]) -> None:
    """Parse every text once with the parser alone, and drop the tree."""
    for text, language in zip(texts, languages, strict=True):
        (_C if language == "c" else _CPP).parse(text)


def index(texts: list[Source]) -> tuple[Unit, ...]:
    """Read all files; the calls of every function are looked for at once."""
    units = read_units(texts)
    for unit in units:
        for function in unit.functions:
            _ = function.called
    return units


def lower(units: tuple[Unit, ...]) -> None:
    """Lower every function and every initialiser."""
    for unit in units:
        for variable in unit.globals:
            _ = variable.initialiser
        for function in unit.functions:
            _ = function.body


def timed(action: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of processor time, and what came out."""
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def peak() -> float:
    """The highest memory of the process so far in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--vendored", action="store_true", help="read vendored libraries too")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    settle()
    texts = sources(options.paths, vendored=options.vendored) if options.paths else tree()
    lines = sum(s.text.count("\n") for s in texts)
    languages = [f.language for f in opened(texts)]
    times: dict[str, list[float]] = {"parse": [], "index": [], "lowering": []}
    ratios: dict[str, list[float]] = {"index": [], "lowering": []}
    units: tuple[Unit, ...] = ()
    peaks: list[float] = []
    full: list[float] = []
    for _ in range(options.repeat):
        # What a round before this one left is not this one's time.
        units = ()
        gc.collect()
        before = _parsed(texts, languages)
        seconds, units = timed(partial(index, texts))
        peaks.append(peak())
        between = _parsed(texts, languages)
        ratios["index"].append(2 * seconds / (before + between))
        times["index"].append(seconds)
        seconds = timed(partial(lower, units))[0]
        full.append(peak())
        after = _parsed(texts, languages)
        ratios["lowering"].append(2 * seconds / (between + after))
        times["lowering"].append(seconds)
        times["parse"] += [before, between, after]
    functions = sum(len(u.functions) for u in units)
    kloc = max(1, lines) / 1000
    print(f"{len(texts)} files, {lines} lines, {functions} functions")
    for name, found in times.items():
        seconds = median(found)
        print(f"{name:9} {seconds:8.2f} s {seconds * 1000 / kloc:8.2f} ms/KLOC {_times(ratios.get(name, [1.0]))}")
    print(f"memory    {peaks[0]:8.0f} MB for the index, {full[0]:.0f} MB with every body")


def _parsed(texts: list[Source], languages: list[str]) -> float:
    """Seconds of the bare parse; what it is given is made before it and let go behind it."""
    data = [s.single_bytes for s in texts]
    return timed(partial(bare, data, languages))[0]


def _times(ratios: list[float]) -> str:
    """The median of some ratios to the parse, with the least and the most of several."""
    spread = f" ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"{median(ratios):6.2f} x parse{spread}"


if __name__ == "__main__":
    main()
