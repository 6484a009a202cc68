"""How a bureau works, as its policy lists it (执法程序清单): units, steps, kinds, matters, written records, recordings.

Shapes: one row of a list is one value; `code` is what cases, records and clips refer to. Kinds, matters and records may
name `"*"` for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from catalog.rules.policy_fields import (
    Aliases,
    Basis,
    Code,
    English,
    Fact,
    Is,
    Kinds,
    Matters,
    Name,
    Steps,
)

Mode = Literal["full", "key", "as-needed", "text"]
"""How much of a matter is recorded: 全程, 关键环节, 视情, 文字即可."""


@dataclass(frozen=True, slots=True)
class Bureau:
    """The bureau itself (本机关)."""

    name: Annotated[str, Is("机关全称")] = ""
    short: Annotated[str, Is("文号机关代字")] = ""
    region: Annotated[str, Is("行政区划代码", form=r"\d{6}", like="990100")] = ""
    credit_code: Annotated[
        str, Is("统一社会信用代码", form=r"[0-9A-HJ-NP-RTUWXY]{18}", like="11990100MB0000000X", empty=True)
    ] = ""
    fonds: Annotated[str, Is("全宗号", empty=True)] = ""
    zone: Annotated[str, Is("文书时间所用时区", form=r"[A-Za-z]+(/[A-Za-z_+-]+)*", like="Asia/Shanghai")] = (
        "Asia/Shanghai"
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (科室); `was`: its former names, `number`: what it adds to record numbers."""

    code: Code
    name: Name
    was: Annotated[tuple[str, ...], Is("曾用名", empty=True)]
    kind: Annotated[str, Is("类型", words=("enforcing", "legal", "archive", "office"))]
    number: Annotated[str, Is("文号中的科室代字", empty=True)]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage (执法环节); `law`: as the law calls it."""

    code: Code
    zh: Name
    en: English
    law: Annotated[str, Is("法律用语")]


@dataclass(frozen=True, slots=True)
class Step:
    """A step (步骤) of a stage."""

    code: Code
    stage: Annotated[str, Is("环节", codes="stages")]
    zh: Name
    en: English


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of procedure (执法类别); `must`: the steps, `papers`: the records it cannot be closed without."""

    code: Code
    zh: Name
    aliases: Aliases
    en: English
    basis: Basis
    statistics: Annotated[str, Is("年报表", words=("penalty", "licence", "measure", "enforcement", "other"))]
    steps: Steps
    must: Annotated[tuple[str, ...], Is("结案必经步骤", codes="steps", empty=True)]
    papers: Annotated[tuple[str, ...], Is("必备文书", codes="papers", empty=True)]


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of the power list (执法事项); `review`: every decision of it goes to legal review."""

    code: Code
    zh: Name
    kind: Annotated[str, Is("执法类别", codes="kinds")]
    unit: Annotated[str, Is("承办科室", codes="units")]
    basis: Basis
    review: Annotated[bool, Is("一律法制审核")]


@dataclass(frozen=True, slots=True)
class FactOfCase:
    """A fact of a case that other rows refer to (案件情形): found by the program, or ticked by a person."""

    code: Code
    zh: Name
    by: Annotated[str, Is("由谁认定", words=("program", "person"))]


@dataclass(frozen=True, slots=True)
class Paper:
    """A written record (执法文书); `number`: the characters of its number, `order`: its place in the volume."""

    code: Code
    zh: Name
    aliases: Aliases
    number: Annotated[str, Is("文号字", empty=True)]
    kinds: Kinds
    steps: Steps
    served: Annotated[str, Is("送达", words=("no", "signed", "party", "other"))]
    volume: Annotated[str, Is("卷别", words=("main", "secondary"))]
    order: Annotated[int, Is("卷内顺序", most=999)]
    time: Annotated[str, Is("时间", words=("span", "day"))]


@dataclass(frozen=True, slots=True)
class Papers:
    """The written records, and the order they lie in (卷内排列)."""

    every: Annotated[tuple[Paper, ...], Is("执法文书", key="list")] = ()
    file_order: Annotated[str, Is("卷内排列", words=("decision-first", "by-time"))] = "decision-first"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How record numbers are written and compared (文号)."""

    form: Annotated[str, Is("文号写法")] = "{short}{mark}〔{year}〕第{n}号"
    ignore: Annotated[tuple[str, ...], Is("比对时忽略的字", empty=True)] = ("字", "第")
    brackets: Annotated[tuple[str, ...], Is("视同六角括号的括号", form="..", like="〔〕")] = (
        "〔〕",
        "［］",
        "[]",
        "（）",
        "()",
        "【】",
        "〈〉",
    )
    may_repeat: Annotated[tuple[str, ...], Is("允许重号的文书", codes="papers", empty=True)] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """A matter that is recorded (音像记录事项); `when`: a fact that must hold, `must`: what must be seen or heard."""

    code: Code
    zh: Name
    kinds: Kinds
    steps: Steps
    matters: Matters
    when: Fact
    place: Annotated[str, Is("地点", words=("any", "office", "site"))]
    mode: Annotated[Mode, Is("记录方式", words=("full", "key", "as-needed", "text"))]
    begins: Annotated[str, Is("起点", empty=True)]
    ends: Annotated[str, Is("止点", empty=True)]
    must: Annotated[tuple[str, ...], Is("记录要素", empty=True)]
    media: Annotated[tuple[str, ...], Is("载体", words=("video", "audio", "image"), empty=True)]
    officers: Annotated[int, Is("执法人员数", most=9)]
    papers: Annotated[tuple[str, ...], Is("对应文书", codes="papers", empty=True)]
    proves: Annotated[tuple[str, ...], Is("证明对象", codes="proves", empty=True)]
    keep: Annotated[str, Is("保管期限", codes="retention.classes", words=("case-file",))]


