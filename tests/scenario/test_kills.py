"""`kill -9` at any moment of a command that changes a station: run once more, it ends as if nothing had happened.

Seven commands, 45 moments each, drawn from a seed and spread over the whole of the command, from the start of Python
to its last step. What it must come to is what the same command comes to that nobody kills: of every kind as many
objects in the vault, the same clips, each change once on the trail; and each command's own result.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.scenario.dock import Dock
from tests.scenario.test_kill import CASE, COPIES, FILED, moments, undisturbed_run
from tests.scenario.test_lost_catalog import remove
from tests.scenario.test_old_home import FILED as FILED_BY_RECORDER
from tests.scenario.test_old_home import left_in
from tests.scenario.then import DockThen, answer
from tests.scenario.truth import make_small_card

PARTS, KILLS_A_PART = 9, 5
HALF_A_YEAR = timedelta(days=185)
POLICY = "# 管理制度\n[clearing]\nwhen = 'after-receipt'\n"
NewDock = Callable[[Path], Dock]


@dataclass(frozen=True)
class Work:
    """A command, on what it is run, and what it must come to."""

    prepare: Callable[[Path, NewDock], Dock]
    """Make the station, with whatever else is needed beside its home."""
    words: Callable[[Path], tuple[str | Path, ...]]
    """The command, at that place."""
    check: Callable[[Path, Dock], None]
    """Look at its own result."""
    is_done: Callable[[Path, Dock], bool] = lambda _place, _dock: False
    """Whether the killed command was through: one that would then rightly do it again."""
    done_status: int = 0
    """How the command ends where it was through and is run once more."""


def with_card(place: Path, new_dock: NewDock) -> Dock:
    """A station, and a card beside it."""
    make_small_card(place / "card")
    return new_dock(place / "home")


def with_clips(place: Path, new_dock: NewDock) -> Dock:
    """A station whose card is filed, that has a checkpoint."""
    dock = with_card(place, new_dock)
    report = dock.ingest(place / "card", *CASE)
    assert (len(report.filed), len(report.skipped)) == (FILED, COPIES)
    dock.run("trail", "checkpoint")
    (place / "policy.toml").write_text(POLICY)
    return dock


def asked(place: Path, new_dock: NewDock) -> Dock:
    """A station half a year later, where one person asked for a clip to be disposed of, and another one is there."""
    dock = with_card(place, new_dock)
    dock.ingest(place / "card")
    (place / "clip").write_text(next(str(one["id"]) for one in answer(dock, "clips", "list") if one["kind"] == "image"))
    later = DockThen(dock.home, at=(datetime.now(UTC) + HALF_A_YEAR).isoformat(), person="one")
    later.run("vault", "dispose", (place / "clip").read_text(), "--reason", "over")
    return replace(later, person="two", at=(datetime.now(UTC) + HALF_A_YEAR + timedelta(hours=1)).isoformat())


def lost(place: Path, new_dock: NewDock) -> Dock:
    """A station whose catalog is gone."""
    dock = with_clips(place, new_dock)
    remove(dock.home)
    return dock


def of_an_earlier_version(place: Path, new_dock: NewDock) -> Dock:
    """A station as an earlier version left it, in the middle of an ingest."""
    del new_dock
    return left_in(place).dock


def every_clip_once(_: Path, dock: Dock) -> None:
    assert Counter(clip["case"] for clip in answer(dock, "clips", "list")) == {CASE[1]: FILED}
    assert answer(dock, "held", "list") == []


def whole_bundles(place: Path) -> list[Path]:
    return [path for path in (place / "out").glob("*") if not path.name.startswith(".")]


def one_bundle(place: Path, _: Dock) -> None:
    (bundle,) = whole_bundles(place)
    assert list((place / "out").glob(".*.part")) == []
    run = subprocess.run(
        [sys.executable, bundle / "verify.py"], cwd=bundle, capture_output=True, timeout=100, check=False
    )
    assert run.returncode == 0, run.stdout


def one_disposal(place: Path, dock: Dock) -> None:
    (line,) = lines(dock, "clip.disposed")
    clip = (place / "clip").read_text()
    assert (line["subject"], line["details"]["asked_by"], line["actor"]) == (clip, "one", "two")
    assert line["details"]["sha256"] not in {path.name for path in dock.objects()}


def successors(_: Path, dock: Dock) -> list[str]:
    """The keys a station went over to, whole and done with."""
    shown = answer(dock, "keys", "list")["keys"]
    return [one["id"] for one in shown if one["state"] == "signs"] if len(shown) > 1 else []


def rotated(place: Path, dock: Dock) -> bool:
    return not (dock.home / "keys/rotation.json").exists() and bool(successors(place, dock))


def one_successor(place: Path, dock: Dock) -> None:
    assert len(successors(place, dock)) == 1
    assert len(answer(dock, "keys", "list")["keys"]) == 2
    assert len(dock.objects("keys/history")) == 1
    assert not (dock.home / "keys/rotation.json").exists()


def rebuilt(_: Path, dock: Dock) -> bool:
    return dock.run("clips", "list", status=None).status == 0


def all_there_again(place: Path, dock: Dock) -> None:
    every_clip_once(place, dock)
    assert lines(dock, "trail.rebuilt")


def one_policy(_: Path, dock: Dock) -> None:
    assert answer(dock, "policy", "show")["version"] == 1


def gone_on(_: Path, dock: Dock) -> None:
    assert Counter(clip["recorder"] for clip in answer(dock, "clips", "list")) == FILED_BY_RECORDER
    assert answer(dock, "held", "list") == []


WORKS: Mapping[str, Work] = {
    "ingest": Work(with_card, lambda place: ("ingest", place / "card", *CASE), every_clip_once),
    "export": Work(
        with_clips,
        lambda place: ("export", *CASE, "--to", place / "out"),
        one_bundle,
        is_done=lambda place, _: bool(whole_bundles(place)),
    ),
    "dispose": Work(asked, lambda place: ("vault", "dispose", (place / "clip").read_text()), one_disposal),
    "rotate": Work(with_clips, lambda _: ("keys", "rotate", "--yes"), one_successor, is_done=rotated),
    "rebuild": Work(lost, lambda _: ("rebuild",), all_there_again, is_done=rebuilt, done_status=57),
    "adopt": Work(with_clips, lambda place: ("policy", "adopt", place / "policy.toml", "--yes"), one_policy),
    "upgrade": Work(of_an_earlier_version, lambda place: ("ingest", place / "cards/EV00002"), gone_on),
}


def lines(dock: Dock, action: str | None = None) -> list[dict[str, Any]]:
    """The changes on the trail, of one kind or all; not the looks, which a command done twice takes twice."""
    every: list[dict[str, Any]] = answer(dock, "trail", "show", "--limit", "1000")
    return [one for one in every if not one["look"] and action in (None, one["action"])]


def state(dock: Dock) -> dict[str, Any]:
    """What must not depend on whether a command was killed. Each rebuild is one, and has its line."""
    rebuilds = len(dock.objects("acts")) - len(acts(dock))
    return {
        "clips": sorted(clip["id"] for clip in answer(dock, "clips", "list")),
        "changes": Counter(one["action"] for one in lines(dock) if one["action"] != "trail.rebuilt"),
        "acts": acts(dock),
        "originals": [path.name for path in dock.objects()],
        "manifests": len(dock.objects("manifests")),
        "signatures": len(dock.objects("signatures")) - rebuilds,
        "keys": len(dock.objects("keys")),
    }


def acts(dock: Dock) -> list[str]:
    """What was signed to be done, but for rebuilds."""
    found = [json.loads(path.read_bytes()) for path in dock.objects("acts")]
    return sorted(f"{one['action']} {one['subject']}" for one in found if one["action"] != "trail.rebuilt")


def assert_whole(dock: Dock) -> None:
    assert answer(dock, "clips", "verify", "--all")["failed"] == []
    trail = answer(dock, "trail", "verify")
    assert (trail["fault"], trail["catalog"], trail["checkpoints"]["faults"]) == (None, None, [])
    assert dock.leavings() == []


@dataclass(frozen=True)
class Prepared:
    """A station before the command, how long the command takes, and what it comes to."""

    work: Work
    place: Path
    dock: Dock
    seconds: float
    state: dict[str, Any]

    def copied(self, place: Path) -> Dock:
        """The same station, at another place, to be killed."""
        shutil.copytree(self.place, place)
        (place / "out").mkdir(exist_ok=True)
        return replace(self.dock, home=place / "home")


@pytest.fixture(scope="module")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_dock: NewDock) -> Prepared:
    work = WORKS[request.param]
    place = tmp_path_factory.mktemp(request.param)
    before = Prepared(work, place / "before", work.prepare(place / "before", new_dock), 0, {})
    dock = before.copied(place / "undisturbed")
    seconds, _ = undisturbed_run(dock, *work.words(place / "undisturbed"))
    assert_whole(dock)
    work.check(place / "undisturbed", dock)
    return replace(before, seconds=seconds, state=state(dock))


def killed(prepared: Prepared, place: Path, moment_s: float) -> None:
    """Kill the command, run it once more, and look at everything."""
    work, dock = prepared.work, prepared.copied(place)
    process = dock.start(*work.words(place))
    time.sleep(moment_s)
    process.kill()
    process.communicate()
    is_done = work.is_done(place, dock)
    if not is_done or work.done_status:
        dock.run(*work.words(place), status=work.done_status if is_done else 0)
    assert_whole(dock)
    work.check(place, dock)
    assert state(dock) == prepared.state
    shutil.rmtree(place)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS), ids="part{}".format)
@pytest.mark.parametrize("prepared", WORKS, indirect=True)
def test_killed_and_run_once_more(prepared: Prepared, part: int, tmp_path: Path) -> None:
    for number, moment_s in enumerate(moments(100 + part, KILLS_A_PART, prepared.seconds)):
        killed(prepared, tmp_path / f"{number}-{moment_s:.3f}s", moment_s)
