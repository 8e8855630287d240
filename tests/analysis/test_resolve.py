"""Which definitions calls are taken for, and that names that say too little are told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from enclaves import facts

from edlint.analysis import resolve
from edlint.analysis.callgraph import CallGraph
from edlint.analysis.facts import Facts
from edlint.analysis.resolve import MAX_CLASSES
from edlint.frontends.c import read_units
from edlint.frontends.edl import EdlOptions, read_interface
from edlint.link import link
from edlint.model.interface import Dialect
from edlint.model.program import Side
from edlint.model.unit import Function
from edlint.sdk import load_sdk
from edlint.source import Source

PUT = "trusted { public int put(int n); };"
CLASSES = """
#include <memory>
struct Shelf { int get(int n) { return n; } int top(); };
struct Drawer { int get(int n) { return n + 1; } int low(); Shelf shelf; Shelf *other; std::unique_ptr<Shelf> own; };
struct Both { int get(int a, int b) { return a + b; } };
int Shelf::top() { return get(1); }
int Drawer::low() { return shelf.get(1) + this->other->get(2) + own->get(3); }
static Drawer desk;
int free_one(int n) { return n; }
struct Odd { int free_one(int n) { return n; } };
"""


def called(body: str, classes: str = CLASSES) -> set[str]:
    """What the ECALL is seen to call."""
    graph = facts(PUT, f"{classes}\nint put(int n) {{ {body} }}", suffix="cpp").get(CallGraph)
    (put,) = [f for f in graph.reached if f.name == "put"]
    return {f.qualified for f in graph.calls[put]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Shelf s; return s.get(n);", {"Shelf::get"}),
        ("Drawer *d = &desk; return d->get(n);", {"Drawer::get"}),
        ("return desk.get(n);", {"Drawer::get"}),
        ("return desk.shelf.get(n);", {"Shelf::get"}),
        ("return desk.other->get(n);", {"Shelf::get"}),
        ("return desk.own->get(n);", {"Shelf::get"}),
        ("std::vector<int> v; return v.get(n);", set()),
        ("auto s = somewhere(); return s.get(n);", {"Shelf::get", "Drawer::get", "Both::get"}),
        ("auto s = somewhere(); return s.get(n, n);", {"Both::get"}),
        ("return free_one(n);", {"free_one"}),
        ("return get(n);", set()),
    ],
)
def test_what_a_call_of_a_method_means(body: str, expected: set[str]) -> None:
    assert called(body) == expected


def test_operators_for_memory_are_those_of_no_class() -> None:
    pool = (
        "struct Pool { static void *operator new(unsigned long n); static void operator delete(void *p) { seen(p); } };"
    )
    body = "char *p = new char[n]; delete[] p; int *q = new int; delete q; return 0;"
    assert called(body, f"void seen(void *p) {{ }}\n{pool}") == set()
    assert called(body, "void operator delete(void *p) noexcept { }") == {"operator delete"}


def test_calls_that_are_written_alike_are_led_to_their_definitions_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    nearest = resolve._nearest

    def counted(found: Sequence[Function], caller: Function) -> tuple[Function, ...]:
        asked.append(len(found))
        return nearest(found, caller)

    monkeypatch.setattr(resolve, "_nearest", counted)
    calls = "".join(f"n = free_one(n); n = desk.get(n) + {i};" for i in range(20))
    assert called(f"{calls} return n;") == {"free_one", "Drawer::get"}
    assert asked == [1, 1]


def test_a_plain_name_in_a_method_is_its_classs_own() -> None:
    graph = facts(PUT, CLASSES + "int put(int n) { Shelf s; return s.top() + desk.low(); }", suffix="cpp").get(
        CallGraph
    )
    calls = {f.qualified: {c.qualified for c in callees} for f, callees in graph.calls.items()}
    assert calls["Shelf::top"] == {"Shelf::get"}
    assert calls["Drawer::low"] == {"Shelf::get"}


def test_a_name_of_many_classes_is_not_followed_and_that_is_told() -> None:
    code = "".join(f"struct C{i} {{ int get(int n) {{ return n; }} }};\n" for i in range(MAX_CLASSES + 1))
    body = "auto s = somewhere(); return s.get(n);"
    assert called(body, code) == set()
    (gap,) = facts(PUT, f"{code}\nint put(int n) {{ {body} }}", suffix="cpp").get(CallGraph).gaps
    assert "'get'" in gap.message
    assert facts(PUT, f"{code}\nint put(int n) {{ C1 s; return s.get(n); }}", suffix="cpp").get(CallGraph).gaps == ()


def test_names_of_values_and_of_methods_are_no_addresses_of_functions() -> None:
    code = """
    struct Box { int size(int n) { return n; } };
    int width(int n) { return n; }
    int height(int n) { return n; }
    extern int hand(int a, int b, int (*f)(int));
    """
    body = "int size = n; int width = n; return hand(size, width, height);"
    graph = facts(PUT, f"{code}\nint put(int n) {{ {body} }}", suffix="cpp").get(CallGraph)
    assert {f.name for f in graph.taken} == {"height"}


def test_of_copies_of_a_library_the_one_beside_the_caller_counts() -> None:
    sdk = load_sdk()
    interface = read_interface(Source("one/e.edl", f"enclave {{ {PUT} }};"), EdlOptions(dialect=Dialect.INTEL))
    library = "int twice(int n) { return n * 2; }"
    units = read_units(
        [
            Source("one/enclave/e.c", "int twice(int n); int put(int n) { return twice(n); }"),
            Source("one/enclave/lib/twice.c", library),
            Source("two/enclave/lib/twice.c", library),
        ]
    )
    graph = Facts(link([interface], units, [], sdk)).get(CallGraph)
    assert {f.path for f in graph.reached} == {"one/enclave/e.c", "one/enclave/lib/twice.c"}


def test_of_ports_to_many_platforms_the_enclaves_own_counts() -> None:
    sdk = load_sdk()
    interface = read_interface(Source("e.edl", f"enclave {{ {PUT} }};"), EdlOptions(dialect=Dialect.INTEL))
    port = "int os_unmap(int n) { return n; }"
    units = read_units(
        [
            Source("enclave/e.c", "int grow(int n); int put(int n) { return grow(n); }"),
            Source("host/h.c", '#include "sgx_urts.h"\nint grow(int n); int main(void) { return grow(1); }'),
            Source("core/grow.c", "int os_unmap(int n); int grow(int n) { return os_unmap(n); }"),
            Source("port/inside/os.c", f'#include "sgx_trts.h"\n{port}'),
            Source("port/other/os.c", port),
        ]
    )
    program = link([interface], units, [], sdk)
    assert program.side("core/grow.c") is Side.BOTH
    assert program.side("port/other/os.c") is not Side.UNTRUSTED
    graph = Facts(program).get(CallGraph)
    assert {f.path for f in graph.reached} == {"enclave/e.c", "core/grow.c", "port/inside/os.c"}
