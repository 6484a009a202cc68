"""From what udev tells, one thing at a time, to devices that came and went (接入与拔出). Pure: time is handed in.

Source: udev's events of the subsystems usb and block. Shapes: `UdevReport` in, `Plugged | Unplugged` out. A device is
one `usb_device` by its path; its disks and partitions are known to be its own by theirs, because on removal no parent
is left to ask. What is to be told is computed by comparing what is there with what was told last, so a storm of events
leaves nothing behind: at most DEVICES_MAX devices with PARTS_MAX parts are held. Units: seconds of one clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from devices.contract import Plugged, Unplugged, Volume

DEVICES_MAX = 512
PARTS_MAX = 128
"""Interfaces, disks and partitions of one device."""
DISK_WAIT_S = 10.0
"""How long mass storage may take until its disk, or the partitions of its table, appear."""
TEXT_CHARS_MAX = 126
"""A USB string holds no more."""
SECTOR_BYTES = 512

HUB, STORAGE = "09", "08"
_ADDRESS = re.compile(r"\d+-\d+(\.\d+)*")
_INTERFACE = re.compile(r"/(\d+-[\d.]+):\d+\.\d+(/|$)")
_CHAIN = re.compile(r"(?P<controller>.*-usb)(v\d)?(?P<chain>-0:[\d.]+)(:.*)?")
_ESCAPED = re.compile(rb"\\x([0-9a-fA-F]{2})")


@dataclass(frozen=True, slots=True)
class UdevReport:
    """One thing udev told: an event, or a device that was there already (`action` is `add`).

    `attributes` are those of sysfs that could be read; text as udev gave it, nothing is trusted yet.
    """

    action: str
    subsystem: str
    kind: str | None
    devpath: str
    properties: Mapping[str, str]
    attributes: Mapping[str, str]

    def fact(self, name: str) -> str | None:
        """An attribute, or None where there is none."""
        return self.attributes.get(name)


@dataclass
class _Device:
    """What is known of one device since it came."""

    report: UdevReport
    came_at: float
    changed_at: float
    parts: dict[str, UdevReport] = field(default_factory=dict)
    settled: Plugged | None = None


class Plugging:
    """The devices that are there, and what was told of them."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._there: dict[str, _Device] = {}
        self._reported: dict[str, tuple[_Device, Plugged]] = {}

    def hear(self, report: UdevReport, now: float) -> None:
        """Take in one thing udev told."""
        if report.subsystem == "usb" and report.kind == "usb_device":
            self._hear_device(report, now)
        elif report.subsystem == "block" or report.kind == "usb_interface":
            self._hear_part(report, now)

    def reconcile(self, everything: Iterable[UdevReport], now: float) -> None:
        """Events were lost: what is there now is all there is."""
        listed = {report.devpath: report for report in everything}
        for devpath in [devpath for devpath in self._there if devpath not in listed]:
            del self._there[devpath]
        for device in self._there.values():
            for devpath in [devpath for devpath in device.parts if devpath not in listed]:
                del device.parts[devpath]
                device.changed_at = now
        # Devices before their parts: a disk whose device is not known yet would be nobody's.
        for report in sorted(listed.values(), key=lambda report: (report.subsystem != "usb", report.devpath)):
            self.hear(report, now)

    def next(self, now: float) -> Plugged | Unplugged | None:
        """The next thing to tell, or None. A device that left is told before one that came."""
        for devpath, (device, plugged) in self._reported.items():
            # The object, not the path: another device in the same port means that the first one left unheard.
            if self._there.get(devpath) is not device:
                del self._reported[devpath]
                return Unplugged(devpath, plugged.port)
        for devpath, device in sorted(self._there.items(), key=lambda item: item[1].came_at):
            if device.settled is None and now >= self._due_at(device):
                device.settled = _plugged(device)
            before = self._reported.get(devpath)
            if device.settled is not None and (before is None or before[1] != device.settled):
                if _is_hub(device.settled) or _is_own(device):
                    continue
                self._reported[devpath] = (device, device.settled)
                return device.settled
        return None

    def due_in_s(self, now: float) -> float | None:
        """How long until `next` may have something to tell without a further event; None: not before one."""
        waits = [self._due_at(device) - now for device in self._there.values() if device.settled is None]
        return max(0.0, min(waits)) if waits else None

    def _hear_device(self, report: UdevReport, now: float) -> None:
        known = self._there.get(report.devpath)
        if report.action == "remove":
            self._there.pop(report.devpath, None)
        elif known is None or _number(known.report) != _number(report):
            if _ADDRESS.fullmatch(report.devpath.rpartition("/")[2]) and len(self._there) < DEVICES_MAX:
                self._there[report.devpath] = _Device(report, now, now)
        elif known.report != (merged := _merged(known.report, report)):
            known.report, known.changed_at, known.settled = merged, now, None

    def _hear_part(self, report: UdevReport, now: float) -> None:
        device = self._there.get(_owner(report.devpath) or "")
        if device is None:
            return
        before = device.parts.get(report.devpath)
        if report.action == "remove":
            device.parts.pop(report.devpath, None)
        elif before is not None or len(device.parts) < PARTS_MAX:
            device.parts[report.devpath] = report
        if not (before and report.action != "remove" and _same(before, report)):
            device.changed_at, device.settled = now, None

    def _due_at(self, device: _Device) -> float:
        quiet_at = device.changed_at + self._settle_s
        return max(quiet_at, device.came_at + DISK_WAIT_S) if _waits_for_disk(device) else quiet_at


