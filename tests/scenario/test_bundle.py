"""An evidence bundle is checked by what lies in it, by other makers' tools, and every harm to it is named."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalog.trail.proofs import prove
from docking_station.bundle import contents
from docking_station.bundle import originals as copying
from docking_station.bundle.errors import CannotExport, NoRoomToExport
from docking_station.bundle.export import Exported, export_bundle
from docking_station.bundle.facts import Checkpoint, Item, Order
from docking_station.station.station import Station
from tests.fakes.callers import ME
from tests.fakes.faults import Crash
from tests.scenario.dock import Dock, made_dock
from tests.scenario.places import mounted
from tests.scenario.truth import make_small_card
from vault.signature import Signer

CASE = "2026-0305-1"
HOSTILE = {
    "行 50% \x1b[31m坏.log": b"one",
    "aux.LOG": b"two",
    "-rf.log": b"three",
    "EV00001_JY0001_20260305093000.MP4": b"4",
}
CLIPS = 6 + 1 + len(HOSTILE)
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Dock:
    """A station with a case of clips, some with hostile names, two with the same."""
    base = tmp_path_factory.mktemp("bundle")
    card = base / "card"
    make_small_card(card)
    (card / "B").mkdir()
    for name, content in HOSTILE.items():
        (card / "B" / name).write_bytes(content)
    dock = made_dock(base / "home")
    assert len(dock.ingest(card, "--case", CASE).filed) == CLIPS
    return dock


def signed_note(station: Station) -> Checkpoint:
    """A checkpoint as `trail checkpoints` makes them: a C2SP signed note over all but the last lines."""
    size = 9
    root = prove(station.database, [], size).root
    text = f"station-1\n{size}\n{base64.b64encode(bytes.fromhex(root)).decode()}\n"
    raw = b"keyd" + base64.b64decode(station.signer.sign(text.encode()))
    return Checkpoint(f"{text}\n— station-1 {base64.b64encode(raw).decode()}\n".encode(), size, root)


def a_stamp(station: Station, manifest_sha256: str) -> bytes:
    """What an RFC 3161 token holds of the manifest, with the rest made up."""
    del station
    return b"\x30\x82token\x04\x20" + bytes.fromhex(manifest_sha256) + b"rest"


@pytest.fixture(scope="module")
def made(lived: Dock, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """The whole case, with a checkpoint and timestamps.

    The station is closed afterwards: a copy of its home, read in this process, would undo the locks SQLite holds.
    """
    with pytest.MonkeyPatch.context() as patch, lived.opened() as station:
        patch.setattr(contents, "newest_checkpoint", signed_note)
        patch.setattr(contents, "timestamp_of", a_stamp)
        return export_bundle(station, ME, Order((), CASE, tmp_path_factory.mktemp("out")))


@pytest.fixture
def bundle(made: Exported, tmp_path: Path) -> Path:
    """A copy to be harmed."""
    shutil.copytree(made.path, tmp_path / "copy")
    return tmp_path / "copy"


def verdict(bundle: Path, *options: str, lang: str = "en") -> tuple[int, str]:
    """What verify.py says, run by a bare Python."""
    line = [sys.executable, "-I", "-S", str(bundle / "verify.py"), "--lang", lang, *options]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False, env={"LC_ALL": "C.UTF-8"})
    assert run.stderr == b""
    return run.returncode, run.stdout.decode()


def originals(bundle: Path) -> list[Path]:
    return sorted(path for path in (bundle / "data/originals").iterdir() if path.is_file())


# ---------------------------------------------------------------------- it holds


def test_a_bundle_proves_itself(made: Exported) -> None:
    status, said = verdict(made.path, "--key", made.key_id)
    assert status == 0, said
    assert f"ALL CHECKED HERE HOLDS, if the bureau's key is {made.key_id}" in said
    assert f"({CLIPS}, SHA-256, SM3; timestamps (时间戳): {CLIPS}, by whom is NOT CHECKED" in said
    assert "a checkpoint of station-1 agrees, over 9 of these lines" in said
    assert "全部成立" in verdict(made.path, lang="zh")[1]
    assert hashlib.sha256((made.path / "index.json").read_bytes()).hexdigest() == made.index_sha256
    assert verdict(made.path, "--key", "0" * 16)[0] == 1


def test_originals_have_their_own_names_made_harmless(made: Exported, lived: Dock) -> None:
    names = {path.name for path in originals(made.path)}
    assert {"行 50_ _[31m坏.log", "_aux.LOG", "rf.log", "EV00001_JY0001_20260305093000.MP4"} <= names
    assert len(names) == CLIPS == len({name.casefold() for name in names})
    index = json.loads((made.path / "index.json").read_bytes())
    raw = {clip["path_hex"] for clip in index["clips"]}
    assert "B/行 50% \x1b[31m坏.log".encode().hex() in raw
    lived.verify()


def test_other_makers_tools_agree(made: Exported) -> None:
    manifests = ["manifest-sha256.txt", "tagmanifest-sha256.txt"]
    tool("sha256sum", "--strict", "--quiet", "-c", *manifests, cwd=made.path)
    tool(PROGRAMS / "bagit.py", "--validate", "--quiet", made.path)
    keys = made.path / "keys" / f"{made.key_id}.pub.pem"
    signed = [made.path / "index.json", *(made.path / "data/manifests").glob("*.json")]
    assert len(signed) == CLIPS + 1
    for path in signed:
        tool(
            "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", keys, "-rawin", "-in", path, "-sigfile", f"{path}.sig"
        )


def test_the_media_hash_list_passes_its_makers_tool(made: Exported, bundle: Path) -> None:
    program = shutil.which("ascmhl-debug", path=f"{sys.prefix}/tools/bin:{os.environ.get('PATH', '')}")
    if program is None:
        pytest.skip("ascmhl is not here; its wheel holds a package `tests`, so it needs an environment of its own")
    tool(program, "verify", made.path / "data/originals")
    originals(bundle)[0].write_bytes(b"other")
    with pytest.raises(AssertionError):
        tool(program, "verify", bundle / "data/originals")


def tool(program: str | Path, *arguments: str | Path, cwd: Path | None = None) -> None:
    run = subprocess.run([program, *arguments], cwd=cwd, capture_output=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout.decode() + run.stderr.decode()


def test_the_report_tells_the_list_in_both_languages_and_loads_nothing(made: Exported) -> None:
    for language, words in (("zh", "电子数据清单"), ("en", "List of electronic data")):
        page = (made.path / f"report.{language}.html").read_text()
        assert words in page
        assert "http" not in page.replace("http-equiv", "")
        assert "<script" not in page
        index = json.loads((made.path / "index.json").read_bytes())
        for clip in index["clips"]:
            assert {clip["sha256"], clip["sm3"], clip["clip"]} <= set(page.replace("<", ">").split(">"))
        assert "\x1b" not in page
        assert "&quot;manifest&quot;" not in page, "what the trail says is told in words"
        assert "mov,mp4" not in page
        assert "_pipe" not in page, "what ffmpeg calls a picture alone"
        assert {"zh": "依据文件名", "en": "by the file&#x27;s name"}[language] in page
        assert (made.path / f"report.{language}.pdf").read_bytes().startswith(b"%PDF-")


# ---------------------------------------------------------------------- every harm is named


def flip(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)


def swap(bundle: Path) -> None:
    first, second = (bundle / "data/originals" / name for name in ("20260305.log", "rf.log"))
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def truncate_trail(bundle: Path) -> None:
    path = bundle / "data/trail/lines.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def first_of(bundle: Path, pattern: str) -> Path:
    return min(bundle.glob(pattern))


def edit(path: Path, old: bytes, new: bytes) -> None:
    body = path.read_bytes()
    assert old in body
    path.write_bytes(body.replace(old, new, 1))


def append(path: Path, more: bytes) -> None:
    path.write_bytes(path.read_bytes() + more)


def double(path: Path) -> None:
    """Its last line again."""
    append(path, path.read_bytes().splitlines(keepends=True)[-1])


def another_key() -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Signer("", Ed25519PrivateKey.generate()).public_pem()


def a_pipe(bundle: Path) -> None:
    """What would be waited for, for ever."""
    (bundle / "data/originals/rf.log").unlink()
    os.mkfifo(bundle / "data/originals/rf.log")


HARMS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed byte": (lambda b: flip(b / "data/originals/rf.log"), "CHANGED: data/originals/rf.log"),
    "a swapped clip": (swap, "SWAPPED: data/originals/20260305.log holds data/originals/rf.log"),
    "a removed clip": (lambda b: (b / "data/originals/rf.log").unlink(), "REMOVED: data/originals/rf.log"),
    "an added file": (lambda b: (b / "data/originals/x.mp4").write_bytes(b"x"), "ADDED: data/originals/x.mp4"),
    "an added link": (lambda b: (b / "link").symlink_to("/etc"), "ADDED: link"),
    "an edited report": (lambda b: edit(b / "report.zh.html", b"JY0001", b"JY0002"), "REPORT EDITED: report.zh.html"),
    "an edited print": (lambda b: flip(b / "report.en.pdf"), "REPORT EDITED: report.en.pdf"),
    "a forged timestamp": (lambda b: flip(first_of(b, "data/timestamps/*")), "TIMESTAMP FORGED: data/timestamps/"),
    "a truncated trail": (truncate_trail, "TRAIL TRUNCATED: line"),
    "an edited trail": (lambda b: edit(b / "data/trail/lines.jsonl", b"root", b"boot"), "is not under the root"),
    "an edited checkpoint": (lambda b: edit(b / "data/trail/checkpoint.txt", b"\n9\n", b"\n8\n"), "CHECKPOINT FORGED"),
    "an edited manifest": (lambda b: flip(first_of(b, "data/manifests/*.json")), "CHANGED: data/manifests/"),
    "another signature": (lambda b: flip(first_of(b, "data/manifests/*.sig")), "SIGNATURE: the manifest of"),
    "an edited index": (lambda b: edit(b / "index.json", b"station-1", b"station-2"), "INDEX EDITED"),
    "an exchanged key": (lambda b: first_of(b, "keys/*").write_bytes(another_key()), "KEY EXCHANGED"),
    "an edited bag": (lambda b: edit(b / "manifest-sha256.txt", b"/rf.log", b"/rg.log"), "BAGIT: manifest-sha256.txt"),
    "bytes behind the tags": (lambda b: append(b / "tagmanifest-sha256.txt", b"x"), "BAGIT: tagmanifest-"),
    "a tag told twice": (lambda b: double(b / "tagmanifest-sha256.txt"), "BAGIT: tagmanifest-"),
    "a removed signature": (lambda b: (b / "index.json.sig").unlink(), "REMOVED: index.json.sig"),
    "edited tags": (lambda b: edit(b / "tagmanifest-sha256.txt", b"README", b"README2"), "BAGIT: tagmanifest-"),
    "a pipe in a file's place": (a_pipe, "data/originals/rf.log leads out of the bundle, or is no file"),
    "an edited checker": (lambda b: edit(b / "verify.py", b"GB/T", b"gb/t"), "CHANGED: verify.py"),
}


@pytest.mark.parametrize("harm", HARMS)
def test_every_harm_is_named(bundle: Path, harm: str) -> None:
    do, named = HARMS[harm]
    do(bundle)
    status, said = verdict(bundle)
    assert status == 1, said
    assert named in said
    assert "HOLDS" not in said
    if "data/originals/" in named and "ADDED" not in named:
        assert "all clips are as sealed" not in said, "nothing is said to hold that was not read"


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b"9" * 10_000, b"", b"{}", b"[]", b"null", b'{"files":[{"path":"../../etc/passwd","sha256":""}]}'],
)
def test_what_is_no_bundle_is_said(bundle: Path, body: bytes) -> None:
    (bundle / "index.json").write_bytes(body)
    assert verdict(bundle)[0] == 2


def test_a_path_out_of_the_bundle_is_not_followed(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_bytes(b"{}")
    index = json.loads((bundle / "index.json").read_bytes())
    index["clips"][0]["manifest"] = "../outside.json"
    (bundle / "index.json").write_text(json.dumps(index))
    status, said = verdict(bundle)
    assert status == 1
    assert "leads out of the bundle" in said


@pytest.mark.parametrize(("name", "lang"), [("LANG", "zh_CN.UTF-8"), ("LC_ALL", "zh_CN.GB18030")])
def test_the_checker_speaks_as_the_reader_does_also_where_the_locale_is_not_installed(
    bundle: Path, name: str, lang: str
) -> None:
    run = subprocess.run([sys.executable, bundle / "verify.py"], capture_output=True, check=False, env={name: lang})
    assert run.returncode == 0
    assert "全部成立" in run.stdout.decode()


# ---------------------------------------------------------------------- making it


def test_the_trail_comes_first_and_copies_must_be_as_sealed(lived: Dock, tmp_path: Path) -> None:
    shutil.copytree(lived.home, tmp_path / "home")
    dock = Dock(tmp_path / "home")
    victim = next(path for path in dock.objects() if path.read_bytes() == b"three")
    victim.chmod(0o600)
    victim.write_bytes(b"thr33")
    answer = dock.run("export", "--case", CASE, "--to", tmp_path / "out", "--json", status=31)
    assert answer.error == "station.copy-differs"
    assert [path.name for path in (tmp_path / "out").glob("[!.]*")] == []
    exported = [line for line in dock.run("trail", "show", "--json").document if line["action"] == "clip.exported"]
    last = [line for line in exported if line["details"]["to"] == str(tmp_path / "out")]
    assert (len(last), all(line["look"] for line in last)) == (CLIPS, True)


def test_an_interrupted_export_goes_on(lived: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    copy = copying._copy

    def failing(station: Station, item: Item, path: Path, progress: Callable[[int], None]) -> bytes:
        if len(copied) == 4:
            raise OSError(28, "No space left on device")
        copied.append(item.clip)
        return copy(station, item, path, progress)

    order = Order((), CASE, tmp_path / "out")
    with lived.opened() as station:
        with monkeypatch.context() as patch:
            patch.setattr(copying, "_copy", failing)
            with pytest.raises(CannotExport, match="No space left"):
                export_bundle(station, ME, order)
        (part,) = (tmp_path / "out").iterdir()
        assert part.name.startswith(".")
        assert part.name.endswith(".part")
        assert not (part / "index.json").exists()
        (part / "data/originals/left.mp4").write_bytes(b"left by somebody")
        flip(next(path for path in sorted((part / "data/originals").iterdir()) if path.stat().st_size))
        counted: list[str] = []
        synced: set[int] = set()
        fsync = os.fsync

        def noted(fd: int) -> None:
            synced.add(os.fstat(fd).st_ino)
            fsync(fd)

        monkeypatch.setattr(os, "fsync", noted)

        def counting(station: Station, item: Item, path: Path, progress: Callable[[int], None]) -> bytes:
            counted.append(item.clip)
            return copy(station, item, path, progress)

        monkeypatch.setattr(copying, "_copy", counting)
        done = export_bundle(station, ME, order)
    assert len(counted) < CLIPS
    assert {path.stat().st_ino for path in originals(done.path)} <= synced, "also what was copied before"
    assert verdict(done.path)[0] == 0
    assert list((tmp_path / "out").iterdir()) == [done.path]


def test_an_encrypted_bundle_is_one_file_for_its_readers(lived: Dock, tmp_path: Path) -> None:
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    reader = str(identity.to_public())
    clip = lived.clips()["B/aux.LOG"]["id"]
    words = ("export", "--clip", clip, "--encrypt-to", reader, "--to", tmp_path / "out", "--json")
    told = lived.run(*words).document
    (path,) = (tmp_path / "out").iterdir()
    assert str(path) == told["path"]
    assert list((lived.home / "exports").iterdir()) == []
    (tmp_path / "plain.tar").write_bytes(pyrage.decrypt(path.read_bytes(), [identity]))
    tool("tar", "-xf", tmp_path / "plain.tar", "-C", tmp_path)
    assert verdict(tmp_path / told["bundle"])[0] == 0
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(path.read_bytes(), [pyrage.x25519.Identity.generate()])


def test_exports_of_one_moment_are_each_whole(lived: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that share the second, into one folder and two; then processes that order the very same."""
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    reader = str(identity.to_public())
    clips = [str(one["id"]) for one in lived.every_clip() if one["size_bytes"] > 0][:4]
    moment = datetime.now(UTC)
    monkeypatch.setattr(Station, "now", lambda _: moment)
    together = threading.Barrier(2 * len(clips))

    def one(number: int) -> Exported:
        order = Order((clips[number // 2],), None, tmp_path / ("ab"[number % 2]), (reader,))
        with lived.opened() as station:
            together.wait()
            return export_bundle(station, ME, order)

    with ThreadPoolExecutor(2 * len(clips)) as pool:
        made = list(pool.map(one, range(2 * len(clips))))
    assert len({one.path for one in made}) == 2 * len(clips)
    for ended in made:
        with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(ended.path.read_bytes(), [identity]))) as tar:
            assert {name.split("/")[0] for name in tar.getnames()} == {ended.bundle}
            index = tar.extractfile(f"{ended.bundle}/index.json")
            assert index is not None
            assert hashlib.sha256(index.read()).hexdigest() == ended.index_sha256
    assert sorted([*(tmp_path / "a").iterdir(), *(tmp_path / "b").iterdir()]) == sorted(one.path for one in made)
    words = ("export", "--clip", clips[0], "--encrypt-to", reader, "--to", tmp_path / "c")
    running = [lived.start(*words) for _ in range(3)]
    assert {each.wait(60) for each in running} <= {0, 27}
    whole = list((tmp_path / "c").iterdir())
    assert whole
    for path in whole:
        pyrage.decrypt(path.read_bytes(), [identity])
    assert list((lived.home / "exports").iterdir()) == []


def test_an_encryption_that_is_killed_leaves_one_folder_that_goes_on(
    lived: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyrage = pytest.importorskip("pyrage")
    reader = str(pyrage.x25519.Identity.generate().to_public())
    order = Order((lived.clips()["B/aux.LOG"]["id"],), None, tmp_path / "out", (reader,))

    left: list[str] = []
    names: set[str] = set()
    drafts: set[Path] = set()

    def killed(_folder: Path, name: str, draft: Path, _readers: object) -> None:
        left.extend(path.name for path in (lived.home / "exports").iterdir())
        names.add(name)
        drafts.add(draft)
        raise Crash

    with lived.opened() as station:
        with monkeypatch.context() as patch:
            patch.setattr("docking_station.bundle.export.encrypt_folder", killed)
            for second in range(2):
                patch.setattr(type(station), "now", lambda _, s=second: datetime.now(UTC) + timedelta(seconds=s))
                with pytest.raises(Crash):
                    export_bundle(station, ME, order)
        assert [name.endswith(".part") for name in left] == [True, True], "the next one finds it"
        assert (len(names), len(drafts)) == (2, 1), "and writes over what it left on the other disk"
        export_bundle(station, ME, order)
    assert list((lived.home / "exports").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("--case", "none"), 53, "catalog.no-such-case"),
        (("--case", "empty"), 18, "station.nothing-to-export"),
        (("--clip", "zzz"), 51, "catalog.no-such-clip"),
        (("--case", CASE, "--encrypt-to", "nobody"), 13, "station.bad-recipient"),
        ((), 2, "--case"),
        (("--case", CASE, "--clip", "c"), 2, "--case"),
    ],
)
def test_what_cannot_be_exported_is_said(
    lived: Dock, tmp_path: Path, words: tuple[str, ...], status: int, code: str
) -> None:
    if "empty" in words:
        lived.run("cases", "add", "empty", "--title", "nothing yet")
    answer = lived.run("export", "--to", tmp_path / "out", *words, status=None)
    assert code in answer.stderr
    assert answer.status == status
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_is_said_and_the_rest_follows(lived: Dock, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    with mounted(f"mount -t tmpfs -o size=8m none {place}") as before:
        subprocess.run([*before, "sh", "-c", f"head -c 5000000 /dev/zero >{place}/other"], check=True)
        tight = lived.within(*before)
        answer = tight.run("export", "--case", CASE, "--to", place, "--json", status=18)
        assert answer.error == "station.no-room-to-export"
        subprocess.run([*before, "rm", place / "other"], check=True)
        told = tight.run("export", "--case", CASE, "--to", place, "--json").document
        subprocess.run([*before, sys.executable, f"{told['path']}/verify.py"], check=True, capture_output=True)


def test_a_full_disk_is_said_before_anything_is_written(
    lived: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with lived.opened() as station, pytest.raises(NoRoomToExport, match="has 1000 free"):
        export_bundle(station, ME, Order((), CASE, tmp_path / "out"))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("tables", [("clip",), ("manifest",), ("clip", "manifest")], ids="-".join)
def test_a_case_that_lacks_part_of_a_clip_is_not_handed_out_short(
    lived: Dock, tmp_path: Path, tables: tuple[str, ...]
) -> None:
    shutil.copytree(lived.home, tmp_path / "home")
    harmed = Dock(tmp_path / "home")
    with closing(sqlite3.connect(harmed.home / "catalog.db")) as base, base:
        case, clip = base.execute("SELECT no, clip_id FROM link JOIN law_case ON law_case.id = case_id").fetchone()
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f"DROP TRIGGER {name}")
        for table in tables:
            base.execute(f"DELETE FROM {table} WHERE {'id' if table == 'clip' else 'clip_id'} = ?", (clip,))
    answer = harmed.run("export", "--case", case, "--to", tmp_path / "out", "--json", status=32)
    assert answer.error == "station.case-incomplete"
    assert not (tmp_path / "out").exists()
