"""What people may do (岗位与账户): titles, who acts for whom, whose an account is; two people do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, say
from docking_station.terminal.people_options import No, Reason, moment_of
from docking_station.terminal.words import word

if TYPE_CHECKING:
    pass

app = typer.Typer()


@app.command()
def grant(
    no: No,
    title: Annotated[str, typer.Option(help="Title of the policy, or one of the seven roles (岗位).")],
    unit: Annotated[
        str | None,
        typer.Option(help="Over this unit and all below it; else over the bureau (管辖科室及下属，不填为本局)."),
    ] = None,
    of_case: Annotated[
        bool,
        typer.Option("--named-only", help="Over no unit: only where a case names them (不按科室，仅限指定的案件)."),
    ] = False,
    begins: Annotated[
        str | None, typer.Option("--from", help="From when; if not given, from now (起始时间，不填为现在).")
    ] = None,
    ends: Annotated[
        str | None, typer.Option("--until", help="Until when; if not given, without end (截止时间，不填为长期).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Propose a title for a person (岗位授权); another person types account and secret now, or confirms it later."""
    from catalog.people import people, units
    from docking_station.services import staff, staff_lists
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        over = None if of_case else units.code_of(station.database, unit or units.ROOT)
        since, until = moment_of(station, begins), moment_of(station, ends)
        number = people.get(station.database, no).no
        granted = staff.grant(station, caller(), number, title, over, since, until, ask_second)
    said = "role_proposed" if granted.granted_at is None else "role_granted"
    answer(as_json, staff_lists.role_told(granted), lambda: say(word(said, no=number, title=title, id=granted.id)))


@app.command()
def confirm(
    role: Annotated[
        str, typer.Argument(help="The ID of what was proposed, or its beginning (待确认事项的编号，或其开头).")
    ],
    as_json: Json = False,
) -> None:
    """Grant what another person proposed (确认授权)."""
    from docking_station.services import staff, staff_lists

    with opened() as station:
        granted = staff.confirm(station, caller(), role)
    facts = {"no": granted.person, "title": granted.title, "id": granted.id}
    answer(as_json, staff_lists.role_told(granted), lambda: say(word("role_granted", **facts)))


@app.command()
def revoke(
    role: Annotated[
        str,
        typer.Argument(help="The ID of a title or a delegation, or its beginning (岗位授权或代行的编号，或其开头)."),
    ],
    reason: Reason,
) -> None:
    """End a title or a delegation at once, or drop what was proposed (撤销授权); one person is enough."""
    from docking_station.services import staff

    with opened() as station:
        whose = staff.revoke(station, caller(), role, reason)
    say(word("role_revoked", no=whose))


@app.command()
def delegate(
    to: Annotated[str, typer.Argument(help="Who acts for you (代行人).")],
    ends: Annotated[str, typer.Option("--until", help="Until when (截止时间).")],
    reason: Reason,
    begins: Annotated[
        str | None, typer.Option("--from", help="From when; if not given, from now (起始时间，不填为现在).")
    ] = None,
) -> None:
    """Let somebody act for you while you are away (委托代行); for heads."""
    from catalog.people import people
    from docking_station.services import staff

    with opened() as station:
        number, until = people.get(station.database, to).no, moment_of(station, ends)
        assert until is not None
        staff.delegate(station, caller(), number, until, moment_of(station, begins), reason)
    say(word("delegated", no=number))


@app.command()
def bind(
    no: No,
    account: Annotated[
        str | None,
        typer.Argument(help="The account of the operating system; if not given, none (操作系统账户，不填为无)."),
    ] = None,
) -> None:
    """Say whose an account of the system is (绑定账户), by two people: the second types account and secret."""
    from catalog.people import people
    from docking_station.services import staff
    from docking_station.terminal.asking import ask_second

    with opened() as station:
        number = people.get(station.database, no).no
        staff.bind_account(station, caller(), number, account, ask_second)
    say(word("account_bound" if account else "account_unbound", no=number, account=account))
