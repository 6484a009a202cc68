"""Which files are the same clip (资料编号): the number follows from what a file is, so twice gives the same.

- Footage and stills with any content: the bytes alone. The same recording met on another card is a copy.
- Anything else with content: the bytes and the recorder. Recorders of one model carry equal firmware files.
- Logs and empty files: the bytes, the recorder and the path. Two empty clips are two failed recordings, and two
  logs may say the same of two clips.
"""

from __future__ import annotations

import base64
import hashlib

from catalog.evidence import Kind, SpooledFile

ID_CHARS = 20


def clip_id(kind: Kind, spooled: SpooledFile) -> str:
    """The number of the clip: `c` and 20 letters and digits."""
    source = spooled.source
    parts = [spooled.digest.sha256.encode()]
    if kind == "log" or source.size_bytes == 0:
        parts += [b"place", (source.serial or "").encode(), source.path]
    elif kind == "other":
        parts += [b"recorder", (source.serial or "").encode()]
    digest = hashlib.sha256(b"\0".join(parts)).digest()
    return "c" + base64.b32encode(digest).decode().lower()[:ID_CHARS]
