"""What must be true of a station after cards were docked, against the digests the host made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.lab.cards import LabCard

Wanted = dict[tuple[str, str], tuple[str, int]]


def wanted(cards: Iterable[LabCard]) -> Wanted:
    """What must be filed of these cards: digest and size, by recorder and path."""
    return {
        (card.recorder, path): (file.sha256, file.size_bytes) for card in cards for path, file in card.filed.items()
    }


def assert_filed(clips: Sequence[dict[str, Any]], cards: Sequence[LabCard]) -> None:
    """Every file of every card is filed once, with the host's digests, and nothing else is."""
    counted = Counter((clip["recorder"], clip["path"]) for clip in clips)
    twice = [key for key, times in counted.items() if times > 1]
    assert not twice, f"filed twice: {twice}"
    found = {(clip["recorder"], clip["path"]): (clip["sha256"], clip["size_bytes"]) for clip in clips}
    expected = wanted(cards)
    missing, more = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    assert not missing, f"not filed: {missing}"
    assert not more, f"filed, and on no card: {more}"
    other = [key for key, value in found.items() if expected[key] != value]
    assert not other, f"other bytes: {other}"
    told = {(card.recorder, path): file.sm3 for card in cards for path, file in card.filed.items()}
    other = [key for clip in clips if clip["sm3"] != told[key := (clip["recorder"], clip["path"])]]
    assert not other, f"another SM3: {other}"
