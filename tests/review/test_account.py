"""What is left to do when signing in, and one's own account."""

from __future__ import annotations

import hmac
import re
from base64 import b32decode
from collections.abc import Callable

import pytest

from catalog.acts import policy
from catalog.people import accounts, sessions
from catalog.rules.callers import LOGIN, Caller
from catalog.trail import trail
from docking_station.services import people, second_factor
from docking_station.services.errors import CodeWrong, MoreNeeded, ProofStale, SignInNeeded
from docking_station.services.people import WRONG_MAX, Typed, set_secret
from docking_station.services.sign_in import FRESH_S, Sessions
from docking_station.services.sign_in_steps import STEP_S
from docking_station.station.errors import SecretLocked, SecretNotSet
from docking_station.station.station import Station
from tests.docking_station.services.test_looks import Hand
from tests.fakes.callers import ME
from tests.fakes.people import caller
from tests.review.bureau import DEPUTY, KEEPER, SECRET, form_token, signed_in
from tests.review.conftest import asking


@pytest.fixture
def station(bureau: Station) -> Station:
    """A station with five people, two of whom have a secret."""
    return bureau


def step_in(text: str) -> str:
    """The number of the step that a page asks for."""
    (found,) = re.findall(r'name="step" value="([^"]+)"', text)
    return str(found)


def test_a_secret_others_know_is_changed_before_anything_is_shown(station: Station) -> None:
    """An account that this machine has not: two others vouch for its person, who then chooses a secret of their own."""
    by, second = caller("0104"), caller("0105")
    station.act_writer.carry_out(accounts.binding("0103", "third", at=station.now(), by=by, second=second, small=True))
    others = [people.caller_typed(station, ME, Typed(name, SECRET)) for name in ("keeper", "deputy")]
    logged_in = Caller("keeper", "root", LOGIN)
    with pytest.raises(SecretNotSet):
        set_secret(station, logged_in, "third", "given by others", [logged_in])
    with pytest.raises(SecretNotSet):
        set_secret(station, ME, "fourth", "given by others", others)
    assert set_secret(station, logged_in, "third", "given by others", [logged_in, others[1]]) == "vouched"
    assert people.entered(station)["third"].details["uid"] is None
    pages = asking(station)
    answer = pages.post("/sign-in", data={"account": "third", "secret": "given by others", "to": "/bays"})
    assert (answer.status_code, pages.get("/clips").status_code) == (200, 303)
    step = {"step": step_in(answer.text), "to": "/bays"}
    for new, again in (("given by others", "given by others"), ("my own secret", "another one"), ("short", "short")):
        refused = pages.post("/sign-in/step", data=step | {"answer": new, "again": again})
        assert refused.status_code == 422
    own = {"answer": "my own secret", "again": "my own secret"}
    assert pages.post("/sign-in/step", data=step | own).headers["location"] == "/bays"
    assert "Name 0103 0103" in pages.get("/account").text
    assert pages.post("/sign-in/step", data=step | own).status_code == 401, "once"
    assert people.entered(station)["third"].details["word"] == "secret"


def test_a_secret_is_changed_and_sessions_are_ended_by_their_person(station: Station) -> None:
    pages, other = asking(station), asking(station)
    assert [signed_in(pages), signed_in(other)] == [303, 303]
    (shown,) = re.findall(r"/account/sessions/([0-9a-f]+)/end", pages.get("/account").text)
    pages.post(f"/account/sessions/{shown}/end")
    ends = list(trail.lines_of(station.database, ("session.ended",)))
    assert (len(ends), len(sessions.going_on(station.database, station.now()))) == (1, 1)
    changed = {"old": SECRET, "new": "an even better one", "again": "an even better one"}
    assert pages.post("/account/secret", data=changed | {"old": "wrong"}).status_code == 401
    assert pages.post("/account/secret", data=changed | {"again": "x"}).status_code == 422
    signed_in(other)
    assert pages.post("/account/secret", data=changed).headers["location"] == "/account"
    assert pages.get("/account").status_code == 200
    assert len(sessions.going_on(station.database, station.now())) == 1, "whoever else was signed in is out"
    assert signed_in(asking(station)) == 401


