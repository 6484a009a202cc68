"""`evidock init`: make the station's home."""

from __future__ import annotations

from typing import Annotated

import typer

from docking_station.terminal.output import pairs, say
from docking_station.terminal.words import word

app = typer.Typer()
PROTECTED = {"s3": "object_lock", "mirror": "mirrored"}
IMMUTABLE = {None: "never_immutable", True: "immutable", False: "not_immutable"}


@app.command()
def init(
    large: Annotated[
        bool, typer.Option("--large", help="For a bureau with administrator, security officer and auditor (三员分立).")
    ] = False,
) -> None:
    """Make the station's home: settings with comments, signing key, spool, vault, catalog (初始化).

    A second call changes nothing. The home is EVIDOCK_HOME, or the user's data folder.
    """
    from docking_station.station.setup import set_up

    made = set_up(small=not large)
    say(word("made" if made.is_new else "made_before", home=made.home.root))
    if made.is_new:
        scheme = made.vault_address.removeprefix("encrypted:").partition(":")[0]
        protected = PROTECTED.get(scheme, IMMUTABLE[made.immutable])
        pairs(
            {
                word("init_settings"): made.home.settings,
                word("init_key"): f"{made.home.keys if made.key_in_file else word('key_handed_in')} ({made.key_id})",
                word("init_vault"): f"{made.vault_address}: {word(protected)}",
                word("init_catalog"): made.catalog_url,
            }
        )
        say(word("back_up_key"))
        if made.key_in_file:
            say(word("init_key_move"))
        say(word("init_next"))
