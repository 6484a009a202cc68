"""Words of the evaluation of a case file and of the page about its decision (案卷评查、决定经办情况)."""

from __future__ import annotations

from collections.abc import Mapping

WHY: Mapping[str, tuple[str, str]] = {
    "overdue": ("{count} clips came in later than {hours} hours", "{count} 份资料超 {hours} 小时入库"),
    "label-missing": ("{count} clips lack a label", "{count} 份资料标签不全"),
    "not-listed": ("the file has no list of electronic data", "卷内无电子数据（视听资料）清单"),
    "not-opened": ("no clip was opened before the opinion of {no}", "{no} 出具审核意见前未调阅音像资料"),
}
"""What costs points, besides what completeness finds."""

WORDS: Mapping[str, tuple[str, str]] = {
    "no_evaluation": ("The policy has no items to evaluate by.", "管理制度中没有案卷评查项目。"),
    "print_evaluation": ("Evaluation of the file", "案卷评查表"),
    "print_evaluation_how": (
        "Points as far as the station can tell; the rest is for who evaluates. A file fails by one item with a star.",
        "得分由系统按已登记内容预填，空白栏由评查人填写；标 * 项不合格的，为不合格卷。",
    ),
    "print_basic": (
        "Basic items (body, qualification, two officers, procedure, facts and evidence, law, transfer):",
        "基本项（执法主体、人员资格、两人执法、程序、事实证据、法律适用、移送）：",
    ),
    "print_item": ("Item", "评查项目"),
    "print_of": ("Points", "分值"),
    "print_got": ("Kept", "得分"),
    "print_because": ("Because of", "扣分原因"),
    "print_fails": ("The file fails", "不合格卷"),
    "print_evaluator": ("Evaluated by:", "评查人："),
    "print_decision_page": ("Who decided what", "决定经办情况"),
    "print_step": ("Step", "环节"),
    "print_when": ("Entered on", "登记时间"),
    "print_who": ("By", "经办人"),
    "print_on_what": ("On what", "依据、内容"),
    "print_decision_how": (
        "From the signed acts of the station; what it does not know was not entered here.",
        "据本站签名记录汇总；未列的环节本站无登记。",
    ),
    "decision_entered": ("Case entered", "案件登记"),
    "decision_paper": ("{paper}", "{paper}"),
    "decision_sent": ("Sent for legal review", "提交法制审核"),
    "decision_returned": ("Returned for what was missing", "审核退回补正"),
    "decision_passed": ("Legal review: agreed to", "法制审核：同意"),
    "decision_failed": ("Legal review: problems found", "法制审核：存在问题"),
    "decision_answered": ("Answered: {point}", "答复：{point}"),
    "decision_decided": ("Decision entered", "作出决定"),
    "decision_published_website": ("Published on the website", "政府网站公示"),
    "decision_published_credit": ("Published on the credit platform", "信用平台公示"),
    "decision_kept": ("Kept from the public", "不予公示"),
    "decision_fell_changed": ("Decision changed", "决定变更"),
    "decision_fell_revoked": ("Decision revoked", "决定撤销"),
    "decision_fell_unlawful": ("Decision found unlawful", "决定被确认违法"),
    "decision_fell_restored": ("Decision in force again", "决定恢复效力"),
    "decision_fell_void": ("Decision found void", "决定被确认无效"),
    "decision_confirmed": ("confirmed by {who}", "确认人 {who}"),
    "decision_reported_decided": ("decided on {day}, by another system", "其他系统记载：{day}作出决定"),
    "decision_reported_reviewed": ("reviewed on {day}, by another system", "其他系统记载：{day}法制审核"),
    "decision_of": ("of {day}", "日期 {day}"),
    "decision_sent_papers": ("records: {count}", "送审材料 {count} 份"),
    "decision_opened": ("clips opened: {count}", "调阅音像资料 {count} 份"),
    "decision_approved": ("approved by {who}", "批准人 {who}"),
    "decision_round": ("review {no}", "审核编号 {no}"),
}