def code_of(key: bytes, at_s: float) -> str:
    """RFC 4226, 5.3 and RFC 6238, 4: what a phone shows."""
    digest = hmac.digest(key, (int(at_s) // 30).to_bytes(8, "big"), "sha1")
    begin = digest[-1] & 15
    return f"{int.from_bytes(digest[begin : begin + 4], 'big') % 2**31 % 10**6:06}"


def test_a_second_factor_is_asked_for_where_the_policy_says_so(station: Station) -> None:
    clock, now_s = Hand(), station.now().timestamp()
    pages = Sessions(station, ME, clock)
    text = '[access]\nsecond_factor = "leading"\n'
    two = (Caller("keeper", "keeper", LOGIN), Caller("deputy", "deputy", LOGIN))
    station.act_writer.carry_out(policy.adopting(text, at=station.now(), actor="keeper", two=two))

    def needed(begun: Callable[[], str]) -> tuple[str, str]:
        with pytest.raises(MoreNeeded) as more:
            begun()
        return str(more.value.facts["needs"]), str(more.value.facts["step"])

    pages.demand_fresh(pages.begin(KEEPER))
    needs, step = needed(lambda: pages.begin(DEPUTY))
    key = pages.steps.asked(step).key
    assert (needs, key is not None) == ("enrol", True)
    assert key is not None
    assert second_factor.address(key, "deputy", "1").startswith("otpauth://totp/Evidock%201:deputy?")
    with pytest.raises(CodeWrong):
        pages.go_on(step, "000000" if code_of(key, now_s) != "000000" else "000001")
    assert second_factor.key_of(station, "deputy") is None
    token = pages.go_on(step, code_of(key, now_s - 30))
    assert second_factor.key_of(station, "deputy") == key
    pages.demand_fresh(token)
    clock.at_s += FRESH_S + 1
    with pytest.raises(ProofStale):
        pages.demand_fresh(token)
    needs, step = needed(lambda: pages.begin(DEPUTY))
    with pytest.raises(CodeWrong):
        pages.go_on(step, code_of(key, now_s - 30))
    started_anew = Sessions(station, ME, clock)
    _, step_anew = needed(lambda: started_anew.begin(DEPUTY))
    with pytest.raises(CodeWrong):
        started_anew.go_on(step_anew, code_of(key, now_s - 30))
    assert (needs, pages.go_on(step, f" {code_of(key, now_s)}") != token) == ("code", True)
    pages.prove(token, code_of(key, now_s + 30))
    pages.demand_fresh(token)
    _, step = needed(lambda: pages.begin(DEPUTY))
    for told in (*[CodeWrong] * (WRONG_MAX - 2), SecretLocked):
        with pytest.raises(told):
            pages.go_on(step, code_of(key, now_s))
    clock.at_s += STEP_S + 1
    with pytest.raises(SignInNeeded):
        pages.go_on(step, code_of(key, now_s))
    said = [line.details for line in trail.lines_of(station.database, (people.WRONG,), "deputy")]
    assert len(said) == WRONG_MAX + 1, "with the one that was used before a restart"
    assert key.hex() not in str([*said, people.entered(station)["deputy"].details])
    set_secret(station, ME, "deputy", "another secret", [Caller("deputy", "deputy", LOGIN)])
    assert needed(lambda: pages.begin(Typed("deputy", "another secret")))[0] == "enrol", "who lost the phone"


def test_the_page_shows_the_key_and_asks_for_its_code(station: Station) -> None:
    two = (Caller("keeper", "keeper", LOGIN), Caller("deputy", "deputy", LOGIN))
    text = '[access]\nsecond_factor = "all"\n'
    station.act_writer.carry_out(policy.adopting(text, at=station.now(), actor="keeper", two=two))
    pages = asking(station)
    first = pages.post("/sign-in", data={"account": "keeper", "secret": SECRET, "to": ""}).text
    (key,) = re.findall(r">([A-Z2-7]{32})<", first)
    at_s = station.now().timestamp()
    codes = [code_of(b32decode(key), at_s + later_s) for later_s in (0, 30)]
    answer = pages.post("/sign-in/step", data={"step": step_in(first), "answer": "x", "to": ""})
    assert (answer.status_code, key in answer.text) == (401, True)
    assert pages.post("/sign-in/step", data={"step": step_in(first), "answer": codes[0], "to": ""}).status_code == 303
    assert pages.post("/account/code", data={"code": codes[1]}).status_code == 403
    pages.get("/account")
    answer = pages.post("/account/code", data={"code": codes[1], "form_token": form_token(pages)})
    assert answer.headers["location"] == "/account"
