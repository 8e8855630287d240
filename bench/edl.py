"""How long reading an interface takes: beside cutting the same text into tokens, and beside another program.

    python -m bench.edl
    python -m bench.edl big.edl -I imports --beside COMMAND...

Prints processor time for an EDL text of 60 kB, the ratio to bare tokens, and the start-up apart. With a file and a
command (a compiler, say, on the same file) it reads the file with its imports and runs the command in turns.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from edlint.frontends.edl import EdlOptions, read_interface
from edlint.frontends.edl.automaton import automaton
from edlint.frontends.edl.tokens import INTEL, OPEN_ENCLAVE, scan
from edlint.model.interface import Dialect
from edlint.source import Source, read_source


def generated() -> str:
    """An interface of 300 ECALLs, 200 OCALLs and 40 structs that Intel and Open Enclave accept."""
    lines = ["enclave {"]
    lines += [f"    struct s{n} {{ uint32_t a; uint64_t b[4]; [size=a] uint8_t* p; }};" for n in range(40)]
    lines.append("    trusted {")
    ecall = "[in, size=length] const uint8_t* buffer, size_t length, [in, out] struct s{}* state, int flags"
    lines += [f"        public int ecall_{n}({ecall.format(n % 40)});" for n in range(300)]
    lines += ["    };", "    untrusted {"]
    ocall = "[in, string] const char* name, [out, count=n] uint32_t* values, size_t n"
    lines += [f"        int ocall_{n}({ocall}) propagate_errno;" for n in range(200)]
    return "\n".join([*lines, "    };", "};", ""])


def best(run: Callable[[], object], times: int = 7) -> float:
    """Seconds of processor time of the fastest run."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def beside(path: Path, search_path: Sequence[Path], command: Sequence[str], rounds: int = 7) -> None:
    """Read the file and run the command in turns; print the best processor time of each."""
    options = EdlOptions(dialect=Dialect.INTEL, search_path=tuple(search_path))
    own, others = [], []
    for _ in range(rounds):
        own.append(best(lambda: read_interface(read_source(path), options), 3))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        others.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"{path}: read in {min(own):.3f} s; {command[0]}: {min(others):.3f} s; ratio {min(own) / min(others):.2f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Cost of the EDL reader.")
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("-I", dest="search_path", action="append", type=Path, default=[])
    parser.add_argument("--beside", dest="command", nargs=argparse.REMAINDER, default=[])
    given = parser.parse_args()
    start = time.process_time()
    automaton("intel"), automaton("open_enclave")
    print(f"start-up (two automata): {time.process_time() - start:.3f} s")
    if given.path is not None:
        beside(given.path, given.search_path, given.command)
        return
    text = generated()
    for dialect, alphabet in ((Dialect.INTEL, INTEL), (Dialect.OPEN_ENCLAVE, OPEN_ENCLAVE)):
        bare = best(lambda alphabet=alphabet: scan(text, alphabet, {}))  # type: ignore[misc]
        whole = best(lambda dialect=dialect: read_interface(Source("a.edl", text), EdlOptions(dialect=dialect)))  # type: ignore[misc]
        print(f"{dialect}: {len(text)} characters, {whole:.3f} s, {whole / bare:.1f} times the tokens ({bare:.3f} s)")


if __name__ == "__main__":
    main()
