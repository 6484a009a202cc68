"""Cards on real file systems are cleared of what is proven; a station that was harmed erases nothing, and says why."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from catalog.trail import trail
from tests.scenario.clear_card import RECORDER, UNMOUNTABLE
from tests.scenario.dock import Dock
from tests.scenario.places import mounted
from tests.scenario.truth import seen

ALLOWED = "[clearing]\nwhen = 'after-receipt'\n"
IMAGE_BYTES = 48 << 20
FILES = {
    b"DCIM/100MEDIA/TA00001_JX0001_20260305090000.MP4": b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000,
    b"DCIM/100MEDIA/TA00001_JX0001_20260305091000_IMP.MP4": b"\0\0\0\x18ftypmp42" + b"important" * 9999,
    b"DCIM/100MEDIA/COPY.MP4": b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 9000,
    b"LOG/20260305.log": b"2026-03-05 09:00:00 on\r\n",
    b"EMPTY.MP4": b"",
}
LEFT = {b"DCIM/100MEDIA/Thumbs.db": b"junk", b"LATE.MP4": b"recorded while it was docked"}
READ_ONLY = b"DCIM/100MEDIA/TA00001_JX0001_20260305091000_IMP.MP4"


def fill(folder: Path, files: dict[bytes, bytes]) -> None:
    for number, (path, body) in enumerate(files.items()):
        place = folder / os.fsdecode(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
        os.utime(place, (1_780_000_000 + 2 * number,) * 2)
    (folder / "DCIM/EMPTY").mkdir(parents=True, exist_ok=True)
    if (folder / os.fsdecode(READ_ONLY)).exists():
        (folder / os.fsdecode(READ_ONLY)).chmod(0o444)


def bodies(folder: Path) -> dict[bytes, bytes]:
    """Every file below a folder."""
    top = os.fsencode(folder)
    paths = [os.path.join(where, name) for where, _, names in os.walk(top) for name in names]
    return {os.path.relpath(path, top): Path(os.fsdecode(path)).read_bytes() for path in paths}


def allow(dock: Dock, text: str = ALLOWED) -> None:
    path = dock.home / "policy.toml"
    path.write_text(text)
    dock.run("policy", "adopt", path, "--yes")


def clear(dock: Dock, root: Path, device: str = "-", *, status: int = 0, **environment: str) -> Any:
    """What `clear` reports."""
    run = dock.within(**environment).ended("tests.scenario.clear_card", str(dock.home), str(root), device)
    assert run.returncode == status, run.stderr.decode()
    return json.loads(run.stdout) if run.stdout else None


def why(report: Any) -> dict[str, str]:
    return {one["path"]: one["why"]["code"] for one in report["left"]}


# ---------------------------------------------------------------------- real file systems


@dataclass(frozen=True)
class Image:
    """A card's image and how to make a file system on it."""

    path: Path
    fs: str

    def digest(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


MAKERS = {"ext4": ("mkfs.ext4", "-q"), "vfat": ("mkfs.vfat",), "exfat": ("mkfs.exfat",)}


@pytest.fixture(params=MAKERS)
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Image:
    """An image with a file system this kernel can mount."""
    fs = str(request.param)
    if fs not in Path("/proc/filesystems").read_text().split():
        pytest.skip(f"this kernel cannot mount {fs}")
    tool, *options = MAKERS[fs]
    if (mkfs := shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")) is None:
        pytest.skip(f"{tool} is not installed")
    path = tmp_path / "card.img"
    path.write_bytes(b"")
    os.truncate(path, IMAGE_BYTES)
    subprocess.run([mkfs, *options, path], check=True, capture_output=True)
    return Image(path, fs)


@contextmanager
def inserted(image: Image, dock: Dock, root: Path, fill_from: Path | None = None) -> Iterator[tuple[Dock, str]]:
    """The card mounted for reading on a write-protected device; the station beside it, and the device."""
    root.mkdir(exist_ok=True)
    copy = f"mount $L {root}; cp -a {fill_from}/. {root}; umount {root}" if fill_from else ":"
    device = root.parent / "device"
    script = (
        f"L=$(losetup --show -f {image.path}); echo $L > {device}; blockdev --setrw $L\n"
        f"trap 'umount {root}; blockdev --setrw $L; losetup -d $L' EXIT\n"
        f"{copy}\nblockdev --setro $L\nmount -o ro $L {root}"
    )
    with mounted(script) as within:
        yield dock.within(*within), device.read_text().strip()


def test_a_card_is_bit_for_bit_the_same_until_it_may_be_cleared_and_then_holds_the_rest(
    image: Image, dock: Dock, tmp_path: Path
) -> None:
    root, content = tmp_path / "mnt", tmp_path / "content"
    fill(content, FILES)
    with inserted(image, dock, root, content) as (station, device):
        before = image.digest()
        report = station.ingest(root, "--recorder", RECORDER)
        assert len(report.filed) == len(FILES) - 1
        refused = clear(station, root, device)
        assert set(why(refused).values()) == {"clearing.policy-never"}
        station.run("clearing", "check", root, "--recorder", RECORDER)
    assert image.digest() == before, "docked, read and refused: the same card"
    fill(content, FILES | LEFT)
    with inserted(image, dock, root, content) as (station, device):
        allow(station)
        locked = image.digest()
        assert clear(station, root, UNMOUNTABLE)["erased"] == []
        assert image.digest() == locked
        done = clear(station, root, device)
        assert {one["path"] for one in done["erased"]} == {path.decode() for path in FILES}
        assert why(done) == {"LATE.MP4": "clearing.no-receipt"}
        assert done["trouble"] == []
        again = station.ingest(root, "--recorder", RECORDER, status=0)
        assert list(again.filed) == ["LATE.MP4"]
        assert [one["path"] for one in clear(station, root, device)["erased"]] == ["LATE.MP4"]
        station.verify()
    check = f"mkdir -p {tmp_path}/after; mount -o ro,loop {image.path} {root}; cp -a {root}/. {tmp_path}/after"
    with mounted(f"{check}; umount {root}"):
        pass
    assert bodies(tmp_path / "after") == {path: body for path, body in LEFT.items() if path != b"LATE.MP4"}
    assert (tmp_path / "after/DCIM/EMPTY").is_dir()
    assert (tmp_path / "after/LOG").is_dir()


def test_a_process_that_dies_while_it_erases_is_settled_by_the_next(image: Image, dock: Dock, tmp_path: Path) -> None:
    root, content, count = tmp_path / "mnt", tmp_path / "content", 1 if image.fs == "vfat" else 3
    fill(content, FILES)
    with inserted(image, dock, root, content) as (station, device):
        station.ingest(root, "--recorder", RECORDER)
        allow(station)
        clear(station, root, device, status=9, KILL_AFTER=str(count))
        with dock.opened() as opened:
            assert {one.state for one in opened.journal.cleared(RECORDER)} == {"begun"}
        assert len(clear(station, root, device)["erased"]) == len(FILES) - count
        with dock.opened() as opened:
            lines: list[Any] = [line.as_json()["details"] for line in trail.every_line(opened.database)]
            assert {one.state for one in opened.journal.cleared(RECORDER)} == {"erased"}
        assert [one["erased"] for one in lines if "erased" in one] == [count, len(FILES) - count]
        station.verify()


# ---------------------------------------------------------------------- a station that was harmed


@pytest.fixture
def filed(dock: Dock, card: Path) -> Dock:
    """A station that has filed a card and may clear it."""
    fill(card, FILES)
    dock.ingest(card, "--recorder", RECORDER)
    fill(card, LEFT)
    allow(dock)
    return dock


def flip(dock: Dock) -> None:
    for place in dock.objects():
        body = bytearray(place.read_bytes())
        if body:
            body[len(body) // 2] ^= 1
        rewrite(place, bytes(body) or b"!")


def rewrite(place: Path, body: bytes) -> None:
    place.unlink()
    place.write_bytes(body)


def lose_locks(dock: Dock) -> None:
    shutil.rmtree(dock.home / "vault/locks/originals")


def end_locks(dock: Dock) -> None:
    for place in (dock.home / "vault/locks").rglob("*.json"):
        text = json.loads(place.read_bytes()) | {"retain_until": "2026-01-01T00:00:00+00:00"}
        rewrite(place, json.dumps(text).encode())


def other_key(dock: Dock) -> None:
    for place in (dock.home / "keys").glob("*.pub.pem"):
        place.unlink()


def rebuild(dock: Dock) -> None:
    dock.run("rebuild", "--into", f"sqlite:///{dock.home}/again.db")
    rebuilt = (dock.home / "again.db").read_bytes()
    for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
        (dock.home / name).unlink(missing_ok=True)
    (dock.home / "catalog.db").write_bytes(rebuilt)


def lose_journal(dock: Dock) -> None:
    for place in dock.home.glob("journal.db*"):
        place.unlink()


def lose_originals(dock: Dock) -> None:
    (dock.home / "vault/objects/originals").rename(dock.home / "elsewhere")


def forbid(dock: Dock) -> None:
    allow(dock, "")


def wait_days(dock: Dock) -> None:
    allow(dock, "[clearing]\nwhen = 'after-days'\ndays = 1\n")


HARMS: dict[str, tuple[Callable[[Dock], None], str]] = {
    "a bit flipped in every original": (flip, "clearing.not-as-sealed"),
    "the locks are missing": (lose_locks, "clearing.not-as-sealed"),
    "the locks have ended": (end_locks, "clearing.not-as-sealed"),
    "no key is trusted": (other_key, "clearing.not-as-sealed"),
    "the journal is another's": (lose_journal, "clearing.no-receipt"),
    "the originals are away": (lose_originals, "clearing.not-as-sealed"),
    "the policy says never again": (forbid, "clearing.policy-never"),
    "a day must pass": (wait_days, "clearing.not-yet"),
}


@pytest.mark.parametrize("name", HARMS)
def test_a_harmed_station_erases_nothing_and_says_why(filed: Dock, card: Path, name: str) -> None:
    do, code = HARMS[name]
    do(filed)
    before = seen(card)
    said = filed.run("clearing", "check", card, "--recorder", RECORDER, "--json").document
    report = clear(filed, card)
    assert seen(card) == before
    assert (report["erased"], said["erase"]) == ([], [])
    wanted = dict.fromkeys((path.decode() for path in FILES), code)
    late = code if code == "clearing.policy-never" else "clearing.no-receipt"
    assert why(report) == wanted | {"LATE.MP4": late}
    assert {one["path"]: one["code"] for one in said["left"]} == why(report)


def test_receipts_of_a_catalog_that_was_rebuilt_with_other_lines_are_stale(
    filed: Dock, card: Path, tmp_path: Path
) -> None:
    """A look before the second card shifts the lines of its clips."""
    filed.run("clips", "verify", "--all")
    second = tmp_path / "second"
    fill(second, {b"LOG/20260306.log": b"2026-03-06 09:00:00 on\r\n"})
    filed.ingest(second, "--recorder", RECORDER)
    rebuild(filed)
    before = seen(second)
    assert why(clear(filed, second)) == {"LOG/20260306.log": "clearing.stale-receipt"}
    assert seen(second) == before


def test_the_check_tells_what_a_clearing_then_does(filed: Dock, card: Path) -> None:
    allow(filed, "")
    before = seen(card)
    policy = card.parent / "trial.toml"
    policy.write_text(ALLOWED)
    said = filed.run("clearing", "check", card, "--recorder", RECORDER, "--policy", policy, "--json").document
    assert (said["policy"], said["clearing"], said["others"]) == (0, "after-receipt", 1)
    shown = filed.run("clearing", "check", card, "--recorder", RECORDER, "--policy", policy).stdout
    assert "Would be erased: 5" in shown
    assert "LATE.MP4: this station has no receipt for it" in shown
    assert seen(card) == before
    with filed.opened() as station:
        lines = trail.newest(station.database)
        assert lines is not None
        assert lines.entry.action == "policy.adopted", "a check is not on the trail"
    allow(filed)
    done = clear(filed, card)
    assert {one["path"] for one in said["erase"]} == {one["path"] for one in done["erased"]}
    assert bodies(card) == LEFT
    assert filed.run("clearing", "check", card.parent / "none", "--json", status=43).error == "devices.no-card"
    (filed.home / "vault/objects").rename(filed.home / "elsewhere")
    assert filed.run("clearing", "check", card, "--json", status=30).error == "vault.unreachable"


def test_chinese_words(filed: Dock, card: Path) -> None:
    filed.set('language = "auto"', 'language = "zh"')
    said = filed.run("clearing", "check", card, "--recorder", RECORDER).stdout
    assert "将清除 5 个" in said
    assert "本站没有该文件的回执" in said
