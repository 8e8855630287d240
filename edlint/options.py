"""The options that commands share, and what they mean together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edlint.config import FAIL_ON, PROFILES, SDKS, Config, Enclave, find_config, load_config
from edlint.files import shown_path
from edlint.report import FORMATS

if TYPE_CHECKING:
    from edlint.driver import Request

Command = Callable[..., Any]
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


def reading(command: Command) -> Command:
    """The options that say what is read."""
    return _all(
        command,
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
        click.option("--sdk", type=click.Choice(SDKS), default="auto", help="The EDL's dialect; auto detects it."),
        click.option("--library", is_flag=True, help="The EDL is meant to be imported: it needs no public ECALL."),
        click.option("-I", "--search-path", multiple=True, metavar="DIR", help="Where imported EDLs are looked for."),
        click.option("-D", "--define", "defines", multiple=True, metavar="NAME[=VALUE]", help="Define a macro."),
        click.option("--trusted", multiple=True, metavar="GLOB", help="Files that run inside the enclave."),
        click.option("--untrusted", multiple=True, metavar="GLOB", help="Files that run on the host."),
        click.option("--config", type=FILE, help="An edlint.toml [default: the nearest one]."),
    )


def choosing(command: Command) -> Command:
    """The options that choose rules and findings."""
    profile = "default: hardly ever a false alarm; strict: medium precision too; audit: facts for a review too."
    return _all(
        command,
        click.option("--select", multiple=True, metavar="RULE", help="Only these rules or families."),
        click.option("--extend-select", multiple=True, metavar="RULE", help="These rules or families too."),
        click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules or families."),
        click.option("--profile", type=click.Choice(PROFILES), help=profile),
        click.option("--edl-only", is_flag=True, help="Read EDL files alone."),
        click.option("--force-exclude", is_flag=True, help="Apply the configuration's 'exclude' to named files too."),
        click.option("--only-given", is_flag=True, help="Only findings with a place in the given files."),
        click.option("--new-since", metavar="REV", default="", help="Only findings on lines changed since a commit."),
        click.option(
            "--jobs",
            type=click.IntRange(min=0),
            default=0,
            metavar="N",
            help="Processes for several enclaves; 0: as fit.",
        ),
        click.option("--no-progress", is_flag=True, help="No status line on a terminal."),
    )


def reporting(command: Command) -> Command:
    """The options that say how the result is told."""
    levels = click.Choice(FAIL_ON)
    root = "Folder that SARIF paths are relative to [default: top of the git work tree, else the working directory]."
    folder = click.Path(path_type=Path, file_okay=False, exists=True)
    formats = click.Choice(FORMATS)
    colors = click.Choice(("auto", "always", "never"))
    return _all(
        command,
        click.option("--fail-on", type=levels, help="Exit with 1 from this level on [default: warning]."),
        click.option("--baseline", type=FILE, help="File of findings that are accepted."),
        click.option("--format", type=formats, default="full", envvar="EDLINT_FORMAT", show_default=True),
        click.option("--output", multiple=True, metavar="FORMAT:PATH", help="A report in a file too; repeatable."),
        click.option("--color", type=colors, default="auto", show_default=True),
        click.option("--statistics", is_flag=True, help="Findings by rule, in the full report."),
        click.option("--timing", is_flag=True, help="Time by phase and rule, in the full report."),
        click.option("--sarif-root", type=folder, help=root),
        click.option(
            "--sarif-suppressed", is_flag=True, help="Suppressed findings too, marked; GitHub would open them."
        ),
        click.option("--sarif-category", default="edlint", metavar="TEXT", show_default=True),
    )


def _all(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def request_of(options: dict[str, Any], debug: bool, progress: Callable[[str], None] = lambda _: None) -> Request:
    """What the options of a command ask for; raises ConfigError."""
    from edlint.driver import Request

    base = Path.cwd()
    root = options.get("sarif_root")
    return Request(
        paths=tuple(options["paths"]),
        base=base,
        config=_config(options["config"], base),
        options=Enclave(
            trusted=options["trusted"],
            untrusted=options["untrusted"],
            search_path=options["search_path"],
            defines=options["defines"],
            sdk=options["sdk"],
            library=options["library"],
        ),
        select=_words(options.get("select", ())),
        extend_select=_words(options.get("extend_select", ())),
        ignore=_words(options.get("ignore", ())),
        profile=options.get("profile") or "",
        fail_on=options.get("fail_on") or "",
        baseline=options.get("baseline"),
        new_since=options.get("new_since", ""),
        edl_only=options.get("edl_only", False),
        only_given=options.get("only_given", False),
        force_exclude=options.get("force_exclude", False),
        root=(root.resolve() if root else _top(base)).as_posix(),
        progress=progress,
        jobs=options.get("jobs", 1),
        debug=debug,
    )


def outputs_of(words: Sequence[str]) -> list[tuple[str, Path]]:
    """Format and path of each `--output`."""
    return [_output(word) for word in words]


def _output(word: str) -> tuple[str, Path]:
    name, colon, path = word.partition(":")
    if not colon or not path or name not in FORMATS:
        what = f"'{word}' is not FORMAT:PATH with a format of {', '.join(FORMATS)}"
        raise click.BadParameter(what, param_hint="--output")
    target = Path(path)
    if not target.parent.is_dir():
        raise click.BadParameter(f"folder '{target.parent}' does not exist", param_hint="--output")
    return name, target


def _config(path: Path | None, base: Path) -> Config:
    found = path or find_config(base)
    if found is None:
        return Config(folder=base)
    return load_config((base / found).resolve(), shown_path(found, base))


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for value in values for word in value.split(",") if word)


def _top(base: Path) -> Path:
    """The top of the git work tree that holds `base`, else `base`."""
    return next((f for f in (base, *base.parents) if (f / ".git").exists()), base)
