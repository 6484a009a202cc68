from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.evidence import Kind, MediaFacts, Stream
from media.kinds import EXTENSIONS, kind_after_probe, kind_of, sidecar_of
from tests.footage import clips

MP3 = b"\xff\xfb\x90\x64" + bytes(413) + b"\xff\xfb\x90\x64"
ADTS = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(9) + b"\xff\xf1\x50\x80\x02\x1f\xfc"


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.MP4", b"", "video"),
        ("a.MP4", b"\x13\x37" * 4000, "video"),
        ("a.mp4", b"\xff\xd8\xff\xe0", "image"),
        ("a.jpg", b"\0\0\0\x18ftypisom", "video"),
        ("a.m4a", b"\0\0\0\x18ftypisom", "audio"),
        ("a", b"\0\0\0\x18ftypM4A ", "audio"),
        ("a.mov", b"\0\0\0\x18ftypheic", "image"),
        ("a.bin", b"\0\0\x10\0moov", "video"),
        ("a", b"RIFF\0\0\0\0AVI LIST", "video"),
        ("a.avi", b"RIFF\0\0\0\0WAVEfmt ", "audio"),
        ("a.png", b"BM\x36\0\0\0\0\0\0\0", "image"),
        ("a.x", b"\x89PNG\r\n\x1a\n", "image"),
        ("a.mka", b"\x1aE\xdf\xa3", "audio"),
        ("a", b"\x1aE\xdf\xa3", "video"),
        ("a.wma", b"0&\xb2u\x8ef\xcf\x11", "audio"),
        ("a.bin", b"G" + bytes(187) + b"G" + bytes(187) + b"G", "video"),
        ("a.bin", bytes(4) + b"G" + bytes(191) + b"G", "video"),
        ("a.bin", b"\0\0\x01\xba", "video"),
        ("a.dat", b"DHAV\xfd", "video"),
        ("a.dat", b"FLV\x01", "video"),
        ("a.mp4", b"#!AMR\n", "audio"),
        ("a.mp4", b"ID3\x03", "audio"),
        ("a.mp4", MP3, "audio"),
        ("a.bin", ADTS, "audio"),
        ("a.mp4", MP3[:4] + bytes(600), "video"),
        ("a.dat", b"OggS", "audio"),
        ("a.dat", b"fLaC", "audio"),
        ("a.GPX", b"<?xml", "log"),
        ("a.nmea", b"$GPRMC", "log"),
        ("a.thm", b"", "image"),
        ("Thumbs.db", b"\xd0\xcf\x11\xe0", "other"),
        ("mp4", b"", "other"),
        ("", b"", "other"),
    ],
)
def test_content_wins_and_the_extension_fills_in(name: str, head: bytes, kind: Kind) -> None:
    assert kind_of(name, head) == kind


@given(st.text(max_size=30), st.binary(max_size=600))
def test_any_head_has_a_kind(name: str, head: bytes) -> None:
    assert kind_of(name, head) in (*EXTENSIONS, "other")


def test_encrypted_footage_keeps_the_kind_of_its_name() -> None:
    assert {kind_of("a.mp4", os.urandom(4096)) for _ in range(300)} == {"video"}


def test_real_sound_is_known_without_a_name() -> None:
    assert kind_of("", clips.made("mp3", 1, *clips.SOUND)) == "audio"
    assert kind_of("", clips.made("aac", 1, *clips.SOUND)) == "audio"


@pytest.mark.parametrize(
    ("kind", "streams", "playable", "after"),
    [
        ("video", ["audio"], True, "audio"),
        ("video", ["audio"], False, "video"),
        ("video", ["video", "audio"], True, "video"),
        ("audio", ["video"], True, "video"),
        ("audio", ["audio", "attachment"], True, "audio"),
        ("video", [], None, "video"),
        ("image", ["video"], True, "image"),
    ],
)
def test_streams_settle_the_kind_of_what_plays(
    kind: Kind, streams: list[str], playable: bool | None, after: Kind
) -> None:
    media = MediaFacts("mp4", 1.0, tuple(Stream(stream, "any") for stream in streams), playable)
    assert kind_after_probe(kind, media) == after


def test_sidecars_find_their_clip() -> None:
    paths = [
        b"D/A1.MP4", b"D/A1.JPG", b"D/a1.nmea", b"D/A1.MP4.gpx", b"D/A1.THM", b"E/A1.gps", b"D/B.gpx",
        b"D/20260718_060329_NF.mp4", b"D/20260718_060329_N.gps", b"D/\xcf\xd6.avi", b"D/\xcf\xd6.srt", b"noext",
    ]  # fmt: skip
    assert sidecar_of(paths) == {
        b"D/a1.nmea": b"D/A1.MP4",
        b"D/A1.MP4.gpx": b"D/A1.MP4",
        b"D/A1.THM": b"D/A1.MP4",
        b"D/20260718_060329_N.gps": b"D/20260718_060329_NF.mp4",
        b"D/\xcf\xd6.srt": b"D/\xcf\xd6.avi",
    }
