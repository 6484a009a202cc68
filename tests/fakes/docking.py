"""A recorder whose card is a loop device, docked and taken out again: `python -m tests.fakes.docking DEVICE FS SERIAL`.

Runs below umockdev's preload, as a dock that is to see it must. Says the folder of its bed; each line it is then given
does the next thing: the first docks the recorder, the second takes it out.
"""

from __future__ import annotations

import signal
import sys

from tests.fakes.bed import Bed

PORT = "1-1"


def main(device: str, fs: str, serial: str) -> None:
    """Dock it once; the bed is gone in the end, also when this is told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with Bed() as bed:
        print(bed.root, flush=True)
        sys.stdin.readline()
        stick = bed.usb(PORT, serial=serial)
        card = bed.card(stick, device, fs=fs)
        sys.stdin.readline()
        bed.pull(*stick.paths, card)


if __name__ == "__main__":
    main(*sys.argv[1:])
