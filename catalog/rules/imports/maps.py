"""Which column of a list is what (列映射): the fields of each list, and the heads of three families of systems.

Shapes: a field has a kind that says how its cells are read (`catalog/rules/imports/fields.py`); a map names the heads
of a field, compared after NFKC without blanks. `当事人/名称` is the head 名称 below the merged head 当事人. Of several
columns of one field the only filled one counts, but where a field is of many. A map may give codes of the other system
their word, and a field that the other system has no column for its value. Maps are named after the family: `zh` are
headings as offices print them, `les` a system with English columns, `zhsyj` one with the initials of pinyin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal[
    "text", "texts", "id", "number", "day", "count", "sum", "names", "name", "recorder", "flag",
    "unit", "kind", "matter", "paper", "step", "roles", "unit-kind", "recorder-kind", "raw",
]  # fmt: skip
Import = Literal["units", "people", "recorders", "cases", "papers", "holdings", "roster"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a list; `of_many`: several columns together, `ditto`: an empty cell means the one above."""

    name: str
    kind: Kind = "text"
    of_many: bool = False
    ditto: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """The heads of one list in one family; `codes` by field, `always` what each row says without a column."""

    heads: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    always: Mapping[str, str] = field(default_factory=dict)


def _fields(**kinds: Kind) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name, kind in kinds.items())


FIELDS: Mapping[Import, tuple[Field, ...]] = {
    "units": _fields(code="text", name="text", was="texts", kind="unit-kind", parent="unit"),
    "people": _fields(
        id="text", name="name", card="id", officer_no="text", unit="unit", roles="roles", post="text", moved="raw"
    ),
    "recorders": _fields(
        serial="text", product="text", kind="recorder-kind", unit="unit", bought="day", room="text", note="text"
    ),
    "cases": (
        *_fields(source_id="id", office_no="id", opening_no="number", decision_no="number", title="text", cause="text"),
        *_fields(kind="kind", matter="matter", unit="unit", lead="text", stage="text", happened="text", place="text"),
        *_fields(party="text", party_id_kind="text", party_id="id", party_address="text", party_phone="text"),
        *_fields(officer_1="raw", card_1="raw", officer_2="raw", card_2="raw"),
        *_fields(accepted="day", opening="day", decided="day", closed="day", published="day", reviewed="day"),
        *_fields(penalty="text", fine="sum", opinion="text", note="text", deleted="flag"),
    ),
    "papers": (
        *_fields(source_id="id"),
        Field("case", "raw", ditto=True),
        *_fields(
            code="paper", number="number", year="count", n="count", day="day", begins="raw", ends="raw", place="text"
        ),
        *_fields(officers="names", served_how="step", served_day="day", served_to="text", witness="text"),
        *_fields(pages="count", note="text", deleted="flag"),
    ),
    "holdings": (
        Field("day", "day", ditto=True),
        *_fields(recorder="recorder", officer="raw", card="raw", unit="unit", begins="raw", ends="raw", note="text"),
    ),
    "roster": (
        Field("day", "day", ditto=True),
        *_fields(weekday="text", leader="raw"),
        Field("duty", "names", of_many=True),
        *_fields(note="text"),
    ),
}
Maps = Mapping[str, Mapping[Import, Map]]
NEEDED: Mapping[Import, tuple[tuple[str, ...], ...]] = {
    "units": (("name",),),
    "people": (("name",),),
    "recorders": (("serial",),),
    "cases": (("office_no", "opening_no"), ("party", "title")),
    "papers": (("case",), ("code",)),
    "holdings": (("day",), ("recorder",), ("officer",), ("begins",)),
    "roster": (("day",), ("duty",)),
}
"""The columns a list cannot be read without: of each group one."""

