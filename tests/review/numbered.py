"""Clips whose every frame shows its own number, so that a test reads from the picture which frame is shown.

Needs ffmpeg with libx264 and libx265. The number is drawn as columns, a bit in each, the lowest at the left.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from catalog.trail import trail
from tests.footage.clips import SOUND, made
from tests.footage.coded import AAC, AVC, HEVC
from tests.scenario.dock import Dock

SECONDS, FPS, BITS, BIT_PX = 4, 25, 8, 20
NUMBERED = (
    "-f",
    "lavfi",
    "-i",
    f"nullsrc=size={BITS * BIT_PX}x96:rate={FPS},geq=lum='235*mod(floor(N/pow(2,floor(X/{BIT_PX}))),2)':cb=128:cr=128",
)
NUMBER_OF = f"""(video) => {{
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    const paper = canvas.getContext("2d", {{willReadFrequently: true}}); paper.drawImage(video, 0, 0);
    const lit = (x) => paper.getImageData((x + 0.5) * canvas.width / {BITS}, canvas.height / 2, 1, 1).data[0] > 120;
    return Array.from({{length: {BITS}}}, (_, x) => lit(x) << x).reduce((a, b) => a + b);
}}"""
NUMBER = f"() => ({NUMBER_OF})(document.getElementById('video'))"
AVC_NAME, HEVC_NAME = "TA00003_JX0003_20260305093000.MP4", "TA00003_JX0003_20260305092000.MP4"
UNPLAYED_NAME = "TA00003_JX0003_20260305091000.MP4"
"""No test plays it: whoever does looks at its sheet within that look."""


def film_card(card: Path) -> None:
    """Put a clip in H.264 with sound and one in H.265 on a card."""
    (card / AVC_NAME).write_bytes(made("mp4", SECONDS, *NUMBERED, *SOUND, *AVC, *AAC, "-movflags", "+faststart"))
    (card / HEVC_NAME).write_bytes(made("mp4", SECONDS, *NUMBERED, *HEVC))


def actions(station: Dock, clip: str) -> list[str]:
    """What stands on the trail of a clip."""
    with station.opened() as opened:
        return [line.entry.action for line in trail.lines(opened.database, subject=clip)]


def on_frame(page: Page, number: int) -> None:
    """Wait until the picture shows this frame, and the clock its time."""
    page.wait_for_function(f"() => !document.getElementById('video').seeking && ({NUMBER})() === {number}")
    assert page.evaluate(f"Math.floor(document.getElementById('video').currentTime * {FPS} + 1e-3)") == number


def steps_to_the_frame(page: Page) -> None:
    """From 1 s on, four frames forward and two back, each shown and counted."""
    page.locator("#seek").evaluate("(seek) => { seek.value = 1; seek.dispatchEvent(new Event('input')); }")
    for key, numbers in ((".", (26, 27, 28, 29)), (",", (28, 27))):
        for number in numbers:
            page.keyboard.press(key)
            on_frame(page, number)


def loops(page: Page) -> None:
    """From where it stands, a second is marked by A and B; at four times the speed nothing outside of it is seen."""
    begin = page.evaluate("document.getElementById('video').currentTime")
    for key in ("a", "ArrowRight", "a"):
        page.keyboard.press(key)
    page.wait_for_selector("#ab[aria-pressed=true]")
    page.evaluate("""() => { window.seen = []; const video = document.getElementById('video');
        video.addEventListener('timeupdate', () => window.seen.push(video.currentTime)); }""")
    page.select_option("#rate", "4")
    page.keyboard.press("k")
    page.wait_for_function("() => window.seen.length > 8")  # at that speed far behind the end, but for the loop
    assert all(begin - 0.08 < at < begin + 1.52 for at in page.evaluate("window.seen"))
