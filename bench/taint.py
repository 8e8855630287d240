"""Cost of the taint engine per thousand lines of code that the boundary reaches, on a made-up enclave.

    python -m bench.taint [KLOC ...]

Prints for each size the time of the engine and of what reads its events, per thousand lines and against the first
size, and the function that took longest.
"""

from __future__ import annotations

import argparse
import gc
import time

from edlint.analysis.facts import Facts
from edlint.analysis.flows import Flows
from edlint.analysis.lengths import Lengths
from edlint.analysis.pointers import Pointers
from edlint.analysis.taint.engine import Analysis
from edlint.analysis.taint.events import Event, Summary
from edlint.analysis.taint.runner import Runner
from edlint.frontends.c import read_units
from edlint.frontends.edl import read_interface
from edlint.link import link
from edlint.model.program import Program
from edlint.sdk import load_sdk
from edlint.source import Source

SIZES = (10, 50, 200)

_CALLS = """
        public int put_{n}([in, size=size] const uint8_t* data, size_t size, uint32_t slot);
        public int get_{n}([out, size=size] uint8_t* data, size_t size, uint32_t slot);"""

_MODULE = """#include <string.h>
#include "enclave_t.h"
#define SLOTS 64
struct entry_{n} {{ uint32_t size; uint32_t uses; uint8_t bytes[256]; struct entry_{n}* next; }};
static struct entry_{n} entries_{n}[SLOTS];
static uint32_t total_{n};

static struct entry_{n}* find_{n}(uint32_t slot)
{{
    struct entry_{n}* at = NULL;
    if (slot < SLOTS)
        at = &entries_{n}[slot];
    while (at != NULL && at->uses == 0 && at->next != NULL)
        at = at->next;
    return at;
}}

static uint32_t sum_{n}(const uint8_t* bytes, size_t size)
{{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {{
        sum = (sum << 1) ^ bytes[i];
        if (sum > 65535)
            sum -= 65535;
    }}
    return sum;
}}

static int keep_{n}(struct entry_{n}* at, const uint8_t* data, size_t size)
{{
    uint32_t seen;
    if (size > sizeof(at->bytes))
        return -1;
    memcpy(at->bytes, data, size);
    at->size = (uint32_t)size;
    seen = sum_{n}(at->bytes, size);
    switch (seen & 3) {{
    case 0:
        at->uses++;
        break;
    case 1:
        total_{n} += at->size;
        break;
    default:
        total_{n}++;
    }}
    return 0;
}}

int put_{n}(const uint8_t* data, size_t size, uint32_t slot)
{{
    struct entry_{n}* at = find_{n}(slot);
    if (data == NULL || at == NULL)
        return -1;
    if (keep_{n}(at, data, size) != 0)
        return -2;
    ocall_note({n}, at->bytes, at->size);
    return 0;
}}

int get_{n}(uint8_t* data, size_t size, uint32_t slot)
{{
    struct entry_{n}* at = find_{n}(slot);
    uint32_t left;
    if (data == NULL || at == NULL || at->size > size)
        return -1;
    left = at->size;
    for (uint32_t i = 0; i < left; i++)
        data[i] = at->bytes[i];
    if (sum_{n}(data, left) == 0)
        memset(data, 0, size);
    return (int)left;
}}
"""


def enclave(kloc: int) -> tuple[Program, int]:
    """A program of about that many thousand lines, all of them reached, and its exact number of lines."""
    count = max(1, kloc * 1000 // _MODULE.count("\n"))
    calls = "".join(_CALLS.format(n=n) for n in range(count))
    note = "void ocall_note(int n, [in, size=size] const uint8_t* data, size_t size);"
    edl = f"enclave {{\n    trusted {{{calls}\n    }};\n    untrusted {{ {note} }};\n}};\n"
    code = [Source(f"enclave/module_{n}.c", _MODULE.format(n=n)) for n in range(count)]
    interface = read_interface(Source("enclave/enclave.edl", edl))
    return link((interface,), read_units(code), (), load_sdk()), count * _MODULE.count("\n")


def measure(kloc: int) -> tuple[int, float, float, str]:
    """Lines, seconds, seconds of the slowest function, and its name."""
    program, lines = enclave(kloc)
    for unit in program.units:
        for function in unit.functions:
            assert function.body.blocks
    spent: dict[str, float] = {}
    solve, record = Runner.solve, Runner.record

    def solved(runner: Runner) -> Summary:
        start = time.process_time()
        summary = solve(runner)
        spent[runner.frame.function.qualified] = time.process_time() - start
        return summary

    def recorded(runner: Runner) -> tuple[Event, ...]:
        start = time.process_time()
        events = record(runner)
        spent[runner.frame.function.qualified] += time.process_time() - start
        return events

    Runner.solve, Runner.record = solved, recorded  # type: ignore[assignment, method-assign]
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        facts = Facts(program)
        for kind in (Analysis, Flows, Lengths, Pointers):
            facts.get(kind)
        slowest = max(spent, key=spent.__getitem__)
        return lines, time.process_time() - start, spent[slowest], slowest
    finally:
        Runner.solve, Runner.record = solve, record  # type: ignore[method-assign]
        gc.enable()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kloc", nargs="*", type=int, default=SIZES, metavar="KLOC")
    first = 0.0
    print(f"{'lines':>8} {'seconds':>8} {'ms/KLOC':>8} {'ratio':>6}  slowest function")
    for kloc in parser.parse_args().kloc:
        lines, seconds, longest, name = measure(kloc)
        cost = seconds * 1e6 / lines
        first = first or cost
        print(f"{lines:>8} {seconds:>8.2f} {cost:>8.1f} {cost / first:>6.2f}  {name} {longest * 1000:.0f} ms")


if __name__ == "__main__":
    main()