PAPERS_ZHSYJ = {
    "2": "立案审批表", "3": "案件移送书", "5": "案件移送书", "7": "询问(调查)笔录", "8": "现场检查笔录",
    "9": "调查终结报告", "10": "先行登记保存通知书", "11": "先行登记保存物品处理决定书", "12": "查封(扣押)决定书",
    "17": "解除查封决定书", "19": "重大案件集体讨论笔录", "20": "责令改正通知书", "22": "行政处罚听证告知书",
    "23": "听证通知书", "24": "听证笔录", "25": "听证意见书", "26": "行政处罚事先告知书", "27": "行政处罚决定审批表",
    "28": "行政处罚决定书", "29": "当场处罚决定书", "32": "催告书", "33": "强制执行申请书", "34": "陈述申辩笔录",
    "35": "陈述申辩复核意见书", "38": "送达回证", "40": "结案报告",
}  # fmt: skip
"""Codes of records whose type the house has too; another one is told as unknown."""
STAGES_LES = {
    "10": "案件来源及受理", "20": "立案", "30": "案件审理", "40": "发告知书", "50": "发决定书", "60": "结案书",
    "70": "案件结束", "110": "重大行政处罚流程", "120": "撤销流程", "210": "案源移交流程",
}  # fmt: skip
QUESTIONS_LES = {
    "case": ("case_seq",), "begins": ("from_date",), "ends": ("to_date",), "place": ("location",),
    "officers": ("quizzer",), "deleted": ("del_flag",),
}  # fmt: skip
ISSUED_LES = {
    "case": ("case_seq",), "year": ("year",), "n": ("seq",), "day": ("launch_date",), "served_to": ("party_name",),
    "note": ("content",), "deleted": ("del_flag",),
}  # fmt: skip

