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
    "no_holds": ("No hold stands.", "没有依法保留的资料。"),
}
