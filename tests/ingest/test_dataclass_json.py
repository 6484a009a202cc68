"""Every noun of the journal comes back as it went in."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.evidence import Clip, Docking, Duplicate, Receipt, SealedClip, SignedClip, SourceFile, SpooledFile
from ingest.dataclass_json import from_plain, to_plain
from ingest.journal import Noun

NOUNS: list[type[Noun]] = [Docking, SourceFile, SpooledFile, Clip, SignedClip, SealedClip, Receipt, Duplicate]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=4)
TIMES = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


for kind, strategy in ((str, TEXTS), (datetime, TIMES), (float, NUMBERS)):
    st.register_type_strategy(kind, strategy)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_a_noun_comes_back_from_json(noun: type[Noun]) -> None:
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_type(noun))
    def check(value: Noun) -> None:
        plain = json.loads(json.dumps(to_plain(value), ensure_ascii=False))
        assert from_plain(noun, plain) == value

    check()


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises((TypeError, KeyError)):
        from_plain(Duplicate, {"clip_id": "c1", "more": 1})
    assert from_plain(Duplicate, {"clip_id": "c1", "proposals": []}) == Duplicate("c1"), "an earlier version wrote it"
