"""`evidock cases`: open, correct, close, merge, list and show cases, and link clips to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Annotated, Any

import typer

from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json, Typed, said, takes
from docking_station.terminal.output import answer, listed, remark, say
from docking_station.terminal.people_options import No, moment_of
from docking_station.terminal.people_options import Reason as Why
from docking_station.terminal.words import language, word
from docking_station.texts.plain import visible

app = typer.Typer(name="cases", help="Cases clips belong to (案件).", no_args_is_help=True)

CaseNo = Annotated[str, typer.Argument(metavar="NO", help="Any number of the case, or its id (案件编号).")]
FIELDS = {
    "title": Typed("text", "What the case is called (案件名称)."),
    "subject": Typed("text", "The subject of enforcement (执法对象), if no --party is given."),
    "officers": Typed("many", "An officer on the case; may be given again (办案人员，可多次填写).", "--officer"),
    "begins_at": Typed("moment", "When its enforcement began (执法开始时间).", "--since"),
    "ends_at": Typed("moment", "When it ended (结束时间).", "--until"),
    "kind": Typed("text", "Its kind of procedure, a code of the policy (执法类别)."),
    "matter": Typed("text", "Its matter, a code of the policy (执法事项)."),
    "unit": Typed("text", "The unit that handles it, a code of the policy (承办科室)."),
    "place": Typed("text", "Where it happened (地点)."),
    "parties": Typed("many", "A party; may be given again (当事人，可多次填写).", "--party"),
    "facts": Typed("many", "A fact of it, a code of the policy; or more (案件情形，可多次填写).", "--fact"),
    "state": Typed("text", "How far it is: lead, open, suspended … (案件状态：lead、open、suspended 等)."),
    "inspected": Typed("day", "The day of the inspection (检查日期)."),
    "opened": Typed("day", "The day it was opened (立案日期)."),
    "decided": Typed("day", "The day of the decision (决定日期)."),
    "penalty": Typed("text", "What is proposed, or was decided (处罚种类)."),
    "fine": Typed("yuan", "The fine in yuan, 0 for none (罚款数额，元)."),
}
Numbers = Annotated[
    list[str] | None,
    typer.Option(
        "--number",
        help="Another number: opening=NO, office=NO, decision=NO; or more (文号，如 opening=文号，可多次填写).",
    ),
]
End = Annotated[bool, typer.Option("--end", help="End it, instead (改为解除).")]
Reason = Annotated[str | None, typer.Option(help="Why, if it should stand on the trail (理由，记入留痕).")]


@app.command()
@takes(FIELDS)
def add(
    no: Annotated[str | None, typer.Argument(help="The case number (案件编号，可后补); it may come later.")] = None,
    number: Numbers = None,
    as_json: Json = False,
    **typed: Any,
) -> None:
    """Open a case (登记案件). With officers and times, its clips are proposed for it at ingest."""
    from docking_station.services.cases import open_case

    title, parties = typed["title"], typed["parties"]
    if title is None and not (parties or typed["subject"]):
        raise typer.BadParameter("give --title, or a --party (请填写 --title 或 --party)", param_hint="--title")
    with opened() as station:
        told = _said(typed, station.settings.zone) | {"title": title or " ".join(parties or [typed["subject"]])}
        numbers = _numbers([*([no] if no is not None else []), *(number or ())])
        case = open_case(station, caller(), numbers, told)
    answer(as_json, case, lambda: say(visible(word("case_added", case=case.called))))


@app.command()
@takes(FIELDS)
def change(
    no: CaseNo,
    number: Numbers = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(help="A number that was wrong; may be given again (要删去的错误文号，可多次填写)."),
    ] = None,
    reason: Reason = None,
    as_json: Json = False,
    **typed: Any,
) -> None:
    """Correct a case (案件变更), or give it a number; an empty text strikes it out. What it said stays on the trail."""
    from docking_station.services.cases import change_case

    with opened() as station:
        changes = _said(typed, station.settings.zone)
        if not (changes or number or drop):
            raise typer.BadParameter("give at least one thing that changes (请至少填写一项变更)")
        about: dict[str, Any] = {"numbers": _numbers(number), "dropped": drop or (), "reason": reason}
        case = change_case(station, caller(), no, changes, **about)
    answer(as_json, case, lambda: say(visible(word("case_changed", case=case.called))))


@app.command()
def close(
    no: CaseNo,
    day: Annotated[str | None, typer.Option(help="The day it was closed, if not today (结案日期，不填为今天).")] = None,
    reason: Reason = None,
    despite: Annotated[
        str | None,
        typer.Option(help="Why it is closed though it is not in order, by two (环节不齐仍结案的理由，须两人)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Close a case (结案). What the policy asks for is looked at; where something is open, two people close it."""
    from docking_station.services.cases import close_case
    from docking_station.station.settings import moment
    from docking_station.terminal.asking import ask_who

    with opened() as station:
        zone = station.settings.zone
        on = (moment(day, zone) if day else station.now()).astimezone(zone).date().isoformat()
        case = close_case(station, caller(), no, on, reason=reason, despite=despite, read=ask_who)
    answer(as_json, case, lambda: say(visible(word("case_closed", case=case.called, day=on))))


