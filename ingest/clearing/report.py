"""What a clearing came to (清除结果): what was erased, what stays on the card, and why.

Shapes: a reason has a code for ever and one sentence in English and Chinese; one of ours has a code `clearing.…`,
one that is an error keeps the error's code.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.station_error import StationError

WORDS: dict[str, tuple[str, str]] = {
    "policy-never": ("the policy says never to erase", "管理制度规定从不清除"),
    "not-yet": ("the policy lets it be erased from {at} on", "按管理制度，{at} 之后方可清除"),
    "no-receipt": ("this station has no receipt for it", "本站没有该文件的回执"),
    "stale-receipt": (
        "its receipt names line {line} of the trail, and that line is another in this catalog",
        "其回执所指第 {line} 条留痕与现有编目不一致",
    ),
    "not-as-sealed": ("clip {clip} differs from what was sealed: {what}", "资料 {clip} 与入库时不符：{what}"),
    "lock-ended": ("the lock on {key} ended {until}", "{key} 的锁定已于 {until} 到期"),
    "own-file": (
        "it is the sealed original itself, or another file that the station keeps",
        "该文件就是保全库中的原件或本站自身的文件",
    ),
    "catalog-moved": ("its manifest changed in the catalog while it was read", "核验期间编目中的清单发生变化"),
    "card-differs": ("the file on the card is not what was sealed ({what})", "卡上文件与入库内容不同（{what}）"),
    "changed": ("the file on the card is another than was listed: {what}", "卡上文件与清点时不同：{what}"),
    "proof-old": ("its proof is older than {seconds} seconds", "核验结果已超过 {seconds} 秒"),
    "still-there": ("the card still has it after it was erased", "清除后卡上仍存在该文件"),
    "stopped": ("it was not its turn yet when the clearing was stopped", "清除中止，尚未轮到该文件"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a file is not erased (存疑)."""

    code: str
    en: str
    zh: str

    @classmethod
    def of(cls, error: StationError) -> Doubt:
        """An error is a doubt."""
        return cls(error.code, error.message("en"), error.message("zh"))


def doubt(name: str, **facts: object) -> Doubt:
    """A reason of our own, by its name in `WORDS`."""
    en, zh = WORDS[name]
    return Doubt(f"clearing.{name}", en.format(**facts), zh.format(**facts))


@dataclass(frozen=True, slots=True)
class Erased:
    """A file that is gone from its card (已清除); seen to be gone, not believed to be."""

    path: str
    clip: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Stays:
    """A file that stays on its card (未清除), and why."""

    path: str
    size_bytes: int
    why: Doubt


@dataclass(frozen=True, slots=True)
class ClearingReport:
    """What became of every file (清除结果).

    `trouble` is what went wrong beside the files: a trail line that is owed, a card that could not be closed.
    """

    erased: tuple[Erased, ...]
    left: tuple[Stays, ...]
    trouble: tuple[Doubt, ...] = ()
