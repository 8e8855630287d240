"""What the grammars lack inside of statements and lists, and what is read in its place."""

from __future__ import annotations

import pytest

from edlint.frontends.c import masking, read_units
from edlint.frontends.c.agreement import pairs
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
    "an argument that is left out": 'TRACE(LEVEL,, "%s", a); MARK(a, );',
    "numbers that are given to a macro": "SUPPRESS(type .1)  // why\n SUPPRESS(f .23)\n",
    "numbers behind a long comment": f"SUPPRESS(type)  // {'why ' * 30}\n SUPPRESS(f .23)\n",
    "the code of an assembler": "if (a) { __asm\n {\n pause\n mov eax, 1\n }\n use(a); }",
    "types for macros one below the other": "if (a)\n FILL_IN(a, sizeof(T), T *);\n MAKE(int long);\n MAKE(int, b)\n;",
    "operators for a macro": "CHECKED(==, a, b); CHECKED(a, <=, b); CHECKED(a, &);",
}
OF_CPP = {
    "an object of a type in parentheses": "a = new (T); use(new(const ::n::T), new (long *)); c = ::operator new(b);",
    "each element": "for each (std::pair<int, T> p in list->all()) { use(p); }",
    "what is thrown instead of a value": 'int c = a > 1 ? a : throw Error{"a"}; c = b ? throw Error("b") : c;',
    "a type that a macro makes for a template": "use(get<OF(Head)>(a, 1));",
    "what is made by the name of a type with several arguments": "make(a, typename Other<T, int>::type(b));",
    "what is deleted through a pointer": "if (*p) delete[] *p; delete [] *q;",
    "a type that is asked for and made": "m_all = decltype(m_all)(p->first, p->last);",
    "a number without a sign": "a = b - (unsigned(p[b]) & 31);",
    "an array of what changes": "p = new volatile unsigned char[a];",
    "no type": "use(typeid(void), typeid(const char *));",
    "a member that is computed": "(m_all.*(found->second))(a); (p->*(found->second))(b);",
    "a constant of a type in capitals": "TITLE(a b c); const MY_RV r( get(&p) ); const MY_ID mask( ((MY_ID)1<<31)-1 );",
    "a reference for a macro": "T* p = &CAST_TO(T&, a); use(p);",
    "a loop over a range": "BOOST_FOREACH(const T& k, keys)\n use(k);\n BOOST_FOREACH(T& k, list(a, b)) { use(k); }",
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


HEADS = {
    "a list of one name behind its own": "int f (T *a, OF(Head) *b)",
    "another word for const": "int f(__const char *a, int b, ...)",
    "a default with nothing in it": "int f(T a, const T& b = {})",
    "attributes of parameters": "int f(const T* a, MY_OUT t_type* b, MY_IN t_type c[3])",
    "words of a device": "__forceinline__ __device__ T f(T* a, T b)",
    "a result that is computed": "template <typename F>\nauto f(F a) -> decltype(make<F>()(a, 1), void())",
    "locks": "int A::f(T a) LOCKS_EXCLUDED(m_lock)",
    "one that is made elsewhere": "extern template int g<A>(int);\nextern template struct B<void>;\nint f(int a)",
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_in_cpp_is_read(what: str) -> None:
    unit = read(f"{HEADS[what]}\n{{\n    use(a);\n}}\nint g(void) {{ return 1; }}\n")
    assert states(unit) == [("f", "clean"), ("g", "clean")]
    assert unit.functions[0].params[0].name == "a"


def test_an_attribute_in_front_of_a_long_body_is_one() -> None:
    text = "int A::f(T a) LOCKS_EXCLUDED(m_lock) {\n" + "    use(a);\n" * 200 + "}\n"
    unit = read(f"int g(void) {{ return 1; }}\n{text}")
    assert states(unit) == [("g", "clean"), ("f", "clean")]


@pytest.mark.parametrize("access", ["public:", "private:\n    int m;\n  public:"])
def test_a_macro_that_heads_a_class_is_one(access: str) -> None:
    text = f"namespace n {{\nTEST_CLASS(Tests)\n{{\n  {access}\n    TEST_METHOD(one)\n    {{\n        use(1);\n    }}\n"
    unit = read(f"{text}    int f(int a) {{ return done(a) && a; }}\n}};\n}}\n")
    assert [(f.state.value, f.owner) for f in unit.functions] == [("clean", "Tests")] * 2
    assert calls(unit.functions[1]) == ["done"]


def test_the_end_of_a_name_is_no_word() -> None:
    text = "int to_signed(int a) { return a; }\nint f(int a) { TITLE(a b c); return is_unsigned(to_signed(a)); }\n"
    unit = read(f"struct A {{\n{text}}};\n")
    assert states(unit) == [("to_signed", "clean"), ("f", "clean")]
    assert calls(unit.functions[1])[1:] == ["to_signed", "is_unsigned"]


def test_members_with_locks_are_read() -> None:
    text = "struct A {\n    int f(T a)\n        LOCKS_EXCLUDED(m_lock) override;\n    n::T<A> m GUARDED_BY(m_lock);\n"
    assert states(read(f"{text}    int g() const SHARED_LOCKS_REQUIRED(m_lock) {{ return 1; }}\n}};\n")) == [
        ("g", "clean")
    ]


def test_statements_of_macros_stand_on_one_line() -> None:
    text = "#define BUFFER(x, n) ; char x[n]; clear(x, n);\nint f(void) {\n"
    text += "    BUFFER(a, 1)\n    BUFFER(b, 2) BUFFER(c, 3);\n"
    unit = read(f"{text}    return done(a);\n}}\n")
    assert states(unit) == [("f", "clean")]
    assert calls(unit.functions[0]) == ["clear"] * 3 + ["done"]


def test_macros_of_a_file_of_macros_are_known() -> None:
    sources = [
        Source("a.c", '#include "all.macros"\nint f(int *p) {\n    declared\n    copy(p, q)\n    return done(q);\n}\n'),
        Source("all.macros", "#define declared int *q;\n#define copy(a, b) b = take(a);\n"),
    ]
    unit = read_units(sources)[0]
    assert not unit.functions[0].unread
    assert calls(unit.functions[0]) == ["take", "done"]


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


DEFAULTS = {
    "A(T x, typename only_if<is<T>::value>::type* = 0)": ["T", "typename only_if<is<T>::value>::type*"],
    "A(const T& x, other<T>* = static_cast<other<T>*>(nullptr), int n = 3)": ["const T&", "other<T>*", "int"],
    "A(int * = { }, void* = get(1, 2))": ["int*", "void*"],
}


@pytest.mark.parametrize("head", DEFAULTS)
def test_a_pointer_without_a_name_has_a_default(head: str) -> None:
    unit = read(f"struct A {{\n    template <typename T> {head} {{ use(1); }}\n    int m;\n}};\n")
    assert states(unit) == [("A", "clean")]
    assert [str(p.type) for p in unit.functions[0].params] == DEFAULTS[head]


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
    "#include <a.h>\n#ifdef ALL\nint f(Box &b) { return n::g(b); }\n#endif\n",
    "#if A\n#endif\nint f(Box &b) { return n::g(b); }\n",
    "int A::f(int a) { return a; }\n",
    "int f(Box &b) { return n::g(b); }\n",
    "class A {\n};\n",
    "using namespace n;\n",
]
C = [
    "int operator, class = 1; int new(int template) { return class ? template : operator; }\n",
    "[[gnu::pure]] int f(int a) { return a; }\n",
    "#ifdef __cplusplus\nint A::g(void) { return 1; }\n#endif\nint f(int a) { return a; }\n",
    "#if USE_CPP\nclass A {\n};\n#endif\nint f(int a) { return a; }\n",
    "// A::f()\nint f(void) { return 1; }\n",
]


@pytest.mark.parametrize(
    "text",
    [
        "struct A {\n    int m;\n    A(int n) : m(n) {\n    }\n};\n",
        "void set(Table &table);\nstatic inline void all(Table &t) { set(t); }\n",
    ],
)
def test_a_header_that_c_cannot_read_is_cpp(text: str) -> None:
    unit = read(text, "a.h")
    assert unit.language == "c++"
    assert [s for _, s in states(unit)] == ["clean"]


def test_a_header_that_c_can_read_is_c() -> None:
    text = "static inline int f(int a) {\n    switch (a) {\n    case (1): each(a) { use(a); }\n    }\n"
    text += "    return g(a &a);\n}\n"
    assert read(text, "a.h").language == "c"


@pytest.mark.parametrize(("text", "language"), [*((t, "c++") for t in CPP), *((t, "c") for t in C)])
def test_a_file_that_c_has_no_words_for_is_cpp(text: str, language: str) -> None:
    assert read(text, "a.c").language == language


EXPORTED = """\
#if HIDDEN
#define EXPORTED(type) __attribute__((visibility("default"))) type
#else
#define EXPORTED(type) type
#endif
#define EACH(x, list) for (x = list->first; x; x = x->next)
"""


@pytest.mark.parametrize(
    "body", ["return get(a);", "EACH(x, a) { use(x); } return 0;", "MARK(one two); return get(a);"]
)
def test_the_result_of_a_function_is_what_its_macro_is_given(body: str) -> None:
    text = f"EXPORTED(void *) f(int a)\n{{\n{body}\n}}\nEXPORTED(status_t)\ng(const T *a)\n{{\n{body}\n}}\n"
    unit = read(EXPORTED + text, "a.c")
    assert [(f.name, str(f.result), f.unread) for f in unit.functions] == [("f", "void*", ()), ("g", "status_t", ())]


def test_a_tree_is_as_it_was_when_the_masked_copy_is_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "EXPORTED(void *) f(int a) { return get(a); }\nint BROKEN HERE(;\n"
    result = "EXPORTED(void *)"
    monkeypatch.setattr(masking, "masked", lambda data, *_, **__: data.replace(result.encode(), b" " * len(result)))
    assert [(f.name, str(f.result)) for f in read(text, "a.c").functions] == [("f", "void*")]


def test_both_readers_know_a_declaration_in_a_loop() -> None:
    text = "void f(T *first) {\n    for (OF(Head)*p = first; p >= last; --p) {\n        use(p);\n    }\n}\n"
    (pair,) = pairs([Source("a.c", text)])
    assert pair.second is not None
    assert pair.differences == ()


def test_a_cast_to_a_type_that_a_macro_makes_may_stand_behind_an_operator() -> None:
    text = "int f(X *x)\n{\n    OF(T) *p = (OF(T) *)first(x);\n    return p && *(OF(T) *)second(p);\n}\n"
    for name in ("a.c", "a.cpp"):
        (found,) = read(text, name).functions
        assert (found.state.value, calls(found)) == ("clean", ["first", "second"])


def test_both_readers_see_the_calls_of_a_condition_of_several_lines() -> None:
    text = "int f(int a) {\n    int r = first(a) &&\n        second(a) &&\n        third(a);\n    return r;\n}\n"
    (pair,) = pairs([Source("a.c", text)])
    assert pair.differences == ()
