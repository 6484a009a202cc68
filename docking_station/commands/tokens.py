"""`evidock tokens`: by which programs ask through the API."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, listed, print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import time_shown, visible

app = typer.Typer(name="tokens", help="Tokens by which programs ask through the API (接口令牌).", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What it is for: the program's name (用途).")],
    scope: Annotated[list[str], typer.Option(help="What it may do, as clips:read; may be given again (权限范围).")],
    until: Annotated[str, typer.Option(help="When it ends, within a year (有效期至).")],
    address: Annotated[
        list[str] | None,
        typer.Option(help="From where alone: an address or a network; may be given again (允许的地址)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Issue a token for your own account (签发令牌). It does what you may at most, and is shown once."""
    from docking_station.services import tokens
    from docking_station.station.settings import moment

    with opened() as station:
        zone = station.settings.zone
        secret, made = tokens.issue(station, caller(), name, scope, moment(until, zone), address or ())
    if as_json:
        print_json({**made.as_json(), "token": secret})
        return
    say(visible(word("token_issued", id=made.id, about=made.name, until=time_shown(made.ends_at, zone))))
    say(secret)


@app.command("list")
def list_tokens(as_json: Json = False) -> None:
    """List your tokens, and whoever keeps the station going everybody's (令牌列表)."""
    from docking_station.services import tokens

    with opened() as station:
        found, zone = tokens.listed(station, caller()), station.settings.zone
    listed(
        found,
        "no_tokens",
        as_json,
        id=lambda one: one.id,
        about=lambda one: one.name,
        account=lambda one: one.account,
        scopes=lambda one: " ".join(one.scopes),
        until=lambda one: time_shown(one.ended_at or one.ends_at, zone),
        seen_at=lambda one: time_shown(one.used_at, zone),
    )


@app.command()
def end(
    token: Annotated[str, typer.Argument(help="Its number, as `tokens list` shows it (令牌编号).")],
    as_json: Json = False,
) -> None:
    """End a token at once (注销令牌). It is on the trail."""
    from docking_station.services import tokens

    with opened() as station:
        ended = tokens.end(station, caller(), token)
    answer(as_json, ended, lambda: say(visible(word("token_ended", id=ended.id, about=ended.name))))
