"""A password is given once at each docking, and what the device answers is told."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from devices.contract import Plugged
from devices.errors import UnlockRefused
from devices.models import unlock_pattern
from devices.models.unlock_pattern import USBDEVFS_CONTROL, UnlockPattern


def locked(node: Path) -> Plugged:
    return Plugged("/devices/usb1/1-3", "pci-0-usb-0:3", "4255", "0001", None, None, "S1", ("ff0000",), str(node))


def docked(node: Path) -> Plugged:
    """A new docking: the node is made anew."""
    new = node.with_name("new")
    new.write_bytes(b"")
    new.rename(node)
    return locked(node)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What went to the device; a device that takes `good` and stalls at everything else."""
    sent: list[bytes] = []

    def send(descriptor: int, secret: bytes) -> None:
        sent.append(secret)
        if secret != b"good":
            raise OSError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(unlock_pattern, "_send", send)
    return sent


def test_the_request_is_the_kernels() -> None:
    assert USBDEVFS_CONTROL in (0xC0185500, 0xC0105500)  # 64 and 32 bits


def test_a_good_password_opens(tmp_path: Path, sent: list[bytes]) -> None:
    UnlockPattern().unlock(docked(tmp_path / "node"), b"good")
    assert sent == [b"good"]


def test_no_password_is_tried_twice_at_one_docking(tmp_path: Path, sent: list[bytes]) -> None:
    model, plugged = UnlockPattern(), docked(tmp_path / "node")
    with pytest.raises(UnlockRefused, match="password is wrong"):
        model.unlock(plugged, b"bad")
    for secret in (b"bad", b"good"):
        with pytest.raises(UnlockRefused, match="tried at this docking already"):
            model.unlock(plugged, secret)
        os.utime(tmp_path / "node")
    assert sent == [b"bad"]
    model.unlock(docked(tmp_path / "node"), b"good")
    assert sent == [b"bad", b"good"]


def test_a_device_that_leaves_at_once_took_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def send(descriptor: int, secret: bytes) -> None:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(unlock_pattern, "_send", send)
    UnlockPattern().unlock(docked(tmp_path / "node"), b"good")


def test_what_is_no_usb_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnlockRefused, match="ioctl"):
        UnlockPattern().unlock(docked(tmp_path / "node"), b"good")


def test_secrets_are_never_in_the_words(tmp_path: Path, sent: list[bytes]) -> None:
    with pytest.raises(UnlockRefused) as refused:
        UnlockPattern().unlock(docked(tmp_path / "node"), b"s3cret")
    assert "s3cret" not in f"{refused.value} {refused.value.facts} {refused.value.message('zh')}"
