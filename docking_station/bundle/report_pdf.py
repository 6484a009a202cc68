"""The custody report as PDF (打印报告), where reportlab is installed: its only door.

Source: ISO 32000. A Chinese TrueType font of the system is embedded where there is one of `FONTS` (Debian's
fonts-wqy-microhei); else the text asks for the standard font STSong-Light, which PDF readers for Chinese bring along.
The HTML report is the complete one; see docs/adr/0011-evidence-bundles.md.
"""

from __future__ import annotations

import io
import sys
import threading
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from docking_station.bundle.report import Heading, Report, Table, Text

FOLDER = Path("/usr/share/fonts/truetype")
NAMES = ("wqy/wqy-microhei.ttc", "wqy/wqy-zenhei.ttc", "arphic/uming.ttc", "arphic/ukai.ttc")
FONTS = tuple(FOLDER / name for name in NAMES)
"""Fonts with Latin letters too: Droid Sans Fallback, for one, has none. Noto's are of a kind reportlab cannot embed."""
STANDARD_FONT = "STSong-Light"
SIZE_PT, SMALL_PT = 8.5, 7
FOOT_PT = 20
PAGES = "pages"
CHARACTERS_MAX = 0xFFFF
"""What the standard font's encoding reaches."""
KEPT_PT = 90
"""So much room a heading wants below it, else it goes over to the next page with what it is about."""
FRAME_PT = 6
"""What reportlab leaves free on each side within the margins."""
TALL_PT = 200
"""A row that may be higher than this is divided between two pages, any other goes over to the next."""
SIGNED_PT = 30
"""The height of a line to be signed."""
_one = threading.Lock()
"""Fonts are registered for the whole process, with the characters a document needs of them: one document at a time."""


def pdf(report: Report) -> bytes | None:
    """The document, or None where the extra `pdf` is not installed."""
    with _one:
        return _made(report)


def _made(report: Report) -> bytes | None:
    try:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.lib.units import mm
        from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate
    except ImportError:
        return None
    font = _font()

    def style(name: str, size: float, **other: Any) -> Any:
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.35, wordWrap="CJK", **other)

    title, small = style("title", 16, alignment=1, spaceAfter=8), style("small", SMALL_PT)
    heads = {1: style("one", 12, spaceBefore=10, spaceAfter=4), 2: style("two", 9.5, spaceBefore=8, spaceAfter=3)}
    plain = style("plain", SIZE_PT, spaceBefore=3, spaceAfter=2)
    buffer, margin = io.BytesIO(), 14 * mm
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), margin)
    page, names = landscape(A4), {"title": report.title, "author": "evidock"}
    document = SimpleDocTemplate(buffer, pagesize=page, invariant=1, **names, **margins)
    story: list[Any] = [Paragraph(_marked(report.title, font), title)]
    for block in report.blocks:
        if isinstance(block, Heading):
            story += [CondPageBreak(KEPT_PT), Paragraph(_marked(block.text, font), heads[block.level])]
        elif isinstance(block, Text):
            story += [CondPageBreak(KEPT_PT / 2), Paragraph(_marked(block.text, font), plain)]
        else:
            story.append(_table(block, small, document.width - 2 * FRAME_PT))
    footer = partial(_footed, f"{report.title}  {report.name}".strip(), font)
    document.build(story, onFirstPage=footer, onLaterPages=footer, canvasmaker=_counting(font))
    return buffer.getvalue()


def has_font() -> bool:
    """Whether a Chinese font can be embedded, so that any reader shows the report."""
    return any(path.exists() for path in FONTS)


def _font() -> str:
    """The name of a font that has Chinese, registered."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for path in FONTS:
        with suppress(TTFError, OSError):
            pdfmetrics.registerFont(TTFont(path.stem, str(path)))
            return path.stem
    pdfmetrics.registerFont(UnicodeCIDFont(STANDARD_FONT))
    return STANDARD_FONT


def _table(block: Table, small: Any, width_pt: float) -> Any:
    from reportlab.lib import colors
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    texts = (block.heads, *block.rows) if block.heads else block.rows
    cells = [[Paragraph(_marked(cell, small.fontName), small) for cell in row] for row in texts]
    if not cells:
        cells = [[Paragraph("—", small) for _ in block.weights]]
    whole = sum(block.weights)
    widths = [width_pt * weight / whole for weight in block.weights]
    head = ((0, 0), (-1, 0)) if block.heads else ((0, 0), (0, -1))
    style = [
        ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
        ("BACKGROUND", *head, colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
    ]
    is_signed = bool(block.rows) and block.rows[0][-1] == "\u00a0"
    heights = [None, *([SIGNED_PT] * len(block.rows))] if is_signed else None
    tallest = max((_height(text, width) for row in texts for text, width in zip(row, widths, strict=True)), default=0)
    return LongTable(
        cells,
        widths,
        heights,
        repeatRows=1 if block.heads else 0,
        style=TableStyle(style),
        splitInRow=int(tallest > TALL_PT),
    )


def _height(text: str, width: float) -> float:
    """At most so high a cell becomes, every character as wide as a Chinese one."""
    return (len(text) * SMALL_PT / (width - 2 * SMALL_PT) + 1) * SMALL_PT * 1.35


def _footed(text: str, font: str, canvas: Any, document: Any) -> None:
    canvas.setFont(font, SMALL_PT)
    canvas.drawString(document.leftMargin + FRAME_PT, FOOT_PT, _known(text, font))
    canvas.drawRightString(document.pagesize[0] - document.rightMargin - 30, FOOT_PT, f"{document.page} / ")
    canvas.saveState()
    canvas.translate(document.pagesize[0] - document.rightMargin - 30, FOOT_PT)
    canvas.doForm(PAGES)
    canvas.restoreState()


def _counting(font: str) -> Any:
    """A canvas that knows at its end how many pages there are, and says so on each."""
    from reportlab.pdfgen.canvas import Canvas

    class Counting(Canvas):  # type: ignore[misc]  # reportlab tells no types
        def save(self) -> None:
            pages = self.getPageNumber() - 1
            self.beginForm(PAGES)
            self.setFont(font, SMALL_PT)
            self.drawString(0, 0, str(pages))
            self.endForm()
            super().save()

    return Counting


def _known(text: str, font: str) -> str:
    """The text; a character the font has no shape for is written out, not left as a box."""
    if text.isascii():
        return text
    from reportlab.pdfbase import pdfmetrics

    shapes = getattr(getattr(pdfmetrics.getFont(font), "face", None), "charToGlyph", None)
    most = CHARACTERS_MAX if shapes is None else sys.maxunicode

    def has(char: str) -> bool:
        return ord(char) <= most and (shapes is None or ord(char) in shapes or char == "\u00a0")

    def written(char: str) -> str:
        return f"\\u{ord(char):04x}" if ord(char) <= CHARACTERS_MAX else f"\\U{ord(char):08x}"

    return "".join(char if has(char) else written(char) for char in text)


def _marked(text: str, font: str) -> str:
    """Plain text as reportlab's markup."""
    return escape(_known(text, font), quote=False)
