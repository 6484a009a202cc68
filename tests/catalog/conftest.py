"""Several threads at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def many() -> Callable[[Callable[[int], None]], None]:
    """Call a function 24 times from 4 threads; what one call raises is raised."""

    def run(work: Callable[[int], None]) -> None:
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(work, number) for number in range(24)]:
                future.result()

    return run
