"""The door to ExifTool: the real one where it is installed, a false one for what goes wrong."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from errno import EACCES, EFBIG, EPERM
from pathlib import Path

import pytest

from docking_station.station.settings import OWN_EXIFTOOL
from media import exiftool, sandbox
from media.errors import NoSecondOpinion, NotMedia, ToolFailed, ToolTooSlow
from media.exiftool import ExifTool, found
from media.second_opinion import read_opinion
from tests.fakes.exiftool import false_exiftool
from tests.footage.clips import exif, jpeg
from tests.footage.movies import freegps, with_blocks
from tests.house.tree import ROOT

AT = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
NAMES = [
    b"-execute\n-delete_original!",
    b"-o x.jpg",
    b"@-",
    b"#[CSTR]\\n",
    b"| touch gone",
    b"> gone",
    b" space before and behind ",
    b"%d%f.jpg",
    b"*.jpg",
    "北门.MP4".encode("gbk"),
    b"{ready1}",
    b"$(touch gone)`touch gone`",
]


@pytest.fixture(scope="module")
def real() -> Iterator[ExifTool]:
    try:
        program = found((str(OWN_EXIFTOOL), "exiftool"))
    except NoSecondOpinion as error:
        pytest.skip(f"no ExifTool here: {error.message()}")
    with ExifTool(program) as tool:
        yield tool


@pytest.fixture
def false(tmp_path: Path) -> Iterator[ExifTool]:
    with ExifTool(found([false_exiftool(tmp_path)]), timeout_s=3.0) as tool:
        yield tool


def file(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def process(tool: ExifTool, path: Path) -> object:
    return tool.ask(path)["Test:Process"]


def test_a_photograph(real: ExifTool, tmp_path: Path) -> None:
    path = file(tmp_path, jpeg(exif("2026:03:05 09:00:00", place=(-30.25, 120.5))))
    tags = real.ask(path, ".jpg")
    assert tags["ExifIFD:DateTimeOriginal"] == "2026:03:05 09:00:00"
    opinion = read_opinion(tags, UTC, None)
    (place,) = opinion.track
    assert (place.latitude_deg, place.longitude_deg) == pytest.approx((-30.25, 120.5), abs=1e-5)
    assert [claim.value for claim in opinion.claims if claim.refers_to == "start"] == [AT + timedelta(hours=8)]


def test_a_track(real: ExifTool, tmp_path: Path) -> None:
    blocks = [freegps(AT + timedelta(seconds=second), 30.25 + second / 1000, 120.5) for second in range(3)]
    opinion = read_opinion(real.ask(file(tmp_path, with_blocks(blocks)), ".mp4"), UTC, 3.0)
    assert [fix.at for fix in opinion.track] == [AT + timedelta(seconds=second) for second in range(3)]
    assert opinion.track[-1].latitude_deg == pytest.approx(30.252, abs=1e-5)


@pytest.mark.parametrize("raw", NAMES, ids=repr)
def test_a_name_means_nothing(real: ExifTool, tmp_path: Path, raw: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + raw))
    path.write_bytes(jpeg(exif("2026:03:05 09:00:00")))
    before = path.read_bytes(), sorted(os.listdir(os.fsencode(tmp_path)))
    assert real.ask(path, path.suffix)["ExifIFD:DateTimeOriginal"] == "2026:03:05 09:00:00"
    assert (path.read_bytes(), sorted(os.listdir(os.fsencode(tmp_path)))) == before


@pytest.mark.parametrize("content", [b"", b"\0" * 100_000, b"{ready1}\n" * 1000, os.urandom(100_000)], ids=len)
def test_junk_has_nothing_to_say(real: ExifTool, tmp_path: Path, content: bytes) -> None:
    assert read_opinion(real.ask(file(tmp_path, content), ".mp4", deep=True), UTC, None).track == ()


def test_it_is_bound(real: ExifTool, tmp_path: Path) -> None:
    real.ask(file(tmp_path, jpeg()), ".jpg")
    assert real._child is not None
    about = Path(f"/proc/{real._child.pid}")
    limits = {line[:26].strip(): line[26:].split()[0] for line in (about / "limits").read_text().splitlines()}
    assert (limits["Max file size"], limits["Max core file size"], limits["Max processes"]) == ("0", "0", "0")
    assert limits["Max address space"] == str(exiftool.ADDRESS_BYTES_MAX)
    assert b"HOME" not in (about / "environ").read_bytes()
    if shutil.which("setpriv"):
        assert "NoNewPrivs:\t1" in (about / "status").read_text()
    if real.program.alone:
        names = [line.partition(":")[0].strip() for line in (about / "net/dev").read_text().splitlines()[2:]]
        assert names == ["lo"]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder no second opinion is about; the program lies beside it, and so do the files."""
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "key").write_text("private")
    (folder / "program").write_text("#!/bin/sh\n")
    (folder / "program").chmod(0o755)
    for name in ("tool", "footage"):
        (tmp_path / name).mkdir()
    return folder


@pytest.mark.parametrize("before", [None, ()], ids=["as found", "no namespace, as under systemd"])
def test_it_reaches_nothing_but_the_file(tmp_path: Path, secret: Path, before: tuple[str, ...] | None) -> None:
    program = found([false_exiftool(tmp_path / "tool")])
    program = program if before is None else replace(program, before=before)
    if not {"landlock", "seccomp"} <= set(program.bounds):
        pytest.skip(f"this kernel offers {', '.join(program.bounds)}")
    everything = "passwords secret folder write network socket parent execute"
    with ExifTool(program) as tool:
        said = tool.ask(file(tmp_path / "footage", f"reach {everything}\n"))
    assert said["Test:Reached"] == [EACCES, EACCES, EACCES, EACCES, EPERM, EPERM, EPERM, EACCES]


