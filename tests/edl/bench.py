"""How long reading an interface takes beside cutting the same text into tokens.

    python tests/edl/bench.py

Prints processor time for an EDL text of 60 kB, the ratio to bare tokens, and the start-up apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from edlint.frontends.edl import EdlOptions, read_interface
from edlint.frontends.edl.automaton import automaton
from edlint.frontends.edl.tokens import INTEL, OPEN_ENCLAVE, scan
from edlint.model.interface import Dialect
from edlint.source import Source


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


def main() -> None:
    """Measure and print."""
    start = time.process_time()
    automaton("intel"), automaton("open_enclave")
    print(f"start-up (lark and two grammars): {time.process_time() - start:.3f} s")
    text = generated()
    for dialect, alphabet in ((Dialect.INTEL, INTEL), (Dialect.OPEN_ENCLAVE, OPEN_ENCLAVE)):
        bare = best(lambda alphabet=alphabet: scan(text, alphabet, {}))  # type: ignore[misc]
        whole = best(lambda dialect=dialect: read_interface(Source("a.edl", text), EdlOptions(dialect=dialect)))  # type: ignore[misc]
        print(f"{dialect}: {len(text)} characters, {whole:.3f} s, {whole / bare:.1f} times the tokens ({bare:.3f} s)")


if __name__ == "__main__":
    main()
