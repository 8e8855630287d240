"""What the grammars lack inside of statements and lists, and what is read in its place."""

from __future__ import annotations

import pytest

from edlint.frontends.c import read_units
from edlint.model.ir import Branch
from edlint.model.unit import Function, Unit
from edlint.source import Source


def read(text: str, name: str = "a.cpp") -> Unit:
    return read_units([Source(name, text)])[0]


def states(unit: Unit) -> list[tuple[str, str]]:
    return [(f.name, f.state.value) for f in unit.functions]


def calls(function: Function) -> list[str | None]:
    return [i.name for i in function.body.invokes()]


BODIES = {
    "a macro instead of the parentheses of a condition": "if rare (a == 2) {\n use(a);\n} else if rare (b) use(b);",
    "words that are given to a macro": "TITLE(a test of the thing);",
    "nothing as an argument": "START(Thing, a, ());",
    "an attribute of a variable that no header explains": "const MY_ALIGN byte iv[] = { 1, 2 };",
    "a type that a macro makes for another macro": "use(FIELD(const OF(Head), a, 1));",
    "a type for a macro that is cast": "use((size_t)FIELD(size_t, (void *)a, a));",
    "operators for a macro": "CHECKED(==, a, b); CHECKED(a, <=, b); CHECKED(a, &);",
}
OF_CPP = {
    "each element": "for each (std::pair<int, T> p in list->all()) { use(p); }",
    "what is thrown instead of a value": 'int c = a > 1 ? a : throw Error{"a"}; c = b ? throw Error("b") : c;',
    "a type that a macro makes for a template": "use(get<OF(Head)>(a, 1));",
    "what is made by the name of a type with several arguments": "make(a, typename Other<T, int>::type(b));",
    "the call of an instance": "if (a)\n operator()<int>(b);",
}


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
@pytest.mark.parametrize("what", BODIES)
def test_a_body_is_read_by_the_first_reader(what: str, name: str) -> None:
    unit = read(f"int f(int a, int b)\n{{\n    {BODIES[what]}\n    done(a);\n}}\nint g(void) {{ return 1; }}\n", name)
    assert states(unit) == [("f", "clean"), ("g", "clean")]
    assert "done" in calls(unit.functions[0])


@pytest.mark.parametrize("what", OF_CPP)
def test_a_body_in_cpp_is_read(what: str) -> None:
    unit = read(f"int f(int a, int b)\n{{\n    {OF_CPP[what]}\n    done(a);\n}}\nint g(void) {{ return 1; }}\n")
    assert states(unit) == [("f", "clean"), ("g", "clean")]
    assert "done" in calls(unit.functions[0])


def test_a_condition_in_a_macro_is_one() -> None:
    found = read(
        "#define rarely(x) (x)\nint f(int a) {\n    if rarely (a == 2) {\n        return 1;\n    }\n    return 0;\n}\n"
    )
    ends = [b.end for b in found.functions[0].body.blocks if isinstance(b.end, Branch)]
    assert [str(e.condition.span.text) for e in ends] == ["a == 2"]


@pytest.mark.parametrize("text", ["if not (a) use(a);", "if constexpr (sizeof(a) > 1) use(a);", "if (a) use (a);"])
def test_words_of_the_language_in_front_of_a_condition_stay(text: str) -> None:
    unit = read(f"int f(int a)\n{{\n    BROKEN HERE(a;\n    {text}\n}}\nint g(int a) {{ {text} }}\n")
    assert calls(unit.functions[-1]) == ["use"]


HEADS = {
    "A(T x, typename only_if<is<T>::value>::type* = 0)": ["T", "typename only_if<is<T>::value>::type*"],
    "A(const T& x, other<T>* = static_cast<other<T>*>(nullptr), int n = 3)": ["const T&", "other<T>*", "int"],
    "A(int * = { }, void* = get(1, 2))": ["int*", "void*"],
}


@pytest.mark.parametrize("head", HEADS)
def test_a_pointer_without_a_name_has_a_default(head: str) -> None:
    unit = read(f"struct A {{\n    template <typename T> {head} {{ use(1); }}\n    int m;\n}};\n")
    assert states(unit) == [("A", "clean")]
    assert [str(p.type) for p in unit.functions[0].params] == HEADS[head]


@pytest.mark.parametrize("words", ["inline friend", "static  friend", "friend inline", "constexpr\nfriend"])
def test_friends_are_read(words: str) -> None:
    unit = read(f"struct A {{\n    {words} bool operator!(A b) __attribute__((pure)) {{ return test(b); }}\n}};\n")
    assert states(unit) == [("operator!", "clean")]


def test_statements_for_a_macro_need_no_semicolon() -> None:
    text = "#define ONLY(x) x\n#define NEVER(x)\nint f(int n) {\n    ONLY(for (int i = n; i; i--) use(i));\n"
    text += "    NEVER(for (int i = n; i; i--) drop(i));\n    NEVER(drop(1); if (n) drop(2));\n    return done(n);\n}\n"
    unit = read(text)
    assert states(unit) == [("f", "clean")]
    assert calls(unit.functions[0]) == ["use", "done"]


def test_a_macro_for_nothing_stands_between_a_name_and_its_list() -> None:
    unit = read("#define NO_MACRO\nnamespace n {\ninline null<> find NO_MACRO(int a) { return null<>(a); }\n}\n")
    assert [(f.name, [str(p.type) for p in f.params]) for f in unit.functions] == [("find", ["int"])]


@pytest.mark.parametrize("name", ["a.c", "a.cpp"])
def test_what_is_left_of_a_group_without_code_cuts_nothing(name: str) -> None:
    text = "int f(int a) {\n    if (a)\n        ;\n#if !TOOL\n    // else use(a);\n#endif\n"
    text += "    else\n        use(a);\n    return 1;\n}\n"
    unit = read(text, name)
    assert states(unit)[0][0] == "f" and not unit.functions[0].unread
    assert calls(unit.functions[0]) == ["use"]


@pytest.mark.parametrize("head", ["inline\nn::A::operator bool()", "n::A::operator bool()"])
def test_a_conversion_outside_of_its_class_has_its_name(head: str) -> None:
    found = read(f"{head} const {{ return m; }}\n").functions[0]
    assert (found.name, found.qualified, found.owner) == ("operator bool", "n::A::operator bool", "A")
    assert str(found.result) == "bool"


CPP = [
    "int A::f(int a) { return a; }\n",
    "int f(Box &b) { return n::g(b); }\n",
    "class A {\n};\n",
    "using namespace n;\n",
]
C = [
    "int operator, class = 1; int new(int template) { return class ? template : operator; }\n",
    "[[gnu::pure]] int f(int a) { return a; }\n",
    "#ifdef __cplusplus\nint A::g(void) { return 1; }\n#endif\nint f(int a) { return a; }\n",
    "// A::f()\nint f(void) { return 1; }\n",
]


@pytest.mark.parametrize(("text", "language"), [*((t, "c++") for t in CPP), *((t, "c") for t in C)])
def test_a_file_that_c_has_no_words_for_is_cpp(text: str, language: str) -> None:
    assert read(text, "a.c").language == language
