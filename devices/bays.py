"""From a chain of USB ports to the bay as its label says (仓位). Pure; the file itself is the caller's.

Source: `bays.json`, written by `evidock bays calibrate`: `{"bays": [{"bay": "1", "ports": ["pci-…-usb-0:5"]}, …]}`.
Shapes: a port has one bay; a bay may have two ports, where its USB 2 and USB 3 lines are numbered differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from devices.errors import BaysBad

BAYS_BYTES_MAX = 1 << 20
BAYS_MAX = 1000
LABEL_CHARS_MAX = 16
_LABEL = re.compile(rf"(?!\.)[^\s/\\\x00-\x1f\x7f]{{1,{LABEL_CHARS_MAX}}}")
"""A label is also the name of a folder."""


@dataclass(frozen=True, slots=True)
class Bays:
    """The bays that were learned, port by port, in the order they were learned; empty where nobody calibrated."""

    learned: tuple[tuple[str, str], ...] = ()
    _labels: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_labels", dict(self.learned))

    def knows(self, port: str) -> bool:
        """Whether this port was calibrated."""
        return port in self._labels

    def label(self, port: str, others: Collection[str] = ()) -> str:
        """The label of a port; without calibration the chain itself.

        `others` are further ports that are in use: with more than one controller among the uncalibrated ports, the
        chain is preceded by its controller.
        """
        if port in self._labels:
            return self._labels[port]
        controller, chain = _split(port)
        controllers = {controller, *(_split(other)[0] for other in others if other not in self._labels)}
        return chain if len(controllers) == 1 else f"{_short(controller)}-{chain}"

    def labels(self) -> tuple[str, ...]:
        """Every label once, in the order they were learned."""
        return tuple(dict.fromkeys(label for _, label in self.learned))

    def with_bay(self, port: str, label: str) -> Bays:
        """The map with one more port; raises `BaysBad` where the port has another label, or the label is none."""
        if not is_label(label):
            raise BaysBad(
                what=f"{label!r} is no label: 1 to {LABEL_CHARS_MAX} characters, no blank, no slash, no point in front"
            )
        if self._labels.get(port, label) != label:
            raise BaysBad(what=f"port {port} is bay {self._labels[port]} and bay {label}")
        return self if port in self._labels else Bays((*self.learned, (port, label)))

    def without_last(self) -> Bays:
        """The map without the port that was learned last."""
        return Bays(self.learned[:-1])


def is_label(text: str) -> bool:
    """Whether this can be printed on a bay and typed in a command."""
    return _LABEL.fullmatch(text) is not None


def read_bays(body: bytes) -> Bays:
    """The bays in the bytes of `bays.json`; raises `BaysBad`."""
    try:
        document = json.loads(body[: BAYS_BYTES_MAX + 1])
        pairs = list(_pairs(document))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BaysBad(what=f"it is no list of bays ({type(error).__name__})") from error
    if len(pairs) > BAYS_MAX:
        raise BaysBad(what=f"more than {BAYS_MAX} ports")
    bays = Bays()
    for port, label in pairs:
        bays = bays.with_bay(port, label)
    return bays


def write_bays(bays: Bays) -> bytes:
    """The bytes of `bays.json`."""
    entries = [{"bay": label, "ports": [port for port, one in bays.learned if one == label]} for label in bays.labels()]
    return (json.dumps({"bays": entries}, ensure_ascii=False, indent=2) + "\n").encode()


def _pairs(document: Any) -> Iterable[tuple[str, str]]:
    for entry in document["bays"]:
        for port in entry["ports"]:
            if not isinstance(port, str) or not isinstance(entry["bay"], str):
                raise TypeError
            yield port, entry["bay"]


def _split(port: str) -> tuple[str, str]:
    """Controller and chain of a port; a text of another form is all chain."""
    controller, between, chain = port.rpartition("-usb-0:")
    return (controller, chain) if between else ("", port)


def _short(controller: str) -> str:
    """`pci-0000:00:14.0` as `00:14.0`."""
    return controller.removeprefix("pci-").removeprefix("0000:")
