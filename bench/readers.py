"""How far both readers of C agree, function by function, and how fast the second is.

    python -m bench.readers [--functions N] [--show N] PATH...

Takes a sample of N functions (default 200) that the first reader reads whole, evenly over all files in the order of
their paths, and compares names, parameters, results, calls, assignments and locals. Each difference has a cause, found
by giving the first reader what the second one read:

- alternatives: the first keeps all alternatives of an `#if`, the second takes one
- macros: the second expands macros, or mends the uses of unknown ones, that the first leaves as they are
- readers: both read the same text differently, so one of them is wrong
- unread: the second cannot read the function

With `--show` it prints that many differences of the last two causes, then of the others, and what each reader has that
the other has not.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.trees import sources
from edlint.frontends.c.agreement import Cause, Pair, facts, pairs
from edlint.model.unit import Function


def main() -> None:
    """Print the counts and some of the differences."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--functions", type=int, default=200, help="size of the sample")
    parser.add_argument("--show", type=int, default=0, help="print so many of the differences")
    options = parser.parse_args()
    found: list[Pair] = []
    start = time.perf_counter()
    for root in options.paths:
        found += pairs(sources([root]))
    seconds = time.perf_counter() - start
    step = max(1, len(found) // options.functions)
    sample = found[::step][: options.functions]
    counts: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    differing: list[Pair] = []
    for pair in sample:
        differences = pair.differences
        counts["agree" if not differences else "differ"] += 1
        counts.update(f"  {d}" for d in differences)
        if pair.cause is not None:
            causes[pair.cause] += 1
            differing.append(pair)
    differing.sort(key=lambda p: p.cause in (Cause.ALTERNATIVES, Cause.MACROS))
    for pair in differing[: options.show]:
        _show(pair)
    unread = sum(p.second is None for p in found)
    print(f"{len(found)} functions read whole by the first reader, {unread} of them not by the second")
    print(f"both readings: {seconds:.2f} s; sample of {len(sample)}:")
    for what, count in counts.items():
        print(f"{count:6} {what}")
    print("causes:")
    for cause in Cause:
        print(f"{causes[cause]:6} {cause}")


def _show(pair: Pair) -> None:
    print(f"{pair.first.span}: {pair.first.name}: {', '.join(pair.differences)} ({pair.cause})")
    if pair.second is None:
        return
    for line in differences_shown(pair.first, pair.second, "the first", "the second"):
        print(line)


def differences_shown(first: Function, second: Function, name: str, other: str) -> Iterator[str]:
    """A line for each fact that one of two readings, called `name` and `other`, has and the other has not."""
    one, two = facts(first.body), facts(second.body)
    for what in one:
        left, right = Counter(one[what]), Counter(two[what])
        for sign, more in ((name, left - right), (other, right - left)):
            for fact, count in more.items():
                yield f"    only {sign} has {what[:-1]} {' '.join(f for f in fact if f)}" + f" x{count}" * (count > 1)


if __name__ == "__main__":
    main()
