"""Who asks follows from the kernel's uids; what a variable says can only take away."""

from __future__ import annotations

import pytest

from catalog.rules.callers import LOGIN, UNSET, Account, Caller, caller_of, person

ROOT, STATION = Account(0, "root"), Account(990, "evidock")
ONE, TWO = Account(1001, "one"), Account(1002, "two")
GONE, NOBODY = Account(1003, None), Account(65534, "nobody")


@pytest.mark.parametrize(
    ("real", "login", "sudo_uid", "actor", "how"),
    [
        (STATION, ONE, "1001", "one as evidock", LOGIN),
        (ROOT, ONE, "1001", "one as root", LOGIN),
        (ROOT, ONE, None, "one as root", LOGIN),  # su -
        (ROOT, ONE, "0", "one as root", LOGIN),  # sudo in root's shell
        (ONE, ONE, None, "one", LOGIN),
        (TWO, ONE, None, "one as two", LOGIN),  # su two: the same person
        (STATION, ONE, "1002", "one as evidock", None),  # a variable, or su and then sudo
        (STATION, ONE, "x", "one as evidock", None),
        (ROOT, ROOT, None, "root", None),
        (ONE, ROOT, None, "root as one", None),
        (STATION, None, None, "evidock", None),  # a service
        (ROOT, None, "1001", "root", None),  # a container
        (ONE, None, None, "one", None),  # a uid alone: sudo -u one
        (ROOT, GONE, "1003", "uid 1003 as root", None),
        (ROOT, NOBODY, None, "nobody as root", None),  # a user namespace
        (ROOT, Account(UNSET, "x"), None, "x as root", None),
    ],
)
def test_who_asks(real: Account, login: Account | None, sudo_uid: str | None, actor: str, how: str | None) -> None:
    caller = caller_of(real, login, sudo_uid)
    assert (caller.actor, caller.how) == (actor, how)
    assert person(caller.actor) == caller.person


def test_a_login_that_sudo_contradicts_is_told_from_none() -> None:
    assert caller_of(ROOT, ONE, "1002").is_doubted
    assert not any(one.is_doubted for one in (caller_of(ROOT, None, "1002"), caller_of(ROOT, ONE, "1001")))


def test_one_who_uses_another_account_is_one_person() -> None:
    same = [caller_of(real, ONE, None) for real in (ONE, TWO, ROOT, STATION)]
    assert {one.person for one in same} == {Caller("one", "one", LOGIN).person}
