"""How soon the list of clips answers over a full catalog, and how many files and folders a page reads.

.venv/bin/python -m bench.pages --clips 2000
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from starlette.testclient import TestClient

from bench.harness import own_folder, station
from bench.listing import fill
from catalog.clips import search
from docking_station.station.identity import caller_of_process
from docking_station.station.settings import Home, read_settings
from docking_station.station.station import Station
from media.beside import PARTS
from review.app import make_app

HOST = "http://127.0.0.1:8760"
COPIED = ("video", "audio")
ADDRESSES = ("/clips", "/clips?kind=video", "/clips?kind=image", "/clips?recorder=TA00007")


class Reads:
    """What is opened and listed below a folder."""

    def __init__(self, below: Path) -> None:
        self._below, self.count = str(below), 0
        sys.addaudithook(self._heard)

    def _heard(self, event: str, facts: tuple[object, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and str(facts[0]).startswith(self._below):
            self.count += 1


def derive(opened: Station) -> None:
    """Put what a worker makes beside every film of the catalog: notes, and files of a byte."""
    page, after = search.search(opened.database, search.Search(limit=1000)), None
    while page:
        for clip in page:
            folder = opened.settings.derived_of(clip.sha256)
            for part in PARTS if clip.kind in COPIED else ():
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{part}-1f.bin").write_bytes(b"x")
                note = {"file": f"{part}-1f.bin", "size_bytes": 1, "sha256": "1f", "way": "encode"}
                (folder / f"{part}.json").write_text(json.dumps(note))
        after = page[-1].id
        page = search.search(opened.database, search.Search(limit=1000, after=after))


def main() -> None:
    """Fill a catalog and ask for pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=2000, help="how many (2000)")
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for (40)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder, station(folder / "home") as home:
        opened = Station(read_settings(Home(home)))
        fill(opened.database, chosen.clips)
        derive(opened)
        pages, reads = TestClient(make_app(opened, caller_of_process()), base_url=HOST), Reads(opened.settings.derived)
        print(f"{chosen.clips} clips, each page {chosen.times} times, in this process")
        for address in ADDRESSES:
            pages.get(address)
            taken, reads.count = list[float](), 0
            for _ in range(chosen.times):
                began = time.perf_counter()
                assert pages.get(address).status_code == 200
                taken.append((time.perf_counter() - began) * 1000)
            read = reads.count // chosen.times
            print(f"{address:26} median {statistics.median(taken):5.1f} ms, longest {max(taken):5.1f} ms; {read} reads")
        opened.close()


if __name__ == "__main__":
    main()
