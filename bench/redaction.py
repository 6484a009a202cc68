"""What covering faces costs: the copy for release against a plain encode of the same film, in the same run.

`python -m bench.redaction [SECONDS]`: a film of 1280x720 with two faces that move, covered as they move, muted for a
second; processor seconds of ffmpeg, and of the mask film beside it. With the detector, what it takes too.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from docking_station.derived.burnt import font
from media import faces, ffmpeg
from media.ffmpeg import Limits, Tools
from media.redact import Work, masks, redact_args
from tests.footage.clips import SOUND

SIZE, RATE, THREADS = (1280, 720), 25, 2
LIMITS = Limits(3600.0, 1 << 32)


def cpu_s() -> float:
    """Processor time of this process and its children so far."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def timed(work: Callable[[], object]) -> float:
    """How much processor time something takes."""
    before = cpu_s()
    work()
    return cpu_s() - before


def covered(at_ms: int) -> list[tuple[int, int, int, int]]:
    """Two boxes that move."""
    return [(80 + at_ms // 20, 160, 140, 170), (1000 - at_ms // 20, 100, 70, 90)]


def main(seconds: int) -> None:
    """Make the film, encode it plainly and covered, and say the ratio."""
    letters = font()
    assert letters is not None, "no Chinese font"
    with tempfile.TemporaryDirectory() as place:
        film, plain, out, label = (Path(place) / name for name in ("in.mp4", "plain.mp4", "out.mp4", "label.txt"))
        label.write_text("公示副本 P2026-0001\n示例市民政局", encoding="utf-8")
        picture = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r={RATE},noise=alls=8"
        made = ["-f", "lavfi", "-i", picture, *SOUND, "-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast"]
        ffmpeg.make([*made, "-crf", "20", "-c:a", "aac", str(film)], Tools(), LIMITS, lambda _: None)
        coded = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-threads", str(THREADS), "-c:a", "aac"]
        again = ["-threads", "1", "-i", str(film), *coded, str(plain)]
        plain_s = timed(lambda: ffmpeg.make(again, Tools(), LIMITS, lambda _: None))
        work = Work(*SIZE, Fraction(RATE), seconds * 1000, covered, ((1000, 2000),), (), THREADS)
        args = redact_args(film, out, work, label, letters, has_sound=True)
        redacted_s = timed(lambda: ffmpeg.make(args, Tools(), LIMITS, lambda _: None, masks(work)))
        print(f"plain {plain_s:.1f} s, covered {redacted_s:.1f} s of processor for {seconds} s of film")
        print(f"ratio {redacted_s / plain_s:.2f}")
        if faces.finder() is not None:
            found_s = timed(lambda: faces.find(film, SIZE, Fraction(RATE), Tools(), LIMITS, lambda _: None))
            print(
                f"looking for faces {found_s:.1f} s, {found_s / (seconds * RATE / faces.EVERY) * 1000:.0f} ms a picture"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
