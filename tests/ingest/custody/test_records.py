"""What is odd in a vault: faults are findings, and nothing else hides one."""

from __future__ import annotations

from ingest.custody.records import ill_kept
from vault.contract import Oddity


def test_no_number_of_other_oddities_hides_a_fault() -> None:
    missing = [Oddity(f"originals/{number}", "missing", "folder:second") for number in range(3)]
    faults, others = ill_kept(iter([*missing, Oddity("acts/1", "lock", "none")]), 2)
    assert [(one.path, one.what) for one in faults] == [("acts/1", "lock")]
    assert others == missing[:2]
