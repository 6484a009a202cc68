"""What is odd in a vault: faults are findings, and nothing else hides one."""

from __future__ import annotations

from ingest.custody.records import ill_kept
from vault.contract import Oddity


def test_no_number_of_other_oddities_hides_a_fault() -> None:
    missing = [Oddity(f"originals/{number}", "missing", "folder:second") for number in range(3)]
    faults, others = ill_kept(iter([*missing, Oddity("acts/1", "lock", "none")]), 2)
    assert [(one.path, one.what) for one in faults] == [("acts/1", "lock")]
    assert others == missing[:2]


def test_what_a_whole_folder_has_at_once_is_one_finding_with_its_number() -> None:
    backed_up = [Oddity(f"originals/{number}", "linked", "2 names") for number in range(10)]
    copied = [Oddity(f"acts/{number}", "writable", "mode 0644") for number in range(10)]
    one = Oddity("originals/7", "linked", "3 names")
    faults, others = ill_kept(iter([*backed_up, *copied, one]), 100)
    assert [(each.path, each.found) for each in faults] == [
        ("originals/", "2 names: 10 objects, the first originals/0"),
        ("acts/", "mode 0644: 10 objects, the first acts/0"),
        ("originals/7", "3 names"),
    ]
    assert others == []
