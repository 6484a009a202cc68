"""Who there is (人员登记): entered, changed, listed, published, suspended, gone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, print_json, say
from docking_station.terminal.people_options import No, Reason, Since, moment_of
from docking_station.terminal.words import word

if TYPE_CHECKING:
    from docking_station.station.station import Station

app = typer.Typer()
Name = Annotated[str | None, typer.Option(help="Name (姓名).")]
Sex = Annotated[str | None, typer.Option(help="Sex (性别).")]
Post = Annotated[str | None, typer.Option(help="Post (职务).")]
KindOfLaw = Annotated[
    list[str] | None, typer.Option("--kind", help="Kind of enforcement (执法类别，可多次填写); may be given again.")
]
Area = Annotated[str | None, typer.Option(help="Area of enforcement (执法区域).")]
Unit = Annotated[str | None, typer.Option(help="Unit, by code or name (科室).")]
Card = Annotated[str | None, typer.Option(help="Number of the enforcement card (执法证号).")]
CardUntil = Annotated[str | None, typer.Option(help="The card's last day, YYYY-MM-DD (执法证有效期，YYYY-MM-DD).")]
RecorderNo = Annotated[str | None, typer.Option(help="The number on recorders (记录仪警号).")]


@app.command()
def begin(
    file: Annotated[Path, typer.Argument(help="The list of people, XLSX or CSV (初始人员名单).", dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Enter the first people from one list, with unit, title and account (初始登记).

    Once two of them can go on, one who proposes and one who confirms, everything else is theirs.
    """
    from docking_station.services.founding import found
    from docking_station.terminal.progress import counted

    with opened() as station:
        founded = found(station, caller(), file, counted)
    ready = word("people_ready" if founded.is_ready else "people_not_ready")
    begun = word("people_begun", count=len(founded.people), ready=ready)
    answer(as_json, founded, lambda: say(f"{begun}\n{word('people_next')}"))


@app.command()
def add(
    no: Annotated[str, typer.Argument(help="The person's number, for ever (人员编号).")],
    name: Annotated[str, typer.Option(help="Name (姓名).")],
    unit: Unit = None,
    sex: Sex = None,
    post: Post = None,
    kind: KindOfLaw = None,
    area: Area = None,
    card: Card = None,
    card_until: CardUntil = None,
    recorder_no: RecorderNo = None,
    at: Annotated[
        str | None, typer.Option("--at", help="From when; if not given, ever before (起始时间，不填为不限).")
    ] = None,
) -> None:
    """Enter a person (登记人员). What was recorded with these numbers before is theirs."""
    from catalog.people import people
    from docking_station.services import staff

    with opened() as station:
        said = _said(station, unit=unit, sex=sex, post=post, kinds=kind, area=area) | {"name": name}
        said |= {"card": card, "card_until": card_until, "recorder_no": recorder_no, "since": moment_of(station, at)}
        said = {name: value for name, value in said.items() if value is not None}
        staff.change(station, caller(), lambda **made: people.adding(no, **said, **made))
    say(word("person_added", no=no, called=name))


@app.command()
def change(
    no: No,
    name: Name = None,
    unit: Unit = None,
    sex: Sex = None,
    post: Post = None,
    kind: KindOfLaw = None,
    area: Area = None,
    card: Card = None,
    card_until: CardUntil = None,
    recorder_no: RecorderNo = None,
    at: Since = None,
) -> None:
    """Change what is known of a person (变更人员); an empty text takes a value away."""
    from catalog.people import people
    from docking_station.services import staff

    with opened() as station:
        said = _said(station, name=name, unit=unit, sex=sex, post=post, kinds=kind, area=area)
        said |= {"card": card, "card_until": card_until, "recorder_no": recorder_no}
        changed = {field: value or None for field, value in said.items() if value is not None}
        number, since = people.get(station.database, no).no, moment_of(station, at)
        staff.change(station, caller(), lambda **made: people.changing(number, changed, since=since, **made))
    say(word("person_changed", no=number))


@app.command("list")
def list_people(as_json: Json = False) -> None:
    """List everybody with unit, titles, accounts, and whose secrets are set, since when, by whose word (人员列表)."""
    from docking_station.services import staff_lists
    from docking_station.terminal.people import show_people

    with opened() as station:
        rows, zone = staff_lists.everybody(station, caller()), station.settings.zone
    if as_json:
        print_json(rows)
    else:
        show_people(rows, zone)


@app.command()
def show(no: No, as_json: Json = False) -> None:
    """Show a person: numbers, unit, titles with their times, delegations, accounts (查看人员)."""
    from docking_station.services import staff_lists
    from docking_station.terminal.people import show_member

    with opened() as station:
        found, zone = staff_lists.person_shown(station, caller(), no), station.settings.zone
    answer(as_json, staff_lists.told(found), lambda: show_member(found, zone))


@app.command()
def export(
    to: Annotated[Path, typer.Option("--to", help="The new CSV file to write (要写入的新 CSV 文件).", dir_okay=False)],
) -> None:
    """Write the table of people that a bureau publishes (执法人员公示表), as CSV that Excel reads."""
    from docking_station.services import staff_lists

    with opened() as station:
        count = staff_lists.publish(station, caller(), to)
    say(word("people_published", count=count, path=to))


@app.command()
def suspend(no: No, reason: Reason) -> None:
    """Take all rights from a person for now, at once (停用)."""
    _for_now(no, reason, over=False)


@app.command()
def resume(no: No, reason: Reason) -> None:
    """End a suspension (恢复)."""
    _for_now(no, reason, over=True)


@app.command()
def leave(no: No, reason: Reason, at: Since = None) -> None:
    """Say that a person left (离岗): numbers, accounts and rights end; what they recorded stays theirs."""
    from catalog.people import people
    from docking_station.services import staff

    with opened() as station:
        number, since = people.get(station.database, no).no, moment_of(station, at)
        staff.change(station, caller(), lambda **made: people.leaving(number, reason=reason, since=since, **made))
    say(word("person_left", no=number))


def _for_now(no: str, reason: str, *, over: bool) -> None:
    from catalog.people import people
    from catalog.rules.house_rights import Right
    from docking_station.services import staff

    with opened() as station:
        number = people.get(station.database, no).no
        make = people.resuming if over else people.suspending
        rights = (Right.PEOPLE_PROPOSE, Right.PEOPLE_CONFIRM)
        staff.change(station, caller(), lambda **made: make(number, reason=reason, **made), *rights)
    say(word("person_resumed" if over else "person_suspended", no=number))


def _said(station: Station, **stated: Any) -> dict[str, Any]:
    """What was typed of a person, the unit by its code."""
    from catalog.people import units

    unit = stated.get("unit")
    return stated | {"unit": None if unit is None else units.code_of(station.database, unit)}
