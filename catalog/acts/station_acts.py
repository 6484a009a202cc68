"""Acts that change no row but must stand on the trail and in the vault (备案事项).

A trail begun anew, a new key, an act that was signed and will never be carried out, a person's secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.rules.acts import ACT_WITHDRAWN, KEY_ROTATED, SECRET_SET, TRAIL_REBUILT, Act
from catalog.rules.callers import Account
from catalog.trail import trail

if TYPE_CHECKING:
    from sqlmodel import Session

    from catalog.database import Database

TRAIL = "trail"
STATION = "station"


def rebuilt(
    before: Mapping[str, object] | None,
    lines: int,
    root: bytes,
    aside: Mapping[str, object] | None = None,
    *,
    at: datetime,
    actor: str,
) -> Act:
    """The act that says: a trail begins anew out of the vault, with so many lines of that root before this one.

    `before` is the old trail's last checkpoint, `aside` where the old catalog is kept. Said of these lines, it excuses
    no other trail.
    """
    details: dict[str, object] = {"before": before, "begins": {"lines": lines, "root": root.hex()}}
    return Act(at, actor, TRAIL_REBUILT, TRAIL, details | ({"aside": aside} if aside is not None else {}))


def rotated(old: str, new: str, *, at: datetime, actor: str) -> Act:
    """The act that says which key signs from now on."""
    return Act(at, actor, KEY_ROTATED, STATION, {"old": old, "new": new})


def withdrawing(sha256: str, body: bytes, *, reason: str, at: datetime, actor: str) -> Act:
    """The act that says: the act of that digest, whose words are `body`, is not and will not be carried out (撤销)."""
    return Act(at, actor, ACT_WITHDRAWN, sha256, {"act": body.decode(), "reason": reason})


def secret_set(
    account: Account,
    record: str,
    factor: str | None = None,
    pin: str | None = None,
    *,
    word: str,
    vouched: Sequence[str],
    at: datetime,
    actor: str,
) -> Act:
    """The act that binds a secret to an account (个人口令), by the digest of its record, never by the secret.

    `word` is by whose word: `login`, `secret` (the one before), `vouched` (by two others), `first`. `factor` is the
    digest of the second factor's key, `pin` that of the record of the PIN for the bays, each None without one.
    """
    details = {"uid": account.uid, "record": record, "word": word, "vouched": list(vouched), "factor": factor}
    return Act(at, actor, SECRET_SET, account.called, details | ({} if pin is None else {"pin": pin}))


def is_withdrawn(database: Database, sha256: str) -> bool:
    """Whether the trail says so of the act of that digest."""
    return any(line.entry.action == ACT_WITHDRAWN for line in trail.lines(database, subject=sha256))


def rebuilds(database: Database) -> tuple[tuple[int, Act], ...]:
    """Every line with which the trail says it was begun anew, oldest first; whoever believes it checks the act."""
    found = list[tuple[int, Act]]()
    for line in trail.lines_of(database, (TRAIL_REBUILT,), TRAIL):
        with suppress(ValueError):  # somebody's work, and none of ours: nobody signed it
            found.append((line.line, trail.act_of(line)))
    return tuple(found)


def _nothing(_session: Session, _act: Act) -> None:
    """The trail line is all there is to it."""


APPLIES = {TRAIL_REBUILT: _nothing, KEY_ROTATED: _nothing, ACT_WITHDRAWN: _nothing, SECRET_SET: _nothing}
DEMANDS: dict[str, object] = {}
