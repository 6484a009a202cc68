"""A catalog of many clips rebuilt from object storage alone, as a whole process. See README.md beside this file.

.venv/bin/python -m bench.rebuild --clips 10000 --dir /path/on/the/disk
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.harness import evidock, own_folder, where
from bench.many_clips import another, documents, made_station
from docking_station.station.settings import Home, read_settings
from docking_station.station.settings_text import EXAMPLE
from docking_station.station.station import Station
from tests.vault.stores import Store
from tests.vault.weed import ACCESS, SECRET, Weed
from vault.s3.bucket import Bucket
from vault.s3.responses import Lock
from vault.s3.wire import Patience, Secrets, Wire
from vault.signature import Signer

WRITERS = 8
WANTED_S = 120
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)


@dataclass(frozen=True)
class Maker:
    """Puts clips straight into the bucket: small originals with manifests a station could have signed."""

    bucket: Bucket
    signer: Signer
    like: Mapping[str, Any]

    def put(self, number: int) -> None:
        """One clip: original, signature, manifest."""
        original, manifest = another(self.like, number)
        for key, body in documents(original, manifest, self.signer):
            self.bucket.put(key, body, Lock("COMPLIANCE", UNTIL))


def station_on_bucket(home: Path, address: str) -> Mapping[str, Any]:
    """A station on the bucket with one card in it; the manifest of one of its clips."""
    credentials = home / "credentials"
    credentials.mkdir(parents=True)
    for name, text in (("s3-access-key", ACCESS), ("s3-secret-key", SECRET)):
        (credentials / name).write_text(text)
        (credentials / name).chmod(0o600)
    return made_station(home, EXAMPLE.replace('"folder:vault"', f'"{address}"', 1))


def measure(folder: Path, weed: Weed, clips: int) -> None:
    """Make the clips, then rebuild."""
    keys = Secrets(ACCESS, SECRET)
    bucket, _ = Store(weed.endpoint, keys, keys).new()
    home = folder / "home"
    like = station_on_bucket(home, weed.address(bucket))
    station = Station(read_settings(Home(home)))
    maker = Maker(
        Bucket(Wire(Store(weed.endpoint, keys, keys).address(bucket), keys, Patience())), station.signer, like
    )
    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as pool:
        for _ in pool.map(maker.put, range(clips)):
            pass
    print(f"{clips} clips put in {time.perf_counter() - began:.0f} s, on {where(folder)}", flush=True)
    load = os.getloadavg()[0]
    run = evidock(home, "rebuild", "--into", f"sqlite:///{folder}/again.db", "--json")
    done = json.loads(run.output)
    station.close()
    print(
        f"rebuilt {done['clips']} clips and {done['acts']} acts in {run.seconds:.1f} s (wanted: {WANTED_S} for 10,000),"
    )
    print(f"{len(done['faults'])} faults, peak memory {run.peak_bytes / 1e6:.0f} MB, load before it {load:.1f}")


def main() -> None:
    """Read the arguments, run, leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        weed = Weed(folder / "weed")
        try:
            weed.start()
            measure(folder, weed, chosen.clips)
        finally:
            weed.stop(signal.SIGKILL)


if __name__ == "__main__":
    main()
