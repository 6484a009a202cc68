"""Retention of a whole station: locks grow with links, two people dispose, nothing goes before its day."""

from __future__ import annotations

import errno
import hashlib
import io
import json
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import text

from catalog.clips import clips
from catalog.errors import AlreadyDisposed, DisposalNeedsAnother, DisposalNotAsked, NotDue
from catalog.keeping import disposals
from catalog.rules.access import Action
from catalog.trail import trail
from docking_station.commands import vault as vault_commands
from docking_station.services.dispose import dispose_clip
from docking_station.services.pull import pull_clip
from docking_station.station.errors import DisposalNotConfirmed
from docking_station.station.station import Station
from docking_station.terminal.disposal import ask_second
from ingest.custody.originals import originals
from ingest.custody.record_locks import RecordLocks
from ingest.custody.timestamps import stamp_key
from ingest.errors import RecordsDisagree
from ingest.filing import CatalogFiler
from ingest.sealing import manifest_key, original_key, signature_key
from tests.fakes import old_acts
from tests.fakes.callers import allowed
from tests.fakes.faults import Crash, Faulty
from tests.scenario.dock import demand_whole
from tests.scenario.keeping import Years, record_locks, somebody
from vault.contract import Stored, Vault
from vault.errors import LockHolds, VaultUnreachable

HALF_A_YEAR = 185


def stored(station: Station, clip: str) -> Stored | None:
    (row,) = station.database.query("SELECT sha256 FROM clip WHERE id = :id", {"id": clip})
    return station.vault.find(original_key(row["sha256"]))


def due(station: Station) -> set[str]:
    return {row["id"] for one in station.disposer.due(station.now()) for row in one.clips}


def test_nothing_is_due_before_its_lock_has_ended(years: Years, clip: str) -> None:
    with years.at(1) as station:
        assert due(station) == set()
        with pytest.raises(NotDue):
            dispose_clip(station, station.caller, clip, "no use")
    with years.at(HALF_A_YEAR) as station:
        assert clip in due(station)


def test_a_linked_clip_is_held_and_its_lock_rolls_on(years: Years, clip: str) -> None:
    years.dock.run("clips", "link", clip, "--case", "C1")
    with years.at(0) as station:
        found = stored(station, clip)
        assert found is not None
        assert found.on_legal_hold
        first = found.retain_until
    for days in (100, 200, 300, 400):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            found = stored(station, clip)
            assert found is not None
            assert found.retain_until > station.now() + timedelta(days=60)
            assert clip not in due(station)
            with pytest.raises(NotDue):
                dispose_clip(station, station.caller, clip, "no use")
    with years.at(400) as station:
        lines = trail.lines(station.database, subject=clip)
        found = stored(station, clip)
    assert found is not None
    assert found.retain_until > first
    assert [line.entry.action for line in lines].count("clip.lock-extended") >= 3
    unlink(years, clip, 400)
    with years.at(400) as station:
        demand_whole(station)
        station.locks.keep_all(station.now(), lambda: False)
        after = stored(station, clip)
        assert after is not None
        assert not after.on_legal_hold
        assert after.retain_until == found.retain_until, "the hold ends, the lock never"
        assert clip not in due(station)


def unlink(years: Years, clip: str, days: float) -> None:
    """End a clip's link on that day: the command would be refused, for its clock is behind the trail."""
    with years.at(days) as station:
        act = old_acts.unlinking(clip, reason="not of this case", at=station.now(), actor="custodian")
        station.act_writer.carry_out(act)


def beside(years: Years) -> tuple[str, str]:
    """A clip that nothing marks, and the log of positions beside it."""
    for one in years.dock.every_clip():
        with years.at(0) as station:
            sidecars = clips.sidecars_of(station.database, str(one["id"]))
        if sidecars and not one["marks"]:
            return str(one["id"]), sidecars[0]
    raise AssertionError("no clip of the card has a sidecar")


