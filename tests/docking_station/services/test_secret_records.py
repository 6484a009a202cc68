"""What is kept of a secret, and which secrets are taken."""

from __future__ import annotations

import json

import pytest

from docking_station.services.secret_records import is_secret, record_of, stretched, weakness


def test_a_record_is_of_one_secret_and_those_of_earlier_versions_are_read() -> None:
    salt = bytes(16)
    earlier = json.dumps({"salt": salt.hex(), "scrypt": stretched(salt, "口令 one").hex()}).encode()
    now, again = record_of("口令 one"), record_of("口令 one")
    assert now != again
    assert json.loads(now)["argon2id"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    for record in (earlier, now):
        assert is_secret(record, "口令 one")
        assert not is_secret(record, "口令 two")
    assert not is_secret(None, "口令 one")


@pytest.mark.parametrize(
    ("secret", "is_taken"),
    [
        ("a secret of one's own", True),
        ("short enough", True),
        ("not so long", False),
        ("Xk7wqzbm", True),
        ("xk7wqzbm", False),
        ("Xk7wqzb", False),
        ("正确的马电池订书钉一二三", True),
        ("x" * 257, False),
        ("aaaaaaaaaaaa", False),
        ("1234567890123", False),
        ("Evidock2026!", False),
        ("Passw0rd1234", False),
        ("Admin@123456", False),
        ("qwertyuiop09", False),
        ("Keeper2026!!", False),
        ("keeper of the vault", True),
    ],
)
def test_what_is_short_or_easily_guessed_is_not_taken(secret: str, is_taken: bool) -> None:
    assert (weakness(secret, "keeper") is None) == is_taken
