"""The custody report (证据保管报告) as blocks: what a person reads and signs, in English or Chinese.

Shapes: a report is a title and blocks of plain text; `report_html` and `report_pdf` draw them. Times are in the
recorders' zone. First comes the list of electronic data (电子数据清单), then each clip: claims of time, its trail.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from catalog.evidence import TimeClaim
from catalog.rules.acts import DISPOSED
from catalog.rules.manifest import Manifest
from catalog.station_error import Language
from docking_station.bundle.facts import Facts, Item
from docking_station.texts.codes import ACTIONS, DETAILS, HOLDERS, KINDS, REFERS_TO, SOURCES, ZONES, zone_parts
from docking_station.texts.plain import time_shown, visible

T = TypeVar("T")
LONG_S = 120
SAME_FORMAT = {"JPG": "jpeg", "TIF": "tiff", "TS": "mpegts"}
"""Endings that the container is called otherwise than."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under heads; `weights` are the relative widths of the columns. Without heads it is names and values."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    weights: tuple[int, ...]


Block = Heading | Text | Table


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report in one language; `name`, the bundle's, stands on every page."""

    title: str
    language: Language
    blocks: tuple[Block, ...]
    name: str = ""


@dataclass(frozen=True)
class Speech:
    """Picks the language."""

    language: Language

    def __call__(self, english: str, chinese: str) -> str:
        """Return the text of one language."""
        return chinese if self.language == "zh" else english

    def of(self, words: Mapping[str, tuple[str, str]], name: str) -> str:
        """The word for a name, or the name."""
        return self(*words.get(name, (name, name)))


def report(facts: Facts, language: Language) -> Report:
    """The report about a bundle."""
    say = Speech(language)
    title = say("Custody report", "电子数据保管报告")
    blocks: list[Block] = [
        _head(facts, say),
        Heading(say("List of electronic data", "电子数据清单")),
        _list(facts, say),
    ]
    blocks.append(Heading(say("Each clip", "逐项说明")))
    for item in facts.items:
        blocks.extend(_item(facts, item, say))
    blocks.extend(_disposed(facts, say))
    blocks.extend(_end(facts, say))
    return Report(title, language, tuple(blocks), facts.name)


def _head(facts: Facts, say: Speech) -> Table:
    case = facts.case
    proofs = facts.proofs
    signed = (
        say("by the station in this bundle only", "仅由本证据包签名")
        if facts.checkpoint is None
        else say(
            f"here, and in the checkpoint of {facts.checkpoint[0].size} lines",
            f"本证据包签名，并有 {facts.checkpoint[0].size} 条的检查点",
        )
    )
    rows = (
        (say("Bundle", "证据包"), facts.name),
        (say("Case", "案件编号"), case and case.called),
        (say("Title of the case", "案件名称"), case and case.title),
        (say("Subject", "执法对象"), case and case.subject),
        (say("Made at", "制作时间"), _time(facts.at, facts)),
        (say("Made by (account)", "制作人（账号）"), facts.by),
        (say("Station", "采集站"), facts.station),
        (say("Clips", "资料数"), len(facts.items)),
        (say("Bytes", "总字节数"), sum(item.size_bytes for item in facts.items)),
        (say("Signing key", "签名密钥编号"), facts.key_id),
        (say("Trail: lines, root", "留痕：条数、根校验值"), f"{proofs.size}, {proofs.root}"),
        (say("The root is signed", "根校验值签名"), signed),
        (say("Trusted timestamps", "可信时间戳"), _stamps(facts, say)),
    )
    return _pairs(*rows)


