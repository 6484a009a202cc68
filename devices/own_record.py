"""What a card itself says of whose it is (设备记录文件, 卷标): a small file of the recorder's, the label of its volume.

Source: the binding files stations leave on cards, `station_bind.ini`: lines of `key=value`. It is no evidence and stays
on the card (`devices/junk.py`); it only bears witness. The label of a card in a reader is udev's, in its data folder.
Shapes: at most RECORD_BYTES_MAX bytes; UTF-8, else GBK.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.evidence import SourceFile, shown_name
from catalog.station_error import StationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

RECORD_BYTES_MAX = 4096
UDEV_DATA, UDEV_BYTES_MAX = Path("/run/udev/data"), 65536
_LABEL = re.compile(rb"(?m)^E:ID_FS_LABEL=(.+)$")
RECORDS = {b"station_bind.ini": re.compile(r"(?mi)^\s*(?:recorder_serial|serial)\s*=\s*(\S+)\s*$")}
"""File names in lower case, and where in each the recorder's number stands."""


def own_records(paths: Iterable[bytes], opened: Callable[[SourceFile], AbstractContextManager[int]]) -> tuple[str, ...]:
    """The numbers the records among these paths name; one that cannot be read names none."""
    found: list[str] = []
    for path in paths:
        pattern = RECORDS.get(path.rpartition(b"/")[2].lower())
        if pattern is None:
            continue
        try:
            with opened(SourceFile(None, path, RECORD_BYTES_MAX, 0, "")) as descriptor:
                text = shown_name(os.read(descriptor, RECORD_BYTES_MAX))
        except (StationError, OSError):
            continue
        found += [match[1] for match in pattern.finditer(text)][:1]
    return tuple(found)


def volume_label(folder: Path) -> str | None:
    """The label of the volume a folder lies on, as udev read it; None where nobody can tell."""
    try:
        device = folder.stat().st_dev
        with (UDEV_DATA / f"b{os.major(device)}:{os.minor(device)}").open("rb") as file:
            found = _LABEL.search(file.read(UDEV_BYTES_MAX))
    except OSError:
        return None
    return None if found is None else shown_name(found[1]).strip()
