"""What the command line does around a command."""

from __future__ import annotations

import sys
import tomllib

import pytest
import typer

from docking_station import cli
from docking_station.terminal import words
from tests.house.tree import ROOT


def test_ctrl_c_says_that_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = typer.Typer()

    @app.command()
    def wait() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["evidock"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 130
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("Run the same command again to go on") == 1


def test_another_end_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        raise typer.Exit(3)

    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setattr(sys, "argv", ["evidock"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 3
    assert capsys.readouterr().err == ""


def test_the_version_is_that_of_the_project(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["evidock", "--version"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert capsys.readouterr().out == f"evidock {project['version']}\n"


@pytest.mark.parametrize(
    ("typed", "english", "chinese"),
    [
        ("casse", "No such command 'casse'. Did you mean 'cases'?", "没有命令 'casse'。是否要用 'cases'？"),
        ("cases show", "Missing argument 'NO'.", "缺少参数 'NO'。"),
        ("cases list --nil", "No such option: --nil", "没有选项 --nil。"),
        ("cases show a b", "Got unexpected extra argument(s) (b)", "多余的参数：b。"),
        ("cases add", "for --title: give --title, or a --party\n", "--title 填写有误：请填写 --title 或 --party。\n"),
        ("policy days 2026-03-01 x", "'x' is not a valid int range.", "'count' 填写有误：'x' 不是数字。"),
        ("clips show x --json=1", "Option '--json' does not take a value.", "选项 '--json' 不填写内容。"),
        ("cases", "  close       Close a case (结案).\n", "  close       结案\n"),
        ("cases show --help", "  --json      One JSON document on stdout (", "  --json      输出一个 JSON 文档\n"),
    ],
)
def test_what_typer_says_is_said_in_the_language_of_the_terminal(
    typed: str, english: str, chinese: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["evidock", *typed.split()])
    for language, expected, heading in (("en", english, "Usage: evidock "), ("zh", chinese, "用法：evidock ")):
        monkeypatch.setattr(words._Spoken, "language", language)  # a terminal's is found once
        with pytest.raises(SystemExit) as end:
            cli.main()
        told = capsys.readouterr()
        assert end.value.code == (0 if "--help" in typed else 2)
        assert expected in told.out + told.err
        assert heading in told.out + told.err or "--json=1" in typed  # of this one Typer says no usage
        assert language == "en" or "Error" not in told.err
