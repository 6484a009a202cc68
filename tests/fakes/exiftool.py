"""A false ExifTool, to do what the real one hardly can be made to: it does what the first line of a file says.

Its own contract is asserted: started as `media.exiftool` promises, asked about one plain name at a time.
"""

from __future__ import annotations

import stat
import sys
from pathlib import Path

SCRIPT = """#!{python}
import json, os, re, resource, socket, sys, time

if sys.argv[1:] == ["-config", "", "-ver"]:
    print("{version}")
    sys.exit()
assert sys.argv[1:8] == ["-config", "", "-stay_open", "True", "-@", "-", "-common_args"], sys.argv
assert set(os.environ) <= {{"LC_ALL", "PATH", "PERL_HASH_SEED", "LC_CTYPE"}}, os.environ
REACH = {{
    "passwords": lambda: len(open("/etc/passwd").read()),
    "secret": lambda: open("{folder}/secret/key").read(),
    "folder": lambda: len(os.listdir("{folder}/secret")),
    "write": lambda: os.write(os.open("new", os.O_RDWR | os.O_CREAT), b"x"),
    "network": lambda: socket.create_connection(("127.0.0.1", 9)) and 1,
    "socket": lambda: socket.socket() and 1,
    "parent": lambda: os.kill(os.getppid(), 0),
    "execute": lambda: os.execv("{folder}/secret/program", ["x"]),
}}
lines = []
for line in sys.stdin:
    lines.append(line.rstrip("\\n"))
    if not line.startswith("-execute"):
        continue
    deep, name, execute = lines
    lines = []
    assert deep in ("-ee", "-ee3") and re.fullmatch(r"clip(\\.[A-Za-z0-9]{{1,5}})?", name), (deep, name)
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == (0, 0)
    told = open(name, errors="replace").readline().strip()
    if told == "sleep":
        time.sleep(600)
    elif told == "die":
        print('[{{"SourceFile": "clip", "ExifIFD:Crea', end="", flush=True)
        os.abort()
    elif told == "flood":
        while True:
            print("x" * 65536)
    elif told == "lie":
        print("{{ready1}}\\n[[]]")
    elif told.startswith("reach "):
        reached = []
        for what in told.split()[1:]:
            try:
                reached.append(REACH[what]())
            except OSError as error:
                reached.append(error.errno)
        print(json.dumps([{{"SourceFile": name, "Test:Reached": reached}}]))
        print("{{ready" + execute.removeprefix("-execute") + "}}", flush=True)
        continue
    print(json.dumps([{{"SourceFile": name, "Test:Process": os.getpid(), "Test:Deep": deep}}]))
    print("{{ready" + execute.removeprefix("-execute") + "}}", flush=True)
"""


def false_exiftool(folder: Path, version: str = "13.59") -> str:
    """The path of a false ExifTool that says it is of this version."""
    script = folder / f"exiftool-{version}"
    script.write_text(SCRIPT.format(python=sys.executable, version=version, folder=folder.parent))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)
