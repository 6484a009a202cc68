"""Who asks (操作人): the person, the account the program runs as, and what vouches for the person.

Source: the kernel's login uid (audit_loginuid: set once when somebody logs in, handed on through sudo and su) and real
uid. A variable such as `SUDO_USER` names nobody: whoever types a command also chooses its variables.
Shapes: an actor of the trail is `x`, or `x as y` where the program runs as another account than the person's; a
person who was entered is `P:` and their number instead of x.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal["login", "secret"]
LOGIN: How = "login"
SECRET: How = "secret"
ROOT = 0
NUMBERED = "P:"
"""Before the number of a person who was entered; no account's name has a colon."""
UNSET = 0xFFFFFFFF
"""What the kernel says of a process that no login began: a service, most containers."""
PERSONS_FROM = 1000
NOBODY = 65534
"""Also what a user namespace shows of an account it does not know."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system; `name` is None where there is none of this uid.

    `uid` is None of an account that this machine has not: a name bound to a person who signs in at the pages alone.
    """

    uid: int | None
    name: str | None

    @property
    def called(self) -> str:
        """How the trail calls it."""
        return self.name or f"uid {self.uid}"

    @property
    def is_a_persons(self) -> bool:
        """Whether it can be one person's: root, services and what does not exist are shared, or nobody's."""
        has_uid = self.uid is None or (PERSONS_FROM <= self.uid < UNSET and self.uid != NOBODY)
        return self.name is not None and has_uid


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks for something; `how` says what tells this person from others: a login, a secret typed, or nothing.

    `is_doubted`: somebody did log in, and what sudo says contradicts it. `no` is the number of the person the account
    is bound to, where people are entered.
    """

    person: str
    account: str
    how: How | None
    is_doubted: bool = False
    no: str | None = None

    @property
    def who(self) -> str:
        """What tells this person from others, whichever of their accounts they use."""
        return self.person if self.no is None else f"{NUMBERED}{self.no}"

    @property
    def actor(self) -> str:
        """What stands on the trail and in acts."""
        return self.who if self.person == self.account else f"{self.who} as {self.account}"


def caller_of(real: Account, login: Account | None, sudo_uid: str | None) -> Caller:
    """Who runs a process with this real uid and login uid.

    What sudo says can only take away: it names the account that typed the command, and where that is another person's
    than the one who logged in, either of the two may sit there. Root's sudo says nothing about a person.
    """
    who = login or real
    has_login = login is not None and login.is_a_persons
    agrees = sudo_uid in (None, str(who.uid), str(ROOT))
    return Caller(who.called, real.called, LOGIN if has_login and agrees else None, has_login and not agrees)


def person(actor: str) -> str:
    """Who an actor of the trail is: `x as root` is x, `P:7 as root` is P:7."""
    return actor.partition(" as ")[0]


def person_no(actor: str) -> str | None:
    """The number of the person an actor of the trail is, or None for an account that was nobody's."""
    who = person(actor)
    return who.removeprefix(NUMBERED) if who.startswith(NUMBERED) else None
