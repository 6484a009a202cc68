"""Making a station's home (初始化), each part only where it is missing."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.own_catalog import newest_line, signing_keys
from catalog.rules.canonical import time_text
from catalog.rules.retention import months_later
from docking_station.station.apart import demand_folders_apart
from docking_station.station.errors import AnothersCatalog, HomeUnwritable, unwritten
from docking_station.station.keys import find_signer, is_handed_in
from docking_station.station.settings import Home, home_from_environment, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from vault import durable
from vault.contract import KEYS
from vault.signature import Signer, make_key, publish

PUBLIC = ".pub.pem"
SMALL, LARGE = "\nsmall = true\n", "\nsmall = false\n"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What `init` found or made; `immutable` is None where the settings say never."""

    home: Home
    is_new: bool
    key_id: str
    key_in_file: bool
    vault_address: str
    immutable: bool | None
    catalog_url: str


def _signer(home: Home) -> Signer:
    """The key that is handed in, its public half published; or the key's file, made where it is missing."""
    settings = read_settings(home)
    if not is_handed_in(home, settings):
        return make_key(home.keys, settings.key_algorithm)
    signer = find_signer(home, settings, is_first=not home.made.exists())
    publish(home.keys, signer)
    return signer


def set_up(*, small: bool = True) -> SetUp:
    """Make what is missing; `small` says what the settings do of the bureau, where they are made.

    Raises `HomeUnwritable`, `SettingsBad` and the doors' errors.
    """
    home = home_from_environment()
    is_new = not (home.settings.exists() and home.made.exists())
    with unwritten(HomeUnwritable, home=home.root):
        for folder in (home.root, home.keys, home.spool):
            durable.make_folder(folder)
        if not home.settings.exists():
            text = EXAMPLE if small else EXAMPLE.replace(SMALL, LARGE)
            durable.replace_file(home.settings, text.encode(), 0o644)
        signer = _signer(home)
    station = Station(read_settings(home))
    demand_folders_apart(station.settings)
    try:
        immutable = None
        if is_new:
            station.vault = station.vault_at(station.settings.vault_address, make=True)
            _demand_ours(station)
            if not station.database.exists():
                station.database.bare.migrate()
            key = f"keys/{signer.key_id}.pub.pem"
            if station.vault.find(key) is None:
                now = station.now()
                station.journal.note_published(key, time_text(now))
                until = months_later(now, station.settings.lock_months)
                station.vault.put_document(key, signer.public_pem(), until)
            immutable = durable.immutable_allowed(home.root) if station.settings.immutable else None
            station.journal.held()
            durable.replace_file(home.made, b"", 0o644)
        station.database.demand()
        address, url = station.settings.vault_address, station.settings.catalog_url
        in_file = not is_handed_in(home, station.settings)
        return SetUp(home, is_new, signer.key_id, in_file, address, immutable, url)
    finally:
        station.close()


def _demand_ours(station: Station) -> None:
    """Raise `AnothersCatalog` where a new home is to begin on what another station writes to: each has its own order.

    Ours is what our keys signed: those in the home, and those their history in the vault leads to.
    """
    there = {key.removeprefix(f"{KEYS}/").removesuffix(PUBLIC) for key in station.vault.keys(KEYS) if PUBLIC in key}
    if there and not there & station.trusted.keys():
        what, what_zh = f"key {min(there)} stands in it, and none of ours", f"其中有密钥 {min(there)}，没有本站密钥"
        raise AnothersCatalog(where=station.settings.vault_address, what=what, what_zh=what_zh)
    catalog = station.database.bare
    signed = signing_keys(catalog) if catalog.exists() else set[str]()
    if strangers := sorted(signed - station.trusted.keys()):
        what, what_zh = f"key {strangers[0]} signed clips in it", f"其中有密钥 {strangers[0]} 签名的资料"
        raise AnothersCatalog(where=catalog.shown, what=what, what_zh=what_zh)
    if not there and catalog.exists() and newest_line(catalog) is not None:
        what, what_zh = "it has a trail, and the vault has no key", "已有操作留痕，而保全库中没有密钥"
        raise AnothersCatalog(where=catalog.shown, what=what, what_zh=what_zh)
