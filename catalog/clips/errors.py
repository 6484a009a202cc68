"""What can go wrong with the classes of clips (密级故障)."""

from __future__ import annotations

from catalog.errors import AlreadyDisposed
from catalog.station_error import StationError


class ClassSet(StationError):
    """The clip has this class already (已有该密级)."""

    code, exit_status = "catalog.class-set", 55
    en = ("Clip {clip} has the class {class_} already.", "`evidock clips show {clip}` tells since when.")
    zh = ("资料 {clip} 已标注为 {class_}。", "执行 `evidock clips show {clip}` 查看。")


class ClassNotSet(StationError):
    """The clip has not this class (未标注该密级)."""

    code, exit_status = "catalog.class-not-set", 55
    en = ("Clip {clip} has not the class {class_}.", "`evidock clips show {clip}` tells which it has.")
    zh = ("资料 {clip} 未标注 {class_}。", "执行 `evidock clips show {clip}` 查看其密级。")


class DeclassifyNotAsked(StationError):
    """Nobody asked yet to take the class away (未申请降低密级)."""

    code, exit_status = "catalog.declassify-not-asked", 55
    en = (
        "Nobody asked yet to take {class_} from clip {clip}.",
        "One person asks, with --reason; another runs the same command again.",
    )
    zh = ("尚无人申请取消资料 {clip} 的 {class_}。", "先由一人附 --reason 申请，再由另一人执行同一命令确认。")


class DeclassifyNeedsAnother(StationError):
    """Who asked cannot confirm (须另一人确认)."""

    code, exit_status = "catalog.declassify-needs-another", 55
    en = (
        "{person} asked to take {class_} from clip {clip}; another person must confirm it.",
        "Another person logs in and runs the same command, or types account and secret here.",
    )
    zh = (
        "取消资料 {clip} 的 {class_} 由 {person} 申请，须由另一人确认。",
        "请由另一人登录后执行同一命令，或在此输入其账户和个人口令。",
    )


class HandedOver(StationError):
    """The clip was handed over already (已移交)."""

    code, exit_status = "catalog.handed-over", 55
    en = ("Clip {clip} was handed over already, receipt {receipt}.", "`evidock clips show {clip}` tells by whom.")
    zh = ("资料 {clip} 已移交，回执编号 {receipt}。", "执行 `evidock clips show {clip}` 查看经办人。")


class HandOverNeedsAnother(StationError):
    """Two people hand a state secret over (须两人移交)."""

    code, exit_status = "catalog.hand-over-needs-another", 55
    en = (
        "{person} cannot hand clip {clip} over alone.",
        "Run it again with a second person there, who types account and secret.",
    )
    zh = ("{person} 不能单独移交资料 {clip}。", "请由第二人在场，重新执行并输入其账户和个人口令。")


class StateSecret(AlreadyDisposed):
    """The clip may hold a state secret: it is locked away until it is handed over (国家秘密，停止处理).

    Whoever stops at what is gone stops at this too. Lowering the class, which needs two people, opens it again.
    """

    code, exit_status = "catalog.state-secret", 17
    en = (
        "Clip {clip} is locked: it may hold a state secret, and nothing of it is shown, copied or made.",
        "Tell the secrecy officer; hand it over on a classified medium. Copy it to no other machine.",
    )
    zh = (
        "资料 {clip} 疑涉国家秘密，已停止处理并锁定：不得观看、复制或制作副本。",
        "请立即报告保密员，按规定使用涉密载体移交；不得复制到其他设备。",
    )


class SearchUnfit(StationError):
    """Clips cannot be searched for so (检索条件无效)."""

    code, exit_status = "catalog.search-unfit", 58
    en = ("This cannot be searched for: {what}.", "See `evidock clips search --help`.")
    zh = ("无法按此检索：{what_zh}。", "请参阅 `evidock clips search --help`。")
