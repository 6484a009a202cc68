"""What can go wrong on a clip's way from the card into the vault."""

from __future__ import annotations

from catalog.station_error import StationError


class CopyMismatch(StationError):
    """The copy in the spool is not what was read from the recorder: one of two reads lied (复制校验不符)."""

    code, retry, exit_status = "ingest.copy-mismatch", True, 20
    en = (
        "{path}: read {read}, the copy reads back as {spooled}.",
        "Ingest again; if it repeats, have the station's disk and memory tested.",
    )
    zh = ("{path}：读取时为 {read}，副本回读为 {spooled}。", "请重新采集；若反复出现，请检测本站硬盘和内存。")


class SpoolFull(StationError):
    """The station's disk has no room for this file (缓存空间不足)."""

    code, retry, exit_status = "ingest.spool-full", True, 21
    en = (
        "{path} needs {size_bytes} bytes and the spool has {free_bytes} to give.",
        "Make room on the station's disk. The file is still on the card: a bay goes on by itself, else ingest again.",
    )
    zh = (
        "{path} 需要 {size_bytes} 字节，缓存区仅可用 {free_bytes} 字节。",
        "请清理本站硬盘。文件仍在存储卡上：仓位中的记录仪会自动继续，否则请重新采集。",
    )


class SpoolTooSmall(StationError):
    """The file is larger than the whole disk of the spool (缓存磁盘过小)."""

    code, exit_status = "ingest.spool-too-small", 21
    en = (
        "{path} has {size_bytes} bytes, more than the spool's whole disk can take.",
        "Give the spool a larger disk, or ingest the file at another station; it is still on the card.",
    )
    zh = (
        "{path} 共 {size_bytes} 字节，超过缓存磁盘的总容量。",
        "请为缓存区更换更大的硬盘，或在其他采集站采集；文件仍在存储卡上。",
    )


class SpoolBroken(StationError):
    """The station's own disk refused to write or read (缓存读写失败)."""

    code, retry, exit_status, reach = "ingest.spool-broken", True, 22, "all"
    en = (
        "The spool cannot be used for {path}: {reason}.",
        "Check the station's disk and the rights on its home, then ingest again.",
    )
    zh = ("处理 {path} 时缓存区不可用：{reason}。", "请检查本站硬盘及主目录权限，然后重新采集。")


class SourceChanged(StationError):
    """The file is not what it was when the card was listed: something writes to it, or its size lies (源文件变动)."""

    code, retry, exit_status = "ingest.source-changed", True, 23
    en = (
        "{path} changed while it was read: {what}.",
        "Stop the recording or whatever writes to the card, then ingest again.",
    )
    zh = ("{path} 在读取过程中发生变化：{what}。", "请停止录像或其他写入操作后重新采集。")


class TwinPending(StationError):
    """A file with the same bytes is on its way and not filed yet (相同内容待入库)."""

    code, retry, exit_status = "ingest.twin-pending", True, 24
    en = (
        "{path} has the bytes of another file that is not filed yet.",
        "Settle why that one waits, then ingest again.",
    )
    zh = ("{path} 与另一个尚未入库的文件内容相同。", "请先处理该文件的问题，然后重新采集。")


class RecorderContradicted(StationError):
    """What names the recorder of a card does not agree: nothing of it is taken under either name (记录仪身份矛盾)."""

    code, exit_status = "ingest.recorder-contradicted", 24
    en = (
        "Nobody can tell whose footage this is: {first}, but {second}. It is filed under neither name.",
        "Same recorder: `evidock recorders change NUMBER --numbers LIST`. Another one: register it, or ingest by hand.",
    )
    zh = (
        "无法确定资料属于哪台记录仪：{first_zh}，而{second_zh}。未归入任何一台。",
        "同一台：请执行 `evidock recorders change 编号 --numbers 编号列表`；另一台：请先登记，或手动采集。",
    )


class RecorderUnsure(StationError):
    """A USB serial that several devices tell, and nothing else that says which of them this is (记录仪身份不明)."""

    code, exit_status = "ingest.recorder-unsure", 24
    en = (
        "More than one device has the USB serial of {recorders}, and nothing else shows that this is the one.",
        "Register the numbers in its file names: `evidock recorders change NUMBER --numbers LIST`; or ingest by hand.",
    )
    zh = (
        "多台设备的 USB 序列号与 {recorders} 相同，且没有其他信息能证明这就是它。",
        "请登记其文件名中的编号：`evidock recorders change 编号 --numbers 编号列表`；或手动采集。",
    )


class JournalFailed(StationError):
    """The station's journal cannot be written or read: no step can be proven, so none is done (日志不可用)."""

    code, retry, exit_status, reach = "ingest.journal-failed", True, 25, "all"
    en = (
        "The journal {path} cannot be used: {reason}.",
        "Make room on the station's disk and check the rights on its home, then run the same command again.",
    )
    zh = ("日志 {path} 不可用：{reason}。", "请清理本站硬盘并检查主目录权限，然后重新执行同一命令。")