def test_a_sidecar_is_kept_as_long_as_the_clip_it_stands_beside(years: Years) -> None:
    clip, sidecar = beside(years)
    with years.at(HALF_A_YEAR) as station:
        assert {clip, sidecar} <= due(station)
    years.dock.run("clips", "link", clip, "--case", "C1")
    with years.at(0) as station:
        held = stored(station, sidecar)
        assert held is not None
        assert held.on_legal_hold, "as soon as the clip is linked"
    for days in (100, 200, 300, 400):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            found = stored(station, sidecar)
            assert found is not None
            assert found.on_legal_hold
            assert found.retain_until > station.now() + timedelta(days=60)
            assert sidecar not in due(station)
            with pytest.raises(NotDue, match="case file"):
                dispose_clip(station, station.caller, sidecar, "no use")
            assert station.disposer.disagreeing == []
    unlink(years, clip, 400)
    with years.at(2000) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert {clip, sidecar} <= due(station)
        demand_whole(station)


@pytest.mark.parametrize("recorder", ["TA00716", None])
def test_a_sidecar_that_was_filed_after_its_clip_is_kept_with_it_as_well(
    years: Years, tmp_path: Path, recorder: str | None
) -> None:
    name = "TA00716_JX0001_20260305090000_0001" if recorder else "MOV_0001"
    card, dock = tmp_path / "late", years.dock
    card.mkdir()
    (card / f"{name}.MP4").write_bytes(b"film")
    dock.run("ingest", card)
    (card / f"{name}.NMEA").write_bytes(b"$GPRMC,090000,V,,,,,,,050326,,*2A")
    dock.run("ingest", card)
    paths = dock.clips()
    clip, sidecar = (str(paths[f"{name}{ending}"]["id"]) for ending in (".MP4", ".NMEA"))
    assert paths[f"{name}.NMEA"]["recorder"] == recorder
    with years.at(HALF_A_YEAR) as station:
        assert clips.sidecars_of(station.database, clip) == [sidecar]
        assert {clip, sidecar} <= due(station)
    dock.run("clips", "link", clip, "--case", "C1")
    with years.at(0) as station:
        held = stored(station, sidecar)
        assert held is not None
        assert held.on_legal_hold, "as soon as the clip is linked"
    for days in (100, 400):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            found = stored(station, sidecar)
            assert found is not None
            assert found.retain_until > station.now() + timedelta(days=60)
            assert sidecar not in due(station)
            with pytest.raises(NotDue, match="case file"):
                dispose_clip(station, station.caller, sidecar, "no use")
            assert station.disposer.disagreeing == []
    for forged in (
        "INSERT INTO sidecar (clip_id, sidecar_id) VALUES ('c-none', :id)",
        "DELETE FROM sidecar WHERE sidecar_id = :id",
    ):
        with years.at(400) as station:
            with station.database.transaction() as session:
                session.connection().execute(text(forged), {"id": sidecar})
            assert sidecar not in due(station), "a tie that nobody signed frees nothing"
    unlink(years, clip, 400)
    with years.at(2000) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert {clip, sidecar} <= due(station)


def test_the_clip_alone_is_no_reason_to_keep_what_is_not_beside_it(years: Years) -> None:
    clip, sidecar = beside(years)
    years.dock.run("clips", "link", sidecar, "--case", "C1")
    with years.at(HALF_A_YEAR, "first") as station:
        assert sidecar not in due(station)
        assert clip in due(station), "a clip is not kept for its sidecar"
        dispose_clip(station, station.caller, clip, "over")
    unlink(years, sidecar, HALF_A_YEAR)
    with years.at(2000, "second") as station:
        dispose_clip(station, station.caller, clip, None)
        station.locks.keep_all(station.now(), lambda: False)
        assert sidecar in due(station), "a clip that is gone keeps nothing"


