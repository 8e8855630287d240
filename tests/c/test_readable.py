"""What the grammars cannot read as it is written, and what is read all the same, by its class."""

from __future__ import annotations

import pytest

from edlint.frontends.c import read_units
from edlint.model.ir import Place
from edlint.model.unit import Function, ReadState, Unit
from edlint.source import Source

FORMS = (
    "HANDLER(name) { work(1); }",
    "HANDLER((name)) { work(1); }",
    "HANDLER(*name) { work(1); }",
    "HANDLER(&name) { work(1); }",
    'HANDLER("name", "[tag]") { work(1); }',
    "HANDLER(1) { work(1); }",
    "HANDLER(a.b)\n{\n    work(1);\n}",
    "static HANDLER(name) { work(1); }",
    "HANDLER(Suite, name) { work(1); }",
)


def read(text: str, name: str = "a.cpp", **others: str) -> Unit:
    """The unit of one made file."""
    return read_units([Source(name, text), *(Source(n.replace("_", "."), t) for n, t in others.items())])[0]


def states(unit: Unit) -> list[tuple[str, str]]:
    """Names and states of the functions."""
    return [(f.name, f.state.value) for f in unit.functions]


def calls(function: Function) -> list[str | None]:
    """What a function calls."""
    return [i.name for i in function.body.invokes()]


@pytest.mark.parametrize(
    "around", ["{}", "namespace n {{\n{}\n}}", "struct C {{\nint a;\n{}\n}};", 'extern "C" {{\n{}\n}}']
)
@pytest.mark.parametrize("form", FORMS)
def test_a_function_that_a_macro_heads_is_read_in_cpp(form: str, around: str) -> None:
    unit = read(f"int before(void) {{ return 1; }}\n{around.format(form)}\nint after(void) {{ return 2; }}\n")
    assert [f.name for f in unit.functions] == ["before", "HANDLER", "after"]
    assert unit.functions[1].state is ReadState.CLEAN
    assert calls(unit.functions[1]) == ["work"]


def test_one_that_alone_has_the_linkage_of_c_is_read() -> None:
    assert states(read('extern "C" HANDLER(x) { work(1); }\n')) == [("HANDLER", "clean")]


def test_a_list_in_parentheses_is_no_macro() -> None:
    assert states(read("int (f(int a)) { return a; }\nint (g)(int a) { return a; }\n")) == [
        ("f", "clean"),
        ("g", "clean"),
    ]


def test_a_block_that_a_literal_heads_is_part_of_its_function() -> None:
    unit = read('CASE("all") {\n    int n = take();\n    PART("some") {\n        put(n);\n    }\n    end(n);\n}\n')
    assert states(unit) == [("CASE", "clean")]
    assert calls(unit.functions[0]) == ["take", "put", "end"]


CUT = "#ifdef A\n    if (a) {\n#else\n    if (b) {\n#endif\n        work(1);\n    }\n    return a;\n"


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_a_group_around_one_that_cuts_a_statement_cuts_none(name: str) -> None:
    text = f"#if !defined(ON)\nint none(void) {{ return 0; }}\n#else\nint first(int a, int b)\n{{\n{CUT}}}\n"
    text += "int second(void) { return 2; }\n#endif\n"
    assert states(read(text, name)) == [("none", "clean"), ("first", "clean"), ("second", "clean")]


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_a_function_in_an_alternative_that_is_not_read_is_told(name: str) -> None:
    text = f"int one(int a, int b)\n{{\n{CUT}}}\n#ifdef B\nint x = 1\n#else\nint other(void) {{ return 2; }}\n"
    text += "#if C\nint third(void) { return 3; }\n#endif\nint x = 2\n#endif\n;\n"
    assert states(read(text, name)) == [("one", "clean"), ("other", "lost"), ("third", "lost")]


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_another_head_of_a_function_is_none(name: str) -> None:
    text = "#ifdef MOCK_API\nint mocked(int a) {\n#else\nint real(int a) {\n#endif\n    return a;\n}\n"
    assert states(read(text, name)) == [("real", "clean")]


@pytest.mark.parametrize("end", ["OPEN_SCOPE", "int a;\nOPEN_SCOPE"])
def test_the_name_of_a_macro_in_front_of_a_group_is_not_cut(end: str) -> None:
    text = f"\n{end}\n#ifdef A\nint f(void) {{ return 1; }}\n#else\nint g(void) {{ return 2; }}\n#endif\nint h;\n"
    assert [f.name for f in read(text).functions] == ["f", "g"]


