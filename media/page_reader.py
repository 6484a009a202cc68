"""Looks into the scan of a written record, and makes one page of it (扫描件读取); a program of its own.

Sources: PDF 1.7, by PDFium (`pypdfium2`); JPEG, PNG, TIFF, by Pillow; OFD (GB/T 33190), a ZIP file with `OFD.xml`; the
words in a picture by `rapidocr-onnxruntime`, whose models come with it.
It is run by `media.scans` in `media.sandbox`, one file and one page a process, because what a hostile file does to a
library ends with it; so it imports nothing of ours. `look FILE` prints a JSON line `{"format","pages"}`; `page FILE N`
prints `{"width","height","text","lines"}` and a JPEG behind it; `read FILE` prints `{"text","lines"}` of a page's
picture. What cannot be read prints `{"fault","most"}`.
Shapes: pages count from 1; a page is drawn at 150 dots an inch, smaller where it is huge; its text is its text layer. A
line is `[left, top, width, height, words]`, in pixels of the picture from its upper left corner.
"""

from __future__ import annotations

import io
import json
import math
import sys
import zipfile
from collections.abc import Sequence
from typing import Any, BinaryIO

DOTS_A_POINT = 150 / 72
PAGE_PIXELS_MAX = 6_000_000
SIDE_PIXELS_MAX = 6000
PICTURE_PIXELS_MAX = 150_000_000
"""A sheet of A2 at 600 dots an inch."""
PAGES_MAX = 2000
TEXT_CHARS_MAX = 20_000
LINES_MAX = 2000
HEAD_BYTES = 1024
JPEG_QUALITY = 80
SURE = 0.5
"""Of 1; what the reader guesses below is more often noise than words."""
HEADS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"))
PICTURES = ("jpeg", "png", "tiff")
Line = tuple[float, float, float, float, str]


class Unfit(Exception):
    """The file cannot be a scan: `fault` is a word for it, `most` what would be allowed."""

    def __init__(self, fault: str, most: int | None = None) -> None:
        super().__init__(fault)
        self.fault, self.most = fault, most


def main(arguments: Sequence[str], out: BinaryIO) -> None:
    """Do one thing with one file, and say what came of it."""
    picture = b""
    try:
        if arguments[0] == "look":
            found = look(arguments[1])
        elif arguments[0] == "read":
            found = read(arguments[1])
        else:
            found, picture = page(arguments[1], int(arguments[2]))
    except Unfit as error:
        found = {"fault": error.fault, "most": error.most}
    except MemoryError:
        found = {"fault": "memory", "most": None}
    out.write(json.dumps(found).encode() + b"\n" + picture)


def look(path: str) -> dict[str, Any]:
    """Return what a file is and how many pages it has, None where nobody counts; raises `Unfit`."""
    kind = format_of(path)
    if kind == "pdf":
        pages = len(_pdf(path))
        page(path, 1)
    elif kind in PICTURES:
        picture = _picture(path, kind)
        pages = getattr(picture, "n_frames", 1)
        _small(picture)
    else:
        return {"format": kind, "pages": None}
    if pages > PAGES_MAX:
        raise Unfit("pages", PAGES_MAX)
    return {"format": kind, "pages": pages}


def page(path: str, number: int) -> tuple[dict[str, Any], bytes]:
    """Return one page as a JPEG, with its size in pixels and the text of its text layer; raises `Unfit`."""
    kind, text, lines = format_of(path), "", list[Line]()
    if kind == "pdf":
        image, text, lines = _drawn(_pdf(path), number)
    elif kind in PICTURES:
        picture = _picture(path, kind)
        try:
            picture.seek(number - 1)
        except EOFError as error:
            raise Unfit("broken") from error
        image = _small(picture)
    else:
        raise Unfit("unknown")
    made = io.BytesIO()
    image.convert("RGB").save(made, "JPEG", quality=JPEG_QUALITY)
    facts = {"width": image.width, "height": image.height, "text": text[:TEXT_CHARS_MAX], "lines": lines}
    return facts, made.getvalue()


