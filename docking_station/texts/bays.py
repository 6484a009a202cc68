"""What is said at the bay screen （仓位屏用语）."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "bay_and": (" and ", "、"),
    "bay_call": ("Call: {contact}", "联系人：{contact}"),
    "bay_clips": ("{count} recordings", "{count} 段"),
    "bay_photos": ("{count} photos", "{count} 张"),
    "bay_receipt": ("Filed today: {filed}.", "{filed}今日已入库。"),
    "bay_receipt_asks": ("Filed today: {filed}; {asks} need you.", "{filed}今日已入库，{asks}需您处理。"),
    "bay_today": ("today: {filed}", "今日入库 {filed}"),
}
