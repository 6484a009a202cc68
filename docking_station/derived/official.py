"""An official letter (公文) as one page of HTML to be printed, and as DOCX to be pasted: the same words in both.

Source: GB/T 9704 for the look; ECMA-376 for the four parts that a word processor needs. Shapes: blocks in their order;
a table has rows of texts, its first row being its heads. The same blocks are the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

STYLE = """@page { size: A4; margin: 30mm 26mm 25mm 28mm;
  @bottom-center { content: counter(page) " / " counter(pages) } }
body { font: 12pt/1.7 "FangSong", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", serif; color: #000 }
h1 { font-size: 18pt; text-align: center; line-height: 1.4 } p { margin: .3em 0; text-indent: 2em }
p.right { text-align: right; text-indent: 0 }
table { border-collapse: collapse; width: 100%; margin: .6em 0; font-size: 10.5pt }
th, td { border: .5pt solid #000; padding: 3pt 5pt; text-align: left; vertical-align: top; overflow-wrap: anywhere }
td:nth-child(2) { white-space: nowrap }
thead { display: table-header-group } tr { break-inside: avoid }"""
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
LETTER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PARTS = {
    "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{LETTER_TYPE}.main+xml"/></Types>',
    "_rels/.rels": f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
}
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the letter: its title, a paragraph, or what stands at the right, as date and name do."""

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; the first row has the heads."""

    rows: tuple[tuple[str, ...], ...]


Blocks = Sequence[Line | Table]


def html_of(blocks: Blocks) -> bytes:
    """The page that `pdf_of` prints."""
    title = escape(next((one.text for one in blocks if isinstance(one, Line)), ""))
    body = "\n".join(_html(one) for one in blocks)
    head = f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n".encode()


def _html(one: Line | Table) -> str:
    if isinstance(one, Line):
        name, kind = ("h1", "") if one.place == "title" else ("p", ' class="right"' if one.place else "")
        return f"<{name}{kind}>{escape(one.text)}</{name}>"
    heads, *rows = ("".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) for tag, row in _tagged(one))
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def _tagged(table: Table) -> list[tuple[str, tuple[str, ...]]]:
    return [("td" if number else "th", row) for number, row in enumerate(table.rows)]


def docx_of(blocks: Blocks) -> bytes:
    """The same words for a word processor."""
    body = "".join(_words(one) for one in blocks)
    parts = PARTS | {"word/document.xml": f'{XML}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name, EPOCH), text)
    return written.getvalue()


def _words(one: Line | Table) -> str:
    if isinstance(one, Line):
        side = {"title": "center", "right": "right"}.get(one.place)
        return _paragraph(
            one.text, f'<w:jc w:val="{side}"/>' if side else '<w:ind w:firstLine="480"/>', one.place == "title"
        )
    cells = "".join(f"<w:tr>{''.join(f'<w:tc>{_paragraph(cell)}</w:tc>' for cell in row)}</w:tr>" for row in one.rows)
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    return f"<w:tbl><w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr>{cells}</w:tbl>"


def _paragraph(text: str, how: str = "", is_title: bool = False) -> str:
    run = '<w:rPr><w:b/><w:sz w:val="36"/></w:rPr>' if is_title else ""
    shown = "".join(char for char in text if char.isprintable() or char.isspace())
    return f'<w:p><w:pPr>{how}</w:pPr><w:r>{run}<w:t xml:space="preserve">{escape(shown)}</w:t></w:r></w:p>'
