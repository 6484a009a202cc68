"""The worker does all its work where its unit hides the signing key from it and lets it change nothing in the vault."""

from __future__ import annotations

from pathlib import Path

from docking_station.station.settings import OWN_EXIFTOOL
from tests.footage.clips import avi, jpeg
from tests.house.tree import ROOT
from tests.scenario.dock import Dock
from tests.scenario.places import mounted

HOME = "/var/lib/evidock"
UNIT = ROOT / "systemd/evidock-work.service"


def paths(key: str, home: Path) -> list[Path]:
    """The paths a line of the unit names, in this home; only those that are there."""
    (line,) = (line for line in UNIT.read_text().splitlines() if line.startswith(f"{key}="))
    named = [Path(one.removeprefix("-").replace(HOME, str(home))) for one in line.partition("=")[2].split()]
    return [path for path in named if path.exists()]


def test_the_worker_needs_no_key_and_no_right_to_change_the_vault(dock: Dock, card: Path, tmp_path: Path) -> None:
    (card / "old.avi").write_bytes(avi())
    (card / "still.jpg").write_bytes(jpeg())
    filed = dock.ingest(card, "--recorder", "AA0001").filed
    hidden, closed = (paths(key, dock.home) for key in ("InaccessiblePaths", "ReadOnlyPaths"))
    assert [path.name for path in hidden] == ["station.key"]
    assert {path.name for path in closed} >= {"vault", "keys", "spool"}
    before = sorted(path.name for path in dock.objects())
    (tmp_path / "nothing").write_text("no key")
    lines = [f"mount --bind {path} {path} && mount -o remount,bind,ro {path}" for path in closed]
    lines += [f"mount --bind {tmp_path}/nothing {path}" for path in hidden]
    with mounted("\n".join(lines)) as within:
        worker = dock.within(*within)
        assert (dock.home / "keys/station.key").stat().st_size > 100, "the mounts are the worker's alone"
        assert worker.run("trail", "checkpoint", status=None).status != 0, "nothing can be signed there"
        said = worker.run("work", "--once").stderr
    done = 3 if OWN_EXIFTOOL.exists() else 1
    assert f"{done} chores done" in said
    assert (dock.home / "derived" / filed["old.avi"]["sha256"][:2]).exists()
    assert sorted(path.name for path in dock.objects()) == before
    dock.verify()
