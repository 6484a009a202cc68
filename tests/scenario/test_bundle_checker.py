"""The checker of a bundle where it is run: in the bundle, with whatever lies there, on a terminal or on none."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pty
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenario.dock import Dock, made_dock


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of two clips."""
    place = tmp_path_factory.mktemp("checker")
    (place / "card").mkdir()
    (place / "card/a.log").write_bytes(b"a")
    (place / "card/other.log").write_bytes(b"other")
    dock = made_dock(place / "home")
    dock.ingest(place / "card", "--case", "C1")
    return Path(dock.run("export", "--case", "C1", "--to", place / "out", "--json").document["path"])


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy to be harmed."""
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_file_named_like_a_part_of_python_is_not_run_in_its_place(bundle: Path) -> None:
    """Whoever checks the checker alone, and finds it whole, must be able to believe it."""
    lie = "import sys\nprint('ALL CHECKED HERE HOLDS')\nsys.exit(0)\n"
    for name in ("argparse", "base64", "hashlib", "json", "locale", "os", "typing"):
        (bundle / f"{name}.py").write_text(lie)
    line = [sys.executable, "verify.py", "--lang", "en"]
    run = subprocess.run(line, cwd=bundle, capture_output=True, timeout=60, check=False)
    assert run.returncode == 1, run.stdout
    assert b"ADDED: hashlib.py" in run.stdout
    assert b"HOLDS" not in run.stdout


def test_the_exit_status_tells_also_where_nobody_listens(bundle: Path) -> None:
    for wanted in (0, 1):
        run = subprocess.run(
            ["sh", "-c", f"{sys.executable} {bundle}/verify.py >&- <&-"], capture_output=True, check=False
        )
        assert (run.returncode, run.stderr) == (wanted, b"")
        (bundle / "x").touch()


@pytest.mark.parametrize("way", ["-B", "-I"])
def test_nothing_is_written_into_the_bundle(bundle: Path, way: str, tmp_path: Path) -> None:
    before = sorted(bundle.rglob("*"))
    environment = {"PYTHONIOENCODING": "gbk", "LANG": "zh_CN.GBK"}
    line = [sys.executable, way, str(bundle / "verify.py")]
    run = subprocess.run(line, cwd=tmp_path, capture_output=True, timeout=60, check=False, env=environment)
    assert run.returncode == 0
    assert "全部成立" in run.stdout.decode("gbk" if way == "-B" else "utf-8")
    assert sorted(bundle.rglob("*")) == before


@pytest.fixture(scope="module")
def gbk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The surroundings of a terminal that speaks GBK."""
    place = tmp_path_factory.mktemp("locale")
    if shutil.which("localedef") is None:
        pytest.skip("localedef is not here to make a GBK locale")
    line = ["localedef", "-i", "zh_CN", "-f", "GBK", str(place / "zh_CN.GBK")]
    subprocess.run(line, capture_output=True, timeout=60, check=False)  # 1: made, with warnings
    if not (place / "zh_CN.GBK/LC_CTYPE").exists():
        pytest.skip("the system has no sources to make a GBK locale of")
    return {"LOCPATH": str(place), "LANG": "zh_CN.GBK", "LC_ALL": "zh_CN.GBK"}


NAMED = "行车\U0001f600é.log"


@pytest.fixture(scope="module")
def made_in_gbk(tmp_path_factory: pytest.TempPathFactory, gbk: dict[str, str]) -> Path:
    """A bundle of names in UTF-8, ingested and exported where the terminal speaks GBK."""
    place = tmp_path_factory.mktemp("gbk")
    (place / "行 card").mkdir()
    (place / "行 card" / NAMED).write_bytes(b"a")
    dock = replace(made_dock(place / "home"), encoding="gbk").within(**gbk)
    case = os.fsdecode("案1".encode("gbk"))  # as it is typed there
    dock.run("ingest", place / "行 card", "--case", case)
    assert r"\U0001f600" in dock.run("clips", "list").stdout, "what a terminal cannot say is written out"
    assert dock.run("clips", "list", "--json").document[0]["case"] == "案1"
    return Path(dock.run("export", "--case", case, "--to", place / "行 out", "--json").document["path"])