def test_without_the_kernels_help_it_is_asked_all_the_same_and_says_so(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "__file__", str(tmp_path / "none.py"))
    monkeypatch.setattr(exiftool, "_ALONE", ("false",))
    program = found([false_exiftool(tmp_path / "tool")])
    assert (program.bounds, program.confining) == (("limits",), ())
    with ExifTool(program) as tool:
        assert tool.ask(file(tmp_path / "footage", "reach secret write\n"))["Test:Reached"] == ["private", EFBIG]


def test_where_no_namespace_may_be_had_the_rest_still_holds(tmp_path: Path, secret: Path) -> None:
    """As under the worker's unit: a process that was refused `unshare` asks how ExifTool can be bound."""
    tool = false_exiftool(tmp_path / "tool")
    if not {"landlock", "seccomp"} <= set(found([tool]).bounds):
        pytest.skip("this kernel does not offer it")
    asked = (
        "import ctypes, sys; from media import sandbox; from media.exiftool import found\n"
        "assert sandbox.no_calls(ctypes.CDLL(None, use_errno=True))\n"
        "print(*found([sys.argv[1]]).bounds)\n"
    )
    line = [sys.executable, "-c", asked, tool]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    assert ran.stdout.split() == ["landlock", "seccomp", "limits"]


def test_files_from_elsewhere_are_read_too(tmp_path: Path, secret: Path) -> None:
    """Each new folder costs a process; those that were told of before cost none."""
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    with ExifTool(found([false_exiftool(tmp_path / "tool")]), folders=folders[:2]) as tool:
        told = [process(tool, file(folder, "tell")) for folder in (*folders, folders[0])]
    assert told[0] == told[1] != told[2] == told[3]


def test_calls_that_reach_out_are_refused_by_number() -> None:
    if platform.machine() not in sandbox.MACHINES:
        pytest.skip(f"no filter for {platform.machine()}")
    _, numbers = sandbox.MACHINES[platform.machine()]
    asked = (
        "import ctypes, json, sys; libc = ctypes.CDLL(None, use_errno=True)\n"
        "said = [(libc.syscall(int(number), -1, -1, -1, -1, -1), ctypes.get_errno()) for number in sys.argv[1:]]\n"
        "sys.stdout.write(json.dumps(said))\n"
    )
    wanted = [str(number) for number in numbers.values()] + [str(sandbox.OTHER_CALLS + 41)]
    line = [sys.executable, "-I", "-S", "-B", str(sandbox.__file__), "/", "--", sys.executable, "-c", asked, *wanted]
    ran = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(ran.stdout) == [[-1, EPERM]] * len(wanted)
    assert {len(of) for _, of in sandbox.MACHINES.values()} == {len(numbers)}


def test_one_process_answers_for_many_files(false: ExifTool, tmp_path: Path) -> None:
    assert len({process(false, file(tmp_path, "tell", str(number))) for number in range(20)}) == 1
    assert false.ask(file(tmp_path, "tell"), deep=True)["Test:Deep"] == "-ee3"


def test_it_is_replaced_before_it_is_old(false: ExifTool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exiftool, "FILES_A_PROCESS", 3)
    path = file(tmp_path, "tell")
    told = [process(false, path) for _ in range(7)]
    assert [told.count(number) for number in dict.fromkeys(told)] == [3, 3, 1]


@pytest.mark.parametrize(
    ("does", "error"),
    [("sleep", ToolTooSlow), ("die", ToolFailed), ("flood", NotMedia), ("lie", NotMedia)],
)
def test_a_file_that_harms_it_costs_one_process(
    false: ExifTool, tmp_path: Path, does: str, error: type[Exception]
) -> None:
    before = process(false, file(tmp_path, "tell"))
    began = time.monotonic()
    with pytest.raises(error):
        false.ask(file(tmp_path, does, "bad"))
    assert time.monotonic() < began + 6
    assert isinstance(before, int)
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    after = process(false, file(tmp_path, "tell"))
    assert after != before


def test_a_process_that_was_killed_between_two_files_is_one_failure(false: ExifTool, tmp_path: Path) -> None:
    path = file(tmp_path, "tell")
    before = process(false, path)
    assert isinstance(before, int)
    os.kill(before, 9)
    with pytest.raises(ToolFailed):
        false.ask(path)
    assert process(false, path) != before


def test_nothing_is_left_when_it_is_closed(false: ExifTool, tmp_path: Path) -> None:
    pid = process(false, file(tmp_path, "tell"))
    assert isinstance(pid, int)
    assert false._folder is not None
    folder = Path(false._folder.name)
    assert folder.exists()
    false.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    false.close()


def test_an_old_one_is_not_asked(tmp_path: Path) -> None:
    old, new = (false_exiftool(tmp_path, version) for version in ("12.57", "13.30"))
    with pytest.raises(NoSecondOpinion, match=r"12\.57 is older"):
        found([old])
    with pytest.raises(NoSecondOpinion, match="not installed"):
        found([str(tmp_path / "none")])
    assert found([str(tmp_path / "none"), old, new]).version == "13.30"


@pytest.mark.parametrize("body", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho nonsense\n", "no program"])
def test_what_is_no_exiftool_is_not_asked(tmp_path: Path, body: str) -> None:
    path = file(tmp_path, body)
    path.chmod(0o700)
    with pytest.raises(NoSecondOpinion):
        found([str(path)])
