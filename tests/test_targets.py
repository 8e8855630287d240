"""Sources of one configuration, where targets look for headers, and targets that are told by what they lack."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from placing import CODE, INSIDE, MAIN, OUTSIDE, sides, sources

from edlint.frontends.builds import read_builds
from edlint.source import Source


def test_cmake_lists_sources_for_one_configuration() -> None:
    text = """\
set(SOURCES core.c)
if(INSIDE)
    list(APPEND SOURCES sealing.c)
elseif(MODE STREQUAL "board")
    list(APPEND SOURCES board.c)
endif()
if(NOT INSIDE)
    list(APPEND SOURCES loader.c)
endif()
if(EXTRA)
    list(APPEND SOURCES extra.c)
else()
    list(APPEND SOURCES extra.c plain.c)
endif()
set(ALL ${SOURCES} last.c)
if(INSIDE)
    add_enclave_library(inner SRCS ${ALL})
else()
    add_library(outer SHARED ${ALL})
endif()
if("${MODE}" STREQUAL desk AND TOOLS)
    add_executable(tool ${SOURCES})
endif()
if(NOT (INSIDE OR TOOLS))
    add_library(odd ${SOURCES})
endif()
if(NOT MODE)
    set(MODE late.c)
endif()
if(MODE)
    add_library(mode ${MODE})
endif()
"""
    names = ("core", "sealing", "board", "loader", "extra", "plain", "last", "late")
    found = dict(sources({"CMakeLists.txt": text}, [f"{n}.c" for n in names]))
    assert {name: " ".join(p.removesuffix(".c") for p in held) for name, held in found.items()} == {
        "inner": "core sealing extra plain last",
        "outer": "core board loader extra plain last",
        "tool": "core sealing loader extra plain",
        "odd": "core sealing board loader extra plain",
        "mode": "late",
    }


def test_cmake_code_for_the_host_alone() -> None:
    build = """\
set(SOURCES work.c)
if(NOT SGX)
    list(APPEND SOURCES dlopen.c)
endif()
if(SGX)
    add_trusted_library(kms SRCS ${SOURCES})
else()
    add_library(kms SHARED ${SOURCES})
