"""The bays as tiles (状态屏的仓位块): label and sign large, the word of the state, then what there is to say.

Pure. Shapes: lines that fill a tile's columns exactly. A state is told three times, by colour, by sign and by word.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from docking_station.faces.bay_words import Spoken, counts, left_text, reason, shown_as, state_word, texts_of
from docking_station.faces.board import BayView
from docking_station.terminal import glyphs
from docking_station.terminal.cells import (
    GAP,
    PLAIN,
    SIGNS,
    STYLES,
    Line,
    Size,
    centred,
    packed,
    progress_text,
    wrapped,
)
from docking_station.texts.plain import visible

COLUMNS_MIN, ROWS_MIN = 18, 7
ROWS_ROOMY, ROWS_MAX = 12, 24
SCALE_MAX = 4
RATIO = 2.6
"""A tile of this many columns to a row looks best."""


def grid_for(count: int, room: Size) -> tuple[int, int] | None:
    """Columns and rows of the tiles that are biggest in this room, or None where tiles are too small."""
    best, best_size = None, 0.0
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        wide, high = room.columns // columns - GAP, room.rows // rows - GAP
        size = min(wide / RATIO, high)
        if wide >= COLUMNS_MIN and high >= ROWS_MIN - GAP and size > best_size:
            best, best_size = (columns, rows), size
    return best


def tiles(bays: Sequence[BayView], room: Size, grid: tuple[int, int], spoken: Spoken) -> list[Line] | None:
    """The tiles, in so many columns and rows; None where a reason would be cut off in the smallest."""
    columns, rows = grid
    size = Size(room.columns // columns - GAP, min(room.rows // rows - GAP, ROWS_MAX))
    said = max((len(wrapped(reason(view.why, spoken), size.columns - 2)) + 1 for view in bays if view.why), default=0)
    figures = _figures(bays, size, said)
    if figures is None:
        return None
    lines: list[Line] = []
    for start in range(0, len(bays), columns):
        drawn = [tile(view, size, figures, spoken) for view in bays[start : start + columns]]
        lines += [[piece for one in drawn for piece in (*one[row], (" " * GAP, PLAIN))] for row in range(size.rows)]
        lines += [[] for _ in range(GAP)]
    return lines


@dataclass(frozen=True, slots=True)
class Figures:
    """How tiles are drawn, all of a wall alike: scales of label and sign (-1: written, not drawn), rows of the word.

    `padded`: a blank line above and below; `tight`: progress and time left share a line.
    """

    label: int
    sign: int
    bar: int
    padded: bool
    tight: bool


def _figures(bays: Sequence[BayView], size: Size, said: int) -> Figures | None:
    """The largest that leave so many lines below; None where none do."""
    bar = 3 if size.rows >= ROWS_ROOMY else 1
    tight = size.rows < ROWS_ROOMY - 2
    below = max(said, 2 if tight else max(4, min(6, size.rows // 3)))
    spare, wide = size.rows - bar - below, size.columns - 2
    if spare < 1 and said:
        return None
    if all(glyphs.drawable(view.bay) for view in bays):
        for label in range(SCALE_MAX, -1, -1):
            longest = max(glyphs.label_width(view.bay, label) for view in bays)
            for sign in range(label, max(-1, label - 2), -1):
                if longest + 2 + glyphs.sign_width(sign) <= wide and glyphs.height(label) <= spare:
                    return Figures(label, sign, bar, glyphs.height(label) + 2 <= spare, tight)
    return Figures(-1, -1, bar, spare >= 3, tight)


def tile(view: BayView, size: Size, figures: Figures, spoken: Spoken) -> list[Line]:
    """One bay, large: label and sign, the word of its state, and below what there is to say."""
    base, bar = STYLES[shown_as(view)]
    inner = size.columns - 2
    word = state_word(view, spoken)
    spaced = " ".join(word)
    words = ["", spaced if cell_len(spaced) <= inner else word, ""] if figures.bar > 1 else [word]
    blank: Line = [(" " * size.columns, base)]
    pad = [blank] if figures.padded else []
    lines: list[Line] = [[(f" {set_cell_size(text, inner)} ", f"bold {base}")] for text in _drawn(view, inner, figures)]
    lines = [*pad, *lines, *([(centred(text, size.columns), bar)] for text in words), *pad]
    for text, loud in _below(view, inner, figures.tight, spoken):
        lines += [
            [(f" {set_cell_size(one, inner)} ", f"bold {base}" if loud else base)] for one in wrapped(text, inner)
        ]
    return [*lines, *([blank] * size.rows)][: size.rows]


def _drawn(view: BayView, inner: int, figures: Figures) -> list[str]:
    if figures.label < 0:
        return [f"{set_cell_size(visible(view.bay), max(0, inner - 2))} {SIGNS[shown_as(view)]}"]
    label, sign = glyphs.label_rows(view.bay, figures.label), glyphs.sign_rows(shown_as(view), figures.sign)
    above = (len(label) - len(sign)) // 2
    sign = ("",) * above + sign + ("",) * (len(label) - len(sign) - above)
    width = glyphs.sign_width(figures.sign)
    return [set_cell_size(one, inner - width) + set_cell_size(two, width) for one, two in zip(label, sign, strict=True)]


def _below(view: BayView, inner: int, tight: bool, spoken: Spoken) -> Iterator[tuple[str, bool]]:
    """What a tile says below the word, and whether loudly: the most important first, for the rest may be cut off."""
    if view.clearing:
        yield spoken.word("not_yet"), True
    elif view.state == "copying":
        left = "" if view.left_s is None else left_text(view.left_s, spoken)
        if tight:
            yield f"{progress_text(view, inner - cell_len(left) - 1)} {left}".rstrip(), True
        else:
            yield progress_text(view, inner), True
            yield spoken.word("left", time=left) if left else "", True
    if view.why is not None:
        yield reason(view.why, spoken), True
    yield " · ".join(text for text in (view.officer, view.recorder) if text), True
    if view.state == "unknown":
        yield view.device or view.usb_serial or "", False
    yield from ((text, False) for text in packed(counts(view, spoken), inner))
    if view.why is not None:
        yield "→ " + texts_of(view.why, spoken)[1], False
