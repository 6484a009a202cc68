"""A card on which one file needs more room than the others together."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.scenario.truth import SMALL, TOO_LARGE

LARGE_BYTES = 6 << 20


@pytest.fixture
def large_card(card: Path) -> Path:
    """A card with one large file, which comes first, and some small ones."""
    (card / TOO_LARGE).write_bytes(os.urandom(LARGE_BYTES))
    for number, name in enumerate(SMALL):
        (card / name).write_bytes(name.encode())
        os.utime(card / name, (1_780_000_000 + number,) * 2)
    os.utime(card / TOO_LARGE, (1_770_000_000,) * 2)
    return card
