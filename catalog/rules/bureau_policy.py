"""The bureau's policy, whole (管理制度): every section of the file as a frozen value.

Shapes: read by `catalog/rules/policy_text.py`. A section that is left out has its defaults, and its lists are
empty: the dock alone (`catalog/rules/policy.py`) needs none of them. Periods are in the unit they
are named with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from typing import Annotated, Literal

from catalog.rules.imports.maps import FIELDS
from catalog.rules.policy import COPIES_MAX, Clearing
from catalog.rules.policy_fields import CODE, Code, Days, English, Is, Kinds, Matters, MonthDay, Name, WorkingDays
from catalog.rules.procedure import (
    Bureau,
    FactOfCase,
    Kind,
    Limits,
    Matter,
    Numbers,
    Papers,
    Phrase,
    Proof,
    Recordings,
    Stage,
    Step,
    Unit,
)
from catalog.rules.retention import ENDLESS, MONTHS_MAX, MONTHS_MIN, Keep
from catalog.rules.rights import CLASSES

MEGABYTES_PER_S_MAX = 100_000.0
SEVEN_ROLES = ("officer", "custodian", "reviewer", "supervisor", "auditor", "administrator", "security")
Copies = Annotated[int, Is("同时采集的记录仪数", least=1, most=COPIES_MAX)]
Speed = Annotated[float | None, Is("总带宽上限（MB/秒）", least=0.1, most=MEGABYTES_PER_S_MAX)]
KeepFor = Is("保存期限", least=MONTHS_MIN, most=MONTHS_MAX, words=ENDLESS)
Month = Is("月数", most=1200)


@dataclass(frozen=True, slots=True)
class ClearingRules:
    """When a file is erased on its recorder (清除)."""

    when: Annotated[Clearing, Is("清除方式", words=("never", "after-receipt", "after-days"))] = "never"
    days: Annotated[int, Is("天数", least=1, most=3650)] = 30


@dataclass(frozen=True, slots=True)
class DockRules:
    """What the dock goes by (采集站)."""

    overdue_hours: Annotated[int, Is("上传时限（小时）", least=1, most=8760)] = 24
    not_docked_days: Annotated[int, Is("未接入提示（天）", least=1, most=3650)] = 7
    set_clock: Annotated[bool, Is("校正记录仪时钟")] = False
    copies: Copies = COPIES_MAX
    megabytes_per_s: Speed = None


@dataclass(frozen=True, slots=True)
class HoursRules:
    """Caps for a part of the day (时段上限); what is left out is as at other times."""

    begins: Annotated[time, Is("开始")]
    ends: Annotated[time, Is("结束")]
    copies: Annotated[int | None, Is("同时采集的记录仪数", least=1, most=COPIES_MAX)] = None
    megabytes_per_s: Speed = None


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """A period a case file can have (案卷保管期限)."""

    code: Code
    zh: Name
    en: English
    keep: Annotated[int | Literal["permanent"], Is("月数或 permanent", least=1, most=MONTHS_MAX, words=("permanent",))]
    mark: Annotated[str, Is("档号期限代码")]


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """Which period a case gets; the first row that fits holds (期限规则)."""

    kinds: Kinds
    if_: Annotated[str, Is("案件情形", codes="facts", empty=True, key="if")]
    keep: Annotated[str, Is("保管期限", codes="retention.classes")]


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long footage and case files are kept (保存期限)."""

    months: Annotated[int, Is("全部资料（月）", least=MONTHS_MIN, most=MONTHS_MAX)] = MONTHS_MIN
    linked: Annotated[Keep, KeepFor] = "case-file"
    important: Annotated[Keep, KeepFor] = "case-file"
    classes: Annotated[tuple[RetentionClass, ...], Is("保管期限")] = ()
    counts_from: Annotated[str, Is("期限起算", words=("year-after-closing", "closing"))] = "year-after-closing"
    file_within_days: Annotated[int, Is("结案后立卷天数", least=1, most=3650)] = 90
    archive_room_by: MonthDay = "06-30"
    public_archive_years: Annotated[int, Is("移交国家档案馆年限", least=1, most=100)] = 20
    rules: Annotated[tuple[RetentionRule, ...], Is("期限规则")] = ()


