"""Changing the station's signing key (更换签名密钥), and telling which keys there were.

Order: the old key signs the new one into the history in the vault, and an act for the trail; then the new key takes the
old one's place in one step, and the old one is marked retired: a credential that still holds it signs nothing more. A
rotation that broke off is gone on with by the next call, with the same new key.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from catalog.acts import station_acts
from catalog.rules.callers import Caller
from catalog.rules.canonical import parsed_time, time_text
from catalog.rules.notes import origin_of, verifier_key
from catalog.rules.retention import months_later
from docking_station.station.keys import find_signer, is_handed_in, token_signer
from docking_station.station.station import Station
from vault import durable
from vault.errors import KeyHistoryBad, KeyNotRotated
from vault.history import History, change_document, change_key, read_history
from vault.signature import KEY_FILE, Signer, key_id, make_next_key, publish, raw_key, retire, take_next_key

PLAN_FILE = "rotation.json"
PLAN_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class KeyShown:
    """One key as `keys list` shows it."""

    id: str
    state: str
    since: str | None
    until: str | None
    verifier_key: str


def rotate_key(station: Station, caller: Caller, label: str | None = None) -> tuple[str, str]:
    """The ids of the old and the new key, which is a file's, or the token's of that label.

    Raises `StationBusy` while the dock runs, `KeyHistoryBad`, `KeyNotRotated`, `ClockWrong`.
    """
    station.demand_clock()
    folder, settings = station.home.keys, station.settings
    if bool(label) != bool(settings.token_module):
        raise _no_token() if label else _no_label()
    with station.changing("ingest", wait=False), station.changing("acts", wait=True):
        if label == settings.token_label and label:  # a station whose key was in a file goes over to its token
            without = replace(settings, token_module="")
            if not (is_handed_in(station.home, without) or (folder / KEY_FILE).exists()):
                raise _no_label()
            station.signer = find_signer(station.home, without)
        vault, old = station.own_vault, station.signer
        history = read_history(vault, station.anchors)
        station.act_writer.catch_up()
        new = token_signer(station.home, settings, label) if label else make_next_key(folder, settings.key_algorithm)
        if new.key_id == old.key_id:
            raise _no_label()
        _demand_single(history, old, new)
        plan = _read_plan(folder / PLAN_FILE, old.key_id)
        number, at = plan or (len(history.changes) + 1, station.now())
        # The plan first: a rotation that was killed goes on with the same number and time. Other bytes under a name
        # that is locked in the vault would be refused.
        text = json.dumps({"old": old.key_id, "number": number, "at": time_text(at)})
        durable.replace_file(folder / PLAN_FILE, text.encode() + b"\n", 0o600)
        until = months_later(at, settings.lock_months)
        vault.put_document(f"keys/{new.key_id}.pub.pem", new.public_pem(), until)
        document = change_document(old, new, number, time_text(at))
        vault.put_document(change_key(number, new.key_id), document, until)
        act = station_acts.rotated(old.key_id, new.key_id, at=at, actor=caller.actor)
        if not station.act_writer.has(act):  # of a rotation that broke off
            station.act_writer.carry_out(act)
        # Vault and trail before the station's own disk: a key that signs while nobody can learn of it proves nothing.
        publish(folder, new)
        retire(folder, old.key_id)
        if label:
            (folder / KEY_FILE).unlink(missing_ok=True)
        else:
            # Last: up to here the old key signs, and all of it can be done once more.
            take_next_key(folder)
        (folder / PLAN_FILE).unlink(missing_ok=True)
    return old.key_id, new.key_id


def keys_shown(station: Station) -> tuple[tuple[KeyShown, ...], History]:
    """Every key that is trusted, in the order of the history; the one that signs now last."""
    history = read_history(station.vault, station.anchors)
    begun = {key_id(one.new): one.at for one in history.changes}
    ended = {key_id(one.old): one.at for one in history.changes}
    mine, origin = station.signer.key_id, origin_of(station.settings.station)
    shown = [
        KeyShown(
            name,
            "signs" if name == mine else "retired" if name in ended else "trusted",
            begun.get(name),
            ended.get(name),
            verifier_key(origin, raw_key(public)),
        )
        for name, public in history.trusted.items()
    ]
    shown.sort(key=lambda one: (one.since or "", one.id == mine))
    return tuple(shown), history


def _no_label() -> KeyNotRotated:
    reason = "it lies in a token, and no label of another pair was given"
    return KeyNotRotated(reason=reason, reason_zh="密钥在密码卡中，未给出另一密钥对的标签")


def _no_token() -> KeyNotRotated:
    reason = "a label was given, and [keys] module in station.toml names no token"
    return KeyNotRotated(reason=reason, reason_zh="给出了标签，但 station.toml 的 [keys] module 未指定密码卡")


def _demand_single(history: History, old: Signer, new: Signer) -> None:
    """A key is followed by one other only; whoever had another successor signed has our private key."""
    after = history.successor(old.key_id)
    if after not in (None, new.key_id):
        raise KeyHistoryBad(reason=f"key {old.key_id} was followed by key {after} already")


def _read_plan(path: Path, old: str) -> tuple[int, datetime] | None:
    """What a rotation of this key that broke off had begun with."""
    try:
        with path.open("rb") as file:
            read = json.loads(file.read(PLAN_BYTES_MAX))
        return (int(read["number"]), parsed_time(read["at"])) if read["old"] == old else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise KeyHistoryBad(reason=f"{path} cannot be read") from error
