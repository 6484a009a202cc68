"""Words of the disclosure of decisions (执法公示): the desk, its dialogs, and what the commands say."""

from __future__ import annotations

from collections.abc import Mapping

CHANNEL_WORDS: Mapping[str, tuple[str, str]] = {
    "website": ("website", "政府网站"),
    "credit": ("credit platform", "信用平台"),
    "": ("website and credit platform", "政府网站和信用平台"),
}
STATE_WORDS: Mapping[str, tuple[str, str]] = {
    "withdraw": ("take down", "应撤下"),
    "due": ("to be published", "待公示"),
    "public": ("published", "已公示"),
    "kept": ("not published", "不予公示"),
    "reported": ("published, by an imported list", "已公示（导入台账记载）"),
    "gone": ("decision stands no more", "决定已失效"),
}
ENDED_WORDS: Mapping[str, tuple[str, str]] = {
    "changed": ("changed", "变更"),
    "revoked": ("revoked", "撤销"),
    "unlawful": ("found unlawful", "确认违法"),
    "void": ("found void", "确认无效"),
    "restored": ("in force again", "恢复效力"),
    "corrected": ("corrected", "已更正"),
    "withdrawn": ("taken down", "已撤下"),
}
GRAVITY_WORDS: Mapping[str, tuple[str, str]] = {
    "light": ("light: as a rule not shown", "轻微（一般不公示）"),
    "general": ("general", "一般"),
    "serious": ("serious", "严重"),
}
WORDS: Mapping[str, tuple[str, str]] = {
    "no_disclosures": ("Nothing is to be published or taken down.", "目前没有待公示或应撤下的决定。"),
    "disclosure_published": (
        "Case {case}: published on {day} ({channel}), as {no}.",
        "案件 {case} 已于 {day} 公示（{channel}），编号 {no}。",
    ),
    "disclosure_kept": ("Case {case} is not published ({channel}).", "案件 {case} 不予公示（{channel}）。"),
    "disclosure_corrected": (
        "{old} is corrected and stands as {no}; both rows are kept.",
        "公示 {old} 已更正，新编号 {no}；更正前后内容均保留。",
    ),
    "disclosure_withdrawn": ("{no} was taken down on {day}.", "公示 {no} 已于 {day} 撤下。"),
    "decision_ended": (
        "The decision of case {case} stands no more ({how}); what is public of it has to be taken down.",
        "案件 {case} 的决定已{how}；已公示的信息须撤下。",
    ),
    "disclosure_written": ("{count} rows are written to {path}.", "已将 {count} 行写入 {path}。"),
    "todo_withdraw": ("To be taken down: {party}", "应撤下公示：{party}"),
    "todo_publish": (
        "{count} decisions must be published soon, or are late",
        "{count} 项决定待公示（即将到期或者逾期）",
    ),
    "disc_title": ("Publication", "执法公示"),
    "disc_open": ("To do", "待办理"),
    "disc_done": ("Published", "已办理"),
    "disc_none_open": ("Nothing is to be published or taken down now.", "目前没有待公示或应撤下的决定。"),
    "disc_none_done": ("Nothing was published yet.", "尚无公示记录。"),
    "disc_more": ("{count} more; the tables have them all.", "另有 {count} 项，导出表格可查看全部。"),
    "disc_party": ("Party", "当事人"),
    "disc_channel": ("Where", "渠道"),
    "disc_decided": ("Decided", "决定日期"),
    "disc_due": ("Last day", "应办日期"),
    "disc_provisional": ("provisional: the days off of that year are not entered", "暂定：该年度放假安排尚未录入"),
    "disc_tables": ("As a table", "导出表格"),
    "disc_table_website": ("Table for the website", "网站公示表"),
    "disc_table_CF": ("Penalties, credit platform", "双公示表（行政处罚）"),
    "disc_table_XK": ("Licences, credit platform", "双公示表（行政许可）"),
    "disc_of_case": ("Publication of the decision", "决定公示"),
    "disc_must_go": ("publication must be taken down", "公示应撤下"),
    "disc_no_decision": ("There is no decision yet: nothing to publish.", "尚无行政决定，无须公示。"),
    "disc_nothing_asks": ("The policy asks for no publication.", "按管理制度无须公示。"),
    "disc_row": ("As it will be published", "拟公示内容"),
    "disc_hidden": ("hidden", "已隐去"),
    "disc_left_out": ("Never published, and not in these rows:", "以下信息不公开，未列入："),
    "disc_none": ("–", "—"),
    "disc_publish": ("Enter the publication", "登记公示"),
    "disc_except": ("Do not publish", "不予公示"),
    "disc_correct": ("Correct", "更正"),
    "disc_withdraw": ("Take down", "撤下"),
    "disc_end": ("The decision stands no more", "登记决定变更或撤销"),
    "disc_save": ("Enter", "登记"),
    "disc_day": ("Published on", "公示日期"),
    "disc_day_down": ("Taken down on", "撤下日期"),
    "disc_day_correct": ("Corrected on", "更正日期"),
    "disc_day_end": ("Since", "失效日期"),
    "disc_place": ("Where: address or column", "公示网址或栏目"),
    "disc_gravity": ("How grave", "失信程度"),
    "disc_months": ("Months on the platform", "公示期（月）"),
    "disc_months_hint": (
        "Empty: the longest the policy allows, from the decision on.",
        "不填为制度规定的最长期限，自决定之日起算。",
    ),
    "disc_ground": ("Ground", "不予公示情形"),
    "disc_light": ("light breach (credit platform alone)", "轻微失信（仅信用平台）"),
    "disc_how": ("What became of it", "失效情形"),
    "disc_number": ("Number of the document", "文书文号"),
    "disc_fields": ("What is published", "公示内容"),
    "disc_fields_hint": (
        "Names of natural persons are masked; identity numbers, telephone numbers and accounts are refused.",
        "自然人姓名自动隐去；含身份证件号码、电话、银行账号的内容不能登记。",
    ),
    "disc_until": ("Shown until {day}", "公示至 {day}"),
    "disc_since": ("Published on {day}", "{day} 公示"),
    "disc_ended": ("{how} on {day}: {reason}", "{day} {how}：{reason}"),
    "disc_kept": ("Not published: {reason}", "不予公示：{reason}"),
    "disc_fell": ("Decision {how} on {day}: {reason}", "决定于 {day} {how}：{reason}"),
    "disc_reported": (
        "An imported list says it was published on {day}. To take it down, enter that publication first.",
        "导入台账记载已于 {day} 公示。如须撤下，请先补登该次公示。",
    ),
    "disc_said_published": ("The publication is entered.", "已登记公示。"),
    "disc_said_excepted": ("It is entered that the decision is not published.", "已登记不予公示。"),
    "disc_said_corrected": ("The correction is entered; both rows are kept.", "已登记更正，更正前后内容均保留。"),
    "disc_said_withdrawn": ("The withdrawal is entered.", "已登记撤下。"),
    "disc_said_ended": (
        "It is entered that the decision stands no more.",
        "已登记决定失效，已公示的信息须撤下。",
    ),
}
