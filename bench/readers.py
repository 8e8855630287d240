"""How far both readers of C agree, function by function, and how fast the second is.

    python -m bench.readers [--functions N] [--show N] PATH...

Takes a sample of N functions (default 200) that the first reader reads whole, evenly over all files in the order of
their paths, and compares names, parameters, results, calls, assignments and locals.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from bench.trees import sources
from edlint.frontends.c.agreement import Pair, pairs


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
    shown = 0
    for pair in sample:
        differences = pair.differences
        counts["agree" if not differences else "differ"] += 1
        counts.update(f"  {d}" for d in differences)
        if differences and shown < options.show:
            shown += 1
            print(f"{pair.first.span}: {pair.first.name}: {', '.join(differences)}")
    unread = sum(p.second is None for p in found)
    print(f"{len(found)} functions read whole by the first reader, {unread} of them not by the second")
    print(f"both readings: {seconds:.2f} s; sample of {len(sample)}:")
    for what, count in counts.items():
        print(f"{count:6} {what}")


if __name__ == "__main__":
    main()
