"""What a file that should be a scan is, and its pages; whatever is wrong with one has a word. In this process."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from media import page_reader, scans
from media.errors import ScanUnfit
from tests.footage.papers import encrypted_pdf, huge_png, ofd, pdf, picture

GOOD = {
    "one.pdf": (pdf("one", "two"), ("pdf", 2), (417, 209), "one"),
    "huge.pdf": (pdf(size=(1_000_000, 1_000_000)), ("pdf", 1), (2450, 2450), "one"),
    "thin.pdf": (pdf(size=(1_000_000, 1)), ("pdf", 1), (6000, 1), "one"),
    "one.jpg": (picture(), ("jpeg", 1), (40, 20), ""),
    "one.png": (picture("png"), ("png", 1), (40, 20), ""),
    "one.tif": (picture("tiff", frames=3), ("tiff", 3), (40, 20), ""),
}
BAD = {
    "encrypted": encrypted_pdf(),
    "broken": pdf()[:200],
    "pages": pdf(count=100_000),
    "pixels": huge_png(),
    "unknown": b"\xd0\xcf\x11\xe0 a document of an old office",
}
CUT = [picture(size=(400, 400))[:-300], huge_png(300), picture("tiff")[:60], b"PK\x03\x04" + b"x" * 99, b"%PDF-"]


def asked(tmp_path: Path, body: bytes, *words: str) -> tuple[dict[str, object], bytes]:
    (tmp_path / "file").write_bytes(body)
    out = io.BytesIO()
    page_reader.main([words[0], str(tmp_path / "file"), *words[1:]], out)
    head, _, rest = out.getvalue().partition(b"\n")
    return json.loads(head), rest


@pytest.mark.parametrize("name", GOOD)
def test_a_scan_is_known_by_its_bytes_and_a_page_is_never_drawn_larger_than_allowed(tmp_path: Path, name: str) -> None:
    body, (kind, pages), size, text = GOOD[name]
    assert asked(tmp_path, body, "look")[0] == {"format": kind, "pages": pages}
    found, jpeg = asked(tmp_path, body, "page", "1")
    assert ((found["width"], found["height"]), found["text"]) == (size, text)
    assert jpeg.startswith(b"\xff\xd8\xff")
    assert asked(tmp_path, body, "page", "9")[0]["fault" if pages < 9 else "width"] == "broken"


@pytest.mark.parametrize("fault", BAD)
def test_what_is_no_scan_has_a_word_for_it(tmp_path: Path, fault: str) -> None:
    assert asked(tmp_path, BAD[fault], "look")[0]["fault"] == fault
    assert fault in scans.FAULTS


@pytest.mark.parametrize("body", CUT, ids=["jpeg", "png", "tiff", "zip", "pdf"])
def test_what_is_cut_off_is_broken(tmp_path: Path, body: bytes) -> None:
    assert asked(tmp_path, body, "look")[0]["fault"] == "broken"


def test_an_ofd_file_is_one_by_what_is_in_it_and_has_no_pictures_yet(tmp_path: Path) -> None:
    assert asked(tmp_path, ofd(), "look")[0] == {"format": "ofd", "pages": None}
    assert asked(tmp_path, ofd("word/document.xml"), "look")[0]["fault"] == "unknown"
    assert asked(tmp_path, ofd(), "page", "1")[0]["fault"] == "unknown"


def test_it_is_read_by_a_child_which_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(pdf("one", "two"))
    made = scans.page(tmp_path / "one", "one.pdf", 2)
    assert (made.number, made.width, made.text, made.jpeg[:3]) == (2, 417, "two", b"\xff\xd8\xff")
    with pytest.raises(ScanUnfit, match="its name says otherwise"):
        scans.look(tmp_path / "one", "one.jpg")


def test_a_child_that_needs_too_much_memory_is_ended_and_said_so(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(huge_png(12_000, color=2))
    with pytest.raises(ScanUnfit, match="memory"):
        scans.look(tmp_path / "one", "one.png")
