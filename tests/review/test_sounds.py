"""Every kind of sound plays in Debian's chromium, from the original or from a copy that was made of it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from playwright.sync_api import Page

from catalog.clips import search
from docking_station.derived.copies import make_copies
from docking_station.derived.worker import SHOWN_KINDS
from media.beside import VIEW
from tests.docking_station.running import fill
from tests.footage.clips import made
from tests.footage.coded import AVC
from tests.review.browsing import NEEDED, chromium, quiet_page
from tests.review.conftest import served
from tests.scenario.dock import made_dock

pytestmark = NEEDED
SOUND_S = 2
FRAMES_A_S = 50
SOUNDS = {
    "aac": ("aac", "-c:a", "aac"),
    "aac-in-mp4": ("m4a", "-c:a", "aac"),
    "ac3-in-mka": ("mka", "-c:a", "ac3"),
    "adpcm-ima": ("wav", "-c:a", "adpcm_ima_wav"),
    "adpcm-ms": ("wav", "-c:a", "adpcm_ms"),
    "aiff": ("aiff", "-c:a", "pcm_s16be"),
    "flac": ("flac", "-c:a", "flac"),
    "g711-a": ("wav", "-c:a", "pcm_alaw", "-ar", "8000"),
    "g711-u": ("wav", "-c:a", "pcm_mulaw", "-ar", "8000"),
    "g726": ("wav", "-c:a", "g726", "-ar", "8000", "-ac", "1"),
    "mp2": ("mp2", "-c:a", "mp2"),
    "mp3": ("mp3", "-c:a", "libmp3lame"),
    "opus": ("ogg", "-c:a", "libopus"),
    "pcm": ("wav", "-c:a", "pcm_s16le"),
    "pcm-8-bit": ("wav", "-c:a", "pcm_u8"),
    "pcm-float": ("wav", "-c:a", "pcm_f32le"),
    "vorbis": ("ogg", "-c:a", "libvorbis"),
    "speex": ("ogg", "-c:a", "libspeex"),
    "wma": ("wma", "-c:a", "wmav2"),
}
"""Ending and codec of every kind of sound that ffmpeg can make here."""
FILMS = {
    "film-g711": ("avi", *AVC, "-c:a", "pcm_alaw", "-ar", "8000"),
    "film-adpcm": ("avi", *AVC, "-c:a", "adpcm_ima_wav"),
    "film-pcm": ("mov", *AVC, "-c:a", "pcm_s16be"),
    "film-ac3": ("ts", *AVC, "-c:a", "ac3"),
    "film-mp3": ("mp4", *AVC, "-c:a", "libmp3lame"),
}
AMR = {
    "amr-nb": b"#!AMR\n" + SOUND_S * FRAMES_A_S * (b"\x3c" + bytes(31)),
    "amr-wb": b"#!AMR-WB\n" + SOUND_S * FRAMES_A_S * (b"\x44" + bytes(60)),
}
"""No encoder is at hand: frames of 20 ms in the best mode, whose bits are all 0."""
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
FEW = ("aac", "adpcm-ima", "amr-nb", "film-g711")
"""What `./test` tries; the whole does the others too."""
HEARD = """() => {
    const video = document.getElementById("video");
    return [video.duration, video.webkitAudioDecodedByteCount, video.error?.message ?? ""];
}"""


def content_of(name: str) -> tuple[str, bytes]:
    """A file of one kind of sound: its name and its bytes."""
    if name in AMR:
        return f"{name}.amr", AMR[name]
    ending, *codec = FILMS.get(name) or SOUNDS[name]
    return f"{name}.{ending}", made(ending, SOUND_S, *(PICTURE if name in FILMS else ()), *TONE, *codec)


def heard(page: Page, clip: str) -> tuple[float, int, str]:
    """Play a clip; its length in seconds, how many bytes of sound came of it, and what the browser complained of."""
    page.goto(f"/clips/{clip}")
    page.click(".open")
    page.wait_for_function("() => document.getElementById('video')?.currentTime > 0.5")
    length_s, decoded_bytes, complaint = page.evaluate(HEARD)
    return length_s, decoded_bytes, complaint


def all_play(place: Path, names: Collection[str]) -> None:
    dock = made_dock(place / "home")
    card = fill(place / "card", {"a.log": 100})
    for name in names:
        file, content = content_of(name)
        (card / file).write_bytes(content)
    dock.ingest(card, "--recorder", "TA00003", "--officer", "JX0003")
    with dock.opened() as station:
        clips = list(search.search(station.database, search.Search(limit=search.LIMIT_MAX)))
        for clip in clips:
            if clip.kind in SHOWN_KINDS:
                make_copies(station, clip.id, lambda _: None, VIEW)
    numbers = {Path(str(clip.path)).stem: clip.id for clip in clips}
    with served(dock) as (_, address), chromium() as browser, quiet_page(browser, address) as page:
        found = {name: heard(page, numbers[name]) for name in names}
    silent = {name: told for name, told in found.items() if abs(told[0] - SOUND_S) > 0.3 or not told[1] or told[2]}
    assert silent == {}


def test_sounds_of_recorders_play(tmp_path: Path) -> None:
    all_play(tmp_path, FEW)


@pytest.mark.slow
def test_every_kind_of_sound_plays(tmp_path: Path) -> None:
    all_play(tmp_path, [*SOUNDS, *FILMS, *AMR])
