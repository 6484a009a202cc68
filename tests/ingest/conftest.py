"""A station whose card is filed and may be cleared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.clearing_bench import (
    Bench,
    make,
    opened,
)
from tests.ingest.house import House, made_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A station that has seen nothing yet, and an empty card."""
    with made_house(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station whose card is filed; copied, never used."""
    root = tmp_path_factory.mktemp("filed") / "root"
    make(root)
    return root


@pytest.fixture
def made(filed: Path, tmp_path: Path) -> Iterator[Bench]:
    shutil.copytree(filed, tmp_path / "root")
    with opened(tmp_path / "root") as made:
        yield made
