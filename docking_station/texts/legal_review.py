"""What is said of the legal review of decisions (法制审核)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "no_reviews": ("Nothing was sent for legal review yet.", "尚无法制审核。"),
    "review_sent": (
        "{no}: {party} is sent for legal review; the last day is {due}.",
        "{no}：{party} 已送法制审核，审核期限至 {due}。",
    ),
    "review_returned": ("{no} is returned for what is missing.", "{no} 已退回补正。"),
    "review_extended": ("{no} is extended; the last day is {due}.", "{no} 已延长，审核期限至 {due}。"),
    "review_judged": ("{no}: the point is judged.", "{no}：该要点已审核。"),
    "review_given": ("{no}: the opinion is given and signed.", "{no}：审核意见已出具并签名。"),
    "review_filed": ("{no}: the opinion is filed in the case.", "{no}：审核意见已入卷。"),
    "review_answered": ("{no}: the point is answered.", "{no}：该问题已答复。"),
    "review_pass": ("holds", "合格"),
    "review_fail": ("does not hold", "不合格"),
    "review_none": ("not concerned", "不涉及"),
    "case_was_decided": ("The decision on case {case} of {day} is entered.", "案件 {case} 的决定（{day}）已登记。"),
}
