from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from catalog.evidence import Examined, Fix
from media.ffmpeg import Tools
from media.look import RESTARTED, look
from media.proxy import plan
from tests.footage import clips, movies

CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 3, 11, 1, 36, 21, tzinfo=UTC)
MTIME_NS = int(AT.timestamp()) * 10**9
DOCKED = datetime(2026, 3, 12, tzinfo=UTC)
PLACE = (30.25, 119.75)
WALK = [clips.rmc(AT + timedelta(seconds=second), *PLACE) for second in range(3)]


def seen(folder: Path, name: str, data: bytes, *, tools: Tools | None = None, mtime_ns: int = MTIME_NS) -> Examined:
    path = folder / "spooled"
    path.write_bytes(data)
    return look(path, name, tools=tools or Tools(), zone=CHINA, mtime_ns=mtime_ns, docked_at=DOCKED)


def test_a_film_with_positions_in_its_subtitles(tmp_path: Path) -> None:
    found = seen(tmp_path, "A.MP4", clips.mp4_with_subtitles(WALK))
    assert (found.kind, found.media.playable, len(found.track)) == ("video", True, 3)
    assert (found.track[0].latitude_deg, found.track[0].longitude_deg) == pytest.approx(PLACE, abs=1e-6)
    assert [(claim.source, claim.refers_to) for claim in found.claims] == [
        ("gps", "start"),
        ("gps", "end"),
        ("mtime", "end"),
    ]
    assert [claim.value for claim in found.claims] == [AT, AT + timedelta(seconds=2), AT]


def test_subtitles_that_tell_no_positions_leave_the_containers(tmp_path: Path) -> None:
    found = seen(tmp_path, "A.MP4", clips.mp4_with_subtitles(["Hello"]))
    assert found.track == ()
    assert [claim.source for claim in found.claims] == ["mtime"]


def test_blocks_between_picture_and_sound_are_positions(tmp_path: Path) -> None:
    blocks = [movies.freegps(AT + timedelta(seconds=second), *PLACE) for second in range(3)]
    whole = movies.with_blocks(blocks)
    for data in (whole, clips.without_moov(whole)):
        found = seen(tmp_path, "A.MP4", data)
        assert [fix.at for fix in found.track] == [AT + timedelta(seconds=second) for second in range(3)]
        assert [claim.value for claim in found.claims if claim.source == "gps"] == [AT, AT + timedelta(seconds=2)]
        assert found.media.playable is False


def test_a_movie_tells_its_times_and_place_without_any_tool(tmp_path: Path) -> None:
    none = Tools(ffprobe="ffprobe-not-here", ffmpeg="ffmpeg-not-here")
    place = movies.box(b"udta", movies.spoken(b"\xa9xyz", "+30.25+119.75/"))
    found = seen(tmp_path, "A.MP4", movies.movie(created=movies.seconds_1904(AT), parts=(place,)), tools=none)
    assert [(claim.source, claim.value) for claim in found.claims] == [("container", AT), ("mtime", AT)]
    assert found.track == (Fix(None, *PLACE),)


def test_a_track_counts_more_than_one_place(tmp_path: Path) -> None:
    place = movies.box(b"udta", movies.spoken(b"\xa9xyz", "+01.5+002.5/"))
    data = movies.movie([movies.camm_full(AT, *PLACE)], handler=b"camm", entry=b"camm", parts=(place,))
    assert [fix.at for fix in seen(tmp_path, "A.MP4", data).track] == [AT]


def test_sound_in_a_film_container_is_sound(tmp_path: Path) -> None:
    found = seen(tmp_path, "A.3gp", clips.sound_in_3gp())
    assert (found.kind, found.media.playable) == ("audio", True)


def test_a_photograph_has_no_length(tmp_path: Path) -> None:
    tiff = clips.exif("2026:03:11 09:36:21", "+08:00", PLACE, AT)
    found = seen(tmp_path, "misnamed.mp4", clips.jpeg(tiff))
    assert (found.kind, found.media.playable, found.media.duration_s) == ("image", True, None)
    assert [(claim.source, claim.refers_to) for claim in found.claims] == [
        ("exif", "start"),
        ("gps", "start"),
        ("mtime", "start"),
    ]
    assert len(found.track) == 1


def test_a_log_says_which_format_it_is(tmp_path: Path) -> None:
    found = seen(tmp_path, "A.nmea", "\n".join(WALK).encode())
    assert (found.kind, found.media.container, found.media.playable) == ("log", "nmea", None)
    assert len(found.track) == 3
    plain = seen(tmp_path, "A.log", b"2026-03-11 09:36:21 4 A.MP4")
    assert (plain.kind, plain.media.container, plain.track) == ("log", None, ())


