"""`evidock policy`: the bureau's policy for the dock."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from catalog.rules.working_days import COUNT_MAX, Unit
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, pairs, print_json, remark, say
from docking_station.terminal.words import word
from docking_station.texts.plain import time_shown

app = typer.Typer(name="policy", help="The bureau's policy for the dock (管理制度).", no_args_is_help=True)

MOMENTS = "[%Y-%m-%d|%Y-%m-%d %H:%M|%Y-%m-%dT%H:%M]"
File = Annotated[Path, typer.Argument(help="A policy file in TOML (制度文件).")]


def moment(said: str) -> datetime:
    """The time that is meant, or the last moment of a day."""
    try:
        at = datetime.fromisoformat(said)
    except ValueError as error:
        raise typer.BadParameter(f"{said!r} is not like {MOMENTS} (格式应为 {MOMENTS})") from error
    return at if len(said) > len("2026-03-05") else at + timedelta(days=1) - timedelta(microseconds=1)


@app.command()
def show(
    version: Annotated[
        int | None, typer.Option(help="This version instead of the one in force (该版本，不填为现行制度).")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=moment,
            metavar=MOMENTS,
            help="The one in force on this day, at its end, or at this time (该日有效的版本).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the policy in force, in plain words (查看现行制度). Where none was adopted, nothing is ever erased."""
    from catalog.acts import policy
    from catalog.rules.policy import DEFAULT
    from docking_station.terminal.policy import described

    if version is not None and at is not None:
        raise typer.BadParameter(
            "a version and a day are two questions: ask one (--version 与 --at 只能填写一个)", param_hint="--at"
        )
    with opened() as station:
        every, zone = policy.history(station.database), station.settings.zone
        shown = every[-1] if every else None
        if version is not None:
            shown = policy.of_version(station.database, version)
        elif at is not None:
            shown = policy.in_force(every, at.replace(tzinfo=at.tzinfo or zone))
    if as_json:
        print_json(shown or {"version": 0})
        return
    if shown is None:
        remark(word("policy_none"))
    else:
        since = time_shown(shown.at.isoformat(), zone)
        say(word("policy_head", version=shown.version, count=len(every), at=since, by=shown.by, sha256=shown.sha256))
    pairs(described(shown.policy if shown is not None else DEFAULT))


@app.command()
def example(
    civil_affairs: Annotated[
        bool, typer.Option("--civil-affairs", help="The whole policy of a civil affairs bureau (民政局示例).")
    ] = False,
) -> None:
    """Print a policy with every key explained, in English and Chinese (打印示例)."""
    from catalog.rules.policy_text import EXAMPLE
    from docking_station.services.policy import shipped

    say((shipped() if civil_affairs else EXAMPLE).rstrip("\n"))


@app.command()
def check(file: File, as_json: Json = False) -> None:
    """Say whether a policy file can be used, and what it says; adopts nothing (检查制度文件). Exit status 58 if not.

    Tells everything that is wrong at once, and how many lines the bureau must still check itself 待核定 and which come
    next.
    """
    from catalog.acts import policy
    from catalog.rules.policy_marks import marks
    from catalog.rules.policy_text import read_policy, read_whole
    from docking_station.services.policy import read_file
    from docking_station.terminal.policy import counted, described, named, show_marks

    text = read_file(file)
    says, rows, left = described(read_policy(text)), counted(read_whole(text)), marks(text)
    if as_json:
        marked = [{"line": one.line, "about": one.about, "text": one.text} for one in left]
        print_json({"sha256": policy.digest(text), "says": says, "lists": rows, "marked": marked})
        return
    say(word("policy_usable"))
    pairs(says | {named(name): word("policy_of_rows", count=count) for name, count in rows.items()})
    show_marks(left)


