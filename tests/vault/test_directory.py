"""The write-once folder: what only a folder can do wrong."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.docking_station.running import small_disk
from vault import durable
from vault.backends.directory import DirectoryVault
from vault.errors import KeyTaken, LockHolds, LockRefused, NotInVault, VaultUnreachable

UNTIL = datetime(2026, 9, 6, tzinfo=UTC)
SHA256 = hashlib.sha256(b"x").hexdigest()


@pytest.fixture
def opened(tmp_path: Path) -> DirectoryVault:
    (tmp_path / "vault").mkdir()
    return DirectoryVault(tmp_path / "vault", immutable=False)


def place(opened: DirectoryVault, key: str = "originals/a") -> Path:
    return opened.root / "objects" / key


def test_objects_and_locks_are_read_only(opened: DirectoryVault) -> None:
    opened.put_document("originals/a", b"x", UNTIL)
    for path in (place(opened), opened.root / "locks/originals/a.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert list((opened.root / "incoming").iterdir()) == []


def test_a_file_on_the_same_disk_is_taken_over_not_copied(opened: DirectoryVault, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"x")
    inode = copy.stat().st_ino
    opened.put("originals/a", copy, SHA256, UNTIL)
    assert place(opened).stat().st_ino == inode
    assert place(opened).stat().st_nlink == 1
    assert not copy.exists()


LATER, LATEST = UNTIL.replace(year=2027), UNTIL.replace(year=2030)


@pytest.mark.parametrize("asks", ["extend", "set_legal_hold", "put_document"])
def test_two_programs_that_change_one_lock_lose_no_change(
    opened: DirectoryVault, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    """The dock's upkeep has read the lock and is about to write it; a command grants a longer one meanwhile."""
    other = DirectoryVault(opened.root, immutable=False)  # as another process has it: nothing is shared but the folder
    opened.put_document("originals/a", b"x", UNTIL)
    real, is_first = durable.replace_file, threading.Event()
    granted = threading.Thread(target=lambda: other.extend("originals/a", LATEST))

    def between(path: Path, body: bytes, mode: int) -> None:
        if not is_first.is_set():
            is_first.set()
            granted.start()
            granted.join(1.0)  # it waits for this one, or has written its lock
        real(path, body, mode)

    monkeypatch.setattr(durable, "replace_file", between)
    if asks == "extend":
        opened.extend("originals/a", LATER)
    elif asks == "set_legal_hold":
        opened.set_legal_hold("originals/a", True)
    else:
        opened.put_document("originals/a", b"x", LATER)
    granted.join(60.0)
    found = opened.find("originals/a")
    assert found is not None
    assert found.retain_until == LATEST
    assert found.on_legal_hold is (asks == "set_legal_hold")


