"""What is printed: the same bytes for the same page, each page numbered, nothing fetched."""

from __future__ import annotations

import http.server
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest

from docking_station.bundle import report
from docking_station.bundle.report_html import html
from docking_station.derived.pdf import pdf_of

LONG = tuple((f"{number}", "证据 <&> \U00020000" * 30) for number in range(40))
BLOCKS = (report.Heading("清单"), report.Text("a & b"), report.Table(("1", "2"), LONG, (1, 4)))


def words(document: bytes | None) -> list[str]:
    """What stands on each page."""
    assert document is not None
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(document)]


def test_each_page_tells_its_number_how_many_there_are_and_of_what() -> None:
    page = html(report.Report("报告", "zh", (*BLOCKS, report.Table(("x",), (), (1,))), "bundle-7"))
    first, pages = pdf_of(page), words(pdf_of(page))
    assert pdf_of(page) == first
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in text
        assert "bundle-7" in text
    assert "证据 <&>" in pages[0]
    assert pages[1].startswith("1 2\r\n"), "the heads again"


def test_a_row_higher_than_a_page_is_printed_whole() -> None:
    table = report.Table(("1", "2"), (("x", "字" * 30_000), ("y", "short")), (1, 4))
    pages = words(pdf_of(html(report.Report("t", "zh", (table,)))))
    assert len(pages) > 2
    assert sum(text.count("字") for text in pages) == 30_000


def test_nothing_is_fetched(tmp_path: Path) -> None:
    asked = list[str]()

    class Noted(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    (tmp_path / "secret.css").write_text("p::before { content: 'secret' }")
    with http.server.HTTPServer(("127.0.0.1", 0), Noted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        places = [f"http://127.0.0.1:{server.server_port}/a.png", (tmp_path / "secret.css").as_uri()]
        page = "".join(f"<link rel=stylesheet href={one}><img src={one}>" for one in places)
        assert words(pdf_of(f"{page}<p>text".encode())) == ["text"]
        server.shutdown()
    assert asked == []


def test_two_of_one_moment_are_each_whole() -> None:
    pages = ["".join(map(chr, range(first, first + 2000))).encode() for first in range(0x4E00, 0x4E00 + 8000, 2000)]
    alone = [pdf_of(one) for one in pages]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pdf_of, pages)) == alone


def test_without_the_extra_there_is_no_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    assert pdf_of(b"<p>x") is None