def port_of(devpath: str, id_path: str | None) -> str:
    """The chain of ports of a device, the same for USB 2 and 3; by its sysfs path where udev gives no ID_PATH."""
    found = _CHAIN.fullmatch(id_path or "")
    if found is not None:
        return found["controller"] + found["chain"]
    parts = devpath.strip("/").split("/")
    root = next((at for at, part in enumerate(parts) if re.fullmatch(r"usb\d+", part)), 0)
    above = parts[root - 1] if root else "unknown"
    controller = (
        f"pci-{above}" if re.fullmatch(r"[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.\d", above) else f"platform-{above}"
    )
    return f"{controller}-usb-0:{parts[-1].partition('-')[2]}"


def clean(text: str | None) -> str | None:
    """A device's own text, made harmless: no control or format characters, no more than TEXT_CHARS_MAX."""
    if text is None:
        return None
    kept = "".join(
        char for char in text[: 4 * TEXT_CHARS_MAX] if unicodedata.category(char)[0] not in "CZ" or char == " "
    )
    return kept.strip()[:TEXT_CHARS_MAX] or None


def unescaped(text: str | None) -> str | None:
    """A text in which udev wrote bytes as `\\xNN`, as `ID_FS_LABEL_ENC` has them."""
    if text is None:
        return None
    raw = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "replace")


def _owner(devpath: str) -> str | None:
    """The path of the USB device a disk or an interface hangs on: the nearest one above it."""
    starts = [found.start() for found in _INTERFACE.finditer(devpath)]
    return devpath[: starts[-1]] if starts else None


def _number(report: UdevReport) -> str | None:
    """What the system counts anew whenever a device comes: two devices in the same port differ in it."""
    return report.properties.get("DEVNAME")


def _merged(before: UdevReport, report: UdevReport) -> UdevReport:
    """What was learned stays: while a device leaves, less can be read of it."""
    properties, attributes = {**before.properties, **report.properties}, {**before.attributes, **report.attributes}
    return UdevReport(before.action, before.subsystem, before.kind, before.devpath, properties, attributes)


def _same(before: UdevReport, report: UdevReport) -> bool:
    return (before.properties, before.attributes) == (report.properties, report.attributes)


def _waits_for_disk(device: _Device) -> bool:
    """Whether mass storage has not shown its disk yet, or a disk not the partitions of its table."""
    disks = [report for report in device.parts.values() if report.kind == "disk"]
    if not disks:
        return any(one.startswith(STORAGE) for one in _interfaces(device))
    return any(
        report.properties.get("ID_PART_TABLE_TYPE")
        and _size(report)
        and _volume(report) is None
        and not _partitions(device, report)
        for report in disks
    )


