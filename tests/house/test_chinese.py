"""The Chinese of every text that people read: no word the field avoids, punctuation as Chinese has it.

Sealed is said of things (封存印章); what the vault has is 入库 or 锁定. Source: the terms of the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from docking_station.texts import TEXTS, codes, columns, health, rights
from tests.house.test_errors import every_error
from tests.house.tree import ROOT

HAN = r"[\u4e00-\u9fff]"
AVOIDED = re.compile("封存|录制|散列|哈希|素材|完好|把握|值勤|去关联|完整率")
HALF_WIDTH = re.compile(rf"{HAN}[,:;?!](?!//|端口|路径|主机|region=)|[,;?!]{HAN}")
OF_THINGS = re.compile("印章|证书|查封")


def strings(value: object) -> Iterator[str]:
    """Every text in tables of tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from strings(one)


def every_text() -> set[str]:
    tables = [TEXTS, *(vars(module).values() for module in (codes, columns, health, rights))]
    found = {text for table in tables for text in strings(table if isinstance(table, dict) else list(table))}
    found |= {
        text for error in every_error() for name in ("zh", "page_hint") for text in getattr(error, name, None) or ()
    }
    found |= {path.read_text(encoding="utf-8") for path in (ROOT / "review/templates").glob("*.html")}
    return {text for text in found if re.search(HAN, text)}


def test_no_text_has_a_word_the_field_avoids() -> None:
    texts = every_text()
    assert len(texts) > 1500
    assert [text for text in texts if AVOIDED.search(text) and not OF_THINGS.search(text)] == []


def test_punctuation_is_chinese() -> None:
    assert [text for text in every_text() if HALF_WIDTH.search(text)] == []