endif()
"""
    files = {"in/a.c": INSIDE, "out/b.c": OUTSIDE, "work.c": CODE, "dlopen.c": "int load(int n) { return n; }\n"}
    assert sides(files, {"CMakeLists.txt": build}) == {"work.c": "both", "dlopen.c": "untrusted"}


MAKE_PATHS = """\
Inner_Paths := -I$(SDK)/include -Ifirst
Inner_Flags = $(Inner_Paths) -nostdinc
Inner_Files := lib/work.c lib/a.c
Outer_Files := lib/tool.c
tool: tool.o
\t$(CC) -I second -o $@ lib/tool.c
"""
CMAKE_PATHS = """\
include_directories(unused)
add_subdirectory(lib)
add_library(work lib/work.c lib/a.c)
target_include_directories(work PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/first)
add_executable(tool lib/tool.c)
target_link_libraries(tool PRIVATE base)
target_include_directories(base INTERFACE ${SOMEWHERE}/second)
"""
STUDIO_PATHS = """<Project><ClCompile><AdditionalIncludeDirectories>$(SDK)include;$(SolutionDir){};%(X)
</AdditionalIncludeDirectories></ClCompile><ClCompile Include="..\\lib\\{}" /></Project>
"""


@pytest.mark.parametrize(
    "builds",
    [
        {"Makefile": MAKE_PATHS},
        {"CMakeLists.txt": CMAKE_PATHS},
        {"a/a.vcxproj": STUDIO_PATHS.format("first", "work.c"), "b/b.vcxproj": STUDIO_PATHS.format("second", "tool.c")},
    ],
    ids=["make", "cmake", "studio"],
)
def test_search_paths_tell_headers_of_one_name_apart(builds: Mapping[str, str]) -> None:
    files = {
        "lib/work.c": '#include "inner.h"\nint work(int n) { return n; }\nvoid reset(void) {}\n',
        "lib/tool.c": '#include "form.h"\n' + MAIN,
        "lib/a.c": INSIDE,
        "lib/inner.h": '#include "form.h"\n#include <limits.h>\n',
        "first/form.h": "int form(int n);\n",
        "second/form.h": "long form(long n);\n",
        "third/form.h": "char form(char n);\n",
    }
    found = sides(files, builds)
    assert found["first/form.h"] == "trusted"
    assert found["second/form.h"] == "untrusted"


def test_search_paths_of_a_folder_above() -> None:
    builds = {
        "CMakeLists.txt": "include_directories(first)\nadd_subdirectory(lib)\n",
        "lib/CMakeLists.txt": "include_directories(own)\nadd_library(work work.c)\n",
    }
    targets = read_builds([Source(p, t) for p, t in builds.items()], ["lib/work.c"])
    assert [t.folders for t in targets] == [("first", "lib/own")]


def test_search_paths_of_both_sides_behind_a_shared_header() -> None:
    build = "Enclave_Files = lib/work.c in/a.c\nEnclave_Flags = -Itrusted\nApp_Files = lib/tool.c\nApp_Flags = -Iapp\n"
    files = {
        "lib/work.c": '#include "shared.h"\nint work(int n) { return n; }\n',
        "lib/tool.c": '#include "shared.h"\n' + MAIN,
        "in/a.c": INSIDE,
        "lib/shared.h": '#include "form.h"\n',
        "trusted/form.h": "int form(int n);\n",
        "app/form.h": "long form(long n);\n",
    }
    assert sides(files, {"Makefile": build}) == {
        "lib/work.c": "trusted",
        "lib/tool.c": "untrusted",
        "lib/shared.h": "both",
        "trusted/form.h": "trusted",
        "app/form.h": "untrusted",
    }


STUDIO_FILES = {
    "Enclave/a.cpp": INSIDE,
    "Bridge/b.cpp": OUTSIDE,
    "Enclave Link/link.cpp": CODE,
    "Clock/clock.cpp": "int now(int n) { return n; }\n",
}
STUDIO_BUILDS = {
    "Enclave/Enclave.vcxproj": """<Project>