def _list(facts: Facts, say: Speech) -> Table:
    return _columns(
        facts.items,
        (say("No.", "序号"), 3, lambda item: item.no),
        (say("Name", "名称"), 12, lambda item: item.name),
        (say("Kind", "类别"), 4, lambda item: say.of(KINDS, item.manifest.kind)),
        (say("Format", "格式"), 5, _format),
        (say("Size (bytes)", "大小（字节）"), 6, lambda item: item.size_bytes),
        ("SHA-256", 20, lambda item: item.sha256),
        ("SM3", 20, lambda item: item.manifest.sm3),
        (say("Recorded at (source, ±)", "拍摄时间（来源、误差）"), 12, lambda item: _recorded(item, facts, say)),
        (say("Recorder", "记录仪"), 7, lambda item: item.manifest.recorder),
        (say("Held by", "持有人"), 6, lambda item: item.manifest.officer),
        (say("Case", "案件"), 8, lambda item: item.case),
    )


def _item(facts: Facts, item: Item, say: Speech) -> Iterator[Block]:
    manifest = item.manifest
    yield Heading(f"{item.no}. {visible(item.name)}", 2)
    yield _pairs(
        (say("Clip", "资料编号"), item.clip),
        (say("Path on the card", "卡上路径"), manifest.path),
        (say("Path, raw bytes", "原始路径（十六进制）"), manifest.path_hex),
        (say("Unit", "单位"), manifest.unit),
        (say("How the holder is known", "持有人依据"), say.of(HOLDERS, manifest.attribution or "")),
        (say("Docked", "接入采集"), _docked(manifest, facts, say)),
        (say("Sealed", "入库"), f"{_time(manifest.sealed_at, facts)}, {manifest.station}"),
        (say("Locked until", "锁定至"), _time(manifest.retain_until, facts)),
        (say("Manifest (SHA-256)", "资料清单（SHA-256）"), item.document.sha256),
        (say("Manifest signed by key", "清单签名密钥"), item.document.key_id),
        (say("Timestamp", "时间戳"), _stamp(item, facts, say)),
    )
    yield Text(say("Every statement about when it was recorded:", "全部时间线索："))
    yield _columns(
        manifest.times,
        (say("Source", "来源"), 8, lambda claim: say.of(SOURCES, claim.source)),
        (say("As read", "原始值"), 12, lambda claim: claim.raw),
        (say("Reading", "读数"), 10, lambda claim: _time(claim.value, facts)),
        (say("± s", "± 秒"), 4, lambda claim: f"{claim.uncertainty_s:g}"),
        (say("Note", "备注"), 14, lambda claim: _notes(claim, say)),
    )
    yield Text(say("What happened to it, from the station's trail:", "保管经过（操作留痕）："))
    yield _lines(facts, item.clip, say)


def _notes(claim: TimeClaim, say: Speech) -> str:
    return "; ".join(filter(None, (_zone(claim.zone, say), say.of(REFERS_TO, claim.refers_to), claim.note)))


def _docked(manifest: Manifest, facts: Facts, say: Speech) -> str:
    """When and by whom; a time that is only the latest it can have been is said so."""
    latest = say("not later than ", "不晚于 ") if manifest.docked_at_latest else ""
    return f"{latest}{_time(manifest.docked_at, facts)}, {manifest.docked_by}"


def _stamps(facts: Facts, say: Speech) -> str:
    stamps = sum(item.timestamp is not None for item in facts.items)
    checked = sum(item.stamped_at is not None for item in facts.items)
    return say(f"{stamps}, {checked} of them checked when this was made", f"{stamps} 个，其中制作时已核验 {checked} 个")


def _stamp(item: Item, facts: Facts, say: Speech) -> str:
    """What a time stamp says, or that nobody here vouches for it."""
    if item.timestamp is None:
        return say("none", "无")
    if item.stamped_at is None:
        return say("there is one; it could NOT be checked when this was made", "有；制作时未能核验")
    at = _time(item.stamped_at, facts)
    return say(f"{at}, checked against authority.pem", f"{at}，已按 authority.pem 核验")


def _lines(facts: Facts, subject: str, say: Speech) -> Table:
    return _columns(
        [line for line in facts.lines if line.entry.subject == subject],
        (say("Line", "序号"), 3, lambda line: line.line),
        (say("At", "时间"), 8, lambda line: _time(line.entry.at, facts)),
        (say("Who", "操作人"), 6, lambda line: line.entry.actor),
        (say("What", "操作"), 8, lambda line: say.of(ACTIONS, line.entry.action)),
        (say("Details", "内容"), 24, lambda line: _details(line.details, say)),
    )


