"""Tokens: what a program may, for whom, from where, until when; and nobody makes one by writing into the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog.people import accounts
from catalog.rules.callers import Caller
from catalog.trail import trail
from docking_station.services import tokens
from docking_station.services.errors import NoSuchToken, TokenBad, TokenUnfit
from docking_station.services.tokens import KNOWN_S, Tokens
from docking_station.station.station import Station
from tests.docking_station.services.test_looks import Hand
from tests.fakes.callers import ME
from tests.fakes.people import caller, enter
from tests.scenario.dock import Dock

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def station(new_dock: Callable[[Path], Dock], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with new_dock(tmp_path_factory.mktemp("tokens") / "home").opened() as opened:
        enter(opened.database, opened.act_writer.carry_out, opened.now())
        yield opened


def issued(station: Station, no: str = "0101", *addresses: str) -> str:
    ends_at = station.now() + timedelta(days=30)
    return tokens.issue(station, caller(no), "case system", ["clips:read"], ends_at, addresses)[0]


def test_a_token_asks_for_its_person_and_every_line_names_it(station: Station) -> None:
    secret = issued(station)
    shown = tokens.listed(station, caller("0101"))[0]
    asks, scopes = Tokens(station, ME).caller(secret, HERE)
    assert (asks.no, asks.how, set(scopes)) == ("0101", None, {"clips:read"})
    assert asks.actor == f"P:0101 as {ME.account}, token {shown.id}"
    assert secret.startswith("evd_")
    assert secret not in str(station.database.query("SELECT * FROM api_token", {}))
    assert {"digest", "seal"}.isdisjoint(shown.as_json())
    assert tokens.listed(station, caller("0101"))[0].used_at is not None
    line = trail.newest(station.database)
    assert line is not None
    assert (line.entry.action, line.entry.actor, secret in line.details) == ("token.issued", "P:0101", False)


def test_a_token_is_over_when_it_ends_is_ended_or_its_account_is_anothers(station: Station) -> None:
    clock = Hand()
    served = Tokens(station, ME, clock)

    def asks(secret: str, address: str = HERE) -> bool:
        clock.at_s += KNOWN_S
        try:
            served.caller(secret, address)
        except TokenBad:
            return False
        return True

    first, second, third = issued(station), issued(station), issued(station, "0102", "10.1.0.0/16", "127.0.0.1")
    assert [asks(one) for one in (first, second, third, first[:-1], "", "evd_x_\udcff")] == [True] * 3 + [False] * 3
    assert [asks(third, one) for one in ("10.1.2.3", "10.2.0.1", "nonsense")] == [True, False, False]
    assert tokens.end(station, caller("0101"), number(first)).ended_at is not None
    assert [asks(one) for one in (first, second)] == [False, True]
    for who, ended in (("0101", first), ("0103", third)):
        with pytest.raises(NoSuchToken):
            tokens.end(station, caller(who), number(ended))
    made: dict[str, Any] = {"at": station.now(), "by": caller("0105"), "second": caller("0104"), "small": True}
    station.act_writer.carry_out(accounts.binding("0103", "second", **made))
    assert not asks(third), "the account is another person's"
    later = station.now() + timedelta(days=31)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(station, "now", lambda: later)
        assert not asks(second)
    tokens.end(station, caller("0104"), number(second))
    said = [line.entry.actor for line in trail.lines(station.database) if line.entry.action == "token.ended"]
    assert said == ["P:0101", "P:0104"]
    with station.database.engine().begin() as connection:
        connection.execute(text("UPDATE api_token SET ended_at = NULL"))
    assert not asks(first), "whoever writes into the catalog takes no end back"


def number(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE api_token SET account = 'keeper'",
        """UPDATE api_token SET scopes = '["clips:read", "clips:look"]'""",
        "UPDATE api_token SET addresses = '[\"0.0.0.0/0\"]'",
        "UPDATE api_token SET ends_at = '2099-01-01 00:00:00.000000'",
        "UPDATE api_token SET seal = ''",
    ],
)
def test_whoever_writes_into_the_catalog_makes_no_token(station: Station, sql: str) -> None:
    secret = issued(station)
    with station.database.engine().begin() as connection:
        connection.execute(text(f"{sql} WHERE id = '{number(secret)}'"))
    with pytest.raises(TokenBad):
        Tokens(station, ME).caller(secret, HERE)


def test_a_row_made_up_where_no_token_was_issued_asks_for_nobody(station: Station) -> None:
    secret, at = "evd_x_made-up", station.database.moment(station.now())
    digest = hashlib.sha256(secret.encode()).hexdigest()
    sql = """INSERT INTO api_token (id, digest, seal, account, name, scopes, addresses, begun_at, ends_at)
 VALUES (:id, :digest, '', 'keeper', 'x', '[]', '[]', :at, '2099-01-01 00:00:00.000000')"""
    with station.database.engine().begin() as connection:
        connection.execute(text(sql), {"id": digest[:12], "digest": digest, "at": at})
    with pytest.raises(TokenBad):
        Tokens(station, ME).caller(secret, HERE)


@pytest.mark.parametrize(
    ("name", "scopes", "days", "addresses"),
    [
        ("", ["clips:read"], 1, ()),
        ("x\n", ["clips:read"], 1, ()),
        ("x", [], 1, ()),
        ("x", ["clips:everything"], 1, ()),
        ("x", ["clips:read"], 0, ()),
        ("x", ["clips:read"], 367, ()),
        ("x", ["clips:read"], 1, ("here",)),
    ],
)
def test_what_no_token_can_be_is_said(
    station: Station, name: str, scopes: list[str], days: int, addresses: tuple[str, ...]
) -> None:
    with pytest.raises(TokenUnfit):
        tokens.issue(station, Caller("x", "x", None), name, scopes, station.now() + timedelta(days=days), addresses)
