"""A station whose settings are damaged, that is used twice at once, that is made twice, and that has the defaults."""

from __future__ import annotations

import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.truth import SMALL, TOO_LARGE, seen

DAMAGED: dict[str, bytes] = {
    "no TOML": b"[station\n",
    "no text": b"\xff\xfe\0",
    "unknown key": SETTINGS.encode() + b"\n[station2]\nx = 1\n",
    "wrong kind": SETTINGS.replace("lock_months = 6", 'lock_months = "6"').encode(),
    "too short a lock": SETTINGS.replace("lock_months = 6", "lock_months = 0").encode(),
    "no such zone": SETTINGS.replace('"+08:00"', '"../../etc/passwd"').encode(),
    "section is a number": b"vault = 3\n",
    "rule without a pattern": SETTINGS.encode() + b'\n[[skip]]\nreason = "x"\n',
    "names that are no pattern": SETTINGS.encode() + b'\n[[names]]\nid = "x"\npattern = "("\n',
    "no such vault": SETTINGS.replace("folder:vault", "cloud:vault").encode(),
    "vault with a zero byte": SETTINGS.replace("folder:vault", "folder:va\\u0000ult").encode(),
    "watched folder with a zero byte": SETTINGS.encode() + b'\n[[drop]]\npath = "/x\\u0000y"\nrecorder = "G1"\n',
    "no such database": SETTINGS.replace('url = ""', 'url = "sqlite:////no/such/place.db"').encode(),
    "no database at all": SETTINGS.replace('url = ""', 'url = "what"').encode(),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_damaged_settings_are_told_by_name(dock: Dock, card: Path, what: str) -> None:
    (card / "a.log").write_bytes(b"on")
    assert DAMAGED[what] != SETTINGS.encode()
    (dock.home / "station.toml").write_bytes(DAMAGED[what])
    answer = dock.run("ingest", card, "--json", status=None)
    assert answer.status not in (0, 1, 2, 3), answer
    assert answer.error.partition(".")[0] in {"station", "vault", "devices", "media", "catalog"}
    assert dock.leavings() == dock.objects() == []


def test_two_ingests_do_not_meet(dock: Dock, large_card: Path, tmp_path: Path) -> None:
    first = dock.start("ingest", large_card, "--json")
    while not (dock.home / "ingest.lock").exists() or not list((dock.home / "spool").iterdir()):
        assert first.poll() is None
    first.send_signal(signal.SIGSTOP)
    try:
        (tmp_path / "other").mkdir()
        assert dock.run("ingest", tmp_path / "other", "--json", status=27).error == "ingest.busy"
        assert dock.every_clip() is not None, "who only looks need not wait"
    finally:
        first.send_signal(signal.SIGCONT)
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert set(dock.clips()) == {TOO_LARGE, *SMALL}


# ---------------------------------------------------------------------- the default: immutable files


@pytest.fixture
def immutable_dock(tmp_path: Path) -> Iterator[Dock]:
    """A station with the default settings; its files get the flag where root and file system allow it."""
    home = tmp_path / "immutable"
    yield made_dock(home, SETTINGS.replace('immutable = "never"', 'immutable = "auto"'))
    subprocess.run(["chattr", "-R", "-i", home], check=False, capture_output=True)


def test_by_default_not_even_root_alters_an_original(immutable_dock: Dock, large_card: Path) -> None:
    dock = immutable_dock
    probe = dock.home / "vault/.immutable-probe"
    probe.write_bytes(b"")
    if subprocess.run(["chattr", "+i", probe], check=False, capture_output=True).returncode != 0:
        pytest.skip("the flag needs root and a file system that knows it")
    dock.ingest(large_card)  # the probe is what a crash leaves that comes while the flag is tried
    assert not probe.exists()
    for path in (*dock.objects(), *dock.objects("manifests"), *dock.objects("signatures")):
        assert path.stat().st_mode & 0o777 == 0o444
        with pytest.raises(PermissionError):
            path.unlink()
        with pytest.raises(PermissionError):
            path.open("ab")
    dock.verify()
    assert dock.ingest(large_card).filed == {}


def test_init_twice_changes_nothing(new_dock: Callable[[Path], Dock], tmp_path: Path) -> None:
    dock = new_dock(tmp_path / "home")
    before = seen(dock.home)
    said = dock.run("init").stdout
    assert "nothing was changed" in said
    after = seen(dock.home)
    kept = {path: told for path, told in before.items() if not path.endswith((b"-wal", b"-shm"))}
    files = {path for path, (mode, *_) in kept.items() if stat.S_ISREG(mode)}
    assert after.keys() >= kept.keys()
    assert {path: after[path][2:] for path in files} == {path: kept[path][2:] for path in files}