def test_what_is_no_footage_is_only_dated(tmp_path: Path) -> None:
    found = seen(tmp_path, "Thumbs.db", b"\xd0\xcf\x11\xe0")
    assert (found.kind, found.media.streams, found.media.playable) == ("other", (), None)
    assert [claim.source for claim in found.claims] == ["mtime"]


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        ("A.MP4", b"", "the file is empty"),
        ("A.MP4", clips.without_moov(clips.mp4()), "moov atom not found"),
        ("A.MP4", b"\x13\x37" * 5000, None),
    ],
    ids=["empty", "no moov", "encrypted"],
)
def test_damaged_films_stay_films(tmp_path: Path, name: str, data: bytes, note: str | None) -> None:
    found = seen(tmp_path, name, data)
    assert (found.kind, found.media.playable) == ("video", False)
    assert found.media.note
    assert note in (None, found.media.note)


def test_heic_that_no_tool_reads_is_an_open_question(tmp_path: Path) -> None:
    found = seen(tmp_path, "A.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert (found.kind, found.media.playable) == ("image", None)


def test_without_tools_everything_else_is_still_told(tmp_path: Path) -> None:
    none = Tools(ffprobe="ffprobe-not-here", ffmpeg="ffmpeg-not-here")
    found = seen(tmp_path, "A.jpg", clips.jpeg(clips.exif(place=PLACE)), tools=none)
    assert (found.media.playable, found.media.note) == (None, "ffprobe-not-here is not installed")
    assert len(found.track) == 1


@pytest.mark.parametrize("mtime_ns", [10**30, -(10**30)])
def test_a_modify_time_without_sense_is_a_claim_without_value(tmp_path: Path, mtime_ns: int) -> None:
    (claim,) = seen(tmp_path, "a.bin", b"?", mtime_ns=mtime_ns).claims
    assert (claim.value, claim.raw, claim.note) == (None, str(mtime_ns), "no such time")


def test_two_looks_see_the_same(tmp_path: Path) -> None:
    clip = clips.mp4(moov_first=True)
    assert seen(tmp_path, "A.MP4", clip[:-3000]) == seen(tmp_path, "A.MP4", clip[:-3000])


def test_a_spool_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look(tmp_path / "gone", "A.MP4", tools=Tools(), zone=CHINA, mtime_ns=MTIME_NS, docked_at=DOCKED)


@pytest.mark.parametrize(
    ("name", "data", "note"),
    [
        (
            "A.MP4",
            movies.movie(parts=(movies.box(b"udta", movies.spoken(b"\xa9xyz", "N30 E119")),)),
            "the place 'N30 E119'",
        ),
        ("A.NMEA", "\n".join([WALK[0], WALK[1][:-2] + "00", WALK[2]]).encode(), "a sentence with a wrong checksum"),
        (
            "A.NMEA",
            "\n".join([WALK[0], clips.sentence("GPRMC,996199,A,,,,,,,,")]).encode(),
            "a sentence that makes no sense",
        ),
        (
            "A.MP4",
            movies.with_blocks([movies.freegps(AT, *PLACE)[:0x30] + b"\xff" * 24 + b"ANE\0" + bytes(200)]),
            "a block that makes no sense",
        ),
    ],
)
def test_what_could_not_be_read_of_a_carrier_is_a_note(tmp_path: Path, name: str, data: bytes, note: str) -> None:
    none = Tools(ffprobe="ffprobe-not-here", ffmpeg="ffmpeg-not-here")
    assert f"not read: {note}" in (seen(tmp_path, name, data, tools=none).media.note or "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_text_in_any_form_of_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    found = seen(tmp_path, "A.NMEA", "\r\n".join(WALK).encode(encoding))
    assert (found.media.container, len(found.track), found.media.note) == ("nmea", len(WALK), None)


def coded(folder: Path, name: str, *options: str) -> bytes:
    path = folder / name
    picture = ("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10")
    argv = ["ffmpeg", "-nostdin", "-v", "error", *picture, *picture, "-t", "2", *options, str(path)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return path.read_bytes()


@pytest.mark.parametrize("pixels", ["yuv422p10le", "yuv444p"])
def test_how_the_points_of_a_picture_are_stored_is_sealed(tmp_path: Path, pixels: str) -> None:
    data = coded(tmp_path, "made.mp4", "-map", "0", "-c:v", "libx264", "-pix_fmt", pixels)
    media = seen(tmp_path, "A.MP4", data).media
    assert media.streams[0].pixel_format == pixels
    assert plan("video", media).way == "encode"


def test_a_second_lens_in_one_film_is_noted(tmp_path: Path) -> None:
    data = coded(tmp_path, "made.mp4", "-map", "0", "-map", "1", "-c:v", "mpeg4")
    assert seen(tmp_path, "A.MP4", data).media.note == "2 picture streams: what is shown is the first"


def test_a_stream_whose_clock_goes_back_is_noted_and_its_length_unknown(tmp_path: Path) -> None:
    part = coded(tmp_path, "made.ts", "-map", "0", "-c:v", "mpeg2video", "-b:v", "2M")
    whole = seen(tmp_path, "A.TS", part).media
    assert whole.note is None
    assert whole.duration_s == pytest.approx(2, abs=0.2)
    twice = seen(tmp_path, "A.TS", part + part).media
    assert twice.note == RESTARTED
    assert twice.duration_s is None
