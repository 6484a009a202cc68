"""The files in `systemd/` as the tools of the system read them, and how exposed the service is by their measure."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

FOLDER = ROOT / "systemd"
SERVICE = FOLDER / "evidock-dock.service"
WORKER = FOLDER / "evidock-work.service"
PAGES = FOLDER / "evidock-review.service"
RULES = FOLDER / "71-evidock.rules"
EXPOSURE_MAX = 30  # tenths
TEXT = r'e?"(?:[^"\\]|\\.)*"'
MATCH_OR_SET = re.compile(r"[A-Z_]+(\{[A-Za-z0-9_./]+\})?(==|!=|\+=|-=|:=|=)" + TEXT)


def called(*argv: str | Path, status: int | None = 0) -> str:
    """What a program says; skips where it is not installed."""
    if shutil.which(str(argv[0])) is None:
        pytest.skip(f"{argv[0]} is not installed")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert status in (None, done.returncode), done.stdout + done.stderr
    return done.stdout + done.stderr


def service_copy(folder: Path, change: str = "") -> Path:
    """The service, with a program that is there and one more line."""
    text = SERVICE.read_text().replace("/opt/evidock/current/bin/evidock dock", "/bin/true")
    copy = folder / SERVICE.name
    copy.write_text(text.replace("[Install]", f"{change}\n[Install]"))
    return copy


def test_systemd_understands_every_line_of_the_service(tmp_path: Path) -> None:
    assert called("systemd-analyze", "verify", "--man=no", service_copy(tmp_path)) == ""


@pytest.mark.parametrize("line", ["NoSuchKey=yes", "WatchdogSec=often", "SystemCallFilter=@no-such-group"])
def test_a_line_systemd_does_not_understand_is_noticed(tmp_path: Path, line: str) -> None:
    assert called("systemd-analyze", "verify", "--man=no", service_copy(tmp_path, line), status=None) != ""


def exposure(service: Path, status: int = 0) -> float:
    """What `systemd-analyze security` gives: 0 is closed, 10 is open."""
    threshold = f"--threshold={EXPOSURE_MAX}"
    said = called("systemd-analyze", "security", "--offline=yes", threshold, "--no-pager", service, status=status)
    found = re.search(r"exposure level for \S+: ([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def test_the_service_is_closed_as_far_as_it_can_be() -> None:
    level = exposure(SERVICE)
    print(f"exposure {level}")
    assert level <= EXPOSURE_MAX / 10


def test_the_worker_is_understood_and_closed_further_than_the_dock(tmp_path: Path) -> None:
    copy = tmp_path / WORKER.name
    copy.write_text(WORKER.read_text().replace("/opt/evidock/current/bin/evidock work", "/bin/true"))
    service_copy(tmp_path)
    assert called("systemd-analyze", "verify", "--man=no", copy) == ""
    assert exposure(WORKER) < exposure(SERVICE)


def test_the_pages_are_understood_and_closed_and_may_do_what_pages_do(tmp_path: Path) -> None:
    copy = tmp_path / PAGES.name
    copy.write_text(PAGES.read_text().replace("/opt/evidock/current/bin/evidock serve", "/bin/true"))
    service_copy(tmp_path)
    assert called("systemd-analyze", "verify", "--man=no", copy) == ""
    assert exposure(PAGES) < exposure(SERVICE)
    text = PAGES.read_text()
    assert "LoadCredentialEncrypted=signing-key:" in text, "acts are signed"
    shut = re.findall(r"^(?:ReadOnlyPaths|InaccessiblePaths)=(.*)", text, re.MULTILINE)
    assert shut == ["-/var/lib/evidock/keys"], "acts, uploads and copies lie elsewhere in the home"


def test_the_worker_may_bind_what_it_starts_and_make_no_namespace() -> None:
    lines = WORKER.read_text().splitlines()
    assert "RestrictNamespaces=yes" in lines
    (calls,) = (line for line in lines if line.startswith("SystemCallFilter="))
    wanted = {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"}
    assert set(calls.partition("=")[2].split()) == wanted | {"@system-service"}
    offered = called("systemd-analyze", "syscall-filter", "@process") + called(
        "systemd-analyze", "syscall-filter", "@system-service"
    )
    assert "prctl" in offered.split(), "the filter of system calls is set by it"


def test_a_service_that_is_open_is_noticed(tmp_path: Path) -> None:
    opened = "ProtectSystem=no\nSystemCallFilter=\nCapabilityBoundingSet=~\nNoNewPrivileges=no\nRestrictNamespaces=no"
    assert exposure(service_copy(tmp_path, opened), status=1) > EXPOSURE_MAX / 10


def test_the_service_may_do_what_the_daemon_does() -> None:
    lines = SERVICE.read_text().splitlines()
    for line in (
        "Type=notify",
        "NotifyAccess=main",
        "User=evidock",
        "StateDirectory=evidock",
        "RuntimeDirectory=evidock",
        "LoadCredential=unlock:/etc/evidock/credentials",
        "PrivateMounts=yes",
        "DeviceAllow=block-sd rw",
        "DeviceAllow=char-usb_device rw",
        "Restart=on-failure",
    ):
        assert line in lines
    assert any(line.startswith("WatchdogSec=") for line in lines)


def test_the_user_and_the_folders_are_made(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may make users")
    (tmp_path / "etc").mkdir()
    called("systemd-sysusers", f"--root={tmp_path}", FOLDER / "evidock.sysusers")
    user = next(line for line in (tmp_path / "etc/passwd").read_text().splitlines() if line.startswith("evidock:"))
    assert user.endswith(":/var/lib/evidock:/usr/sbin/nologin")
    called("systemd-tmpfiles", f"--root={tmp_path}", "--create", FOLDER / "evidock.tmpfiles")
    home, passwords = tmp_path / "var/lib/evidock", tmp_path / "etc/evidock/credentials"
    assert (home.stat().st_mode & 0o777, home.stat().st_uid) == (0o710, int(user.split(":")[2]))
    assert (passwords.stat().st_mode & 0o777, passwords.stat().st_uid) == (0o700, 0)


def test_the_user_takes_the_number_of_a_home_that_outlived_its_system(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may make users")
    (tmp_path / "etc").mkdir()
    (tmp_path / "var/lib/evidock").mkdir(parents=True)
    os.chown(tmp_path / "var/lib/evidock", 812, 813)
    called("systemd-sysusers", f"--root={tmp_path}", FOLDER / "evidock.sysusers")
    assert "evidock:x:812:813:" in (tmp_path / "etc/passwd").read_text()


def test_nothing_of_the_home_is_ever_cleaned_away() -> None:
    entries = [
        line.split() for line in (FOLDER / "evidock.tmpfiles").read_text().splitlines() if line[:1] not in ("#", "")
    ]
    assert {entry[0] for entry in entries} <= {"d", "z"}
    assert {entry[-1] for entry in entries} == {"-"}


def rule_parts(text: str) -> list[list[str]]:
    """The parts of every rule; a part that is none is kept as it is."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [re.split(r",\s*(?=[A-Z]+[{=!+:-])", line) for line in lines]


def test_the_rules_are_rules_and_every_jump_has_its_label() -> None:
    parts = [part for rule in rule_parts(RULES.read_text()) for part in rule]
    assert [part for part in parts if MATCH_OR_SET.fullmatch(part) is None] == []
    jumps = {part for part in parts if part.startswith("GOTO=")}
    labels = {part for part in parts if part.startswith("LABEL=")}
    assert {jump.removeprefix("GOTO") for jump in jumps} == {label.removeprefix("LABEL") for label in labels}
    assert re.fullmatch(r"7[12]-\w+\.rules", RULES.name), "after 70-uaccess, before 73-seat-late and 80-udisks2"
    if "verify" in called("udevadm", "--help", status=None):
        called("udevadm", "verify", RULES)


def test_a_card_is_closed_on_add_only_and_never_a_disk_of_the_machine() -> None:
    rules = rule_parts(RULES.read_text())
    closing = [index for index, rule in enumerate(rules) if any("--setro" in part for part in rule)]
    assert len(closing) == 1
    assert 'ACTION=="add"' in rules[closing[0]]
    before = [part for rule in rules[: closing[0]] for part in rule]
    assert 'ENV{EVIDOCK_IGNORE}=="1"' in before
    assert sum("/usr/bin/findmnt" in part for part in before) == 5


def test_the_programs_the_rules_call_are_in_debian() -> None:
    for program in set(re.findall(r'"(/\S+)', RULES.read_text())):
        assert shutil.which(program), program
