from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from catalog.evidence import Fix
from media.gps import gpx
from media.gps.gpx import FORMAT
from media.track import Track, read_track
from tests.footage import clips

AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
POINTS = [(AT, 30.25, 119.75), (AT + timedelta(seconds=1), 30.25001, 119.75001)]
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


DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'
NAMED = clips.gpx(POINTS).decode().replace("<trk>", "<trk><name>现场</name>").replace('<?xml version="1.0"?>', DECLARED)


@pytest.mark.parametrize(
    "data",
    [
        NAMED.replace("UTF-8", "GBK").encode("gbk"),
        NAMED.encode("gbk"),
        NAMED.replace("UTF-8", "gb2312").encode("gbk"),
        NAMED.encode("utf-16"),
        NAMED.replace("UTF-8", "UTF-16").encode("utf-16-be"),
        NAMED.encode("utf-8-sig"),
        NAMED.replace("UTF-8", "x-unknown").encode(),
        NAMED.encode().replace("现场".encode(), b"\xe7\x8e"),
        NAMED.replace("现场", "a\x01b").encode(),
        NAMED.replace("+00:00", "Z[Asia/Shanghai]").encode(),
        NAMED.encode().replace(b"\n", b"").replace(b"<name>", b" " * (64 * 1024) + b"<name>"),
    ],
    ids=["gbk", "undeclared", "gb2312", "utf-16", "utf-16-be", "mark", "unknown", "half", "control", "zone", "long"],
)
def test_no_letter_of_a_name_costs_a_position(data: bytes) -> None:
    track = read_track(BytesIO(data))
    assert (track.format, list(track.fixes), track.note) == ("gpx", FIXES, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
def test_a_doctype_is_refused_in_any_encoding_and_the_note_says_so(encoding: str) -> None:
    prolog = '<!DOCTYPE gpx [<!ENTITY a "aaaa">]>'
    track = read_track(BytesIO(clips.gpx(POINTS, prolog=prolog).decode().encode(encoding)))
    if encoding != "utf-32":
        assert track.note == "not read: GPX with a DOCTYPE"
    assert track.fixes == ()


def test_what_is_not_read_is_noted() -> None:
    text = clips.gpx(POINTS).decode()
    timeless = text.replace("</trkseg>", "<trkpt lat='1' lon='2'/><trkpt lat='1' lon='2'/></trkseg>")
    assert read_track(BytesIO(timeless.encode())) == Track(
        "gpx", tuple(FIXES), note="not read: a GPX point without a time or a place that makes sense (2 times)"
    )
    broken = text.replace("<trk>", "<trk>\n<name>A & B</name>")
    assert read_track(BytesIO(broken.encode())) == Track(
        "gpx", (), note="not read: GPX from line 2 on, which is no XML"
    )


@pytest.mark.parametrize("data", [b"", b"plain", b"<kml/>"])
def test_another_file_is_left_to_others(data: bytes) -> None:
    assert read(data) is None


def test_a_file_is_read_up_to_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpx, "FIXES_MAX", 1)
    assert read(clips.gpx(POINTS)) == FIXES[:1]
    monkeypatch.setattr(gpx, "FILE_BYTES_MAX", 90)
    assert read(clips.gpx(POINTS)) == []
