"""Words of the yearly report of a bureau (行政执法统计年报), as it is reported and published."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "year_title": ("Administrative enforcement of {bureau} in {year}", "{bureau}{year}年度行政执法统计年报"),
    "year_span": (
        "Counted: {since} to {until}. Made on {made}. To be reported by {report_by}, published by {publish_by}.",
        "统计期间：{since}至{until}。制表日期：{made}。上报不迟于{report_by}，公开不迟于{publish_by}。",
    ),
    "year_blank": (
        "An empty cell is nothing this station keeps a record of: a person fills it in.",
        "空白栏本系统无登记，由填报人填写。",
    ),
    "year_penalty": ("Table 1: administrative penalties", "表一　行政处罚实施情况（单位：宗）"),
    "year_licence": ("Table 2: licences", "表二　行政许可实施情况（单位：件）"),
    "year_measure": ("Table 3a: coercive measures", "表三（一）　行政强制措施实施情况（单位：宗）"),
    "year_enforcement": ("Table 3b: coercive execution", "表三（二）　行政强制执行实施情况（单位：宗）"),
    "year_other": ("Table 4: other acts of enforcement", "表四　其他行政执法行为实施情况"),
    "year_people": ("Table 5: officers and their cards", "表五　行政执法人员持证情况（单位：人）"),
    "year_recorded": ("Table 6: what was recorded (internal)", "表六　应录环节音像记录情况（内部掌握）"),
    "year_sum": ("In all", "合计"),
    "year_money": ("fines and forfeits, 10,000 yuan", "罚没金额（万元）"),
    "year_staff": ("Officers", "执法人员数"),
    "year_cards": ("With a card", "持证数"),
    "year_unit": ("Unit", "科室"),
    "year_matter": ("Matter", "音像记录事项"),
    "year_should": ("To be recorded", "应录"),
    "year_met": ("Recorded", "已录"),
    "year_answered": ("Explained", "已说明"),
    "year_open": ("Open", "待处理"),
    "year_holes": ("Of these", "其中"),
    "year_rules": ("How it was counted", "统计口径"),
    "year_rule_day": (
        "A decision counts in the year from 1 January to 31 December in which it was made.",
        "按作出决定的日期统计，统计年度为 1 月 1 日至 12 月 31 日。",
    ),
    "year_rule_heaviest": (
        "Several penalties in one decision count once, under the heaviest. From light to heavy: {order}.",
        "一个决定有多种处罚的计 1 宗，列入最重的一类。由轻到重：{order}。",
    ),
    "year_rule_named": (
        "What has a column of its own does not count under 其他.",
        "有专门栏目的不列入“其他”。",
    ),
    "year_rule_money": (
        "Sums are those of the decisions, whether or not they were paid.",
        "罚没金额以处罚决定书载明的金额计，不论是否缴纳。",
    ),
    "year_rule_licence": (
        "Changes and renewals of licences count as licences granted or refused.",
        "许可的变更、延续列入许可数量、不予许可数量。",
    ),
    "year_rule_appeal": (
        "Decisions that were revoked on appeal still count.",
        "行政复议、行政诉讼中被撤销的决定仍计入。",
    ),
    "year_rule_coercion": (
        "Measures and executions within another case count too, each by its own record.",
        "案件中采取的强制措施、强制执行按文书逐宗计入。",
    ),
    "year_says": ("Remarks", "情况说明"),
    "year_says_cases": (
        "Cases opened: {opened}; decisions made: {decided}; cases closed: {closed}.",
        "本年度立案 {opened} 件，作出决定 {decided} 件，结案 {closed} 件。",
    ),
    "year_says_penalties": (
        "Penalties: {count}, of {money} ten thousand yuan; decisions not to punish: {none}.",
        "作出行政处罚决定 {count} 宗，罚没金额 {money} 万元；不予处罚 {none} 件。",
    ),
    "year_says_review": (
        "Decisions that needed a legal review and had none that passed: {count}.",
        "应经法制审核而未经审核或者审核未通过即作出的决定 {count} 件。",
    ),
    "year_says_public": (
        "Decisions published after their last day: {late}; not yet published though it is over: {owed}.",
        "逾期公示 {late} 件，逾期尚未公示 {owed} 件。",
    ),
    "year_says_people": (
        "Officers: {staff}, with a card: {cards}.",
        "行政执法人员 {staff} 人，其中持证 {cards} 人。",
    ),
    "year_says_rest": (
        "Appeals, lawsuits, corrections and what else is to be said: ",
        "行政复议、行政诉讼、纠错及其他需要说明的情况：",
    ),
    "year_todo": ("To be settled before it is reported", "上报前须核实"),
    "year_todo_unsaid": (
        "{count} decisions say no kind of penalty, and stand in no column: {cases}",
        "{count} 件处罚决定未填写处罚种类，未列入任何栏目：{cases}",
    ),
    "year_todo_running": ("The year is not over: the figures grow.", "本年度尚未结束，数字仍会变化。"),
    "year_signs": ("Filled in by / checked by / head", "填报人　　　　　　审核人　　　　　　负责人　　　　　　"),
    "year_unsaid": (
        "{count} penalties say no kind and stand in no column: see the PDF.",
        "{count} 件处罚决定未填写处罚种类，未列入任何栏目，详见 PDF。",
    ),
    "year_written": ("Written: {path}", "已写入：{path}"),
}
