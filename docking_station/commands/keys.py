"""`evidock keys`: which key signs, which signed before, and changing it."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, ask_confirmation, listed, print_json, say
from docking_station.terminal.words import word
from docking_station.texts.plain import time_shown, visible

app = typer.Typer(name="keys", help="The station's signing keys (签名密钥).", no_args_is_help=True)

REFUSED = 31
CONFIRMATIONS = ("rotate", "更换")
"""What a person types to change the key."""


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the keys this station trusts and how one followed the other (密钥沿革).

    Exit status 31 if the vault holds a history document that is not believed.
    """
    from docking_station.services.rotate_key import keys_shown

    with opened() as station:
        shown, history = keys_shown(station)
        zone = station.settings.zone
    if as_json:
        refused = [{"key": key, "why": why} for key, why in history.refused]
        print_json({"keys": shown, "refused": refused})
    else:
        listed(
            shown,
            "",
            key=lambda one: one.id,
            state=lambda one: word(f"key_{one.state}"),
            begins=lambda one: time_shown(one.since, zone),
            ends=lambda one: time_shown(one.until, zone),
        )
        for one in shown:
            say(visible(one.verifier_key))
        for key, why in history.refused:
            say(visible(word("key_refused", key=key, why=why)))
    raise typer.Exit(REFUSED if history.refused else 0)


@app.command()
def rotate(
    label: Annotated[
        str | None,
        typer.Option(help="Of the new pair, where the key lies in a token (新密钥对编号，密钥在密码设备中时填写)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked (确认更换).")] = False,
    as_json: Json = False,
) -> None:
    """Make a new signing key, signed by the old one into the key history (更换密钥). The dock must not run.

    On a terminal a word is asked for: the old private key is destroyed.
    """
    import sys

    from docking_station.services.rotate_key import rotate_key
    from docking_station.station.errors import RotationNotConfirmed
    from docking_station.station.keys import is_handed_in

    with opened() as station:
        if not yes and not as_json and sys.stdin.isatty():
            say(word("key_for_good", key=station.signer.key_id))
            if not ask_confirmation(CONFIRMATIONS):
                raise RotationNotConfirmed()
        old, new = rotate_key(station, caller(), label)
        text = (
            "key_in_token"
            if label
            else "key_in_file"
            if is_handed_in(station.home, station.settings)
            else "key_rotated"
        )
    answer(as_json, {"old": old, "new": new}, lambda: say(word(text, old=old, new=new, label=label)))
