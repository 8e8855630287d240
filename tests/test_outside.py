"""Headers that given code includes from beyond the given folders, and sources behind them: bounded, and not judged."""

from __future__ import annotations

from pathlib import Path

from edlint.config import Config
from edlint.driver import Request, run
from edlint.finding import Report
from edlint.outside import MOST, MOST_ENTRIES, Project, outside_headers, outside_sources
from edlint.source import Source

EDL = (
    "enclave { trusted { public int put([in, size=64] const uint8_t* p, uint32_t i); }; untrusted { void o(void); }; };"
)
CODE = """#include "put_t.h"
#include "../common/limits.h"
static int table[TABLE];
int put(const uint8_t* p, uint32_t i)
{
    REQUIRE(p);
    REQUIRE(i < TABLE)
    table[i] = p[0];
    o();
    return 0;
}
"""
LIMITS = """#include "deep/more.h"
#define TABLE (MORE * 2)
#define REQUIRE(c) if (!(c)) return -1;
static int unused(char* s) { strcpy(s, s); return 0 }
"""


def linted(root: Path, **files: str) -> Report:
    enclave = root / "enclave"
    enclave.mkdir(parents=True)
    (enclave / "put.edl").write_text(EDL, "utf-8")
    (enclave / "put.c").write_text(CODE, "utf-8")
    for name, text in files.items():
        path = root / "common" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".h").write_text(text, "utf-8")
    return run(Request(paths=(enclave,), base=root, config=Config()))


def test_macros_and_constants_come_from_headers_beyond(tmp_path: Path) -> None:
    without = linted(tmp_path / "without")
    assert {f.rule for f in without.findings} == {"null-boundary-pointer"}
    beside = linted(tmp_path / "beside", limits=LIMITS, deep__more="#define MORE 4\n")
    assert not beside.findings
    assert not [g for g in beside.gaps if "limits.h" in g.path]
    assert any("2 headers" in fact for fact in beside.facts)


def test_no_more_than_a_bounded_number_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    names = [f"h{n}.h" for n in range(MOST + 50)]
    for name in names:
        (tmp_path / "a" / name).write_text('#include "h0.h"\n', "utf-8")
    text = "".join(f'#include "../a/{name}"\n' for name in [*names, *names, "none.h"])
    code = [Source("b/x.c", text + '#include "/etc/hostname"\n')]
    found = outside_headers(code, tmp_path, frozenset(), lambda p: Source(f"a/{p.name}", p.read_text("utf-8")))
    assert [s.path for s in found] == [f"a/{name}" for name in names[:MOST]]