@dataclass(frozen=True, slots=True)
class SecrecyClass:
    """A class of secrecy or sensitivity (密级与敏感类别)."""

    code: Annotated[str, Is("代码", words=CLASSES)]
    zh: Name
    en: English
    release: Annotated[str, Is("公开", words=("redacted", "never"))]
    default_for: Annotated[tuple[str, ...], Is("默认用于步骤", codes="steps", empty=True)]


@dataclass(frozen=True, slots=True)
class Secrecy:
    """The classes and what goes with them (密级)."""

    classes: Annotated[tuple[SecrecyClass, ...], Is("密级与敏感类别")] = ()
    state: Annotated[str, Is("发现国家秘密的处置", words=("lock",))] = "lock"
    own_unit_only: Annotated[bool, Is("仅看本科室案件")] = True


@dataclass(frozen=True, slots=True)
class Access:
    """The switches of the rights sheet (权限表可选项); nothing else can be chosen."""

    small: Annotated[bool, Is("小型单位")] = True
    unit_colleagues: Annotated[str, Is("同科室资料", words=("request", "reason"))] = "request"
    custodian_privacy: Annotated[str, Is("保管员查看个人隐私类", words=("reason", "request"))] = "reason"
    reason_hours: Annotated[int, Is("一次事由有效时间（小时）", least=1, most=72)] = 2
    supervisor_trail: Annotated[bool, Is("分管领导查看调阅痕迹")] = True
    copies_by: Annotated[str, Is("获批后由谁制作副本", words=("custodian", "asker"))] = "asker"
    approver: Annotated[str, Is("审批人", words=("recording-unit", "asking-unit", "both"))] = "recording-unit"
    release_approver: Annotated[str, Is("公示审批角色", words=("supervisor",))] = "supervisor"
    ask_days: WorkingDays = 5
    look_days: Annotated[int, Is("获批调阅期限（天）", least=1, most=365)] = 7
    copy_days: Annotated[int, Is("获批复制期限（天）", least=1, most=365)] = 30
    emergency_minutes: Annotated[int, Is("紧急调阅时长（分钟）", least=0, most=30)] = 30
    state_secrets: Annotated[str, Is("国家秘密", words=("quarantine",))] = "quarantine"
    second_factor: Annotated[str, Is("登录动态码", words=("off", "leading", "all"))] = "off"


@dataclass(frozen=True, slots=True)
class Title:
    """A title in this bureau (岗位), and the role of the rights sheet it has."""

    code: Code
    zh: Name
    en: English
    role: Annotated[str, Is("角色", words=SEVEN_ROLES)]


@dataclass(frozen=True, slots=True)
class Roles:
    """Titles, what must not meet in one person, what needs two, and the reasons for a retrieval (岗位与分工)."""

    every: Annotated[tuple[Title, ...], Is("岗位", key="list")] = ()
    apart: Annotated[
        tuple[tuple[str, ...], ...], Is("不得兼任", codes="roles", words=("dispose-second",), empty=True)
    ] = ()
    two_people: Annotated[
        tuple[str, ...], Is("须两人办理", words=("dispose", "adopt-policy", "lower-class"), empty=True)
    ] = ("dispose", "adopt-policy", "lower-class")
    reasons: Annotated[tuple[str, ...], Is("调阅事由", empty=True)] = ()


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """What must be reviewed (审核目录清单), and what is sent for it."""

    code: Code
    zh: Name
    kinds: Kinds
    matters: Matters
    if_: Annotated[str, Is("案件情形", codes="facts", empty=True, key="if")]
    materials: Annotated[tuple[str, ...], Is("送审材料", codes="papers")]


@dataclass(frozen=True, slots=True)
class ReviewPoint:
    """A point of the checklist (审核内容); `clips`: whether clips can be named for it."""

    code: Code
    zh: Name
    clips: Annotated[bool, Is("可引用音像")]


@dataclass(frozen=True, slots=True)
class Opinion:
    """An opinion (审核意见); `passes`: the decision may be made on it."""

    code: Code
    zh: Name
    passes: Annotated[bool, Is("可以作出决定")]


