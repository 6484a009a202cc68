"""What the house knows when a list is read (已知信息): the words of its policy, its people, recorders and cases.

Shapes: names are looked up after NFKC and without blanks (`bare`); a name that means two things gives both, and a
person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.rules.bureau_policy import BureauPolicy
from catalog.rules.numbers import BRACKETS, IGNORED, NumberKey, Written, bare, read_number, without


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for; `is_other`: it is not the name in use, but an alias or a former one."""

    code: str
    is_other: bool = False


Names = Mapping[str, frozenset[Meaning]]
NUMBER_FORM = "{short}{mark}〔{year}〕第{n}号"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the house (人员): the id acts know them by, name, card, number on recorders, code of the unit."""

    id: str
    name: str
    card: str | None = None
    officer_no: str | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCase:
    """A case (案件): its numbers that are names (the office's, another system's id), keys of others, its people."""

    id: str
    names: tuple[str, ...] = ()
    keys: tuple[NumberKey, ...] = ()
    opening: date | None = None
    officers: tuple[str, ...] = ()

    @property
    def numbers(self) -> set[object]:
        """All it may be called by."""
        return {*self.keys, *map(bare, self.names)}


@dataclass(frozen=True, slots=True)
class Words:
    """The names in the bureau's policy (制度用语): what each list's names mean, and how its numbers are written."""

    units: Names = field(default_factory=dict)
    kinds: Names = field(default_factory=dict)
    matters: Names = field(default_factory=dict)
    papers: Names = field(default_factory=dict)
    roles: Names = field(default_factory=dict)
    steps: Names = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    mark_of: Mapping[str, str] = field(default_factory=dict)
    steps_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short: str = ""
    form: str = NUMBER_FORM
    brackets: tuple[str, ...] = BRACKETS
    ignored: tuple[str, ...] = IGNORED
    may_repeat: frozenset[str] = frozenset()

    @classmethod
    def of(cls, policy: BureauPolicy) -> Words:
        """The words of a policy; a list that it leaves out has no words."""
        ignored = policy.numbers.ignore
        marks = {paper.code: paper.number for paper in policy.papers.every if paper.number}
        return cls(
            units=meanings((one.code, one.name, one.was) for one in policy.units),
            kinds=meanings((one.code, one.zh, one.aliases) for one in policy.kinds),
            matters=meanings((one.code, one.zh, ()) for one in policy.matters),
            papers=meanings((one.code, one.zh, one.aliases) for one in policy.papers.every),
            roles=meanings((one.code, one.zh, ()) for one in policy.roles.every),
            steps=meanings((one.code, one.zh, ()) for one in policy.steps),
            marks={without(bare(mark), ignored): mark for mark in marks.values()},
            mark_of=marks,
            steps_of={paper.code: paper.steps for paper in policy.papers.every},
            short=policy.bureau.short,
            form=policy.numbers.form,
            brackets=policy.numbers.brackets,
            ignored=ignored,
            may_repeat=frozenset(policy.numbers.may_repeat),
        )

    def number(self, text: str) -> tuple[list[str | int], tuple[str, ...]] | None:
        """The characters, year, number (and sub-number) of a number of this bureau, and how it is not in its form."""
        read = read_number(text, self.brackets, self.ignored)
        short = without(bare(self.short), self.ignored)
        if read is None or not read.key.words.startswith(short):
            return None
        mark = self.marks.get(read.key.words.removeprefix(short))
        if mark is None:
            return None
        is_short = len(read.words) < len(bare(self.short + mark))
        forms = (*read.forms, "word-left-out") if is_short and "word-left-out" not in read.forms else read.forms
        sub: list[str | int] = [] if read.key.sub is None else [read.key.sub]
        return [mark, read.key.year, read.key.n, *sub], forms

    @property
    def own_form(self) -> str:
        """How this bureau writes a number: in braces its mark, its year, and n."""
        return self.form.replace("{short}", self.short)

    def key(self, number: Sequence[str | int]) -> NumberKey:
        """The key of a number of this bureau, from its characters, year, number and sub-number."""
        words = without(bare(self.short + str(number[0])), self.ignored)
        return NumberKey(words, *(int(part) for part in number[1:]))

    def written(self, text: str) -> Written | None:
        """The number in a text, of whatever house."""
        return read_number(text, self.brackets, self.ignored)


def meanings(rows: Iterable[tuple[str, str, Iterable[str]]]) -> Names:
    """What each name means, from rows of code, name in use, other names."""
    found: dict[str, set[Meaning]] = {}
    for code, name, others in rows:
        found.setdefault(bare(name), set()).add(Meaning(code))
        for other in others:
            found.setdefault(bare(other), set()).add(Meaning(code, is_other=True))
    return {name: frozenset(every) for name, every in found.items()}


def joined(first: Names, second: Names) -> Names:
    """The names of both."""
    return {name: first.get(name, frozenset()) | second.get(name, frozenset()) for name in {*first, *second}}


@dataclass(frozen=True, slots=True)
class Standing:
    """What the catalog holds of a row already (已登记内容): what it is there, and its values by the list's fields.

    Where they are not `whole`, the catalog may hold more than they say.
    """

    subject: str
    values: Mapping[str, object]
    is_whole: bool = False


class Known:
    """Everything a list is read against; `standing` by a row's keys."""

    def __init__(
        self,
        words: Words,
        *,
        people: Iterable[Person] = (),
        units: Names | None = None,
        recorders: Iterable[str] = (),
        cases: Iterable[KnownCase] = (),
        standing: Mapping[object, Standing] | None = None,
        words_on: Callable[[date], Words] | None = None,
    ) -> None:
        self.words, self.people = words, tuple(people)
        self._more_units = units or {}
        self.units = joined(words.units, self._more_units)
        self._words_on, self._days = words_on, dict[date, Known]()
        self.cases = {case.id: case for case in cases}
        self.standing = standing or {}
        self.by_name = _grouped((bare(person.name), person) for person in self.people)
        self.by_card = _grouped((bare(person.card), person) for person in self.people if person.card)
        self.recorders = _grouped((recorder_key(serial), serial) for serial in recorders)
        self._by_number = _grouped((key, case) for case in self.cases.values() for key in case.numbers)

    def on(self, day: date | None) -> Known:
        """What is known, with the words of the policy that was in force on a day."""
        if day is None or self._words_on is None:
            return self
        if day not in self._days:
            words = self._words_on(day)
            other = self if words is self.words else copy(self)
            other.words, other.units = words, joined(words.units, self._more_units)
            self._days[day] = other
        return self._days[day]

    def cases_of(self, text: str) -> tuple[list[KnownCase], Written | None]:
        """The cases a number means, and the number where it is one of a written record."""
        written = self.words.written(text)
        return self._by_number.get(written.key if written else bare(text), []), written


def recorder_key(serial: str) -> str:
    """A recorder's number as it is compared: letters and digits only, MZ-R10 is mzr10."""
    return "".join(char for char in bare(serial).casefold() if char.isalnum())


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
