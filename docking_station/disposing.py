"""`evidock vault dispose` from its argument to what was done (处置命令)."""

from __future__ import annotations

from typing import Literal

from catalog import disposals, listing
from catalog.failures import DisposalNotAsked
from docking_station.station import Station

State = Literal["asked", "disposed"]


def dispose_clip(station: Station, clip: str, reason: str | None) -> tuple[State, str]:
    """Ask where nobody asked yet, else confirm; what is disposed of already is finished.

    Raises `NotDue`, `DisposalNeedsAnother`, `DisposalNotAsked` (no reason given), `LockHolds`.
    """
    number = listing.full_id(station.database, clip)
    station.demand_clock()
    with station.changing("acts", wait=True):
        now, keeper = station.now(), station.keeper
        asked = disposals.of(station.database, number)
        if asked is not None and asked.done_at is not None:
            keeper.let_go(number, now)
            return "disposed", number
        keeper.demand_due(number, now)
        if asked is None:
            if reason is None:
                raise DisposalNotAsked(clip=number)
            act = disposals.asking(number, reason=reason, at=now, actor=station.actor)
            station.registrar.carry_out(act)
            return "asked", number
        keeper.dispose(station.registrar, keeper.disposal(number, at=now, actor=station.actor), now)
        return "disposed", number