@app.command()
def days(
    start: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day after which it runs (起算日).")],
    count: Annotated[int, typer.Argument(min=-COUNT_MAX, max=COUNT_MAX, help="How many; negative: before (天数).")],
    unit: Annotated[Unit, typer.Option(help="Working days, days, or months (工作日、日、月).")] = "working-days",
    as_json: Json = False,
) -> None:
    """Say on which day a limit ends, by the calendar of the policy in force (推算期限).

    A limit in days or months that would end on a day off ends on the next working day, one that counts backward on the
    working day before. Where a year is not listed yet, weekends alone are counted, and the answer is provisional 暂定.
    """
    from docking_station.services.policy import due_day

    with opened() as station:
        found = due_day(station, start.date(), count, unit)
    asked, day = {"from": f"{start:%Y-%m-%d}", "count": count, "unit": unit}, found.day.isoformat()
    said = word("policy_day_provisional" if found.is_provisional else "policy_day", day=day)
    answer(as_json, asked | {"day": day, "provisional": found.is_provisional}, lambda: say(said))


@app.command()
def lists(
    to: Annotated[Path, typer.Option(help="The Excel file to make; it must not be there yet (.xlsx 文件).")],
    file: Annotated[
        Path | None, typer.Argument(help="A policy file; if not given, the policy in force, or the example (制度文件).")
    ] = None,
) -> None:
    """Write the lists of a policy into one Excel file, to be changed there and imported again (导出清单)."""
    from docking_station.services.policy import read_file, shipped, text_of
    from docking_station.services.policy_lists import write_lists

    if file is not None:
        text = read_file(file)
    else:
        with opened() as station:
            text = text_of(station) or shipped()
    write_lists(text, to)
    say(word("policy_lists_written", path=to))


@app.command("import")
def import_lists(
    workbook: Annotated[Path, typer.Argument(help="The Excel file that `policy lists` made (.xlsx 文件).")],
    into: Annotated[
        Path | None, typer.Option(help="The policy file to change; if not given, the new text is printed (制度文件).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Bring the lists of an Excel file back into the policy they came from; adopts nothing (导入清单).

    Comments, and the order of all the rest, stay. What cannot be used is told at once, by sheet, row and
    column, and changes nothing.
    """
    from catalog.acts import policy
    from catalog.rules.policy_marks import marks
    from docking_station.services.policy import import_into, known_texts
    from docking_station.terminal.policy import show_marks

    old, new = import_into(workbook, into, partial(known_texts, opened))
    if as_json:
        print_json({"sha256": policy.digest(new), "changed": new != old, "marked": len(marks(new)), "text": new})
    elif into is None:
        sys.stdout.write(new)
    else:
        say(word("policy_lists_read" if new != old else "policy_lists_same", path=into))
        show_marks(marks(new))


@app.command("settle")
def settle_marks(file: File) -> None:
    """Lead through the lines still marked [核], one by one, and take the marks out of those that were checked (核定).

    Each line is shown with the value it is about: `y` or 是 takes its mark out, nothing leaves it, `q` ends. A value is
    changed in the file itself or in Excel (`evidock policy lists`).
    """
    from docking_station.services.policy import settle
    from docking_station.terminal.policy import ask_checked

    count, left = settle(file, ask_checked)
    say(word("policy_settled", count=count, left=left))


@app.command()
def adopt(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Switch erasing on without being asked (确认清除).")] = False,
    as_json: Json = False,
) -> None:
    """Put a policy file into force (发布制度); what changes is shown first.

    Where people's secrets are set (`evidock people secret`), two people adopt what changes rights, erases sooner or
    keeps shorter: the second types account and secret.

    It is signed, kept word for word in vault and catalog, and on the trail. Where files would be erased on recorders
    sooner than before, it is asked for a typed word, or for --yes where nobody can be asked.
    """
    from catalog.rules.policy_marks import marks
    from docking_station.services.policy import adopt_policy
    from docking_station.terminal.policy import ask_one_of_two, changes, confirm, show_marks

    with opened() as station:
        adopted = adopt_policy(station, caller(), file, partial(confirm, confirmed=yes, quiet=as_json), ask_one_of_two)
    if as_json:
        shown = changes(adopted.before, adopted.after) if adopted.is_new else []
        print_json({"version": adopted.version, "sha256": adopted.sha256, "changes": shown, "is_new": adopted.is_new})
    else:
        say(
            word("policy_adopted" if adopted.is_new else "policy_holds", version=adopted.version, sha256=adopted.sha256)
        )
        show_marks(marks(adopted.after))
