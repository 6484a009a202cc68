"""Tables of people (人员表): unit, its places and names; person, numbers, postings; role, delegation, account.

Only `catalog` sees them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from catalog.columns import UtcTime, time_column


def _since() -> datetime:
    """From when it holds, part of the key."""
    found: datetime = Field(sa_column=Column(UtcTime(), primary_key=True))
    return found


class UnitRow(SQLModel, table=True):
    """A unit (科室); `parent` is where it stands now. A closed one stays: its clips are still its own."""

    __tablename__ = "unit"

    code: str = Field(primary_key=True)
    name: str
    was: str = "[]"
    kind: str | None = None
    number: str | None = None
    parent: str
    added_at: datetime = time_column()
    added_by: str
    closed_at: datetime | None = time_column(nullable=True)
    closed_by: str | None = None
    closed_reason: str | None = None


class UnitPlaceRow(SQLModel, table=True):
    """That a unit stands below another (隶属), from when on."""

    __tablename__ = "unit_place"

    unit: str = Field(primary_key=True)
    begins_at: datetime = _since()
    parent: str
    by: str


class UnitNameRow(SQLModel, table=True):
    """What a unit is called (科室名称): its code, its name, former names."""

    __tablename__ = "unit_name"

    unit: str = Field(primary_key=True)
    name: str = Field(primary_key=True)


class PersonRow(SQLModel, table=True):
    """A person of the bureau (人员); who left stays, for what they recorded is theirs. `kinds` is a JSON list."""

    __tablename__ = "person"

    no: str = Field(primary_key=True)
    name: str
    sex: str | None = None
    post: str | None = None
    kinds: str = "[]"
    area: str | None = None
    added_at: datetime = time_column()
    added_by: str
    suspended_at: datetime | None = time_column(nullable=True)
    suspended_by: str | None = None
    suspended_reason: str | None = None
    left_at: datetime | None = time_column(nullable=True)
    left_by: str | None = None
    left_reason: str | None = None


class PersonNumberRow(SQLModel, table=True):
    """A number a person is known by (人员编号): `no`, `card` 执法证号 with its last day, `recorder` 记录仪警号."""

    __tablename__ = "person_number"

    person: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    begins_at: datetime = _since()
    ends_at: datetime | None = time_column(nullable=True)
    valid_until: str | None = None


class PostingRow(SQLModel, table=True):
    """That a person belongs to a unit (所在科室), from when on."""

    __tablename__ = "posting"

    person: str = Field(primary_key=True)
    begins_at: datetime = _since()
    unit: str
    by: str


class RoleRow(SQLModel, table=True):
    """A role over the units below one (岗位授权), proposed by one person and granted by another."""

    __tablename__ = "role_grant"

    id: str = Field(primary_key=True)
    person: str
    title: str
    role: str
    unit: str | None = None
    begins_at: datetime = time_column()
    ends_at: datetime | None = time_column(nullable=True)
    proposed_at: datetime = time_column()
    proposed_by: str
    granted_at: datetime | None = time_column(nullable=True)
    granted_by: str | None = None
    revoked_at: datetime | None = time_column(nullable=True)
    revoked_by: str | None = None
    revoked_reason: str | None = None


class DelegationRow(SQLModel, table=True):
    """That somebody acts for a head (代行职责), from when until when."""

    __tablename__ = "delegation"

    id: str = Field(primary_key=True)
    person: str
    delegate: str
    begins_at: datetime = time_column()
    ends_at: datetime = time_column()
    reason: str
    added_at: datetime = time_column()
    added_by: str
    revoked_at: datetime | None = time_column(nullable=True)
    revoked_by: str | None = None
    revoked_reason: str | None = None


class AccountRow(SQLModel, table=True):
    """That an account of the operating system is a person's (账户绑定)."""

    __tablename__ = "account"

    account: str = Field(primary_key=True)
    bound_at: datetime = _since()
    person: str
    by: str
    confirmed_by: str | None = None
    ended_at: datetime | None = time_column(nullable=True)
    ended_by: str | None = None


class SessionRow(SQLModel, table=True):
    """That somebody is signed in at the pages (登录会话); `digest` is the SHA-256 of the token. Nothing signs it."""

    __tablename__ = "session"

    digest: str = Field(primary_key=True)
    account: str = Field(index=True)
    begun_at: datetime = time_column()
    seen_at: datetime = time_column()
    ended_at: datetime | None = time_column(nullable=True)


class UsedCodeRow(SQLModel, table=True):
    """The newest code of a second factor that an account used (已用动态码), by its half minute. Nothing signs it."""

    __tablename__ = "used_code"

    account: str = Field(primary_key=True)
    moment: int = Field(sa_column=Column(BigInteger, nullable=False))


class TokenRow(SQLModel, table=True):
    """That a program may ask for an account (接口令牌); `digest` is the SHA-256 of the token, `id` its beginning.

    `seal` says that the station itself wrote this; `scopes` and `addresses` are JSON lists. Nothing signs it.
    """

    __tablename__ = "api_token"

    id: str = Field(primary_key=True)
    digest: str
    seal: str
    account: str
    name: str
    scopes: str
    addresses: str
    begun_at: datetime = time_column()
    ends_at: datetime = time_column()
    used_at: datetime | None = time_column(nullable=True)
    ended_at: datetime | None = time_column(nullable=True)


class AnsweredRow(SQLModel, table=True):
    """What a request with an `Idempotency-Key` was answered (幂等应答): asked again, it is answered so again.

    `asked` is the SHA-256 of method, address and body; `answer` is JSON of status, headers and body.
    """

    __tablename__ = "answered"

    who: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked: str
    answer: str
    at: datetime = time_column()
