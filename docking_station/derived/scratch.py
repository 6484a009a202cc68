"""Where workers make what is derived, before it counts (制作中的文件): a folder for each piece of work.

A worker that is killed leaves its folder, and in it perhaps a plain copy of an original; `sweep` finds it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from vault.durable import make_folder

DRAFT = ".making-"
AGE_S = 24 * 3600.0
YOUNG_S = 60.0
"""A folder this young may not be locked yet."""


@contextmanager
def draft_in(derived: Path) -> Iterator[Path]:
    """A folder of its own below the derived files, locked while it is used, and removed with all that is in it."""
    make_folder(derived)
    draft = Path(mkdtemp(prefix=_drafts_here(), dir=derived))
    fd = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a shared folder may know no locks: then age tells
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        os.close(fd)


def sweep(derived: Path) -> None:
    """Remove what workers that died left half made: a plain copy of an original may be among it.

    One of this machine is dead if nobody holds its lock; one of another if nothing in it changed for a day.
    """
    with suppress(OSError):
        for draft in derived.glob(f"{DRAFT}*"):
            with suppress(OSError):
                age_s = time.time() - max(path.stat().st_mtime for path in (draft, *draft.iterdir()))
                is_ours = draft.name.startswith(_drafts_here())
                if age_s > YOUNG_S and (_is_left(draft, age_s) if is_ours else age_s > AGE_S):
                    shutil.rmtree(draft)


def machine_name() -> str:
    """This machine's name, so that it may stand in a file's: the folder may be shared."""
    return re.sub(r"[^A-Za-z0-9.]", "", socket.gethostname())


def _drafts_here() -> str:
    return f"{DRAFT}{machine_name()}-"


def _is_left(draft: Path, age_s: float) -> bool:
    """Whether nobody works in a draft of this machine any more; where there are no locks, age tells."""
    fd = os.open(draft, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return age_s > AGE_S
    finally:
        os.close(fd)
    return True
