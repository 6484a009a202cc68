"""`evidock people`: who there is, what they may do, and the secrets by which they are known."""

from __future__ import annotations

import typer

from docking_station.commands.people import persons, roles, secrets, units

app = typer.Typer(
    name="people", help="People, what they may do, their secrets (人员、权限与个人口令).", no_args_is_help=True
)
for part in (persons, roles, secrets, units):
    app.add_typer(part.app)