def read(path: str) -> dict[str, Any]:
    """Return the words in the picture of a page, a line each, as far as the reader is sure of them."""
    from rapidocr_onnxruntime import RapidOCR

    found, _ = RapidOCR(intra_op_num_threads=1, inter_op_num_threads=1)(path)
    sure_of = [(corners, str(words)) for corners, words, sure in found or () if float(sure) >= SURE]
    lines = list[Line]()
    for corners, words in sure_of[:LINES_MAX]:
        xs, ys = ([float(one[side]) for one in corners] for side in (0, 1))
        lines.append((*_rounded(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)), words))
    return {"text": "\n".join(words for _, words in sure_of)[:TEXT_CHARS_MAX], "lines": lines}


def format_of(path: str) -> str:
    """Return what a file is by its bytes, whatever it is called; raises `Unfit`."""
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as package:
                package.getinfo("OFD.xml")
        except KeyError as error:
            raise Unfit("unknown") from error
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Unfit("broken") from error
        return "ofd"
    kind = next((kind for start, kind in HEADS if head.startswith(start)), None)
    if kind is None:
        raise Unfit("unknown")
    return kind


def _pdf(path: str) -> Any:
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(path)
    except PdfiumError as error:
        raise Unfit("encrypted" if "password" in str(error).lower() else "broken") from error
    if not len(document):
        raise Unfit("broken")
    if len(document) > PAGES_MAX:
        raise Unfit("pages", PAGES_MAX)
    return document


def _drawn(document: Any, number: int) -> tuple[Any, str, list[Line]]:
    from pypdfium2 import PdfiumError

    try:
        sheet = document[number - 1]
        width, height = (max(1.0, side) for side in sheet.get_size())
        scale = min(DOTS_A_POINT, math.sqrt(PAGE_PIXELS_MAX / (width * height)), SIDE_PIXELS_MAX / max(width, height))
        image = sheet.render(scale=scale).to_pil()
        words = sheet.get_textpage()
        text = words.get_text_range(0, min(TEXT_CHARS_MAX, words.count_chars()), errors="replace")
        return image, text, [] if sheet.get_rotation() else _lines(sheet, words, scale)
    except (PdfiumError, IndexError) as error:
        raise Unfit("broken") from error


def _lines(sheet: Any, words: Any, scale: float) -> list[Line]:
    """Where the lines of a page's text layer stand in its picture; a PDF counts from the lower left corner."""
    left_edge, _, _, top_edge = sheet.get_cropbox()
    found, chars = list[Line](), 0
    for number in range(min(LINES_MAX, words.count_rects())):
        left, bottom, right, top = words.get_rect(number)
        text = words.get_text_bounded(left, bottom, right, top, errors="replace").strip()
        chars += len(text)
        if text and chars <= TEXT_CHARS_MAX:
            box = (left - left_edge) * scale, (top_edge - top) * scale, (right - left) * scale, (top - bottom) * scale
            found.append((*_rounded(*box), text))
    return found


def _rounded(*box: float) -> tuple[float, float, float, float]:
    left, top, width, height = (round(side, 1) for side in box)
    return left, top, width, height


def _picture(path: str, kind: str) -> Any:
    """A picture of that format, of which no more than its head was read."""
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(path, formats=[kind.upper()])
    except Image.DecompressionBombError as error:
        raise Unfit("pixels", PICTURE_PIXELS_MAX) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Unfit("broken") from error
    return picture


def _small(picture: Any) -> Any:
    """The picture no larger than a page is drawn; raises `Unfit` for one that is huge, or cut off."""
    if picture.width * picture.height > PICTURE_PIXELS_MAX:
        raise Unfit("pixels", PICTURE_PIXELS_MAX)
    share = min(1.0, math.sqrt(PAGE_PIXELS_MAX / (picture.width * picture.height)))
    size = tuple(max(1, min(SIDE_PIXELS_MAX, int(side * share))) for side in picture.size)
    try:
        picture.draft("RGB", size)  # a JPEG is read in small then
        if picture.mode not in ("L", "RGB"):
            picture = picture.convert("RGB")
        return picture.resize(size)
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Unfit("broken") from error


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
