"""What Makefiles, CMake's files and projects of Visual Studio say of the side of source files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from placing import CODE, EDL, INSIDE, MAIN, OUTSIDE, reasons, sides, sources

from edlint.__main__ import main
from edlint.frontends.builds import read_builds
from edlint.source import Source


def test_makefile_variables() -> None:
    text = """\
COMMON_DIR = lib
App_Cpp_Files := app/app.cpp $(wildcard $(COMMON_DIR)/*.cpp)
App_Cpp_Files += tools/one.cpp \\
    tools/two.cpp  # and a comment with three.cpp
App_Objects := $(App_Cpp_Files:.cpp=.o)
Enclave_Files := $(filter-out enclave/old.cpp,$(wildcard enclave/*.cpp)) $(addprefix $(COMMON_DIR)/,both.cpp)
Deep := $(shell find src -name '*.cpp')
Each := $(foreach d,enclave app,$(wildcard $(d)/*.cpp))
"""
    paths = [
        *("app/app.cpp", "lib/both.cpp", "tools/one.cpp", "tools/two.cpp"),
        *("enclave/in.cpp", "enclave/sub/no.cpp", "src/a.cpp", "src/b/c.cpp"),
    ]
    assert dict(sources({"Makefile": text}, paths)) == {
        "App_Cpp_Files": ("app/app.cpp", "lib/both.cpp", "tools/one.cpp", "tools/two.cpp"),
        "App_Objects": ("app/app.cpp", "lib/both.cpp", "tools/one.cpp", "tools/two.cpp"),
        "Enclave_Files": ("enclave/in.cpp", "lib/both.cpp"),
        "Deep": ("src/a.cpp", "src/b/c.cpp"),
        "Each": ("enclave/in.cpp", "app/app.cpp"),
    }


def test_makefile_rules_and_commands() -> None:
    text = """\
fs.o: ../utils/fs.c
\t$(CC) -c $< -o $@
app.bin: fs.o main.o
\t$(CC) $^ -o $@
enc.so:
\t$(CXX) -c $(CXXFLAGS) ../enc/a.cpp ../utils/fs.c
clean:
\trm -f ../enc/a.cpp
"""
    paths = ["utils/fs.c", "host/main.c", "enc/a.cpp", "enc/main.c"]
    assert sources({"host/Makefile": text}, paths) == [
        ("fs.o", ("utils/fs.c",)),
        ("app.bin", ("utils/fs.c", "host/main.c")),
        ("enc.so", ("enc/a.cpp", "utils/fs.c")),
    ]


def test_what_only_the_build_knows_is_looked_for_in_the_tree() -> None:
    text = "A := $(TOP)/util/log.c $(TOP)/crypto/*.c $(TOP)/gone.c $(TOP)/*.c moved.c\n"
    paths = ["one/util/log.c", "two/util/log.c", "one/crypto/aes.c", "other/moved.c", "one/enclave/x.c"]
    assert sources({"one/enclave/Makefile": text}, paths) == [
        ("A", ("one/util/log.c", "one/crypto/aes.c", "other/moved.c")),
    ]


def test_cmake_targets() -> None:
    top = "set(SHARED_DIR ${CMAKE_CURRENT_SOURCE_DIR}/shared)\nset(MORE ${SHARED_DIR}/more.c)\nadd_subdirectory(enc)\n"
    enclave = """\
# add_executable(no no.c)
file(GLOB SRC *.c ${SHARED_DIR}/*.c)
list(APPEND SRC ${CMAKE_SOURCE_DIR}/extra/e.c)
add_enclave(TARGET kms_enc SOURCES ${SRC} "q.c" ${CMAKE_CURRENT_BINARY_DIR}/kms_t.c)
aux_source_directory(sub SUB)
add_library(sub STATIC ${SUB})
target_link_libraries(kms_enc sub)
"""
    paths = ["enc/a.c", "enc/q.c", "enc/sub/s.c", "shared/x.c", "extra/e.c", "shared/deep/y.c", "no.c"]
    assert sources({"CMakeLists.txt": top, "enc/CMakeLists.txt": enclave}, paths) == [
        ("kms_enc", ("enc/a.c", "enc/q.c", "shared/x.c", "extra/e.c", "enc/kms_t.c")),
        ("sub", ("enc/sub/s.c",)),
    ]


def test_cmake_includes_files() -> None:
    builds = {
        "one/CMakeLists.txt": "set(SRC cc.cpp)\ninclude($ENV{HOME}/enclave/CMakeLists-common.txt)\n",
        "enclave/CMakeLists-common.txt": "include(CMakeLists-common.txt)\nadd_library(enclave SHARED ${SRC})\n",
    }
    assert sources(builds, ["one/cc.cpp"]) == [("enclave", ("one/cc.cpp",))]


def test_projects_of_visual_studio() -> None:
    text = """<Project><ItemGroup>
    <ClCompile Include="$(ProjectName).cpp" />
    <ClCompile Include="..\\shared\\base64.cpp" />
    <ClCompile Include="Enclave_t.c"><Optimization/></ClCompile>
    <ClInclude Include="no.h" />
    </ItemGroup></Project>"""
    paths = ["Enclave/Enclave.cpp", "shared/base64.cpp", "no.h"]
    assert sources({"Enclave/Enclave.vcxproj": text}, paths) == [
        ("Enclave", ("Enclave/Enclave.cpp", "shared/base64.cpp", "Enclave/Enclave_t.c")),
    ]


def test_what_is_compiled_together_is_on_one_side() -> None:
    build = """\
IN := src/a.c src/in.c src/both.c
OUT := src/b.c src/both.c src/out.c
"""
    files = {
        "src/a.c": INSIDE,
        "src/b.c": OUTSIDE,
        "src/in.c": '#include "in.h"\n',
        "src/in.h": "int in(void);\n",
        "src/both.c": CODE,
        "src/out.c": CODE,
        "src/none.c": CODE,
    }
    assert reasons(files, {"Makefile": build}) == {
        "src/in.c": ("trusted", "is compiled into the enclave by 'Makefile'"),
        "src/in.h": ("trusted", "is included by 'src/in.c'"),
        "src/both.c": ("both", "is compiled for both sides by 'Makefile'"),
        "src/out.c": ("untrusted", "is compiled into the host's program by 'Makefile'"),
        "src/none.c": ("undecided", "nothing in it, in its name or in its use speaks for a side"),
    }
    assert set(sides(files, {}).values()) == {"undecided"}


def test_two_build_files() -> None:
    files = {"e/a.c": INSIDE, "h/b.c": OUTSIDE, "lib/x.c": CODE}
    builds = {
        "e/CMakeLists.txt": "add_executable(kms_enc a.c ../lib/x.c)\n",
        "h/CMakeLists.txt": "add_executable(kms b.c ../lib/x.c)\n",
    }
    reason = "is compiled into the enclave by 'e/CMakeLists.txt' and for the host by 'h/CMakeLists.txt'"
    assert reasons(files, builds) == {"lib/x.c": ("both", reason)}


@pytest.mark.parametrize(
    ("build", "side"),
    [
        ("add_library(${TRUSTED_LIB} STATIC x.c)", "trusted"),
        ("add_library(${UNTRUSTED_LIB} STATIC x.c)", "untrusted"),
        ("add_enclave_library(x SRCS x.c)", "trusted"),
        ("add_untrusted_executable(x SRCS x.c)", "untrusted"),
        ("add_executable(x x.c kms_t.c)", "trusted"),
        ("add_executable(x x.c ${OUT}/kms_u.c)", "untrusted"),
        ("add_library(x x.c)\ntarget_link_libraries(x PRIVATE openenclave::oeenclave)", "trusted"),
        ("add_library(x x.c)\ntarget_link_libraries(x PRIVATE openenclave::oehost)", "untrusted"),
        ("add_library(x x.c)\ntarget_compile_options(x PRIVATE -nostdinc)", "trusted"),
        ("add_library(x x.c)\ntarget_compile_definitions(x PRIVATE _UNTRUSTED_=1)", "untrusted"),
        ("add_library(x x.c)\nsgx_prepare_trusted(x)", "trusted"),
        ("add_library(x x.c)\nadd_executable(y ../m/m.c)\ntarget_link_libraries(y x)", "untrusted"),
        ("add_library(x x.c)\nadd_enclave(y ../k/y.c)\ntarget_link_libraries(y x)", "trusted"),
        ("add_library(x x.c)\nadd_enclave(y ../k/y.c)", "untrusted"),
        ("add_library(x x.c)", "undecided"),
        # What is said under a condition is not always so.
        ("add_library(x x.c)\nif(SGX)\ntarget_link_libraries(x sgx_urts)\nendif()", "undecided"),
        (
            "if(SGX)\nadd_trusted_library(x SRCS x.c)\nelse()\nadd_library(x x.c)\ntarget_link_libraries(x sgx_urts)\n"
            "endif()",
            "both",
        ),
        ("if(SGX)\nadd_trusted_library(x SRCS x.c)\nelse()\nadd_library(x x.c)\nendif()", "both"),
        # A list of everything says nothing.
        ("set(ALL x.c)\nadd_library(enclave_and_host ${ALL})", "undecided"),
        # One name may stand for several targets in turn.
        ("set(N a)\nadd_library(${N} x.c)\nset(N b)\nadd_library(${N} ../k/y.c)\nprepare_enclave(${N})", "undecided"),
    ],
)
def test_signs_of_a_target(build: str, side: str) -> None:
    files = {"e/a.c": INSIDE, "h/b.c": OUTSIDE, "l/x.c": CODE, "k/y.c": "int y(void) { return 1; }\n", "m/m.c": MAIN}
    assert sides(files, {"l/CMakeLists.txt": f"{build}\n"})["l/x.c"] == side


def test_names_of_makefile_variables() -> None:
    files = {"e/a.c": INSIDE, "h/b.c": OUTSIDE, "l/x.c": CODE, "l/y.c": CODE, "l/z.c": CODE}
    build = "Enclave_C_Files := x.c\nApp_C_Files := y.c\nEnclave_App := z.c\n"
    found = sides(files, {"l/Makefile": build})
    assert found == {"l/x.c": "trusted", "l/y.c": "untrusted", "l/z.c": "undecided"}


def test_a_library_of_a_makefile_is_of_the_sides_that_it_is_linked_into() -> None:
    files = {"e/a.c": INSIDE, "h/b.c": OUTSIDE, **{f"l/{name}.c": CODE for name in "xyzvw"}}
    build = """\
App_Files := h/b.c
App_Link_Flags := -L. -lprovider -lboth
Enclave_C_Flags := -nostdinc
Enclave_C_Files := e/a.c
Enclave_Link_Flags := -Wl,--start-group -lboth -linner
host_tool: h/b.c
	$(CC) -o $@ $^ -lasked
Provider_Files := l/x.c
libprovider.so: $(Provider_Files:.c=.o)
out/libboth.a: l/y.o
libinner.a: l/z.o
libasked.a: l/v.o
libalone.a: l/w.o
"""
    found = sides(files, {"Makefile": build})
    expected = {"x": "untrusted", "y": "both", "z": "trusted", "v": "untrusted", "w": "undecided"}
    assert found == {f"l/{name}.c": side for name, side in expected.items()}


def test_tests_compile_the_enclave_with_stand_ins() -> None:
    files = {"enclave/a.c": INSIDE, "enclave/x.c": CODE, "host/b.c": OUTSIDE, "test/main.c": MAIN}
    builds = {"Makefile": "E := enclave/a.c enclave/x.c\n", "test/Makefile": "t: main.c ../enclave/x.c\n"}
    assert sides(files, builds)["enclave/x.c"] == "trusted"


def test_a_program_that_takes_what_an_enclave_is_made_of() -> None:
    join = '#ifndef NATIVE\n#include "kms_t.h"\n#endif\nint join(int n) { return n; }\n'
    files = {"enclave/a.c": INSIDE, "app/b.c": OUTSIDE, "joins/j.c": join, "native.c": '#include "joins/j.h"\n' + MAIN}
    files |= {"joins/j.h": '#ifndef NATIVE\n#include "kms_t.h"\n#endif\nint join(int n);\n'}
    build = "E := enclave/a.c joins/j.c\nnative: native.c joins/j.c\n"
    assert sides(files, {"Makefile": build}) == {"joins/j.c": "both", "native.c": "untrusted", "joins/j.h": "both"}


def test_what_both_sides_compile_asks_which_it_is() -> None:
    both = '#ifdef IN_ENCLAVE\n#include "state.h"\n#endif\n' + CODE
    files = {"enclave/a.c": '#include "../state.h"\n' + INSIDE, "app/b.c": OUTSIDE, "lib/both.c": both}
    files |= {"state.h": '#include "kms_t.h"\nint state(void);\n'}
    build = "E := enclave/a.c lib/both.c\nA := app/b.c lib/both.c\n"
    found = sides(files, {"Makefile": build})
    assert (found["lib/both.c"], found["state.h"]) == ("both", "trusted")


def test_a_file_that_names_the_wrong_proxies_does_not_turn_the_program() -> None:
    files = {"enclave/a.c": INSIDE, "app/b.c": OUTSIDE, "inc/u.c": '#include "kms_t.h"\n' + CODE, "lib/x.c": CODE}
    build = "App_Files := inc/u.c lib/x.c\napp: app/kms_u.o $(App_Files:.c=.o)\n"
    assert sides(files, {"Makefile": build}) == {"inc/u.c": "trusted", "lib/x.c": "untrusted"}


def test_the_code_itself_knows_better() -> None:
    files = {"a.c": INSIDE, "b.c": OUTSIDE, "x.c": '#include "kms_t.h"\n' + CODE}
    build = "App_Files := x.c\n"
    assert sides(files, {"Makefile": build}) == {"x.c": "trusted"}


@pytest.mark.parametrize(
    "text",
    [
        "X := $(X) $(X) a.c\nY = $(Z)\nZ = $(Y)\n",
        "".join(f"V{n} := $(V{n + 1}) $(V{n + 1})\n" for n in range(40)) + "V40 := a.c b.c\n",
        "V := " + "$(sort " * 5000 + "a.c",
        "V := " + "$(wildcard *" * 50 + "a.c\n",
        "V := $(shell " + "find x " * 20_000 + ")\n",
        "V := $(foreach a,$(V),$(foreach b,$(V),$(V)))\n" * 50,
        "A" * 300_000,
        "a.c " * 60_000,
        "V := *a*a*a*a*a*a*a*a.c " + "**/" * 200 + "a.c\n",
        "x: " + "a.o " * 50_000,
        "\0\r\n\t:=$(:$\n${",
        "".join(f"o.o: f{n}.c\n\tgcc -Ix -c f{n}.c\n" for n in range(6000)),
        "".join(f"a_b_c_d_e_f_g{n} = a.c -I{n}\n" for n in range(7000)),
    ],
)
def test_hostile_makefiles(text: str) -> None:
    start = time.process_time()
    read_builds([Source("Makefile", text)], ["a.c", "b.c", f"{'a' * 200}.c"])
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text",
    [
        "set(X ${X} ${X})\n" * 2000,
        "add_library(" * 20_000,
        "a" * 300_000,
        "#[[" * 60_000,
        '"' * 100_001,
        "".join(f"set(V{n + 1} ${{V{n}}} ${{V{n}}})\n" for n in range(60)),
        "file(GLOB X *a*a*a*a*a*a*a.c)\nadd_library(x ${X})\n",
        "if(" * 1000 + "\nendif()" * 3000,
        "if(A)\n" * 30_000 + "add_library(x a.c)\n",
        "if(A)\n" + "".join(f"elseif(B{n})\n" for n in range(14_000)) + "endif()\n",
        "include_directories(" + " ".join(f"d{n}" for n in range(2000)) + ")\n" + "add_library(x a.c)\n" * 6000,
        "include(CMakeLists.txt)\n" * 500,
        "add_library(x a.c)\n" + "target_link_libraries(x ${X} y z)\n" * 3000,
        "add_library(x a.c)\ntarget_link_libraries(x y)\nadd_library(y a.c)\ntarget_link_libraries(y x)\n",
    ],
)
def test_hostile_cmake(text: str) -> None:
    start = time.process_time()
    read_builds([Source("CMakeLists.txt", text)], ["a.c", f"{'a' * 200}.c"])
    assert time.process_time() - start < 5


def test_a_run_reads_the_build_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {"kms.edl": EDL, "src/a.c": INSIDE, "src/x.c": CODE, "src/b.c": OUTSIDE}
    files |= {"Makefile": "E := src/a.c src/x.c\n", "src/App.vcxproj": '<ClCompile Include="b.c" />'}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert main(["doctor", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "is compiled into the enclave by" in told
    assert "Makefile: not analysed" not in told
