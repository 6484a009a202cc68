"""`evidock clips`: list, show, pull, track, verify, link, unlink, hold, unhold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from catalog.evidence import Kind
from docking_station.terminal.here import caller, opened
from docking_station.terminal.options import Json
from docking_station.terminal.output import answer, listed, print_json, remark, say
from docking_station.terminal.words import language, word
from docking_station.texts.plain import size_text, span_text, time_shown, visible

if TYPE_CHECKING:
    from docking_station.services.classes import Classified

app = typer.Typer(name="clips", help="Find, prove and hand out clips (视音频资料).", no_args_is_help=True)

ClipId = Annotated[
    str, typer.Argument(help="The clip's ID, or as much of its beginning as is unique (资料编号，或其唯一的开头).")
]

Class = Annotated[
    Literal["privacy", "business", "work", "informant", "state"], typer.Argument(help="The class (密级与敏感类别).")
]
Why = Annotated[
    str | None, typer.Option("--reason", help="Why (调阅事由，按规定须说明时填写), where the rights ask for it.")
]

DIFFERS = 31
WITHIN = re.compile(r"(?:(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,3}):)?(?P<s>\d{1,6}(?:\.\d{1,3})?)")
TrackFormat = Literal["gpx", "geojson"]
"""How a track is written (轨迹格式)."""


@app.command("list")
def list_clips(
    case: Annotated[str | None, typer.Option(help="Only clips of this case (案件编号).")] = None,
    officer: Annotated[str | None, typer.Option(help="Only clips of this officer (执法人员编号).")] = None,
    recorder: Annotated[str | None, typer.Option(help="Only clips of this recorder (记录仪编号).")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only clips that start at this time or later (只列该时间及之后开始的资料).")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Only clips that start before this time (只列该时间之前开始的资料).")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only clips of this kind (只列该类型的资料).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many (最多显示条数).")] = 100,
    after: Annotated[str | None, typer.Option(help="Go on behind the clip with this ID (从该资料之后续列).")] = None,
    as_json: Json = False,
) -> None:
    """List clips, newest first (检索). A time without a zone is in the recorders' zone."""
    from catalog.clips.search import Search
    from docking_station.services.listing import list_clips as list_for
    from docking_station.station.settings import moment
    from docking_station.terminal.clip import coded
    from docking_station.texts.codes import KINDS

    with opened() as station:
        zone = station.settings.zone
        begin, end = (moment(text, zone) if text else None for text in (since, until))
        wanted = Search(case, officer, recorder, kind, begin, end, after, limit)
        found, _ = list_for(station, caller(), wanted)
    listed(
        found,
        "no_clips",
        as_json,
        id=lambda clip: clip.id,
        starts_at=lambda clip: time_shown(clip.starts_at, zone),
        length=lambda clip: span_text(clip.duration_s),
        kind=lambda clip: coded(KINDS, clip.kind),
        officer=lambda clip: " ".join(filter(None, (clip.officer_name, clip.officer))),
        recorder=lambda clip: clip.recorder,
        case=lambda clip: clip.case,
        size=lambda clip: size_text(clip.size_bytes),
        path=lambda clip: clip.path,
    )
    if len(found) == limit and not as_json:
        remark(word("more", after=found[-1].id))


@app.command()
def show(clip: ClipId, as_json: Json = False) -> None:
    """Show everything known of a clip: time claims, track, media, manifest, trail (查看). The look is on the trail."""
    from catalog.people import people
    from catalog.rules.access import Action
    from docking_station.services.listing import clip_details
    from docking_station.services.permits import permit
    from docking_station.services.rights import find_clip
    from docking_station.services.viewable import viewable
    from docking_station.terminal.clip import show_clip
    from docking_station.texts.plain import json_of

    with opened() as station:
        number = find_clip(station, caller(), clip)
        permit(station, caller(), Action.HISTORY, number)
        details = clip_details(station, caller(), number)
        shown = viewable(station, number)
        zone, names = station.settings.zone, people.names(station.database)
    if as_json:
        known = json_of(details)
        assert isinstance(known, dict)
        print_json(known | {"view": shown})
    else:
        show_clip(details, shown, zone, names)


@app.command()
def pull(
    clip: ClipId,
    to: Annotated[Path, typer.Option("--to", help="The folder to write to (要写入的文件夹).", file_okay=False)],
    as_json: Json = False,
) -> None:
    """Write a copy of the original, its manifest and signature into a folder (调取). The pull is on the trail."""
    from catalog.rules.access import Action
    from docking_station.services.permits import permit
    from docking_station.services.pull import pull_clip
    from docking_station.services.rights import find_clip
    from docking_station.terminal.progress import counted

    with opened() as station:
        number = find_clip(station, caller(), clip)
        allowed = permit(station, caller(), Action.COPY, number, to=str(to))
        pulled = pull_clip(station, allowed, to, counted)
    answer(as_json, pulled, lambda: say(visible(word("pulled", path=pulled.path, sha256=pulled.sha256))))