def _disposed(facts: Facts, say: Speech) -> Iterator[Block]:
    """What belongs here by its case or its clip and is gone: it must not seem never to have been."""
    gone = [line.entry.subject for line in facts.lines if line.entry.action == DISPOSED]
    if gone:
        yield Heading(say("Disposed of before, not in this bundle", "已处置，不在本证据包中"))
    for clip in gone:
        yield Heading(clip, 2)
        yield _lines(facts, clip, say)


def _end(facts: Facts, say: Speech) -> Iterator[Block]:
    yield Heading(say("How to check this", "核验方法"))
    yield Text(
        say(
            "Run `python3 verify.py` in this folder: it needs no network and no other program, reads every byte "
            f"and says what is right. Ask the bureau, by another way, whether its key is {facts.key_id}. README.txt "
            "tells how to check with programs of other makers. This report is checked too.",
            "在本文件夹中执行 `python3 verify.py`：无需联网，逐字节核验。"
            f"请另行向办案单位核对密钥编号 {facts.key_id}。"
            "README.txt 说明如何用其他厂商的程序核验。本报告亦在核验范围内。",
        )
    )
    yield Heading(say("Signatures", "签名"))
    blank = "\u00a0"
    people = (say("Made by", "制作人"), say("Holder / keeper", "持有人（保管人）"), say("Witness", "见证人"))
    yield Table(
        (say("Role", "身份"), say("Name", "姓名"), say("Signature", "签名"), say("Date", "日期")),
        tuple((role, blank, blank, blank) for role in people),
        (8, 10, 14, 8),
    )


def _columns(found: Iterable[T], *columns: tuple[str, int, Callable[[T], object]]) -> Table:
    """A table of what was found; a column is its head, its weight, and what it says of one."""
    heads, weights, cells = zip(*columns, strict=True)
    return Table(heads, tuple(_row(*(cell(one) for cell in cells)) for one in found), weights)


def _pairs(*rows: tuple[str, object]) -> Table:
    return Table((), tuple(_row(*row) for row in rows), (8, 32))


def _row(*cells: object) -> tuple[str, ...]:
    return tuple("—" if cell in (None, "") else visible(str(cell)) for cell in cells)


def _details(text: str, say: Speech) -> str:
    """The details of a line in words; the exact bytes are in the bundle."""
    found = json.loads(text)
    lines = ((say.of(DETAILS, name), value) for name, value in found.items() if value not in (None, "", []))
    return "; ".join(f"{name}: {_value(value)}" for name, value in lines)


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _zone(zone: str | None, say: Speech) -> str:
    begins, rest = zone_parts(zone)
    return rest if begins is None else f"{say.of(ZONES, begins)} {rest}"


def _format(item: Item) -> str:
    """The ending, and what was found inside where that says more."""
    ending = item.name.rpartition(".")[2].upper() if "." in item.name else ""
    container = str(item.manifest.media["container"] or "").removesuffix("_pipe")
    says_more = SAME_FORMAT.get(ending, ending.lower()) not in container.split(",")
    return " / ".join(part for part in (ending, container if says_more else None) if part)


def _recorded(item: Item, facts: Facts, say: Speech) -> str:
    start = item.manifest.start
    source, within = say.of(SOURCES, start.source), _span(start.uncertainty_s, say)
    return f"{_time(start.starts_at, facts)} ({source}, ± {within})"


def _span(seconds: float, say: Speech) -> str:
    """A length of time for people, never shorter than it is."""
    if seconds < LONG_S:
        return f"{seconds:g} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    parts = ((hours, say("h", "小时")), (minutes, say("min", "分")))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _time(at: datetime | None, facts: Facts) -> str:
    offset = f" {facts.at.astimezone(facts.zone):%z}"
    return "" if at is None else time_shown(at, facts.zone) + offset
