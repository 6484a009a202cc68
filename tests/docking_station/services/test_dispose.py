"""By whose clock something may be disposed of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from docking_station.services.dispose import doubt

NOW = datetime(2027, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("is_synchronised", "server", "stamp", "believed"),
    [
        (True, None, None, True),
        (False, None, None, False),
        (False, NOW, NOW, False),
        (True, NOW - timedelta(minutes=5), None, True),
        (True, NOW - MONTH, None, False),
        (True, NOW + MONTH, None, False),
        (True, None, NOW - timedelta(days=1), True),
        (True, None, NOW - MONTH, False),
    ],
)
def test_a_clock_that_ran_ahead_is_doubted(
    is_synchronised: bool, server: datetime | None, stamp: datetime | None, believed: bool
) -> None:
    servers = [("s3:x", server)] if server is not None else []
    why = doubt(NOW, is_synchronised=is_synchronised, servers=servers, stamp=stamp)
    assert (why is None) is believed