def test_the_name_of_a_macro_at_the_end_of_the_text_is_not_cut() -> None:
    text = "#ifdef A\nint f(void) { return 1; }\n#else\nint g(void) { return 2; }\nint h(int a) BODY\n#endif\n"
    assert [f.name for f in read(text).functions][:2] == ["f", "g"]


BODIES = {
    "a type of known size for a macro": "int n = CAST(uint32_t, a) + AS(size_t, b);",
    "a type that a macro makes": "const OF(Head) *p = start(a); p->n = 1;",
    "an array of it": 'ALIGNED_TEXT(8) text[] = "text"; use(text);',
    "a cast to it": "use((const OF(Head) *)a);",
    "a loop over it": "for (const PAIR(int, Head) &p : all) use(p);",
    "an operator that is called by its name": "operator<<(a); if (!operator==(a, b)) return 1;",
    "one for a type": "bool c = use(a); return operator bool();",
    "pointers of two words": "p = new unsigned char* [a];",
    "what is made by the name of a type": "return make(typename std::other<T>::type(a), a);",
    "a pointer to a member": "return (m_obj->*m_method)(a);",
    "a cast behind delete": "delete[] (uint8_t*)p;",
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_is_read_whole(what: str) -> None:
    unit = read(
        f"template <class T>\nint f(int a, int b)\n{{\n    {BODIES[what]}\n    done(a);\n}}\n"
        "int after(void) { return 1; }\n"
    )
    assert states(unit) == [("f", "clean"), ("after", "clean")]
    assert "done" in calls(unit.functions[0])


HEADS = {
    "a macro in front of a result": "static const OF(Head) *f(int a)",
    "a macro among the parameters": "int f(int n, OF(Head) *a, const OF(Head) *b)",
    "a macro and a name": "int f(OF(Head) a)",
    "a type in capitals behind which its qualifier stands": "NORETURN void f(MY_STRING const& a)",
    "pointers of a pack": "template <class... All>\nvoid f(int a, All *... all)",
    "a device": "__device__ void f(int a)",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_is_read(what: str) -> None:
    unit = read(f"{HEADS[what]}\n{{\n    use(a);\n}}\nint after(void) {{ return 1; }}\n")
    assert states(unit) == [("f", "clean"), ("after", "clean")]
    assert "a" in [p.name for p in unit.functions[0].params]


def test_a_product_is_no_declaration() -> None:
    unit = read("int f(int b)\n{\n    BROKEN_HERE(int, b)\n    return g(size(b) * b, 2);\n}\n")
    call = next(i for i in unit.functions[0].body.invokes() if i.name == "size")
    assert [a.root for a in call.args if isinstance(a, Place)] == ["b"]


def test_constructors_with_attributes_are_read() -> None:
    text = "class Lock {\n  public:\n    Lock(int a) ACQUIRES(a) : held(a)\n    {\n        use(a);\n    }\n"
    text += "    ~Lock() RELEASES()\n    {\n        drop();\n    }\n    int held;\n};\n"
    assert states(read(text)) == [("Lock", "clean"), ("~Lock", "clean")]


@pytest.mark.parametrize("declared", ["int size(const Box& box);", "int size(const n::Box &box);"])
def test_a_header_with_references_is_cpp(declared: str) -> None:
    assert read(f"{declared}\n", "m.h", a_c='#include "m.h"\n').language == "c++"


def test_a_header_with_constants_is_c() -> None:
    assert read("int size(const int a, int b);\n#define BOTH(a) (const int)(a) & 1\n", "m.h", a_c="").language == "c"


def test_a_macro_goes_on_behind_a_comment_of_several_lines() -> None:
    text = "#define STEP(a) do { \\\n    first(a); /* what is \\\n       said */ \\\n"
    text += "    while (a) { second(a); } \\\n} while (0)\n"
    unit = read(text + "static bool\nf(int a)\n{\n    STEP(a);\n    return a;\n}\nint g(int a) { return a +; }\n")
    assert states(unit) == [("f", "clean"), ("g", "partial")]
    assert "second" in unit.macros[0].body


def test_a_comment_of_several_lines_hides_what_ends_in_a_backslash() -> None:
    unit = read("/* a \\\n   b */ int f(void) { return 1; }\n/* c:\\\n d\n */ int g(void) { return 2; }\n", "a.c")
    assert states(unit) == [("f", "clean"), ("g", "clean")]
