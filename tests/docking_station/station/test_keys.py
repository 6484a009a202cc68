"""A station whose signing key is a credential: handed to real processes, moved, rotated, and never another's."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from docking_station.commands.keys import CONFIRMATIONS, rotate
from docking_station.station.errors import RotationNotConfirmed
from docking_station.station.keys import SIGNING_KEY
from tests.house.tree import ROOT
from tests.scenario.dock import SETTINGS, Dock, made_dock
from tests.scenario.truth import make_small_card
from vault.backends.s3 import ACCESS, SECRET
from vault.signature import KEY_FILE, make_key, read_key
from vault.token import PIN
from vault.wrapping import CREDENTIAL


@pytest.fixture
def dock(tmp_path: Path) -> Dock:
    """A station with its key in a file, whose commands look into a folder of credentials."""
    made = made_dock(tmp_path / "home")
    (tmp_path / "handed").mkdir(mode=0o700)
    return made.within(CREDENTIALS_DIRECTORY=str(tmp_path / "handed"))


def hand_in(dock: Dock, key: Path, mode: int = 0o400) -> None:
    handed = Path(dock.environment["CREDENTIALS_DIRECTORY"]) / "signing-key"
    handed.unlink(missing_ok=True)
    shutil.copyfile(key, handed)
    handed.chmod(mode)


def moved(dock: Dock) -> str:
    """The key from its file into the credential; its id."""
    path = dock.home / "keys" / KEY_FILE
    key = read_key(dock.home / "keys").key_id
    hand_in(dock, path)
    path.unlink()
    return key


def states(dock: Dock) -> dict[str, str]:
    return {one["id"]: one["state"] for one in dock.run("keys", "list", "--json").document["keys"]}


def codes(dock: Dock) -> set[str]:
    return {one["code"] for one in dock.run("health", "--json", status=None).document["findings"]}


def test_it_signs_with_the_credential_once_the_file_is_gone(dock: Dock, tmp_path: Path) -> None:
    key = moved(dock)
    make_small_card(tmp_path / "card", "EV00001")
    dock.ingest(tmp_path / "card")
    dock.run("trail", "checkpoint")
    assert states(dock) == {key: "signs"}
    assert dock.run("clips", "verify", "--all", "--json").document["failed"] == []
    dock.run("trail", "verify")
    dock.run("init")
    assert not (dock.home / "keys" / KEY_FILE).exists(), "init makes no second key"
    assert "vault.key" not in str(codes(dock))
    bare = Dock(dock.home)
    assert "vault.key-missing" in bare.run("trail", "checkpoint", status=29).stderr
    bare.run("work", "--once")  # what decodes footage is handed no signing key, and needs none


def test_a_station_can_begin_with_a_credential(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    key = make_key(tmp_path / "elsewhere").key_id
    hand_in(dock, tmp_path / "elsewhere" / KEY_FILE)
    (tmp_path / "new").mkdir()
    (tmp_path / "new/station.toml").write_text(SETTINGS)
    new = Dock(tmp_path / "new", environment=dock.environment)
    assert "handed in" in new.run("init").stdout
    assert not (new.home / "keys" / KEY_FILE).exists()
    assert states(new) == {key: "signs"}


@pytest.mark.parametrize("where", ["beside the file", "alone"])
def test_the_key_of_another_station_signs_nothing(dock: Dock, tmp_path: Path, where: str) -> None:
    (tmp_path / "other").mkdir()
    make_key(tmp_path / "other")
    if where == "alone":
        (dock.home / "keys" / KEY_FILE).unlink()
    hand_in(dock, tmp_path / "other" / KEY_FILE)
    for command in (("trail", "checkpoint"), ("keys", "rotate"), ("keys", "list")):
        assert "vault.key-not-ours" in dock.run(*command, status=29).stderr
    if where == "alone":
        assert "vault.key-not-ours" in dock.run("init", status=29).stderr
    assert "vault.key-not-ours" in codes(dock)


def test_one_that_anybody_may_read_or_that_is_no_key_is_refused(dock: Dock, tmp_path: Path) -> None:
    path = dock.home / "keys" / KEY_FILE
    hand_in(dock, path, 0o444)
    assert "vault.secret-missing" in dock.run("trail", "checkpoint", status=39).stderr
    (tmp_path / "nonsense").write_bytes(b"nonsense")
    hand_in(dock, tmp_path / "nonsense")
    said = dock.run("trail", "checkpoint", status=29).stderr
    assert "vault.key-missing" in said
    assert "credential signing-key" in said


def test_it_is_rotated_and_the_old_one_signs_nothing_more(dock: Dock, tmp_path: Path) -> None:
    first = moved(dock)
    old = tmp_path / "old"
    shutil.copy(Path(dock.environment["CREDENTIALS_DIRECTORY"]) / "signing-key", old)
    assert "Encrypt the new one" in dock.run("keys", "rotate").stdout
    second = read_key(dock.home / "keys").key_id
    assert states(dock) == {first: "retired", second: "signs"}, "from the file until it is handed in"
    dock.run("trail", "checkpoint")
    assert "health.key-plain" in codes(dock)
    hand_in(dock, dock.home / "keys" / KEY_FILE)
    (dock.home / "keys" / KEY_FILE).unlink()
    assert states(dock) == {first: "retired", second: "signs"}
    assert "health.key-plain" not in codes(dock)
    dock.run("trail", "verify")
    hand_in(dock, old)
    said = dock.run("trail", "checkpoint", status=29).stderr
    assert "vault.key-not-ours" in said
    assert "rotated away" in said


def test_a_file_of_a_key_that_was_rotated_away_signs_nothing(dock: Dock) -> None:
    bare = Dock(dock.home)
    before = (dock.home / "keys" / KEY_FILE).read_bytes()
    bare.run("keys", "rotate")
    (dock.home / "keys" / KEY_FILE).write_bytes(before)
    assert "vault.key-not-ours" in bare.run("trail", "checkpoint", status=29).stderr
    assert "vault.key-not-rotated" in bare.run("keys", "rotate", "--label", "x", status=29).stderr


def test_what_systemd_encrypts_for_this_machine_comes_back_as_the_key(dock: Dock, tmp_path: Path) -> None:
    """The two lines of docs/operations.md, with the secret of a machine of our own."""
    if shutil.which("systemd-creds") is None or os.getuid() != 0:
        pytest.skip("systemd-creds is not installed, or this is not root")
    surroundings = os.environ | {"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "machine.secret")}
    plain, sealed = dock.home / "keys" / KEY_FILE, tmp_path / "evidock.signing-key"
    handed = Path(dock.environment["CREDENTIALS_DIRECTORY"]) / "signing-key"

    def creds(*line: str | Path) -> subprocess.CompletedProcess[bytes]:
        told = ["systemd-creds", "--name=signing-key", *line]
        return subprocess.run(told, env=surroundings, capture_output=True, timeout=60, check=False)

    done = creds("--with-key=host", "encrypt", plain, sealed)
    if done.returncode != 0:
        pytest.skip(f"systemd-creds cannot work here: {done.stderr.decode()[-200:]}")
    assert b"PRIVATE" not in sealed.read_bytes()
    plain.unlink()
    assert creds("decrypt", sealed, handed).returncode == 0
    handed.chmod(0o400)
    dock.run("trail", "checkpoint")


def test_the_units_hand_in_what_the_program_asks_for() -> None:
    line = re.compile(r"^LoadCredentialEncrypted=(\S+):evidock\.\1$", re.MULTILINE)
    dock, work = ((ROOT / f"systemd/evidock-{name}.service").read_text() for name in ("dock", "work"))
    vault = {CREDENTIAL, ACCESS, SECRET}
    assert set(line.findall(dock)) == {SIGNING_KEY, PIN, *vault}
    assert set(line.findall(work)) == vault, "what decodes footage signs nothing"


def test_the_command_of_an_installed_station_is_handed_them_for_as_long_as_it_runs(tmp_path: Path) -> None:
    """The wrapper itself, with places of our own and a program that says what it was handed."""
    if shutil.which("systemd-creds") is None or os.getuid() != 0:
        pytest.skip("systemd-creds is not installed, or this is not root")
    surroundings = os.environ | {"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "machine.secret")}
    surroundings.pop("EVIDOCK_HOME", None)
    for place in ("store", "run", "own"):
        (tmp_path / place).mkdir()
    sealed = str(tmp_path / "store/evidock.signing-key")
    line = ["systemd-creds", "--with-key=host", "--name=signing-key", "encrypt", "-", sealed]
    done = subprocess.run(line, env=surroundings, input=b"the key", capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        pytest.skip(f"systemd-creds cannot work here: {done.stderr.decode()[-200:]}")
    (tmp_path / "own/s3-disposal-access-key").write_text("mine")
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\ncd "$CREDENTIALS_DIRECTORY" && head -v -n1 * && stat -c "%a %U" * && exit 31\n')
    program.chmod(0o755)
    text = (ROOT / "systemd/evidock").read_text()
    places = {
        "/opt/evidock/current/bin/evidock": program,
        "/etc/credstore.encrypted": tmp_path / "store",
        "/run/evidock-command.": tmp_path / "run/c.",
        "evidock:evidock": "root:root",
        "setpriv --reuid=evidock --regid=evidock --init-groups": "setpriv",
    }
    for old, new in places.items():
        assert old in text
        text = text.replace(old, str(new))
    surroundings["CREDENTIALS_DIRECTORY"] = str(tmp_path / "own")
    said = subprocess.run(
        ["bash", "-c", text], env=surroundings, capture_output=True, timeout=60, check=False, text=True
    )
    assert said.returncode == 31, said.stderr
    assert "==> signing-key <==\nthe key" in said.stdout
    assert "==> s3-disposal-access-key <==\nmine" in said.stdout
    assert "400 root\n400 root" in said.stdout
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("typed", ["rotate\n", "更换\n", "y\n", ""])
def test_on_a_terminal_a_word_is_typed_before_a_key_is_destroyed(
    dock: Dock, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.StringIO(typed)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    monkeypatch.setenv("EVIDOCK_HOME", str(dock.home))
    before = read_key(dock.home / "keys").key_id
    if typed.strip() in CONFIRMATIONS:
        rotate()
    else:
        with pytest.raises(RotationNotConfirmed):
            rotate()
    assert (read_key(dock.home / "keys").key_id == before) == (typed.strip() not in CONFIRMATIONS)