@app.command()
def decide(
    no: CaseNo,
    day: Annotated[str | None, typer.Option(help="The day of the decision, if not today (决定日期).")] = None,
    approved_by: Annotated[str | None, typer.Option(help="Who approved it (批准人).")] = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Enter the decision on a case (作出决定); one that the policy wants reviewed must have passed legal review."""
    from docking_station.services.legal_review import decide as deciding
    from docking_station.station.settings import moment

    with opened() as station:
        zone = station.settings.zone
        on = (moment(day, zone) if day else station.now()).astimezone(zone).date().isoformat()
        case = deciding(station, caller(), no, on, approved_by=approved_by, reason=reason)
    answer(as_json, case, lambda: say(visible(word("case_was_decided", case=case.called, day=on))))


@app.command()
def merge(
    no: CaseNo,
    into: Annotated[str, typer.Option(help="The case it really is (并入案件).")],
    reason: Annotated[str, typer.Option(help="Why they are one (合并理由).")],
    as_json: Json = False,
) -> None:
    """Say that two cases are one (案件合并): numbers, clips and written records of the first become the other's."""
    from docking_station.services.cases import merge_cases

    with opened() as station:
        case = merge_cases(station, caller(), no, into, reason=reason)
    answer(as_json, case, lambda: say(visible(word("case_merged", case=no, into=case.called))))


@app.command("take-along")
def take_along(
    no: CaseNo,
    other: Annotated[
        str,
        typer.Option(
            "--from", help="The case whose clips it takes along, as an inspection (检查案件，其资料将一并关联)."
        ),
    ],
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Link to a case all clips of another (一并关联), with step, part and proof: an inspection becomes a penalty."""
    from docking_station.services.links import take_along as taking
    from docking_station.terminal.progress import counted

    with opened() as station:
        taken = taking(station, caller(), no, other, reason=reason, progress=counted)
        zone = station.settings.zone
    answer(as_json, taken, lambda: say(visible(word("case_took", case=no, count=len(taken.clips), other=other))))
    for error in taken.refused:
        remark(visible(word("keep_refused", what=error.message(language(), zone))))


@app.command("list")
def list_cases(as_json: Json = False) -> None:
    """List all cases with the number of their clips (案件列表)."""
    from docking_station.services.known_cases import readable_cases

    with opened() as station:
        found = readable_cases(station, caller())
    listed(
        found,
        "no_cases",
        as_json,
        no=lambda case: case.called,
        title=lambda case: case.title,
        subject=lambda case: case.subject,
        clips=lambda case: case.clips,
    )


@app.command()
def show(no: CaseNo, as_json: Json = False) -> None:
    """Show a case: its numbers, parties, officers and days, its written records and its clips (案件详情)."""
    from catalog.people import people
    from docking_station.services.cases import show_case
    from docking_station.services.links import words_now
    from docking_station.terminal.case import tell_case

    with opened() as station:
        shown, zone, words = show_case(station, caller(), no), station.settings.zone, words_now(station)
        names = people.names(station.database)
    answer(as_json, shown, lambda: tell_case(shown, zone, words, names))


def _said(typed: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    """What was typed of a case."""
    told = said(FIELDS, typed, zone)
    if "parties" in told:
        told["parties"] = [{"name": one} for one in told["parties"]]
    return told


def _numbers(every: list[str] | None) -> list[Any]:
    from catalog.cases import cases
    from catalog.rules.case_numbers import NUMBER_KINDS

    found = []
    for one in every or ():
        kind, is_kind, text = one.partition("=")
        known = next((known for known in NUMBER_KINDS if is_kind and known == kind), None)
        found.append(cases.number(text if known else one, known))
    return found


@app.command()
def check(
    no: Annotated[
        str | None,
        typer.Argument(metavar="NO", help="A number of the case, or its id; or --all (案件编号，或用 --all)."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Check every case (核查全部案件).")] = False,
    as_json: Json = False,
) -> None:
    """Say what should have been recorded and was not, and which limits, gates and papers a case lacks (应录环节核查).

    `evidock cases note` answers what is found; it never goes away.
    """
    from catalog.acts.policy import history
    from docking_station.services.cases import check as checking
    from docking_station.terminal.checks import tell_checked
    from docking_station.terminal.progress import counted

    if (no is not None) == every:
        raise typer.BadParameter("give the number of a case, or --all (请填写案件编号，或用 --all)")
    with opened() as station:
        found, has_policy = checking(station, caller(), no, counted), bool(history(station.database))
    answer(as_json, found, lambda: tell_checked(found, has_policy=has_policy))


@app.command()
def note(
    no: CaseNo,
    text: Annotated[str, typer.Option("--text", help="What there is to say (情况说明).")],
    paper: Annotated[
        str | None, typer.Option(help="The written record it is about, by number or id (所涉文书编号).")
    ] = None,
    verdict: Annotated[
        str | None,
        typer.Option(help="What it answers, a code of `cases check`, if not all (所说明的核查结果代码，不填为全部)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer what `cases check` found with a signed note of today (情况说明); the finding stays beside it."""
    from docking_station.services.completeness import note_case

    with opened() as station:
        done = note_case(station, caller(), no, text, paper=paper, verdict=verdict)
    answer(as_json, done, lambda: say(visible(word("case_noted", case=no, note=done.id))))


@app.command()
def assign(
    no: CaseNo,
    person: No,
    reason: Why,
    until: Annotated[
        str | None, typer.Option(help="Until when; if not given, without end (截止时间，不填为长期).")
    ] = None,
    end: End = False,
) -> None:
    """Name a reviewer on a case, who reads it and its clips and changes nothing (指定审核人); for heads of its unit."""
    from docking_station.services import case_parts

    with opened() as station:
        if end:
            case_parts.end_part(station, caller(), no, person, "reviewer", reason)
        else:
            case_parts.name_reviewer(station, caller(), no, person, moment_of(station, until), reason)
    say(visible(word("reviewer_ended" if end else "reviewer_named", case=no, no=person)))


@app.command()
def recuse(
    no: CaseNo,
    person: No,
    reason: Why,
    end: Annotated[bool, typer.Option("--end", help="End it, instead (改为解除).")] = False,
) -> None:
    """Recuse a person from a case (回避): themselves, or by a head of its unit, who alone ends it."""
    from docking_station.services import case_parts

    with opened() as station:
        if end:
            case_parts.end_part(station, caller(), no, person, "recused", reason)
        else:
            case_parts.recuse(station, caller(), no, person, reason)
    say(visible(word("recusal_ended" if end else "recused", case=no, no=person)))