MAPS: Maps = {
    "zh": {
        "units": Map({
            "code": ("科室代码", "单位代码", "机构代码"), "name": ("科室名称", "单位名称", "机构名称", "科室"),
            "was": ("曾用名",), "kind": ("类别",), "parent": ("上级单位", "上级科室", "上级机构"),
        }),
        "people": Map({
            "id": ("人员编号", "编号"), "name": ("姓名",), "card": ("执法证号", "执法证件号"),
            "officer_no": ("记录仪警号(工号)", "工号"), "unit": ("科室", "单位", "所在科室"),
            "roles": ("角色", "岗位"), "post": ("职务",), "moved": ("调动",),
        }),
        "recorders": Map({
            "serial": ("设备编号", "记录仪编号"), "product": ("产品编号",), "kind": ("类型",), "unit": ("科室", "单位"),
            "bought": ("购置日期",), "room": ("安装位置",), "note": ("备注",),
        }),
        "cases": Map({
            "office_no": ("案件编号", "案号"), "opening_no": ("立案文号", "立案号"), "decision_no": ("决定书文号",),
            "title": ("案件名称",), "cause": ("案由",), "kind": ("执法类别", "案件类别"), "matter": ("执法事项",),
            "unit": ("承办科室", "承办机构", "办案机构"), "lead": ("案件来源", "案源"),
            "party": ("当事人/名称", "当事人名称", "当事人", "行政相对人"),
            "party_id_kind": ("当事人/证件类型", "证件类型"), "party_id": ("当事人/证件号码", "证件号码"),
            "party_address": ("当事人/地址", "住址"), "party_phone": ("当事人/联系电话", "联系电话"),
            "officer_1": ("承办人1", "承办人"), "card_1": ("执法证号1", "执法证号"),
            "officer_2": ("承办人2",), "card_2": ("执法证号2",),
            "accepted": ("受理日期",), "opening": ("立案日期",), "decided": ("决定日期",), "closed": ("结案日期",),
            "published": ("公示日期",), "reviewed": ("法制审核/日期",), "opinion": ("法制审核/结论",),
            "penalty": ("处理结果/种类", "处罚种类"), "fine": ("罚没金额",), "note": ("备注",),
        }),
        "papers": Map({
            "case": ("案件编号", "案号"), "code": ("文书名称",), "number": ("文书文号", "文号"),
            "day": ("制作日期", "文书日期"), "begins": ("起止时间/开始", "开始时间", "起止时间"),
            "ends": ("起止时间/结束", "结束时间"), "place": ("地点",), "officers": ("执法人员", "承办人"),
            "served_how": ("送达/方式", "送达方式"), "served_day": ("送达/日期", "送达日期"),
            "served_to": ("送达/受送达人", "受送达人"), "witness": ("送达/见证人", "见证人"),
            "pages": ("页数",), "note": ("备注",),
        }),
        "holdings": Map({
            "day": ("日期", "领用日期"), "recorder": ("设备编号", "记录仪编号"), "officer": ("领用人",),
            "card": ("执法证号",), "unit": ("科室", "单位"), "begins": ("领用时间",), "ends": ("归还时间",),
            "note": ("备注",),
        }),
        "roster": Map({
            "day": ("日期",), "weekday": ("星期",), "leader": ("带班领导",), "duty": ("执勤人员", "值班人员"),
            "note": ("备注",),
        }),
    },
    "les": {
        "cases": Map(
            {
                "office_no": ("case_seq",), "cause": ("case_cause",), "lead": ("case_source",),
                "accepted": ("accept_date",), "happened": ("case_happen_date",), "place": ("case_happen_address",),
                "party": ("org_name", "psn_name"), "party_id": ("org_code", "psn_code"),
                "party_id_kind": ("party_type",), "party_address": ("org_address", "psn_address"),
                "party_phone": ("org_phone", "psn_phone"), "officer_1": ("case_handler",), "stage": ("case_stage",),
                "deleted": ("del_flag",),
            },
            {"stage": STAGES_LES},
        ),
    },
    "les-questions": {"papers": Map(QUESTIONS_LES, always={"code": "询问笔录"})},
    "les-notices": {"papers": Map(ISSUED_LES, always={"code": "行政处罚事先告知书"})},
    "les-decisions": {"papers": Map(ISSUED_LES, always={"code": "行政处罚决定书"})},
    "zhsyj": {
        "cases": Map(
            {
                "source_id": ("ajdjid",), "office_no": ("ajdjbh",), "stage": ("ajzt",), "lead": ("ajdjajly",),
                "cause": ("ajdjay",), "happened": ("ajdjafsj",), "party": ("commc",), "party_id": ("comdm",),
                "party_address": ("comdz",), "party_phone": ("comyddh",), "officer_1": ("zfryzz",),
                "officer_2": ("zfryzy",), "unit": ("zfrybmmc",), "accepted": ("slsj",), "opening": ("liansj",),
                "decided": ("cfjdsj",), "closed": ("jagdsj",), "kind": ("cfjdcx",),
            },
            {
                "kind": {"1": "普通程序", "2": "普通程序", "3": "简易程序"},
                "stage": {"0": "登记", "1": "立案", "3": "调查取证"},
            },
        ),
        "papers": Map(
            {"source_id": ("ajzfwsid",), "case": ("ajdjid",), "code": ("zfwsdmz",)}, {"code": PAPERS_ZHSYJ}
        ),
    },
}  # fmt: skip


Column = tuple[str, Import, str, str]
"""Map, list, field, head."""
Code = tuple[str, Import, str, str, str]
"""Map, list, field, code of the other system, word of the house."""


def with_more(columns: Iterable[Column], codes: Iterable[Code]) -> Maps:
    """The maps there are, with what a policy adds, its own first; an empty code is what each row says."""
    found = {name: dict(maps) for name, maps in MAPS.items()}
    for name, of, key, head in columns:
        old = found.setdefault(name, {}).get(of, Map({}))
        found[name][of] = replace(old, heads={**old.heads, key: (*old.heads.get(key, ()), head)})
    for name, of, key, theirs, ours in codes:
        old = found.setdefault(name, {}).get(of, Map({}))
        meant = {**old.codes, key: {**old.codes.get(key, {}), theirs: ours}}
        found[name][of] = replace(old, codes=meant) if theirs else replace(old, always={**old.always, key: ours})
    return {name: found[name] for name in sorted(found, key=MAPS.__contains__)}
