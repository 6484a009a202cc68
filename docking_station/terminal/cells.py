"""Pieces of the wall (状态屏的文字): texts fitted to cells.

Pure. Shapes: a line is pieces of text and style; a Chinese character fills two cells. Units: cells, bytes, seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from docking_station.faces.board import BayView
from docking_station.texts.plain import visible

Piece = tuple[str, str]
Line = list[Piece]

GAP = 1
PLAIN, DIM, ALARM = "", "grey62", "bold #ffffff on #af0000"
STYLES = {
    "empty": ("grey62 on grey15", "grey62 on grey23"),
    "charging": ("grey93 on grey27", "bold grey93 on grey35"),
    "unknown": ("#ffffff on #af0000", "bold #ffffff on #5f0000"),
    "waiting": ("#ffffff on #005f5f", "bold #ffffff on #003636"),
    "copying": ("#ffffff on #0050a0", "bold #ffffff on #002a5c"),
    "safe": ("#ffffff on #007000", "bold #ffffff on #003c00"),
    "held": ("#000000 on #ffaf00", "bold #ffaf00 on #261a00"),
    "full": ("#ffffff on #870087", "bold #ffffff on #480048"),
}
SIGNS = {
    "empty": " ",
    "charging": "+",
    "unknown": "?",
    "waiting": "…",
    "copying": "↓",
    "safe": "✓",
    "held": "!",
    "full": "■",
}
WORD = re.compile(r"[\x21-\x7e]+[,。、:;!?)，：；！？）]*|[^\x21-\x7e][,。、:;!?)，：；！？）]*")
"""What is not torn apart at the end of a line; no line begins with a stop."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a terminal is, in cells."""

    columns: int
    rows: int


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of so many cells: Latin words whole where they fit, Chinese anywhere."""
    lines: list[str] = []
    line = ""
    for token in WORD.findall(visible(text)):
        while cell_len(line + token) > width:
            room = width - cell_len(line)
            if cell_len(token) > width and room > 0:  # a word longer than a line is cut
                cut = next((n for n in range(len(token), 0, -1) if cell_len(token[:n]) <= room), 0)
                line, token = line + token[:cut], token[cut:]
                if not cut and not line:
                    return lines  # not even one character fits
            lines.append(line.rstrip())
            line = ""
            token = token.lstrip()
        line += token
    return [*lines, line.rstrip()] if line.strip() else lines


def packed(texts: Sequence[str], width: int) -> Iterator[str]:
    """Texts side by side while there is room, none of them torn apart that fits a line."""
    line = ""
    for text in texts:
        joined = f"{line} · {text}" if line else text
        if cell_len(joined) > width and line:
            yield line
            joined = text
        *full, line = wrapped(joined, width) or [""]
        yield from full
    if line:
        yield line


def padded(line: Line, width: int, style: str = PLAIN) -> Line:
    """Exactly so many cells: cut, or filled up."""
    fitted: Line = []
    room = max(0, width)
    for text, of in line:
        if cell_len(text) > room:
            text = set_cell_size(text, room)
        if text:
            fitted.append((text, of))
        room -= cell_len(text)
    return [*fitted, (" " * room, style)] if room else fitted


def centred(text: str, width: int) -> str:
    """Text in the middle of so many cells."""
    shown = visible(text)
    before = max(0, (width - cell_len(shown)) // 2)
    return set_cell_size(" " * before + shown, width)


def right(text: str, width: int) -> str:
    """Text at the right end of so many cells."""
    shown = visible(text)
    return " " * (width - cell_len(shown)) + shown if cell_len(shown) < width else set_cell_size(shown, width)


def progress_text(view: BayView, width: int) -> str:
    """A bar and a percentage."""
    share = min(1.0, max(0.0, view.done_bytes / view.size_bytes)) if view.size_bytes > 0 else 0.0
    per_cent = f" {math.floor(share * 100)}%"
    room = max(0, width - len(per_cent))
    full = round(share * room)
    return ("█" * full + "░" * (room - full) + per_cent)[-max(1, width) :]