@dataclass(frozen=True, slots=True)
class Review:
    """Legal review (法制审核); fines in yuan. `large_fine_…` is None where the policy has no such section."""

    unit: Annotated[str, Is("审核机构", codes="units")] = ""
    days: WorkingDays = 5
    more_days: Annotated[int, Is("复杂案件延长（工作日）", most=365)] = 5
    again_days: Annotated[int, Is("提请复审时限（工作日）", most=365)] = 3
    large_fine_person: Annotated[int | None, Is("较大数额罚款：公民（元）", least=1, most=10**9)] = None
    large_fine_organisation: Annotated[int | None, Is("较大数额罚款：单位（元）", least=1, most=10**9)] = None
    when: Annotated[str, Is("审核时点", words=("before-decision",))] = "before-decision"
    again_if_changed: Annotated[bool, Is("变更后重新审核")] = True
    must_open: Annotated[tuple[str, ...], Is("通过前必须调阅", words=("full", "key", "as-needed"), empty=True)] = (
        "full",
    )
    catalogue: Annotated[tuple[ReviewCase, ...], Is("审核目录清单")] = ()
    points: Annotated[tuple[ReviewPoint, ...], Is("审核内容")] = ()
    opinions: Annotated[tuple[Opinion, ...], Is("审核意见")] = ()


@dataclass(frozen=True, slots=True)
class PublicField:
    """What is published (公示内容); `credit`: its field on the credit platform."""

    code: Code
    zh: Name
    credit: Annotated[str, Is("双公示字段", empty=True)]
    web: Annotated[bool, Is("网站公示")]


@dataclass(frozen=True, slots=True)
class Named:
    """A row that is a name alone (名称)."""

    code: Code
    zh: Name


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Disclosure (执法公示): working days until it is done, months on the credit platform, and what is shown."""

    penalty_days: WorkingDays = 7
    licence_days: WorkingDays = 20
    credit_licence_days: WorkingDays = 7
    other_days: WorkingDays = 20
    withdraw_days: WorkingDays = 3
    penalties: Annotated[str, Is("公示范围", words=("all", "chosen"))] = "all"
    person_name: Annotated[str, Is("自然人姓名", words=("surname", "full", "none"))] = "surname"
    fields: Annotated[tuple[PublicField, ...], Is("公示内容")] = ()
    redact: Annotated[tuple[Named, ...], Is("公开前隐去")] = ()
    never: Annotated[tuple[Named, ...], Is("不予公开的情形")] = ()
    credit_light_months: Annotated[tuple[int, int], Month] = (0, 3)
    credit_general_months: Annotated[tuple[int, int], Month] = (3, 12)
    credit_serious_months: Annotated[tuple[int, int], Month] = (12, 36)


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the calendar (年度): days off on weekdays and holidays, weekends that are worked."""

    year: Annotated[int, Is("年度", least=2000, most=2200)]
    source: Annotated[str, Is("依据")]
    off: Annotated[tuple[Days, ...], Is("放假", like="2026-05-01/2026-05-05", empty=True)]
    work: Annotated[tuple[date, ...], Is("调休上班", like="2026-05-09", empty=True)]


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Days off in this place alone (本地另行放假), and why."""

    days: Annotated[Days, Is("日期", like="2026-08-08")]
    why: Annotated[str, Is("依据")]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years whose days off are known (工作日历), and what holds for others."""

    beyond: Annotated[str, Is("未列年份的处理", words=("weekends", "refuse"))] = "weekends"
    years: Annotated[tuple[Year, ...], Is("年度放假安排")] = ()
    local: Annotated[tuple[LocalDays, ...], Is("本地放假")] = ()


@dataclass(frozen=True, slots=True)
class Penalty:
    """A kind of penalty (处罚种类), the lightest first."""

    code: Code
    zh: Name
    column: Annotated[str, Is("年报栏目")]


@dataclass(frozen=True, slots=True)
class YearCell:
    """A column of the yearly report besides penalties (年报栏目): of which kinds, by which step or record it counts.

    `at`: the first of these that a case has; of none, a person fills the column in. `says`, `unless`: words that the
    result of the case must hold, or must not.
    """

    table: Annotated[str, Is("年报表", words=("licence", "measure", "enforcement", "other"))]
    column: Annotated[str, Is("栏目")]
    kinds: Annotated[tuple[str, ...], Is("执法类别", codes="kinds", empty=True)]
    at: Annotated[tuple[str, ...], Is("计数环节", codes="steps+papers", empty=True)]
    says: Annotated[tuple[str, ...], Is("处理结果含", empty=True)]
    unless: Annotated[tuple[str, ...], Is("处理结果不含", empty=True)]


