"""What is said of clips that are made public, with faces covered (音像公示)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "no_releases": ("Nothing was asked to be made public yet.", "尚无音像公示。"),
    "release_now": ("{no}: {state}.", "{no}：{state}。"),
    "release_taken": ("{path}: the film, to be put where the public sees it.", "{path}：影片已写入，可用于公示。"),
}
