"""A scan of a written record, sent from its page (上传扫描件): written down as it comes, then sealed.

Shapes: a form with the token first and one file. It lies under `/upload`, where a form is never whole in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from catalog.rules.callers import SECRET
from catalog.rules.house_rights import Right
from docking_station.derived.scratch import draft_in
from docking_station.services.errors import UploadBroken, UploadTooLarge
from docking_station.services.papers import demand_paper
from docking_station.services.pull import safe_name
from docking_station.services.scans import SCAN_BYTES_MAX, scan_paper
from docking_station.station.station import Station
from docking_station.texts.plain import size_text
from review.door import caller_of
from review.forms import FIELD, HEADER, demand_token
from review.multipart import Begin, Parts, boundary_of
from review.toasts import done

PAGES = APIRouter()
WORD_BYTES_MAX = 1024


@PAGES.post("/upload/scans/{paper}")
async def scan(request: Request, paper: str) -> Response:
    """Take in a scan, and seal it."""
    station: Station = request.app.state.station
    caller = await run_in_threadpool(caller_of, request)
    if caller.how == SECRET and HEADER in request.headers:
        demand_token(request, request.headers[HEADER])
    its, _ = await run_in_threadpool(demand_paper, station, caller, paper, Right.PAPER_WRITE)

    def demand_ours(sent: str) -> None:
        if caller.how == SECRET and HEADER not in request.headers:
            demand_token(request, sent)

    def seal(path: Path) -> None:
        scan_paper(station, caller, its.id, path)

    with draft_in(station.settings.derived) as folder:
        try:
            path = await _arrived(request.stream(), request.headers.get("content-type", ""), folder, demand_ours)
        except (ValueError, ClientDisconnect) as error:
            raise UploadBroken(reason=error, reason_zh="传输中断或格式无法识别") from error
        await run_in_threadpool(seal, path)
    return done(request, f"/cases/{its.case}?r={its.id}", "case_was_scanned")


async def _arrived(
    stream: AsyncIterator[bytes], content_type: str, folder: Path, demand_ours: Callable[[str], None]
) -> Path:
    """Write the one file of a form into a folder; raises `ValueError`, `FormNotOurs`, `UploadTooLarge`."""
    parts, field, word, left, path = Parts(boundary_of(content_type)), "", b"", SCAN_BYTES_MAX, folder / "scan"
    file: IO[bytes] | None = None
    try:
        async for data in stream:
            for event in parts.feed(data):
                if isinstance(event, Begin):
                    field = event.name
                    if event.filename and file is None:
                        demand_ours(word.decode("utf-8", "replace"))
                        path = folder / safe_name(event.filename)
                        file = path.open("xb")
                elif event is not None and field == FIELD:
                    word = (word + event)[:WORD_BYTES_MAX]
                elif event is not None and file is not None:
                    left -= len(event)
                    if left < 0:
                        raise UploadTooLarge(most=size_text(SCAN_BYTES_MAX))
                    await to_thread.run_sync(file.write, event)
    finally:
        if file is not None:
            file.close()
    if file is None or not parts.is_whole:
        raise ValueError("no file came, or it broke off")
    return path
