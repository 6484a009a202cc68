"""What is said of the rows of a list that is imported (导入台账): verdicts, problems, what to do about them.

Shapes: `PROBLEMS` has for each code the sentence in English and Chinese, then the hint in both, empty where nothing is
to be done. `{read}` are the readings there are, `{first}` the first and `{others}` the others, `{row}` is another row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.rules.imports.problems import REPAIRED, VERDICTS, Row
from catalog.station_error import Language

WORDS: dict[str, tuple[str, str]] = {
    "import_new": ("new", "新增"),
    "import_same": ("the same", "未变"),
    "import_changed": ("changed", "有变更"),
    "import_refused": ("refused", "不能导入"),
    "import_doubtful": ("doubtful", "待核实"),
    "import_duplicate": ("duplicate", "重复"),
    "import_skipped": ("skipped", "略过"),
    "import_head": (
        "{file}, columns {map}, {how}",
        "{file}，列名 {map}，{how}",
    ),
    "import_unread": ("Columns that are not read: {heads}.", "未读取的列：{heads}。"),
    "import_nothing_changed": (
        "Nothing was changed; with --apply rows that are new or changed are taken in.",
        "未作任何更改；加 --apply 导入“新增”和“有变更”的行。",
    ),
    "import_answered": ("The list with the result of each row is {path}.", "附有逐行结果的表格已写入 {path}。"),
    "import_applied": ("Taken in: {count} rows, import {id}.", "已导入 {count} 行，导入编号 {id}。"),
    "import_sheet": ("sheet {sheet}", "工作表 {sheet}"),
    "import_delimiter": ("cells apart by {delimiter}", "分隔符 {delimiter}"),
    "import_waits": (
        "Rows that are doubtful or refused wait: correct them in the list, then import it again.",
        "“待核实”和“不能导入”的行未导入：请在台账中改正后重新导入。",
    ),
    "import_nothing_new": ("Nothing was new.", "没有新内容。"),
    "import_done_new": ("entered", "已登记"),
    "import_done_changed": ("changed as the list says", "已按台账更改"),
    "import_reading": ("reading the list", "读取台账"),
    "import_checking": ("checking the rows", "核对各行"),
    "importing": ("importing", "导入"),
    "import_column": ("{column}: {text}", "{column}：{text}"),
    "import_hint": ("{text} ({hint})", "{text}（{hint}）"),
}

_PERSON = ("Write the card number beside the name.", "请在姓名旁填写执法证号。")
_LIST = ("Write it as the policy's list has it, or add it there.", "请按制度清单中的名称填写，或先在清单中增加。")
_DAY = ("Write it like 2026-03-05.", "请按 2026-03-05 的格式填写。")
_ONE = ("Leave only what is right.", "请只保留正确的一项。")
_WRITE = ("Write it.", "请补填。")
_NONE = ("", "")
PROBLEMS: dict[str, tuple[str, str, str, str]] = {
    # ---- repaired: told, and nothing to do
    "bracket-variant": ("other brackets than 〔〕 in the number", "文号括号不是六角括号", *_NONE),
    "case-by-opening-no": ("the case was found by a record's number", "按文号找到案件", *_NONE),
    "date-compact": ("a date without separators", "日期无分隔符", *_NONE),
    "date-dots": ("a date with dots", "日期以点分隔", *_NONE),
    "date-serial": ("a date as Excel's day number", "日期为 Excel 序列值", *_NONE),
    "date-slash": ("a date with slashes", "日期以斜线分隔", *_NONE),
    "date-time": ("a date with a time of day", "日期带有时刻", *_NONE),
    "date-zh": ("a date in Chinese form", "日期为中文写法", *_NONE),
    "ditto": ("taken from the row above", "取自上一行", *_NONE),
    "fullwidth-digits": ("full-width digits", "全角数字", *_NONE),
    "homonym-by-card": ("several people have this name; the card tells which", "有重名，按执法证号确定", *_NONE),
    "homonym-by-unit": ("several people have this name; the unit tells which", "有重名，按科室确定", *_NONE),
    "kind-alias": ("another name of the kind", "执法类别的别名", *_NONE),
    "leading-zeros": ("zeros before the number", "序号前有零", *_NONE),
    "line-break": ("a line break in the cell", "单元格内换行", *_NONE),
    "name-padded": ("blanks within a name", "姓名中有空格", *_NONE),
    "names-joined": ("several names in one cell", "一格内有多个姓名", *_NONE),
    "span-in-one-cell": ("begin and end in one cell", "起止时间在同一格", *_NONE),
    "stray-blanks": ("blanks around the text", "首尾有空格", *_NONE),
    "text-marker": ("written otherwise than in the register", "写法与登记不同", *_NONE),
    "time-fraction": ("a time as a part of a day", "时间为一天的小数", *_NONE),
    "type-alias": ("another name of the record", "文书名称的别名", *_NONE),
    "unit-old-name": ("a former name of the unit", "科室曾用名", *_NONE),
    "word-left-out": ("字 or 第 is left out of the number", "文号省略“字”或“第”", *_NONE),
    # ---- doubtful: a person must decide
    "card-unknown": (
        "nobody has this card: {read}",
        "没有此执法证号：{read}",
        "Check the card number.",
        "请核对执法证号。",
    ),
    "card-wrong": ("name and card are not of one person: {read}", "姓名与执法证号不符：{read}", *_PERSON),
    "case-ambiguous": ("several cases have this number: {read}", "多个案件有此编号：{read}", *_ONE),
    "columns-differ": ("several columns say different things: {read}", "多列内容不一致：{read}", *_ONE),
    "date-ambiguous": ("the date may mean {read}", "日期可能是 {read}", *_DAY),
    "date-conflict": ("the dates differ: {read}", "日期不一致：{read}", *_ONE),
    "date-no-year": ("a date without its year; it may be {read}", "日期缺少年份，可能是：{read}", *_DAY),
    "date-unreadable": ("not a date: {read}", "不是日期：{read}", *_DAY),
    "date-order": (
        "the dates are in the wrong order: {read}",
        "日期先后矛盾：{read}",
        "Check the dates.",
        "请核对日期。",
    ),
    "duplicate-conflict": (
        "differs from row {row}, which has the same number: {read}",
        "与编号相同的第 {row} 行不一致：{read}",
        "Leave the row that is right.",
        "请只保留正确的一行。",
    ),
    "duplicate-unread": (
        "the same as row {row}, but in columns that are not read: {read}",
        "与第 {row} 行仅在未读取的列上不同：{read}",
        "Check whether both are meant.",
        "请核对是否确为两条记录。",
    ),
    "formula": ("a formula or its error: {read}", "公式或者公式错误：{read}", "Paste it as a value.", "请粘贴为数值。"),
    "hidden-row": (
        "the row is hidden or filtered away",
        "该行被隐藏或者筛除",
        "Show it or delete it.",
        "请取消隐藏或者删除。",
    ),
    "id-destroyed": (
        "Excel took the number for a sum and lost its end: {read}",
        "Excel 将编号当作数值，末尾已丢失：{read}",
        "Make the cell a text, then type the number again.",
        "请将单元格设为文本后重新填写。",
    ),
    "id-wrong": ("not a number of this kind of document: {read}", "证件号码格式不符：{read}", "Check it.", "请核对。"),
    "kind-ambiguous": ("may be one of the kinds {read}", "可能是以下类别：{read}", *_LIST),
    "kind-unknown": ("a kind that is not on the list: {read}", "清单中没有此执法类别：{read}", *_LIST),
    "lost-character": (
        "a character was lost and became ?",
        "有字符丢失，变为“?”",
        "Export the list as UTF-8 or Excel, or write the character.",
        "请导出为 UTF-8 或 Excel，或者补上该字。",
    ),
    "matter-ambiguous": ("may be one of the matters {read}", "可能是以下事项：{read}", *_LIST),
    "matter-unknown": ("a matter that is not on the list: {read}", "清单中没有此执法事项：{read}", *_LIST),
    "name-ambiguous": ("may be one of {read}", "可能是以下人员：{read}", *_PERSON),
    "name-unknown": (
        "nobody of this name: {read}",
        "没有此人：{read}",
        "Check the name, or give --beside people=FILE.",
        "请核对姓名，或者用 --beside people=FILE 一并读入人员清单。",
    ),
    "number-repeated": ("row {row} has the same number: {read}", "与第 {row} 行编号相同：{read}", *_ONE),
    "number-unknown": ("not a number of this bureau: {read}", "不是本机关的文号：{read}", "Check it.", "请核对。"),
    "one-person": ("only one person can stand here: {read}", "此处只能填一人：{read}", *_ONE),
    "recorder-ambiguous": ("may be one of the recorders {read}", "可能是以下记录仪：{read}", *_ONE),
    "recorder-unknown": ("no such recorder: {read}", "没有此记录仪：{read}", "Enter it first.", "请先登记该记录仪。"),
    "return-missing": ("it does not say when it was given back", "未填归还时间", *_WRITE),
    "role-unknown": ("a role that is not on the list: {read}", "清单中没有此岗位：{read}", *_LIST),
    "role-ambiguous": ("may be one of the roles {read}", "可能是以下岗位：{read}", *_LIST),
    "several-known": (
        "its numbers are those of several things that were entered: {read}",
        "所填编号分属已登记的多项：{read}",
        "Leave the number that is right.",
        "请只保留正确的编号。",
    ),
    "step-ambiguous": ("may be one of the steps {read}", "可能是以下步骤：{read}", *_LIST),
    "step-unknown": ("a step that is not on the list: {read}", "清单中没有此步骤：{read}", *_LIST),
    "sum-unreadable": ("not a number: {read}", "不是数字：{read}", "Write digits only.", "请只填数字。"),
    "time-order": ("it ends before it begins: {read}", "结束早于开始：{read}", "Check the times.", "请核对时间。"),
    "time-unreadable": ("not a time: {read}", "不是时间：{read}", "Write it like 09:30.", "请按 09:30 的格式填写。"),
    "type-ambiguous": ("may be one of the records {read}", "可能是以下文书：{read}", *_LIST),
    "type-unknown": ("a record that is not on the list: {read}", "清单中没有此文书：{read}", *_LIST),
    "unit-ambiguous": ("may be one of the units {read}", "可能是以下科室：{read}", *_LIST),
    "unit-unknown": ("no such unit: {read}", "没有此科室：{read}", *_LIST),
    "weekday-wrong": ("the day is not that weekday: {read}", "日期与星期不符：{read}", *_DAY),
    "word-ambiguous": ("may be one of {read}", "可能是：{read}", *_ONE),
    "word-unknown": (
        "not one of the words for this column: {first}",
        "该列没有此取值：{first}",
        "It may be: {others}.",
        "可填：{others}。",
    ),
    # ---- refused
    "case-missing": ("no such case: {read}", "没有此案件：{read}", "Enter the case first.", "请先登记该案件。"),
    "date-impossible": ("no such day: {read}", "没有这一天：{read}", *_DAY),
    "date-missing": ("no date", "未填日期", *_WRITE),
    "key-missing": ("no number by which it could be known", "未填任何编号", *_WRITE),
    "type-missing": ("no name of the record", "未填文书名称", *_WRITE),
    # ---- skipped, and what is only told
    "blank": ("an empty row", "空行", *_NONE),
    "block": ("the month of the rows below", "以下各行的月份", *_NONE),
    "deleted": ("deleted in the other system", "在原系统中已删除", *_NONE),
    "header": ("heads", "表头", *_NONE),
    "header-repeated": ("the heads again", "重复的表头", *_NONE),
    "note": ("a note on the list", "填表说明", *_NONE),
    "title": ("the title", "标题", *_NONE),
    "total": ("a sum of rows", "合计行", *_NONE),
    "duplicate": ("says the same as row {row}", "与第 {row} 行相同", *_NONE),
    "differs": ("list and catalog: {read}", "台账与已登记内容：{read}", *_NONE),
}
EMPTY = {"case-missing": ("no case number", "未填案件编号", *_WRITE)}
"""What is said instead where nothing stands in the cell."""


def said(code: str, language: Language, readings: Sequence[str], row: int | None) -> tuple[str, str]:
    """Return the sentence and the hint for a problem; the code of an error has its own sentences as readings."""
    if "." in code:
        en, zh = readings or (f"refused: {code}", f"未能登记：{code}")
        return (zh if language == "zh" else en), ""
    en, zh, hint, hint_zh = (PROBLEMS if readings else PROBLEMS | EMPTY)[code]
    facts = {
        "read": " / ".join(readings),
        "first": "".join(readings[:1]),
        "others": "、".join(readings[1:]),
        "row": row,
    }
    text, todo = (zh, hint_zh) if language == "zh" else (en, hint)
    return text.format_map(facts), todo.format_map(facts)


def is_result(text: str) -> bool:
    """Whether a text begins as `in_one_cell` does, in one of the languages."""
    names = (*(f"import_{verdict}" for verdict in VERDICTS), "import_done_new", "import_done_changed")
    return re.split("[；;]", text)[0] in {word for name in names for word in WORDS[name]}


def in_one_cell(row: Row, language: Language, *, is_done: bool = False) -> str:
    """Return a row's result in one line: the verdict, then what was found and what to do; repairs where that is all.

    `is_done`: the row was taken into the catalog.
    """
    zh = language == "zh"
    parts = [WORDS[f"import_done_{row.verdict}" if is_done else f"import_{row.verdict}"][zh]]
    for one in [one for one in row.problems if one.code not in REPAIRED] or row.problems:
        text, hint = said(one.code, language, one.readings, one.row)
        named = WORDS["import_column"][zh].format(column=one.column, text=text) if one.column else text
        parts.append(WORDS["import_hint"][zh].format(text=named, hint=hint.rstrip("。.")) if hint else named)
    return ("；" if zh else "; ").join(parts)
