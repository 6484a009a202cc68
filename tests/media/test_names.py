from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import IMPORTANT, NameFacts
from media.errors import BadNamePattern
from media.names import GROUPS, LAST_RESORT, built_in_patterns, load_patterns, read_name

CHINA = timezone(timedelta(hours=8))
BUILT_IN = load_patterns(())
GB_CODE = "34020000001320000001"


def read(name: str) -> NameFacts:
    return read_name(name, BUILT_IN, CHINA)


@pytest.mark.parametrize(
    ("name", "pattern", "recorder", "officer", "local"),
    [
        ("TA00716_JX0412_20260311093621.MOV", "product-officer-time", "TA00716", "JX0412", "2026-03-11 09:36:21"),
        ("1111111@202606250850560001.mp4", "product-at-time", "1111111", None, "2026-06-25 08:50:56"),
        ("三号站@202606250850560001.mp4", "alias-at-time", None, None, "2026-06-25 08:50:56"),
        ("DSJ_1000088_1111123_20260327_101500.mp4", "dsj", "1000088", "1111123", "2026-03-27 10:15:00"),
        (f"34020000_{GB_CODE}2026031109362101002026031118000000123.mp4", "gb-platform", GB_CODE, None,
         "2026-03-11 09:36:21"),
        ("TA00716_现场勘查_20260311093621.mp4", "product-title-time", "TA00716", None, "2026-03-11 09:36:21"),
        ("20260412_115425_0001.AVI", "time-sequence", None, None, "2026-04-12 11:54:25"),
        ("20260511134011_073648A.TS", "time-sequence", None, None, "2026-05-11 13:40:11"),
        ("20260718_060329_NF.mp4", "time-sequence", None, None, "2026-07-18 06:03:29"),
        ("NO20191130-122056-000140.MP4", "dashcam", None, None, "2019-11-30 12:20:56"),
        ("2026_0430_154612_029F.MP4", "time-in-parts", None, None, "2026-04-30 15:46:12"),
        ("2026-04-30_15-46-12-front.mp4", "time-in-parts", None, None, "2026-04-30 15:46:12"),
        ("2026年04月30日15时46分12秒.mp4", "time-in-chinese", None, None, "2026-04-30 15:46:12"),
        ("2026年4月3日5时6分7秒.mp4", "time-in-chinese", None, None, "2026-04-03 05:06:07"),
        ("FILE260430-154612F.MP4", "short-time", None, None, "2026-04-30 15:46:12"),
        ("现场 2026-04-30 15.46.12.mp4", LAST_RESORT, None, None, "2026-04-30 15:46:12"),
        ("COPY_2026_0430_154612_029F.MP4", LAST_RESORT, None, None, "2026-04-30 15:46:12"),
        ("COPY_TA00716_JX0412_20260311093621.MOV", LAST_RESORT, None, None, "2026-03-11 09:36:21"),
        ("COPY_DSJ_1000088_1111123_20260327_101500.mp4", LAST_RESORT, None, None, "2026-03-27 10:15:00"),
        ("TA00716_JX0412_20260311093621 (1).MOV", LAST_RESORT, None, None, "2026-03-11 09:36:21"),
    ],
)  # fmt: skip
def test_names_recorders_give(name: str, pattern: str, recorder: str | None, officer: str | None, local: str) -> None:
    found = read(name)
    assert (found.pattern, found.recorder, found.officer) == (pattern, recorder, officer)
    (claim,) = found.claims
    assert claim.value == datetime.fromisoformat(local).replace(tzinfo=CHINA)
    assert (claim.source, claim.zone, claim.refers_to, claim.uncertainty_s) == ("name", "assumed +08:00", "start", 900)
    assert found.marks == ()


