"""A command that was forked answers as one that began with Python itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.scenario import warm
from tests.scenario.dock import Dock

COLD = {"PYTHONUTF8": "1"}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("clips", "list"), 0),
        (("vault", "check", "--json"), 0),
        (("clips", "show", "nix"), None),
        (("clips", "show", "nix", "--json"), None),
        (("nix",), 2),
        ((), 2),
    ],
    ids=str,
)
def test_forked_and_begun_are_alike(
    dock: Dock, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], status: int | None
) -> None:
    assert not warm.fits(COLD)
    monkeypatch.setattr(warm, "pays", lambda: True)
    assert dock.run(*words, status=status) == dock.within(**COLD).run(*words, status=status)


def test_a_command_has_its_own_folder_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "asked.py").write_text("import os, sys\nprint(os.getcwd(), os.environ, sys.argv[1:])\nsys.exit(7)\n")
    monkeypatch.chdir(tmp_path)
    for given in ({"TOLD": "1"}, {"OTHER": "2"}):
        ended = warm.run("asked", "x", environment=given, timeout_s=60)
        assert ended.returncode == 7
        assert ended.stdout.decode() == f"{tmp_path} environ({given}) ['x']\n"


def test_a_command_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "endless.py").write_text("import signal\nsignal.pause()\n")
    monkeypatch.chdir(tmp_path)
    killed, kill = list[int](), os.kill

    def noted(pid: int, number: int) -> None:
        killed.append(pid)
        kill(pid, number)

    monkeypatch.setattr(os, "kill", noted)
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run("endless", environment={}, timeout_s=0.5)
    (child,) = killed
    with pytest.raises(ProcessLookupError):
        kill(child, 0)
