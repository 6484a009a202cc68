"""The only door to ExifTool: what it says about the times and places in a file (第二意见).

Source: exiftool(1), `-stay_open`, tried with 13.59; before 13.30 it is silently wrong about body cameras. It is one
Perl process for many files that faces hostile ones: bound by `media.sandbox` (it reads what it is asked about and
programs, and reaches no network and no process), in a network of its own where a namespace may be had besides, with no
rights to win, no configuration, a clean environment, nothing it may write, limits of memory, processor time and output,
and a time for each file. `Program.bounds` tells which of these are enforced here. Whatever goes wrong ends the process;
the next file gets a new one. A file is reached through a link with a plain name in a folder of our own, so its own
name can mean nothing.
Shapes: one path -> ExifTool's JSON as one mapping from `group:tag` to value. Units: seconds, bytes.
"""

from __future__ import annotations

import json
import os
import re
import resource
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media import sandbox
from media.errors import NoSecondOpinion, NotMedia, ToolFailed, ToolTooSlow

NAME = "exiftool"
OLDEST = (13, 30)
VERSION_BYTES_MAX = 64
LINE_BYTES_MAX = 4096
VERSION_S = 20.0
TIMEOUT_S = 25.0
ANSWER_BYTES_MAX = 16 * 1024 * 1024
READ_BYTES = 64 * 1024
ADDRESS_BYTES_MAX = 1024 * 1024 * 1024
FILES_A_PROCESS = 200
"""After so many files the process is replaced: nothing a file did to it lasts."""
CPU_S_A_PROCESS = 1200
HANDLES_MAX = 32
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}")

_COMMON = (
    "-json", "-n", "-G3:1", "-a", "-charset", "filename=utf8", "-Time:All", "--System:All", "-Composite:GPSLatitude",
    "-Composite:GPSLongitude", "-GPSLatitude", "-GPSLongitude", "-GPSDateTime", "-Warning",
)  # fmt: skip
"""Only times, places and complaints are asked for: the answer about an hour of footage stays small."""
_ALONE = ("unshare", "--user", "--net")
_BOUND = ("setpriv", "--no-new-privs", "--pdeathsig", "KILL")
FOLDERS_MAX = 16
PROGRAMS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/perl", "/dev/null", "/dev/urandom")

Bound = Literal["namespace", "landlock", "seccomp", "limits"]


@dataclass(frozen=True, slots=True)
class Program:
    """An ExifTool that may be asked: the command before its options, its version, and how it is bound here.

    `before` stands before all, `confining` before what may be read; where `bounds` has no `landlock` it may read what
    the worker may, where it has neither `seccomp` nor `namespace` it could reach the network.
    """

    command: tuple[str, ...]
    version: str
    before: tuple[str, ...] = ()
    confining: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ("limits",)

    @property
    def alone(self) -> bool:
        """Whether it has a network of its own, which nothing is in."""
        return "namespace" in self.bounds

    def line(self, folders: Sequence[Path]) -> list[str]:
        """The command that may read these folders."""
        reads = [*PROGRAMS, *_own(self.command), *(os.path.realpath(folder) for folder in folders)]
        return [*self.before, *([*self.confining, *reads, "--"] if self.confining else ()), *self.command]


def found(candidates: Sequence[str]) -> Program:
    """Return the first of these that is there and new enough; raises `NoSecondOpinion`.

    Each is a path or a name on the PATH. A script runs under the system's Perl.
    """
    seen = ""
    for candidate in candidates:
        path = shutil.which(candidate)
        if path is None:
            continue
        with suppress(OSError, subprocess.SubprocessError, ValueError):
            command = _command(Path(path))
            version = _said([*command, "-config", "", "-ver"])[:VERSION_BYTES_MAX]
            if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST:
                return _bound(command, version)
            seen = f"{version} is older than {OLDEST[0]}.{OLDEST[1]}"
    raise NoSecondOpinion(why=seen or "it is not installed")


