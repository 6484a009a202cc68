"""What a value of the bureau's policy may be (制度各项的取值): said once, beside its type, for reader and Excel file.

Shapes: a field of a policy's dataclass is `Annotated[type, Is(…)]`. A field with a default may be left out; one without
must be there wherever its table is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

CODE = r"[A-Za-z0-9][A-Za-z0-9-]{0,39}"
TEXT_CHARS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Is:
    """How a value is called in Chinese, and what is allowed; a tuple's marks hold for each of its values.

    `codes`: the list whose codes it names; `words`: words it may be, besides; `least`, `most`: of a number; `form`: the
    whole of a text, as a regular expression, and `like`, one that fits; `empty`: nothing at all is allowed too; `key`:
    its name in the file, where that is no name in Python.
    """

    zh: str
    codes: str = ""
    words: tuple[str, ...] = ()
    least: float = 0
    most: float = 1_000_000
    form: str = ""
    like: str = ""
    empty: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both of them too; written `2026-05-01/2026-05-05`, or one day alone."""

    first: date
    last: date

    @classmethod
    def of(cls, text: str) -> Days:
        """What is written; raises ValueError."""
        first, _, last = text.partition("/")
        found = cls(date.fromisoformat(first), date.fromisoformat(last or first))
        if not timedelta() <= found.last - found.first < timedelta(days=367):
            raise ValueError(text)
        return found

    def __contains__(self, day: object) -> bool:
        """Whether a day is one of them."""
        return isinstance(day, date) and self.first <= day <= self.last


Code = Annotated[str, Is("代码", form=CODE, like="site-check")]
Name = Annotated[str, Is("名称")]
English = Annotated[str, Is("英文名称")]
Basis = Annotated[str, Is("依据")]
Aliases = Annotated[tuple[str, ...], Is("别名", empty=True)]
Kinds = Annotated[tuple[str, ...], Is("执法类别", codes="kinds", words=("*",))]
Matters = Annotated[tuple[str, ...], Is("执法事项", codes="matters", words=("*",))]
Steps = Annotated[tuple[str, ...], Is("步骤", codes="steps")]
Fact = Annotated[str, Is("案件情形", codes="facts", empty=True)]
MonthDay = Annotated[str, Is("日期", form=r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", like="06-30")]
WorkingDays = Annotated[int, Is("工作日", least=1, most=365)]