def _partitions(device: _Device, disk: UdevReport) -> list[UdevReport]:
    inside = disk.devpath + "/"
    return [report for path, report in device.parts.items() if report.kind == "partition" and path.startswith(inside)]


def _plugged(device: _Device) -> Plugged:
    report, properties = device.report, device.report.properties
    return Plugged(
        devpath=report.devpath,
        port=port_of(report.devpath, properties.get("ID_PATH")),
        vendor_id=(report.fact("idVendor") or properties.get("ID_VENDOR_ID") or "")[:4],
        product_id=(report.fact("idProduct") or properties.get("ID_MODEL_ID") or "")[:4],
        maker=clean(report.fact("manufacturer") or unescaped(properties.get("ID_VENDOR_ENC"))),
        product=clean(report.fact("product") or unescaped(properties.get("ID_MODEL_ENC"))),
        serial=clean(report.fact("serial") or properties.get("ID_SERIAL_SHORT")),
        interfaces=_interfaces(device),
        node=properties.get("DEVNAME"),
        volumes=tuple(_volumes(device)),
    )


def _interfaces(device: _Device) -> tuple[str, ...]:
    """What udev read from all descriptors, and what the system uses now."""
    found = set(re.findall(r"[0-9a-f]{6}", device.report.properties.get("ID_USB_INTERFACES", "").lower()))
    for part in device.parts.values():
        numbers = part.properties.get("INTERFACE", "").split("/")
        if len(numbers) == 3 and all(number.isdigit() and int(number) < 256 for number in numbers):
            found.add("".join(f"{int(number):02x}" for number in numbers))
        elif part.kind == "usb_interface" and (of_class := part.fact("bInterfaceClass")):
            found.add(
                (of_class + (part.fact("bInterfaceSubClass") or "") + (part.fact("bInterfaceProtocol") or ""))[:6]
            )
    if device.report.fact("bDeviceClass") == HUB:
        found.add("090000")
    return tuple(sorted(found))


def _is_hub(plugged: Plugged) -> bool:
    return any(one.startswith(HUB) for one in plugged.interfaces)


def _is_own(device: _Device) -> bool:
    """Whether udev's rules say that a disk of it is the machine's own (本机磁盘): then it is no recorder."""
    return any(part.properties.get("EVIDOCK_IGNORE") == "1" for part in device.parts.values())


def _volumes(device: _Device) -> Iterable[Volume]:
    """File systems in the order of their disks (logical units) and partitions.

    In a bare exFAT udev sees a partition table too, with nothing in it: only partitions that are there count.
    """
    disks = sorted(
        (report for report in device.parts.values() if report.kind == "disk"),
        key=lambda report: _in_order(report.devpath),
    )
    for disk in disks:
        partitions = sorted(_partitions(device, disk), key=lambda report: _in_order(report.devpath))
        if partitions:
            yield from (volume for report in partitions if (volume := _volume(report)) is not None)
        elif (volume := _volume(disk)) is not None:
            yield volume


def _volume(report: UdevReport) -> Volume | None:
    properties, node = report.properties, report.properties.get("DEVNAME")
    if properties.get("ID_FS_USAGE") != "filesystem" or node is None:
        return None
    label = clean(unescaped(properties.get("ID_FS_LABEL_ENC")) or properties.get("ID_FS_LABEL"))
    return Volume(node, properties.get("ID_FS_TYPE", ""), label, clean(properties.get("ID_FS_UUID")), _size(report))


def _size(report: UdevReport) -> int:
    sectors = (report.fact("size") or "").strip()
    return int(sectors) * SECTOR_BYTES if sectors.isdigit() else 0


def _in_order(devpath: str) -> list[tuple[int, str]]:
    """Numbers in a path count by their value: sda2 comes before sda10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", devpath)]
