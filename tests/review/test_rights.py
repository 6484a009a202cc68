"""Which page answers which role, as `docs/rights.md` says."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from catalog.rules.callers import LOGIN, Account, Caller
from docking_station.services import people
from docking_station.services.people import set_secret
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.people import ACCOUNTS
from tests.house.test_pages import rows
from tests.review.bureau import SECRET, signed_in
from tests.review.conftest import asking

ROLES = {"officer": "0101", "reviewer": "0103", "custodian": "0104", "supervisor": "0105"}
"""The columns behind the first, which is nobody's who is known."""
WORDS = {200: "yes", 303: "sign in", 403: "no", 404: "not there"}
NAMED = {"kind": "xlsx", "year": "2026"}
"""What stands in an address that is one page all the same."""


def answered(pages: TestClient, path: str) -> str:
    """What a page answers, or that of a thing which is not there."""
    filled = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: NAMED.get(found[1], "0"), path)
    answer = pages.get(filled)
    if answer.status_code == 303 and not answer.headers["location"].startswith("/sign-in"):
        return str(answer.headers["location"])
    return WORDS.get(answer.status_code, str(answer.status_code))


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_a_page_answers_a_role_as_the_table_says(bureau: Station, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    pages, column = asking(bureau), ["nobody", *ROLES].index(role)
    if role != "nobody":
        account = ACCOUNTS[ROLES[role]]
        monkeypatch.setattr(people, "account_called", {account: Account(2000, account)}.get)
        set_secret(bureau, ME, account, SECRET, [Caller(account, account, LOGIN)])
        assert signed_in(pages, account) == 303
    assert {path: answered(pages, path) for path in rows()} == {path: cells[column] for path, cells in rows().items()}