def test_what_both_sides_share_lies_beside_the_enclave(tmp_path: Path) -> None:
    for folder in ("enclave", "Include", "host", "other"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Include" / "shared.h").write_text("#define LANES 8\n", "utf-8")
    (tmp_path / "host" / "twice.h").write_text("#define TWICE 1\n", "utf-8")
    (tmp_path / "other" / "twice.h").write_text("#define TWICE 2\n", "utf-8")
    edl = Source("enclave/e.edl", 'enclave { include "shared.h"\n include "twice.h"\n trusted { void f(void); }; };')
    code = Source("enclave/e.c", '#include "shared.h"\n#include "twice.h"\nvoid f(void) {}\n')
    found = outside_headers([code], tmp_path, frozenset(), lambda p: Source(p.name, p.read_text("utf-8")), [edl])
    assert [s.path for s in found] == ["shared.h"]
    angled = Source("enclave/e.c", "#include <shared.h>\n#include <string.h>\nvoid f(void) {}\n")
    found = outside_headers([angled], tmp_path, frozenset(), lambda p: Source(p.name, p.read_text("utf-8")), [edl])
    assert [s.path for s in found] == ["shared.h"]
    assert outside_headers([code], tmp_path, frozenset(), lambda p: Source(p.name, p.read_text("utf-8"))) == []


ACCESSOR = {
    "enclave/box.edl": """enclave { trusted {
    public int box_set([user_check] uint8_t* box, size_t n);
    public int f(void);
}; };
""",
    "enclave/box.c": """#include "box_t.h"
#include "hal/channel.h"
static int table[4];
int box_set(uint8_t* box, size_t n)
{
    if (n != 64 || !oe_is_outside_enclave(box, n))
        return -1;
    channel_set(box);
    return 0;
}
int f(void)
{
    if (CHANNEL(0) >= 4)
        return -1;
    return table[CHANNEL(0)];
}
""",
    "hal/include/hal/channel.h": """#define CHANNEL(i) (channel_get()[i])
void channel_set(uint8_t* p);
uint8_t* channel_get(void);
""",
    "hal/src/channel.c": """#include <stdlib.h>
#include "hal/channel.h"
static uint8_t* kept;
void channel_set(uint8_t* p) { kept = p; }
uint8_t* channel_get(void) { return kept; }
int alone(void) { return system("ls"); }
""",
}


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_an_accessor_beyond_says_whose_memory_it_gives(tmp_path: Path) -> None:
    root = written(tmp_path, ACCESSOR)
    report = run(Request(paths=(root / "enclave",), base=root, config=Config()))
    assert "double-fetch" in {f.rule for f in report.findings}
    assert {f.primary.span.path for f in report.findings} == {"enclave/box.c", "enclave/box.edl"}
    assert report.counts["code-files"] == 1
    assert any("1 file beyond" in fact for fact in report.facts)


def test_a_name_that_two_files_bear_leads_nowhere(tmp_path: Path) -> None:
    root = written(
        tmp_path, {**ACCESSOR, "port/channel.c": "uint8_t* channel_get(void) { static uint8_t own[64]; return own; }\n"}
    )
    report = run(Request(paths=(root / "enclave",), base=root, config=Config()))
    assert "double-fetch" not in {f.rule for f in report.findings}
    only = run(Request(paths=(written(root / "two", ACCESSOR) / "enclave",), base=root / "two", config=Config()))
    assert "double-fetch" in {f.rule for f in only.findings}


def test_a_project_of_very_many_files_is_not_looked_through(tmp_path: Path) -> None:
    root = written(tmp_path, ACCESSOR)
    edl = Source("enclave/box.edl", "enclave {};")
    assert Project(root, [edl]).only("hal/channel.h") == root / "hal/include/hal/channel.h"
    assert Project(root, [edl]).only("../channel.h") is None
    assert Project(root, []).only("channel.h") is None
    (root / "many").mkdir()
    for number in range(MOST_ENTRIES):
        (root / "many" / f"{number}").touch()
    assert Project(root, [edl]).only("hal/channel.h") is None


def test_only_what_the_code_includes_and_calls_is_read(tmp_path: Path) -> None:
    root = written(tmp_path, ACCESSOR)
    project = Project(root, [Source("enclave/box.edl", "enclave {};")])
    header = Source("hal/include/hal/channel.h", "")

    def read(path: Path) -> Source:
        return Source(path.relative_to(root).as_posix(), path.read_text("utf-8"))

    calls = Source("enclave/a.c", '#include "hal/channel.h"\nvoid a(void) { channel_set(0); }\n')
    assert [s.path for s in outside_sources([calls], [header], frozenset(), read, project)] == ["hal/src/channel.c"]
    quiet = Source("enclave/a.c", '#include "hal/channel.h"\nvoid a(void) { b(); }\n')
    other = Source("enclave/a.c", '#include "hal/other.h"\nvoid a(void) { channel_set(0); }\n')
    assert outside_sources([quiet], [header], frozenset(), read, project) == []
    assert outside_sources([other], [header], frozenset(), read, project) == []
    # With the generated header of the enclave comes what its EDL includes.
    edl = Source("enclave/box.edl", 'enclave {\n    include "hal/channel.h"\n};\n')
    found = outside_sources([other], [header], frozenset(), read, project, [edl])
    assert [s.path for s in found] == ["hal/src/channel.c"]
