"""Scans of written records, read by a child that can reach nothing (扫描件): what a file is, and its pages.

The child is `media/page_reader.py` in `media.sandbox`: bounded memory, a time for each page, no other file.
Shapes: a path -> format and pages; a path and a page's number, from 1 -> a JPEG, its size in pixels, its text, and
where the lines of it stand: `[left, top, width, height, words]`, in pixels.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from media import page_reader, sandbox
from media.errors import NotMedia, ScanUnfit, ToolFailed, ToolTooSlow
from media.exiftool import PROGRAMS
from media.ffmpeg import Tools, run_tool

PAGE_S = 60.0
READER = "rapidocr_onnxruntime"
READING = Tools(timeout_s=300.0, memory_bytes_max=2 << 30)
"""A page takes three seconds and 600 MB; a slow machine behind everything else is given a hundred times that."""
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "pdf": (".pdf",),
    "ofd": (".ofd",),
    "jpeg": (".jpg", ".jpeg"),
    "png": (".png",),
    "tiff": (".tif", ".tiff"),
}
"""How a file of each format is called."""
NO_MODULE = b"ModuleNotFoundError"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a scan (页面图像): a JPEG, and the text that lies behind it."""

    number: int
    jpeg: bytes
    width: int
    height: int
    text: str
    lines: Sequence[Sequence[object]]


def look(path: Path, name: str) -> tuple[str, int | None]:
    """Return a scan's format and how many pages it has, None for OFD; `name` is what people call the file.

    Raises `ScanUnfit` for what is no scan, or cannot be read by the time it is asked for; `ToolFailed`.
    """
    found, _ = _read(path, name, "look")
    kind, pages = str(found["format"]), found["pages"]
    if not name.lower().endswith(ENDINGS[kind]):
        raise unfit(name, "ending", kind)
    return kind, pages


def page(path: Path, name: str, number: int) -> Page:
    """Draw one page; raises `ScanUnfit` for one that cannot be, `ToolFailed`."""
    found, jpeg = _read(path, name, "page", str(number))
    return Page(number, jpeg, *(found[name] for name in ("width", "height", "text", "lines")))


def can_read_words() -> bool:
    """Whether what reads words in pictures is installed (`evidock[ocr]`)."""
    return find_spec(READER) is not None


def words(picture: Path, name: str) -> dict[str, Any]:
    """Return the words in the picture of a page (文字识别), `text` and `lines`; raises `ScanUnfit`, `ToolFailed`."""
    return _read(picture, name, "read", tools=READING)[0]


def unfit(name: str, fault: str, most: object = None) -> ScanUnfit:
    """What a person is told of a file that cannot be a scan."""
    why, why_zh = (text.format(most=most) for text in FAULTS[fault])
    return ScanUnfit(name=name, why=why, why_zh=why_zh)


FAULTS = {
    "broken": ("it is damaged or cut off", "文件损坏或不完整"),
    "changed": ("it changed while it was read", "读取过程中文件发生变化"),
    "empty": ("it is empty", "文件为空"),
    "encrypted": ("it opens with a password only", "文件已加密，需要口令"),
    "ending": ("by its bytes it is {most}, its name says otherwise", "文件内容为 {most}，与扩展名不符"),
    "large": ("it has more than {most} bytes", "文件超过 {most} 字节"),
    "memory": ("reading it takes too much memory", "读取所需内存过大"),
    "pages": ("it has more than {most} pages", "超过 {most} 页"),
    "pixels": ("a picture in it has more than {most} pixels", "图像超过 {most} 像素"),
    "slow": ("reading it takes too long", "读取耗时过长"),
    "unread": ("it cannot be read: {most}", "无法读取：{most}"),
    "unknown": ("it is no PDF, OFD, JPEG, PNG or TIFF file", "不是 PDF、OFD、JPEG、PNG 或 TIFF 文件"),
}


def _read(
    path: Path,
    name: str,
    *asked: str,
    tools: Tools = Tools(timeout_s=PAGE_S),  # noqa: B008 - it is frozen
) -> tuple[dict[str, Any], bytes]:
    reads = (sys.prefix, sys.base_prefix, os.path.realpath(page_reader.__file__), os.path.realpath(path))
    alone = sandbox.alone([*PROGRAMS, *reads])
    what, *more = asked
    line = [*alone, sys.executable, "-I", "-B", str(Path(page_reader.__file__)), what, os.path.realpath(path), *more]
    try:
        ran = run_tool(line, tools)
    except ToolTooSlow as error:
        raise unfit(name, "slow") from error
    except NotMedia as error:  # it prints more than any page of its size has
        raise unfit(name, "memory") from error
    head, _, picture = ran.stdout.partition(b"\n")
    if ran.status != 0 or not head:
        if NO_MODULE in ran.stderr:
            raise ToolFailed(tool="evidock[papers,ocr]", why=ran.first_line() or "it is not installed")
        raise unfit(name, "memory" if b"alloc" in ran.stderr or ran.status in (-6, -5, -4) else "broken")
    found = json.loads(head)
    if "fault" in found:
        raise unfit(name, found["fault"], found["most"])
    return found, picture
