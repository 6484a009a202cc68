"""The manifest of a clip (资料清单): what is signed, and how it is read again.

Schema `evidock.manifest/1`, canonical JSON (see `canonical`). No floating point: lengths and uncertainties are whole
milliseconds, positions whole 1e-7 degrees, accuracies whole millimetres, speeds whole millimetres per second. What
stands here rebuilds the catalog, so what the catalog shows of a clip is computed from here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.errors import ManifestUnreadable
from catalog.evidence import CaptureTime, Clip, Fix, Kind, Stream, TimeClaim
from catalog.rules.canonical import canonical, parsed_time, parsed_time_or_none, time_text, time_text_or_none

SCHEMA = "evidock.manifest/1"
DEGREE_E7 = 10_000_000


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the station adds when it seals: its name, the time, the lock, the key that signs."""

    station: str
    at: datetime
    retain_until: datetime
    key_id: str
    original_key: str
    encryption: tuple[str, str] | None = None
    """The format the vault keeps the original in and the id of the key that wraps its key, where it is encrypted."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest as it was read. `body` is the whole of it, also what this version does not know.

    `media` and `track` are parts of the body, of the shapes that are written below. Earlier versions sealed what a rule
    proposed then; `numbers` of cases that stand in it are told since.
    """

    body: Mapping[str, Any]
    clip: str
    kind: Kind
    path: str
    path_hex: str
    size_bytes: int
    beside: str | None
    recorder: str | None
    officer: str | None
    attribution: str | None
    unit: str | None
    sha256: str
    sm3: str
    docked_at: datetime
    docked_by: str
    docked_at_latest: bool
    start: CaptureTime
    ends_at: datetime | None
    duration_s: float | None
    times: tuple[TimeClaim, ...]
    media: Mapping[str, Any]
    track: tuple[Sequence[Any], ...]
    marks: tuple[str, ...]
    case: str | None
    numbers: tuple[str, ...]
    sidecars: tuple[str, ...]
    station: str
    sealed_at: datetime
    retain_until: datetime
    key_id: str
    original_key: str


def read_manifest(body: bytes, key: str) -> Manifest:
    """Read a manifest of a schema we know, `key` being its name in an error; raises `ManifestUnreadable`."""
    try:
        manifest = json.loads(body)
        schema = manifest["schema"]
        if schema == SCHEMA:
            return _manifest(manifest)
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise ManifestUnreadable(key=key, reason=f"{type(error).__name__}: {error}") from error
    raise ManifestUnreadable(key=key, reason=f"schema {schema}")


def _manifest(body: Mapping[str, Any]) -> Manifest:
    source, time, sealing = body["source"], body["time"], body["sealing"]
    duration_ms = body["media"]["duration_ms"]
    return Manifest(
        body=body,
        clip=str(body["clip"]),
        kind=body["kind"],
        **{name: source[name] for name in ("path", "path_hex", "size_bytes", "recorder", "officer", "unit")},
        **{name: source.get(name) for name in ("beside", "attribution")},  # the first manifests had no attribution
        sha256=str(body["digests"]["sha256"]),
        sm3=body["digests"]["sm3"],
        docked_at=parsed_time(body["docking"]["at"]),
        docked_by=body["docking"]["by"],
        docked_at_latest=body["docking"].get("at_latest", False),
        start=CaptureTime(parsed_time(time["starts_at"]), time["source"], time["uncertainty_ms"] / 1000),
        ends_at=parsed_time_or_none(time["ends_at"]),
        duration_s=None if duration_ms is None else duration_ms / 1000,
        times=tuple(_claim_in(one) for one in body["times"]),
        media=body["media"],
        track=tuple(body["track"]),
        marks=tuple(body["marks"]),
        case=body["link"]["case"],
        numbers=tuple(body["link"].get("numbers", ())),
        sidecars=tuple(body["sidecars"]),
        station=sealing["station"],
        sealed_at=parsed_time(sealing["at"]),
        retain_until=parsed_time(sealing["retain_until"]),
        key_id=sealing["key_id"],
        original_key=sealing["original"],
    )


def manifest_body(clip: Clip, sealing: Sealing) -> bytes:
    """The exact bytes that are signed."""
    return canonical(
        {
            "schema": SCHEMA,
            "clip": clip.id,
            "kind": clip.kind,
            "source": _source(clip),
            "digests": {"sha256": clip.spooled.digest.sha256, "sm3": clip.spooled.digest.sm3},
            "docking": _docking(clip),
            "time": {
                "starts_at": time_text(clip.time.starts_at),
                "source": clip.time.source,
                "uncertainty_ms": milli(clip.time.uncertainty_s),
                "ends_at": time_text_or_none(clip.ends_at),
            },
            "times": [_claim(claim) for claim in clip.claims],
            "media": {
                "container": clip.media.container,
                "duration_ms": None if clip.media.duration_s is None else milli(clip.media.duration_s),
                "streams": [_stream(stream) for stream in clip.media.streams],
                "playable": clip.media.playable,
                "note": clip.media.note,
                "tags": dict(clip.media.tags),
            },
            "track": [_fix(fix) for fix in clip.track],
            "marks": list(clip.marks),
            "link": {"case": clip.case, "proposals": [], **({"numbers": list(clip.numbers)} if clip.numbers else {})},
            "sidecars": list(clip.sidecars),
            "sealing": sealing_told(sealing),
        }
    )


