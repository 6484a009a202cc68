"""Help and typing errors in the language of the terminal (帮助与输入提示): Typer's own, and our help texts."""

from __future__ import annotations

import sys
from copy import copy
from inspect import cleandoc
from io import StringIO
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from docking_station.texts.command_line import chinese, in_chinese, in_english


def _is_chinese() -> bool:
    from docking_station.terminal.words import language

    return language() == "zh"


def _help(command: Any, ctx: Any, make: Any) -> str:
    """A help page; in Chinese the options' own words are, and those of a command begin so and go on in English."""
    if not _is_chinese():
        return str(make(command, ctx))
    shown, said = copy(command), cleandoc(command.help or "")
    first = said.partition("\n\n")[0]
    shown.help = chinese(first) if first == said and first.endswith(").") else f"{chinese(first)}\n\n{said}"
    shown.params = [copy(one) for one in command.params]
    for one in shown.params:
        one.help = chinese(one.help or "")
    return in_chinese(make(shown, ctx))


def _line(command: Any, limit: int, make: Any) -> str:
    return chinese(cleandoc(command.help or "")) if _is_chinese() else str(make(command, limit))


class SpokenCommand(TyperCommand):
    """A command (命令) that says its help in the language of the terminal."""

    def get_help(self, ctx: Any) -> str:
        """Return the help page."""
        return _help(self, ctx, TyperCommand.get_help)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line about it in its group's help page."""
        return _line(self, limit, TyperCommand.get_short_help_str)


class SpokenGroup(TyperGroup):
    """A group of commands (命令组) that says its help in the language of the terminal."""

    def get_help(self, ctx: Any) -> str:
        """Return the help page."""
        return _help(self, ctx, TyperGroup.get_help)

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the line about it in the help page above."""
        return _line(self, limit, TyperGroup.get_short_help_str)


def spoken(app: typer.Typer) -> typer.Typer:
    """Have a group and all below it say their help in the language of the terminal."""
    app.info.cls = SpokenGroup
    for command in app.registered_commands:
        command.cls = SpokenCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            spoken(group.typer_instance)
    return app


def say_typing_error(error: Any) -> None:
    """Say on stderr what is wrong with what was typed: usage, and one sentence."""
    said = StringIO()
    error.show(said)
    print((in_chinese if _is_chinese() else in_english)(said.getvalue()), end="", file=sys.stderr)
