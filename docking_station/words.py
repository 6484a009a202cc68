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
    "object_lock": (
        "object storage with object lock: the lock of every object is read back after it was put",
        "启用对象锁定的对象存储:每个对象写入后均回读其锁定",
    ),
    "mirrored": (
        "several vaults; an original counts as sealed when as many hold it as the address says",
        "多个保全库:达到地址中规定的份数才算封存",
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
    "odd": (
        "Note: {key} {what} (version {version}). The object itself was read all the same; ask who did it.",
        "注意:{key} {what}(版本 {version})。对象本身仍可读取,请查明操作人。",
    ),
    "odd_deleted": ("was marked as deleted in the object storage", "在对象存储中被标记为已删除"),
    "odd_missing": ("is missing in one of the mirrored vaults", "在其中一个镜像保全库中缺失"),
    "odd_added": (
        "has another version beside it in the object storage",
        "在对象存储中除封存版本外另有版本",
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