<AdditionalIncludeDirectories>$(SGX)include\\tlibc;</AdditionalIncludeDirectories><ClCompile Include="a.cpp" />
</Project>""",
    "Bridge/Bridge.vcxproj": '<Project>sgx_urts.lib;<ClCompile Include="b.cpp" /></Project>',
    "Clock/Clock.vcxproj": '<Project><ClCompile Include="clock.cpp" /></Project>',
}


@pytest.mark.parametrize("mark", ["<CLRSupport>true</CLRSupport>", ""])
def test_a_studio_project_is_no_enclave_for_its_name(mark: str) -> None:
    link_project = f'<Project>{mark}<ClCompile Include="link.cpp" /></Project>'
    builds = STUDIO_BUILDS | {"Enclave Link/Enclave Link.vcxproj": link_project}
    assert sides(STUDIO_FILES, builds) == {"Enclave Link/link.cpp": "untrusted", "Clock/clock.cpp": "untrusted"}


def test_studio_projects_without_the_enclaves_library() -> None:
    files = {"Enclave/a.cpp": INSIDE, "Bridge/b.cpp": OUTSIDE, "Enclave Link/link.cpp": CODE}
    link_project = '<Project><ClCompile Include="link.cpp" /></Project>'
    # Where no project has the mark, its lack says nothing.
    assert sides(files, {"Enclave Link/Enclave Link.vcxproj": link_project}) == {"Enclave Link/link.cpp": "trusted"}


TWICE = {
    "ra.c": "int agree(int n) { return n; }\n",
    "tls.c": '#include "ra.h"\nvoid reset(void) {}\n' + CODE,
    "ra.h": "int agree(int n);\n",
    "quote.c": "int quote(int n) { return n; }\n",
    "in/a.c": '#include "kms_t.h"\n',
    "out/b.c": OUTSIDE,
}


def test_the_same_code_without_what_an_enclave_needs() -> None:
    builds = {
        "enclave.mk": "Tls_Files = ra.c tls.c\nTls_Flags = -nostdinc\n",
        "Makefile": "all.a: ra.o tls.o\nall.a: quote.o\n",
    }
    found = sides(TWICE, builds)
    assert {p: found[p] for p in ("ra.c", "tls.c", "ra.h", "quote.c")} == {
        "ra.c": "both",
        "tls.c": "both",
        "ra.h": "both",
        "quote.c": "untrusted",
    }
    # A file of CMake beside a Makefile is another way to build the same.
    cmake = {"CMakeLists.txt": "add_library(tls tls.c)\ntarget_link_libraries(tls oeenclave)\n"}
    assert sides(TWICE, {"Makefile": builds["Makefile"], **cmake})["tls.c"] == "trusted"
    # In one build file the list of another target may be part of the enclave's.
    assert sides(TWICE, {"Makefile": "".join(builds.values())})["tls.c"] == "trusted"


def test_code_for_one_side_that_is_compiled_for_both() -> None:
    files = {"in/a.c": INSIDE, "out/b.c": OUTSIDE, "lib/u.c": '#include "kms_t.h"\n' + CODE, "lib/u.h": "int u;\n"}
    files["lib/u.c"] = '#include "u.h"\n' + files["lib/u.c"]
    build = "Enclave_Files = in/a.c lib/u.c\nApp_Files = out/b.c lib/u.c\n"
    assert sides(files, {"Makefile": build}) == {"lib/u.c": "both", "lib/u.h": "both"}


def test_a_path_behind_a_variable_is_beside_rather_than_below() -> None:
    build = {"Makefile": "ROOT = $(shell readlink -f .)\nFiles = $(ROOT)/x.c\n"}
    assert sources(build, ["x.c", "tests/x.c"]) == [("Files", ("x.c",))]


OBJECTS = """\
Test_App_Files = out/b.c lib/seal.c
Test_App_Flags = -Iapp
Test_Enclave_Flags = -nostdinc -I trusted
test/enclave/msg.o: lib/msg.c
\t@$(CC) $(Test_App_Flags) -c $< -o $@
test/enclave/gcm.o: lib/gcm.c
\t@$(CC) $(Test_Enclave_Flags) -c $< -o $@
"""


def test_an_object_is_told_by_what_it_is_compiled_with() -> None:
    names = ("msg", "gcm", "seal")
    files = {"in/a.c": INSIDE, "out/b.c": OUTSIDE, **{f"lib/{n}.c": f"int {n}(int n);\n" + MAIN for n in names}}
    files = {p: t.replace(MAIN, f"int {p[4:-2]}(int n) {{ return n; }}\n") for p, t in files.items()}
    build = {"Makefile": OBJECTS + "app: test/enclave/msg.o out/b.o\nenclave: test/enclave/gcm.o in/a.o\n"}
    assert sides(files, build) == {"lib/msg.c": "untrusted", "lib/gcm.c": "trusted", "lib/seal.c": "untrusted"}
    targets = read_builds([Source(p, t) for p, t in build.items()], list(files))
    assert {t.sources: (t.options, t.folders) for t in targets if not t.names} == {
        ("lib/msg.c",): ((), ("app",)),
        ("lib/gcm.c",): (("-nostdinc",), ("trusted",)),
    }


def test_a_program_with_code_of_an_enclave_is_none() -> None:
    files = {"in/a.c": INSIDE, "out/b.c": OUTSIDE, "main.c": MAIN}
    assert sides(files, {"CMakeLists.txt": "add_executable(try main.c in/a.c)\n"}) == {"main.c": "untrusted"}
