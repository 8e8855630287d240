"""The first reader at its door: files in, control-flow graphs out.

Every file of `cases/` has its expected dump beside it; `UPDATE=1 pytest tests/c` writes them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edlint.analysis.facts import Facts
from edlint.frontends.c import read_units
from edlint.model.ir import Assign, Binary, Branch, Invoke, Number, Opaque, Place, SizeOf, walk
from edlint.model.program import Program
from edlint.model.sdk import Sdk
from edlint.model.unit import Function, ReadState, Unit
from edlint.show import ir
from edlint.source import Source, read_source

CASES = Path(__file__).parent / "cases"


def program(*units: Unit) -> Program:
    """A program of nothing but units."""
    return Program((), units, (), Sdk(), {}, (), (), {}, {}, {}, {})


def read(text: str, name: str = "a.c", **defines: str) -> Unit:
    """The unit of one made file."""
    return read_units([Source(name, text)], defines)[0]


def function(text: str, name: str = "a.c") -> Function:
    """The last function of a made file."""
    return read(text, name).functions[-1]


@pytest.mark.parametrize("case", sorted(p.name for p in CASES.iterdir() if p.suffix != ".txt"))
def test_dump(case: str) -> None:
    made = program(*read_units([read_source(CASES / case, case)]))
    shown = ir.show(made, Facts(made), "text")
    expected = CASES / f"{case}.txt"
    if os.environ.get("UPDATE"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_masking_keeps_names_types_and_places() -> None:
    text = "EXPORTED MY_API int f(struct s *p) { g(CAST(struct s *, p)); }\n"
    found = function(text)
    assert (found.name, str(found.result), str(found.params[0].type)) == ("f", "int", "struct s*")
    assert found.state is ReadState.CLEAN
    call = next(i for i in found.body.invokes() if i.name == "CAST")
    assert [a.root for a in call.args if isinstance(a, Place)] == ["struct s *", "p"]
    assert call.span.text == "CAST(struct s *, p)"


def test_a_comment_behind_a_masked_directive_goes_with_it() -> None:
    text = (
        "int f(int a)\n{\n#ifdef A\n    if (a)\n    {\n        g();\n    }\n    else\n#endif /* said\n   of A */\n"
        "    {\n        h();\n    }\n    return a;\n}\n"
    )
    found = function(text)
    assert (found.name, found.state) == ("f", ReadState.CLEAN)
    assert [i.name for i in found.body.invokes()] == ["g", "h"]


def test_a_macro_alone_in_front_of_endif_cuts_nothing() -> None:
    text = (
        "#ifdef A\nint f(void)\n{\n    return 1;\n}\nOPTIMIZE_END\n#endif /* what\n   is said */\n"
        "made_t g(const char *p)\n{\n    return use(p THEN more);\n}\n"
    )
    unit = read(text)
    assert [(f.name, str(f.result)) for f in unit.functions] == [("f", "int"), ("g", "made_t")]
    assert unit.globals == ()


def test_the_path_of_offsetof_is_read() -> None:
    found = function("unsigned long f(void)\n{\n    return g(offsetof(struct s, x.y.z));\n}\n")
    assert found.state is ReadState.CLEAN
    call = next(i for i in found.body.invokes() if i.name == "g")
    assert call.args[0].span.text == "offsetof(struct s, x.y.z)"


def test_an_argument_of_a_macro_keeps_its_place() -> None:
    found = function("#define WRAP(x) do { before(); x; } while (0)\nvoid f(char *d) { WRAP(memcpy(d, s, 3)); }\n")
    call = next(i for i in found.body.invokes() if i.name == "memcpy")
    assert call.span.text == "memcpy(d, s, 3)"
    assert call.macro is not None
    assert call.macro.name == "WRAP"
    assert call.macro.definition.line == 1


def test_a_macro_of_a_header_is_used_where_it_is_included() -> None:
    sources = [
        Source("host/log.h", "#define LOG(x) host_log(x)\n"),
        Source("enclave/log.h", "#define LOG(x) ocall_log(x)\n"),
        Source("enclave/a.c", '#include "log.h"\n#include "../enclave/log.h"\nvoid f(void) { LOG(1); }\n'),
        Source("host/b.c", '#include "host/log.h"\nvoid g(void) { LOG(1); }\n'),
    ]
    units = read_units(sources)
    assert [i.name for i in units[3].functions[0].body.invokes()] == ["host_log"]


def test_a_define_of_the_command_line_wins() -> None:
    unit = read("#define SIZE 4\nint f(void) { return SIZE; }\n", SIZE="9")
    assert unit.functions[0].body.blocks[-1].end.value.value == 9  # type: ignore[union-attr]


def test_calls_and_names_are_seen_without_lowering() -> None:
    found = function('void f(void) { /* no(1) */ a("b(2)"); if (x) c<int>(d()); }\n', "a.cpp")
    assert [m.name for m in found.calls] == ["a", "c", "d"]
    assert {"a", "c", "d", "x"} <= found.names
    assert "no" not in found.names


def test_members_of_the_class_are_reached_through_this() -> None:
    units = read_units(
        [
            Source("s.h", "class S { int size_; public: void set(int n); };"),
            Source("s.cpp", '#include "s.h"\nvoid S::set(int n) { size_ = n; local = n; }'),
        ]
    )
    targets = [o.target.root for o in units[1].functions[0].body.ops() if isinstance(o, Assign)]
    assert targets == ["this", "local"]


def test_what_cannot_be_read_is_told() -> None:
    unit = read("int good(void) { return 1; }\nint bad(int a) { if (a { return @@; }\n")
    states = {f.name: f.state for f in unit.functions}
    assert states["good"] is ReadState.CLEAN
    assert states["bad"] in (ReadState.PARTIAL, ReadState.LOST)
    assert any("'bad'" in g.message for g in unit.gaps)


def test_a_lost_method_is_told() -> None:
    unit = read("void A::f(int) requires ( { x( }\nvoid g() { h(); }\n", "a.cpp")
    told = {f.name: f.state for f in unit.functions}
    assert "f" in told
    assert told["f"] is not ReadState.CLEAN


NESTED = {
    "parentheses": "int f(void) { return " + "(" * 10_000 + "1" + ")" * 10_000 + "; }",
    "blocks": "int f(void) { " + "{" * 10_000 + "x();" + "}" * 10_000 + " }",
    "ifs": "int f(int a) { " + "if (a) {" * 10_000 + "x();" + "}" * 10_000 + " }",
    "else-ifs": "int f(int a) { " + "if (a == 1) x(); else " * 3_000 + "y(); }",
    "calls": "int f(int a) { " + "g(" * 10_000 + "1" + ")" * 10_000 + "; }",
    "sums": "int f(int a) { return " + "a + " * 10_000 + "1; }",
    "conditions": "int f(int a) { return " + "a || " * 10_000 + "1; }",
    "members": "int f(int a) { a" + "->b" * 10_000 + "; }",
    "initialisers": "int a[] = " + "{" * 10_000 + "1" + "}" * 10_000 + ";",
    "open": "int f(void) {" * 10_000,
    "conditionals": "#if A\n" * 3_000 + "int x;\n" + "#endif\n" * 3_000,
    "macros": "".join(f"#define M{i}(x) M{i + 1}(x) + M{i + 1}(x)\n" for i in range(40)) + "int f(int a) { M0(a); }",
    "records": "struct a {" * 10_000 + "int x;" + "};" * 10_000,
    "unterminated": 'char *s = "' + "a" * 100_000,
    "binary": "".join(chr(1 + i * 7919 % 250) for i in range(20_000)),
}


@pytest.mark.parametrize("language", ["c", "cpp"])
@pytest.mark.parametrize("name", sorted(NESTED))
def test_hostile_text_is_read_without_a_fault(name: str, language: str) -> None:
    for found in read(NESTED[name], f"a.{language}").functions:
        assert found.body.blocks


def test_what_is_nested_too_deeply_is_opaque() -> None:
    found = function(NESTED["parentheses"])
    end = found.body.blocks[-1].end
    assert isinstance(end.value, Opaque)  # type: ignore[union-attr]
    assert found.state is ReadState.PARTIAL


@pytest.mark.parametrize(
    "body",
    [
        *("return " + "!" * 400 + "a;", "return " + "a ? 1 : " * 400 + "2;", "return " + "(int)" * 400 + "a;"),
        *("if (a) " * 400 + "x();", "a = " * 400 + "1;", "a" + "->b" * 400 + "++;", "a" + "[1]" * 400 + "++;"),
        "#if A\nx();\n" * 400 + "#endif\n" * 400,
        "for (;;) " * 400 + "x();",
    ],
    ids=range(9),
)
@pytest.mark.parametrize("language", ["c", "cpp"])
def test_what_is_nested_too_deeply_without_brackets_is_told(body: str, language: str) -> None:
    unit = read(f"int f(int a) {{\n{body}\n}}\nint g(int a) {{ return a; }}\n", f"a.{language}")
    assert [f.state for f in unit.functions] == [ReadState.PARTIAL, ReadState.CLEAN]
    assert [g.kind for g in unit.gaps] == ["partial-function"]


@pytest.mark.parametrize(
    "body",
    ["a = 1" + " + a" * 2_000 + ";", "if (a == 1) x(); else " * 400 + "y();", "int t[] = {" + "-1, " * 2_000 + "};"],
    ids=range(3),
)
def test_long_chains_are_no_nesting(body: str) -> None:
    assert function(f"int f(int a) {{ {body} }}").state is ReadState.CLEAN


def test_line_ends_and_other_alphabets_do_not_move_places() -> None:
    found = function('// é\r\nint f(char *p)\r\n{\r\n  char *s = "é中"; g(s);\r\n}\r\n')
    call = next(found.body.invokes())
    assert (call.span.line, call.span.text) == (4, "g(s)")


def test_generated_proxies_are_recognised() -> None:
    text = "static int sgx_f(void* pms) { return 0; }\nconst struct { size_t n; } g_ecall_table = {1};\n"
    assert read(text, "enclave_t.c").generated
    assert not read("int f(void) { return 1; }", "enclave_t.c").generated


def test_a_debug_macro_that_is_zero_is_still_defined() -> None:
    found = function("#define DEBUG 0\nvoid f(void) {\n#ifdef DEBUG\n  leak();\n#endif\n}\n")
    assert [i.name for i in found.body.invokes()] == ["leak"]


def test_a_switch_reads_its_subject_once() -> None:
    found = function("int f(int *p) { switch (*p) { case 1: return 1; case 2: return 2; } return 0; }")
    conditions = [b.end.condition for b in found.body.blocks if isinstance(b.end, Branch)]
    assert len(conditions) == 2
    assert all("%" in ir.value(c) for c in conditions)


def test_a_pointer_to_a_function_is_called_without_a_name() -> None:
    found = function("int f(int (*cb)(int), struct ops *o) { cb(1); o->read(2); (*cb)(3); return g(4); }")
    assert [(i.name, i.callee is not None) for i in found.body.invokes()] == [
        ("", True),
        ("", True),
        ("", True),
        ("g", False),
    ]
    assert all(isinstance(i, Invoke) for i in found.body.invokes())


def test_functions_spelled_with_trigraphs_are_found() -> None:
    unit = read("??=define ONE 1\nint f(int a)??<\n  return a;\n??>\nint g(void) { return ONE; }\n")
    assert [(f.name, f.state) for f in unit.functions] == [("f", ReadState.CLEAN), ("g", ReadState.CLEAN)]


def test_a_macro_in_place_of_catch_leaves_the_block_readable() -> None:
    text = "#define CATCH_ALL catch (std::exception& e) { log(e.what()); }\n"
    found = function(text + "int f(int a) { try { g(a); } CATCH_ALL\n return h(a); }\n", "a.cpp")
    assert found.state is ReadState.CLEAN
    assert [i.name for i in found.body.invokes()] == ["g", "h"]


def test_a_range_of_cases_has_two_bounds_in_cpp() -> None:
    found = function("int f(int a) { switch (a) { case 1 ... 5: return g(a); default: return 0; } }\n", "a.cpp")
    assert found.state is ReadState.CLEAN
    conditions = [b.end.condition for b in found.body.blocks if isinstance(b.end, Branch)]
    assert [(c.op, c.right.value) for c in conditions if isinstance(c, Binary) and isinstance(c.right, Number)] == [
        (">=", 1),
        ("<=", 5),
    ]


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("7", 7),
        ("(BASE * 2 + 1)", 33),
        ("1u << 12", 4096),
        ("~0u", 0xFFFFFFFF),
        ("sizeof(struct pair)", 16),
        ("(sizeof(pair_t) / sizeof(uint32_t) - 1)", 3),
        ("((uint8_t)300)", 44),
        ("(unsigned char)-1", 255),
        ("TWICE(BASE + 1)", 34),
        ("LAST", 5),
        ("BASE > 8 ? 3 : 4", 3),
        ("UNKNOWN + 1", None),
        ("VALUE", None),
        ("call(1)", None),
        ('"text"', None),
        ("", None),
    ],
)
def test_a_macro_has_the_value_of_its_expression(body: str, value: int | None) -> None:
    text = (
        "#define BASE 16\n#define TWICE(x) ((x) * 2)\nenum { FIRST = 4, LAST };\n"
        "typedef struct pair { uint64_t a; uint32_t b; } pair_t;\n"
    )
    (macro,) = (m for m in read(f"{text}#define VALUE {body}\n").macros if m.name == "VALUE")
    assert macro.value == value


def test_macros_of_one_name_have_the_values_of_their_own_bodies() -> None:
    sources = [Source("a.c", "#define N (2 + 1)\n"), Source("b.c", "#define N (2 + 2)\n")]
    assert [u.macros[0].value for u in read_units(sources)] == [3, 4]


@pytest.mark.parametrize(
    ("files", "language"),
    [
        ({"a.cpp": '#include "m.h"'}, "c++"),
        ({"a.c": '#include "m.h"'}, "c"),
        ({"a.cpp": '#include "m.h"', "b.c": '#include "x/m.h"'}, "c"),
        ({"a.cpp": '#include "n.h"', "n.h": "#include <x/m.h>"}, "c++"),
        ({"a.c": '#include "n.h"', "n.h": "class Box { public: int f(); };"}, "c"),
        ({"a.cpp": '#include "y/m.h"', "y/m.h": "int g(void);"}, "c"),
        ({"a.cpp": ""}, "c"),
    ],
)
def test_a_header_is_of_the_language_of_the_files_that_include_it(files: dict[str, str], language: str) -> None:
    sources = [Source("x/m.h", "struct S { S(int a = 1); int f() const; };\n")]
    sources += [Source(name, text) for name, text in files.items()]
    assert read_units(sources)[0].language == language


def test_a_header_that_looks_like_cpp_is() -> None:
    sources = [Source("m.h", "namespace a { int f(); }\n"), Source("a.c", '#include "m.h"\n')]
    assert [u.language for u in read_units(sources)] == ["c++", "c"]


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_a_pointer_to_arrays_is_declared_with_its_type(name: str) -> None:
    text = (
        "typedef struct { int k; } e_t;\nint f(int n) { e_t (*p)[4] = make(n); e_t (*q)[4][2]; h(*p)[4];"
        " int (*r)[4]; return n; }\n"
    )
    found = function(text, name)
    declared = {v.name: str(v.type) for v in found.body.variables.values() if v.name}
    assert declared == {"n": "int", "p": "e_t(*)[4]", "q": "e_t(*)[4][2]", "r": "int(*)[4]"}
    assert [i.name for i in found.body.invokes()] == ["make", "h"]


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_arrays_and_pointers_in_one_another(name: str) -> None:
    text = (
        "#define N 4\nint f(const char *(*a)[N], short b[][N]) {\n"
        "    int (**c)[N]; int (*d[2])[3]; int *(*e)[N][5], (*(*g)[2])[3], *h[2][3];\n"
        "    size_t n = sizeof(*c) + sizeof(**c) + sizeof(d) + sizeof(*e) + sizeof(b) + sizeof(*b) + sizeof(**g);\n"
        "    return n;\n}\n"
    )
    found = function(text, name)
    declared = {v.name: str(v.type) for v in found.body.variables.values() if v.name}
    assert declared.pop("n") == "size_t"
    assert declared == {
        "a": "const char*(*)[N]",
        "b": "short[][N]",
        "c": "int(**)[N]",
        "d": "int(*[2])[3]",
        "e": "int*(*)[N][5]",
        "g": "int(*(*)[2])[3]",
        "h": "int*[2][3]",
    }
    sizes = [
        v.value for op in found.body.ops() if isinstance(op, Assign) for v in walk(op.value) if isinstance(v, SizeOf)
    ]
    assert sizes == [8, None, 16, 160, 8, 8, None]
