"""The door to who runs this program (操作人识别): /proc and the accounts of the system, never a variable alone."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from catalog.rules.callers import UNSET, Account, Caller, caller_of
from docking_station.station.settings import sudo_uid_from_environment

LOGIN_UID_BYTES_MAX = 32


def caller_of_process(proc: Path = Path("/proc")) -> Caller:
    """Who runs this process, as the kernel says; `proc` is where its process file system is."""
    uid = login_uid(proc)
    login = None if uid is None else account_of(uid)
    return caller_of(account_of(os.getuid()), login, sudo_uid_from_environment())


def login_uid(proc: Path) -> int | None:
    """The uid somebody logged in with, or None: no login, or a kernel that does not keep it."""
    try:
        with (proc / "self/loginuid").open("rb") as file:
            text = file.read(LOGIN_UID_BYTES_MAX)
    except OSError:
        return None
    uid = int(text) if text.strip().isdigit() else UNSET
    return None if uid >= UNSET else uid


def account_of(uid: int) -> Account:
    """The account of this uid."""
    try:
        return Account(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return Account(uid, None)


def account_called(name: str) -> Account | None:
    """The account of this name, or None."""
    try:
        return Account(pwd.getpwnam(name).pw_uid, name)
    except (KeyError, ValueError):  # no such name, or none that could be: it holds a NUL
        return None
