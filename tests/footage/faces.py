"""A film with a face that moves through it, and where it is in each picture (人脸样片): made by ffmpeg at test time.

The face is the test picture of an installed package; where there is none, `picture` is None and the tests that need it
are left out. Shapes: 1280x720, 25 pictures a second; a truth is a list of faces a picture, each (left, top, width,
height) in pixels.
"""

from __future__ import annotations

import math
import subprocess
from importlib.util import find_spec
from pathlib import Path

WIDTH, HEIGHT, RATE = 1280, 720, 25
CUT = "crop=250:330:110:0"
"""Head and shoulders in the test picture."""
FACE = (68, 60, 100, 125)
"""The face in that cut, by eye."""
Face = tuple[float, float, float, float]
SECRETS = {
    "title": "Shiyan-Biaoti-77",
    "artist": "Shiyan-Renyuan-78",
    "comment": "Shiyan-Beizhu-79",
    "location": "+39.9075+116.3972/",
    "creation_time": "2026-03-11T01:30:56.000000Z",
}
"""What the original says of itself, and no copy may."""


def picture() -> Path | None:
    """A picture of a person, free for everybody, that an installed package carries."""
    found = find_spec("skimage")
    path = None if found is None or found.origin is None else Path(found.origin).with_name("data") / "astronaut.png"
    return path if path is not None and path.is_file() else None


def film(path: Path, seconds: float = 10.0, scales: tuple[float, ...] = (1.0, 0.5)) -> list[list[Face]]:
    """Make the film; returns where the faces are in each picture. Faces are 100 pixels wide times their scale."""
    source = picture()
    assert source is not None
    ways = [_way(number) for number in range(len(scales))]
    graph, last = f"testsrc2=s={WIDTH}x{HEIGHT}:r={RATE}:d={seconds},hue=s=0.3,noise=alls=8:all_seed=1[bg]", "bg"
    for number, (scale, (x, y)) in enumerate(zip(scales, ways, strict=True)):
        graph += f";movie={source},{CUT},scale=iw*{scale}:ih*{scale}[f{number}];[{last}][f{number}]"
        graph += f"overlay=x='{x.format('n')}':y='{y.format('n')}':format=yuv444[o{number}]"
        last = f"o{number}"
    said = [part for name, value in SECRETS.items() for part in ("-metadata", f"{name}={value}")]
    line = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"sine=440:d={seconds}", "-filter_complex", graph]
    line += ["-map", f"[{last}]", "-map", "0:a", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt"]
    line += [
        "yuv420p",
        "-c:a",
        "aac",
        *said,
        "-movflags",
        "+use_metadata_tags+faststart",
        "-t",
        str(seconds),
        str(path),
    ]
    subprocess.run(line, check=True, stdin=subprocess.DEVNULL)
    return [[_face(scale, way, n) for scale, way in zip(scales, ways, strict=True)] for n in range(int(seconds * RATE))]


def _way(number: int) -> tuple[str, str]:
    """Where the upper left corner of a cut is in picture `n`, for ffmpeg and for Python."""
    if number == 0:
        return "80+3*{0}", "160+60*sin({0}/12)"
    return f"{1000 - 60 * number}-2.5*{{0}}", f"{60 + 60 * number}+30*sin({{0}}/7)"


def _face(scale: float, way: tuple[str, str], n: int) -> Face:
    x, y = (eval(one.format(n), {"sin": math.sin}) for one in way)
    left, top, width, height = FACE
    return x + left * scale, y + top * scale, width * scale, height * scale