@pytest.mark.parametrize("spoken", ["gbk", "utf-8"])
def test_a_bundle_holds_whatever_its_maker_and_its_reader_speak(
    made_in_gbk: Path, gbk: dict[str, str], spoken: str
) -> None:
    assert [path.name for path in (made_in_gbk / "data/originals").glob("*.log")] == [NAMED]
    environment = gbk if spoken == "gbk" else {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}
    run = subprocess.run(
        [sys.executable, "-I", str(made_in_gbk / "verify.py"), "--lang", "zh"],
        capture_output=True,
        timeout=60,
        check=False,
        env=environment,
    )
    assert run.returncode == 0, run.stdout.decode(spoken)
    assert "全部成立" in run.stdout.decode(spoken)


def checked(bundle: Path) -> tuple[int, str]:
    line = [sys.executable, "-I", str(bundle / "verify.py"), "--lang", "en"]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False, env={"LC_ALL": "C.UTF-8"})
    return run.returncode, run.stdout.decode()


def test_names_as_a_mac_writes_them_are_the_same_names(made_in_gbk: Path, tmp_path: Path) -> None:
    bundle = shutil.copytree(made_in_gbk, tmp_path / "copy")
    (bundle / "data/originals" / NAMED).rename(bundle / "data/originals" / unicodedata.normalize("NFD", NAMED))
    status, said = checked(bundle)
    assert status == 0, said
    assert "! WRITTEN ANOTHER WAY" in said
    (bundle / "data/originals" / unicodedata.normalize("NFD", NAMED)).write_bytes(b"b")
    assert "CHANGED: data/originals/行车" in checked(bundle)[1]


def test_what_a_desktop_leaves_is_told_and_is_no_fault(bundle: Path) -> None:
    for name in (".DS_Store", "data/originals/Thumbs.db"):
        (bundle / name).write_bytes(b"x")
    status, said = checked(bundle)
    assert status == 0, said
    assert "! ADDED: .DS_Store" in said
    assert "! ADDED: data/originals/Thumbs.db" in said


def test_a_reader_that_goes_away_is_no_fault(bundle: Path) -> None:
    for wanted in (0, 1):
        line = f"{sys.executable} {bundle}/verify.py | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
        run = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60, check=False)
        assert (run.returncode, run.stderr) == (wanted, b"")
        (bundle / "x").touch()


def test_the_bureaus_key_may_be_named_by_its_whole_digest(made: Path) -> None:
    pem = next((made / "keys").glob("*.pub.pem"))
    whole = hashlib.sha256(base64.b64decode("".join(pem.read_text().splitlines()[1:-1]))[12:]).hexdigest()
    for key, wanted in ((whole, 0), (whole[:16], 0), (whole[:15], 1), (whole[:-1] + "x", 1)):
        line = [sys.executable, str(made / "verify.py"), "--lang", "en", "--key", key]
        run = subprocess.run(line, capture_output=True, timeout=60, check=False)
        assert run.returncode == wanted, run.stdout
        assert (b"OTHER KEY" in run.stdout) is bool(wanted)


def test_what_was_left_out_on_demand_is_said(made: Path) -> None:
    key = next((made / "keys").glob("*.pub.pem")).name.partition(".")[0]
    line = [sys.executable, str(made / "verify.py"), "--lang", "en", "--no-sm3", "--key", key.upper()]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False)
    assert run.returncode == 0
    assert b"SM3 NOT CHECKED" in run.stdout


