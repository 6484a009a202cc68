"""A station at work is no forged one: what others do while somebody looks at its evidence is no finding."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from catalog.keeping import fixity
from catalog.keeping.fixity import ORIGINAL_DAMAGED
from catalog.trail import trail
from docking_station.services.dispose import dispose_clip
from docking_station.services.vault_check import check_vault
from docking_station.services.verify import verify_clips
from docking_station.station.station import Station
from ingest.custody.scrub import Scrubber
from tests.fakes.callers import ME
from tests.scenario.keeping import Years
from tests.scenario.truth import make_small_card
from vault.backends.directory import DirectoryVault

OVER = 600
"""Days after which everything unlinked may go."""


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[None]]:
    """Has something happen before a call of the vault that is about one key; what happened is counted."""

    def arrange(call: str, about: str, work: Callable[[], object]) -> list[None]:
        real, happened, lock = getattr(DirectoryVault, call), list[None](), threading.RLock()

        def called(vault: DirectoryVault, key: str, *rest: Any) -> Any:
            with lock:
                if about in key and not happened:
                    happened.append(None)
                    work()
            return real(vault, key, *rest)

        monkeypatch.setattr(DirectoryVault, call, called)
        return happened

    return arrange


def original(station: Station, clip: str) -> str:
    """The digest of a clip's original, which is the end of its key."""
    return fixity.of_clip(station.database, clip).sha256


def dispose(years: Years, clip: str) -> None:
    """Two people, years later."""
    with years.at(OVER, "first") as station:
        station.locks.keep_all(station.now(), lambda: False)
        dispose_clip(station, station.caller, clip, "x")
    with years.at(OVER, "second") as station:
        dispose_clip(station, station.caller, clip, None)


def test_a_clip_that_is_linked_while_it_is_read_differs_in_nothing(
    years: Years, clip: str, meanwhile: Callable[..., list[None]]
) -> None:
    with years.at(0) as station:
        work = partial(years.dock.run, "clips", "link", clip, "--case", "C1")
        happened = meanwhile("open", original(station, clip), work)
        assert verify_clips(station, ME, None).findings == ()
    assert happened == [None]


@pytest.mark.parametrize("level", ["metadata", "lock", "bytes"])
def test_a_clip_that_is_disposed_of_while_the_vault_is_checked_is_not_missing(
    years: Years, clip: str, meanwhile: Callable[..., list[None]], level: str
) -> None:
    with years.at(OVER) as station:
        call = "open" if level == "bytes" else "find"
        happened = meanwhile(call, original(station, clip), lambda: dispose(years, clip))
        assert check_vault(station, ME, level).findings == ()
    assert happened == [None]


def test_a_clip_that_is_disposed_of_while_it_waits_to_be_read_again_is_not_damaged(
    years: Years, clip: str, meanwhile: Callable[..., list[None]]
) -> None:
    with years.at(OVER) as station:
        happened = meanwhile("open", original(station, clip), lambda: dispose(years, clip))
        every, scratch = timedelta(days=90), station.home.root / "mending"
        scrubber = Scrubber(station.own_vault, station.database, every, 1e12, threading.Event(), station.now, scratch)
        assert scrubber.round(60).damaged == ()
        assert list(trail.lines_of(station.database, (ORIGINAL_DAMAGED,))) == []
    assert happened == [None]


def test_a_card_that_is_filed_while_all_is_verified_is_no_stranger(
    years: Years, tmp_path: Path, meanwhile: Callable[..., list[None]]
) -> None:
    make_small_card(tmp_path / "EV00002", "EV00002")
    with years.at(0) as station:
        before = len(years.dock.every_clip())
        happened = meanwhile("keys", "manifests", lambda: years.dock.ingest(tmp_path / "EV00002"))
        verdict = verify_clips(station, ME, None)
        assert (verdict.findings, verdict.count) == ((), before)
    assert happened == [None]
    assert len(years.dock.every_clip()) > before
