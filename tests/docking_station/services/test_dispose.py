"""By whose clock something may be disposed of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalog.errors import NotDue
from docking_station.services.dispose import doubt
from docking_station.station.errors import ClockUnwitnessed
from ingest.errors import ClockWrong
from vault.errors import LockRefused

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


def test_a_time_in_a_message_is_said_in_the_stations_zone() -> None:
    error = NotDue(clip="c", what=("until", NOW), what_zh=("至", NOW))
    shanghai = timezone(timedelta(hours=8))
    assert "until 2027-01-01 08:00." in error.message("en", shanghai)
    assert "至 2027-01-01 08:00。" in error.message("zh", shanghai)
    assert "until 2027-01-01 00:00 UTC." in error.message()
    wrong = ClockWrong(now=NOW, known=NOW + MONTH)
    assert "says 2027-01-01 08:00, which is before 2027-01-31 08:00." in wrong.message("en", shanghai)
    refused = LockRefused(key="k", expected=("COMPLIANCE", NOW), found=(NOW - MONTH, "mode 444"))
    assert "as 2026-12-02 08:00 mode 444, not COMPLIANCE 2027-01-01 08:00." in refused.message("en", shanghai)
    why = doubt(NOW, is_synchronised=True, servers=[("s3:x", NOW - MONTH)], stamp=None)
    assert why is not None
    assert "s3:x says 2026-12-02 08:00" in ClockUnwitnessed(why=why[0], why_zh=why[1]).message("en", shanghai)
