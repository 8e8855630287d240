"""The second reader: functions that the first leaves in pieces come out whole, at their own places."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edlint.frontends.c import read_units
from edlint.frontends.c.agreement import Cause, pairs
from edlint.frontends.c.items import scan, segments
from edlint.frontends.c.preprocess import TooMuchError, expand
from edlint.frontends.c.project import parts
from edlint.frontends.c.rescue import read_again
from edlint.frontends.c.syntax import Effort
from edlint.frontends.c.tokens import pieces
from edlint.model.ir import Assign, Binary, Branch, Invoke, Number, Return, Scope
from edlint.model.unit import Function, Macro, ReadState, Unit
from edlint.source import Source, read_source

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"
BLOCK = re.compile(r"^```c [^\n]+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def read(text: str) -> Unit:
    """The unit of one made C file."""
    return read_units([Source("a.c", text)])[0]


def second(text: str) -> Function:
    """The last function of a made C file, as the second reader reads it."""
    found = list(pairs([Source("a.c", text)]))[-1].second
    assert found is not None
    return found


def test_functions_in_pieces_are_read_whole() -> None:
    unit = read_units([read_source(CASES / "second.c", "second.c")])[0]
    assert [(f.name, f.state in (ReadState.CLEAN, ReadState.SECOND)) for f in unit.functions] == [
        ("walk", True),
        ("between", True),
        ("switching", True),
    ]
    assert any(f.state is ReadState.SECOND for f in unit.functions)
    assert unit.gaps == ()


def test_a_function_behind_unknown_macros() -> None:
    unit = read_units([read_source(CASES / "second.c", "second.c")])[0]
    walk = next(f for f in unit.functions if f.name == "walk")
    assert (str(walk.result), walk.static, walk.variadic) == ("int", True, False)
    assert [(p.name, str(p.type), p.span.text) for p in walk.params] == [
        ("all", "struct list*", "all"),
        ("out", "unknown_t*", "out"),
        ("n", "size_t", "n"),
    ]
    calls = [(i.name, i.span.line) for i in walk.body.invokes()]
    assert ("memcpy", 20) in calls
    assert ("finish", 22) in calls
    assert ("log_line", 25) in calls
    copy = next(i for i in walk.body.invokes() if i.name == "memcpy")
    assert copy.span.text == "memcpy(out->data, all->first->data, n)"
    assert [b.end.condition.span.text for b in walk.body.blocks if isinstance(b.end, Branch) and b.end.loop] != []


def test_the_sign_of_a_constant_is_an_operator() -> None:
    text = "#define ERR_KEY -0x3B00\n#define ERR_LENGTH -0x66\n#define COUNT 3\n"
    text += "int f(int ret) { ret = ERR_KEY ERR_LENGTH; return ret; }\n"
    found, other = read(text + "int g(int ret) { ret = ERR_KEY COUNT; return ret; }\n").functions
    assert found.state is ReadState.SECOND
    (sum_,) = [op.value for b in found.body.blocks for op in b.ops if isinstance(op, Assign)]
    assert isinstance(sum_, Binary)
    assert [sum_.op, *(n.value for n in (sum_.left, sum_.right) if isinstance(n, Number))] == ["-", -0x3B00, 0x66]
    # Without a sign two constants in a row stand for nothing.
    assert other.state is ReadState.PARTIAL


def test_one_alternative_of_conditions_is_read_in_its_place() -> None:
    text = (
        "LOCAL int f(const struct s *p)\n{\n    int ret = g(p);\n    if (ret)\n        goto out;\n    h(p);\nout:\n"
        "#if defined(LOCKS) /* what\n   locks */\n    unlock(p);\n#else\n    leave(p);\n#endif\n    return ret;\n}\n"
    )
    source = Source("a.c", text)
    ((file, _, names),) = parts([source], {})
    (found,) = read_again([], source, file.clean, text.replace("LOCAL", "     ").encode(), names, Effort())
    assert (found.name, found.state, str(found.result)) == ("f", ReadState.SECOND, "int")
    assert [(p.name, str(p.type), p.span.text) for p in found.params] == [("p", "const struct s*", "p")]
    assert [(i.name, i.span.text, i.span.line) for i in found.body.invokes()] == [
        ("g", "g(p)", 3),
        ("h", "h(p)", 6),
        ("unlock", "unlock(p)", 10),
    ]
    assert [c.name for c in found.calls] == ["g", "h", "unlock", "leave"]


def test_a_function_that_a_macro_heads_has_the_name_that_it_gives() -> None:
    text = (
        "#define CALL(name) long name##_call(long n)\n#define MORE(x) , x\nCALL(read) {\n    return g(n MORE(2));\n}\n"
    )
    (found,) = read(text).functions
    assert (found.name, found.state, [p.name for p in found.params]) == ("read_call", ReadState.SECOND, ["n"])
    (call,) = found.body.invokes()
    assert (call.name, call.span.text, len(call.args)) == ("g", "g(n MORE(2))", 2)


def test_of_a_head_in_alternatives_one_is_read() -> None:
    head = "#if 0\nint main(int argc)\n#else\nTASK run(void *p)\n#endif\n"
    text = head + "{\nout:\n#ifdef A\n    use(p);\n#endif\n    return;\n}\n"
    (found,) = read(text).functions
    assert (found.name, [p.name for p in found.params]) == ("run", ["p"])


def test_operations_of_a_macro_tell_it() -> None:
    text = (
        "#define CLEAR(p, n) if (n) { memset(p, 0, n); } else\n"
        "void f(char *a, int n)\n{\n    CLEAR(a, n)\n    g(a);\n}\n"
    )
    found = second(text)
    fill = next(i for i in found.body.invokes() if i.name == "memset")
    assert fill.macro is not None
    assert (fill.macro.name, fill.macro.span.text, fill.macro.definition.line) == ("CLEAR", "CLEAR(a, n)", 1)
    assert next(i for i in found.body.invokes() if i.name == "g").macro is None


def test_assembler_writes_its_outputs() -> None:
    text = 'int f(int a)\n{\n    int b;\n    asm("x" : "=r"(b) : "r"(a));\n    return b;\n}\n'
    written = [o for o in second(text).body.ops() if isinstance(o, Assign) and o.target.root == "b"]
    assert [str(getattr(w.value, "kind", "")) for w in written] == ["asm"]


def test_old_style_parameters() -> None:
    text = "int f(a, b)\nint a;\nchar *b;\n{\n    EACH (a) { g(b); }\n    return a;\n}\n"
    found = read(text).functions[0]
    assert [(p.name, str(p.type)) for p in found.params] == [("a", "int"), ("b", "char*")]


OLD_STYLE = """\
char *before;
char *initialised = 0;
static struct block *make(proto, compare, text, size)
    register enum kind proto;
    int (*compare)();
    char *text; /* of a size (in bytes) */
    u_int size;
{
    return put(proto, text, size);
}
char *text;
int f(int n) { return n; }
"""


def test_old_style_functions_that_give_a_pointer() -> None:
    unit = read(OLD_STYLE)
    made = unit.functions[0]
    assert [(f.name, f.state) for f in unit.functions] == [("make", ReadState.SECOND), ("f", ReadState.CLEAN)]
    assert (made.extent.line, made.extent.end_line, made.static) == (3, 10, True)
    assert str(made.result) == "struct block*"
    assert [(p.name, str(p.type)) for p in made.params] == [
        ("proto", "enum kind"),
        ("compare", "int*"),
        ("text", "char*"),
        ("size", "u_int"),
    ]
    assert [i.name for i in made.body.invokes()] == ["put"]


def test_parameters_of_the_old_style_are_no_variables_of_the_file() -> None:
    unit = read(OLD_STYLE)
    assert [(v.name, v.span.line) for v in unit.globals] == [("before", 1), ("initialised", 2), ("text", 11)]
    assert unit.prototypes == ()


@pytest.mark.parametrize(
    ("text", "variables", "prototypes"),
    [
        ("char *a;\nchar *make(a) int a; { return a; }\n", ["a"], []),
        ("char *make(a) int a;\nint a = 1;\n{ return a; }\n", ["a"], []),
        ("int other(n) __attribute__((cold));\nint m;\n{ put(); }\n", ["m"], []),
        ("void other(int n) __attribute__((cold));\nint n;\n{ put(); }\n", ["n"], ["other"]),
    ],
)
def test_what_stands_in_front_of_a_body_without_a_head(text: str, variables: list[str], prototypes: list[str]) -> None:
    unit = read(text)
    assert ([v.name for v in unit.globals], [p.name for p in unit.prototypes]) == (variables, prototypes)
    assert all(v.initialiser is None or v.name == "a" for v in unit.globals)


def test_an_enum_as_a_parameter_of_the_old_style_is_no_type() -> None:
    found = read("char *make(k) enum kind k; { return put(k); }\n").functions
    assert [(f.name, str(f.params[0].type)) for f in found] == [("make", "enum kind")]


def test_other_branches_when_the_first_does_not_parse() -> None:
    broken = "    try { return g(a); } catch (...) {}\n"
    text = f"int f(int a)\n{{\n#ifdef CPLUSPLUS\n{broken}#else\n    return h(a);\n#endif\n}}\n"
    found = read(text).functions[0]
    assert found.state in (ReadState.SECOND, ReadState.CLEAN)
    assert [i.name for i in found.body.invokes()][-1] == "h"
    assert any(isinstance(b.end, Return) for b in found.body.blocks)


def test_what_neither_reads_is_named_and_the_rest_is_read() -> None:
    text = "int f(int a)\n{\n    return a +;;) ( ] ;\n}\nint g(void)\n{\n    return h();\n}\n"
    unit = read(text)
    states = {f.name: f.state for f in unit.functions}
    assert states["f"] in (ReadState.PARTIAL, ReadState.LOST)
    assert states["g"] in (ReadState.CLEAN, ReadState.SECOND)
    assert [g.kind for g in unit.gaps] in (["partial-function"], ["lost-function"])
    lost = next(f for f in unit.functions if f.name == "f")
    assert lost.unread and lost.body.blocks


def test_a_macro_that_grows_without_end_is_given_up() -> None:
    defined = {f"M{i}": Macro(f"M{i}", None, f"M{i + 1} M{i + 1}", Source("m", "").span(0, 0)) for i in range(60)}
    with pytest.raises(TooMuchError):
        expand(pieces("M0"), defined.get, lambda macro: True)
    text = "".join(f"#define M{i} M{i + 1} M{i + 1}\n" for i in range(60)) + "int f(void) { LOOP (x) { M0; } }\n"
    assert [f.name for f in read(text).functions] == ["f"]


def test_recursive_macros_end() -> None:
    text = "#define A B(A)\n#define B(x) A x\nint f(void) { EACH (x) { return A; } }\n"
    assert [f.name for f in read(text).functions] == ["f"]


@pytest.mark.parametrize(
    "body",
    [
        "x = " + "(" * 4_000 + "1" + ")" * 4_000 + ";",
        "{" * 5_000 + "}" * 5_000,
        "x = " + "-" * 4_001 + "1;",
        "x = " + "a ? b : " * 2_000 + "c;",
        "if (a) b(); else " * 1_500 + "c();",
        "x = " + "1 + " * 20_000 + "1;",
        "x = " + "a." * 4_000 + "b;",
        "int " + "*" * 4_000 + "p;",
        "goto " * 300,
        '"' * 999,
    ],
)
def test_hostile_bodies_end(body: str) -> None:
    text = f"int f(int a)\n{{\n    EACH (a) {{ {body} }}\n    return a +;\n}}\nint g(void) {{ return 1; }}\n"
    unit = read(text)
    assert "f" in [x.name for x in unit.functions] or unit.gaps
    for function in unit.functions:
        assert function.body.blocks


def test_items_of_a_file() -> None:
    text = (
        "#include <x.h>\n#ifdef A\n#define OPEN {\n#endif\n"
        'extern "C" {\nint f(int);\nstatic int g(int a) { if (a) { return 1; } return 2; }\n}\n'
        "struct s { int a; } one, two;\nint table[] = { 1, 2 }; // }\nint old(a) int a; { return a; }\n"
        "enum { RED } colour(int a) { return RED; }\n"
    )
    items = scan(Source("a.c", text)).items
    assert [text[i.start : i.end].split("(")[0].split("{")[0].strip() for i in items] == [
        "int f",
        "static int g",
        "struct s",
        "int table[] =",
        "int old",
        "enum",
    ]
    assert [i.inside for i in items] == [1, 1, 0, 0, 0, 0]


def test_branches_of_conditions() -> None:
    text = "a\n#if 0\nb\n#elif X\nc\n#else\nd\n#endif\ne\n#ifdef Y\nf\n#endif\n"

    def left(*, holds: bool) -> str:
        return "".join(text[a:b].strip() for a, b in segments(text, 0, len(text), holds=holds))

    assert left(holds=True) == "acef"
    assert left(holds=False) == "ade"


def sources() -> list[Source]:
    """Every C file and every C example that the project has."""
    files = [*sorted((ROOT / "tests").rglob("cases/*.c")), *sorted((ROOT / "fixtures").rglob("*.[ch]"))]
    found = [read_source(f, f.relative_to(ROOT).as_posix()) for f in files]
    for page in sorted((ROOT / "rules").rglob("*.md")):
        for number, block in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8"))):
            found.append(Source(f"{page.stem}-{number}.c", block[1]))
    return found


EXPLAINED = {
    ("masked.c", "bridge"): "A macro of which nothing is known heads a block: the first reader takes it for a loop.",
}


def test_both_readers_agree() -> None:
    counted = 0
    for source in sources():
        for pair in pairs([source]):
            if (Path(source.path).name, pair.first.name) in EXPLAINED:
                continue
            assert pair.cause in (None, Cause.ALTERNATIVES), (pair.first.span, pair.differences)
            counted += 1
    assert counted > 150


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("int f(int a)\n{\n    return g(a);\n}\n", None),
        ("int f(int a)\n{\n#ifdef X\n    g(a);\n#else\n    h(a);\n#endif\n    return a;\n}\n", Cause.ALTERNATIVES),
        (
            "#define TRY {\n#define END h(); }\nint f(int a)\n{\n    TRY\n        g(a);\n    END\n    return a;\n}\n",
            Cause.MACROS,
        ),
        ("int f(int a)\n{\n    EACH (a, b) {\n        g(a);\n    }\n    return a;\n}\n", Cause.MACROS),
        ("int f(int a)\n{\n    zz (*b)(c, d);\n    return a;\n}\n", Cause.READERS),
        ("int f(int a)\n{\n    auto b = [] { return 1; };\n    return a;\n}\n", Cause.UNREAD),
    ],
)
def test_the_cause_of_a_difference_is_told(text: str, cause: Cause | None) -> None:
    found = list(pairs([Source("a.c", text)]))
    assert [p.cause for p in found] == ([cause] if found else [])


def test_a_condition_that_the_file_decides_is_decided_for_both() -> None:
    text = "#define DEBUG 0\nint f(int a)\n{\n#if DEBUG\n    g(a);\n#else\n    h(a);\n#endif\n    return a;\n}\n"
    assert [i.name for i in second(text).body.invokes()] == ["h"]


def test_directives_in_comments_are_none() -> None:
    text = (
        "int f(int a)\n{\n/* off\n# endif\n#else\n*/\n#ifdef X /* a\n#else\n*/\n    g(a);\n#endif\n    return a;\n}\n"
    )
    assert [i.name for i in second(text).body.invokes()] == ["g"]


def test_the_head_of_one_alternative_is_enough() -> None:
    for condition, name in (("1", "one"), ("0", "two"), ("defined(X)", "one")):
        text = f"#if {condition}\nint one(int a)\n#else\nlong two(long a)\n#endif\n{{\n    return g(a);\n}}\n"
        source = Source("a.c", text)
        ((file, _, names),) = parts([source], {})
        (found,) = read_again([], source, file.clean, text.encode(), names, Effort())
        assert (found.name, str(found.result)) == (name, "int" if name == "one" else "long")


def test_types_that_macros_make_are_types() -> None:
    text = (
        "#define EACH(i, n) for (i = 0; i < n; i++)\n"
        "int f(OF(node) *all, int i)\n{\n    OF(node) *a = NULL;\n    unsigned WORD x, y;\n"
        "    EACH(i, 3) x = g(all);\n    return CAST(struct node *, a) == all;\n}\n"
    )
    found = second(text)
    assert [(p.name, str(p.type)) for p in found.params] == [("all", "OF(node)*"), ("i", "int")]
    types = {v.name: str(v.type) for v in found.body.variables.values() if v.scope is Scope.LOCAL}
    assert types == {"a": "OF(node)*", "x": "unsigned WORD", "y": "unsigned WORD"}
    (cast,) = (i for i in found.body.invokes() if i.name == "CAST")
    assert cast.args[0].span.text == "struct node *"


def test_records_without_a_name_are_told_apart_by_their_place() -> None:
    (pair,) = pairs(
        [Source("a.c", "int f(void)\n{\n    union { int a; char b[4]; } u, v;\n    return g(&u, &v);\n}\n")]
    )
    assert pair.second is not None
    assert pair.differences == ()
    assert {str(v.type) for v in pair.second.body.variables.values() if v.name} == {"union (unnamed at 18-45)"}


def test_of_several_definitions_that_a_macro_makes_the_own_one_is_read() -> None:
    text = (
        "#define MAKE(name) static int name(int n) { return n; }\n"
        "MAKE(one)\nMAKE(two)\nstatic int own(int a)\n{\n    return g(a);\n}\n"
    )
    assert second(text).name == "own"


def test_pointers_to_arrays_are_the_same_in_each_reader() -> None:
    body = "    int (*a)[4] = p, (*b[2])[3], *(*c)[4][5];\n    char (**d)[2] = &q;\n    return (*a)[1] + b[0][1][2];\n"
    (pair,) = pairs([Source("a.c", f"int f(void *p, char (*q)[2], short r[][8])\n{{\n{body}}}\n")])
    assert set(pair.differences) == set()
    assert pair.second is not None
    types = {v.name: str(v.type) for v in pair.second.body.variables.values() if v.name}
    assert types == {
        "p": "void*",
        "q": "char(*)[2]",
        "r": "short[][8]",
        "a": "int(*)[4]",
        "b": "int(*[2])[3]",
        "c": "int*(*)[4][5]",
        "d": "char(**)[2]",
    }


def test_a_call_in_each_reader_has_the_same_place() -> None:
    body = "    if (n > 2 && p->check(n))\n        copy(&p->buf[n], n * 2);\n    return g(n)[1];\n"
    text = f"int f(struct s *p, int n)\n{{\n{body}}}\n"
    (pair,) = pairs([Source("a.c", text)])
    assert pair.second is not None
    places = [
        [(type(o).__name__, o.span.start, o.span.end) for o in x.body.ops() if isinstance(o, Invoke | Assign)]
        for x in (pair.first, pair.second)
    ]
    assert places[0] == places[1]


def test_a_macro_that_heads_a_function_is_read_in_a_file_without_errors() -> None:
    (found,) = read("#define CALL(name) long name##_call(long n)\nCALL(read) {\n    return g(n);\n}\n").functions
    assert (found.name, found.state, [p.name for p in found.params]) == ("read_call", ReadState.SECOND, ["n"])
