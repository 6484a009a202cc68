"""What is printed, as PDF (打印件), where weasyprint and Pango are installed: its only door.

Source: ISO 32000; CSS Paged Media 3 for page numbers and running lines. Shapes: one page of HTML in, one document out,
the same bytes for the same page. Whatever font of the system has a character is embedded; nothing is fetched: what a
page names must be in it. See docs/adr/0047-one-template-for-print.md.
"""

from __future__ import annotations

import hashlib
import logging
import threading

_one = threading.Lock()
"""What lays text out keeps what it knows of fonts for the whole process: one document at a time."""


def pdf_of(html: bytes) -> bytes | None:
    """The document, or None where the extra `pdf` or Pango is not installed."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError):  # OSError: the library of the system that lays text out is missing
        return None
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # rules for screens alone are no news
    with _one:
        document = HTML(string=html.decode(), url_fetcher=URLFetcher(allowed_protocols=("data",)))
        return bytes(document.write_pdf(pdf_identifier=hashlib.sha256(html).digest()[:16]))
