"""The secrets by which people are known where the system cannot tell them apart (个人口令)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import print_json, remark, say
from docking_station.terminal.words import word

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from docking_station.station.station import Station

app = typer.Typer()


@app.command()
def secret(
    account: Annotated[
        str | None, typer.Argument(help="Whose account; if not given, who logged in (账户，不填为当前登录账户).")
    ] = None,
) -> None:
    """Set the secret a person types where the system cannot tell who it is (设置个人口令).

    Who logged in sets their own. Else the secret before is typed, or two others type theirs and vouch; the first two
    people of a station are entered by who sets it up.
    """
    from docking_station.services import people
    from docking_station.station.errors import SecretNotSet
    from docking_station.terminal.asking import ask_secret

    with opened() as station:
        runs = caller()
        name = account or (runs.person if runs.how is not None else None)
        if name is None:
            raise typer.BadParameter(
                "the system does not tell who you are: name your account (无法识别操作人，请填写账户)"
            )
        callers = _callers(station, runs, name)
        typed = ask_secret(word("ask_new_secret", account=name))
        if typed != ask_secret(word("ask_again")):
            raise SecretNotSet(**people.NOT_THE_SAME)
        by = people.set_secret(station, runs, name, typed, callers)
    say(word("secret_set", account=name, by=word(f"secret_by_{by}")))


@app.command()
def sessions(
    end: Annotated[str | None, typer.Option("--end", help="End every session of this account (结束登录).")] = None,
    as_json: Json = False,
) -> None:
    """List who is signed in at the pages, or end the sessions of an account (网页登录情况)."""
    from docking_station.services import sign_in
    from docking_station.terminal.people import show_sessions

    with opened() as station:
        ended = None if end is None else sign_in.end_for(station, caller(), end)
        rows, zone = sign_in.going_on(station, caller()), station.settings.zone
    if as_json:
        print_json(rows)
        return
    if ended is not None:
        remark(word("sessions_ended", account=end, count=ended))
    show_sessions(rows, zone)


def _callers(station: Station, runs: Caller, name: str) -> list[Caller]:
    """The people whose word counts: who logged in, else who types a secret."""
    from docking_station.services import people
    from docking_station.terminal.asking import ask_secret, ask_who

    found = [runs] if runs.how is not None else []
    account = people.account_here(station, name)
    if found and not (account is not None and account.uid is None):
        return found
    if name in people.entered(station) and (old := ask_secret(word("ask_old_secret", account=name))):
        found.append(people.caller_typed(station, runs, people.Typed(name, old)))
    if people.needs_vouchers(station, name, found):
        remark(word("vouchers", account=name))
        while len(found) < people.VOUCHERS and (typed := ask_who()) is not None:
            found.append(people.caller_typed(station, runs, typed))
    return found
