"""Whole cards: what is filed, held and skipped agrees with the truth about every file, and the card is only read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.clips import clips
from catalog.evidence import shown_path
from tests.fakes.printed import as_printed
from tests.footage.card import TrueCard, TrueFile
from tests.scenario.dock import Dock, Report
from tests.scenario.truth import NAMES, SHARED_CARDS, Seen, a_card, seen

DEGREES = 1e-5
PLACE_DEGREES = 6e-5
"""The one place a container may hold has no time, and four digits."""


@dataclass(frozen=True)
class Ingested:
    """A card, the station that has it, what the ingest said, and how the card looked before."""

    true: TrueCard
    dock: Dock
    report: Report
    before: Seen
    details: dict[str, dict[str, Any]]

    def clip(self, file: TrueFile) -> dict[str, Any]:
        return self.details[shown_path(file.path)]


@pytest.fixture(scope="module", params=NAMES)
def ingested(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]
) -> Ingested:
    place = tmp_path_factory.mktemp("cards")
    true = a_card(request.param, place / "card")
    if true is None:
        pytest.skip(f"no shared cards beside the project: {SHARED_CARDS}")
    dock, before = new_dock(place / "home"), seen(true.folder)
    report = dock.ingest(true.folder)
    with dock.opened() as station:
        details = as_printed({path: clips.details(station.database, clip["id"]) for path, clip in report.filed.items()})
    return Ingested(true, dock, report, before, details)


def test_filed_held_and_skipped_are_the_true_ones(ingested: Ingested) -> None:
    wanted = {outcome: paths(ingested.true, outcome) for outcome in ("filed", "skipped", "duplicate")}
    assert set(ingested.report.filed) == wanted["filed"]
    assert ingested.report.held == {}
    assert set(ingested.report.skipped) == wanted["skipped"] | wanted["duplicate"]
    assert {path for path, one in ingested.report.skipped.items() if one["clip"] is None} == wanted["skipped"]
    assert ingested.dock.held() == {}
    assert {clip["path"]: clip for clip in ingested.dock.every_clip()} == ingested.report.filed


def test_a_copy_is_skipped_with_the_clip_of_its_original(ingested: Ingested) -> None:
    copies = ingested.true.with_outcome("duplicate")
    assert copies
    for file in copies:
        assert file.duplicate_of is not None
        original = ingested.report.filed[shown_path(file.duplicate_of)]
        assert ingested.report.skipped[shown_path(file.path)]["clip"] == original["id"]


def test_every_file_is_what_it_truly_is(ingested: Ingested) -> None:
    for file in ingested.true.with_outcome("filed"):
        clip = ingested.clip(file)
        assert (clip["size_bytes"], clip["sha256"], clip["sm3"]) == (file.size_bytes, file.sha256, file.sm3)
        assert (clip["kind"], tuple(clip["marks"])) == (file.kind, file.marks), clip["path"]
        assert clip["path_hex"] == file.path.hex()
        if file.playable is not None:
            assert clip["playable"] is file.playable, clip["path"]
        if file.playable is False:
            assert clip["media"]["note"]


def test_a_chinese_name_is_shown_and_its_bytes_are_kept(ingested: Ingested) -> None:
    (file,) = [file for file in ingested.true.with_outcome("filed") if not is_utf8(file.path)]
    shown = file.path.decode("gbk")
    assert "现场" in shown
    clip = ingested.dock.show(ingested.clip(file)["id"])
    assert (clip["path"], clip["path_hex"]) == (shown, file.path.hex())
    assert shown.rpartition("/")[2] in ingested.dock.run("clips", "list").stdout


def test_every_start_lies_within_what_is_allowed_for_it(ingested: Ingested) -> None:
    for file in ingested.true.with_outcome("filed"):
        if file.starts_at is None:
            continue
        clip = ingested.clip(file)
        told, allowed = datetime.fromisoformat(clip["starts_at"]), timedelta(seconds=clip["starts_at_uncertainty_s"])
        assert abs(told - file.starts_at) <= allowed, clip
        assert told.tzinfo is not None
        assert clip["starts_at_source"] in {"docking", *(claim["source"] for claim in clip["times"])}


def test_first_positions_are_the_true_ones(ingested: Ingested) -> None:
    located = [file for file in ingested.true.with_outcome("filed") if file.first_fix]
    assert located
    for file in located:
        assert file.first_fix is not None
        first = ingested.clip(file)["first_fix"]
        assert first is not None, file.path
        within = DEGREES if first["at"] else PLACE_DEGREES
        assert first["lat"] == pytest.approx(file.first_fix.latitude_deg, abs=within)
        assert first["lon"] == pytest.approx(file.first_fix.longitude_deg, abs=within)
        assert first["at"] is None or datetime.fromisoformat(first["at"]) == file.first_fix.at


def test_a_sidecar_is_tied_to_its_clip(ingested: Ingested) -> None:
    for file in ingested.true.with_outcome("filed"):
        clip = ingested.clip(file)
        if file.belongs_to is None:
            assert clip["sidecar_of"] == []
            continue
        main = ingested.details[shown_path(file.belongs_to)]
        assert main["sidecars"] == [clip["id"]]
        assert clip["sidecar_of"] == [main["id"]]
        assert clip["manifest"]["body"]["source"]["beside"] == file.belongs_to.hex()


def test_the_vault_holds_each_content_once(ingested: Ingested) -> None:
    digests = {file.sha256 for file in ingested.true.with_outcome("filed")}
    assert [path.name for path in ingested.dock.objects()] == sorted(digests)
    assert len(ingested.dock.objects("manifests")) == len(ingested.report.filed)
    assert ingested.dock.leavings() == []
    ingested.dock.verify()


def test_the_card_is_only_read_and_a_second_ingest_copies_nothing(ingested: Ingested) -> None:
    vault = seen(ingested.dock.home / "vault")
    again = ingested.dock.ingest(ingested.true.folder)
    assert again.filed == again.held == {}
    assert set(again.skipped) == {shown_path(file.path) for file in ingested.true.files}
    known = {path: one["clip"] for path, one in again.skipped.items() if path in ingested.report.filed}
    assert known == {path: clip["id"] for path, clip in ingested.report.filed.items()}
    assert seen(ingested.dock.home / "vault") == vault
    assert seen(ingested.true.folder) == ingested.before


def paths(true: TrueCard, outcome: Any) -> set[str]:
    return {shown_path(file.path) for file in true.with_outcome(outcome)}


def is_utf8(path: bytes) -> bool:
    try:
        path.decode()
    except UnicodeDecodeError:
        return False
    return True
