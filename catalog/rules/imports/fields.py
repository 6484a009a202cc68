"""How the cells of each kind of field are read (字段读法), against the words of the policy and what the house knows.

Shapes: a reader gets the prepared cell, which is not empty, and gives a `Read`. Names of units, kinds, matters,
records, steps and roles become their codes; a code that stands in its list is taken too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from catalog.rules.imports.cells import LOST, Read, Value, count_of, is_like, long_number, parts_of, shown, sum_of
from catalog.rules.imports.known import Known, Meaning, Names, Person, meanings, recorder_key
from catalog.rules.numbers import bare

UNIT_KINDS = meanings(
    [("enforcing", "执法", ()), ("legal", "法制审核", ()), ("archive", "档案", ()), ("office", "综合", ())]
)
RECORDER_KINDS = meanings([("body", "执法记录仪", ()), ("fixed", "固定摄像机", ()), ("audio", "录音笔", ())])
FLAGS = {
    **dict.fromkeys(("1", "y", "yes", "t", "true", "是", "已删除"), True),
    **dict.fromkeys(("0", "n", "no", "f", "false", "否", "未删除"), False),
}
IDENTITIES = {
    "统一社会信用代码": re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}"),
    "居民身份证": re.compile(r"\d{17}[\dX]"),
}
"""What a number of a party looks like, by the kind of its document."""
Reader = Callable[[Value, Known], Read[Any]]


def _number(value: Value, known: Known) -> Read[object]:
    read = known.words.number(shown(value))
    return Read(None, ("number-unknown",), (shown(value),)) if read is None else Read(*read)


def _flag(value: Value, _: Known) -> Read[object]:
    flag = FLAGS.get(bare(shown(value)).casefold())
    return Read(None, ("word-unknown",), (shown(value), "是", "否")) if flag is None else Read(flag)


def named(text: str, names: Names, what: str, other: str | None = None) -> Read[object]:
    """The code of a name; what is no name, or one of two codes, is a person's to decide."""
    found = names.get(bare(text)) or frozenset({Meaning(text)} & {one for every in names.values() for one in every})
    if len({one.code for one in found}) != 1:
        unknown = (text, *names) if what == "word" else (text,)
        return Read(None, (f"{what}-ambiguous" if found else f"{what}-unknown",), _codes(found) or unknown)
    return Read(_codes(found)[0], (other,) if other and all(one.is_other for one in found) else ())


def _codes(found: Iterable[Meaning]) -> tuple[str, ...]:
    return tuple(sorted({one.code for one in found}))


def _name(pick: Callable[[Known], Names], what: str, other: str | None = None) -> Reader:
    return lambda value, known: named(shown(value), pick(known), what, other)


def _roles(value: Value, known: Known) -> Read[object]:
    read = [named(part, known.words.roles, "role") for part in parts_of(value)]
    codes = tuple(code for one in read for code in one.codes)
    return Read([one.value for one in read if one.value], codes, tuple(text for one in read for text in one.readings))


def _recorder(value: Value, known: Known) -> Read[object]:
    text = shown(value)
    found = known.recorders.get(recorder_key(text), [])
    if len(found) != 1:
        return Read(None, ("recorder-ambiguous" if found else "recorder-unknown",), (*found,) or (text,))
    return Read(found[0], () if found[0] == bare(text) else ("text-marker",))


def _own_name(value: Value, _: Known) -> Read[object]:
    text = shown(value)
    return Read(bare(text), ("name-padded",) if len(text.split()) > 1 else ())


READERS: Mapping[str, Reader] = {
    "raw": lambda value, _: Read(value),
    "text": lambda value, _: Read(shown(value)),
    "texts": lambda value, _: Read(parts_of(value)),
    "id": lambda value, _: long_number(value),
    "number": _number,
    "count": lambda value, _: count_of(value),
    "sum": lambda value, _: sum_of(value),
    "flag": _flag,
    "unit": _name(lambda known: known.units, "unit", "unit-old-name"),
    "kind": _name(lambda known: known.words.kinds, "kind", "kind-alias"),
    "matter": _name(lambda known: known.words.matters, "matter"),
    "paper": _name(lambda known: known.words.papers, "type", "type-alias"),
    "step": _name(lambda known: known.words.steps, "step"),
    "unit-kind": _name(lambda _: UNIT_KINDS, "word"),
    "recorder-kind": _name(lambda _: RECORDER_KINDS, "word"),
    "roles": _roles,
    "recorder": _recorder,
    "name": _own_name,
}
"""Days and names of others are read where the row is: their year and their people stand around them."""


def person_of(
    name: str, known: Known, *, card: str | None = None, unit: str | None = None, among: Iterable[str] = ()
) -> Read[str]:
    """The id of a person: by card, else by a name of one person, of one in this unit, or of one among these."""
    wanted = bare(name)
    same = known.by_name.get(wanted, [])
    if LOST.search(wanted):
        same = [person for person in known.people if is_like(wanted, bare(person.name))]
    if card:
        holders: list[Person] = known.by_card.get(bare(card), [])
        if len(holders) == 1 and holders[0] in same:
            return Read(holders[0].id, ("homonym-by-card",) if len(same) > 1 else ())
        code = "card-wrong" if holders else "card-unknown"
        return Read(None, (code,), tuple(map(_said, [*holders, *same])) or (f"{name} {card}",))
    if len(same) == 1:
        return Read(same[0].id)
    own = [person for person in same if unit is not None and person.unit == unit]
    if len(own) == 1:
        return Read(own[0].id, ("homonym-by-unit",))
    named_there = [person for person in same if person.id in set(among)]
    if len(named_there) == 1:
        return Read(named_there[0].id)
    return Read(None, ("name-ambiguous" if same else "name-unknown",), tuple(map(_said, same)) or (name,))


def _said(person: Person) -> str:
    """A person as a choice between people."""
    return " ".join(filter(None, (person.id, person.name, person.card, person.unit)))
