"""Signing in: from the first person on a page asks who is there, and what is looked at stands under that name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.requests import Request

import review.pages
from catalog.people import accounts, sessions
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services import people
from docking_station.services.classes import classify_clip
from docking_station.services.people import WRONG_FOR, WRONG_MAX, Typed, set_secret
from docking_station.services.sign_in import KNOWN_S, Sessions, digest_of, end_sessions
from docking_station.station.errors import SecretLocked, SecretWrong
from docking_station.station.family import family
from docking_station.station.station import Station
from review.pages.sign_in import whence
from review.policy import SAFE
from tests.docking_station.services.test_looks import Hand
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.footage.coded import coded
from tests.review.bureau import DEPUTY, KEEPER, SECRET, enter_bureau, form_token, signed_in
from tests.review.conftest import asking
from tests.scenario.dock import Dock

FILM = "EV00001_JY0001_20260311093620.MP4"


@pytest.fixture
def station(bureau: Station) -> Station:
    """A station with five people, two of whom have a secret."""
    return bureau


@pytest.fixture
def filmed(dock: Dock, card: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    """The same with a film, filed before anybody was entered."""
    (card / FILM).write_bytes(coded(seconds=2))
    dock.ingest(card)
    with dock.opened() as opened:
        assert asking(opened).get("/clips").status_code == 200, "while nobody is entered, who runs the pages looks"
        enter_bureau(opened, monkeypatch)
        yield opened


def lines(station: Station) -> list[tuple[str, str]]:
    return [(line.entry.action, line.entry.actor) for line in trail.lines(station.database)]


def test_a_person_signs_in_looks_and_signs_out(filmed: Station) -> None:
    pages = asking(filmed)
    answer = pages.get("/clips?kind=video")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?to=/clips%3Fkind%3Dvideo")
    (clip,) = (row["id"] for row in filmed.database.query("SELECT id FROM clip", {}))
    refused = pages.post(f"/clips/{clip}/look")
    assert (refused.status_code, "station.sign-in-needed" in refused.text) == (401, True)
    assert [pages.get(open_to_all).status_code for open_to_all in ("/bays", "/sign-in")] == [200, 200]
    assert signed_in(pages, secret="wrong") == 401
    assert signed_in(pages, account="nobody") == 401
    answer = pages.post("/sign-in", data={"account": "keeper", "secret": SECRET, "to": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    pages.headers["x-csrf-token"] = form_token(pages)
    assert {"httponly", "samesite=strict"} <= set(answer.headers["set-cookie"].lower().split("; "))
    assert clip[:8] in pages.get("/clips").text
    assert "Name 0104 0104" in pages.get("/clips").text
    assert 'action="/sign-out"' in pages.get("/clips").text
    look = pages.post(f"/clips/{clip}/look?reason=check").headers["location"].partition("?look=")[2]
    for _ in range(2):
        ranged = pages.get(f"/looks/{look}/content", headers={"range": "bytes=0-9"})
        assert ranged.content == coded(seconds=2)[:10]
    cookie = dict(pages.cookies)
    assert pages.post("/sign-out").headers["location"] == "/sign-in"
    assert lines(filmed)[-2:] == [
        ("clip.view-ended", f"P:0104 as {ME.account}"),
        ("session.ended", f"P:0104 as {ME.account}"),
    ]
    pages.cookies.update(cookie)  # whoever copied it before
    assert pages.get("/clips").status_code == 303
    assert pages.get(f"/looks/{look}/content").status_code == 303
    said = [action for action, _ in lines(filmed)]
    assert [said.count(action) for action in ("session.begun", "person.secret-wrong")] == [1, 2]
    assert trail.verify(filmed.database).fault is None


def test_what_a_session_changes_was_sent_by_a_page_it_was_shown(station: Station) -> None:
    pages, other = asking(station), asking(station)
    assert form_token(pages) == ""
    assert [signed_in(pages), signed_in(other)] == [303, 303]
    own, others = form_token(pages), form_token(other)
    assert own != others
    assert pages.cookies["evidock-session-8760"] not in own
    routes = [one for router in family(review.pages, "PAGES") for one in router.routes if isinstance(one, APIRoute)]
    changing = {one.path for one in routes if set(one.methods or ()) - set(SAFE)} - {"/sign-in", "/sign-in/step"}
    assert len(changing) > 4
    for path in sorted(changing, key=lambda one: one == "/sign-out"):
        for wrong in ("", others, own[:-1]):
            answer = pages.post(path, headers={"x-csrf-token": wrong}, data={"form_token": own})
            assert (path, answer.status_code, "station.form-not-ours" in answer.text) == (path, 403, True)
        assert pages.post(path, headers={"x-csrf-token": own}).status_code != 403, path
    del other.headers["x-csrf-token"]
    for token, status in ((others, 303), (own, 403), ("", 403)):
        assert other.post("/preferences", data={"form_token": token}).status_code == status


def test_where_a_part_of_a_page_cannot_be_had_the_browser_goes_to_what_says_why(station: Station) -> None:
    pages, part = asking(station), {"hx-request-type": "full"}
    asked = pages.get("/clips?case=x", headers=part)
    assert (asked.status_code, asked.headers["hx-redirect"]) == (401, "/sign-in?to=/clips%3Fcase%3Dx")
    assert signed_in(pages) == 303
    missing = pages.get("/papers/none", headers=part)
    assert (missing.status_code, missing.headers["hx-redirect"]) == (404, "/papers/none")
    assert "hx-redirect" not in pages.get("/papers/none").headers


def test_what_needs_a_reason_asks_for_it_and_for_nothing_else(filmed: Station) -> None:
    pages = asking(filmed)
    signed_in(pages)
    (clip,) = (row["id"] for row in filmed.database.query("SELECT id FROM clip", {}))
    classify_clip(filmed, caller("0104"), clip, "privacy", reason="x")
    refused = pages.post(f"/clips/{clip}/look")
    assert (refused.status_code, 'name="reason"' in refused.text) == (403, True)
    assert pages.post(f"/clips/{clip}/look", data={"reason": " "}).status_code == 403
    answer = pages.post(f"/clips/{clip}/look", data={"reason": "抽查 <3>"})
    assert answer.status_code == 303
    assert '"reason":"抽查 <3>"' in trail.lines(filmed.database, subject=clip)[-1].details
    assert pages.post(f"/clips/{clip}/look").status_code == 303, "for a sitting"
    assert "登录" in asking(filmed).post(f"/clips/{clip}/look", data={"reason": "x"}).text


def test_a_session_ends_by_itself_by_another_hand_and_by_a_new_secret(station: Station) -> None:
    clock = Hand()
    pages = Sessions(station, ME, clock)
    with pytest.raises(SecretWrong):
        pages.begin(Typed("keeper", "x"))

    def asks(token: str) -> bool:
        clock.at_s += KNOWN_S
        return pages.caller(token) is not None

    def aged(column: str, by: timedelta, token: str) -> bool:
        with station.database.engine().begin() as connection:
            moment = station.database.moment(station.now() - by)
            connection.execute(text(f"UPDATE session SET {column} = :at"), {"at": moment})
        return asks(token)

    token = pages.begin(KEEPER)
    assert asks(token)
    assert not asks(token[:-1])
    assert token not in str(station.database.query("SELECT * FROM session", {}))
    assert aged("seen_at", sessions.IDLE - timedelta(minutes=1), token)
    assert not aged("seen_at", sessions.IDLE + timedelta(minutes=1), token)
    assert not aged("begun_at", sessions.LONGEST, pages.begin(KEEPER))
    four = [pages.begin(KEEPER) for _ in range(sessions.EACH_MAX + 1)]
    assert [asks(one) for one in four] == [False, True, True, True]
    token = pages.begin(DEPUTY)
    assert end_sessions(station, ME, "keeper") == sessions.EACH_MAX
    assert [asks(one) for one in (*four, token)] == [False] * 4 + [True]
    assert pages.caller(token) == pages.known(token)
    assert (pages.known(token) or ME).actor == f"P:0105 as {ME.account}"
    set_secret(station, ME, "deputy", "another secret", [people.caller_typed(station, ME, DEPUTY)])
    assert not asks(token)


def test_only_a_secret_signs_in_and_only_whose_account_it_is(station: Station) -> None:
    pages, token = Sessions(station, ME, clock := Hand()), "made up"
    own = pages.begin(KEEPER)

    def written(sql: str, **values: object) -> None:
        """What somebody with the rights of the database does."""
        clock.at_s += KNOWN_S
        with station.database.engine().begin() as connection:
            connection.execute(text(sql), values)

    digest, at = hashlib.sha256(token.encode()).hexdigest(), station.database.moment(station.now())
    sql = "INSERT INTO session (digest, account, begun_at, seen_at) VALUES (:digest, 'deputy', :at, :at)"
    written(sql, digest=digest, at=at)
    written("UPDATE session SET account = 'deputy'")
    assert [pages.caller(one) for one in (token, own)] == [None, None]
    written("UPDATE session SET account = 'keeper'")
    assert (pages.caller(own) or ME).no == "0104"
    by, second = caller("0105"), caller("0104")
    act = accounts.binding("0102", "keeper", at=station.now(), by=by, second=second, small=True)
    station.act_writer.carry_out(act)
    clock.at_s += KNOWN_S
    assert pages.caller(own) is None, "who had the account before is out"
    with pytest.raises(SecretWrong):
        pages.begin(KEEPER)
    set_secret(station, ME, "keeper", SECRET, [Caller("keeper", "keeper", LOGIN)])
    assert (pages.caller(pages.begin(KEEPER)) or ME).no == "0102"


def test_who_guesses_locks_nobody_out_but_strangers(station: Station) -> None:
    """Five wrong secrets, from a browser that nobody of that account ever used: those who did go on signing in."""
    clock = Hand()
    pages = Sessions(station, ME, clock)
    own = digest_of(pages.begin(KEEPER))
    assert pages.browser("deputy", [own]) is None

    def tried(account: str, secret: str = "wrong", had: Sequence[str] = ()) -> str | None:
        try:
            pages.begin(Typed(account, secret), pages.browser(account, had))
        except (SecretWrong, SecretLocked) as error:
            return error.code
        return None

    wrong, locked = SecretWrong.code, SecretLocked.code
    told = {name: [tried(name) for _ in range(WRONG_MAX + 1)] for name in ("keeper", "nobody")}
    assert told["keeper"] == told["nobody"] == [*[wrong] * WRONG_MAX, locked]
    assert tried("keeper", SECRET) == locked
    assert tried("keeper", SECRET, ["made up"]) == locked
    assert tried("deputy", SECRET) is None
    assert tried("keeper", SECRET, [own]) is None
    assert people.caller_typed(station, ME, KEEPER).no == "0104", "nor is who types at the terminal"
    assert [tried("keeper", had=[own]) for _ in range(WRONG_MAX + 1)][-2:] == [wrong, locked]
    clock.at_s += WRONG_FOR.total_seconds()
    assert tried("keeper", SECRET) is None


def test_an_address_signs_in_ten_times_then_once_a_second_and_a_known_browser_besides(station: Station) -> None:
    """A script in a browser of this machine keeps nobody out who signed in here before."""
    pages = asking(station)
    assert signed_in(pages) == 303
    had = dict(pages.cookies)
    pages.cookies.clear()
    answers = (pages.post("/sign-in", data={"account": "x", "secret": ""}) for _ in range(100))
    assert next(one.headers["retry-after"] for one in answers if "retry-after" in one.headers) == "1"
    pages.cookies.update(had)
    assert signed_in(pages) == 303
    asks = [Request({"type": "http", "client": (host, 1)}) for host in ("127.0.0.1", "127.9.9.9", "::1", "192.0.2.1")]
    assert [whence(one) for one in asks] == ["loopback"] * 3 + ["192.0.2.1"]


def test_who_has_an_account_next_is_not_who_had_it_before(station: Station) -> None:
    """What is believed of a session for five seconds is not laid to another person meanwhile."""
    pages = asking(station)
    signed_in(pages)
    assert pages.get("/clips").status_code == 200
    act = accounts.binding("0102", "keeper", at=station.now(), by=caller("0105"), second=caller("0104"), small=True)
    station.act_writer.carry_out(act)
    assert pages.get("/clips").status_code == 303


def test_a_secret_that_is_set_anew_meanwhile_begins_no_session(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was right when it was read is the one before by the time the session is written."""
    signing_in = Sessions(station, ME)
    demand_done = signing_in.steps.demand_done

    def meanwhile(*given: Any) -> None:
        set_secret(station, ME, KEEPER.account, f"{SECRET} anew", [Caller("keeper", "keeper", LOGIN)])
        demand_done(*given)

    monkeypatch.setattr(signing_in.steps, "demand_done", meanwhile)
    with pytest.raises(SecretWrong):
        signing_in.begin(KEEPER)
    assert sessions.going_on(station.database, station.now()) == []
    monkeypatch.setattr(signing_in.steps, "demand_done", demand_done)
    assert signing_in.begin(Typed(KEEPER.account, f"{SECRET} anew"))
