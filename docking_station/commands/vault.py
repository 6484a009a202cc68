"""`evidock vault`: time stamps, what is kept how long, and whether it is still whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, listed, print_json, remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import size_text, time_shown, visible

if TYPE_CHECKING:
    from catalog.rules.callers import Caller
    from ingest.custody.scrub import Scrubbed

app = typer.Typer(name="vault", help="The vault: time stamps, retention, scrubbing (保全库).", no_args_is_help=True)

DIFFERS = 31


@app.command()
def stamp(as_json: Json = False) -> None:
    """Fetch the time stamps that are owed, now (补办时间戳). The dock does so by itself."""
    done = owed = 0
    with opened() as station:
        timestamper = station.timestamper
        if timestamper is not None:
            done = timestamper.catch_up(len(timestamper.owed()), lambda: False)
            owed = len(timestamper.owed())
    said = word("stamps_none") if timestamper is None else word("stamps_sum", done=done, owed=owed)
    answer(as_json, {"stamped": done, "owed": owed, "configured": timestamper is not None}, lambda: say(said))


@app.command("due")
def list_due(as_json: Json = False) -> None:
    """List the clips that may be disposed of: time over, lock ended, not held (到期清单)."""
    from catalog.clips import classes
    from docking_station.services.dispose import due_clips

    with opened() as station:
        found, disagreeing = due_clips(station)
        waiting, zone = classes.waiting(station.database), station.settings.zone
    plain = ("clip", "path", "size_bytes", "sealed_at", "locked_until")
    due = [
        {**{name: getattr(one, name) for name in plain}, "asked_by": one.asked and one.asked.asked_by} for one in found
    ]
    for error in disagreeing:
        remark(visible(word("not_listed", what=error.message(language(), station.settings.zone))))
    if waiting:
        remark(word("due_secret", clips=", ".join(waiting)))
    listed(
        due,
        "",
        as_json,
        id=lambda one: one["clip"],
        locked_until=lambda one: time_shown(one["locked_until"], zone),
        size=lambda one: size_text(one["size_bytes"]),
        asked_by=lambda one: one["asked_by"],
        path=lambda one: one["path"],
    )
    size = size_text(sum(one.size_bytes for one in found))
    if not as_json:
        say(word("due_sum", count=len(due), size=size) if due else word("due_none"))


@app.command()
def dispose(
    clip: Annotated[
        list[str], typer.Argument(help="ID of a clip, or as much as is unique; or several (资料编号或其开头，可多个).")
    ],
    reason: Annotated[
        str | None, typer.Option(help="Why; asked for from the first of the two people (理由，由第一人填写).")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="As the second, confirm without being asked (确认处置).")] = False,
    as_json: Json = False,
) -> None:
    """Ask for the disposal of clips that are due; another person confirms it with the same command (处置).

    It is signed in the vault and on the trail before anything is removed. Nothing goes before its lock's end. On a
    terminal the second person is shown what goes and why, and asked for a typed word. Where the system does not tell
    who somebody is, account and secret are typed (`evidock people secret`).
    """
    import sys

    from docking_station.services.dispose import ask_who_disposes, dispose_clip
    from docking_station.terminal.asking import ask_who
    from docking_station.terminal.disposal import ask_second

    results, known = list[dict[str, str]](), list["Caller"]()
    with opened() as station:
        for one in dict.fromkeys(clip):
            who = ask_who_disposes(station, caller(), one, ask_who, known)
            known.append(who)
            if not yes and not as_json and sys.stdin.isatty():
                ask_second(station, who, one, station.settings.zone)
            state, number = dispose_clip(station, who, one, reason)
            results.append({"clip": number, "state": state})
            if not as_json:
                say(word("disposed" if state == "disposed" else "disposal_asked", clip=number))
    if as_json:
        print_json(results[0] if len(clip) == 1 else results)


@app.command()
def check(
    level: Annotated[
        str,
        typer.Option(help="metadata: everything is there; lock: and locked; bytes: and reads (核对资料、锁定或内容)."),
    ] = "lock",
    as_json: Json = False,
) -> None:
    """Check that the vault still holds everything the catalog knows (检查保全库); exit status 31 if not."""
    from docking_station.services.vault_check import check_vault
    from docking_station.terminal.progress import counted
    from docking_station.terminal.results import show_verdict
    from ingest.custody.verification import LEVELS

    if level not in LEVELS:
        raise typer.BadParameter(f"--level is one of {', '.join(LEVELS)} (可用：{'、'.join(LEVELS)})")
    with opened() as station:
        verdict = check_vault(station, caller(), level, counted)
    show_verdict(verdict, as_json=as_json)
    raise typer.Exit(DIFFERS if verdict.findings else 0)


@app.command()
def scrub(
    seconds: Annotated[float, typer.Option(min=0, help="Stop after so many seconds (到该秒数即停止).")] = 3600.0,
    everything: Annotated[
        bool, typer.Option("--all", help="Read also what is not overdue yet (未到期的也读取).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read originals again that are overdue, the longest unread first (巡检). The dock does so by itself.

    Exit status 31 if one is damaged.
    """
    from docking_station.services.vault_check import scrub_vault

    with opened() as station:
        done = scrub_vault(station, seconds, everything=everything)
    _tell(done, as_json=as_json)


@app.command()
def repair(
    clip: Annotated[
        list[str] | None,
        typer.Argument(help="ID of a clip, or as much as is unique; or several (资料编号或其开头，可多个)."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every clip (全部资料).")] = False,
    as_json: Json = False,
) -> None:
    """Read every copy of originals in all vaults of a mirror, and repair what is damaged from a whole copy (修复).

    The damaged copy is kept. Exit status 31 if something stays damaged.
    """
    from docking_station.services.vault_check import repair_vault

    if bool(clip) == everything:
        raise typer.BadParameter("name clips, or give --all (请填写资料编号，或用 --all)")
    with opened() as station:
        done = repair_vault(station, None if everything else clip)
    _tell(done, as_json=as_json)


def _tell(done: Scrubbed, *, as_json: bool) -> None:
    if as_json:
        details = {
            name: [{"sha256": sha256, "fault": fault} for sha256, fault in found]
            for name, found in (("damaged", done.damaged), ("mended", done.repaired))
        }
        print_json({"read": done.read, "size_bytes": done.size_bytes, **details})
    else:
        for sha256, fault in done.repaired:
            say(visible(word("scrub_repaired", sha256=sha256, fault=fault)))
        for sha256, fault in done.damaged:
            say(visible(word("scrub_damaged", sha256=sha256, fault=fault)))
        say(word("scrubbed", count=done.read, size=size_text(done.size_bytes), damaged=len(done.damaged)))
    raise typer.Exit(DIFFERS if done.damaged else 0)
