"""What is said of the bureau's policy (管理制度)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "policy_keep": ("originals are kept", "原件保存期限"),
    "policy_keep_linked": ("if linked to a case", "已关联案件的保存期限"),
    "policy_keep_important": ("if flagged by the wearer", "重点文件的保存期限"),
    "policy_of_months": ("{count} months", "{count} 个月"),
    "policy_case-file": ("as long as the case file", "同案卷"),
    "policy_permanent": ("for ever", "永久"),
    "policy_none": (
        "No policy was adopted yet; this is what holds. `evidock policy example` prints one to begin with.",
        "尚未发布管理制度,现按默认执行。执行 `evidock policy example` 可打印示例。",
    ),
    "policy_head": (
        "Policy version {version} of {count}, adopted {at} by {by}, SHA-256 {sha256}",
        "管理制度第 {version} 版(共 {count} 版),{at} 由 {by} 发布,SHA-256 {sha256}",
    ),
    "policy_clearing": ("files are erased on recorders", "清除记录仪上的文件"),
    "policy_never": ("never", "从不"),
    "policy_after-receipt": ("once they are filed and proven", "入库并核验后"),
    "policy_after-days": ("{days} days after sealing, and proven", "封存 {days} 天后,经核验"),
    "policy_overdue": ("footage is overdue after", "超时未上传"),
    "policy_not_docked": ("a recorder counts as not docked after", "记录仪超期未接入"),
    "policy_set_clock": ("recorders' clocks are set at the dock", "接入时校正记录仪时钟"),
    "policy_yes": ("yes, where they can be and are surely wrong", "是(可校正且确有偏差时)"),
    "policy_no": ("no", "否"),
    "policy_caps": ("at once", "并发上限"),
    "policy_hours": ("at once from {begins} to {ends}", "{begins} 至 {ends} 的并发上限"),
    "policy_nothing": ("as at other times", "同其他时段"),
    "hours_count": ("{count} hours", "{count} 小时"),
    "days": ("{count} days", "{count} 天"),
    "copies": ("{count} recorders", "{count} 台记录仪"),
    "no_cap_copies": ("any number of recorders (up to {count})", "记录仪数量不限(最多 {count} 台)"),
    "no_cap_speed": ("no cap on speed", "带宽不限"),
    "caps": ("{copies}, {speed}", "{copies},{speed}"),
    "policy_of_hours": ("{count} hours", "{count} 小时"),
    "policy_of_days": ("{count} days", "{count} 天"),
    "policy_of_copies": ("{count} recorders", "{count} 台记录仪"),
    "policy_of_no_cap_copies": ("any number of recorders (up to {count})", "记录仪数量不限(最多 {count} 台)"),
    "policy_of_no_cap_speed": ("no cap on speed", "带宽不限"),
    "policy_of_caps": ("{copies}, {speed}", "{copies},{speed}"),
    "policy_usable": ("This policy can be used. It says:", "该制度可以使用,内容如下:"),
    "policy_same": ("It says the same in other words.", "内容相同,仅文字不同。"),
    "policy_erases": (
        "Careful: from now on files are ERASED on recorders, {when}. Only what the vault proves just then is erased.",
        "注意:今后将【清除】记录仪上的文件:{when}。仅清除当场由保全库核验无误的文件。",
    ),
    "policy_confirm": ("To confirm, type {word}:", "如确认,请输入 {word}:"),
    "policy_adopted": (
        "Policy version {version} holds now (SHA-256 {sha256}).",
        "管理制度第 {version} 版已生效(SHA-256 {sha256})。",
    ),
    "policy_holds": (
        "Nothing changed: version {version} says exactly this already.",
        "未作更改:第 {version} 版与之完全相同。",
    ),
}
