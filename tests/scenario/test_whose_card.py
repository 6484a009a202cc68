"""Whose card it is, by hand: what a person states, file names and the card's own record against one another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devices import own_record
from tests.scenario.dock import Dock

CONTRADICTED = "ingest.recorder-contradicted"


def film(card: Path, number: str) -> Path:
    path = card / "DCIM" / f"{number}_JX0001_20260305090000.MP4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(number.encode() * 100)
    return card


def record(card: Path, number: str) -> Path:
    card.mkdir(exist_ok=True)
    (card / "station_bind.ini").write_text(f"[binding]\nrecorder_serial={number}\n")
    return card


def refused(dock: Dock, card: Path, *options: str) -> str:
    answer = dock.run("ingest", card, "--json", *options, status=24)
    assert answer.error == CONTRADICTED
    assert dock.clips() == {}
    return str(answer.document["error"]["message"])


def test_what_is_typed_and_what_file_names_say_must_agree(dock: Dock, tmp_path: Path) -> None:
    card = film(tmp_path / "card", "TA00716")
    told = refused(dock, card, "--recorder", "TA00717")
    assert "TA00716" in told
    assert "TA00717" in told
    (clip,) = dock.ingest(card, "--recorder", "TA00716").filed.values()
    assert clip["recorder"] == "TA00716"


def test_a_number_in_the_register_names_its_recorder(dock: Dock, tmp_path: Path) -> None:
    card = film(tmp_path / "card", "TA00716")
    dock.run("recorders", "add", "R-17", "--usb-serial", "S17", "--numbers", "TA00716")
    refused(dock, card, "--recorder", "R-18")
    (clip,) = dock.ingest(card, "--recorder", "R-17").filed.values()
    assert clip["recorder"] == "R-17"


def test_a_record_of_another_is_settled_by_who_says_whose_it_is(dock: Dock, tmp_path: Path) -> None:
    card = record(film(tmp_path / "card", "TA00716"), "TA00717")
    refused(dock, card)
    refused(dock, card, "--recorder", "TA00717")
    dock.run("recorders", "add", "TA00716", "--numbers", "TA00717")
    assert len(dock.ingest(card, "--recorder", "TA00716").filed) == 1


def test_a_folder_of_many_recorders_files_goes_by_each_name(dock: Dock, tmp_path: Path) -> None:
    folder = film(film(tmp_path / "folder", "TA00716"), "TA00717")
    refused(dock, folder, "--recorder", "TA00716")
    filed = dock.ingest(folder).filed.values()
    assert {clip["recorder"] for clip in filed} == {"TA00716", "TA00717"}


def test_the_label_of_a_card_in_a_reader_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_record, "UDEV_DATA", tmp_path)
    assert own_record.volume_label(tmp_path) is None
    device = tmp_path.stat().st_dev
    told = tmp_path / f"b{os.major(device)}:{os.minor(device)}"
    told.write_bytes(b"S:disk/by-label/TA00717\nE:ID_FS_TYPE=vfat\nE:ID_FS_LABEL=TA00717\n")
    assert own_record.volume_label(tmp_path) == "TA00717"
