"""Every command is documented: its own help, a section in docs/commands.md, and every option in both."""

from __future__ import annotations

import re
from collections.abc import Iterator

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from catalog.rules.imports.maps import MAPS
from docking_station.cli import app
from docking_station.texts.command_line import CHINESE
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "commands.md"
COMMANDS_AT_LEAST = 12


def commands(app: typer.Typer) -> dict[str, TyperCommand | TyperGroup]:
    """Every group and command by what a person types."""
    return dict(_walk("evidock", get_command(app)))


def _walk(typed: str, command: object) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    assert isinstance(command, TyperCommand | TyperGroup)
    yield typed, command
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from _walk(f"{typed} {name}", child)


def sections(page: str) -> dict[str, str]:
    """The sections of the page by the command in their heading."""
    parts = re.split(r"^##+ `(evidock[^`]*)`.*$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def faults(command: TyperCommand | TyperGroup, section: str | None) -> list[str]:
    """What a reader of help and page would miss."""
    found = [] if CHINESE.search(command.help or "") else ["no help in both languages"]
    for parameter in command.params:
        if not getattr(parameter, "help", None):
            found.append(f"no help for {parameter.name}")
        elif parameter.name != "help" and not CHINESE.search(getattr(parameter, "help", "")):
            found.append(f"no Chinese in the help for {parameter.name}")
        names = parameter.opts if parameter.param_type_name == "option" else [str(parameter.name).upper()]
        if section is not None and not any(re.search(rf"(?<![\w-]){re.escape(name)}\b", section) for name in names):
            found.append(f"the page lacks {names[0]}")
    if section is None and not isinstance(command, TyperGroup):
        found.append("the page has no section")
    return found


def test_the_whole_tree_is_walked() -> None:
    assert len(commands(app)) >= COMMANDS_AT_LEAST


def test_every_command_is_documented() -> None:
    page = sections(PAGE.read_text())
    every = {typed: faults(command, page.get(typed)) for typed, command in commands(app).items()}
    assert {typed: found for typed, found in every.items() if found} == {}


def test_the_page_has_no_section_too_many() -> None:
    assert set(sections(PAGE.read_text())) <= set(commands(app))


def test_a_command_without_words_is_noticed() -> None:
    silent = typer.Typer(add_completion=False)

    @silent.command()
    def vanish(path: str, force: bool = False) -> None: ...

    command = get_command(silent)
    assert isinstance(command, TyperCommand)
    assert faults(command, "") == [
        "no help in both languages",
        "no help for path",
        "the page lacks PATH",
        "no help for force",
        "the page lacks --force",
    ]
    assert faults(command, None)[-1] == "the page has no section"


def test_every_column_of_a_list_is_named_on_the_page() -> None:
    section = sections(PAGE.read_text())["evidock import"]
    rows = {
        row[1]: set(re.split(" 或 |、", row[2].replace("**", "")))
        for row in re.finditer(r"\| `(\w+)` \| (.*) \|", section)
    }
    assert {of: {head for heads in one.heads.values() for head in heads} for of, one in MAPS["zh"].items()} == {
        of: rows[of] for of in MAPS["zh"]
    }