@dataclass(frozen=True, slots=True)
class Recordings:
    """The list of recording matters, and how their times are compared with a record's (音像记录事项清单)."""

    every: Annotated[tuple[Recording, ...], Is("音像记录事项", key="list")] = ()
    begin_tolerance_s: Annotated[int, Is("起点容差秒数", most=86400)] = 120
    end_tolerance_s: Annotated[int, Is("止点容差秒数", most=86400)] = 120
    gap_tolerance_s: Annotated[int, Is("不计断档的间隔秒数", most=86400)] = 60
    propose_minutes: Annotated[int, Is("自动关联建议的前后分钟数", most=1440)] = 5
    clock_unsure_s: Annotated[int, Is("须人工确认的时钟误差秒数", most=86400)] = 300
    excuse_paper: Annotated[str, Is("缺录须附的说明文书", codes="papers", empty=True)] = ""
    excuses: Annotated[tuple[str, ...], Is("可不记录的事由", empty=True)] = ()
    labels: Annotated[
        tuple[str, ...], Is("必填标签", words=("case", "time", "place", "officer", "proves"), empty=True)
    ] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A preset phrase for what a clip proves (预置证明对象)."""

    code: Code
    zh: Name
    en: English


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words officers say (用语指引)."""

    code: Code
    zh: Annotated[str, Is("用语")]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit the program counts (期限); a negative `n` means at least so many. `more`: extended once by so many."""

    code: Code
    zh: Name
    kinds: Kinds
    from_: Annotated[str, Is("起算", codes="steps+papers", words=("served", "appeal-over"), key="from")]
    to: Annotated[str, Is("截止", codes="steps+papers", words=("served", "appeal-over"))]
    n: Annotated[int, Is("期限", least=-3650, most=3650)]
    unit: Annotated[str, Is("单位", words=("working-days", "days", "months", "hours"))]
    more: Annotated[int, Is("可延长", most=3650)]
    basis: Basis
    late: Annotated[str, Is("逾期", words=("finding", "block"))]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits, and the night in which nothing is executed (期限与夜间)."""

    every: Annotated[tuple[Limit, ...], Is("期限", key="list")] = ()
    night_begins: Annotated[str, Is("夜间开始", form=r"([01]\d|2[0-3]):[0-5]\d", like="22:00")] = "22:00"
    night_ends: Annotated[str, Is("夜间结束", form=r"([01]\d|2[0-3]):[0-5]\d", like="06:00")] = "06:00"
