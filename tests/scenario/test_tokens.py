"""A token for a program, from the command line: shown once, listed without itself, ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.scenario.dock import Dock


def test_a_token_is_issued_shown_once_listed_and_ended(dock: Dock) -> None:
    until = ("--until", "2099-01-01")
    refused = dock.run("tokens", "add", "case system", "--scope", "clips:read", *until, "--json", status=17)
    assert refused.error == "station.token-unfit"
    until = ("--until", f"{(datetime.now(UTC) + timedelta(days=9)).date()}")
    made = dock.run("tokens", "add", "case system", "--scope", "clips:read", *until, "--json").document
    assert made["token"].startswith("evd_")
    listed = dock.run("tokens", "list")
    assert (made["id"] in listed.stdout, made["token"] in listed.stdout) == (True, False)
    assert made["id"] in dock.run("tokens", "end", made["id"]).stdout
    assert dock.run("tokens", "end", made["id"], "--json", status=15).error == "station.no-such-token"
