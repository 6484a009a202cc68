"""What systemd hears, on a real datagram socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from docking_station.faces.notify import Notifier, notifier


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_systemd_hears_everything(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = str(tmp_path / "notify") if kind == "path" else f"@evidock-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(stated if kind == "path" else "\0" + stated[1:])
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", stated)
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        news = notifier()
        assert news.watchdog_s == 10
        news.ready()
        news.status("copying\nREADY=0 \udcff 现场")
        news.alive()
        news.stopping()
        heard = [manager.recv(4096).decode() for _ in range(4)]
    assert heard == ["READY=1", "STATUS=copying READY=0 ? 现场", "WATCHDOG=1", "STOPPING=1"]


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setenv("WATCHDOG_USEC", "nonsense")
    assert notifier() == Notifier(None, None)
    notifier().ready()
    Notifier("/nowhere/at/all", None).ready()
    Notifier("/x" * 200, None).ready()


def test_another_process_watchdog_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert notifier().watchdog_s is None
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    assert notifier().watchdog_s == 10
