"""Filing, finding and paging of clips."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import product
from typing import Any

import pytest

from catalog.acts import dispatch
from catalog.cases import cases
from catalog.clips import clips, search, second_opinions
from catalog.database import Database
from catalog.errors import AmbiguousClip, BadCursor, ClipConflict, ManifestUnreadable, NoSuchClip
from catalog.evidence import Clip
from catalog.rules.case_numbers import named
from catalog.rules.manifest import read_manifest
from catalog.trail import trail
from docking_station.services.viewable import Viewable
from docking_station.terminal.clip import show_clip
from ingest.filing import CatalogFiler
from tests.fakes.clips import START, clip, sealed
from tests.fakes.printed import as_printed


def test_a_filed_clip_is_shown_as_the_contract_says(database: Database) -> None:
    CatalogFiler(database).file(sealed(clip(1, case="2026-7")))
    told: dict[str, Any] = {"title": "x", "subject": None, "officers": (), "begins_at": None, "ends_at": None}
    with database.transaction() as session:
        dispatch.apply(session, cases.adding("2026-7", **told, at=START, actor="clerk"))
    assert as_printed(search.get(database, "c" + "1".zfill(20))) == {
        "id": "c00000000000000000001",
        "recorder": "TA00001",
        "officer": "JX0001",
        "unit": "U1",
        "case": "2026-7",
        "kind": "video",
        "path": "DCIM/TA00001.MP4",
        "size_bytes": 1001,
        "sha256": clip(1).spooled.digest.sha256,
        "sm3": clip(1).spooled.digest.sm3,
        "starts_at": "2026-03-05T01:01:00.000000Z",
        "starts_at_source": "name",
        "starts_at_uncertainty_s": 900.0,
        "ends_at": "2026-03-05T01:01:12.500000Z",
        "duration_s": 12.5,
        "fixes": 2,
        "first_fix": {"lat": 30.25, "lon": 119.75, "at": "2026-03-05T01:01:00.000000Z"},
        "marks": ["important"],
        "sealed_at": "2026-03-06T01:00:00.000000Z",
        "retain_until": "2026-09-06T01:00:00.000000Z",
        "playable": True,
        "cases": [{"id": named("2026-7"), "number": "2026-7", "step": None}],
        "class": "none",
        "officer_name": None,
    }


def test_filing_twice_gives_the_same_receipt_and_one_line(database: Database) -> None:
    filer = CatalogFiler(database)
    first = filer.file(sealed(clip(1)))
    filer.file(sealed(clip(2)))
    assert filer.file(sealed(clip(1))) == first
    assert [line.entry.action for line in trail.lines(database)] == [clips.FILED] * 2


def test_another_manifest_for_a_filed_clip_is_refused(database: Database) -> None:
    filer = CatalogFiler(database)
    filer.file(sealed(clip(1)))
    with pytest.raises(ClipConflict):
        filer.file(sealed(clip(1, officer="JX0002")))
    assert search.get(database, clip(1).id).officer == "JX0001"


def test_details_hold_what_the_manifest_holds(database: Database) -> None:
    CatalogFiler(database).file(sealed(clip(1, sidecars=("c2",))))
    shown = as_printed(clips.details(database, clip(1).id))
    assert shown["times"] == [
        {
            "source": "name",
            "raw": "20260305090000",
            "value": "2026-03-05T01:01:00.000000Z",
            "zone": "assumed +08:00",
            "refers_to": "start",
            "uncertainty_s": 900.0,
            "note": None,
        }
    ]
    assert shown["track"][1] == {
        "at": None,
        "lat": 30.26,
        "lon": 119.76,
        "speed_mps": None,
        "accuracy_m": None,
        "valid": None,
    }
    assert (shown["sidecars"], shown["sidecar_of"]) == (["c2"], [])
    assert shown["manifest"]["body"]["link"] == {"case": None, "proposals": [], "numbers": ["9901002026000007"]}


def test_a_second_opinion_that_was_cut_short_is_shown_as_far_as_it_goes(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    CatalogFiler(database).file(sealed(clip(1)))
    second_opinions.note(database, clip(1).id, START, "Tool 1", {"disagreements": []})
    viewable = Viewable(clip(1).id, "now", "view_original")
    show_clip(clips.details(database, clip(1).id), viewable, UTC, {})
    assert "Tool 1" in capsys.readouterr().out


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"schema":"evidock.manifest/9"}', b"\xff"])
def test_what_is_no_manifest_of_ours_is_said_so(body: bytes) -> None:
    with pytest.raises(ManifestUnreadable):
        read_manifest(body, "key")


def test_a_number_may_be_shortened_while_it_is_unique(database: Database) -> None:
    for number in (1, 2, 30):
        CatalogFiler(database).file(sealed(clip(number)))
    assert search.full_id(database, "c0000000000000000003") == clip(30).id
    with pytest.raises(AmbiguousClip):
        search.full_id(database, "c0000")
    for unknown in ("", "d", "c1", clip(4).id):
        with pytest.raises(NoSuchClip):
            search.full_id(database, unknown)


def many() -> list[Clip]:
    """Sixty clips of all kinds; three share each start, so that paging must break ties."""
    return [
        clip(
            number,
            kind=("video", "audio", "log")[number % 3],
            officer=("JX0001", "JX0002", None)[number % 3],
            recorder=("TA00001", "TA00002")[number % 2],
            case=("2026-7", None, "2026-8", None)[number % 4],
            time=replace(clip(number).time, starts_at=START + timedelta(minutes=number // 3)),
        )
        for number in range(60)
    ]


def test_every_combination_of_filters_lists_what_a_plain_loop_finds(database: Database) -> None:
    made = many()
    for one in made:
        CatalogFiler(database).file(sealed(one))
    since, until = START + timedelta(minutes=4), START + timedelta(minutes=12)
    for case, officer, recorder, kind, begin, end in product(
        (None, "2026-7"), (None, "JX0002"), (None, "TA00001", "none"), (None, "audio"), (None, since), (None, until)
    ):
        wanted = search.Search(case, officer, recorder, kind, begin, end)
        expected = [
            one.id
            for one in sorted(made, key=lambda one: (one.time.starts_at, one.id), reverse=True)
            if (case is None or one.case == case)
            and (officer is None or one.officer == officer)
            and (recorder is None or one.recorder == recorder)
            and (kind is None or one.kind == kind)
            and (begin is None or one.time.starts_at >= begin)
            and (end is None or one.time.starts_at < end)
        ]
        assert [one.id for one in search.search(database, wanted)] == expected


def test_pages_follow_each_other_without_gap_or_repeat(database: Database) -> None:
    for one in many():
        CatalogFiler(database).file(sealed(one))
    whole = [one.id for one in search.search(database, search.Search(limit=1000))]
    for limit in (1, 7, 59, 60, 61):
        paged: list[object] = []
        after: str | None = None
        while page := search.search(database, search.Search(after=after, limit=limit)):
            paged += [one.id for one in page]
            after = str(page[-1].id)
        assert (limit, paged) == (limit, whole)
    with pytest.raises(BadCursor):
        search.search(database, search.Search(after="c-unknown"))
