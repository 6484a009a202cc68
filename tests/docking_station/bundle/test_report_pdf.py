"""The report as PDF: two that are made at one moment are each whole."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from docking_station.bundle.report import Report, Text
from docking_station.bundle.report_pdf import has_font, pdf

HAN = 0x4E00
AT_ONCE, CHARACTERS = 4, 2000
OFTEN_S = 1e-6


def report(number: int) -> Report:
    """A report whose characters no other has."""
    first = HAN + number * CHARACTERS
    lines = ("".join(map(chr, range(at, at + 40))) for at in range(first, first + CHARACTERS, 40))
    return Report("证据保管报告", "zh", tuple(Text(line) for line in lines))


def test_reports_of_one_moment_share_no_font() -> None:
    pytest.importorskip("reportlab")
    if not has_font():
        pytest.skip("no Chinese font to embed here")
    reports = [report(number) for number in range(AT_ONCE)]
    alone, interval_s = [pdf(one) for one in reports], sys.getswitchinterval()
    sys.setswitchinterval(OFTEN_S)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            together = list(pool.map(pdf, reports))
    finally:
        sys.setswitchinterval(interval_s)
    assert [one == made for one, made in zip(alone, together, strict=True)] == [True] * AT_ONCE
