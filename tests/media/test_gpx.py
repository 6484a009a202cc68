from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media.gps import gpx
from media.gps.gpx import FORMAT
from tests.footage import clips

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
POINTS = [(AT, 30.25, 119.75), (AT + timedelta(seconds=1), 30.26, 119.76)]
FIXES = [Fix(*point) for point in POINTS]


def read(data: bytes) -> list[Fix] | None:
    found = FORMAT.read(BytesIO(data))
    return None if found is None else list(found)


def test_track_points_in_file_order() -> None:
    assert read(clips.gpx(POINTS)) == FIXES


def test_way_points_speed_and_zones() -> None:
    text = b"""<gpx version='1.0'><wpt lat='30.25' lon='119.75'><time> 2026-03-11T09:36:21+08:00 </time>
      <speed>1.5</speed></wpt><trkpt lat='1' lon='2'><ele>3</ele></trkpt><trkpt lat='95' lon='2'/></gpx>"""
    assert read(text) == [Fix(AT, 30.25, 119.75, 1.5)]


def test_a_receiver_says_how_good_its_position_is() -> None:
    point = f"<wpt lat='30.25' lon='119.75'><time>{AT.isoformat()}</time>%s</wpt>"
    told = ["<fix>3d</fix><hdop>1.5</hdop>", "<hdop>99999</hdop>", "<fix>none</fix><hdop>1</hdop>"]
    assert read(f"<gpx>{''.join(point % one for one in told)}</gpx>".encode()) == [
        Fix(AT, 30.25, 119.75, None, 7.5, is_valid=True),
        Fix(AT, 30.25, 119.75),
    ]


def test_a_file_cut_short_gives_what_is_there() -> None:
    data = clips.gpx(POINTS)
    assert read(data[: data.rindex(b"<trkpt") + 20]) == FIXES[:1]


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE gpx SYSTEM "file:///etc/hostname">',
        f"<!--{' ' * 200_000}--><!DOCTYPE gpx>",
        f"<!--{' ' * (64 * 1024 - 33)}--><!DOCTYPE gpx>",
    ],
    ids=["entities", "external", "late", "across chunks"],
)
def test_a_doctype_is_refused(prolog: str) -> None:
    assert read(clips.gpx(POINTS, prolog=prolog)) is None


def test_utf_16_which_could_hide_a_doctype_is_refused() -> None:
    assert read(clips.gpx(POINTS).decode().encode("utf-16")) is None


@pytest.mark.parametrize("data", [b"", b"plain", b"<kml/>", b"<?xml version='1.0' encoding='cp9999'?><gpx/>"])
def test_another_file_is_left_to_others(data: bytes) -> None:
    assert read(data) is None


def test_a_file_is_read_up_to_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpx, "FIXES_MAX", 1)
    assert read(clips.gpx(POINTS)) == FIXES[:1]
    monkeypatch.setattr(gpx, "FILE_BYTES_MAX", 90)
    assert read(clips.gpx(POINTS)) == []
