"""What each step of reading and checking costs, next to the bare parse of the same files in the same process.

    python -m bench.steps [PATH...]

Without a PATH the fixture projects are read, ten times each.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import tree_sitter
import tree_sitter_c
import tree_sitter_cpp

from edlint.__main__ import settle
from edlint.catalog import load_catalog
from edlint.config import Config, Enclave
from edlint.driver import Request, run
from edlint.files import collect
from edlint.frontends.c import read_units
from edlint.link import link
from edlint.sdk import load_sdk
from edlint.source import Source, SourceError, read_source

PROJECTS = Path(__file__).parent.parent / "fixtures" / "projects"
COPIES = 10
REPEATED = 3
"""Runs of which the best counts."""

Result = TypeVar("Result")


def timed(action: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of processor time, and what came out."""
    start = time.process_time()
    result = action()
    return time.process_time() - start, result


def sources(paths: list[Path], copies: int) -> list[Source]:
    """All C and C++ files, each `copies` times under a path of its own."""
    found = []
    for copy in range(copies):
        for path in collect(paths).code:
            try:
                found.append(read_source(path, f"copy{copy}/{path.as_posix()}"))
            except SourceError:
                continue
    return found


def parse(files: list[Source]) -> None:
    """The bare parse, each file with the grammar of its language."""
    c = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))
    cpp = tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language()))
    for source in files:
        (c if source.path.endswith(".c") else cpp).parse(source.single_bytes)


def reading(files: list[Source]) -> dict[str, float]:
    """Seconds of each step of reading, and the number of functions."""
    bare, _ = timed(lambda: parse(files))
    index, units = timed(lambda: read_units(files))
    functions = [f for u in units for f in u.functions]
    lowering, _ = timed(lambda: [f.body for f in functions])
    join, _ = timed(lambda: link((), units, (), load_sdk()))
    return {"parse": bare, "index": index, "lowering": lowering, "join": join, "functions": len(functions)}


def start(*arguments: str) -> float:
    """Wall-clock seconds of the best of five runs of the command line."""
    best = 60.0
    for _ in range(5):
        before = time.perf_counter()
        subprocess.run([sys.executable, "-m", "edlint", *arguments], stdout=subprocess.DEVNULL, check=False)
        best = min(best, time.perf_counter() - before)
    return best


def whole_run(paths: list[Path]) -> None:
    """One run of each path with the strict profile, and the five costliest phases."""
    spent: dict[str, float] = {}
    count = 0
    for path in paths:
        report = run(Request((path,), Path.cwd(), Config(folder=Path.cwd()), Enclave(), profile="strict"))
        count += len(report.findings)
        for phase, seconds in report.timing.items():
            spent[phase] = spent.get(phase, 0.0) + seconds
    print(f"whole runs, profile strict  {sum(spent.values()) * 1000:9.1f} ms  {count} findings")
    for phase, seconds in sorted(spent.items(), key=lambda item: -item[1])[:5]:
        print(f"  {phase:<24}  {seconds * 1000:9.1f} ms")


def main(arguments: list[str]) -> None:
    """Print the table."""
    settle()
    paths = [Path(a) for a in arguments] or sorted(p for p in PROJECTS.iterdir() if p.is_dir())
    files = sources(paths, 1 if arguments else COPIES)
    lines = sum(len(s.line_starts) for s in files)
    for source in files:
        _ = source.single_bytes
    parse(files[:1])
    runs = [reading(files) for _ in range(REPEATED)]
    best = {name: min(run[name] for run in runs) for name in runs[0] if name != "functions"}
    print(f"{len(files)} files, {lines} lines, {runs[0]['functions']:.0f} functions")
    for name, took in best.items():
        print(f"{name:<26}  {took * 1000:9.1f} ms  {took / best['parse']:5.2f} times the parse")
    whole_run(paths)
    pages, _ = timed(load_catalog)
    print(f"{'rule pages':<26}  {pages * 1000:9.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        edl = Path(folder) / "one.edl"
        edl.write_text("enclave { trusted { public void f([in, size=n] const char* p, size_t n); }; };\n")
        print(f"{'start: --help':<26}  {start('--help') * 1000:9.1f} ms")
        print(f"{'start: one small EDL':<26}  {start(str(edl), '--sdk', 'intel-sgx') * 1000:9.1f} ms")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'peak memory':<26}  {peak:9.1f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
