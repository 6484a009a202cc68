"""The policy of a whole bureau: read to the last row, and whatever is wrong with it named at once, by line and row."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import PolicyBad
from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.policy_changes import changes_rights, keeps_shorter, rows_changed, settings_changed
from catalog.rules.policy_fields import Days
from catalog.rules.policy_marks import marks, settled
from catalog.rules.policy_text import EXAMPLE, read_policy, read_tables, read_whole
from catalog.rules.toml_places import Path, places
from docking_station.services.policy import shipped

TEXT = shipped()
COLUMN = '{ map = "oa", list = "cases", field = "party", head = "相对人" },'
NASTY = """\
a."b.c" = 1 # [x]
'd # "' = "}, \\" # ]" # more
e = \"\"\"
[not a table]
x = 1 \"\"\"\"\"
[t.u]
f = [ # , ]
  { g = 'x,}', h.i = [1, [2,],] }, # {
  {},
]
[[rows]]
[rows.in]
j = 1979-05-27 07:32:00
[[rows]]
[[rows.in]]
k = '''
]'''
"""


def values(read: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if path:
        yield path, read
    for key, value in read.items() if isinstance(read, dict) else enumerate(read) if isinstance(read, list) else ():
        yield from values(value, (*path, key))


@pytest.mark.parametrize(
    "text", [TEXT, EXAMPLE, NASTY, NASTY.replace("\n", "\r\n")], ids=["bureau", "dock", "nasty", "crlf"]
)
def test_every_value_of_a_text_is_found_where_it_stands(text: str) -> None:
    spans, found = places(text), 0
    for path, value in values(tomllib.loads(text)):
        if not isinstance(value, dict | list) or (
            path in spans and text[spans[path][0]] + text[spans[path][0] + 1] != "[["
        ):
            begins, ends = spans.get(path, (0, 0))
            if isinstance(value, dict) and (path not in spans or text[begins] == "["):
                continue
            assert tomllib.loads(f"x = {text[begins:ends]}")["x"] == value, path
            found += 1
    assert found >= 6


def test_the_shipped_policy_is_read_to_its_last_row() -> None:
    whole = read_whole(TEXT)
    counts = (len(whole.steps), len(whole.papers.every), len(whole.recordings.every), len(whole.matters))
    assert counts == (42, 55, 18, 21)
    assert whole.evaluation[-1].code == "E10"
    assert (whole.limits.every[1].from_, whole.limits.every[1].n) == ("preserve-notice", 7)
    assert whole.calendar.years[0].off[3] == Days(date(2026, 5, 1), date(2026, 5, 5))
    assert whole.disclosure.credit_serious_months == (12, 36)
    assert whole.retention.classes[0].keep == "permanent"
    assert read_policy(TEXT, 3).caps.copies == 16


def test_a_small_policy_has_the_defaults_and_empty_lists() -> None:
    assert read_whole("") == read_whole(EXAMPLE) == BureauPolicy()
    assert read_whole("[disclosure]\nother_days = 15\n").disclosure.penalty_days == 7


@pytest.mark.parametrize(
    ("good", "bad", "at", "row", "what"),
    [
        ('stage = "inquiry", zh = "询问"', 'stage = "enquiry", zh = "询问"', "", 10, "no code of [stages]"),
        ('code = "home-visit", stage', 'code = "seal", stage', 'zh = "入户调查"', 17, "stands in row 14 already"),
        ('must = ["decide", "force"]', 'must = ["decide", "court"]', "", 7, "not among the steps of 'ban'"),
        ('unit = "shjz", basis = "社会救助暂行办法68"', 'unit = "x", basis = ""', "", 12, "'x' is no code of [units]"),
        ('unit = "shjz", basis = "社会救助暂行办法68"', 'unit = "x", basis = ""', "", 12, "matters.list.basis"),
        ('aliases = ["公告送达"]', 'aliases = ["送达回证"]', "", 38, "means row 37 too"),
        ('number = "强申字"', 'number = "强执字"', '"强制执行申请书"', 45, "is read as the mark of row 43"),
        ('number = "强申字"', 'number = "强执"', '"强制执行申请书"', 45, "is read as the mark of row 43"),
        ('proves = ["P-BAN"]', 'proves = ["P-BANN"]', "", 4, "no code of [proves]"),
        ('media = ["image"], officers = 2', "media = [], officers = 2", "", 17, "is empty"),
        ('["inspection", "assistance"], if', '["inspection"], if', "rules = [", 0, "the kind 'assistance'"),
        (
            'release = "never", default_for = ["lead"]',
            'release = "redacted", default_for = []',
            '"informant", zh',
            5,
            '"never"',
        ),
        ('{ code = "work", zh = "工作秘密"', '{ code = "wok", zh = "工作秘密"', "", 4, "'wok' is none of"),
        (
            '{ code = "work", zh = "工作秘密"',
            '{ code = "wok", zh = "工作秘密"',
            'classes = [\n  { code = "none',
            0,
            "'work' is",
        ),
        ("\nmore_days = 5", "\nmore_days = 4", '"L14"', 14, "review.more_days says 4 working days, this row (L14) 5"),
        ("\npenalty_days = 7", "\npenalty_days = 8", '"L08"', 8, "disclosure.penalty_days says 8"),
        ("\nlicence_days = 20", "\nlicence_days = 7", '"L09"', 9, "disclosure.licence_days says 7"),
        ('"publish", n = 7, unit = "working-days"', '"publish", n = 7, unit = "days"', "", 8, "this row (L08) 7 days"),
        ('"2026-05-09"', '"2026-05-08"', "", 1, "no weekend day"),
        ('"2026-05-01/2026-05-05"', '"2026-05-05/2026-05-01"', "", 1, "days like"),
        ('archive_room_by = "06-30"', 'archive_room_by = "6-30"', "", 0, '"06-30"'),
        ("large_fine_person = 5000\n", "", "[review]", 0, "large_fine_person: is missing"),
        ("credit_light_months = [0, 3]", "credit_light_months = [4, 3]", "", 0, "4 is more than 3"),
        ('state_secrets = "quarantine"', 'state_secrets = "accredited"', "", 0, "quarantine"),
        ('form = "{short}{mark}', 'form = "{court}{mark}', "", 0, "{short}"),
        ('from = "overdue"', 'from = "overdo"', "", 7, "'overdo'"),
        ('region = "990100"', 'region = "99010"', "", 0, "990100"),
        ('"dispose", "adopt-policy"', '"adopt-policy"', "", 0, "'dispose' is missing: it always needs two people"),
        ('role = "auditor"', 'role = "viewer"', "", 12, "'viewer' is none of"),
        ('zh = "入户调查", en', 'zh = " 入户调查", en', "", 17, "blanks"),
        ('zh = "入户调查", en', 'zh = "入\u200b户调查", en', "", 17, "hidden"),
        ('zh = "入户调查", en', 'zh = "入户调查", hue = 1, en', "", 17, "steps.list.hue: there is no such key"),
        ("columns = []", f"columns = [\n{COLUMN}\n {COLUMN}\n]", f" {COLUMN}", 2, "says the same as row 1"),
        ("columns = []", f"columns = [\n{COLUMN.replace('party', 'part')}\n]", '"part"', 1, "'part' is none of"),
        ('zh = "入户调查", en = "home visit"', 'zh = "入户调查"', "", 17, "steps.list.en: is missing"),
    ],
)
def test_what_does_not_fit_is_named_by_line_and_row(good: str, bad: str, at: str, row: int, what: str) -> None:
    text = TEXT.replace(good, bad, 1)
    assert text != TEXT
    with pytest.raises(PolicyBad) as refused:
        read_whole(text)
    place = f"line {text.count(chr(10), 0, text.index(at or bad)) + 1}" + (f", row {row}" if row else "")
    lines = [line for line in refused.value.message().splitlines() if what in line]
    assert [line.partition(": ")[0] for line in lines] == [place], refused.value.message()
    assert "第 " in refused.value.message("zh")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    text = (
        TEXT.replace('unit = "fgk"', 'unit = "law"')
        .replace("[dock]", "[dock]\ncopie = 1")
        .replace('"2026-10-10"]', '"x"]')
    )
    with pytest.raises(PolicyBad) as refused:
        read_whole(text)
    said = refused.value.message().splitlines()
    assert [line.partition(":")[0] for line in said] == ["line 14", "line 367", "line 500, row 1"]
    with pytest.raises(PolicyBad, match="and 1 more"):
        read_whole("".join(f"x{number} = 1\n" for number in range(51)))


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000, "hours = " + "[" * 100 + "]" * 100, "[retention]\nclasses = 3", "retention = []"]
)
def test_a_text_that_is_no_policy_at_all_is_refused(text: str) -> None:
    with pytest.raises(PolicyBad):
        read_whole(text)


def test_the_marked_lines_are_counted_and_can_be_settled() -> None:
    found = marks(TEXT)
    assert len(found) == 20
    assert [(one.line, one.about) for one in found[:5]] == [
        (39, "retention.file_within_days"),
        (46, "retention.rules"),
        (67, "bureau.fonds"),
        (161, "matters.list"),
        (170, "matters.list 8"),
    ]
    less = settled(TEXT, frozenset({39, 170}))
    assert [one.line for one in marks(less)] == [one.line for one in found if one.line not in {39, 170}]
    assert read_whole(less).matters[7].basis == "养老机构管理办法"
    assert marks("") == marks("# [核]\n") == ()


def test_what_a_new_policy_changes_is_told_setting_by_setting_and_row_by_row() -> None:
    new = TEXT.replace("\nagain_days = 3", "\nagain_days = 2").replace('zh = "线索登记", en', 'zh = "线索", en')
    new = new.replace('  { code = "break", ', '  { code = "pause", ').replace("months = 6", "months = 7")
    wholes = read_whole(TEXT), read_whole(new)
    assert [(one.name, one.before, one.after) for one in settings_changed(*wholes)] == [("review.again_days", 3, 2)]
    steps, phrases = rows_changed(*wholes)
    assert (steps.name, steps.changed, steps.added) == ("steps.list", ("lead",), ())
    assert (phrases.added, phrases.removed, phrases.before) == (("pause",), ("break",), 7)
    assert list(rows_changed(wholes[0], wholes[0])) == []


@pytest.mark.parametrize(
    ("good", "bad", "rights", "keeps"),
    [
        ("small = true", "small = false", True, False),
        ('zh = "安全审计员", en = "auditor", role = "auditor"', 'zh = "x", en = "x", role = "officer"', True, False),
        ("own_unit_only = true", "own_unit_only = false", True, False),
        ('linked = "case-file"', "linked = 600", False, True),
        ('linked = "case-file"', 'linked = "permanent"', False, False),
        ('if = "", keep = "30-years"', 'if = "", keep = "10-years"', False, True),
        ("keep = 120", "keep = 60", False, True),
        ('counts_from = "year-after-closing"', 'counts_from = "closing"', False, True),
        ('proves = ["P-SEAL"], keep = "permanent"', 'proves = ["P-SEAL"], keep = "10-years"', False, True),
        ("overdue_hours = 24", "overdue_hours = 12", False, False),
    ],
)
def test_what_changes_rights_or_keeps_shorter_is_seen(good: str, bad: str, rights: bool, keeps: bool) -> None:
    wholes = read_whole(TEXT), read_whole(TEXT.replace(good, bad, 1))
    assert wholes[0] != wholes[1]
    assert (changes_rights(*wholes), keeps_shorter(*wholes)) == (rights, keeps)


JUNK = [0, -1, 10**30, 1.5, float("nan"), "", "x", "*", "2026-01-01", True, [], [[]], [{}], [None], {}, {"list": [{}]}]
PLACES = [path for path, _ in values(tomllib.loads(TEXT))]


@given(place=st.sampled_from(PLACES), junk=st.sampled_from(JUNK))
@settings(deadline=None, max_examples=150)
def test_whatever_stands_in_a_place_is_used_or_named_and_nothing_breaks(place: Path, junk: object) -> None:
    read = tomllib.loads(TEXT)
    inner: Any = read
    for part in place[:-1]:
        inner = inner[part]
    was, inner[place[-1]] = inner[place[-1]], junk
    whole, problems = read_tables(read)
    assert problems or was == junk or whole != read_whole(TEXT)
    assert all(one.what and one.what_zh for one in problems)
