"""What a person types on a terminal (键盘输入); from a pipe it is the next line of it. A secret is never shown."""

from __future__ import annotations

import getpass
import sys

from docking_station.services.people import Typed
from docking_station.terminal.output import remark
from docking_station.terminal.words import word


def ask(prompt: str, at_end: str = "") -> str:
    """A line; `at_end` where there is none any more."""
    if sys.stdin.isatty():
        print(prompt, end=" ", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.strip() if line else at_end


def ask_secret(prompt: str) -> str:
    """A line that is not shown; nothing at the end of the input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return getpass.getpass(f"{prompt} ", stream=sys.stderr)
    except EOFError:
        return ""


def ask_who() -> Typed | None:
    """A person's account and secret, or None where nobody types one."""
    account = ask(word("ask_account"))
    return Typed(account, ask_secret(word("ask_secret"))) if account else None


def ask_second() -> Typed | None:
    """The second person's account and secret, once it was said that it is the second who types."""
    remark(word("second_person"))
    return ask_who()
