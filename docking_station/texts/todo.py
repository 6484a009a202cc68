"""Words of the start page and of the month's sheet (我的待办、月度情况)."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "todo_title": ("To do", "我的待办"),
    "todo_nothing": ("Nothing waits for you now.", "目前没有待办事项。"),
    "todo_see_wanting": ("Cases with footage to be explained", "查看应录环节待处理的案件"),
    "todo_request": ("{who} asks: {wanted}", "{who}申请{wanted}，待您办理"),
    "todo_answered": ("Your request ({wanted}): {state}", "您的{wanted}申请：{state}"),
    "todo_review": ("You are named to review it, not sent yet: {party}", "已指定您审核，尚未送审：{party}"),
    "todo_release": ("A clip to be made public waits for you: {party}", "音像公示待您办理：{party}"),
    "todo_case": ("{party}", "{party}"),
    "todo_cases": ("{count} more cases with limits that are over or end soon", "另有 {count} 件案件逾期或即将到期"),
    "todo_wanting": ("Footage to be explained: {party}", "应录环节待说明：{party}"),
    "todo_held": (
        "{count} files could not be taken in: say what becomes of them",
        "{count} 个文件未能入库，请处理",
    ),
    "todo_unlinked": ("{count} clips belong to no case yet", "{count} 份音像资料待关联案件"),
    "todo_due": ("{count} clips may be disposed of", "{count} 份音像资料保存期满，待鉴定处置"),
    "todo_ends_asked": ("The end of {count} holds waits for a second person", "{count} 项解除保留申请，待第二人确认"),
    "todo_or_more": ("{count} or more", "{count} 以上"),
    "todo_station": ("The station", "本站情况"),
    "todo_filed": ("Came in since yesterday", "昨日以来入库"),
    "todo_filed_count": ("{count} clips", "{count} 份"),
    "todo_filed_none": ("nothing", "无"),
    "todo_backup": ("Last backup", "最近备份"),
    "todo_no_backup": ("none: at risk", "尚无备份：磁盘损坏将无法恢复"),
    "todo_room": ("Room for originals", "存储空间"),
    "todo_room_left": ("{free} free of {total}", "剩余 {free}，共 {total}"),
    "todo_state": ("State", "运行状态"),
    "todo_state_ok": ("all in order", "正常"),
    "todo_state_attention": ("needs somebody", "需要处理"),
    "todo_state_broken": ("broken", "故障"),
    "todo_ask_keeper": ("The custodian knows more.", "详情请询问音像资料管理员。"),
    "todo_findings_more": ("{count} more", "另有 {count} 项"),
    "todo_sure": (
        "Nobody can delete an original before its lock ends, whoever they are.",
        "锁定期内任何人都不能删除原件，包括领导和管理员。",
    ),
    "todo_nobody": ("Nobody is entered here yet", "尚未登记人员"),
    "todo_nobody_why": (
        "This station takes in what body cameras recorded and locks it. Next: enter the people who work with it.",
        "本站采集执法记录仪的音像资料并锁定保存。下一步：登记使用人员。",
    ),
    "todo_set_up": ("Set the station up", "继续设置"),
}
