"""How good proposals are: precision and recall on the made-up caseload, 40 % of whose recordings belong to no case.

.venv/bin/python bench/linking.py --seeds 7 8 9

No link is given. The caseload lies beside the checkout, in ../shared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.footage.caseload import hits, load, proposed, with_distractors

PRECISION, RECALL = 0.98, 0.90


def main() -> None:
    """Print a line a seed; ends with status 1 where one is below what is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 31)), help="which caseloads (1 to 30)")
    chosen = parser.parse_args()
    print("seed  recordings  of cases  proposed  precision  recall  seconds")
    good = True
    for seed in chosen.seeds:
        have = load(seed)
        with tempfile.TemporaryDirectory() as folder:
            rows = with_distractors(have, Path(folder), seed)
        clips = have.clips(rows, linked=False)
        began = time.perf_counter()
        found = hits(have, rows, proposed(have, clips))
        seconds = time.perf_counter() - began
        good &= found.precision >= PRECISION and found.recall >= RECALL
        print(
            f"{seed:4}  {len(clips):10}  {found.belonging:8}  {found.proposed:8}  {found.precision:9.4f}  "
            f"{found.recall:6.4f}  {seconds:7.2f}"
        )
    print(f"(wanted: precision {PRECISION} at recall {RECALL})")
    sys.exit(not good)


if __name__ == "__main__":
    main()
