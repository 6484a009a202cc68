"""One encrypted file for chosen readers (加密给接收方): a tar of the bundle in the age format, written as it is read.

Source: age-encryption.org/v1; pyrage speaks it, and this is its only door. Memory does not grow with the bundle.
"""

from __future__ import annotations

import os
import tarfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docking_station.bundle.errors import AgeMissing, BadRecipient

Recipient = Any
"""A reader's public key, as pyrage holds it: it has no types."""


def recipients(texts: Sequence[str]) -> list[Recipient]:
    """Who will be able to read; raises `AgeMissing`, `BadRecipient`."""
    if not texts:
        return []
    try:
        import pyrage
        from pyrage import ssh, x25519
    except ImportError as error:
        raise AgeMissing from error
    found: list[Recipient] = []
    for text in texts:
        try:
            found.append((ssh if text.startswith("ssh-") else x25519).Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise BadRecipient(text=text) from error
    return found


def encrypt_folder(folder: Path, name: str, target: Path, readers: Sequence[Recipient]) -> None:
    """Write `folder` under that name as an encrypted tar to `target`, synced; OSErrors come through."""
    import pyrage

    reading, writing = os.pipe()
    failed: list[OSError] = []

    def pack() -> None:
        try:
            with open(writing, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as tar:
                tar.add(folder, arcname=name)
        except OSError as error:
            failed.append(error)

    packer = threading.Thread(target=pack, name="tar")
    packer.start()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        with open(reading, "rb") as source, open(os.open(target, flags, 0o644), "wb") as sink:
            pyrage.encrypt_io(source, sink, readers)
            sink.flush()
            os.fsync(sink.fileno())
    finally:
        packer.join()
    if failed:
        raise failed[0]
