"""What the pages say where a policy is put into force (发布管理制度)."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "pol_change": ("Put another version into force", "发布新版制度"),
    "pol_lists": ("Lists as Excel", "导出清单 Excel"),
    "pol_how": (
        "Write the lists out as Excel, change them, send the file here. What it changes is shown first.",
        "导出清单 Excel，改好后在此上传；先显示改动内容，再由两人发布。",
    ),
    "pol_file": ("File (Excel, TOML)", "文件（Excel、TOML）"),
    "pol_none": ("defaults", "默认"),
    "pol_sent": ("What was sent", "上传的制度"),
    "pol_unread": ("Nothing of it was taken over.", "未采用其中任何内容。"),
    "pol_same": ("It says what is in force already.", "与现行制度相同。"),
    "pol_rights": ("It changes rights: two people adopt it.", "变更权限，须两人发布。"),
    "pol_erases": (
        "It has files erased on recorders sooner: two people adopt it.",
        "提前清除记录仪上的文件，须两人发布。",
    ),
    "pol_keeps": ("It keeps originals shorter: two people adopt it.", "缩短保存期限，须两人发布。"),
    "pol_marked": (
        "{count} lines are still marked [核]: the bureau must check them against its own rules.",
        "尚有 {count} 行标有 [核]，须由本局依本局规定核定。",
    ),
    "pol_adopt": ("Put it into force", "发布"),
    "pol_adopt_why": ("It holds from now on, and is signed.", "自即时起生效，并签名留存。"),
    "pol_newer": (
        "Another version came into force meanwhile: see what this one changes in it.",
        "期间已有新版生效，请核对与新版的改动后再发布。",
    ),
    "pol_adopted": ("Version {version} is in force.", "第 {version} 版已生效。"),
}