def sealing_told(sealing: Sealing) -> dict[str, object]:
    """How it is sealed; nothing is said of encryption where the original is kept as it is."""
    details: dict[str, object] = {
        "station": sealing.station,
        "at": time_text(sealing.at),
        "retain_until": time_text(sealing.retain_until),
        "key_id": sealing.key_id,
        "original": sealing.original_key,
    }
    if sealing.encryption is not None:
        details["encryption"] = dict(zip(("format", "wrapping_key"), sealing.encryption, strict=True))
    return details


def milli(value: float) -> int:
    """Thousandths, rounded."""
    return round(value * 1000)


def position_deg(value_e7: int) -> float:
    """Degrees out of a manifest."""
    return value_e7 / DEGREE_E7


def _source(clip: Clip) -> dict[str, object]:
    source = clip.spooled.source
    return {
        "path": source.shown,
        "path_hex": source.path.hex(),
        "size_bytes": source.size_bytes,
        "mtime_ns": source.mtime_ns,
        "beside": None if source.belongs_to is None else source.belongs_to.hex(),
        "recorder": clip.recorder,
        "officer": clip.officer,
        "attribution": clip.attribution,
        "unit": clip.unit,
    }


def _docking(clip: Clip) -> dict[str, object]:
    """The docking; nothing is said of certainty where the time is certain."""
    details: dict[str, object] = {"at": time_text(clip.docked_at), "by": clip.docked_by}
    return details | {"at_latest": True} if clip.docked_at_latest else details


def _claim(claim: TimeClaim) -> dict[str, object]:
    return {
        "source": claim.source,
        "raw": claim.raw,
        "value": time_text_or_none(claim.value),
        "zone": claim.zone,
        "refers_to": claim.refers_to,
        "uncertainty_ms": milli(claim.uncertainty_s),
        "note": claim.note,
    }


def _claim_in(claim: Mapping[str, Any]) -> TimeClaim:
    value, uncertainty_s = parsed_time_or_none(claim["value"]), claim["uncertainty_ms"] / 1000
    facts = {name: claim[name] for name in ("source", "raw", "zone", "refers_to", "note")}
    return TimeClaim(**facts, value=value, uncertainty_s=uncertainty_s)


def _stream(stream: Stream) -> dict[str, object]:
    pixels = {} if stream.pixel_format is None else {"pixel_format": stream.pixel_format}
    return pixels | {
        "kind": stream.kind,
        "codec": stream.codec,
        "width_px": stream.width_px,
        "height_px": stream.height_px,
        "frame_rate": stream.frame_rate,
        "sample_rate_hz": stream.sample_rate_hz,
        "channels": stream.channels,
    }


def _fix(fix: Fix) -> list[object]:
    """A row of four, or of six where the carrier says how good the position is."""
    row: list[object] = [
        time_text_or_none(fix.at),
        round(fix.latitude_deg * DEGREE_E7),
        round(fix.longitude_deg * DEGREE_E7),
        None if fix.speed_mps is None else milli(fix.speed_mps),
    ]
    if fix.accuracy_m is not None or fix.is_valid is not None:
        row += [None if fix.accuracy_m is None else milli(fix.accuracy_m), fix.is_valid]
    return row


def track_of(manifest: Manifest) -> list[dict[str, object]]:
    """The track of a read manifest, for people and programs."""
    return [
        {
            "at": at,
            "lat": position_deg(lat),
            "lon": position_deg(lon),
            "speed_mps": None if speed is None else speed / 1000,
            "accuracy_m": None if accuracy is None else accuracy / 1000,
            "valid": valid,
        }
        for at, lat, lon, speed, accuracy, valid in ((*row, None, None)[:6] for row in manifest.track)
    ]


def fixes_of(rows: Sequence[Mapping[str, object]]) -> tuple[Fix, ...]:
    """The fixes of a track as the catalog shows it."""
    return tuple(
        Fix(
            parsed_time_or_none(row["at"]),
            float(str(row["lat"])),
            float(str(row["lon"])),
            None if row.get("speed_mps") is None else float(str(row["speed_mps"])),
            None if row.get("accuracy_m") is None else float(str(row["accuracy_m"])),
            None if row.get("valid") is None else bool(row["valid"]),
        )
        for row in rows
    )