def test_a_terminal_is_told_what_goes_on(dock: Dock, tmp_path: Path) -> None:
    """By export and checker; and nothing of it goes into a pipe."""
    (tmp_path / "card").mkdir()
    (tmp_path / "card/a.log").write_bytes(b"a")
    dock.ingest(tmp_path / "card", "--case", "C1")
    told = on_a_terminal(dock.line("export", "--case", "C1", "--to", tmp_path / "out"), dock.surroundings())
    assert "manifests, proofs and report" in told
    (bundle,) = (tmp_path / "out").iterdir()
    with (bundle / "data/originals/large.mp4").open("wb") as file:
        file.truncate(3 << 20)
    index = json.loads((bundle / "index.json").read_bytes())
    index["files"].append({"path": "data/originals/large.mp4", "sha256": "", "size_bytes": 3 << 20})
    (bundle / "index.json").write_text(json.dumps(index))
    assert "3 MiB" in on_a_terminal([sys.executable, str(bundle / "verify.py")], dock.surroundings())
    piped = subprocess.run([sys.executable, str(bundle / "verify.py")], capture_output=True, timeout=60, check=False)
    assert piped.returncode == 1
    assert b"MiB" not in piped.stdout + piped.stderr


def on_a_terminal(line: list[str], environment: dict[str, str]) -> str:
    """What a command writes to a terminal of its own."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(line, stdin=theirs, stdout=theirs, stderr=theirs, env=environment | {"TERM": "xterm"}) as run:
        os.close(theirs)
        told = b""
        with suppress(OSError):  # how a terminal ends
            while more := os.read(ours, 1 << 16):
                told += more
        run.wait(60)
    os.close(ours)
    return told.decode(errors="replace")


def told_anew(bundle: Path) -> None:
    """Every list of digests written anew, as somebody does who knows how all of it is made and has no key."""

    def sha256(path: str) -> str:
        return hashlib.sha256((bundle / path).read_bytes()).hexdigest()

    def listing(payload: bool) -> None:
        name = "manifest-sha256.txt" if payload else "tagmanifest-sha256.txt"
        every = sorted(str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file())
        paths = [path for path in every if path.startswith("data/") == payload and path != "tagmanifest-sha256.txt"]
        (bundle / name).write_text("".join(f"{sha256(path)}  {path}\n" for path in paths))

    listing(True)
    index = json.loads((bundle / "index.json").read_bytes())
    index["files"] = [file | {"sha256": sha256(file["path"])} for file in index["files"]]
    (bundle / "index.json").write_text(json.dumps(index))
    listing(False)


def other_bytes(bundle: Path) -> None:
    (bundle / "data/originals/a.log").write_bytes(b"x")


def other_words(bundle: Path) -> None:
    page = bundle / "report.zh.html"
    page.write_text(page.read_text().replace("a.log", "b.log"))


def shorter_trail(bundle: Path) -> None:
    path = bundle / "data/trail/lines.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    index = json.loads((bundle / "index.json").read_bytes())
    index["trail"]["numbers"].pop()
    (bundle / "index.json").write_text(json.dumps(index))


def manifest_of_another(bundle: Path) -> None:
    (one, other) = (bundle / clip["manifest"] for clip in json.loads((bundle / "index.json").read_bytes())["clips"])
    for end in ("", ".sig"):
        Path(f"{one}{end}").write_bytes(Path(f"{other}{end}").read_bytes())


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (other_bytes, "NOT AS SEALED: data/originals/a.log (SHA-256, SM3)"),
        (other_words, "INDEX EDITED"),
        (shorter_trail, "INDEX EDITED"),
        (manifest_of_another, "NOT AS SEALED: data/originals/"),
    ],
)
def test_who_writes_every_list_anew_is_found_by_the_signatures(
    bundle: Path, harm: Callable[[Path], None], named: str
) -> None:
    harm(bundle)
    told_anew(bundle)
    program = ["sha256sum", "--quiet", "-c", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    assert subprocess.run(program, cwd=bundle, capture_output=True, timeout=60, check=False).returncode == 0
    line = [sys.executable, str(bundle / "verify.py"), "--lang", "en"]
    run = subprocess.run(line, capture_output=True, timeout=60, check=False)
    said = run.stdout.decode()
    assert run.returncode == 1
    assert "INDEX EDITED" in said
    assert named in said
