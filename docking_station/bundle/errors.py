"""What can go wrong with an evidence bundle (证据包)."""

from __future__ import annotations

from catalog.station_error import StationError


class NothingToExport(StationError):
    """No clip fits what was asked for (没有可导出的资料)."""

    code, exit_status = "station.nothing-to-export", 18
    en = ("Case {case} has no clips.", "`evidock cases list` shows the cases and how many clips each has.")
    zh = ("案件 {case} 没有关联资料。", "执行 `evidock cases list` 查看案件及其资料数。")


class CannotExport(StationError):
    """The bundle cannot be written where it was asked for (无法写入证据包)."""

    code, retry, exit_status = "station.cannot-export", True, 18
    en = (
        "The bundle cannot be written to {path}: {reason}. What is there is unfinished and named so.",
        "{todo}, or choose another folder with --to; the same command again goes on where it stopped.",
    )
    zh = (
        "无法将证据包写入 {path}：{reason}。已写入的部分尚未完成，名称中已注明。",
        "请{todo_zh}，或用 --to 指定其他文件夹；重新执行同一命令将从中断处继续。",
    )


class NoRoomToExport(StationError):
    """There is surely not enough room for the bundle (空间不足)."""

    code, retry, exit_status = "station.no-room-to-export", True, 18
    en = (
        "The bundle needs {needed} bytes and {path} has {free} free; nothing was written.",
        "Make room there, or choose another folder with --to.",
    )
    zh = ("证据包需要 {needed} 字节，{path} 仅剩 {free} 字节；未写入内容。", "请清理空间，或用 --to 另选文件夹。")


class SealBroken(StationError):
    """A manifest in the catalog is not signed by a key the station trusts (封存签名不成立)."""

    code, exit_status = "station.seal-broken", 31
    en = (
        "The manifest of {clip} is not signed by a trusted key (key {key}); no bundle was made.",
        "Run `evidock clips verify {clip}` and tell whoever keeps the vault.",
    )
    zh = (
        "{clip} 的清单非受信密钥所签（密钥 {key}），未制作证据包。",
        "请执行 `evidock clips verify {clip}` 并通知保管人员。",
    )


class CaseIncomplete(StationError):
    """What the catalog had of a clip of this case is partly gone: its bundle would silently be short (案件资料不全)."""

    code, exit_status = "station.case-incomplete", 32
    en = (
        "Clip {clip} is or was of case {case}, and the catalog lacks part of it ({lacks}); no bundle was made.",
        "Run `evidock clips verify --all`, keep the catalog as it is; `evidock rebuild` makes one of what was signed.",
    )
    zh = (
        "资料 {clip} 属于或曾属于案件 {case}，其编目记录不全（{lacks}），未制作证据包。",
        "请执行 `evidock clips verify --all` 并保持编目原状；可执行 `evidock rebuild` 由保全库重建。",
    )


class TrailUnproven(StationError):
    """A line of the trail does not stand in the trail's tree (留痕不一致)."""

    code, exit_status = "station.trail-unproven", 32
    en = (
        "Line {line} of the trail does not stand in its tree; no bundle was made.",
        "Run `evidock trail verify` and keep the catalog as it is.",
    )
    zh = ("第 {line} 条留痕与留痕树不一致，未制作证据包。", "请执行 `evidock trail verify`，并保持编目原状。")


class BadRecipient(StationError):
    """Nobody can be encrypted to by this text (接收方公钥无效)."""

    code, exit_status = "station.bad-recipient", 13
    en = ("`{text}` is no age recipient.", "Give a public key: `age1…` or `ssh-ed25519 …`.")
    zh = ("`{text}` 不是有效的 age 接收方公钥。", "请提供公钥：`age1…` 或 `ssh-ed25519 …`。")


class AgeMissing(StationError):
    """The program was installed without what encrypts (缺少加密组件)."""

    code, exit_status = "station.age-missing", 18
    en = ("What encrypts in the age format is not installed.", "Install the extra: evidock[age].")
    zh = ("未安装 age 格式加密组件。", "请安装附加组件：evidock[age]。")
