"""What is overwritten before the first parse: the guards of linkage, and attributes that nothing else can be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from edlint.frontends.c import directives, foreseen, read_units
from edlint.frontends.c.directives import bare
from edlint.frontends.c.foretold import Names
from edlint.frontends.c.syntax import parse
from edlint.model.unit import ReadState, Unit
from edlint.source import Source

GUARDED = """\
#ifdef __cplusplus
extern "C" {
#endif
int f(int a);
#if defined(__cplusplus)  // of C++ only
}
#endif  /* both
           languages */
int g(void);
"""


KINDS = ("statements", "whole", "commas", "lists", "statics", "heads")


def overwritten(
    text: str, *attributes: str, cpp: bool = False, blocks: Mapping[str, str] = {}, **more: tuple[str, ...]
) -> str:
    statements, whole, commas, lists, statics, heads = (frozenset(more.get(kind, ())) for kind in KINDS)
    names = Names(frozenset(attributes), statements, whole, commas, lists, statics, heads, blocks)
    cut = directives.read(Source("a.c", text), bare(text)).cut
    return foreseen.masked(text.encode(), bare(text), names, cut=cut, cpp=cpp).decode()


def read(text: str) -> Unit:
    return read_units([Source("a.c", text)])[0]


@pytest.mark.parametrize("language", ["c", "c++"])
def test_guards_of_linkage_are_no_errors(language: str) -> None:
    assert parse(GUARDED.encode(), language).root_node.has_error
    masked = overwritten(GUARDED)
    assert not parse(masked.encode(), language).root_node.has_error
    assert " ".join(masked.split()) == "int f(int a); /* both languages */ int g(void);"
    assert [len(line) for line in masked.splitlines()] == [len(line) for line in GUARDED.splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        "#ifdef __cplusplus\nint f(void);\n#endif\n",
        '#ifdef __cplusplus\nextern "C" {\nint f(void);\n#endif\n',
        '#ifdef __cplusplus\nextern "C"\n#endif\nint f(void);\n',
        "int g(void) {\n#ifdef OTHER\n}\n#endif\n",
    ],
)
def test_other_groups_stay(text: str) -> None:
    assert overwritten(text) == text


def test_attributes_go_where_a_declaration_starts() -> None:
    text = "#define X\nBEGIN_C\n\nAPI int f(void);\n/* text */\nAPI struct s *g(void)\n{\n}\nEND_C\n"
    masked = overwritten(text, "API", "BEGIN_C", "END_C")
    assert " ".join(masked.split()) == "#define X int f(void); /* text */ struct s *g(void) { }"


@pytest.mark.parametrize("head", ["status_t", "static const char *", "struct s *"])
def test_attributes_go_between_a_type_and_a_name(head: str) -> None:
    text = f"\n{head} API f(int a);\nvoid (API *g)(int a);\n"
    assert overwritten(text, "API") == text.replace("API", "   ")


@pytest.mark.parametrize(
    "text", ["enum e {\n    FIRST,\n    API\n};\n", "int a = f(\n    API\n);\n", "API f;\n", "int API(void);\n"]
)
def test_the_same_word_elsewhere_stays(text: str) -> None:
    assert overwritten(text, "API") == text


def test_attributes_behind_each_other_go() -> None:
    text = "\nAPI OLD int f(int a) LOCKS(a) QUIET;\nint g(void) QUIET {\n}\n"
    masked = overwritten(text, "API", "OLD", "LOCKS", "QUIET")
    assert " ".join(masked.split()) == "int f(int a) ; int g(void) { }"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("int a[2] __attribute__((aligned(8))) = {0};\n", "int a[2] = {0};"),
        ('int a __attribute__((section("s"))) = 1;\n', "int a = 1;"),
        ("int a[2] __attribute__((aligned(8)));\n", "int a[2] ;"),
    ],
)
def test_attributes_behind_a_variable_go(text: str, left: str) -> None:
    assert parse(text.encode(), "c").root_node.has_error
    assert " ".join(overwritten(text).split()) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("int b = f((int)va_arg(list, char *));", "int b = f((int)va_arg(list, _har__));"),
        ("int b = CAST(struct s *, p);", "int b = CAST(_truct_s__, p);"),
        ("struct s { FIELD(void, p); };", "struct s { FIELD(_oid, p); };"),
        ("int f(char *, int *);", "int f(char *, int *);"),
        ("int b = g((char *)p, *q, a *b);", "int b = g((char *)p, *q, a *b);"),
    ],
)
def test_types_as_arguments_are_names(text: str, left: str) -> None:
    assert overwritten(text) == left


def test_macros_that_are_lists_are_lists() -> None:
    text = "int f(int a MORE(int b), BOTH(int c, int d));\n"
    masked = overwritten(text, commas=("MORE",), lists=("BOTH",))
    assert " ".join(masked.split()) == "int f(int a , int b , int c, int d );"


def test_words_behind_literals_go_in_cpp() -> None:
    text = 'void f(long n) { g("a" PRIu64 "b", "c" VERSION, "d"s); }\n'
    assert overwritten(text, cpp=True) == text.replace("PRIu64", " " * 6).replace("VERSION", " " * 7)


@pytest.mark.parametrize(
    "text",
    [
        "int f(int a)\n{\n#ifdef A\n    if (a)\n        g();\n    else\n#endif\n        h();\n    return 0;\n}\n",
        "int f(int a)\n{\n    if (a) {\n    }\n#ifdef A\n    else if (g()) {\n    }\n#endif\n    else {\n    }\n}\n",
        "int f(int a)\n{\n    return g(\n#ifdef A\n        1,\n#endif\n        a);\n}\n",
        "int f(int a)\n{\n    return a ||\n#ifdef A\n        g() ||\n#endif\n        h();\n}\n",
        "#ifdef A\nint f(int a)\n#else\nint f(int a, int b)\n#endif\n{\n    return a;\n}\n",
        "int f(int a)\n{\n    g();\n#ifdef A\nagain:\n#endif\n    switch (a) {\n    default:\n        h();\n    }\n}\n",
        'const char *names[] = {\n#ifdef A\n    "a",\n#endif\n    "b",\n};\n',
        "static\n#ifdef A\ninline\n#endif\nint f(int a)\n{\n    return a;\n}\n",
    ],
)
def test_conditions_that_cut_statements_keep_an_alternative(text: str) -> None:
    assert parse(text.encode(), "c").root_node.has_error
    masked = overwritten(text)
    assert not parse(masked.encode(), "c").root_node.has_error
    assert "#" not in masked
    assert len(masked) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "int f(void)\n{\n#ifdef A\n    g();\n#else\n    h();\n#endif\n    return 0;\n}\n",
        "enum e {\n    A,\n#ifdef B\n    C,\n#endif\n};\n",
        "int f(int a)\n{\n    switch (a) {\n    default:\n#ifdef A\n        g();\n#endif\n    }\n}\n",
    ],
)
def test_conditions_around_whole_statements_stay(text: str) -> None:
    assert overwritten(text) == text


@pytest.mark.parametrize("behind", ["#ifdef A\n    g();\n#endif\n    return 0;\n", "#pragma once\n    g();\n"])
@pytest.mark.parametrize("language", ["a.c", "a.cpp"])
def test_a_label_above_a_directive_is_no_damage(language: str, behind: str) -> None:
    text = f"int f(int a)\n{{\n    if (a)\n        goto done;\n    h();\ndone:\n{behind}}}\n"
    (found,) = read_units([Source(language, text)])[0].functions
    assert (found.state, found.unread) == (ReadState.CLEAN, ())
    assert [i.name for i in found.body.invokes()] == ["h", "g"]


def test_a_word_that_is_a_statement_gets_its_semicolon() -> None:
    text = "int f(void)\n{\n    INIT\n    step \n    g(p);\n    INIT\n#if A\n#endif\n}\n"
    masked = overwritten(text, whole=("INIT", "step"))
    assert " ".join(masked.split()) == "int f(void) { INIT; step; g(p); INIT #if A #endif }"


def test_statements_that_end_in_a_macro_end_in_the_text() -> None:
    text = "int f(int a)\n{\n    CHECK(a > (1))\n    a++;\n    CHECK(a)  \n}\n"
    masked = overwritten(text, statements=("CHECK",))
    assert masked == text.replace("(1))\n", "(1));").replace("CHECK(a) ", "CHECK(a);")
    assert not parse(masked.encode(), "c").root_node.has_error


@pytest.mark.parametrize(
    "text",
    [
        "int f(void) {\n    CHECK(1);\n}\n",
        "int f(void) {\n    return a\n    CHECK(1)\n    ;\n}\n",
        "\nCHECK(name)\n{\n}\n",
        "int f(void) {\n    CHECK(1)\n#if A\n#endif\n}\n",
        "int f(void) {\n    CHECK(1\n}\n",
    ],
)
def test_what_goes_on_gets_no_semicolon(text: str) -> None:
    assert overwritten(text, statements=("CHECK",)) == text


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("\nOPEN_NAMESPACE\nnamespace a {\nint f();\n}\n", "OPEN_NAMESPACE"),
        ("struct s {\n    enum : int { A, B };\n};\n", ": int "),
        (
            "struct s {\n    template <typename T = const char&, class... R> void f(T&& a, R... b);\n};\n",
            "= const char&",
        ),
        ("struct s {\n    static const int a[]\n        SECTION(cold);\n};\n", "SECTION(cold)"),
    ],
)
def test_what_the_grammar_lacks_goes(text: str, gone: str) -> None:
    assert parse(text.encode(), "c++").root_node.has_error
    masked = overwritten(text, cpp=True)
    assert masked == text.replace(gone, " " * len(gone))
    assert not parse(masked.encode(), "c++").root_node.has_error


@pytest.mark.parametrize(
    "piece",
    [
        "__cplusplus ",
        "#if __cplusplus ",
        "template typename a = const ",
        "enum : ",
        "]A(",
        "*) ",
        "f(void, ",
        "__attribute__((x) ",
        "f(a MORE(;",
        "\n API(;",
        "a: ",
        '" A ',
        "f(a, return ",
    ],
)
def test_one_endless_line_is_read_once(piece: str) -> None:
    # What looks at the rest of the line again for each of them does not come to an end.
    text = piece * 300_000
    kept = overwritten(text, "API", cpp=True, statements=("API",), commas=("MORE",), blocks={"API": "if"})
    assert len(kept) == len(text)


@pytest.mark.parametrize("piece", [") API(;", "\nAPI\n", "\n  TRY {", "\n#if A\n(", "else\n#endif\n", "\na:\n#if A"])
def test_many_of_a_kind_are_overwritten_once(piece: str) -> None:
    text = piece * 100_000
    assert len(overwritten(text, "API", heads=("TRY",))) == len(text)


def test_directives_that_name_a_macro_stay() -> None:
    text = "#define MORE(x) , x\n#define WINAPI \nint f(int a MORE(b));\nvoid WINAPI g(void);\n"
    masked = overwritten(text, commas=("MORE",))
    assert masked == text.replace("a MORE(b)", "a ,    b ").replace("void WINAPI", "void       ")


def test_enumerators_on_a_condition_are_enumerators() -> None:
    text = "enum e {\n    A = 1,\n#ifdef MORE\n    B,\n#endif\n    C = 7\n};\nint f(void) { return C + B; }\n"
    unit = read(text)
    assert [m.name for t in unit.types for m in t.members] == ["A", "B", "C"]
    assert unit.functions[0].state is ReadState.CLEAN


def test_a_macro_that_stands_for_static_makes_a_function_static() -> None:
    text = "#define LOCAL static\n#define const\nLOCAL int f(const char *p)\n{\n    return *p;\n}\nint g(void);\n"
    functions = read(text).functions
    assert [(f.name, f.static) for f in functions] == [("f", True)]
    assert str(functions[0].params[0].type) == "const char*"


def test_macros_that_head_a_block_are_no_errors() -> None:
    text = (
        "void f(void)\n{\n    BEGIN {\n        TRY {\n            g();\n        }\n        CATCH(e) {\n        }\n"
        "        CATCH() {\n        }\n        EACH_OF(a, b) {\n        }\n    }\n    h(a, return 1);\n}\n"
    )
    assert parse(text.encode(), "c").root_node.has_error
    masked = overwritten(text, heads=("BEGIN", "TRY"), blocks={"CATCH": "if", "EACH_OF": "while"})
    assert not parse(masked.encode(), "c").root_node.has_error
    left = "void f(void) { { { g(); } if (e) { } { } while (a, b) { } } h(a, 1); }"
    assert " ".join(masked.split()) == left


@pytest.mark.parametrize(
    "text",
    [
        "\nCATCH(e) {\n}\n",
        "void f() {\n    CATCH(const T& e) {\n    }\n}\n",
        "int a[] = {\n    1,\n    BEGIN {1}\n};\n",
        "struct\nBEGIN {\n};\n",
    ],
)
def test_what_may_head_something_else_stays(text: str) -> None:
    assert overwritten(text, heads=("BEGIN",), blocks={"CATCH": "if"}) == text


@pytest.mark.parametrize(
    "text",
    [
        "#ifdef step\nint f(void);\n#endif\n",
        "#define RUN(x) \\\n    g(x); \\\n    INIT\nint f(void);\n",
        "#define FAIL \\\n    g(); \\\nfail:\n#ifdef A\nint f(void);\n#endif\n",
        "#define FAIL g(); fail:\n#ifdef A\nint f(void);\n#endif\n",
    ],
)
def test_a_directive_keeps_its_end(text: str) -> None:
    assert overwritten(text, whole=("INIT", "step")) == text