@dataclass(frozen=True, slots=True)
class Statistics:
    """The yearly report (执法统计年报); `columns`: those of penalties as they are printed."""

    report_by: MonthDay = "01-10"
    publish_by: MonthDay = "01-25"
    counts_by: Annotated[str, Is("计入年度的日期", words=("decided",))] = "decided"
    penalties: Annotated[tuple[Penalty, ...], Is("处罚种类")] = ()
    columns: Annotated[tuple[str, ...], Is("处罚表栏目顺序", empty=True)] = ()
    cells: Annotated[tuple[YearCell, ...], Is("年报其他栏目")] = ()


@dataclass(frozen=True, slots=True)
class EvaluationItem:
    """An item of the case-file evaluation (案卷评查); `from_`: the findings that cost its points, by commas."""

    code: Code
    zh: Name
    points: Annotated[int, Is("分值", most=100)]
    from_: Annotated[str, Is("扣分依据", form=r"[a-z-]+(,[a-z-]+)*", like="late-start,gap", key="from")]
    fail: Annotated[bool, Is("一票否决")]


MapName = Annotated[str, Is("列名方案", form=CODE, like="oa")]
ListName = Annotated[str, Is("台账", words=tuple(FIELDS))]
FieldName = Annotated[str, Is("字段", form="[a-z0-9_]+", like="office_no")]


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """What another system calls a column of a list (对方列名)."""

    map: MapName
    list: ListName
    field: FieldName
    head: Annotated[str, Is("对方表头")]


@dataclass(frozen=True, slots=True)
class ImportCode:
    """What a code of another system means (对方代码); an empty one: what every row says, where it has no column."""

    map: MapName
    list: ListName
    field: FieldName
    theirs: Annotated[str, Is("对方代码", empty=True)]
    ours: Annotated[str, Is("本机关用语")]


@dataclass(frozen=True, slots=True)
class ImportMaps:
    """How the lists of other systems are read, besides what the program knows (导入列名)."""

    columns: Annotated[tuple[ImportColumn, ...], Is("对方列名")] = ()
    codes: Annotated[tuple[ImportCode, ...], Is("对方代码")] = ()


@dataclass(frozen=True, slots=True)
class BureauPolicy:
    """Everything a policy file says, section by section."""

    clearing: Annotated[ClearingRules, Is("清除")] = field(default_factory=ClearingRules)
    dock: Annotated[DockRules, Is("采集站")] = field(default_factory=DockRules)
    hours: Annotated[tuple[HoursRules, ...], Is("时段上限")] = ()
    retention: Annotated[RetentionRules, Is("保存期限")] = field(default_factory=RetentionRules)
    bureau: Annotated[Bureau, Is("本机关")] = field(default_factory=Bureau)
    units: Annotated[tuple[Unit, ...], Is("科室", key="list")] = ()
    stages: Annotated[tuple[Stage, ...], Is("执法环节", key="list")] = ()
    steps: Annotated[tuple[Step, ...], Is("步骤", key="list")] = ()
    kinds: Annotated[tuple[Kind, ...], Is("执法类别", key="list")] = ()
    matters: Annotated[tuple[Matter, ...], Is("执法事项", key="list")] = ()
    facts: Annotated[tuple[FactOfCase, ...], Is("案件情形", key="list")] = ()
    papers: Annotated[Papers, Is("执法文书")] = field(default_factory=Papers)
    numbers: Annotated[Numbers, Is("文号")] = field(default_factory=Numbers)
    recordings: Annotated[Recordings, Is("音像记录")] = field(default_factory=Recordings)
    proves: Annotated[tuple[Proof, ...], Is("证明对象", key="list")] = ()
    phrases: Annotated[tuple[Phrase, ...], Is("用语指引", key="list")] = ()
    secrecy: Annotated[Secrecy, Is("密级")] = field(default_factory=Secrecy)
    review: Annotated[Review, Is("法制审核")] = field(default_factory=Review)
    disclosure: Annotated[Disclosure, Is("执法公示")] = field(default_factory=Disclosure)
    limits: Annotated[Limits, Is("期限")] = field(default_factory=Limits)
    calendar: Annotated[Calendar, Is("工作日历")] = field(default_factory=Calendar)
    access: Annotated[Access, Is("权限选项")] = field(default_factory=Access)
    roles: Annotated[Roles, Is("岗位与分工")] = field(default_factory=Roles)
    statistics: Annotated[Statistics, Is("统计年报")] = field(default_factory=Statistics)
    evaluation: Annotated[tuple[EvaluationItem, ...], Is("案卷评查", key="items")] = ()
    import_: Annotated[ImportMaps, Is("导入列名", key="import")] = field(default_factory=ImportMaps)
