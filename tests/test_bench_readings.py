"""What the benchmarks say where two readings of a function differ, and what of preprocessed text they compare."""

from __future__ import annotations

from bench.preprocessed import own_lines
from bench.readers import differences_shown
from edlint.frontends.c import read_units
from edlint.model.unit import Function
from edlint.source import Source


def function(text: str) -> Function:
    return read_units([Source("a.c", text)])[0].functions[0]


def test_each_fact_that_one_reading_lacks_is_a_line() -> None:
    one = function("void f(int n) { int a = n; put(a); put(a); stop(); }\n")
    two = function("void f(int n) { int b = n; stop(); }\n")
    assert list(differences_shown(one, two, "one", "two")) == [
        "    only one has call put 1 dropped x2",
        "    only one has assignment a Place False",
        "    only two has assignment b Place False",
        "    only one has local a int",
        "    only two has local b int",
    ]


def test_readings_that_agree_have_no_lines() -> None:
    text = "int f(int n) { int a = n; return put(a); }\n"
    assert list(differences_shown(function(text), function(f"\n{text}"), "one", "two")) == []


def test_only_the_lines_of_the_file_itself_are_kept() -> None:
    text = (
        '# 0 "/t/a.c"\n# 0 "<built-in>"\nint built;\n# 1 "/t/a.c"\nint first;\n'
        '# 1 "/t/a.h" 1\nint header;\n# 3 "/t/a.c" 2\nint last;\n#pragma pack(1)\n'
    )
    assert own_lines(text, "/t/a.c") == "int first;\nint last;\n#pragma pack(1)\n"
