"""Whatever is changed in the catalog or the vault by who has rights but no key is named by a check, or is on a list."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.acts import comparison
from catalog.database import SQLITE, Database
from catalog.errors import CatalogLost
from catalog.trail import trail
from docking_station.services.checkpoints import verify_trail
from docking_station.services.vault_check import check_vault
from docking_station.services.verify import record_check, verify_clips
from ingest.custody import records
from ingest.custody.rebuild import Rebuilder
from ingest.custody.records import first_broken_receipt
from tests.fakes.callers import ME
from tests.scenario.changes import HARMS, RowChange, carry_out, files_of, make_rich, row_changes
from tests.scenario.dock import Dock
from vault.signature import make_key

SEEN = ("trail", "trail_node")
UNKNOWABLE = {name: why for name, why in comparison.UNSIGNED.items() if name in comparison.tables().keys() - {*SEEN}}
"""Tables in which a change cannot be known, and why: `catalog/comparison.py` says it."""


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory, new_dock: Callable[[Path], Dock]) -> Dock:
    """A station that has something of everything; copied, never changed."""
    place = tmp_path_factory.mktemp("rich")
    dock = new_dock(place / "home")
    make_rich(dock, place / "EV00001")
    return dock


@pytest.fixture
def copied(rich: Dock, tmp_path: Path) -> Dock:
    """The same, to be harmed."""
    shutil.copytree(rich.home, tmp_path / "home", symlinks=True)
    return Dock(tmp_path / "home")


def named_by_all(dock: Dock) -> set[tuple[str, str]]:
    """What all checks together name, as a person asks for them; a catalog that is called lost is named as a whole."""
    with dock.opened() as station:
        try:
            station.database.demand()
        except CatalogLost as error:
            return {("catalog", error.message("en"))}
        found = {
            (one.clip, f"{one.path} {one.expected} {one.found}") for one in verify_clips(station, ME, None).findings
        }
        verified = verify_trail(station, [])
        fault = verified.verdict.fault
        return (
            found | {("trail", one.key) for one in verified.compared.faults} | ({("trail", fault)} if fault else set())
        )


def test_a_station_that_nobody_harmed_is_as_sealed(rich: Dock) -> None:
    rich.verify()
    with rich.opened() as station:
        assert verify_trail(station, []).is_valid


def test_every_column_and_every_kind_of_row_is_named(rich: Dock, tmp_path: Path) -> None:
    """The quick form: one replay, then each change is compared with it."""
    base, changes = rich.home / "catalog.db", list(row_changes(rich.home / "catalog.db"))
    with rich.opened() as station, replayed(rich, tmp_path) as right:
        assert list(comparison.differences(right, station.database)) == []
        named, missed, refused = 0, list[RowChange](), 0
        for change in changes:
            shutil.copy(base, tmp_path / "changed.db")
            if not carry_out(tmp_path / "changed.db", change):
                refused += 1
                continue
            changed = Database(f"{SQLITE}{tmp_path}/changed.db")
            is_named = next(comparison.differences_in(change.table, right, changed), None) is not None
            if change.table in SEEN and not is_named:
                is_named = trail.verify(changed).fault is not None
            if (change.table, change.column) == ("clip", "retain_until"):
                continue  # told by the lock itself: see the whole form
            named += is_named
            missed += [] if is_named else [change]
    print(
        f"{len(changes)} changes of rows: {named} named, {refused} the database refused, {len(missed)} cannot be known"
    )
    assert [one for one in missed if one.table not in UNKNOWABLE] == []
    assert {f"{one.table}.{one.column}" for one in changes if one.column} == every_column()


def every_column() -> set[str]:
    return {f"{name}.{column.name}" for name, table in comparison.tables().items() for column in table.columns}


@contextmanager
def replayed(dock: Dock, folder: Path) -> Iterator[Database]:
    """A catalog out of the vault alone."""
    right = Database(f"{SQLITE}{folder}/right.db", lasting=False)
    right.migrate()
    with dock.opened() as station:
        assert Rebuilder(station.vault, station.trusted, lambda _: None).into(right).faults == ()
    yield right
    right.close()


SLOW = pytest.mark.slow
FEW = ("flipped", "removed with its lock", "elsewhere", "lock shorter")
"""What `./test` tries; the whole does the others too."""


@pytest.mark.parametrize("harm", [harm if harm in FEW else pytest.param(harm, marks=SLOW) for harm in HARMS])
def test_every_kind_of_file_in_the_vault_is_named(harm: str, copied: Dock) -> None:
    """The newest file of each kind, all at once; what is said must name each."""
    harmed(copied, harm, lambda paths: paths[-1:])


def test_a_change_of_keys_that_is_gone_is_named_whatever_the_new_key_is_called(copied: Dock) -> None:
    harmed(copied, "removed with its lock", lambda paths: [path for path in paths if "history" in path.parts])


@pytest.mark.slow
@pytest.mark.parametrize("harm", HARMS)
def test_every_file_in_the_vault_is_named(harm: str, copied: Dock) -> None:
    """All files at once but the keys, without which nothing else could be told."""
    harmed(copied, harm, lambda paths: [path for path in paths if "keys" not in path.parts])


def harmed(dock: Dock, harm: str, chosen: Callable[[list[Path]], list[Path]]) -> None:
    vault, keys = dock.home / "vault", list[str]()
    with dock.opened() as station:
        rows = station.database.query("SELECT id, sha256 FROM clip", {})
    clips = {str(row["sha256"]): str(row["id"]) for row in rows}
    for paths in files_of(vault).values():
        for path in chosen(paths):
            keys.append(path.relative_to(vault / "objects").as_posix())
            HARMS[harm](path, vault / "locks" / f"{keys[-1]}.json")
    told = [" ".join(one) for one in named_by_all(dock)]
    in_folder = Counter(key.partition("/")[0] for key in keys)
    folders = {
        name
        for name, count in in_folder.items()
        if any(f"{name}/ " in one and f": {count} objects, " in one for one in told)
    }

    def is_named(key: str) -> bool:
        name = Path(key).stem.split("-")[-1]
        alone = any(key in one or name in one or clips.get(name, key) in one for one in told)
        return alone or key.partition("/")[0] in folders

    missed = [key for key in keys if not is_named(key)]
    print(f"{harm}: {len(keys)} files, {len(keys) - len(missed)} named")
    assert missed == [], told


@pytest.mark.slow
def test_all_checks_together_name_one_change_of_each_table(rich: Dock, copied: Dock) -> None:
    base, tried = copied.home / "catalog.db", set[str]()
    for change in row_changes(rich.home / "catalog.db"):
        where = "clip.retain_until" if change.column == "retain_until" else change.table
        if where in tried or change.table in UNKNOWABLE or change.how == "deleted":
            continue
        shutil.copy(rich.home / "catalog.db", base)
        for beside in ("-wal", "-shm"):
            base.with_name(f"{base.name}{beside}").unlink(missing_ok=True)
        if carry_out(base, change):
            tried.add(where)
            assert named_by_all(copied), change
    assert tried >= comparison.tables().keys() - UNKNOWABLE.keys()


def test_a_row_nobody_can_read_ends_no_check_and_no_list_with_a_traceback(copied: Dock) -> None:
    """Each table at once: what is said is a finding or an error with a code."""
    base = copied.home / "catalog.db"
    for change in row_changes(base):
        if change.how == "garbage" and not change.table.startswith("trail"):
            carry_out(base, change)
    for command in (
        ("clips", "list"),
        ("cases", "list"),
        ("recorders", "list"),
        ("recorders", "dockings"),
        ("health",),
    ):
        copied.run(*command, "--json", status=None)
    assert copied.run("clips", "verify", "--all", "--json", status=31).document["failed"]
    assert copied.run("vault", "check", "--json", status=31).document["failed"]


def test_what_is_struck_out_everywhere_but_in_the_journal_is_named(copied: Dock) -> None:
    """Row, manifest, line and all after it, files and checkpoints: the journal has the receipt."""
    base, vault = copied.home / "catalog.db", copied.home / "vault"
    with copied.opened() as station:
        sql = "SELECT subject, line FROM trail WHERE action = 'clip.filed' ORDER BY line DESC LIMIT 1"
        (row,) = station.database.query(sql, {})
        clip, line = str(row["subject"]), int(row["line"])
        (kept,) = station.database.query("SELECT sha256 FROM manifest WHERE clip_id = :id", {"id": clip})
        (sealed,) = station.database.query("SELECT sha256 FROM clip WHERE id = :id", {"id": clip})
    for table, column in (("clip", "id"), ("manifest", "clip_id"), ("link", "clip_id"), ("sidecar", "clip_id")):
        carry_out(base, RowChange(table, "", "", f"DELETE FROM {table} WHERE {column} = '{clip}'"))
    carry_out(base, RowChange("trail", "", "", f"DELETE FROM trail WHERE line >= {line}"))
    last = "DELETE FROM trail_node WHERE ((position + 1) << level) >= "
    carry_out(base, RowChange("trail_node", "", "", f"{last}{line}"))
    for path in sorted((vault / "objects").rglob("*")):
        is_later = path.parent.name == "checkpoints" and int(path.stem.rpartition("-")[2]) >= line
        if is_later or any(str(one["sha256"]) in path.name for one in (kept, sealed)):
            path.unlink()
            (vault / "locks" / f"{path.relative_to(vault / 'objects')}.json").unlink()
    with copied.opened() as station:
        assert trail.verify(station.database.bare).fault is None
        broken = first_broken_receipt(station.database.bare, station.journal, datetime.min.replace(tzinfo=UTC))
        assert broken is not None
        with pytest.raises(CatalogLost):
            check_vault(station, ME, "metadata")
        check = replace(record_check(station), database=station.database.bare)
        assert (clip, "receipt") in {(one.clip, one.what) for one in check.receipts()}


def test_a_clip_whose_row_alone_is_gone_is_named_and_still_read(copied: Dock) -> None:
    with copied.opened() as station:
        (row,) = station.database.query("SELECT id FROM clip ORDER BY id LIMIT 1", {})
    carry_out(copied.home / "catalog.db", RowChange("clip", "", "", f"DELETE FROM clip WHERE id = '{row['id']}'"))
    with copied.opened() as station:
        verdict = verify_clips(station, ME, None)
        assert row["id"] in {one.clip for one in verdict.findings}
        assert row["id"] in {one.clip for one in check_vault(station, ME, "metadata").findings}


def test_a_public_key_with_the_id_of_one_of_ours_is_told_from_it(
    copied: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    stranger = make_key(tmp_path / "other")
    with copied.opened() as station:
        key = f"keys/{station.signer.key_id}.pub.pem"
        with monkeypatch.context() as patch:
            patch.setattr(records, "read_public_key", lambda _: stranger.public)
            patch.setattr(records, "key_id", lambda _: station.signer.key_id)  # 64 bits can be met on purpose
            found = [one.path for one in record_check(station).findings() if one.what == "key"]
    assert key in found


def test_a_public_key_of_a_stranger_in_the_vault_is_named(copied: Dock, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    stranger = make_key(tmp_path / "other")
    key = f"keys/{stranger.key_id}.pub.pem"
    with copied.opened() as station:
        station.vault.put_document(key, stranger.public_pem(), station.now() + timedelta(days=400))
        assert [(one.path, one.what) for one in check_vault(station, ME, "lock").findings] == [(key, "key")]
