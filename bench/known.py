"""How long a second ingest takes to recognise files that are filed already.

.venv/bin/python bench/known.py --files 10000
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench.harness import evidock, own_folder, station, where
from tests.footage.card import make_bulk

WANTED_S = 5


def main() -> None:
    """Make a card of tiny device logs, ingest it, and ingest it again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000, help="how many (10000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often they are recognised (3)")
    parser.add_argument("--dir", type=Path, help="a folder on the disk to measure")
    chosen = parser.parse_args()
    with own_folder(chosen.dir) as folder:
        card = make_bulk(folder / "card", chosen.files).folder
        with station(folder / "home") as home:
            print(f"{chosen.files} files on {where(folder)}")
            print(f"first ingest: {evidock(home, 'ingest', card).seconds:.1f} s")
            for _ in range(chosen.rounds):
                again = evidock(home, "ingest", card, "--json")
                answer = json.loads(again.output)
                if answer["filed"] or answer["held"] or len(answer["skipped"]) != chosen.files:
                    raise SystemExit("not all of them were recognised")
                print(f"recognised in {again.seconds:.2f} s (wanted: under {WANTED_S})")


if __name__ == "__main__":
    main()
