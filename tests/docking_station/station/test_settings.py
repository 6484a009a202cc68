"""The settings say what they mean, or the station says what is wrong with them."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from docking_station.station.errors import BadTime, HomeMissing, SettingsBad, SettingsUnreadable
from docking_station.station.settings import (
    INSTALLED_EXIFTOOL,
    OWN_EXIFTOOL,
    Drop,
    Home,
    Settings,
    home_from_environment,
    language_from_environment,
    moment,
    parse_settings,
    read_settings,
    secret_from_environment,
)
from docking_station.station.settings_text import EXAMPLE
from vault.errors import SecretMissing

CHINA = timezone(timedelta(hours=8))


def parse(text: str, root: Path = Path("/home-of-a-station")) -> Settings:
    return parse_settings(Home(root), text)


def test_the_example_is_the_default_written_out() -> None:
    assert parse(EXAMPLE) == parse("")


def test_the_example_works_with_its_examples_switched_on() -> None:
    switched_on = re.sub(r"^# (\[\[|(?:pattern|reason|id|path|recorder|still_s) =)", r"\1", EXAMPLE, flags=re.MULTILINE)
    settings = parse(switched_on)
    assert [rule["pattern"] for rule in settings.skip_rules] == ["*.tmp"]
    assert [pattern["id"] for pattern in settings.name_patterns] == ["our-recorders"]
    assert settings.drops == (Drop(Path("/srv/uploads/gate"), "GATE-01", 10),)


def test_every_key_is_taken() -> None:
    settings = parse(
        'language = "zh"\n[station]\nname = "dock 7"\nrecorder_zone = "-03:30"\n'
        '[vault]\naddress = "folder:/v"\nimmutable = "never"\nlock_months = 12\n'
        '[catalog]\nurl = "sqlite:////c.db"\n[spool]\nreserve_mb = 1\n[media]\nffprobe = "/p"\nffmpeg = "/m"\n'
    )
    assert (settings.language, settings.station, settings.vault_address) == ("zh", "dock 7", "folder:/v")
    assert settings.zone.utcoffset(None) == -timedelta(hours=3, minutes=30)
    assert (settings.immutable, settings.lock_months, settings.catalog_url) == (False, 12, "sqlite:////c.db")
    assert (settings.reserve_bytes, settings.ffprobe, settings.ffmpeg) == (1 << 20, "/p", "/m")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nonsense\n", "line 1"),
        ("colour = 1", "colour"),
        ("[station]\ncolour = 1", "station.colour"),
        ("[spool]\nreserve_mb = true", "spool.reserve_mb"),
        ('[vault]\nlock_months = "6"', "vault.lock_months"),
        ("[vault]\nlock_months = 0", "vault.lock_months"),
        ('[vault]\nimmutable = "yes"', "vault.immutable"),
        ('language = "fr"', "language"),
        ('[station]\nname = " "', "station.name"),
        ('[station]\nrecorder_zone = "+25:00"', "recorder_zone"),
        ('[station]\nrecorder_zone = "Nowhere/Town"', "recorder_zone"),
        ('[station]\nrecorder_zone = "../../etc"', "recorder_zone"),
        ("[spool]\nreserve_mb = -1", "spool.reserve_mb"),
        ("skip = [1]", "skip"),
        ('[[drop]]\npath = "/srv"', "path, recorder, still_s"),
        ('[[drop]]\npath = "srv"\nrecorder = "G"', "drop.path srv"),
        ('[[drop]]\npath = "/srv"\nrecorder = ""', "drop.recorder"),
        ('[timestamp]\nauthority = "stamps"', "timestamp.authority"),
        ("[leds]\nsafe = [1]", "leds.safe"),
        ('station = "x"', "station"),
    ],
)
def test_a_mistake_is_named(text: str, names: str) -> None:
    with pytest.raises(SettingsBad, match=re.escape(names)) as caught:
        parse(text)
    chinese = caught.value.message("zh")
    assert names in chinese or "TOML" in chinese
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert not re.search(r"\b(is|not|a|no) ", chinese.partition("TOML")[0])


def test_settings_that_cannot_be_read_are_no_mistake_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "station.toml").mkdir()
    with pytest.raises(SettingsUnreadable, match="Is a directory"):
        read_settings(Home(tmp_path))


@pytest.mark.parametrize(("body", "says"), [(b"a = 1\n\xff", "byte 7 is not UTF-8"), (b"a = = 1", "not TOML")])
def test_what_is_no_settings_file_at_all_is_said(tmp_path: Path, body: bytes, says: str) -> None:
    (tmp_path / "station.toml").write_bytes(body)
    with pytest.raises(SettingsBad, match=says):
        read_settings(Home(tmp_path))


def test_a_home_that_was_not_made_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing, match=str(tmp_path)):
        read_settings(Home(tmp_path))
    (tmp_path / "station.toml").write_bytes(b"\xff")
    with pytest.raises(SettingsBad):
        read_settings(Home(tmp_path))


def test_the_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "")
    monkeypatch.delenv("EVIDOCK_HOME", raising=False)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert home_from_environment().root == tmp_path / ".local/share/evidock"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/evidock")
    assert home_from_environment().root == Path("/var/lib/evidock")
    monkeypatch.setenv("EVIDOCK_HOME", "relative")
    assert home_from_environment().root == Path.cwd() / "relative"


@pytest.mark.parametrize(
    ("variables", "stated", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "auto", "zh"),
        ({"LANG": "en_US.UTF-8"}, "auto", "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "auto", "en"),
        ({}, "auto", "en"),
        ({"LANG": "C"}, "zh", "zh"),
        ({"LANG": "zh_CN.UTF-8"}, "en", "en"),
    ],
)
def test_the_language_is_stated_or_the_systems(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], stated: str, language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language_from_environment(stated) == language


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-03-05T09:30", 1), ("2026-03-05T09:30+08:00", 1), ("2026-03-05T09:30Z", 9), ("2026-03-05 09:30:00", 1)],
)
def test_a_time_without_a_zone_is_the_recorders(text: str, hour: int) -> None:
    assert moment(text, CHINA) == datetime(2026, 3, 5, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01"])
def test_what_is_no_time_is_said_so(text: str) -> None:
    with pytest.raises(BadTime):
        moment(text, CHINA)


def test_the_lock_is_compliance_unless_governance_is_asked_for() -> None:
    assert parse("").lock_mode == "COMPLIANCE"
    assert parse('[vault]\nlock_mode = "governance"').lock_mode == "GOVERNANCE"
    with pytest.raises(SettingsBad, match="lock_mode"):
        parse('[vault]\nlock_mode = "none"')


@pytest.fixture
def credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = Home(tmp_path).credentials / "a-key"
    path.parent.mkdir()
    path.write_text("ours\n")
    path.chmod(0o600)
    return path


def test_a_credential_comes_from_systemd_first_and_then_from_the_home(
    credential: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret_from_environment(Home(tmp_path), credential.name) == "ours"
    handed = tmp_path / "handed"
    handed.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))
    assert secret_from_environment(Home(tmp_path), credential.name) == "ours"
    (handed / "a-key").write_text("systemd's")
    (handed / "a-key").chmod(0o400)
    assert secret_from_environment(Home(tmp_path), credential.name) == "systemd's"


@pytest.mark.parametrize("how", ["none", "empty", "open to all", "a folder", "not text"])
def test_a_credential_that_cannot_be_used_is_said_so_and_not_shown(credential: Path, tmp_path: Path, how: str) -> None:
    if how in ("none", "a folder"):
        credential.unlink()
    if how == "a folder":
        credential.mkdir()
    elif how == "open to all":
        credential.chmod(0o644)
    elif how != "none":
        credential.write_bytes({"empty": b"\n", "not text": b"\xff\xfe"}[how])
    with pytest.raises(SecretMissing) as missing:
        secret_from_environment(Home(tmp_path), "a-key")
    assert "a-key" in missing.value.message()
    assert "ours" not in missing.value.message()


def test_exiftool_is_looked_for_beside_the_program_then_on_the_path(tmp_path: Path) -> None:
    assert parse_settings(Home(tmp_path), "").exiftools == (str(OWN_EXIFTOOL), str(INSTALLED_EXIFTOOL), "exiftool")
    assert INSTALLED_EXIFTOOL.is_relative_to(sys.prefix), "where ./install makes the program"
    assert parse_settings(Home(tmp_path), '[media]\nexiftool = "/opt/x"\n').exiftools == ("/opt/x",)
