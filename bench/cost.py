"""What reading C and C++ costs beside the bare parse of the same files, in the same run.

    python -m bench.cost [--vendored] [--repeat N] PATH...

Prints milliseconds per thousand lines of the bare tree-sitter parse, of the index of all files and of lowering
every function, with their ratios to the parse, and the peak memory. Each figure is the best of N runs.
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from collections.abc import Callable
from pathlib import Path

from bench.trees import sources
from edlint.frontends.c import read_units
from edlint.frontends.c.project import language_of
from edlint.frontends.c.syntax import TooHardError, parse
from edlint.model.unit import Unit
from edlint.source import Source


def bare(texts: list[Source]) -> None:
    """Parse every file once and drop the tree."""
    for source, language in zip(texts, language_of(texts, [s.text for s in texts]), strict=True):
        try:
            parse(source.single_bytes, language)
        except TooHardError:
            continue


def best(repeat: int, action: Callable[[], object]) -> float:
    """Seconds of processor time of the fastest of `repeat` runs."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.process_time()
        action()
        times.append(time.process_time() - start)
    return min(times)


def lower(units: tuple[Unit, ...]) -> int:
    """Lower every function; the number of operations."""
    return sum(len(block.ops) for unit in units for function in unit.functions for block in function.body.blocks)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--vendored", action="store_true", help="read vendored libraries too")
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    texts = sources(options.paths, vendored=options.vendored)
    lines = sum(s.text.count("\n") for s in texts)
    for source in texts:
        _ = source.single_bytes
    parsed = best(options.repeat, lambda: bare(texts))
    indexed = best(options.repeat, lambda: read_units(texts))
    units = read_units(texts)
    lowered = best(1, lambda: lower(units))
    kloc = max(1, lines) / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    functions = sum(len(u.functions) for u in units)
    print(f"{len(texts)} files, {lines} lines, {functions} functions")
    for name, seconds in (("parse", parsed), ("index", indexed), ("lowering", lowered)):
        print(f"{name:9} {seconds:8.2f} s {seconds * 1000 / kloc:8.2f} ms/KLOC {seconds / parsed:6.2f} x parse")
    print(f"peak      {peak:8.0f} MB")


if __name__ == "__main__":
    main()
