"""What rights the dock's children inherit (权限): none.

Source: capabilities(7), prctl(2): a service run as a plain user gets its few rights as ambient capabilities, which
every program it starts would have too. ffprobe reads what may be hostile, and needs none of them.
"""

from __future__ import annotations

import ctypes

PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4


def keep_rights_to_ourselves() -> None:
    """Give up what children would inherit; this process keeps its own rights. To be called before any child starts."""
    ctypes.CDLL(None).prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
