"""Scans of written records, as small as they can be: PDF files by hand, pictures, an OFD package; and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

GARBAGE = "(" + "x" * 32 + ")"


def pdf(*texts: str, size: tuple[int, int] = (200, 100), count: int | None = None, extra: str = "") -> bytes:
    """A PDF file with a page for each text; `count` lies about how many there are, `extra` stands in the trailer."""
    words = texts or ("one",)
    kids = [3 + 2 * number for number in range(len(words))]
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] /Count {count or len(words)} >>",
    ]
    for kid, text in zip(kids, words, strict=True):
        font = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] "
            f"/Resources {font} /Contents {kid + 1} 0 R >>"
        )
        drawn = f"BT /F1 12 Tf 10 50 Td ({text}) Tj ET"
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    body, places = bytearray(b"%PDF-1.7\n"), []
    for number, text in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{text}\nendobj\n".encode()
    begin = len(body)
    body += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    body += f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R {extra} >>\nstartxref\n{begin}\n%%EOF\n".encode()
    return bytes(body)


def encrypted_pdf() -> bytes:
    """A PDF file that no empty password opens."""
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O {GARBAGE} /U {GARBAGE} /P -4 >> /ID [{GARBAGE} {GARBAGE}]"
    return pdf(extra=lock)


def picture(kind: str = "jpeg", size: tuple[int, int] = (40, 20), *, frames: int = 1) -> bytes:
    """A picture; a TIFF may have several pages."""
    made = io.BytesIO()
    sheets = [Image.new("RGB", size, (200, number, 0)) for number in range(frames)]
    several = {"save_all": True, "append_images": sheets[1:]} if frames > 1 else {}
    sheets[0].save(made, kind.upper(), **several)
    return made.getvalue()


def huge_png(side: int = 20_000, *, color: int = 0) -> bytes:
    """The head of a picture of 400 megapixels and a little of it; grey, or with `color` 2 of eight bits a colour."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8 if color else 1, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def ofd(first: str = "OFD.xml") -> bytes:
    """A package as OFD files are."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr(zipfile.ZipInfo(first), "<ofd:OFD/>")  # of no time: the same bytes every time
    return made.getvalue()
