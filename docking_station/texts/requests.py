"""What is said of holds, of requests and of copies that leave the house (保留、调阅复制)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "hold_held": ("{clip} is held: nothing of it goes.", "{clip} 已依法保留，不得处置。"),
    "hold_asked": (
        "The end of the hold on {clip} is asked for; another person ends it with `evidock clips unhold {clip}`.",
        "已申请解除 {clip} 的依法保留，请另一人执行 `evidock clips unhold {clip}` 确认。",
    ),
    "hold_ended": ("{clip} is no longer held.", "{clip} 已解除依法保留。"),
    "hold_refused": (
        "The storage does not keep it so yet: {what} `evidock health` will keep reporting it.",
        "存储尚未按要求保存：{what} `evidock health` 将持续提示。",
    ),
    "no_requests": ("There is no request yet.", "尚无申请。"),
    "request_asked": (
        "{no}: asked for, {clips} clips; another person decides by {until} (`evidock requests approve {no}`).",
        "{no}：已提交申请，资料 {clips} 个；须由另一人在 {until} 前审批（`evidock requests approve {no}`）。",
    ),
    "request_described": (
        "{no}: asked for; the custodian names the clips first (`evidock requests fill {no} --clip CLIP`).",
        "{no}：已提交申请；请音像资料管理员先列明资料（`evidock requests fill {no} --clip 资料编号`）。",
    ),
    "request_filled": (
        "{no}: {clips} clips are named; another person decides by {until} (`evidock requests approve {no}`).",
        "{no}：已列明资料 {clips} 个；须由另一人在 {until} 前审批（`evidock requests approve {no}`）。",
    ),
    "request_withdrawn": ("{no} is withdrawn.", "{no} 已撤回。"),
    "request_granted": ("{no} is granted until {until}.", "{no} 已批准，期限至 {until}。"),
    "request_refused": ("{no} is refused.", "{no} 已驳回。"),
    "request_revoked": (
        "The grant of {no} is taken back; no copy is made by it.",
        "{no} 的批准已收回，不再制作副本。",
    ),
    "emergency_opened": (
        "{no}: {clips} clips are open to you until {until}; another person judges it (`evidock requests judge {no}`).",
        "{no}：紧急调阅资料 {clips} 个，期限至 {until}；须由另一人评判（`evidock requests judge {no}`）。",
    ),
    "no_emergency_looks": ("Nothing was looked at by it.", "未观看任何资料。"),
    "emergency_judged": ("{no} is judged.", "{no} 已评判。"),
    "wanted_emergency": ("emergency look", "紧急调阅"),
    "copy_made": ("Copy {no} is in the register.", "副本 {no} 已登记。"),
    "copy_handed": ("{no} is handed out.", "{no} 已交付。"),
    "copy_returned": ("{no} is entered as taken back.", "{no} 已登记收回。"),
    "register_written": ("{path}: the register.", "{path}：登记表已写入。"),
    "wanted_look": ("look", "调阅"),
    "wanted_copy": ("copy", "复制"),
    "wanted_export": ("export", "导出"),
    "wanted_redact": ("redacted copy", "遮盖副本"),
    "no_holds": ("No hold stands.", "没有依法保留的资料。"),
}
