"""Figures that are read from two metres (大字): labels and signs of states, drawn in blocks.

Shapes: a glyph is five rows of pixels, `#` set. Scale 0 draws two rows of pixels in one row of cells (half blocks);
scale n draws a pixel as n rows of 2n cells.
"""

from __future__ import annotations

ROWS = 5
HALF = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}

_DRAWN = {
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": "### #.. #.. #.. ###",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": "### #.. #.# #.# ###",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "J": "..# ..# ..# #.# ###",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#.# ### ### #.# #.#",
    "N": "##. #.# #.# #.# #.#",
    "O": "### #.# #.# #.# ###",
    "P": "### #.# ### #.. #..",
    "Q": "### #.# #.# ### ..#",
    "R": "##. #.# ##. #.# #.#",
    "S": "### #.. ### ..# ###",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#.# #.# ### ### #.#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# ### .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "-": "... ... ### ... ...",
    ".": ". . . . #",
    " ": ". . . . .",
}
_SIGNS = {
    "empty": "..... ..... ..... ..... .....",
    "charging": "..... ..#.. .###. ..#.. .....",
    "unknown": ".###. #...# ..##. ..... ..#..",
    "waiting": "..... ..... ..... ..... #.#.#",
    "copying": "..#.. ..#.. ##### .###. ..#..",
    "safe": "....# ...#. #.#.. .#... .....",
    "held": "..#.. ..#.. ..#.. ..... ..#..",
    "full": "##### ##### ##### ##### #####",
}


def drawable(label: str) -> bool:
    """Whether every character of a label has a glyph."""
    return bool(label) and all(char in _DRAWN for char in label.upper())


def label_width(label: str, scale: int) -> int:
    """How many cells a label is wide."""
    return _width(_row_lengths(label), scale)


def label_rows(label: str, scale: int) -> tuple[str, ...]:
    """A label, drawn; it must be `drawable`."""
    glyphs = [_DRAWN[char].split() for char in label.upper()]
    return _scaled([".".join(glyph[row] for glyph in glyphs) for row in range(ROWS)], scale)


def sign_rows(state: str, scale: int) -> tuple[str, ...]:
    """The sign of a state, drawn."""
    return _scaled(_SIGNS[state].split(), scale)


def sign_width(scale: int) -> int:
    """How many cells a sign is wide."""
    return _width(ROWS, scale)


def height(scale: int) -> int:
    """How many rows a glyph takes."""
    return ROWS * scale if scale else (ROWS + 1) // 2


def _row_lengths(label: str) -> int:
    return sum(len(_DRAWN[char].split()[0]) + 1 for char in label.upper()) - 1


def _width(pixels: int, scale: int) -> int:
    return pixels * 2 * scale if scale else pixels


def _scaled(rows: list[str], scale: int) -> tuple[str, ...]:
    if scale:
        drawn = ("".join(("█" if pixel == "#" else " ") * 2 * scale for pixel in row) for row in rows)
        return tuple(row for row in drawn for _ in range(scale))
    padded = [*rows, "." * len(rows[0])]
    pairs = zip(padded[::2], padded[1::2], strict=True)
    return tuple("".join(HALF[top == "#", low == "#"] for top, low in zip(*pair, strict=True)) for pair in pairs)
