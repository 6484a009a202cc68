"""The custody report as PDF (打印报告), where reportlab is installed: its only door.

Source: ISO 32000. A Chinese TrueType font of the system is embedded where there is one of `FONTS` (Debian's
fonts-wqy-microhei); else the text asks for the standard font STSong-Light, which PDF readers for Chinese bring along.
The HTML report is the complete one; see docs/adr/0011-evidence-bundles.md.
"""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path
from typing import Any

from docking_station.bundle.report import Heading, Report, Table, Text

FOLDER = Path("/usr/share/fonts/truetype")
NAMES = ("wqy/wqy-microhei.ttc", "wqy/wqy-zenhei.ttc", "arphic/uming.ttc", "arphic/ukai.ttc")
FONTS = tuple(FOLDER / name for name in NAMES)
"""Fonts with Latin letters too: Droid Sans Fallback, for one, has none. Noto's are of a kind reportlab cannot embed."""
STANDARD_FONT = "STSong-Light"
SIZE_PT, SMALL_PT = 8.5, 7


def pdf(report: Report) -> bytes | None:
    """The document, or None where the extra `pdf` is not installed."""
    try:
        from reportlab.lib.pagesizes import A4, landscape
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.lib.units import mm
        from reportlab.platypus import Paragraph, SimpleDocTemplate
    except ImportError:
        return None
    font = _font()

    def style(name: str, size: float, **other: Any) -> Any:
        return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.35, wordWrap="CJK", **other)

    title, small = style("title", 16, alignment=1, spaceAfter=8), style("small", SMALL_PT)
    heads = {1: style("one", 12, spaceBefore=10, spaceAfter=4), 2: style("two", 9.5, spaceBefore=8, spaceAfter=3)}
    plain = style("plain", SIZE_PT, spaceBefore=3, spaceAfter=2)
    buffer = io.BytesIO()
    page = landscape(A4)
    margin = 14 * mm
    story: list[Any] = [Paragraph(_marked(report.title), title)]
    for block in report.blocks:
        if isinstance(block, Heading):
            story.append(Paragraph(_marked(block.text), heads[block.level]))
        elif isinstance(block, Text):
            story.append(Paragraph(_marked(block.text), plain))
        else:
            story.append(_table(block, small, page[0] - 2 * margin))
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), margin)
    document = SimpleDocTemplate(buffer, pagesize=page, title=report.title, author="evidock", invariant=1, **margins)
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
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
    cells = [[Paragraph(_marked(cell), small) for cell in row] for row in texts]
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
    return LongTable(cells, colWidths=widths, repeatRows=1 if block.heads else 0, style=TableStyle(style), splitInRow=1)


def _numbered(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", SMALL_PT)
    canvas.drawCentredString(document.pagesize[0] / 2, 20, str(document.page))


def _marked(text: str) -> str:
    """Plain text as reportlab's markup; characters the font does not know are written out."""
    from html import escape

    return escape("".join(char if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}" for char in text), quote=False)
