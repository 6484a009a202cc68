"""The bays on a wall (状态屏): a tile a bay, a row a bay where tiles have no room, and the station above them.

Pure: views, size and time in, lines out. Shapes: as many lines as the terminal has rows, each of pieces (text, style)
that fill its columns exactly. A state is told three times, by colour, by sign and by word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich.cells import cell_len, set_cell_size

from catalog.errors import Language
from docking_station import glyphs
from docking_station.board import BayView, StationView, Why
from docking_station.screen import size_text, visible

Piece = tuple[str, str]
Line = list[Piece]
Worder = Callable[..., str]

TILE_COLUMNS_MIN, TILE_ROWS_MIN = 18, 7
ROW_COLUMNS_MIN = 16
SCALE_MAX = 4
GAP = 1
RATIO = 2.6
"""A tile of this many columns to a row looks best."""

STYLES = {
    "empty": ("grey62 on grey15", "grey62 on grey23"),
    "charging": ("grey93 on grey27", "bold grey93 on grey35"),
    "unknown": ("white on #af0000", "bold #af0000 on white"),
    "waiting": ("white on #005f5f", "bold #005f5f on white"),
    "copying": ("white on #0050a0", "bold #0050a0 on white"),
    "safe": ("white on #007000", "bold #007000 on white"),
    "held": ("black on #ffaf00", "bold #ffaf00 on black"),
    "full": ("white on #870087", "bold #870087 on white"),
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
URGENT = ("held", "unknown", "full", "safe", "copying", "waiting", "charging", "empty")
PLAIN, DIM, ALARM = "", "grey62", "bold white on #af0000"


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal, in cells."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """How to speak: the language, its words, the zone of the station."""

    language: Language
    word: Worder
    zone: tzinfo


def wall(station: StationView, bays: Sequence[BayView], size: Size, now: datetime, spoken: Spoken) -> list[Line]:
    """Everything the dock shows."""
    head = _head(station, bays, size, now, spoken)[: max(1, size.rows - 1)]
    room = Size(size.columns, size.rows - len(head))
    if not bays:
        body = [_padded([(spoken.word("no_bays"), DIM)], size.columns)]
    elif grid := _grid(len(bays), room):
        body = _tiles(bays, room, grid, spoken)
    else:
        body = _rows(bays, room, spoken)
    return _filled([*head, *body], size)


def notice(heading: str, sentence: str, hint: str, size: Size) -> list[Line]:
    """One thing to be said with nothing beside it: the dock is not there."""
    width = max(1, min(size.columns - 4, 76))
    texts = [("", ALARM), *((line, ALARM) for line in wrapped(heading, width)), ("", ALARM), ("", PLAIN)]
    texts += [(line, PLAIN) for line in wrapped(sentence, width)]
    texts += [("", PLAIN)] + [(line, "bold") for line in wrapped(hint, width)]
    above: list[Line] = [[] for _ in range(max(0, (size.rows - len(texts)) // 2))]
    lines = [_centred(text, size.columns, style) for text, style in texts]
    return _filled([*above, *lines], size)


def wrapped(text: str, width: int) -> list[str]:
    """Text in lines of so many cells: Latin words whole where they fit, Chinese anywhere."""
    lines: list[str] = []
    line = ""
    for token in re.findall(r"[\x21-\x7e]+|[^\x21-\x7e]", visible(text)):
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


def left_text(seconds: float, spoken: Spoken) -> str:
    """Time left, as coarse as a person needs it."""
    if seconds < 90:
        return spoken.word("seconds", count=max(1, math.ceil(seconds)))
    minutes = math.ceil(seconds / 60)
    if minutes < 90:
        return spoken.word("minutes", count=minutes)
    return spoken.word("hours", hours=minutes // 60, minutes=minutes % 60)


def state_word(view: BayView, spoken: Spoken) -> str:
    """The state in a word; a recorder that is being cleared is not to be taken."""
    return spoken.word("state_clearing" if view.clearing else f"state_{view.state}")


# ---------------------------------------------------------------------- the station


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
    for part in ("vault", "catalog"):
        why: Why | None = getattr(station, part)
        if why is not None:
            sentence, hint = _texts(why, spoken)
            head.append(_padded([(f" ! {visible(sentence)} {visible(hint)}", ALARM)], size.columns, ALARM))
    return head if size.rows < 16 else [*head, []]


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
        return _padded(line, columns)
    return [*line, (" " * (columns - width - cell_len(last[0]) - 1), PLAIN), last, (" ", PLAIN)]


# ---------------------------------------------------------------------- tiles


def _grid(count: int, room: Size) -> tuple[int, int] | None:
    """Columns and rows of the tiles that are biggest in this room, or None where tiles are too small."""
    best, best_size = None, 0.0
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        wide, high = room.columns // columns - GAP, room.rows // rows - GAP
        size = min(wide / RATIO, high)
        if wide >= TILE_COLUMNS_MIN and high >= TILE_ROWS_MIN - GAP and size > best_size:
            best, best_size = (columns, rows), size
    return best


def _tiles(bays: Sequence[BayView], room: Size, grid: tuple[int, int], spoken: Spoken) -> list[Line]:
    columns, rows = grid
    wide, high = room.columns // columns - GAP, min(room.rows // rows - GAP, 24)
    lines: list[Line] = []
    for start in range(0, len(bays), columns):
        drawn = [tile(view, Size(wide, high), spoken) for view in bays[start : start + columns]]
        lines += [[piece for one in drawn for piece in (*one[row], (" " * GAP, PLAIN))] for row in range(high)]
        lines += [[] for _ in range(GAP)]
    return lines


def tile(view: BayView, size: Size, spoken: Spoken) -> list[Line]:
    """One bay, large: label and sign, the word of its state, and below what there is to say."""
    base, bar = STYLES[view.state]
    inner = size.columns - 2
    below = list(_below(view, inner, spoken))
    scale = _scale(view, inner, size.rows - 2 - min(len(below), max(2, size.rows // 3)))
    lines = [[(f" {text} ", base)] for text in _drawn(view, inner, scale)]
    lines.append([(_centre(state_word(view, spoken), size.columns), bar)])
    roomy = size.rows > len(lines) + len(below) + 1
    lines = [[(" " * size.columns, base)], *lines] if roomy else lines
    lines += [[(" " + set_cell_size(text, inner) + " ", base if not loud else f"bold {base}")] for text, loud in below]
    blank: Line = [(" " * size.columns, base)]
    return [*lines, *([blank] * size.rows)][: size.rows]


def _scale(view: BayView, inner: int, rows: int) -> int:
    """The largest scale in which label and sign have room; -1: none, the label is written small."""
    if not glyphs.drawable(view.bay):
        return -1
    for scale in range(SCALE_MAX, -1, -1):
        wide = glyphs.label_width(view.bay, scale) + glyphs.sign_width(scale) + 2
        if wide <= inner and glyphs.height(scale) <= rows:
            return scale
    return -1


def _drawn(view: BayView, inner: int, scale: int) -> list[str]:
    if scale < 0:
        label = set_cell_size(visible(view.bay), max(1, inner - 2))
        return [f"{label} {SIGNS[view.state]}" if inner > 2 else set_cell_size(label, inner)]
    rows = zip(glyphs.label_rows(view.bay, scale), glyphs.sign_rows(view.state, scale), strict=True)
    room = inner - glyphs.label_width(view.bay, scale) - glyphs.sign_width(scale)
    return [f"{left}{' ' * room}{right}" for left, right in rows]


def _below(view: BayView, inner: int, spoken: Spoken) -> Iterator[tuple[str, bool]]:
    """What a tile says below the word: the most important first, for the rest may be cut off."""
    if view.state == "copying" or view.clearing:
        yield progress_text(view, inner), True
        yield ((spoken.word("left", time=left_text(view.left_s, spoken)) if view.left_s is not None else ""), True)
    if view.why is not None:
        for text in wrapped(_texts(view.why, spoken)[0], inner):
            yield text, True
    who = " · ".join(visible(text) for text in (view.officer, view.recorder) if text)
    if not who and view.state == "unknown":
        who = visible(view.device or view.usb_serial or "")
    if who:
        yield from ((text, False) for text in wrapped(who, inner))
    yield from ((text, False) for text in wrapped(counts_text(view, spoken), inner))
    if view.why is not None:
        yield from ((text, False) for text in wrapped("→ " + _texts(view.why, spoken)[1], inner))


def counts_text(view: BayView, spoken: Spoken) -> str:
    """Files, bytes, and what of them is not yet well."""
    texts = []
    if view.files and view.state in ("copying", "waiting"):
        size = size_text(view.size_bytes)
        texts.append(spoken.word("files_of", done=view.files_done, count=view.files, size=size))
    elif view.files:
        texts.append(spoken.word("files_count", count=view.files, size=size_text(view.size_bytes)))
    if view.held:
        texts.append(spoken.word("held_count", count=view.held))
    if view.overdue:
        texts.append(spoken.word("overdue_count", count=view.overdue))
    if view.unsealed:
        texts.append(spoken.word("unsealed", count=view.unsealed))
    return " · ".join(texts)


def progress_text(view: BayView, width: int) -> str:
    """A bar and a percentage."""
    share = min(1.0, max(0.0, view.done_bytes / view.size_bytes)) if view.size_bytes > 0 else 0.0
    per_cent = f" {math.floor(share * 100):3d}%"
    room = max(0, width - len(per_cent))
    full = round(share * room)
    return ("█" * full + "░" * (room - full) + per_cent)[-max(1, width) :]


# ---------------------------------------------------------------------- rows


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
    cells = [row(view, wide, label, spoken) for view in shown]
    if len(shown) < len(bays):
        cells.append(_padded([(spoken.word("more_bays", count=len(bays) - len(shown)), DIM)], wide))
    lines: list[Line] = []
    for at in range(height):
        some = cells[at::height]
        lines.append([piece for cell in some for piece in (*cell, (" " * GAP, PLAIN))])
    return lines


def row(view: BayView, columns: int, label: int, spoken: Spoken) -> Line:
    """One bay in one line: label, sign, word, then what matters most."""
    base, bar = STYLES[view.state]
    word_width = min(14, max(0, columns - label - 5))
    line: Line = [
        (f" {_right(view.bay, label)} {SIGNS[view.state]} ", f"bold {base}"),
        (set_cell_size(f" {state_word(view, spoken)}", word_width), bar),
    ]
    texts = []
    if view.state == "copying":
        texts.append(progress_text(view, 14 if columns >= 60 else 5))
        texts.append(left_text(view.left_s, spoken) if view.left_s is not None else "")
    if view.why is not None:
        texts.append(_texts(view.why, spoken)[0])
    texts += [view.officer or "", view.recorder or "", counts_text(view, spoken)]
    return _padded([*line, (" " + "  ".join(visible(text) for text in texts if text), PLAIN)], columns)


# ---------------------------------------------------------------------- lines


def _texts(why: Why, spoken: Spoken) -> tuple[str, str]:
    return why.zh if spoken.language == "zh" else why.en


def _right(text: str, width: int) -> str:
    shown = visible(text)
    return " " * (width - cell_len(shown)) + shown if cell_len(shown) < width else set_cell_size(shown, width)


def _centre(text: str, width: int) -> str:
    shown = visible(text)
    before = max(0, (width - cell_len(shown)) // 2)
    return set_cell_size(" " * before + shown, width)


def _centred(text: str, width: int, style: str) -> Line:
    return [(_centre(text, width), style)]


def _padded(line: Line, width: int, style: str = PLAIN) -> Line:
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


def _filled(lines: list[Line], size: Size) -> list[Line]:
    blank: list[Line] = [[] for _ in range(max(0, size.rows - len(lines)))]
    return [_padded(line, size.columns) for line in [*lines, *blank][: size.rows]]