class TrailRewritten(StationError):
    """The trail is no continuation of what was signed before: nothing more is signed over it (操作留痕被改写)."""

    code, exit_status = "ingest.trail-rewritten", 32
    en = (
        "The trail does not continue checkpoint {key} over {size} lines: it was cut or rewritten.",
        "Run `evidock trail verify`, keep a copy of the catalog as it is, and find out who had access to it.",
    )
    zh = (
        "操作留痕与检查点 {key}（共 {size} 条）不连续：已被截断或改写。",
        "请执行 `evidock trail verify`，按现状备份编目，并查明有访问权限的人员。",
    )


class RecordsDisagree(StationError):
    """The catalog says otherwise than what was signed: nobody lets go of an original on its word (编目与签名不符)."""

    code, exit_status = "ingest.records-disagree", 32
    en = (
        "The catalog is not believed about {clip}: {what}.",
        "Keep a copy of the catalog as it is; run `evidock trail verify`; find out who had access to its database.",
    )
    zh = (
        "编目中 {clip} 的记录不予采信：{what_zh}。",
        "请按现状备份编目，执行 `evidock trail verify`，并查明有权访问其数据库的人员。",
    )


class ClockWrong(StationError):
    """The station's clock cannot be right, and retention is counted from it (本站时钟错误)."""

    code, retry, exit_status, reach = "ingest.clock-wrong", True, 26, "all"
    en = (
        "The station's clock says {now}, which is before {known}.",
        "Set the station's clock (`timedatectl`), then run the same command again.",
    )
    zh = ("本站时钟显示 {now}，早于 {known}。", "请校准本站时钟（`timedatectl`），然后重新执行同一命令。")


class ClockDoubted(StationError):
    """The station's clock is far ahead of where it should be, and nothing says that it is right (本站时钟存疑)."""

    code, retry, exit_status, reach = "ingest.clock-doubted", True, 26, "all"
    en = (
        "The station's clock says {now}, far ahead of {known}, the last time it was right; nothing vouches for it.",
        "Set it (`timedatectl`), by a time server at best; if it is right, two people say so: `evidock clock confirm`.",
    )
    zh = (
        "本站时钟显示 {now}，远超上次可信时间 {known}，且无佐证。",
        "请校准本站时钟（`timedatectl`）并启用时间服务器；如时钟无误，请由两人确认：`evidock clock confirm`。",
    )


class StationBusy(StationError):
    """Another ingest works in this home (正在采集)."""

    code, retry, exit_status = "ingest.busy", True, 27
    en = (
        "Another command is changing this station: {path} is locked.",
        "Wait until it has ended. If it is the dock (`evidock bays list` answers): put the recorder into a bay.",
    )
    zh = (
        "另一个命令正在使用本站：{path} 已锁定。",
        "请等待其结束。若为采集服务（`evidock bays list` 有应答），请将记录仪接入仓位。",
    )


class Stopped(StationError):
    """Somebody ended the program before this file was copied (采集中止)."""

    code, retry, exit_status = "ingest.stopped", True, 28
    en = (
        "{path} was not copied to its end: the program was told to stop.",
        "Ingest again: it goes on where it stopped.",
    )
    zh = ("{path} 未复制完：程序被要求停止。", "重新采集即可从中断处继续。")


class CopyLost(StationError):
    """A copy that was taken is not in the spool any more, and its recorder is not here (副本丢失)."""

    code, exit_status = "ingest.copy-lost", 29
    en = (
        "The copy of {path} is gone from the spool or damaged, and its recorder is not docked.",
        "Dock the recorder again: the file is copied again. Have the station's disk checked.",
    )
    zh = ("缓存区中 {path} 的副本丢失或损坏，且记录仪未接入。", "请重新接入记录仪，将重新采集该文件；并检查本站硬盘。")


class Unforeseen(StationError):
    """An unexpected error with one file; its copy is kept (未预料的错误)."""

    code, exit_status = "ingest.unforeseen", 29
    en = (
        "Unexpected error: {path} could not be finished: {reason}.",
        "The copy is kept, and tried again when the dock starts again; tell whoever maintains Evidock.",
    )
    zh = ("{path} 未能处理完成：{reason}。该错误未被预料。", "副本已保留，采集服务重启后将再次处理；请告知维护人员。")


class ActRefused(StationError):
    """A signed change was refused for good: it waits for a person, later changes go on (变更被拒绝)."""

    code, exit_status = "ingest.act-refused", 24
    en = (
        "The change {action} of {subject}, signed {at}, is not carried out: {reason}",
        "If it is still wanted, enter it again; `evidock held release ID --reason WHY` ends it (`evidock held list`).",
    )
    zh = (
        "{at} 签署的变更 {action}（{subject}）未执行：{reason}",
        "如仍需该变更，请重新办理；`evidock held list` 查编号，`evidock held release 编号 --reason 原因` 撤销。",
    )
