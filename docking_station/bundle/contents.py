"""From an order to the facts of a bundle (汇集): which clips, whether their seals are valid, their lines of the trail.

Nothing is written here but the trail's lines. `newest_checkpoint` and `timestamp_of` are seams: where a station has
signed checkpoints of its trail, or timestamps of its manifests, they hand them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from catalog.clips import clips, search
from catalog.keeping import disposals
from catalog.rules.access import Action
from catalog.rules.callers import Caller
from catalog.trail import trail
from catalog.trail.proofs import Proofs, prove
from docking_station.bundle.errors import CaseIncomplete, NothingToExport, SealBroken, TrailUnproven
from docking_station.bundle.facts import Checkpoint, Facts, Item, Order
from docking_station.bundle.names import names_in_bundle
from docking_station.services.known_cases import find_case
from docking_station.services.permits import permit_all, permit_granted
from docking_station.station.station import Station
from ingest.custody.checkpoints import trusted_checkpoint
from vault.contract import read_document
from vault.errors import TimestampBad, TimestampClientMissing
from vault.history import CHANGE_BYTES_MAX, read_history
from vault.signature import signature_is_valid

STAMP_BYTES_MAX = 1 << 20


def newest_checkpoint(station: Station) -> Checkpoint | None:
    """The newest signed checkpoint of this station's trail, or None: then the bundle's own signature must do."""
    kept = station.checkpoints.newest_of_this_trail(station.database)
    if kept is None:
        return None
    read = trusted_checkpoint(kept.body, station.trusted)
    return None if read is None or not read.size else Checkpoint(kept.body, read.size, read.root.hex())


def timestamp_of(station: Station, manifest_sha256: str) -> bytes | None:
    """The RFC 3161 answer over the manifest of that SHA-256, as it came from the authority, or None."""
    key = f"timestamps/{manifest_sha256[:2]}/{manifest_sha256}.tsr"
    return None if station.vault.find(key) is None else read_document(station.vault, key, STAMP_BYTES_MAX)


def _stamped_at(station: Station, stamp: bytes | None, manifest: bytes) -> datetime | None:
    if stamp is None or station.authority is None:
        return None
    try:
        return station.authority.check(stamp, manifest).at
    except (TimestampBad, TimestampClientMissing):
        return None


def key_history(station: Station) -> dict[str, bytes]:
    """The documents in which an old key signs the new one, by their places in the bundle: those that are believed."""
    changes = read_history(station.vault, station.anchors).changes
    return {change.key: read_document(station.vault, change.key, CHANGE_BYTES_MAX) for change in changes}


def chosen_clips(station: Station, caller: Caller, order: Order) -> list[str]:
    """The clips' numbers, each with its sidecars, by time, but for those that are disposed of.

    Raises `NothingToExport`, `NoSuchClip`, `NoSuchCase`, `CaseIncomplete`; `AlreadyDisposed` where one that is gone was
    asked for itself, or nothing else is left.
    """
    database, wanted = station.database, _wanted(station, caller, order)
    for clip in order.clips:
        disposals.demand_kept(database, search.full_id(database, clip))
    kept = [clip for clip in wanted if not disposals.is_done(database, clip)]
    if not kept:
        disposals.demand_kept(database, next(iter(wanted)))
    begins = {clip: (search.get(database, clip).starts_at, clip) for clip in kept}
    return sorted(kept, key=begins.__getitem__)


def _wanted(station: Station, caller: Caller, order: Order) -> list[str]:
    database = station.database
    wanted = {search.full_id(database, clip): None for clip in order.clips}
    if order.case is not None:
        case = find_case(station, caller, order.case).id
        _demand_no_gap(station, case, order.case)
        wanted |= dict.fromkeys(_of_case(station, case))
        if not wanted:
            raise NothingToExport(case=order.case)
    for clip in list(wanted) if order.request is None else ():  # a grant names what stands beside as well
        wanted |= dict.fromkeys(clips.sidecars_of(database, clip))
    return list(wanted)


def _demand_no_gap(station: Station, case: str, said: str) -> None:
    """Raise `CaseIncomplete` where a clip of which row, manifest or line is gone may have been of this case."""
    for clip, lacks in clips.lost(station.database):
        if case in clips.cases_named(station.database, clip):
            raise CaseIncomplete(clip=clip, case=said, lacks=lacks)


def _of_case(station: Station, case: str) -> Iterator[str]:
    after: str | None = None
    while page := search.search(station.database, search.Search(case=case, after=after, limit=search.LIMIT_MAX)):
        yield from (clip.id for clip in page)
        after = page[-1].id


def items_of(station: Station, chosen: list[str]) -> tuple[Item, ...]:
    """What is known of each clip; raises `SealBroken` where a manifest is not signed by a trusted key."""
    read = []
    for clip in chosen:
        document = clips.document(station.database, clip)
        if not signature_is_valid(document.body, document.signature, document.key_id, station.trusted):
            raise SealBroken(clip=clip, key=document.key_id)
        read.append((clip, document, document.read()))
    names = names_in_bundle([(clip, manifest.path) for clip, _, manifest in read])
    return tuple(
        Item(
            no=number,
            clip=clip,
            name=names[clip],
            manifest=manifest,
            document=document,
            case=search.get(station.database, clip).case,
            timestamp=(stamp := timestamp_of(station, document.sha256)),
            stamped_at=_stamped_at(station, stamp, document.body),
        )
        for number, (clip, document, manifest) in enumerate(read, 1)
    )


def announce(station: Station, caller: Caller, order: Order, name: str, items: tuple[Item, ...]) -> None:
    """Write on the trail that these clips are handed out: before the first byte, all or none."""
    details = {"bundle": name, "to": str(order.folder), "case": order.case, "recipients": list(order.recipients)}
    if order.request is not None:
        permit_granted(station, caller, order.request, [item.clip for item in items], details)
        return
    permit_all(station, caller, Action.EXPORT, [item.clip for item in items], details)


def facts_of(station: Station, caller: Caller, order: Order, name: str, items: tuple[Item, ...], at: datetime) -> Facts:
    """Everything index and report tell, with the trail as it stands now; raises `TrailUnproven`."""
    database = station.database
    gone = (clip for clip in _wanted(station, caller, order) if disposals.is_done(database, clip))
    lines = [line for clip in (*(item.clip for item in items), *gone) for line in trail.every_line(database, clip)]
    case = None if order.case is None else find_case(station, caller, order.case)
    about = set() if case is None else {case.id, *(one["number"] for one in case.numbers)}
    for one in sorted(about | ({order.request} if order.request is not None else set())):
        lines.extend(trail.every_line(database, one))
    lines.sort(key=lambda line: line.line)
    newest = trail.newest(database)
    proofs = _proven(station, lines, newest.line if newest is not None else 0)
    checkpoint = newest_checkpoint(station)
    older = None
    if checkpoint is not None:
        within = [line for line in lines if line.line <= checkpoint.size]
        older = (checkpoint, _proven(station, within, checkpoint.size))
        if older[1].root != checkpoint.root:
            raise TrailUnproven(line=checkpoint.size)
    settings = station.settings
    return Facts(
        name=name,
        at=at,
        by=caller.actor,
        station=settings.station,
        zone=settings.zone,
        case=case,
        key_id=station.signer.key_id,
        items=items,
        lines=tuple(lines),
        proofs=proofs,
        checkpoint=older,
        request=order.request,
    )


def _proven(station: Station, lines: list[trail.Line], size: int) -> Proofs:
    proofs = prove(station.database, [line for line in lines if line.line <= size], size)
    if proofs.unproven:
        raise TrailUnproven(line=proofs.unproven[0])
    return proofs
