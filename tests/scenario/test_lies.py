"""Whoever has the catalog's database changes its rows, and knows this program: nothing goes, and it is named."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.acts import policy
from catalog.errors import DisposalNotAsked, NotDue
from catalog.keeping import disposals
from catalog.rules.case_numbers import named
from catalog.rules.policy_text import EXAMPLE
from catalog.trail import trail
from docking_station.services.dispose import dispose_clip
from docking_station.services.verify import verify_clips
from docking_station.station.station import Station
from ingest.custody.retention import RELEASED
from ingest.custody.signed_records import SignedPolicy
from ingest.errors import RecordsDisagree
from ingest.sealing import original_key
from tests.fakes import old_acts
from tests.fakes.callers import ME
from tests.scenario.keeping import Years
from vault.contract import Stored

HALF_A_YEAR, LONG_AGO = 185, "2020-01-01 00:00:00.000000"


def as_root(years: Years, *statements: str) -> None:
    """What the triggers forbid is nothing to who may drop them."""
    with closing(sqlite3.connect(years.dock.home / "catalog.db")) as base, base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            base.execute(statement)


def done(clip: str) -> str:
    return f"INSERT INTO disposal VALUES ('{clip}', '{LONG_AGO}', 'first', 'x', '{LONG_AGO}', 'second')"


def stored(station: Station, clip: str) -> Stored:
    (row,) = station.database.query("SELECT body FROM manifest WHERE clip_id = :id", {"id": clip})
    found = station.vault.find(json.loads(row["body"])["sealing"]["original"])
    assert found is not None, "the original is gone"
    return found


def due(station: Station) -> set[str]:
    return {row["id"] for one in station.disposer.due(station.now()) for row in one.clips}


def differs(years: Years, clip: str) -> set[str]:
    """What `clips verify` names of a clip."""
    with years.at(0) as station:
        return {found.what for found in verify_clips(station, ME, [clip]).findings}


UNLINKED = ("DELETE FROM link",)
UNTOLD = (*UNLINKED, "DELETE FROM trail WHERE action = 'clip.link-added'")


@pytest.mark.parametrize("lie", [UNLINKED, UNTOLD], ids=["rows", "rows and trail"])
def test_a_link_that_is_struck_out_of_the_rows_ends_no_hold_and_lets_nothing_go(
    years: Years, clip: str, lie: tuple[str, ...]
) -> None:
    years.dock.run("clips", "link", clip, "--case", "C1")
    years.dock.run("cases", "add", "C2", "--title", "a later line: without the newest, the catalog is lost")
    as_root(years, *lie)
    for days in (0, 100, 200, 300):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            assert stored(station, clip).on_legal_hold
            assert [error.facts["clip"] for error in station.locks.disagreeing] in ([], [clip])
    with years.at(300, "first") as station:
        station.vault.set_legal_hold(original_key(station.signed.of_clip(clip).sha256), on=False)
    with years.at(900, "first") as station:
        assert clip not in due(station)
        assert [error.facts["clip"] for error in station.disposer.disagreeing] == [clip]
        with pytest.raises(RecordsDisagree, match=f"case id:{named('C1')}"):
            dispose_clip(station, station.caller, clip, "x")
    with years.at(0) as station:
        found = verify_clips(station, ME, None).findings
    assert {one.what for one in found if clip in (one.clip, one.expected)} or "trail" in {one.what for one in found}
    assert found


def test_a_mark_that_is_struck_out_ends_no_hold(years: Years) -> None:
    marked = next(str(one["id"]) for one in years.dock.every_clip() if "important" in one["marks"])
    with years.at(0) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert stored(station, marked).on_legal_hold
    as_root(years, "UPDATE clip SET marks = '[]'")
    with years.at(400) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert stored(station, marked).on_legal_hold
        assert stored(station, marked).retain_until > station.now(), "and its lock rolls on"
        assert marked not in due(station)


def test_a_policy_that_nobody_signed_shortens_nothing(years: Years, clip: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(EXAMPLE.replace("months = 6", "months = 24"))
    years.dock.run("policy", "adopt", tmp_path / "policy.toml")
    as_root(years, "UPDATE policy SET text = ''")
    with years.at(HALF_A_YEAR, "first") as station:
        assert clip not in due(station)
        with pytest.raises(RecordsDisagree, match="24 months"):
            dispose_clip(station, station.caller, clip, "x")


def test_nothing_is_erased_on_recorders_by_a_policy_that_nobody_signed(years: Years, tmp_path: Path) -> None:
    erasing, file, hour = EXAMPLE.replace('when = "never"', 'when = "after-receipt"'), tmp_path / "policy.toml", [0.0]
    with years.at(0) as station:
        asked = SignedPolicy(station.signed, lambda: policy.current(station.database), lambda: hour[0])
        assert asked().clearing == "never"
        as_root(years, f"INSERT INTO policy VALUES (1, '{LONG_AGO}', 'x', 'x', '[clearing]\nwhen = \"after-receipt\"')")
        with pytest.raises(RecordsDisagree, match="policy"):
            asked()
        as_root(years, "DELETE FROM policy")
        for text in (erasing, EXAMPLE):
            file.write_text(text)
            years.dock.run("policy", "adopt", file, "--yes")
            assert asked().clearing == ("never" if text == EXAMPLE else "after-receipt")
        as_root(years, "DELETE FROM policy WHERE version = 2")
        hour[0] += 3600
        with pytest.raises(RecordsDisagree):
            asked()


def test_a_sealing_that_is_dated_back_shortens_nothing(years: Years, clip: str, tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text(EXAMPLE.replace("months = 6", "months = 24"))
    years.dock.run("policy", "adopt", tmp_path / "policy.toml")
    as_root(years, f"UPDATE clip SET sealed_at = '{LONG_AGO}', retain_until = '{LONG_AGO}'")
    with years.at(HALF_A_YEAR, "first") as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert due(station) == set()
        with pytest.raises(RecordsDisagree, match="24 months"):
            dispose_clip(station, station.caller, clip, "x")


def test_a_disposal_that_nobody_signed_removes_nothing(years: Years, clip: str) -> None:
    as_root(years, done(clip))
    with years.at(HALF_A_YEAR) as station:
        with pytest.raises(RecordsDisagree, match="two people"):
            station.disposer.finish(station.now())
        stored(station, clip)
    assert differs(years, clip) == {"disposal"}


def test_the_lock_of_a_linked_clip_rolls_on_whatever_a_row_says_of_its_disposal(years: Years, clip: str) -> None:
    years.dock.run("clips", "link", clip, "--case", "C1")
    as_root(years, done(clip))
    for days in (100, 200, 300):
        with years.at(days) as station:
            with pytest.raises(RecordsDisagree):
                station.disposer.finish(station.now())
            assert stored(station, clip).on_legal_hold
            assert stored(station, clip).retain_until > station.now() + timedelta(days=30)


def test_a_disposal_that_only_the_trail_tells_removes_nothing(years: Years, clip: str) -> None:
    as_root(years, done(clip))
    with years.at(HALF_A_YEAR) as station:
        with station.database.transaction() as session:
            told = {"asked_by": "first", "reason": "x"}
            trail.append(session, trail.Entry(station.now(), "second", "clip.disposed", clip, told))
        with pytest.raises(RecordsDisagree, match="nobody signed"):
            station.disposer.finish(station.now())
        stored(station, clip)


def test_an_original_stays_for_another_clip_of_its_bytes_whose_rows_are_gone(years: Years, clip: str) -> None:
    (row,) = (one for one in years.dock.every_clip() if one["id"] == clip)
    with years.at(0) as station, station.database.transaction() as session:
        told = {"case": None, "manifest": "x", "sha256": row["sha256"]}
        trail.append(session, trail.Entry(station.now(), "x", "clip.filed", "cgone", told))
    with years.at(HALF_A_YEAR, "first") as station:
        others = due(station)
        assert others
        assert clip not in others
        assert [error.facts["clip"] for error in station.disposer.disagreeing] == ["cgone"]
        with pytest.raises(RecordsDisagree, match="cgone"):
            dispose_clip(station, station.caller, clip, "x")


def test_another_original_does_not_go_in_the_stead_of_one_that_was_disposed_of(years: Years, clip: str) -> None:
    other = next(one for one in years.dock.every_clip() if one["id"] != clip and one["kind"] == "video")
    for actor in ("first", "second"):
        with years.at(HALF_A_YEAR, actor) as station:
            dispose_clip(station, station.caller, clip, "over")
    as_root(
        years,
        f"UPDATE clip SET sha256 = 'x' WHERE id = '{other['id']}'",
        f"UPDATE clip SET sha256 = '{other['sha256']}' WHERE id = '{clip}'",
    )
    with years.at(HALF_A_YEAR) as station:
        with pytest.raises(RecordsDisagree):
            station.disposer.finish(station.now())
        stored(station, str(other["id"]))


def test_nobody_disposes_alone_with_a_first_person_out_of_the_database(years: Years, clip: str) -> None:
    as_root(years, f"INSERT INTO disposal VALUES ('{clip}', '{LONG_AGO}', 'somebody', 'x', NULL, NULL)")
    with years.at(HALF_A_YEAR, "alone") as station:
        with pytest.raises(DisposalNotAsked):
            dispose_clip(station, station.caller, clip, None)
        assert dispose_clip(station, station.caller, clip, "x") == ("asked", clip)
        stored(station, clip)
        assert station.disposer.asked(clip) is not None


def test_who_asked_before_the_clip_was_linked_asks_again(years: Years, clip: str) -> None:
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, clip, "over")
    with years.at(HALF_A_YEAR + 1, "second") as station:
        station.act_writer.carry_out(old_acts.linking(clip, "C1", reason=None, at=station.now(), actor="third"))
        station.locks.keep_clip(clip, station.now())
        with pytest.raises(NotDue):
            dispose_clip(station, station.caller, clip, None)
    with years.at(HALF_A_YEAR + 2, "second") as station:
        station.act_writer.carry_out(old_acts.unlinking(clip, reason="x", at=station.now(), actor="third"))
    with years.at(900, "second") as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert stored(station, clip).retain_until < station.now(), "its lock has ended by then"
        assert station.disposer.asked(clip) is None
        with pytest.raises(DisposalNotAsked):
            dispose_clip(station, station.caller, clip, None)
        assert dispose_clip(station, station.caller, clip, "still over") == ("asked", clip)
    with years.at(901, "first") as station:
        assert dispose_clip(station, station.caller, clip, None) == ("disposed", clip)
        lines = trail.lines(station.database, subject=clip)
        (tombstone,) = (one for one in lines if one.entry.action == "clip.disposed")
        told = json.loads(tombstone.details)
        assert (told["asked_by"], told["reason"]) == ("second", "still over")
        assert disposals.is_done(station.database, clip)
    again = years.dock.run("rebuild", "--into", f"sqlite:///{years.dock.home}/again.db", "--json")
    assert again.document["faults"] == []


def test_a_link_that_a_crash_left_on_its_way_counts_before_anything_goes(years: Years, clip: str) -> None:
    for days, actor in ((HALF_A_YEAR, "first"), (HALF_A_YEAR + 1, "second")):
        with years.at(days, actor) as station:
            if actor == "second":
                body = old_acts.linking(clip, "C1", reason=None, at=station.now(), actor="third").body()
                station.journal.intend(body, station.signer.sign(body))
                with pytest.raises(NotDue):
                    dispose_clip(station, station.caller, clip, None)
                stored(station, clip)
            else:
                dispose_clip(station, station.caller, clip, "over")


def test_the_record_of_a_disposal_has_the_sealed_digests_and_not_those_of_the_row(years: Years, clip: str) -> None:
    (sealed,) = (one for one in years.dock.every_clip() if one["id"] == clip)
    with years.at(HALF_A_YEAR, "first") as station:
        dispose_clip(station, station.caller, clip, "over")
    as_root(years, f"UPDATE clip SET sm3 = '{'0' * 64}', path = 'harmless.mp4' WHERE id = '{clip}'")
    with years.at(HALF_A_YEAR, "second") as station:
        dispose_clip(station, station.caller, clip, None)
        vouched = station.signed.of_clip(clip)
    assert vouched.disposed is not None
    assert [vouched.disposed.details[name] for name in ("sm3", "path")] == [sealed["sm3"], sealed["path"]]


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE clip SET retain_until = '2126-01-01 00:00:00.000000'",
        "UPDATE clip SET sealed_at = '2126-01-01 00:00:00.000000'",
        f"INSERT INTO policy VALUES (1, '{LONG_AGO}', 'x', 'x', '[retention]\nmonths = 1200')",
    ],
    ids=["lock", "sealing", "policy"],
)
def test_a_lock_is_not_made_longer_than_anything_that_was_signed_says(years: Years, clip: str, lie: str) -> None:
    """No storage takes back a lock that a lie made last for a hundred years."""
    with years.at(0) as station:
        before = stored(station, clip).retain_until
    as_root(years, lie)
    for days in (1, 2, 100):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            assert stored(station, clip).retain_until == before
    assert differs(years, clip) or "policy" in lie


def test_a_link_without_its_act_is_named(years: Years, clip: str) -> None:
    values = f"('0123456789ab', '{clip}', '{named('C1')}', '{LONG_AGO}', 'linked by a person', 'x')"
    as_root(years, f"INSERT INTO link (id, clip_id, case_id, begins_at, how, by) VALUES {values}")
    assert differs(years, clip) == {"catalog"}


def test_that_a_hold_ends_stands_on_the_trail(years: Years, clip: str) -> None:
    years.dock.run("clips", "link", clip, "--case", "C1")
    years.dock.run("clips", "unlink", clip, "--reason", "x")
    with years.at(0) as station:
        station.locks.keep_all(station.now(), lambda: False)
        assert not stored(station, clip).on_legal_hold
        actions = [line.entry.action for line in trail.lines(station.database, subject=clip)]
    assert actions.index("clip.link-added") < actions.index("clip.link-ended") < actions.index(RELEASED)


@pytest.mark.parametrize("level", ["metadata", "lock"])
def test_an_original_is_not_passed_over_because_a_row_says_it_is_gone(years: Years, clip: str, level: str) -> None:
    other = next(str(one["id"]) for one in years.dock.every_clip() if one["id"] != clip)
    as_root(years, done(clip), f"UPDATE clip SET size_bytes = size_bytes + 1 WHERE id = '{other}'")
    failed = years.dock.run("vault", "check", "--level", level, "--json", status=31).document["failed"]
    assert {found["what"] for found in failed if found["clip"] == clip} == {"disposal"}
    assert "catalog" in {found["what"] for found in failed if found["clip"] != clip}


@pytest.mark.parametrize("harm", ["damaged", "gone", "its signature is gone", "another's signature"])
def test_an_act_that_the_vault_has_not_whole_is_named(years: Years, clip: str, harm: str) -> None:
    """The trail still tells it; a catalog that is rebuilt would not."""
    years.dock.run("clips", "link", clip, "--case", "C1")
    with years.at(0) as station:
        assert verify_clips(station, ME, None).findings == ()
    (act,) = [
        path for path in years.dock.objects("acts") if json.loads(path.read_bytes())["action"] == "clip.link-added"
    ]
    sha256 = hashlib.sha256(act.read_bytes()).hexdigest()
    signature = years.dock.home / f"vault/objects/signatures/{sha256[:2]}/{sha256}.json"
    body = {"damaged": act.read_bytes().replace(b"null", b"true"), "another's signature": b"{}"}.get(harm)
    harmed = act if harm in ("damaged", "gone") else signature
    harmed.unlink()
    if body is not None:
        harmed.write_bytes(body)
    with years.at(0) as station:
        found = verify_clips(station, ME, None)
        key = str(act.relative_to(years.dock.home / "vault/objects"))
        assert [one.found for one in found.findings if (one.what, one.path) == ("act", key)] != []
    told = years.dock.run("clips", "verify", "--all", status=31)
    assert key in told.stdout


def test_a_tie_that_is_struck_out_lets_no_sidecar_go(years: Years) -> None:
    with years.at(0) as station:
        (tie, *_) = station.database.query("SELECT clip_id, sidecar_id FROM sidecar ORDER BY clip_id", {})
    clip, sidecar = tie["clip_id"], tie["sidecar_id"]
    years.dock.run("clips", "link", clip, "--case", "C1")
    as_root(years, "DELETE FROM sidecar")
    for days in (0, 100, 200, 300):
        with years.at(days) as station:
            station.locks.keep_all(station.now(), lambda: False)
            assert stored(station, sidecar).on_legal_hold
    with years.at(300, "first") as station:
        assert sidecar not in due(station)
        with pytest.raises((NotDue, RecordsDisagree)):
            dispose_clip(station, station.caller, sidecar, "no use")