def test_a_longer_class_of_the_policy_lengthens_every_lock(years: Years, clip: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("[retention]\nmonths = 12\n")
    years.dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    with years.at(1) as station:
        assert station.locks.keep_all(station.now(), lambda: False) > 1
        assert station.locks.keep_all(station.now(), lambda: False) == 0
    (tmp_path / "policy.toml").write_text("[retention]\nmonths = 6\n")
    years.dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    with years.at(HALF_A_YEAR) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert clip not in due(station), "a lock is never shortened"
    with years.at(370) as station:
        assert clip in due(station)
    years.dock.verify()


def test_what_was_sealed_under_a_longer_policy_is_not_due_by_a_shorter_one(
    years: Years, clip: str, tmp_path: Path
) -> None:
    for months in (24, 6):
        (tmp_path / "policy.toml").write_text(f"[retention]\nmonths = {months}\n")
        years.dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    with years.at(370) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert clip not in due(station)
    with years.at(740) as station:
        assert clip in due(station)


def test_a_link_that_is_corrected_shortens_nothing_that_was_promised(years: Years, clip: str, tmp_path: Path) -> None:
    def demanded(station: Station) -> tuple[object, object]:
        (one,) = originals(station.database, clip)
        return one.keep(station.locks.policy()), station.signed.of_clip(clip).keep(station.signed.retentions())

    years.dock.run("cases", "add", "C2", "--title", "x")
    for linked, case in (("'permanent'", "C1"), ("12", "C1"), ("12", "C2")):
        (tmp_path / "policy.toml").write_text(f"[retention]\nlinked = {linked}\n")
        years.dock.run("policy", "adopt", tmp_path / "policy.toml")
        years.dock.run("clips", "link", clip, "--case", case)
    with years.at(400) as station:
        assert demanded(station) == ("permanent", "permanent"), "by the rows and by what is signed"
        station.locks.keep_all(station.now(), lambda: False)
        found = stored(station, clip)
        assert found is not None
        assert found.on_legal_hold
        assert clip not in due(station)
    unlink(years, clip, 401)
    with years.at(420) as station:
        station.act_writer.carry_out(old_acts.linking(clip, "C1", reason=None, at=station.now(), actor="third"))
        assert demanded(station) == (12, 12), "what was unlinked meanwhile is linked anew"


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
def test_a_lock_that_grew_half_way_grows_for_all_that_proves_the_original(
    years: Years, clip: str, tmp_path: Path, nth: int, applied: bool
) -> None:
    (tmp_path / "policy.toml").write_text("[retention]\nmonths = 12\n")
    years.dock.run("policy", "adopt", tmp_path / "policy.toml", "--yes")
    with years.at(1) as station:
        station.locks.vault = Faulty(station.vault, "extend", nth, applied=applied, error=Crash())
        with pytest.raises(Crash):
            station.locks.keep_clip(clip, station.now())
    with years.at(1) as station:
        station.locks.keep_clip(clip, station.now())
        found = stored(station, clip)
        (row,) = station.database.query("SELECT sha256 FROM manifest WHERE clip_id = :id", {"id": clip})
        papers = [station.vault.find(key(row["sha256"])) for key in (manifest_key, signature_key)]
        assert found is not None
        assert [paper and paper.retain_until for paper in papers] == [found.retain_until] * 2
        assert found.retain_until > station.now() + timedelta(days=360)


def test_two_people_dispose_and_the_digests_stay(years: Years, clip: str, tmp_path: Path) -> None:
    with years.at(HALF_A_YEAR, "first as root") as station:
        with pytest.raises(DisposalNotAsked):
            dispose_clip(station, station.caller, clip, None)
        assert dispose_clip(station, station.caller, clip, "over") == ("asked", clip)
        assert stored(station, clip) is not None
    for same in ("first", "first as evidock"):
        with years.at(HALF_A_YEAR, same) as station, pytest.raises(DisposalNeedsAnother):
            dispose_clip(station, station.caller, clip, "over")
    with years.at(HALF_A_YEAR, "second") as station:
        assert dispose_clip(station, station.caller, clip, None) == ("disposed", clip)
        assert stored(station, clip) is None
        (line,) = (one for one in trail.lines(station.database, subject=clip) if one.entry.action == "clip.disposed")
        told = json.loads(line.details)
        assert (told["asked_by"], line.entry.actor, told["reason"]) == ("first as root", "second", "over")
        assert clip not in due(station)
        assert dispose_clip(station, station.caller, clip, None) == ("disposed", clip), "done twice is done"
        with pytest.raises(AlreadyDisposed):
            station.act_writer.carry_out(disposals.asking(clip, reason="x", at=station.now(), by=somebody("third")))
        with pytest.raises(AlreadyDisposed):
            pull_clip(station, allowed(station, Action.COPY, clip), tmp_path / "pulled")
        assert not list((tmp_path / "pulled").iterdir())
    acts = [json.loads(path.read_bytes()) for path in years.dock.objects("acts")]
    (tombstone,) = (act for act in acts if act["action"] == "clip.disposed")
    assert len(tombstone["details"]["sha256"]) == len(tombstone["details"]["sm3"]) == 64
    years.dock.verify()
    into = f"sqlite:///{tmp_path}/again.db"
    assert years.dock.run("rebuild", "--into", into, "--json").document["faults"] == []


@pytest.mark.parametrize(("typed", "is_sure"), [("dispose\n", True), ("处置\n", True), ("y\n", False), ("", False)])
def test_the_second_person_is_shown_what_goes_and_why_and_types_a_word(
    years: Years,
    clip: str,
    typed: str,
    is_sure: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with years.at(HALF_A_YEAR, "first") as station:
        ask_second(station, station.caller, clip, UTC)
        dispose_clip(station, station.caller, clip, "no use any more")
        ask_second(station, station.caller, clip, UTC)
        assert capsys.readouterr().out == "", "nobody asks the first"
    with years.at(HALF_A_YEAR, "second") as station:
        if is_sure:
            ask_second(station, station.caller, clip, UTC)
        else:
            with pytest.raises(DisposalNotConfirmed):
                ask_second(station, station.caller, clip, UTC)
        shown = capsys.readouterr().out
        assert all(one in shown for one in (clip, "first", "no use any more", ".MP4"))
    with years.at(1, "second") as station, pytest.raises(NotDue):
        ask_second(station, station.caller, clip, UTC)


def test_several_clips_are_asked_for_and_confirmed_by_one_command(
    years: Years, clip: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = sorted({clip, *(str(one["id"]) for one in years.dock.every_clip() if one["kind"] == "image")})
    assert len(wanted) > 1
    for actor, state in (("first", "asked"), ("second", "disposed")):
        monkeypatch.setattr("docking_station.commands.vault.opened", lambda actor=actor: years.at(HALF_A_YEAR, actor))
        monkeypatch.setattr("docking_station.commands.vault.caller", lambda actor=actor: somebody(actor))
        vault_commands.dispose([*wanted, wanted[0]], "over", as_json=True)
        assert json.loads(capsys.readouterr().out) == [{"clip": one, "state": state} for one in wanted]
    with years.at(HALF_A_YEAR) as station:
        assert [stored(station, one) for one in wanted] == [None] * len(wanted)
    years.dock.verify()


def test_a_disposed_clip_that_comes_again_is_held_by_name(years: Years, clip: str) -> None:
    """The walk asks the filer whether it knows these bytes; an error of the filer holds the file for a person."""
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, clip, "over")
        assert CatalogFiler(station.database).has(clip)
    with years.at(HALF_A_YEAR, "second") as station:
        dispose_clip(station, station.caller, clip, None)
        with pytest.raises(AlreadyDisposed, match=clip):
            CatalogFiler(station.database).has(clip)


def test_the_commands_say_what_is_due_and_refuse_the_rest(years: Years, clip: str) -> None:
    assert years.dock.run("vault", "due", "--json").document == []
    assert years.dock.run("vault", "dispose", clip, "--reason", "x", "--json", status=55).error == "catalog.not-due"


def test_a_lock_that_is_longer_than_the_catalog_says_is_obeyed(years: Years, clip: str) -> None:
    """Whoever writes an earlier day into the catalog's table gains nothing: the vault is asked, and refuses."""
    with years.at(1, "first") as station:
        with station.database.transaction() as session:
            session.connection().execute(text("UPDATE clip SET retain_until = '2020-01-01 00:00:00.000000'"))
            session.connection().execute(text("UPDATE clip SET sealed_at = '2020-01-01 00:00:00.000000'"))
        assert due(station) == set()
        with pytest.raises(NotDue):
            dispose_clip(station, station.caller, clip, "x")
        with station.database.transaction() as session:
            at = "'2020-01-01 00:00:00.000000'"
            values = f"('{clip}', {at}, 'a', 'x', {at}, 'b')"
            session.connection().execute(text(f"INSERT INTO disposal VALUES {values}"))
        with pytest.raises(RecordsDisagree):
            station.disposer.let_go(clip, station.now())
        found = stored(station, clip)
        assert found is not None
        with pytest.raises(LockHolds):
            station.vault.discard(found.key, station.now())
        assert stored(station, clip) is not None


@pytest.mark.parametrize("call", ["put_document", "discard"])
@pytest.mark.parametrize("applied", [False, True], ids=["refused", "unheard"])
def test_a_disposal_that_broke_off_is_finished_and_never_without_its_trail_line(
    years: Years, clip: str, call: str, applied: bool
) -> None:
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, clip, "over")
    with years.at(HALF_A_YEAR, "second") as station:
        station.__dict__["own_vault"] = Faulty(station.vault, call, 1, applied=applied, error=Crash())
        with pytest.raises(Crash):
            dispose_clip(station, station.caller, clip, None)
        lines = [line.entry.action for line in trail.lines(station.database, subject=clip)]
        assert stored(station, clip) is not None or "clip.disposed" in lines
    with years.at(HALF_A_YEAR, "second") as station:
        with station.changing("acts", wait=True):
            station.act_writer.catch_up()
            station.disposer.finish(station.now())
        assert stored(station, clip) is None
        lines = [line.entry.action for line in trail.lines(station.database, subject=clip)]
        assert lines.count("clip.disposed") == 1
    years.dock.verify()


def test_the_time_stamp_of_a_record_is_kept_as_long_as_the_record(years: Years) -> None:
    years.dock.run("trail", "checkpoint")
    with years.at(1) as station:
        (checkpoint,) = station.vault.keys("checkpoints")
        with station.vault.open(checkpoint) as file:
            stamp = stamp_key(hashlib.sha256(file.read()).hexdigest())
        station.vault.put_document(stamp, b"a stamp", station.now() + timedelta(days=180))
    with years.at(150) as station:
        record_locks(station).roll_on(station.now(), lambda: False)
        found = station.vault.find(stamp)
        assert found is not None
        assert found.retain_until > station.now() + timedelta(days=150)


def test_records_are_kept_for_ever_by_locks_that_roll_on(years: Years) -> None:
    years.dock.run("trail", "checkpoint")
    with years.at(150) as station:
        locks = record_locks(station)
        grown = locks.roll_on(station.now(), lambda: False)
        assert grown >= 4, "key, checkpoint, act and its signature"
        assert locks.roll_on(station.now(), lambda: False) == 0
        for folder in ("keys", "acts", "checkpoints"):
            for key in station.vault.keys(folder):
                found = station.vault.find(key)
                assert found is not None
                assert found.retain_until > station.now() + timedelta(days=150)


class Unreadable:
    """A vault on a disk that cannot read some objects, and finds them. Contract: all else is the real one's."""

    def __init__(self, real: Vault, *keys: str) -> None:
        self._real, self._keys = real, keys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def open(self, key: str) -> BinaryIO:
        if key in self._keys:
            raise OSError(errno.EIO, "Input/output error")
        return self._real.open(key)


def test_a_record_that_cannot_be_read_keeps_no_other_from_rolling_on(years: Years) -> None:
    for number in range(2):
        years.dock.run("cases", "add", f"R{number}", "--title", "x")
        years.dock.run("trail", "checkpoint")
    with years.at(150) as station:
        key, *_ = station.vault.keys("keys")
        vault: Any = Unreadable(station.own_vault, key)
        locks = RecordLocks(vault, station.database, station.settings.lock_months)
        with pytest.raises(VaultUnreachable, match="Input/output"):
            locks.roll_on(station.now(), lambda: False)
        for folder in ("keys", "acts", "checkpoints"):
            for each in station.vault.keys(folder):
                found = station.vault.find(each)
                assert found is not None
                assert found.retain_until > station.now() + timedelta(days=150)
