"""A station of many clips rebuilt and checked: time, processor time, memory, as whole processes. See README.md.

.venv/bin/python -m bench.replay --clips 10000 --dir /dev/shm
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from bench.harness import evidock, own_folder, where
from bench.many_clips import another, documents, made_station
from catalog.rules.canonical import time_text
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from vault.contract import Vault
from vault.signature import Signer

CHECKS = (("rebuild",), ("clips", "verify", "--all"), ("trail", "verify"), ("vault", "check"))
WANTED_S, WANTED_BYTES = 120, 300e6
TRACK_ROWS = 60
"""A position a second, as a recorder writes them: a manifest of some kilobytes."""


def put(vault: Vault, signer: Signer, like: Mapping[str, Any], number: int) -> None:
    """One clip: original, signature, manifest; each sealed a second after the one before."""
    original, manifest = another(like, number)
    at = datetime.fromisoformat(manifest["sealing"]["at"]) + timedelta(seconds=number / 1000)
    manifest["digests"]["sm3"] = hashlib.new("sm3", original).hexdigest()
    manifest["source"]["size_bytes"] = len(original)
    manifest["track"] = [[time_text(at), 302_500_000 + row, 1_197_500_000 - row, 1500] for row in range(TRACK_ROWS)]
    manifest["sealing"]["at"] = time_text(at)
    until = datetime.fromisoformat(manifest["sealing"]["retain_until"])
    for key, body in documents(original, manifest, signer):
        vault.put_document(key, body, until)


def measure(folder: Path, clips: int) -> None:
    """Make the clips, then run each command over them."""
    home = folder / "home"
    like = made_station(home, EXAMPLE.replace('immutable = "auto"', 'immutable = "never"'))
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