@app.command()
def view(
    clip: ClipId,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            help="The new file to write; - writes to stdout, for a player (要写入的新文件；- 为直接输出给播放器).",
        ),
    ],
    reason: Why = None,
    as_json: Json = False,
) -> None:
    """Write what plays (观看): the original where it plays everywhere, else a viewing copy. It is on the trail.

    A copy that nobody made yet is made now, which may take as long as the clip. Copies are no evidence: see `pull`.
    """
    import sys

    from catalog.rules.access import Action
    from docking_station.services.permits import permit
    from docking_station.services.play import demand_new, prepare_view, stream_clip, view_clip
    from docking_station.services.rights import find_clip
    from docking_station.terminal.progress import counted

    with opened() as station:
        number = find_clip(station, caller(), clip)
        if str(to) != "-":
            demand_new(station, to)
        shown = prepare_view(station, number, counted)
        allowed = permit(station, caller(), Action.STREAM, number, derived=shown.derived, **_why(reason))
        if str(to) == "-":
            stream_clip(station, allowed, shown, sys.stdout.buffer)
            return
        viewed = view_clip(station, allowed, shown, to, counted)
    said = "viewed_copy" if viewed.derived else "viewed_original"
    facts = {"path": viewed.path, "sha256": viewed.sha256, "original": viewed.original_sha256}
    answer(as_json, viewed, lambda: say(visible(word(said, **facts))))


@app.command()
def track(
    clip: ClipId,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file to write; without it, stdout (写入的文件).", dir_okay=False)
    ] = None,
    form: Annotated[
        TrackFormat | None,
        typer.Option("--format", help="gpx or geojson; else what the ending of --to says, or gpx (格式)."),
    ] = None,
    simplify: Annotated[
        float,
        typer.Option(
            min=0.0, max=10_000.0, help="Leave out points that move the line less than so many metres (简化)."
        ),
    ] = 0.0,
    gcj02: Annotated[
        bool, typer.Option("--gcj02", help="As Chinese maps draw it (GCJ-02); GeoJSON only (火星坐标).")
    ] = False,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="Only sealed positions, no second opinion's (只用入库定位).")
    ] = False,
    reason: Why = None,
    as_json: Json = False,
) -> None:
    """Write a clip's positions as GPX or GeoJSON, WGS 84 unless asked otherwise (导出轨迹). It is on the trail.

    Where none were sealed, the second opinion's are written, under the name of the program that found them.
    """
    from catalog.rules.access import Action
    from docking_station.services.permits import permit
    from docking_station.services.rights import find_clip
    from docking_station.services.track import track_source, write_track
    from docking_station.station.apart import demand_outside

    if form is None:
        ending = to.suffix.lower() if to is not None else ""
        form = "geojson" if ending in (".geojson", ".json") else "gpx"
    if gcj02 and form != "geojson":
        raise typer.BadParameter(
            "GPX is WGS 84 by its definition; use --format geojson (GPX 只能为 WGS 84，请用 --format geojson)",
            param_hint="--gcj02",
        )
    if as_json and to is None:
        raise typer.BadParameter(
            "give --to as well: stdout can hold one of the two (请同时填写 --to)", param_hint="--json"
        )
    with opened() as station:
        number = find_clip(station, caller(), clip)
        source = track_source(station.database, number, sealed_only=sealed)
        if to is not None:
            demand_outside(station.settings, to)
        facts = {"to": "-" if to is None else str(to), **source}
        allowed = permit(station, caller(), Action.POSITION, number, **facts, **_why(reason))
        written = write_track(station, allowed, to, form, tolerance_m=simplify, gcj02=gcj02, sealed_only=sealed)
    if written.source is not None:
        remark(visible(word("track_by", tool=written.source)))
    if to is None:
        say(written.text.rstrip("\n"))
    elif as_json:
        details = {"fixes": written.fixes, "written": written.kept, "source": written.source or "manifest"}
        print_json({"clip": written.clip, "path": str(to)} | details | {"sealed": written.source is None})
    else:
        say(visible(word("track_written", path=to, kept=written.kept, fixes=written.fixes)))