def test_milliseconds_need_no_zone() -> None:
    found = read("1773192981500.jpg")
    (claim,) = found.claims
    assert (found.pattern, claim.raw, claim.zone) == ("epoch-ms", "1773192981500", "stated UTC")
    assert claim.value == datetime(2026, 3, 11, 1, 36, 21, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("name", ["Thumbs.db", "", ".", "IMPORT.MP4", "MOVI0007 (1).MP4", "12345678.MP4"])
def test_names_that_say_nothing(name: str) -> None:
    assert read(name) == NameFacts()


@pytest.mark.parametrize(
    ("name", "sequence", "series"),
    [
        ("MOVI0007.MP4", "0007", "MOVI"),
        ("movi0007_IMP.mp4", "0007", "MOVI"),
        ("GOPR0007.MP4", "0007", "GOPR"),
        ("GX020013.MP4", "0013", "GX02"),
        ("DSC_0007.JPG", "0007", "DSC_"),
        ("0007.MP4", "0007", ""),
        ("SHRIMP_1.MP4", "1", "SHRIMP_"),
        ("20260412_115425_0003.AVI", "0003", "time-sequence"),
        ("1111111@202606250850560001.mp4", "0001", "product-at-time 1111111"),
        ("NO20191130-122056-000140F.MP4", "000140", "dashcam"),
        ("TA00716_JX0412_20260311093621.MOV", None, None),
        ("COPY_20260412_115425_0001.AVI", None, None),
    ],
)
def test_the_counter_of_a_recorder_is_told(name: str, sequence: str | None, series: str | None) -> None:
    assert (read(name).sequence, read(name).series) == (sequence, series)


def test_a_stations_own_sequence_that_is_no_number_counts_nothing() -> None:
    own = load_patterns([{"id": "ours", "pattern": r"X(?P<sequence>\w+)"}])
    assert read_name("XA7.MP4", own, CHINA).sequence is None
    assert read_name("X٣.MP4", own, CHINA).sequence is None
    assert read_name("X007.MP4", own, CHINA).sequence == "007"


@pytest.mark.parametrize(
    "name",
    [
        "TA00716_JX0412_20260311093621_IMP.MOV",
        "20260412_115425_0003IMP.MP4",
        "IMP_0001.MP4",
        f"34020000_{GB_CODE}2026031109362101012026031118000000123.mp4",
    ],
)
def test_important_clips_are_marked(name: str) -> None:
    assert read(name).marks == (IMPORTANT,)


def test_the_mark_does_not_hide_the_rest() -> None:
    assert read("TA00716_JX0412_20260311093621_IMP.MOV").pattern == "product-officer-time"
    assert read("20260412_115425_0003IMP.MP4").pattern == "time-sequence"


@pytest.mark.parametrize("stem", ["20260230_101500", "20261301_101500", "20260301_256000", "00000000_000000"])
def test_an_impossible_date_is_a_claim_without_value(stem: str) -> None:
    (claim,) = read(f"{stem}.MP4").claims
    assert (claim.raw, claim.value, claim.note) == (stem, None, "no such time")


def test_the_stations_patterns_come_first() -> None:
    own = load_patterns([{"id": "ours", "pattern": r"(?P<officer>\w{4})-(?P<at>\d{14})(?P<mark>!?)"}])
    assert [pattern.id for pattern in own[1:]] == [pattern.id for pattern in built_in_patterns()]
    found = read_name("AB12-20260311093621!.MP4", own, CHINA)
    assert (found.pattern, found.officer, found.marks) == ("ours", "AB12", (IMPORTANT,))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"id": "ours", "pattern": "(?P<at>"}, "unterminated"),
        ({"id": "ours", "pattern": r"(?P<when>\d+)"}, "unknown group when"),
        ({"id": "ours"}, "`pattern` is missing"),
        ({"pattern": "x"}, "`id` is missing"),
        ({"id": "ours", "pattern": 3}, "`pattern` is missing"),
    ],
)
def test_a_bad_pattern_is_named(entry: dict[str, object], why: str) -> None:
    with pytest.raises(BadNamePattern) as raised:
        load_patterns([entry])
    assert raised.value.code == "media.name-pattern"
    assert str(raised.value.facts["pattern"]) == str(entry.get("id"))
    assert why in str(raised.value.facts["why"])


def test_the_table_uses_only_known_groups_once() -> None:
    patterns = built_in_patterns()
    assert len({pattern.id for pattern in patterns}) == len(patterns)
    assert patterns[-1].id == LAST_RESORT
    assert set().union(*(pattern.stem.groupindex for pattern in patterns)) == GROUPS


@given(st.text(max_size=80) | st.from_regex(re.compile(r"\A[A-Z_@0-9-]{0,60}\.MP4\Z")))
def test_any_name_is_borne(name: str) -> None:
    for claim in read(name).claims:
        assert claim.value is None or claim.value.utcoffset() == timedelta(0)


def test_a_name_without_end_takes_no_time() -> None:
    assert read("1" * 1_000_000 + ".mp4") == NameFacts()


def test_a_name_of_a_day_is_half_a_day_wide() -> None:
    (claim,) = read_name("20260412.log", load_patterns([]), CHINA).claims
    assert claim.value == datetime(2026, 4, 12, 4, tzinfo=UTC)
    assert claim.uncertainty_s > 12 * 3600


def test_the_counter_behind_a_time_in_parts_is_read() -> None:
    assert (read("2026_0430_154612_029F.MP4").sequence, read("2026_0430_154612_029F.MP4").series) == (
        "029",
        "time-in-parts",
    )


@pytest.mark.parametrize("name", ["2013_0000_000001_F.MP4", "REC123456-123456.MP4", "2026-04-30_25-46-12.mp4"])
def test_digits_that_are_no_time_claim_none(name: str) -> None:
    assert all(claim.value is None for claim in read(name).claims)


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("20261025_023000.MP4", "2026-10-25T00:30:00+00:00"),
        ("20261025_023000.MP4", "2026-10-25T01:30:00+00:00"),
        ("20260329_023000.MP4", "2026-03-29T00:30:00+00:00"),
        ("20260329_023000.MP4", "2026-03-29T01:30:00+00:00"),
    ],
)
def test_an_hour_that_is_twice_or_never_is_within_the_uncertainty(name: str, true: str) -> None:
    (claim,) = read_name(name, BUILT_IN, BERLIN).claims
    assert claim.value is not None
    assert abs((claim.value - datetime.fromisoformat(true)).total_seconds()) <= claim.uncertainty_s
    assert claim.uncertainty_s == 900 + 3600
    (usual,) = read_name("20261026_023000.MP4", BUILT_IN, BERLIN).claims
    assert usual.uncertainty_s == 900
