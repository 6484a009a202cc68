"""The policy (管理制度): every version as its lists are printed, and two versions side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from catalog.acts import policy
from catalog.rules.policy_changes import cells_changed, rows_changed, settings_changed
from catalog.rules.policy_reading import Field
from catalog.rules.policy_text import name_zh, read_whole
from catalog.station_error import Language
from docking_station.services import policy_lists
from docking_station.services.links import words_in
from docking_station.services.policy import may_propose
from docking_station.services.policy_cells import NO, YES
from docking_station.texts.policy_values import VALUES
from review.door import caller_of
from review.frame import Words
from review.register import Cell, Facts, Table, minute_of, names_of, shown

PAGES = APIRouter()
CHINESE, BRACKETS = re.compile(" ?[\u4e00-\u9fff]+"), re.compile(r" ?\(([^()]*[\u4e00-\u9fff][^()]*)\)")
VersionNo = Annotated[int | None, Query(ge=1, le=1_000_000)]


@PAGES.get("/policy")
def policy_now(request: Request, version: VersionNo = None, beside: VersionNo = None, part: str = "") -> Response:
    """A version of the policy as its lists are printed; or two versions side by side."""
    station, words = request.app.state.station, Words.of(request)
    may_change, every = may_propose(station, caller_of(request)), policy.history(station.database)
    if not every:
        nothing = [Table("reg_policy", (), (), "reg_no_policy")]
        facts: dict[str, Any] = {"chips": (), "about": "", "others": (), "version": 0, "may_change": may_change}
        return shown(request, "reg_policy", nothing, "policy.html", **facts)
    one = every[-1] if version is None else policy.of_version(station.database, version)
    tabs = [
        (words("reg_version", version=each.version), f"/policy?version={each.version}", each.version == one.version)
        for each in reversed(every)
    ]
    about = words("reg_version_by", at=minute_of(request)(one.at), by=names_of(request)(one.by))
    if beside is not None:
        other = policy.of_version(station.database, beside)
        called = words("reg_version", version=other.version), words("reg_version", version=one.version)
        parts = compared(words, other.text, one.text, called)
        return shown(request, "reg_policy", parts, tabs=tabs, heading=words("reg_policy"), back="/policy")
    chinese = words.language == "zh"
    titles = {"": words("reg_settings")} | {
        sheet.title: sheet.title if chinese else ".".join(map(str, sheet.path)) for sheet in policy_lists.sheets()
    }
    chips = [
        (title, f"/policy?{urlencode({'version': one.version, 'part': key})}", key == part)
        for key, title in titles.items()
    ]
    parts = [_list(words, one.text, part, titles)]
    more: dict[str, Any] = {
        "chips": chips,
        "about": about,
        "may_change": may_change,
        "others": [each.version for each in every if each.version != one.version],
    }
    return shown(request, "reg_policy", parts, "policy.html", tabs=tabs, version=one.version, **more)


def _list(words: Words, text: str, part: str, titles: Mapping[str, str]) -> Table:
    sheet = next((one for one in policy_lists.sheets() if one.title == part), None)
    known, settings = words_in(read_whole(text)), policy_lists.settings()
    if sheet is None:
        rows = [
            (
                Cell(_named(words, name)),
                Cell(
                    worded(words, known, settings[name][1], value) if name in settings else value,
                    remark_in(said.partition("\n")[0], words.language),
                ),
                mark,
            )
            for name, said, value, mark in policy_lists.setting_rows(text)
        ]
        return Table("reg_settings", ("reg_setting", "reg_value", "reg_note"), rows)
    heads = tuple(one.mark.zh if words.language == "zh" else one.key for one in sheet.columns)
    listed = [map(partial(worded, words, known), sheet.columns, row) for row in policy_lists.list_rows(text, sheet)]
    return Table(titles[part], heads, [tuple(row) for row in listed])


def worded(words: Words, known: Mapping[str, tuple[str, str]], one: Field, value: object) -> str:
    """A cell of the policy as people read it: what is one of a few words, or a code of another list, by its name."""

    def called(part: str) -> str:
        if part in one.mark.words or part in (YES, NO):
            return words.coded(VALUES, f"{one.key}.{part}" if f"{one.key}.{part}" in VALUES else part)
        return words.coded(known if part in known else VALUES, part) if one.mark.codes else part

    return {"zh": "；", "en": "; "}[words.language].join(
        "、".join(map(called, line.split("、"))) for line in str(value).split("\n")
    )


def remark_in(remark: str, language: Language) -> str:
    """What a policy's remark says in one language: the Chinese stands in brackets, and after the last of them."""
    if language == "en":
        return CHINESE.sub("", BRACKETS.sub("", remark))
    brackets, rest = BRACKETS.findall(remark), BRACKETS.split(remark)[-1].strip(" .;:,")
    said = "；".join(brackets) or remark
    return f"{said}：{rest.replace(', ', '，')}" if brackets and CHINESE.search(rest) else said


def compared(words: Words, before: str, after: str, called: tuple[str, str]) -> list[Table | Facts]:
    """What a policy says otherwise than another, by the names the two are called."""
    wholes = read_whole(before), read_whole(after)
    changed = [*settings_changed(*wholes), *cells_changed(*wholes)]
    rows = [(Cell(_named(words, one.name)), _said(one.before), _said(one.after)) for one in changed]
    lists = [
        (
            Cell(_named(words, one.name)),
            one.before,
            one.after,
            *map(" ".join, (one.added, one.removed, one.changed)),
        )
        for one in rows_changed(*wholes)
    ]
    counts = ("reg_list", *(f"reg_rows_{name}" for name in ("before", "after", "added", "removed", "changed")))
    title = words("reg_compared", one=called[0], other=called[1])
    heads = ("reg_setting", *called)
    return [Table(title, heads, rows, "reg_same"), Table("reg_lists_changed", counts, lists, "reg_same")]


def _named(words: Words, name: str) -> str:
    return name_zh(name) if words.language == "zh" else name


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return "；".join(_said(one) for one in value)
    return "" if value is None else str(value)
