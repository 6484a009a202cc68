"""What can go wrong with a recorder or its card."""

from __future__ import annotations

from catalog.errors import StationError


class CardUnreadable(StationError):
    """A place on the card cannot be read (存储卡读取失败)."""

    code, retry, exit_status = "devices.read-failed", True, 40
    en = (
        "{path} cannot be read at byte {offset}: {reason}.",
        "Clean the contacts and dock again; if it repeats, keep the card aside for recovery.",
    )
    zh = (
        "{path} 在第 {offset} 字节处无法读取:{reason}。",
        "请清洁触点后重新接入;若反复出现,请单独保存该卡以便恢复数据。",
    )


class CardGone(StationError):
    """The card was pulled while it was read (存储卡被拔出)."""

    code, retry, exit_status = "devices.card-gone", True, 41
    en = (
        "The card is gone; {path} was not read to its end.",
        "Dock the recorder again: what was copied is kept, the rest is read then.",
    )
    zh = ("存储卡已断开,{path} 未读完。", "请重新接入:已复制的内容会保留,其余部分将继续读取。")


class NotAFile(StationError):
    """An entry on the card that is no file: a link, a device, a pipe (非普通文件)."""

    code, exit_status = "devices.not-a-file", 42
    en = (
        "{path} is a {what}, not a file; it was not followed.",
        "A recorder does not write such entries: find out who made it before the card is used again.",
    )
    zh = ("{path} 是{what_zh},不是普通文件,未予读取。", "记录仪不会产生此类条目,请先查明来源再使用该卡。")


class NoCard(StationError):
    """There is no folder at the path that was given (路径无效)."""

    code, exit_status = "devices.no-card", 43
    en = ("{path} is not a folder that can be read: {reason}.", "Give the folder where the card is mounted.")
    zh = ("{path} 不是可读取的文件夹:{reason}。", "请指定存储卡挂载所在的文件夹。")


class TooMuch(StationError):
    """The card holds more entries or deeper folders than any recorder writes (目录超限)."""

    code, exit_status = "devices.too-much", 44
    en = ("{path} goes beyond {limit}.", "Have someone look at this card; what lies within the limit was ingested.")
    zh = ("{path} 超出限制({limit})。", "请人工检查该存储卡;限制以内的内容已采集。")


class BadSkipRule(StationError):
    """A skip rule in the settings cannot be used (跳过规则无效)."""

    code, exit_status = "devices.skip-rule", 45
    en = (
        "The skip rule {rule} cannot be used: {reason}.",
        "Mend it under [[skip]] in station.toml: `pattern` and `reason`, both texts.",
    )
    zh = ("跳过规则 {rule} 无效:{reason}。", "请在 station.toml 的 [[skip]] 中修正:`pattern` 和 `reason` 均为文本。")
