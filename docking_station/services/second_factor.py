"""The second factor (第二因子): six digits that a person's phone shows, each good once.

Source: RFC 6238 with SHA-1, 30 s and six digits, which every app reads. Shapes: a key is 20 random bytes in a file
beside the record of the secret, named by its digest; the signed act that binds the secret names both, so neither is
exchanged by writing a file or a row. Who must have one says the policy: `[access] second_factor`.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from catalog.rules.acts import COPY_MADE, EMERGENCY_FAULTED, EMERGENCY_OPENED, EMERGENCY_UPHELD, REQUEST_GRANTED
from catalog.rules.callers import Caller
from docking_station.services.links import policy_now
from docking_station.services.people import entered, kept
from docking_station.services.rights import asker
from docking_station.station.station import Station

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

KEY_BYTES, DIGITS, EVERY_S = 20, 6, 30
EARLY_OR_LATE = (-1, 0, 1)
"""A phone's clock may be off by so many codes."""
LEADING = ("supervisor", "auditor", "administrator", "security")
"""Whose second factor `leading` demands: who decides, inspects, or gives rights."""


ASKED_ANEW = frozenset({REQUEST_GRANTED, EMERGENCY_OPENED, EMERGENCY_UPHELD, EMERGENCY_FAULTED, COPY_MADE})
"""The acts that need a code of the last five minutes: what they let out does not come back."""


def is_demanded(station: Station, caller: Caller) -> bool:
    """Whether a person needs one. Raises `CatalogUnreachable`."""
    whose = policy_now(station).access.second_factor
    if whose != "leading":
        return whose == "all"
    person = asker(station, caller)
    return person is not None and any(grant.role in LEADING for grant in person.grants)


def new_key() -> bytes:
    """A key for one phone."""
    return os.urandom(KEY_BYTES)


def key_of(station: Station, account: str) -> bytes | None:
    """The key of an account; None where it has none, or it is lost."""
    act = entered(station).get(account)
    return None if act is None else kept(station, act.details.get("factor"))


def address(key: bytes, account: str, station: str) -> str:
    """What an app reads, `otpauth://…`; the key stands in it in base32."""
    return _totp(key).get_provisioning_uri(account, f"Evidock {station}")


def moment_of(key: bytes, code: str, at_s: float) -> int | None:
    """Which 30 s of the clock a code is good for, as their number since 1970; None for a wrong one."""
    now = int(at_s) // EVERY_S
    good = (now + step for step in EARLY_OR_LATE)
    typed = code.encode(errors="surrogateescape")
    return next((one for one in good if hmac.compare_digest(_totp(key).generate(one * EVERY_S), typed)), None)


def _totp(key: bytes) -> TOTP:
    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    return TOTP(key, DIGITS, SHA1(), EVERY_S)
