"""What the parts of a policy must be to each other (制度各项相互核对): each name once, days agree, rules fit all.

Source: the printed rules of the bureau. Shapes: each check yields a `Problem` for what does not fit; that a code exists
is asked where it is read (`catalog/rules/policy_reading.py`).
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, get_origin

from catalog.rules.bureau_policy import BureauPolicy, HoursRules, ImportCode, ImportColumn, Roles
from catalog.rules.imports.maps import FIELDS
from catalog.rules.numbers import bare, without
from catalog.rules.policy_reading import Problem, Reading, fields_of, row_kind
from catalog.rules.rights import CLASSES
from catalog.rules.toml_places import Path

DAY_MINUTES = 24 * 60
HOURS_MAX = 24
SATURDAY = 5
FINDINGS = frozenset(
    {"missing", "late-start", "early-end", "gap", "wrong-holder", "unplayable", "clock-wrong", "wrong-medium"}
    | {"linked-elsewhere", "no-reason", "person", "label-missing", "not-listed", "overdue", "class-missing"}
    | {"not-opened"}
)
"""What may cost points: what the program finds of recordings, and `person` for what a person ticks."""
NEVER_RELEASED = ("informant", "state")
TWICE = (
    (("review", "days"), "n", "review-request", "review-opinion", "*"),
    (("review", "more_days"), "more", "review-request", "review-opinion", "*"),
    (("disclosure", "penalty_days"), "n", "decide", "publish", "penalty"),
    (("disclosure", "licence_days"), "n", "decide", "publish", "licence"),
    (("disclosure", "other_days"), "n", "decide", "publish", "inspection ban measure enforcement assistance"),
)
"""Days that stand in a section of their own and as a row of the limits too: the kinds of procedure they are about."""


def problems_of(whole: BureauPolicy, reading: Reading, read: Mapping[str, Any]) -> Iterator[Problem]:
    """Everything that does not fit together; `reading` holds what could not be read at all."""
    for check in CHECKS:
        found = list[Problem]()
        # What could not be read is None here; a check that stumbles over it is made once that was put right.
        with suppress(*((AttributeError, TypeError, ValueError) if reading.problems else ())):
            found.extend(check(whole))
        yield from found
    if "review" in read and whole.review is not None:
        for name in ("large_fine_person", "large_fine_organisation"):
            if getattr(whole.review, name) is None and name not in read["review"]:
                yield Problem(("review", name), "is missing", "缺少此项")


def lists(whole: BureauPolicy) -> Iterator[tuple[Path, tuple[Any, ...]]]:
    """Every list of rows with its path."""
    for section in fields_of(BureauPolicy):
        value = getattr(whole, section.name)
        if get_origin(section.hint) is tuple:
            yield (section.key,) if section.key == section.name else (section.name, section.key), value
            continue
        for one in fields_of(section.hint):
            if row_kind(one.hint) is not None:
                yield (section.key, one.key), getattr(value, one.name)


def _codes_once(whole: BureauPolicy) -> Iterator[Problem]:
    for path, rows in lists(whole):
        seen = dict[Any, int]()
        for number, row in enumerate(rows):
            key = "year" if hasattr(row, "year") else "code"
            code = getattr(row, key, None)
            if code is not None and (first := seen.setdefault(code, number)) != number:
                yield Problem(
                    (*path, number, key),
                    f"{code!r} stands in row {first + 1} already",
                    f"{code!r} 与第 {first + 1} 条重复",
                )


def _names_once(whole: BureauPolicy) -> Iterator[Problem]:
    """A name found in a table must mean one row, full-width or half-width."""
    named = {
        ("units", "list"): [(row.name, *row.was) for row in whole.units],
        ("kinds", "list"): [(row.zh, *row.aliases) for row in whole.kinds],
        ("papers", "list"): [(row.zh, *row.aliases) for row in whole.papers.every],
    }
    for path, rows in named.items():
        seen = dict[str, int]()
        for number, names in enumerate(rows):
            for name in names:
                if (first := seen.setdefault(unicodedata.normalize("NFKC", name), number)) != number:
                    what = f"the name {name!r} means row {first + 1} too"
                    yield Problem((*path, number), what, f"名称 {name!r} 与第 {first + 1} 条相同")


def _marks_once(whole: BureauPolicy) -> Iterator[Problem]:
    """A number is read without the characters that may be left out, so its mark must differ without them."""
    seen = dict[str, int]()
    for number, row in enumerate(whole.papers.every):
        mark = without(bare(row.number or ""), whole.numbers.ignore)
        if row.number and (first := seen.setdefault(mark, number)) != number:
            what = f"{row.number!r} is read as the mark of row {first + 1}"
            what_zh = f"文号字 {row.number!r} 与第 {first + 1} 条无法区分"
            yield Problem(("papers", "list", number, "number"), what, what_zh)


def _must_is_a_step(whole: BureauPolicy) -> Iterator[Problem]:
    for number, kind in enumerate(whole.kinds):
        for step in kind.must:
            if step not in kind.steps:
                what = f"{step!r} is not among the steps of {kind.code!r}"
                yield Problem(("kinds", "list", number, "must"), what, f"{step!r} 不在 {kind.code!r} 的步骤中")


def _recorded_somehow(whole: BureauPolicy) -> Iterator[Problem]:
    for number, row in enumerate(whole.recordings.every):
        if row.mode != "text" and not row.media:
            yield Problem(("recordings", "list", number, "media"), "is empty", "不能为空")


def _every_kind_is_kept(whole: BureauPolicy) -> Iterator[Problem]:
    always = {kind for rule in whole.retention.rules if not rule.if_ for kind in rule.kinds}
    for kind in whole.kinds if whole.retention.rules and "*" not in always else ():
        if kind.code not in always:
            what = f"no row without a fact is for the kind {kind.code!r}"
            yield Problem(("retention", "rules"), what, f'没有适用于 {kind.code!r} 且 if 为 "" 的条目')


def _classes_are_the_six(whole: BureauPolicy) -> Iterator[Problem]:
    found = [row.code for row in whole.secrecy.classes]
    for code in CLASSES if found else ():
        if code not in found:
            yield Problem(("secrecy", "classes"), f"the class {code!r} is missing", f"缺少类别 {code!r}")
    for number, row in enumerate(whole.secrecy.classes):
        if row.code in NEVER_RELEASED and row.release != "never":
            path = ("secrecy", "classes", number, "release")
            yield Problem(path, f'{row.code!r} is "never" released', f'{row.code!r} 只能为 "never"')


def _two_people_for_all_three(whole: BureauPolicy) -> Iterator[Problem]:
    """What needs two people stands in code: a policy says so, and cannot say otherwise."""
    for what in Roles().two_people:
        if what not in whole.roles.two_people:
            path = ("roles", "two_people")
            yield Problem(path, f"{what!r} is missing: it always needs two people", f"缺少 {what!r}：一律须两人办理")


def _days_that_stand_twice(whole: BureauPolicy) -> Iterator[Problem]:
    for path, field, begins, ends, kinds in TWICE:
        days = getattr(getattr(whole, path[0]), path[1])
        for number, row in enumerate(whole.limits.every):
            about = {"*", *kinds.split()} & set(row.kinds) or kinds == "*"
            if (
                (row.from_, row.to) == (begins, ends)
                and about
                and (getattr(row, field), row.unit) != (days, "working-days")
            ):
                its = getattr(row, field), row.unit
                name = ".".join(path)
                what = f"{name} says {days} working days, this row ({row.code}) {its[0]} {its[1]}"
                what_zh = f"{name} 为 {days} 个工作日，本条（{row.code}）为 {its[0]} {its[1]}"
                yield Problem(("limits", "list", number, field), what, what_zh)


def _calendar(whole: BureauPolicy) -> Iterator[Problem]:
    for number, year in enumerate(whole.calendar.years):
        path = ("calendar", "years", number)
        for days in year.off:
            if not days.first.year <= year.year <= days.last.year:
                yield Problem(
                    (*path, "off"), f"{days.first} is not in {year.year}", f"{days.first} 不在 {year.year} 年"
                )
        for day in year.work:
            if day.weekday() < SATURDAY or day.year != year.year or any(day in days for days in year.off):
                what = f"{day} is no weekend day of {year.year}, or is off"
                yield Problem((*path, "work"), what, f"{day} 不是 {year.year} 年的周末，或已列为放假")


def _spans(whole: BureauPolicy) -> Iterator[Problem]:
    for name in ("credit_light_months", "credit_general_months", "credit_serious_months"):
        least, most = getattr(whole.disclosure, name)
        if least > most:
            yield Problem(("disclosure", name), f"{least} is more than {most}", f"{least} 大于 {most}")
    if whole.limits.night_begins == whole.limits.night_ends:
        yield Problem(("limits", "night_ends"), "ends when it begins", "结束时间与开始时间相同")


def _number_form(whole: BureauPolicy) -> Iterator[Problem]:
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(whole.numbers.form) if name is not None}
    except ValueError:
        names = {"?"}
    if not {"year", "n"} <= names <= {"short", "mark", "year", "n"}:
        what = "must hold {year} and {n}, and of braces only {short} {mark} besides"
        yield Problem(("numbers", "form"), what, "须含 {year} 和 {n}，花括号中另只可用 {short} {mark}")


def _findings(whole: BureauPolicy) -> Iterator[Problem]:
    for number, row in enumerate(whole.evaluation):
        for name in row.from_.split(","):
            if name not in FINDINGS:
                words = ", ".join(sorted(FINDINGS))
                path = ("evaluation", "items", number, "from")
                yield Problem(path, f"{name!r} is none of {words}", f"{name!r} 不是 {words} 之一")


def _hours(whole: BureauPolicy) -> Iterator[Problem]:
    if len(whole.hours) > HOURS_MAX:
        yield Problem(("hours",), f"must be at most {HOURS_MAX} tables [[hours]]", f"最多 {HOURS_MAX} 个 [[hours]] 表")
    taken = dict[int, int]()
    for number, one in enumerate(whole.hours):
        if one.begins == one.ends:
            yield Problem(("hours", number, "ends"), "ends when it begins", "结束时间与开始时间相同")
        for minute in _minutes(one):
            if (other := taken.setdefault(minute, number)) != number:
                at = f"{minute // 60:02d}:{minute % 60:02d}"
                what = f"overlaps with [[hours]] number {other + 1}, at {at}"
                yield Problem(("hours", number, "begins"), what, f"与第 {other + 1} 个 [[hours]] 在 {at} 重叠")
                break


def _minutes(hours: HoursRules) -> Iterator[int]:
    """The minutes of the day from a time until before another, maybe over midnight."""
    first, last = (at.hour * 60 + at.minute for at in (hours.begins, hours.ends))
    return (minute % DAY_MINUTES for minute in range(first, last if last > first else last + DAY_MINUTES))


def _import_maps(whole: BureauPolicy) -> Iterator[Problem]:
    """A column or code is of a field there is; a head means one field of its list."""
    seen, fields = dict[tuple[str, ...], int](), {str(of): [one.name for one in some] for of, some in FIELDS.items()}
    every: list[tuple[str, int, ImportColumn | ImportCode]] = [
        ("columns", *one) for one in enumerate(whole.import_.columns)
    ]
    every += [("codes", *one) for one in enumerate(whole.import_.codes)]
    for name, number, row in every:
        path, known = ("import", name, number), fields[row.list]
        if row.field not in known:
            words = ", ".join(known)
            what = f"{row.field!r} is none of {words}"
            yield Problem((*path, "field"), what, f"{row.field!r} 不是 {words} 之一")
        key = bare(row.head) if isinstance(row, ImportColumn) else f"{row.field} {row.theirs}"
        if (first := seen.setdefault((name, row.map, row.list, key), number)) != number:
            yield Problem(path, f"says the same as row {first + 1}", f"与第 {first + 1} 条重复")


CHECKS: tuple[Callable[[BureauPolicy], Iterator[Problem]], ...] = (
    _codes_once,
    _names_once,
    _marks_once,
    _must_is_a_step,
    _recorded_somehow,
    _every_kind_is_kept,
    _classes_are_the_six,
    _two_people_for_all_three,
    _days_that_stand_twice,
    _calendar,
    _spans,
    _number_form,
    _findings,
    _hours,
    _import_maps,
)
