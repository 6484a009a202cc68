"""What is said while a card is ingested, of files that are held, and of cases (采集、待处理、案件)."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "case_opened": (
        "Case {case} was not entered yet; it is now. `evidock cases add {case} --title …` gives it a title.",
        "案件 {case} 尚未登记，现已自动登记（无名称）：可用 `evidock cases add {case} --title …` 补录。",
    ),
    "ingest_sum": (
        "Filed {filed} ({size}), held {held}, skipped {skipped}, in {seconds}.",
        "入库 {filed} 个（{size}），待处理 {held} 个，跳过 {skipped} 个，用时 {seconds}。",
    ),
    "known_left": ("{count} filed already", "{count} 个此前已入库"),
    "known_whole_left": ("{count} filed already, read whole again", "{count} 个此前已入库，已全文复读"),
    "held_heading": ("Held for a person:", "待人工处理："),
    "skipped_heading": ("Left on the card:", "留在卡上未采集："),
    "reading": ("reading", "读取"),
    "total": ("total", "总计"),
    "looking": ("looking at the card …", "正在清点存储卡……"),
    "no_cases": ("No case is entered yet.", "尚未登记案件。"),
    "no_held": ("Nothing is held.", "没有待处理的文件。"),
    "released": ("{held} is off the list.", "{held} 已从待处理列表中移除。"),
    "case_added": ("Case {case} entered.", "案件 {case} 已登记。"),
    "case_changed": ("Case {case} changed.", "案件 {case} 已更正。"),
    "case_closed": ("Case {case} is closed since {day}.", "案件 {case} 已于 {day} 结案。"),
    "case_merged": ("{case} is part of case {into} now.", "{case} 已并入案件 {into}。"),
    "case_took": (
        "Case {case} took {count} clips of {other} along.",
        "案件 {case} 已一并关联 {other} 的 {count} 段资料。",
    ),
    "take_along": ("linking", "关联"),
    "no_papers": ("No written record is entered.", "尚未登记文书。"),
    "paper_added": ("Written record {paper} of case {case} entered.", "案件 {case} 的文书 {paper} 已登记。"),
    "paper_changed": ("Written record {paper} corrected.", "文书 {paper} 已更正。"),
    "page_pulled": (
        "{path}: a picture of page {page}, which is no evidence.",
        "{path}：第 {page} 页图像，不作为证据。",
    ),
    "paper_scanned": (
        "The scan of written record {paper} is sealed: SHA-256 {sha256}.",
        "文书 {paper} 的扫描件已入库：SHA-256 {sha256}。",
    ),
    "clearing_sum": (
        "Would be erased: {erased} ({size}). Would stay: {left}, and {others} other entries that are never touched.",
        "将清除 {erased} 个（{size}）；将保留 {left} 个，另有 {others} 个其他条目从不改动。",
    ),
    "clearing_left": ("{count} would stay:", "将保留 {count} 个："),
}
