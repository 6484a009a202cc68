"""How long a clip is locked at first (保存期限): short by rule, because a lock can only be lengthened.

Source: FACTS, keeping and disposing: at least six months; longer by linking it to a case. Counted from the
station's clock, never from the recorder's.
"""

from __future__ import annotations

import calendar
from datetime import datetime


def months_later(start: datetime, months: int) -> datetime:
    """The same day some months later, or the last day of that month where there is no such day."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day)
