"""A station of many clips rebuilt and checked: time, processor time, memory, as whole processes. See README.md.

.venv/bin/python -m bench.replay --clips 10000 --dir /dev/shm
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from bench.harness import evidock, own_folder, where
from catalog.rules.canonical import canonical, time_text
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from ingest.sealing import manifest_key, original_key, signature_body, signature_key
from tests.scenario.truth import make_small_card
from vault.contract import Vault
from vault.signature import Signer

CHECKS = (("rebuild",), ("clips", "verify", "--all"), ("trail", "verify"), ("vault", "check"))
WANTED_S, WANTED_BYTES = 120, 300e6
TRACK_ROWS = 60
"""A position a second, as a recorder writes them: a manifest of some kilobytes."""


def made_station(home: Path) -> Mapping[str, Any]:
    """A station with one card in it; the manifest of one of its clips."""
    home.mkdir()
    (home / "station.toml").write_text(EXAMPLE.replace('immutable = "auto"', 'immutable = "never"'))
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


def put(vault: Vault, signer: Signer, like: Mapping[str, Any], number: int) -> None:
    """One clip: original, signature, manifest; each sealed a second after the one before."""
    original = secrets.token_bytes(64)
    sha256 = hashlib.sha256(original).hexdigest()
    manifest = json.loads(json.dumps(like))
    at = datetime.fromisoformat(manifest["sealing"]["at"]) + timedelta(seconds=number / 1000)
    manifest["clip"] = "c" + "".join(secrets.choice("abcdefghijkmnpqrstuvwxyz") for _ in range(20))
    manifest["digests"] = {"sha256": sha256, "sm3": hashlib.new("sm3", original).hexdigest()}
    manifest["source"]["path"] = f"DCIM/{number:08}.MP4"
    manifest["source"]["path_hex"] = manifest["source"]["path"].encode().hex()
    manifest["source"]["size_bytes"] = len(original)
    manifest["track"] = [[time_text(at), 302_500_000 + row, 1_197_500_000 - row, 1500] for row in range(TRACK_ROWS)]
    manifest["sealing"] |= {"original": original_key(sha256), "at": time_text(at)}
    body, until = canonical(manifest), datetime.fromisoformat(manifest["sealing"]["retain_until"])
    name = hashlib.sha256(body).hexdigest()
    vault.put_document(original_key(sha256), original, until)
    vault.put_document(signature_key(name), signature_body(name, signer.sign(body), signer.key_id), until)
    vault.put_document(manifest_key(name), body, until)


def measure(folder: Path, clips: int) -> None:
    """Make the clips, then run each command over them."""
    home = folder / "home"
    like = made_station(home)
    station = Station(read_settings(Home(home)))
    with mock.patch("os.fsync"):  # they are made for this run alone
        for number in range(clips):
            put(station.vault, station.signer, like, number)
    station.close()
    print(f"{clips} clips on {where(folder)}, {datetime.now(UTC):%Y-%m-%d}", flush=True)
    for words in CHECKS:
        if words == CHECKS[0]:
            for name in home.glob("catalog.db*"):
                name.unlink()
        load = os.getloadavg()[0]
        run = evidock(home, *words, "--json")
        counted = (
            f"{run.seconds:.1f} s ({run.cpu_s:.1f} s of processor time), peak memory {run.peak_bytes / 1e6:.0f} MB"
        )
        print(f"{' '.join(words)}: {counted}, load before it {load:.1f}", flush=True)
    print(f"wanted: each under {WANTED_S} s and {WANTED_BYTES / 1e6:.0f} MB for 10,000")


def main() -> None:
    """Read the arguments, run, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        measure(folder, chosen.clips)


if __name__ == "__main__":
    main()
