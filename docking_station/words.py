"""What the commands say besides errors (界面文字), in English and Chinese."""

from __future__ import annotations

from functools import cache

from catalog.errors import Language, StationError

WORDS: dict[str, tuple[str, str]] = {
    "made": ("Station made at {home}.", "采集站已建立:{home}。"),
    "made_before": ("There is a station at {home} already; nothing was changed.", "{home} 处已有采集站,未作任何更改。"),
    "init_settings": ("settings", "配置文件"),
    "init_key": ("signing key", "签名密钥"),
    "init_vault": ("vault", "保全库"),
    "init_catalog": ("catalog", "编目"),
    "immutable": (
        "protected by the file system too (chattr +i): not even root changes an original by mistake",
        "同时启用文件系统保护(chattr +i):root 也不会误改原件",
    ),
    "not_immutable": (
        "read-only files; the file system's own protection (chattr +i) needs root on ext4 or xfs, and is not in use",
        "仅为只读文件;文件系统保护(chattr +i)需要 root 及 ext4 或 xfs,当前未启用",
    ),
    "never_immutable": (
        "read-only files; chattr +i is switched off in the settings",
        "仅为只读文件;配置中已关闭 chattr +i",
    ),
    "back_up_key": (
        "Back up the keys folder now: without it nothing new can be sealed under this station's name.",
        "请立即备份密钥文件夹:丢失后将无法以本站名义继续封存。",
    ),
    "case_opened": (
        "Case {case} was not entered yet; it is now. `evidock cases add {case} --title …` gives it a title.",
        "案件 {case} 尚未登记,现已自动登记(无名称):可用 `evidock cases add {case} --title …` 补录。",
    ),
    "ingest_sum": (
        "Filed {filed} ({size}), held {held}, skipped {skipped}, in {seconds}.",
        "入库 {filed} 个({size}),待处理 {held} 个,跳过 {skipped} 个,用时 {seconds}。",
    ),
    "known_left": ("{count} filed already", "{count} 个此前已入库"),
    "held_heading": ("Held for a person:", "待人工处理:"),
    "skipped_heading": ("Left on the card:", "留在卡上未采集:"),
    "reading": ("reading", "读取"),
    "total": ("total", "总计"),
    "looking": ("looking at the card …", "正在清点存储卡……"),
    "no_clips": ("No clip fits.", "没有符合条件的资料。"),
    "more": ("More: --after {after}", "下一页:--after {after}"),
    "no_cases": ("No case is entered yet.", "尚未登记案件。"),
    "no_held": ("Nothing is held.", "没有待处理的文件。"),
    "released": ("{held} is off the list.", "{held} 已从待处理列表中移除。"),
    "case_added": ("Case {case} entered.", "案件 {case} 已登记。"),
    "linked": ("{clip} now belongs to case {case}.", "{clip} 已关联案件 {case}。"),
    "unlinked": ("{clip} belongs to no case now.", "{clip} 已解除案件关联。"),
    "pulled": ("{path}: as sealed (SHA-256 {sha256}).", "{path}:与封存时一致(SHA-256 {sha256})。"),
    "verified": ("{count} clips ({size}) are what was sealed.", "{count} 个资料({size})与封存时一致。"),
    "differs": ("{what}: expected {expected}; found {found}", "{what}:应为 {expected};实为 {found}"),
    "differ_sum": (
        "{failed} of {count} clips differ from what was sealed. Do not touch the vault; tell whoever keeps it.",
        "{count} 个资料中有 {failed} 个与封存时不符。请勿改动保全库,并通知保管人员。",
    ),
    "trail_holds": (
        "The trail holds: {lines} lines, none missing, none altered. Root {root}",
        "操作留痕完整:共 {lines} 条,无缺失、无改动。根哈希 {root}",
    ),
    "trail_fault": ("The trail is broken at line {line}: {what}.", "操作留痕在第 {line} 条处不一致:{what}。"),
    "rebuilt": (
        "Catalog rebuilt at {url}. Clips: {clips}; changes by people: {acts}.",
        "编目已重建于 {url}。资料 {clips} 个,人工变更 {acts} 项。",
    ),
    "left_out": ("Left out: {key}: {what}", "未采用:{key}:{what}"),
    "positions": ("{count} positions, from {first} to {last}", "共 {count} 个定位点,从 {first} 到 {last}"),
    "yes": ("yes", "可播放"),
    "no": ("no", "无法播放"),
    "unknown": ("unknown", "未知"),
    "checking": ("checking", "核验"),
    "rebuilding": ("rebuilding", "重建"),
    "by_stated": ("stated at the docking", "接入时指定"),
    "by_register": ("held the recorder then", "当时持有该记录仪"),
    "by_register_unsure": ("probably held the recorder then", "当时可能持有该记录仪"),
    "by_name": ("by the file's name", "依据文件名"),
    "by_card": ("by the other names on the card", "依据卡上其他文件名"),
    "recorder_added": ("Recorder {recorder} entered.", "记录仪 {recorder} 已登记。"),
    "recorder_changed": ("Recorder {recorder} changed.", "记录仪 {recorder} 登记内容已修改。"),
    "recorder_issued": (
        "Recorder {recorder} is officer {officer}'s, from {since}.",
        "记录仪 {recorder} 自 {since} 起由执法人员 {officer} 领用。",
    ),
    "recorder_lent": (
        "Recorder {recorder} is lent to officer {officer}, from {since} until {until}.",
        "记录仪 {recorder} 自 {since} 起借给执法人员 {officer},应于 {until} 前归还。",
    ),
    "recorder_returned": ("Recorder {recorder} was given back at {since}.", "记录仪 {recorder} 已于 {since} 归还。"),
    "recorder_still_issued": (
        "It is officer {officer}'s again, to whom it was issued.",
        "该记录仪恢复由原领用人 {officer} 持有。",
    ),
    "recorder_retired": (
        "Recorder {recorder} is retired; it is refused when docked.",
        "记录仪 {recorder} 已停用,接入时将被拒绝。",
    ),
    "holding_ended": (
        "That ends at {until}, where the next one begins.",
        "该记录至 {until} 为止,之后已有后续登记。",
    ),
    "no_recorders": (
        "No recorder is entered yet: `evidock recorders add`.",
        "尚未登记记录仪:`evidock recorders add`。",
    ),
    "no_dockings": ("No docking is on record.", "尚无接入记录。"),
    "none_overdue": ("No recorder in use is overdue.", "没有超期未接入的记录仪。"),
    "retired": ("retired", "已停用"),
    "issue": ("issued", "领用"),
    "loan": ("lent", "借用"),
    "given_back": ("given back without docking", "归还前未接入"),
    "gaps_heading": ("Gaps at the docking of {at}:", "{at} 接入时的断档:"),
    "state_empty": ("EMPTY", "空闲"),
    "state_charging": ("CHARGING ONLY", "仅充电"),
    "state_unknown": ("UNKNOWN", "未登记设备"),
    "state_waiting": ("WAITING", "等待"),
    "state_copying": ("COPYING", "采集中"),
    "state_safe": ("SAFE TO TAKE", "可取走"),
    "state_held": ("NEEDS A PERSON", "需处理"),
    "state_full": ("NO SPACE LEFT", "空间已满"),
    "state_clearing": ("CLEARING", "清除中"),
    "clock_synchronised": ("clock synchronised", "时钟已同步"),
    "clock_free": ("! CLOCK NOT SYNCHRONISED", "! 时钟未同步"),
    "clock_wrong": ("! CLOCK IS WRONG", "! 时钟错误"),
    "spool_free": ("{size} free", "可用空间 {size}"),
    "unsealed": ("{count} not sealed yet", "未封存 {count} 个"),
    "unsealed_since": ("{count} not sealed yet, oldest {age}", "未封存 {count} 个,最早 {age}前"),
    "held_count": ("{count} held", "待处理 {count} 个"),
    "overdue_count": ("{count} overdue", "超时 {count} 个"),
    "files_of": ("{done} of {count} files, {size}", "{done}/{count} 个文件,{size}"),
    "files_count": ("{count} files, {size}", "{count} 个文件,{size}"),
    "left": ("{time} left", "剩余 {time}"),
    "seconds": ("{count} s", "{count} 秒"),
    "minutes": ("{count} min", "{count} 分钟"),
    "hours": ("{hours} h {minutes} min", "{hours} 小时 {minutes} 分"),
    "leave": ("q: leave", "q 退出"),
    "no_bays": (
        "No bay is known yet: `evidock bays calibrate` learns them.",
        "尚无仓位:请执行 `evidock bays calibrate` 标定。",
    ),
    "more_bays": ("… {count} more bays", "……另有 {count} 个仓位"),
    "not_running": ("THE DOCK IS NOT RUNNING", "采集服务未运行"),
    "joining": ("looking for the dock …", "正在连接采集服务……"),
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
    "policy_caps": ("at once", "并发上限"),
    "policy_hours": ("at once from {begins} to {ends}", "{begins} 至 {ends} 的并发上限"),
    "policy_nothing": ("as at other times", "同其他时段"),
    "hours_count": ("{count} hours", "{count} 小时"),
    "days": ("{count} days", "{count} 天"),
    "copies": ("{count} recorders", "{count} 台记录仪"),
    "no_cap_copies": ("any number of recorders (up to {count})", "记录仪数量不限(最多 {count} 台)"),
    "no_cap_speed": ("no cap on speed", "带宽不限"),
    "caps": ("{copies}, {speed}", "{copies},{speed}"),
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

COLUMNS: dict[str, tuple[str, str]] = {
    "id": ("ID", "编号"),
    "starts_at": ("STARTS", "拍摄时间"),
    "length": ("LENGTH", "时长"),
    "kind": ("KIND", "类型"),
    "officer": ("OFFICER", "执法人员"),
    "recorder": ("RECORDER", "记录仪"),
    "case": ("CASE", "案件"),
    "size": ("SIZE", "大小"),
    "path": ("PATH", "路径"),
    "no": ("NO", "案件编号"),
    "title": ("TITLE", "名称"),
    "subject": ("SUBJECT", "执法对象"),
    "clips": ("CLIPS", "资料数"),
    "line": ("LINE", "序号"),
    "at": ("AT", "时间"),
    "actor": ("ACTOR", "操作人"),
    "action": ("ACTION", "操作"),
    "about": ("ABOUT", "对象"),
    "code": ("CODE", "代码"),
    "message": ("MESSAGE", "说明"),
    "since": ("SINCE", "起始"),
    "unit": ("UNIT", "单位"),
    "sha256": ("SHA-256", "SHA-256"),
    "sm3": ("SM3", "SM3"),
    "marks": ("MARKS", "标记"),
    "playable": ("PLAYABLE", "播放"),
    "media": ("MEDIA", "媒体信息"),
    "sealed_at": ("SEALED", "封存时间"),
    "locked_until": ("LOCKED UNTIL", "锁定至"),
    "manifest": ("MANIFEST", "资料清单"),
    "signed_by": ("SIGNED BY", "签名密钥"),
    "sidecars": ("SIDECARS", "伴随文件"),
    "claim": ("TIME CLAIM", "时间线索"),
    "refers_to": ("REFERS TO", "指"),
    "reading": ("READING", "读数"),
    "uncertainty": ("± s", "± 秒"),
    "zone": ("ZONE", "时区"),
    "raw": ("RAW", "原始值"),
    "note": ("NOTE", "备注"),
    "proposed": ("PROPOSED CASE", "建议案件"),
    "why": ("WHY", "理由"),
    "linked": ("LINKED CASE", "关联案件"),
    "how": ("HOW", "方式"),
    "by": ("BY", "操作人"),
    "begins": ("FROM", "自"),
    "ends": ("UNTIL", "至"),
    "reason": ("REASON", "原因"),
    "trail": ("TRAIL", "留痕"),
    "serial": ("RECORDER", "记录仪"),
    "usb_serial": ("USB SERIAL", "USB 序列号"),
    "card_label": ("LABEL", "卷标"),
    "model": ("MODEL", "型号"),
    "holder": ("HOLDER", "持有人"),
    "due_at": ("DUE", "应还"),
    "last_docked_at": ("LAST DOCKED", "上次接入"),
    "added_at": ("ENTERED", "登记时间"),
    "retired_at": ("RETIRED", "停用时间"),
    "docking": ("DOCKING", "接入记录"),
    "bay": ("BAY", "仓位"),
    "files": ("FILES", "文件数"),
    "filed": ("FILED", "入库"),
    "held": ("HELD", "待处理"),
    "cleared": ("CLEARED", "已清除"),
    "clock_off": ("CLOCK OFF s", "时钟偏差(秒)"),
    "gaps": ("GAPS", "断档"),
    "days": ("DAYS", "天数"),
    "state": ("STATE", "状态"),
    "left": ("LEFT", "剩余"),
}


@cache
def language() -> Language:
    """The language of this run: the settings', or the system's where there are none that can be read."""
    from docking_station.settings import home_from_environment, language_from_environment, read_settings

    try:
        return read_settings(home_from_environment()).language
    except StationError:
        return language_from_environment()


def word(name: str, **facts: object) -> str:
    """A text in the language of this run."""
    return WORDS[name][language() == "zh"].format(**facts)


def heads(*names: str) -> tuple[str, ...]:
    """Column heads in the language of this run."""
    return tuple(COLUMNS[name][language() == "zh"] for name in names)