def test_what_is_let_go_of_is_not_locked_longer_meanwhile(
    opened: DirectoryVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = DirectoryVault(opened.root, immutable=False)
    opened.put_document("originals/a", b"x", UNTIL)
    ended = list[object]()

    def extend() -> None:
        try:
            ended.append(other.extend("originals/a", LATEST))
        except NotInVault as error:
            ended.append(error)

    granted = threading.Thread(target=extend)
    real = durable.is_immutable

    def between(path: Path) -> bool:
        if not granted.ident:
            granted.start()
            granted.join(1.0)
        return real(path)

    monkeypatch.setattr(durable, "is_immutable", between)
    opened.discard("originals/a", LATER)
    granted.join(60.0)
    assert isinstance(ended[0], NotInVault), "a lock was granted on what is gone"


def test_what_others_leave_in_the_folder_is_told_and_is_no_object(opened: DirectoryVault) -> None:
    opened.put_document("originals/a", b"x", UNTIL)
    for name in (b".DS_Store", b"@eaDir/a@SynoEAStream", b".nfs0000000000000001", b"caf\xe9.txt", b"a b"):
        left = Path(os.fsdecode(os.fsencode(place(opened).parent) + b"/" + name))
        left.parent.mkdir(exist_ok=True)
        left.write_bytes(b"")
    assert list(opened.keys("originals")) == ["originals/a"]
    found = [(one.key, one.what) for one in opened.oddities("originals")]
    names = (".DS_Store", ".nfs0000000000000001", "a b", r"caf\xe9.txt", "@eaDir/a@SynoEAStream")
    assert found == [(f"originals/{name}", "foreign") for name in names]


def test_one_object_made_writable_is_a_fault_and_a_file_system_without_modes_is_said_once(
    opened: DirectoryVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abcde":
        opened.put_document(f"originals/{name}", b"x", UNTIL)
    place(opened).chmod(0o644)
    assert [(one.key, one.what) for one in opened.oddities("originals")] == [("originals/a", "writable")]
    assert not list(opened.root.glob(".*probe"))

    def write_new(path: Path, body: bytes, _mode: int) -> None:
        path.write_bytes(body)
        path.chmod(0o755)  # as a share does that gives each file the same mode

    for name in "abcde":
        place(opened, f"originals/{name}").chmod(0o755)
    assert len(list(opened.oddities("originals"))) == 5, "where modes are kept, somebody did that"
    monkeypatch.setattr(durable, "write_new", write_new)
    assert [(one.key, one.what, one.version) for one in opened.oddities("originals")] == [
        ("originals", "modeless", "5 objects")
    ]


def test_a_crash_between_link_and_unlink_is_repaired(opened: DirectoryVault, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"x")
    place(opened).parent.mkdir(parents=True)
    os.link(copy, place(opened))
    assert opened.put("originals/a", copy, SHA256, UNTIL).retain_until == UNTIL
    assert place(opened).stat().st_nlink == 1


def test_a_crash_between_link_and_lock_is_repaired(opened: DirectoryVault) -> None:
    place(opened).parent.mkdir(parents=True)
    place(opened).write_bytes(b"x")
    found = opened.find("originals/a")
    assert found is not None
    assert found.retain_until.year == 1
    with pytest.raises(LockHolds):
        opened.discard("originals/a", datetime(3000, 1, 1, tzinfo=UTC))
    assert opened.put_document("originals/a", b"x", UNTIL).retain_until == UNTIL


def test_an_object_that_rotted_is_never_called_a_success(opened: DirectoryVault, tmp_path: Path) -> None:
    opened.put_document("originals/a", b"x", UNTIL)
    place(opened).chmod(0o644)
    place(opened).write_bytes(b"y")
    with pytest.raises(KeyTaken):
        opened.put_document("originals/a", b"x", UNTIL)
    with pytest.raises(KeyTaken):
        opened.put("originals/a", tmp_path / "none", SHA256, UNTIL)


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"retain_until": 5}', b'{"retain_until": "soon"}'])
def test_a_damaged_lock_is_written_anew_and_never_lets_go(opened: DirectoryVault, damage: bytes) -> None:
    opened.put_document("originals/a", b"x", UNTIL)
    lock = opened.root / "locks/originals/a.json"
    lock.chmod(0o644)
    lock.write_bytes(damage)
    with pytest.raises(LockHolds):
        opened.discard("originals/a", datetime(3000, 1, 1, tzinfo=UTC))
    assert opened.put_document("originals/a", b"x", UNTIL).retain_until == UNTIL


def test_a_lock_that_does_not_read_back_is_refused(opened: DirectoryVault, monkeypatch: pytest.MonkeyPatch) -> None:
    real = durable.replace_file
    monkeypatch.setattr(durable, "replace_file", lambda path, body, mode: real(path, b"{}", mode))
    with pytest.raises(LockRefused):
        opened.put_document("originals/a", b"x", UNTIL)


def test_a_vault_that_is_a_file_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "vault").write_bytes(b"")
    with pytest.raises(VaultUnreachable):
        DirectoryVault(tmp_path / "vault", immutable=False).put_document("originals/a", b"x", UNTIL)


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[DirectoryVault]:
    root = tmp_path / "vault"
    root.mkdir()
    if not durable.immutable_allowed(root):
        pytest.skip("the immutable flag needs root and a file system that has it")
    yield DirectoryVault(root, immutable=True)
    for path in root.rglob("*"):
        if path.is_file():
            durable.set_immutable(path, False)


def test_the_file_system_itself_refuses_change_and_removal(guarded: DirectoryVault, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(b"x")
    guarded.put("originals/a", copy, SHA256, UNTIL)
    sealed = place(guarded)
    assert durable.is_immutable(sealed)
    for change in (sealed.unlink, lambda: sealed.write_bytes(b"y"), lambda: sealed.chmod(0o644)):
        with pytest.raises(PermissionError):
            change()
    guarded.put("originals/a", copy, SHA256, UNTIL)
    guarded.discard("originals/a", UNTIL)
    assert not sealed.exists()


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM])
def test_a_copy_on_another_disk_is_copied_and_read_back(
    opened: DirectoryVault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    copy, real = tmp_path / "copy", os.link
    copy.write_bytes(b"x")

    def link(source: Path, target: Path) -> None:
        if source == copy:
            raise OSError(number, os.strerror(number))
        real(source, target)

    monkeypatch.setattr(os, "link", link)
    opened.put("originals/a", copy, SHA256, UNTIL)
    assert place(opened).read_bytes() == b"x"
    assert not copy.exists()
    assert list((opened.root / "incoming").iterdir()) == []


def test_a_disk_is_not_unmounted_in_the_middle_of_a_work(tmp_path: Path) -> None:
    """Held open until the work is done; then it goes, and what stands in its place is no vault."""
    place = tmp_path / "vault"
    place.mkdir()
    with small_disk(place, "4m"):
        opened = DirectoryVault(place, immutable=False)
        for name in "ab":
            opened.put_document(f"keys/{name}.pub.pem", b"as init does", UNTIL)
        going = opened.keys("keys")
        assert next(going) == "keys/a.pub.pem"
        assert subprocess.run(["umount", place], capture_output=True, check=False).returncode != 0
        assert list(going) == ["keys/b.pub.pem"]
        subprocess.run(["umount", place], check=True)
        with pytest.raises(VaultUnreachable):
            opened.put_document("originals/a", b"x", UNTIL)
        with pytest.raises(VaultUnreachable):
            opened.find("keys/a.pub.pem")
        assert list(place.iterdir()) == []
