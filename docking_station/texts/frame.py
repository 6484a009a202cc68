"""Words of the frame: dialogs, the second of two people, what a page says of what was done (对话框、双人办理、提示)."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "page_desk_waiting": ("{count} waiting", "{count} 项待办"),
    "page_cancel": ("Cancel", "取消"),
    "page_undo": ("Undo", "撤销"),
    "page_dialog_reason": ("Reason", "事由"),
    "page_reason_kept": ("It stands in the record with your name.", "事由与办理人姓名一并留痕。"),
    "page_count_again": ("Type the number {count} to confirm", "请输入数字 {count} 以确认"),
    "page_two": ("Two people do this", "双人办理"),
    "page_two_first": ("First: {person}", "第一人：{person}"),
    "page_two_why": (
        "The second person types their own account and secret here. You stay signed in.",
        "请第二人在此输入本人账户和个人口令，您的登录不受影响。",
    ),
    "page_two_account": ("Account of the second person", "第二人账户"),
    "page_two_secret": ("Secret of the second person", "第二人个人口令"),
    "page_two_code": ("Code of their phone, if they have one", "第二人动态码（如已启用）"),
    "page_stage_done": ("done", "已完成"),
    "page_stage_now": ("now", "当前"),
    "page_stage_later": ("not yet", "未到"),
}
