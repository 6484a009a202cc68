"""Tokens by which programs ask for a person (接口令牌): issued, listed, ended, and who asks by one.

A token does what its scopes say and its person may, whichever is less, from the addresses it names, until its end. It
vouches for nobody: what two people must do no token does. That it was issued and ended stands on the trail; so does,
in the actor of each line, which token asked.
Shapes: `evd_<station>_<43 characters>`, 32 random bytes in base64url; the catalog has its SHA-256, sealed by a key in
the station's home, so that whoever writes into the catalog makes none.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from catalog.people import tokens
from catalog.people.tokens import ID_CHARS, Token
from catalog.rules.callers import Caller
from catalog.rules.canonical import time_text
from catalog.rules.house_rights import Right
from catalog.station_error import StationError
from catalog.trail import trail
from docking_station.services.errors import NoSuchToken, TokenBad, TokenUnfit
from docking_station.services.rights import bind, demand
from docking_station.station.station import Station
from vault import durable

Scope = Literal[
    "cases:read",
    "cases:write",
    "clips:copy",
    "clips:look",
    "clips:read",
    "clips:write",
    "people:read",
    "people:write",
    "requests:read",
    "station:read",
    "station:write",
    "trail:read",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
ISSUED, ENDED = "token.issued", "token.ended"
LONGEST = timedelta(days=366)
NAME_CHARS_MAX, ADDRESSES_MAX = 60, 20
KEY_BYTES, KNOWN_S, KNOWN_MAX = 32, 5.0, 1000
USED = timedelta(minutes=1)
"""How exactly it is written down when a token was used last."""


def issue(
    station: Station, caller: Caller, name: str, scopes: Sequence[str], ends_at: datetime, addresses: Sequence[str]
) -> tuple[str, Token]:
    """Make a token for the account of who asks; the token itself is told once. Raises `TokenUnfit`."""
    at = station.now()
    _demand_fit(name, scopes, ends_at, at, addresses)
    station.demand_clock()
    secret = f"evd_{re.sub('[^A-Za-z0-9]', '', station.settings.station)}_{secrets.token_urlsafe(KEY_BYTES)}"
    digest = _digest(secret)
    made = Token(
        digest[:ID_CHARS], digest, "", caller.person, name, tuple(sorted(set(scopes))), tuple(addresses), at, ends_at
    )
    _make_key(station)
    made = replace(made, seal=_seal(station, made) or "")
    details = {"token": made.id, "name": name, "scopes": list(made.scopes), "ends_at": time_text(ends_at)}
    with station.database.transaction() as session:
        tokens.add(session, made)
        who = bind(station, caller)
        trail.append(session, trail.Entry(at, who.actor, ISSUED, who.who, details | {"addresses": list(addresses)}))
    return secret, made


def listed(station: Station, caller: Caller) -> list[Token]:
    """The tokens of who asks; of everybody for whoever keeps the station going."""
    return tokens.every(station.database, None if _keeps(station, caller) else caller.person)


def end(station: Station, caller: Caller, token: str) -> Token:
    """End a token of one's own, or, as who keeps the station going, anybody's. Raises `NoSuchToken`."""
    found = next((one for one in listed(station, caller) if one.id == token and one.ended_at is None), None)
    if found is None:
        raise NoSuchToken(token=token)
    at = station.now()
    with station.database.transaction() as session:
        if tokens.end(session, at, id=token):
            entry = trail.Entry(
                at, bind(station, caller).actor, ENDED, found.account, {"token": token, "name": found.name}
            )
            trail.append(session, entry)
    return replace(found, ended_at=at)


class Tokens:
    """Who asks by a token, for one process that serves; `runs` is who runs it."""

    def __init__(self, station: Station, runs: Caller, clock: Callable[[], float] = time.monotonic) -> None:
        self._station, self._runs, self._clock = station, runs, clock
        self._lock = threading.Lock()
        self._known = dict[str, tuple[float, Token, Caller]]()

    def caller(self, secret: str, address: str) -> tuple[Caller, frozenset[str]]:
        """Who asks, and for what this token is; raises `TokenBad` for any that is none, or not from there."""
        digest = _digest(secret)
        with self._lock:
            until_s, token, caller = self._known.get(digest, (0.0, None, None))
        if token is None or caller is None or self._clock() >= until_s:
            token, caller = self._asked(digest)
            with self._lock:
                if len(self._known) >= KNOWN_MAX:
                    self._known.clear()
                self._known[digest] = (self._clock() + KNOWN_S, token, caller)
        if token.ends_at <= self._station.now() or not _is_within(address, token.addresses):
            raise TokenBad
        return caller, frozenset(token.scopes)

    def _asked(self, digest: str) -> tuple[Token, Caller]:
        found, at = tokens.of_digest(self._station.database, digest), self._station.now()
        seal = None if found is None else _seal(self._station, found)
        if (
            found is None
            or seal is None
            or not hmac.compare_digest(found.seal, seal)
            or _is_ended(self._station, found)
        ):
            raise TokenBad
        if found.used_at is None or found.used_at <= at - USED:
            with self._station.database.transaction() as session:
                tokens.used(session, found.id, at)
        return found, bind(self._station, Caller(found.account, f"{self._runs.account}, token {found.id}", None))


def _demand_fit(name: str, scopes: Sequence[str], ends_at: datetime, at: datetime, addresses: Sequence[str]) -> None:
    """Raise `TokenUnfit` for what no token can be."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        every = ", ".join(SCOPES)
        raise TokenUnfit(what=f"its scopes must be some of {every}", what_zh=f"权限范围应为：{every}")
    if not at < ends_at <= at + LONGEST:
        raise TokenUnfit(what="its end must be within a year", what_zh="有效期应在一年以内")
    if not 0 < len(name) <= NAME_CHARS_MAX or not name.isprintable():
        raise TokenUnfit(
            what=f"its name must have 1 to {NAME_CHARS_MAX} characters",
            what_zh=f"名称应为 1 至 {NAME_CHARS_MAX} 个字符",
        )
    for one in addresses:
        try:
            ipaddress.ip_network(one)
        except ValueError as error:
            raise TokenUnfit(what=f"{one} is no address or network", what_zh=f"{one} 不是有效的地址或网段") from error
    if len(addresses) > ADDRESSES_MAX:
        raise TokenUnfit(what=f"at most {ADDRESSES_MAX} addresses", what_zh=f"地址最多 {ADDRESSES_MAX} 个")


def _is_within(address: str, networks: Sequence[str]) -> bool:
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return not networks
    return not networks or any(at in ipaddress.ip_network(one) for one in networks)


def _keeps(station: Station, caller: Caller) -> bool:
    try:
        demand(station, caller, Right.STATION_WRITE)
    except StationError:
        return False
    return True


def _seal(station: Station, token: Token) -> str | None:
    """The station's word for a token; None where it has no key yet."""
    try:
        with station.home.tokens.open("rb") as file:
            return hmac.digest(file.read(KEY_BYTES), token.sealed_text(), "sha256").hex()
    except FileNotFoundError:
        return None


def _is_ended(station: Station, token: Token) -> bool:
    """Whether it was ended, as its row says or a line of the trail, which nobody takes away unseen."""
    lines = trail.lines_of(station.database, (ENDED,), token.account)
    return token.ended_at is not None or any(trail.act_of(line).details.get("token") == token.id for line in lines)


def _make_key(station: Station) -> None:
    with suppress(FileExistsError):
        durable.write_new(station.home.tokens, secrets.token_bytes(KEY_BYTES), 0o600)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogateescape")).hexdigest()