@app.command()
def verify(
    clip: Annotated[
        list[str] | None, typer.Argument(help="IDs of clips; or give --all (资料编号，或用 --all).")
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Check every clip, and that the vault holds no other (核验全部资料，并核对保全库无多余内容)."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Read clips again from the vault and compare with manifest, signature, lock and catalog (核验).

    Exit status 31 if anything differs, with the clip's name and what differs.
    """
    from docking_station.services.verify import verify_clips
    from docking_station.terminal.progress import counted
    from docking_station.terminal.results import show_verdict

    if bool(clip) == every:
        raise typer.BadParameter("give the IDs of clips, or --all (请填写资料编号，或用 --all)")
    with opened() as station:
        verdict = verify_clips(station, caller(), clip or None, counted)
    show_verdict(verdict, as_json=as_json)
    raise typer.Exit(DIFFERS if verdict.findings else 0)


@app.command()
def link(
    clip: ClipId,
    case: Annotated[str, typer.Option(help="A number of the case, or its id (案件编号).")],
    reason: Annotated[str | None, typer.Option(help="Why, if it should stand on the trail (理由，记入留痕).")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="From where in the clip, as 1:30 (起始位置，如 1:30).")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Up to where in the clip, as 12:05 (终止位置，如 12:05).")
    ] = None,
    step: Annotated[str | None, typer.Option(help="The step it records, a code of the policy (步骤).")] = None,
    proves: Annotated[
        list[str] | None,
        typer.Option(help="What it proves, a code of the policy; may be given again (证明对象，可多次填写)."),
    ] = None,
    place: Annotated[str | None, typer.Option(help="Where it was recorded (地点).")] = None,
    as_json: Json = False,
) -> None:
    """Link a clip to one case more, or confirm a proposal (关联案件). It is on the trail, and in the vault."""
    from docking_station.services.links import link_clip

    with opened() as station:
        about = {
            "from_ms": _within_clip(since, "--from"),
            "to_ms": _within_clip(until, "--to"),
            "step": step,
            "proves": tuple(proves or ()),
            "place": place,
        }
        done = link_clip(station, caller(), clip, case, about, reason=reason)
    said = word("linked" if done.is_new else "linked_already", clip=done.clip, case=done.called)
    answer(as_json, done, lambda: say(visible(said)))
    for error in done.refused:
        remark(visible(word("keep_refused", what=error.message(language(), station.settings.zone))))


@app.command()
def unlink(
    clip: ClipId,
    reason: Annotated[str, typer.Option(help="Why the clip does not belong to the case (资料不属于该案件的理由).")],
    case: Annotated[str | None, typer.Option(help="Which case, where the clip belongs to several (案件编号).")] = None,
    as_json: Json = False,
) -> None:
    """End a clip's links to a case (解除关联). The reason is on the trail, and in the vault."""
    from docking_station.services.links import unlink_clip

    with opened() as station:
        done = unlink_clip(station, caller(), clip, case, reason=reason)
    answer(as_json, done, lambda: say(visible(word("unlinked", clip=done.clip, case=done.called))))


@app.command()
def classify(
    clip: ClipId, code: Class, reason: Annotated[str, typer.Option(help="Why (理由).")], as_json: Json = False
) -> None:
    """Give a clip a class (标注密级); the highest it has holds. `state` locks it: nothing of it is shown any more."""
    from docking_station.services.classes import classify_clip

    with opened() as station:
        done = classify_clip(station, caller(), clip, code, reason=reason)
    answer(as_json, done, lambda: _say_class("class_set", done))


@app.command()
def declassify(
    clip: ClipId,
    code: Class,
    reason: Annotated[
        str | None, typer.Option(help="Why; asked for from the first of the two people (理由，由第一人填写).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask to take a class from a clip; another person confirms it with the same command (降低密级)."""
    from docking_station.services.classes import ask_who_lowers, declassify_clip
    from docking_station.terminal.asking import ask_who

    with opened() as station:
        who = ask_who_lowers(station, caller(), clip, code, ask_who)
        done = declassify_clip(station, who, clip, code, reason=reason)
    answer(as_json, done, lambda: _say_class("class_asked" if done.state == "asked" else "class_lowered", done))


@app.command("hand-over")
def hand_over(
    clip: ClipId,
    receipt: Annotated[str, typer.Option(help="The number of the receipt (回执编号).")],
    medium: Annotated[str, typer.Option(help="The classified medium it went on (涉密载体).")],
    to: Annotated[str, typer.Option(help="Who took it (接收单位).")],
    as_json: Json = False,
) -> None:
    """Note that a state secret was handed over, by two people (移交); its original then goes by its own day."""
    from docking_station.services.classes import HandedTo, hand_over_clip
    from docking_station.terminal.asking import ask_who

    with opened() as station:
        done = hand_over_clip(station, caller(), clip, HandedTo(receipt, medium, to), ask_who)
    answer(as_json, done, lambda: _say_class("class_handed_over", done))


@app.command()
def hold(
    clip: ClipId,
    reason: Annotated[
        str,
        typer.Option(help="Why it must stay: a complaint, a lawsuit, public attention (保留理由，如投诉、诉讼、舆情)."),
    ],
    as_json: Json = False,
) -> None:
    """Hold a clip and what stands beside it, with a case or without one (依法保留): nothing of it goes."""
    from docking_station.services.holds import hold_clip
    from docking_station.terminal.results import show_hold

    with opened() as station:
        changed = hold_clip(station, caller(), clip, reason)
        show_hold(changed, station.settings.zone, as_json=as_json)


@app.command()
def unhold(
    clip: ClipId,
    reason: Annotated[
        str | None, typer.Option(help="Why it may go; asked for from the first of the two (处置理由，由第一人填写).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask for the end of a clip's holds; another person ends them with the same command (解除保留).

    Where the system does not tell who somebody is, account and secret are typed (`evidock people secret`).
    """
    from docking_station.services.holds import ask_who_unholds, unhold_clip
    from docking_station.terminal.asking import ask_who
    from docking_station.terminal.results import show_hold

    with opened() as station:
        who = ask_who_unholds(station, caller(), clip, ask_who)
        changed = unhold_clip(station, who, clip, reason)
        show_hold(changed, station.settings.zone, as_json=as_json)


@app.command("holds")
def list_holds(as_json: Json = False) -> None:
    """List the holds that stand, oldest first (保留清单)."""
    from docking_station.services.holds import standing_holds

    with opened() as station:
        found, zone = standing_holds(station, caller()), station.settings.zone
    listed(
        found,
        "no_holds",
        as_json,
        id=lambda one: one.clip_id,
        since=lambda one: time_shown(one.begins_at, zone),
        by=lambda one: one.by,
        reason=lambda one: one.reason,
        asked_by=lambda one: one.asked_by,
        asked_reason=lambda one: one.asked_reason,
    )


def _say_class(name: str, done: Classified) -> None:
    from docking_station.terminal.clip import coded
    from docking_station.texts.codes import CLASSES

    say(visible(word(name, clip=done.clip, code=coded(CLASSES, done.code), left=coded(CLASSES, done.class_))))


def _within_clip(text: str | None, option: str) -> int | None:
    """Milliseconds from a clip's begin, of hours, minutes and seconds."""
    if text is None:
        return None
    found = WITHIN.fullmatch(text)
    if found is None:
        raise typer.BadParameter("give it as 90, 1:30 or 0:01:30 (格式应为 90、1:30 或 0:01:30)", param_hint=option)
    hours, minutes, seconds = (float(found[name] or 0) for name in ("h", "m", "s"))
    return round((hours * 3600 + minutes * 60 + seconds) * 1000)


def _why(reason: str | None) -> dict[str, str]:
    """What the line says of the reason, where one was told; a blank is none."""
    told = (reason or "").strip()
    return {"reason": told} if told else {}


@app.command()
def proposals(
    clip: Annotated[
        list[str] | None,
        typer.Argument(help="IDs of clips; none: all that belong to no case (资料编号；不填为全部未关联案件的资料)."),
    ] = None,
    case: Annotated[str | None, typer.Option(help="Only for this case, by a number or its id (仅限该案件).")] = None,
    confirm: Annotated[
        bool,
        typer.Option(
            help="Link them: these clips' surest, or of all the sure ones (确认关联：首选建议或全部可靠建议)."
        ),
    ] = False,
    undo: Annotated[
        bool, typer.Option(help="Take confirmed ones of these clips back (撤回这些资料已确认的关联).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which cases clips may belong to, how sure, and why (关联建议); confirm them, or take that back."""
    from docking_station.services import proposals as proposing
    from docking_station.terminal.checks import tell_proposed
    from docking_station.terminal.progress import counted

    if undo and (confirm or not clip):
        raise typer.BadParameter(
            "--undo takes IDs of clips, and no --confirm (--undo 须填写资料编号，且不与 --confirm 同用)"
        )
    with opened() as station:
        if undo:
            done = proposing.take_back(station, caller(), clip or ())
            answer(as_json, done, lambda: say(word("proposals_undone", count=len(done))))
            return
        found = proposing.propose(station, caller(), clip or (), case, counted)
        if not confirm:
            answer(as_json, found, lambda: tell_proposed(found))
            return
        made = proposing.confirm(station, caller(), proposing.surest(found, chosen=bool(clip)))
        answer(as_json, made, lambda: say(word("proposals_confirmed", count=len(made))))
