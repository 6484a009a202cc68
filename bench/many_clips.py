"""Clips by the thousand, put straight into a vault as a station could have sealed them; for two benches."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.harness import evidock
from catalog.rules.canonical import canonical
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from ingest.sealing import manifest_key, original_key, signature_body, signature_key
from tests.scenario.truth import make_small_card
from vault.signature import Signer


def made_station(home: Path, settings: str) -> Mapping[str, Any]:
    """A station with these settings and one card in it; the manifest of one of its clips."""
    home.mkdir(exist_ok=True)
    (home / "station.toml").write_text(settings)
    evidock(home, "init")
    make_small_card(home.with_name("card"))
    evidock(home, "ingest", home.with_name("card"))
    station = Station(read_settings(Home(home)))
    try:
        rows = station.database.query("SELECT body FROM manifest ORDER BY clip_id LIMIT 1", {})
        found: Mapping[str, Any] = json.loads(bytes(rows[0]["body"]))
        return found
    finally:
        station.close()


def another(like: Mapping[str, Any], number: int) -> tuple[bytes, dict[str, Any]]:
    """A small original, and a manifest of it that is like another in all else."""
    original = secrets.token_bytes(64)
    sha256 = hashlib.sha256(original).hexdigest()
    manifest: dict[str, Any] = json.loads(json.dumps(like))
    manifest["clip"] = "c" + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(20))
    manifest["digests"]["sha256"] = sha256
    manifest["source"]["path"] = f"DCIM/{number:08}.MP4"
    manifest["source"]["path_hex"] = manifest["source"]["path"].encode().hex()
    manifest["sealing"]["original"] = original_key(sha256)
    return original, manifest


def documents(original: bytes, manifest: Mapping[str, Any], signer: Signer) -> tuple[tuple[str, bytes], ...]:
    """What is put into the vault of a clip, in order: original, signature, manifest."""
    body = canonical(manifest)
    name = hashlib.sha256(body).hexdigest()
    signature = signature_body(name, signer.sign(body), signer.key_id)
    return (manifest["sealing"]["original"], original), (signature_key(name), signature), (manifest_key(name), body)
