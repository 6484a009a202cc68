"""A shift at the dock, played on a real board and stream, to look at: `python tests/docking_station/shift.py SOCKET`.

Then, in another terminal with `socket` under [dock] in station.toml set to SOCKET: `evidock bays watch`.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from docking_station.faces.board import BayView, Board, StationView, Why
from docking_station.faces.stream import Stream

GB = 10**9
HELD = Why(
    "devices.read-failed",
    (
        "DCIM/100MEDIA/0007.MP4 cannot be read at byte 1048576: Input/output error.",
        "Clean the contacts and dock again.",
    ),
    ("DCIM/100MEDIA/0007.MP4 在第 1048576 字节处无法读取：输入输出错误。", "请清洁触点后重新接入。"),
)
UNKNOWN = Why(
    "devices.unregistered",
    ("This device is not registered: SanDisk Ultra, serial 4C530001.", "Register it: `evidock recorders add`."),
    ("该设备未登记：SanDisk Ultra，序列号 4C530001。", "请登记：`evidock recorders add`。"),
)
FULL = Why(
    "ingest.spool-full",
    ("The station's disk has no room for more copies.", "Wait until the vault has taken some, or make room."),
    ("本站硬盘空间不足，暂停采集。", "请等待入库完成，或清理空间。"),
)
VAULT = Why(
    "vault.unreachable",
    ("The vault does not answer: connection refused.", "Check its disk or server; the copies wait in the spool."),
    ("保全库无响应：连接被拒绝。", "请检查磁盘或服务器；副本保留在缓存区。"),
)
SHIFT_S = 60.0


def bay_at(number: int, elapsed_s: float, now: datetime) -> BayView:
    """What bay `number` shows so long into the shift: each begins a little later, and a few have trouble."""
    at = (elapsed_s - number * 1.5) % SHIFT_S
    view = BayView(str(number), f"usb-0:{number}", "empty", now)
    if number % 11 == 7:
        return replace(view, state="charging", device="USB charger cable", since=now)
    if at < 5 or elapsed_s < number * 1.5:
        return view
    known = replace(view, recorder=f"TA{700 + number:05d}", officer=f"JX{4100 + number}", files=40, size_bytes=21 * GB)
    if number % 8 == 3:
        return replace(view, state="unknown", device="SanDisk Ultra", usb_serial="4C530001", why=UNKNOWN)
    if at < 8:
        return replace(known, state="waiting", overdue=3 if number == 2 else 0)
    share = min(1.0, (at - 8) / 30)
    done = replace(
        known, files_done=int(40 * share), done_bytes=int(21 * GB * share), left_s=40 * 60 * (1 - share) ** 2
    )
    if share < 1:
        if number % 13 == 12:
            return replace(done, state="full", why=FULL)
        return replace(done, state="copying", overdue=3 if number == 2 else 0)
    ended = replace(done, left_s=None, unsealed=max(0, int(48 - at)))
    if number % 8 == 6:
        return replace(ended, state="held", held=1, why=HELD)
    if number % 8 == 4 and at < 50:
        return replace(ended, state="copying", clearing=True)
    return replace(ended, state="safe")


def play(board: Board, bays: int, elapsed_s: float, now: datetime) -> None:
    """Bring the board to that moment of the shift."""
    for number in range(1, bays + 1):
        board.show(replace(bay_at(number, elapsed_s, now), since=datetime(2026, 3, 5, tzinfo=UTC)))
    views = board.bays()
    unsealed, down = sum(view.unsealed for view in views), 20 < elapsed_s % SHIFT_S < 40
    board.note(
        spool_free_bytes=int(1.2e12 - elapsed_s * 5e8),
        held=sum(view.held for view in views),
        unsealed=unsealed,
        oldest_unsealed_at=now - timedelta(minutes=130) if unsealed or down else None,
        vault=VAULT if down else None,
        clock="free" if elapsed_s % SHIFT_S > 50 else "synchronised",
    )


def main() -> None:
    """Serve the shift until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--bays", type=int, default=8)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--from-s", type=float, default=0.0)
    asked = parser.parse_args()
    board = Board(StationView("城东执法站 1 号", clock="synchronised"))
    with Stream(board, asked.socket) as stream:
        begun = time.monotonic()
        while True:
            elapsed_s = asked.from_s + (time.monotonic() - begun) * asked.speed
            play(board, asked.bays, elapsed_s, datetime.now(UTC))
            stream.beat()
            time.sleep(0.2)


if __name__ == "__main__":
    main()
