"""A copy leaves by a request that another person granted, by the signed acts alone, and stands in the register."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from catalog.errors import NotGranted, RequestPerson, RequestState, RequestTooWide
from catalog.requests import requests as rows
from catalog.rules.callers import Caller
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.bundle.granted import make_copy
from docking_station.commands import export as export_command
from docking_station.commands import requests as commands
from docking_station.services.requests import (
    Asked,
    approve,
    ask,
    ask_who_decides,
    every_request,
    fill,
    hand_out,
    refuse,
    revoke,
    shown,
    take_back,
    withdraw,
)
from docking_station.services.verify import verify_clips
from docking_station.station.errors import PersonUnknown
from docking_station.terminal.requests import write_register
from ingest.errors import RecordsDisagree
from tests.fakes.callers import ME
from tests.scenario.dock import demand_whole
from tests.scenario.keeping import Years, somebody
from tests.scenario.test_keeping import beside
from tests.scenario.test_lies import as_root

ONE, TWO, NOBODY = somebody("one"), somebody("two as root"), Caller("root", "root", None)


def test_from_the_asking_to_the_register(years: Years, tmp_path: Path) -> None:
    clip, sidecar = beside(years)
    with years.at(0) as station:
        with pytest.raises(RequestPerson):
            ask(station, NOBODY, Asked("copy", "a lawsuit", (clip,)))
        no = ask(station, ONE, Asked("copy", "=a lawsuit", (clip[:12],), use="court", organ="a court", letter="12"))
        assert no == f"R{station.now().astimezone(station.settings.zone):%Y}-0001"
        for step, error in (
            (lambda: approve(station, ONE, no), RequestPerson),
            (lambda: approve(station, NOBODY, no), RequestPerson),
            (lambda: approve(station, TWO, no, days=31), RequestTooWide),
            (lambda: withdraw(station, TWO, no, None), RequestPerson),
            (lambda: ask_who_decides(station, ONE, no, lambda: None), RequestPerson),
            (lambda: ask_who_decides(station, NOBODY, no, lambda: None), PersonUnknown),
            (lambda: make_copy(station, ONE, no, tmp_path / "out", ()), NotGranted),
        ):
            with pytest.raises(error):
                step()
        request = approve(station, TWO, no, days=20)
        assert request.granted == tuple(sorted((clip, sidecar))), "what stands beside it goes with it"
        assert request.until is not None
        assert request.decided_at is not None
        assert abs(request.until - request.decided_at - timedelta(days=20)) < timedelta(seconds=1)
        made = make_copy(station, ONE, no, tmp_path / "out", ())
        assert (made.copy, made.exported.clips) == (f"{no}-1", 2)
        index = json.loads((made.exported.path / "index.json").read_bytes())
        assert index["request"] == no
        told = (made.exported.path / "data/trail/lines.jsonl").read_text()
        assert "request.granted" in told, "the bundle has who let it leave"
        hand_out(station, ONE, made.copy, medium="disc 7", receiver="a court")
        with pytest.raises(RequestPerson):
            take_back(station, ONE, made.copy, witness="one", is_destroyed=True)
        take_back(station, ONE, made.copy, witness="two", is_destroyed=True)
        (copy,) = shown(station, ONE, no).copies
        assert (copy.state, copy.outcome, copy.sha256) == ("returned", "destroyed", made.exported.index_sha256)
        write_register(every_request(station, ONE), station.settings.zone, tmp_path / "register.csv")
        (head, row) = csv.reader(io.StringIO((tmp_path / "register.csv").read_text("utf-8-sig")))
        assert len(head) == len(row)
        assert {made.copy, "'=a lawsuit", "a court 12 one", "two as root", "disc 7"} <= set(row)
        actions = [line.entry.action for line in trail.lines(station.database)][-5:]
        assert actions == ["clip.exported", "clip.exported", "copy.made", "copy.handed", "copy.returned"]
        demand_whole(station)


def test_what_is_described_is_filled_in_and_may_be_narrowed(years: Years, clip: str, tmp_path: Path) -> None:
    with years.at(0) as station:
        no = ask(station, ONE, Asked("export", "a complaint", description="the market, on the fifth"))
        with pytest.raises(RequestTooWide):
            approve(station, TWO, no)
        (other,) = [str(row["id"]) for row in station.database.query(OTHER, {"id": clip})][:1]
        fill(station, ONE, no, (clip, other))
        assert approve(station, TWO, no, chosen=(clip,)).granted[0] in (clip, other)
        assert other not in rows.get(station.database, no).granted
        revoke(station, ONE, no, "settled")
        with pytest.raises(NotGranted):
            make_copy(station, ONE, no, tmp_path / "out", ())
        second = ask(station, ONE, Asked("look", "x", (clip,)))
        refuse(station, TWO, second, "no reason")
        with pytest.raises(RequestState):
            approve(station, TWO, second)
        third = ask(station, ONE, Asked("look", "x", (clip,)))
        withdraw(station, ONE, third, None)
        assert [one.state for one in every_request(station, ONE)] == ["withdrawn", "refused", "revoked"]


OTHER = "SELECT id FROM clip WHERE id <> :id AND id NOT IN (SELECT sidecar_id FROM sidecar) ORDER BY id"


def test_the_clock_lapses_and_ends(years: Years, clip: str, tmp_path: Path) -> None:
    with years.at(0) as station:
        late, no = (ask(station, ONE, Asked("copy", "x", (clip,))) for _ in range(2))
        approve(station, TWO, no)
    with years.at(31) as station:
        assert [one.state for one in every_request(station, ONE)] == ["ended", "lapsed"]
        with pytest.raises(RequestState, match="lapsed"):
            approve(station, TWO, late)
        with pytest.raises(NotGranted, match="ended"):
            make_copy(station, ONE, no, tmp_path / "out", ())


GRANT = "UPDATE request SET state = 'granted', granted = clips, until = '2099-01-01 00:00:00.000000'"
LIES = {
    "a row that is granted": (GRANT,),
    "a row that opens more": ("UPDATE request SET granted = clips, state = 'granted'", GRANT),
    "a revoking struck out": (GRANT, "DELETE FROM trail WHERE action = 'request.revoked'"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_no_row_lets_a_copy_out(years: Years, clip: str, tmp_path: Path, lie: tuple[str, ...]) -> None:
    with years.at(0) as station:
        no = ask(station, ONE, Asked("copy", "x", (clip,)))
        if any("revoked" in one for one in lie):
            approve(station, TWO, no)
            revoke(station, TWO, no, "settled")
            ask(station, ONE, Asked("copy", "a later line: without the newest, the catalog is lost", (clip,)))
    as_root(years, *lie)
    with years.at(0) as station:
        with pytest.raises((NotGranted, RecordsDisagree)):
            make_copy(station, ONE, no, tmp_path / "out", ())
        assert not (tmp_path / "out").exists()
        assert verify_clips(station, ME, None).findings, "and it is named"


def test_the_commands(
    years: Years, clip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    who = [ONE]
    for module in (commands, export_command):
        monkeypatch.setattr(module, "opened", lambda: years.at(0))
        monkeypatch.setattr(module, "caller", lambda: who[0])
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    commands.ask("a lawsuit", clip=[clip], as_json=True)
    no = json.loads(capsys.readouterr().out)["no"]
    with pytest.raises(StationError):
        commands.approve(no)
    who[0] = TWO
    commands.approve(no, as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "granted"
    who[0] = ONE
    export_command.export(tmp_path / "out", request=no, as_json=True)
    copy = json.loads(capsys.readouterr().out)["copy"]
    commands.hand(copy, "disc", "x")
    commands.take_back(copy, "w", destroyed=True)
    commands.show(no)
    commands.list_requests()
    commands.register()
    said = capsys.readouterr().out
    assert said.count(no) >= 5
    assert copy in said
    commands.register(as_json=True)
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["no"], told["copies"][0]["outcome"]) == (no, "destroyed")
