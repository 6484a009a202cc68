"""The bays on a wall (状态屏): a tile a bay, a row a bay where tiles have no room, and the station above them.

Pure: views, size and time in, lines out. Shapes: as many lines as the terminal has rows, each of pieces (text, style)
that fill its columns exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from docking_station.faces.bay_words import Spoken, counts, left_text, reason, shown_as, state_word, texts_of
from docking_station.faces.board import BayView, StationView
from docking_station.terminal.cells import (
    ALARM,
    DIM,
    GAP,
    PLAIN,
    SIGNS,
    STYLES,
    Line,
    Size,
    centred,
    padded,
    progress_text,
    right,
    wrapped,
)
from docking_station.terminal.tiles import grid_for, tiles
from docking_station.texts.plain import size_text, visible

ROWS_ROOMY = 20
ROW_COLUMNS_MIN = 16
NOTICE_COLUMNS_MAX = 76
URGENT = ("held", "unknown", "full", "safe", "copying", "waiting", "charging", "empty")


def wall(station: StationView, bays: Sequence[BayView], size: Size, now: datetime, spoken: Spoken) -> list[Line]:
    """Everything the dock shows."""
    head = _head(station, bays, size, now, spoken)[: max(1, size.rows - 1)]
    room = Size(size.columns, size.rows - len(head))
    if not bays:
        body = [padded([(spoken.word("no_bays"), DIM)], size.columns)]
    else:
        grid = grid_for(len(bays), room)
        body = (tiles(bays, room, grid, spoken) if grid else None) or _rows(bays, room, spoken)
    return _filled([*head, *body], size)


def notice(heading: str, sentence: str, hint: str, size: Size) -> list[Line]:
    """One thing to be said with nothing beside it: the dock is not there."""
    width = max(1, min(size.columns - 4, NOTICE_COLUMNS_MAX))
    texts = [("", ALARM), *((line, ALARM) for line in wrapped(heading, width)), ("", ALARM), ("", PLAIN)]
    texts += [(line, PLAIN) for line in wrapped(sentence, width)]
    texts += [("", PLAIN)] + [(line, "bold") for line in wrapped(hint, width)]
    above: list[Line] = [[] for _ in range(max(0, (size.rows - len(texts)) // 2))]
    lines: list[Line] = [[(centred(text, size.columns), style)] for text, style in texts]
    return _filled([*above, *lines], size)


def _head(station: StationView, bays: Sequence[BayView], size: Size, now: datetime, spoken: Spoken) -> list[Line]:
    word, local = spoken.word, now.astimezone(spoken.zone)
    name = f" {visible(station.station)} "
    clock = (word(f"clock_{station.clock}"), DIM if station.clock == "synchronised" else ALARM)
    facts: Line = [(word("spool_free", size=size_text(station.spool_free_bytes)), PLAIN)]
    if station.unsealed:
        oldest = station.oldest_unsealed_at
        age = "" if oldest is None else left_text(max(0.0, (now - oldest).total_seconds()), spoken)
        facts.append((word("unsealed_since" if age else "unsealed", count=station.unsealed, age=age), "yellow"))
    if station.held:
        facts.append((word("held_count", count=station.held), "bold black on #ffaf00"))
    overdue = sum(view.overdue for view in bays)
    if overdue:
        facts.append((word("overdue_count", count=overdue), "bold black on #ffaf00"))
    first: Line = [(name, "bold reverse"), clock, (f"{local:%Y-%m-%d %H:%M:%S}", PLAIN)]
    head = [_spread(first, size.columns), _spread([*facts, (word("leave"), DIM)], size.columns)]
    for why in (station.clock_why, station.vault, station.catalog):
        if why is not None:
            sentence, hint = texts_of(why, spoken)
            lines = wrapped(f"! {sentence} {hint}", max(1, size.columns - 2))[: 2 if size.rows >= ROWS_ROOMY else 1]
            head += [padded([(f" {text}", ALARM)], size.columns, ALARM) for text in lines]
    return head if size.rows < ROWS_ROOMY else [*head, []]


def _spread(pieces: Line, columns: int) -> Line:
    """The first pieces at the left, the last at the right, as many of those between as there is room for."""
    *left, last = pieces
    line: Line = []
    used = cell_len(last[0]) + 1
    for text, style in left:
        if line and used + cell_len(text) + 2 > columns:
            continue
        line += [(" " if not line else "  ", PLAIN), (text, style)]
        used += cell_len(text) + 2
    width = sum(cell_len(text) for text, _ in line)
    if width + cell_len(last[0]) + 1 > columns:
        return padded(line, columns)
    return [*line, (" " * (columns - width - cell_len(last[0]) - 1), PLAIN), last, (" ", PLAIN)]


def _rows(bays: Sequence[BayView], room: Size, spoken: Spoken) -> list[Line]:
    """A row a bay, in as many columns as needed; where even these have no room, the most urgent ones."""
    height = max(1, room.rows)
    columns = min(math.ceil(len(bays) / height), max(1, room.columns // ROW_COLUMNS_MIN))
    fitting = columns * height
    shown = bays
    if len(bays) > fitting:
        urgent = sorted(bays, key=lambda view: URGENT.index(view.state))[: max(1, fitting - 1)]
        shown = [view for view in bays if view in urgent]
    height = min(height, math.ceil(max(len(shown), min(len(bays), fitting)) / columns))
    wide = room.columns // columns - (GAP if columns > 1 else 0)
    label = max(2, min(8, max(cell_len(visible(view.bay)) for view in shown)))
    word = max(cell_len(state_word(view, spoken)) for view in shown) + 1
    cells = [row(view, wide, (label, word), spoken) for view in shown]
    if len(shown) < len(bays):
        cells.append(padded([(spoken.word("more_bays", count=len(bays) - len(shown)), DIM)], wide))
    lines: list[Line] = []
    for at in range(height):
        some = cells[at::height]
        lines.append([piece for cell in some for piece in (*cell, (" " * GAP, PLAIN))])
    return lines


def row(view: BayView, columns: int, widths: tuple[int, int], spoken: Spoken) -> Line:
    """One bay in one line: label, sign, word, then as much of the rest as has room, what matters most first."""
    base, bar = STYLES[shown_as(view)]
    label, word = widths
    line: Line = [
        (f" {right(view.bay, label)} {SIGNS[shown_as(view)]} ", f"bold {base}"),
        (set_cell_size(f" {state_word(view, spoken)}", max(0, min(word + 1, columns - label - 4))), bar),
    ]
    texts = []
    if view.state == "copying" and not view.clearing:
        progress = progress_text(view, 30 if columns >= 100 else 16 if columns >= 60 else 5)
        texts.append(progress if columns >= 60 else progress.strip("█░ "))
        texts.append(left_text(view.left_s, spoken) if view.left_s is not None else "")
    if view.why is not None:
        texts.append(reason(view.why, spoken))
    texts += [view.officer or "", view.recorder or "", *counts(view, spoken)]
    room = columns - label - 4 - word - 1
    whose = cell_len(visible(view.officer or "")) + 2
    for at, text in enumerate(visible(text) for text in texts if text):
        gap = " " if at == 0 else "  "
        most = room - whose if at == 0 and whose < room // 2 else room
        if cell_len(gap + text) > most and at == 0 and room > 8:
            text = set_cell_size(text, most - 2) + "…"
        if cell_len(gap + text) > room:
            break
        line.append((gap + text, PLAIN))
        room -= cell_len(gap + text)
    return padded(line, columns)


def _filled(lines: list[Line], size: Size) -> list[Line]:
    blank: list[Line] = [[] for _ in range(max(0, size.rows - len(lines)))]
    return [padded(line, size.columns) for line in [*lines, *blank][: size.rows]]