class ExifTool:
    """One ExifTool that stays open; to be closed. Not for two threads at once."""

    def __init__(self, program: Program, timeout_s: float = TIMEOUT_S, folders: Sequence[Path] = ()) -> None:
        """`folders` are where files will come from; one from elsewhere costs a new process."""
        self.program = program
        self._folders = tuple(folders)
        self._timeout_s = timeout_s
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._asked = 0

    def __enter__(self) -> ExifTool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, path: Path, suffix: str = "", *, deep: bool = False) -> Mapping[str, object]:
        """Return what ExifTool says of a file; `suffix` is how its own name ended, `deep` reads it from end to end.

        Raises `ToolTooSlow`, `ToolFailed` if the process died, `NotMedia` if it says too much or nothing sensible.
        """
        self._demand_readable(path)
        if self._asked >= FILES_A_PROCESS:
            self.close()
        try:
            child = self._child or self._start()
            self._asked += 1
            return self._answer(child, path, suffix if SUFFIX.fullmatch(suffix) else "", deep=deep)
        except OSError as error:
            self.close()
            raise ToolFailed(tool=NAME, why=error.strerror or str(error)) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the process, with whatever it started; another begins with the next file."""
        child, self._child, self._asked = self._child, None, 0
        if child is not None:
            with child:
                if child.returncode is None:
                    with suppress(ProcessLookupError):
                        os.killpg(child.pid, signal.SIGKILL)
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _demand_readable(self, path: Path) -> None:
        """Where a file lies in no folder the process may read, have the next one read that too."""
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(os.path.realpath(folder)) for folder in self._folders):
            self.close()
            self._folders = (*self._folders[1 - FOLDERS_MAX :], real.parent)

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.TemporaryDirectory(prefix="evidock-opinion-")
        child = self._child = subprocess.Popen(
            [
                *self.program.line([*self._folders, Path(self._folder.name)]),
                "-config",
                "",
                "-stay_open",
                "True",
                "-@",
                "-",
                "-common_args",
                *_COMMON,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=self._folder.name,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
        for kind, most in _LIMITS:  # no file was named yet: it cannot have met anything hostile
            resource.prlimit(child.pid, kind, (most, most))
        return child

    def _answer(self, child: subprocess.Popen[bytes], path: Path, suffix: str, *, deep: bool) -> Mapping[str, object]:
        assert self._folder is not None
        assert child.stdin is not None
        name, nonce = f"clip{suffix}", secrets.randbelow(10**9) + 10**9
        link = Path(self._folder.name) / name
        link.symlink_to(path.absolute())
        try:
            child.stdin.write(f"{'-ee3' if deep else '-ee'}\n{name}\n-execute{nonce}\n".encode())
            said = self._heard(child, f"{{ready{nonce}}}\n".encode())
        finally:
            link.unlink()
        return _parsed(said)

    def _heard(self, child: subprocess.Popen[bytes], end: bytes) -> bytes:
        """Read until the mark nobody could foresee; a process that dies, dawdles or never ends is an error."""
        assert child.stdout is not None
        deadline, said = time.monotonic() + self._timeout_s, bytearray()
        poll = select.poll()
        poll.register(child.stdout, select.POLLIN)
        while not said.endswith(end):
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not poll.poll(left_s * 1000):
                raise ToolTooSlow(tool=NAME, seconds=self._timeout_s)
            chunk = os.read(child.stdout.fileno(), READ_BYTES)
            if not chunk:
                raise ToolFailed(tool=NAME, why="it ended in the middle of an answer")
            said += chunk
            if len(said) > ANSWER_BYTES_MAX:
                raise NotMedia(why=f"{NAME} printed more than {ANSWER_BYTES_MAX} bytes about it")
        return bytes(said[: -len(end)])


_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "PERL_HASH_SEED": "0"}
_LIMITS = (
    (resource.RLIMIT_FSIZE, 0),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_AS, ADDRESS_BYTES_MAX),
    (resource.RLIMIT_CPU, CPU_S_A_PROCESS),
    (resource.RLIMIT_NOFILE, HANDLES_MAX),
    (resource.RLIMIT_NPROC, 0),
)


def _parsed(said: bytes) -> Mapping[str, object]:
    if not said.strip():
        return {}
    try:
        answer: object = json.loads(said)
    except (ValueError, RecursionError) as error:
        raise NotMedia(why=f"{NAME}'s answer is no JSON") from error
    if not isinstance(answer, list) or len(answer) != 1 or not isinstance(answer[0], dict):
        raise NotMedia(why=f"{NAME}'s answer is not about one file")
    return {str(name): value for name, value in answer[0].items() if name != "SourceFile"}


def _command(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        line = file.readline(VERSION_BYTES_MAX)
    perl = shutil.which("perl")
    return (perl, str(path.resolve())) if perl is not None and b"perl" in line else (str(path.resolve()),)


def _bound(command: tuple[str, ...], version: str) -> Program:
    """Bind it as far as this machine, and the unit this runs under, allow."""
    alone = _ALONE if _works(_ALONE) else ()
    before = (*alone, *(_BOUND if _works(_BOUND) else ()))
    confining = (sys.executable, "-I", "-S", "-B", str(Path(sandbox.__file__)))
    bounds = _said([*before, *confining, "--", "--tell"]).split()
    names: tuple[Bound, ...] = ("namespace", "landlock", "seccomp")
    held = tuple(name for name in names if name in bounds or (name == "namespace" and alone))
    return Program(command, version, before, confining if bounds else (), (*held, "limits"))


def _own(command: Sequence[str]) -> Iterator[str]:
    """Yield the folders a program itself is made of: its script's, its library's, its interpreter's."""
    script = Path(command[-1])
    yield str(script.parent)
    yield str(script.parents[1] / "lib")
    with script.open("rb") as file:
        line = file.readline(VERSION_BYTES_MAX * 4).removeprefix(b"#!").split()
    for interpreter in (*command[:-1], os.fsdecode(line[0]) if line else ""):
        for path in (Path(interpreter), Path(os.path.realpath(interpreter))):
            if path.is_absolute() and path.is_file() and len(path.parts) > 3:
                yield str(path.parents[1])


def _works(command: Sequence[str]) -> bool:
    return _said([*command, "echo", "works"]) == "works"


def _said(command: Sequence[str]) -> str:
    """Return what a command says, nothing where it is not there or fails."""
    if shutil.which(command[0]) is None:
        return ""
    with suppress(OSError, subprocess.SubprocessError):
        ran = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=VERSION_S,
            check=True,
            env=_ENVIRONMENT,
        )
        return ran.stdout[:LINE_BYTES_MAX].decode("ascii", "replace").strip()
    return ""
