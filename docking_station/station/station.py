"""The station (采集站): everything opened from its settings, each part at first use, closed together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from catalog.own_catalog import OwnCatalog
from catalog.station_error import StationError
from docking_station.station.apart import vault_folders
from docking_station.station.errors import HomeUnwritable, unwritable
from docking_station.station.settings import (
    Settings,
    home_from_environment,
    read_settings,
    secret_from_environment,
)

if TYPE_CHECKING:
    from catalog.acts.clock import Disowned
    from catalog.database import Database
    from catalog.rules.clock import Reading
    from catalog.trail.together import Together
    from devices.contract import RecorderModel
    from devices.junk import Junk
    from docking_station.station.own_vault import OwnVault
    from ingest.contract import Watcher
    from ingest.custody.acts import ActWriter
    from ingest.custody.checkpoints import Checkpoints
    from ingest.custody.disposal import Disposer
    from ingest.custody.retention import OriginalLocks
    from ingest.custody.signed_records import SignedRecords
    from ingest.custody.timekeeper import Timekeeper
    from ingest.custody.timestamps import Timestamper
    from ingest.errors import ClockDoubted, ClockWrong
    from ingest.journal import Held, Journal
    from ingest.journal_memory import JournalWitness
    from ingest.sealing import Sealer
    from ingest.walk import WalkDesk
    from media.exiftool import ExifTool
    from vault.contract import Vault
    from vault.signature import PublicKey, Signer
    from vault.timestamp import Authority

INGEST = "ingest"
SHA256_CHARS = 64
UNFINISHED_FOR = timedelta(days=7)
"""An upload that broke off and was not gone on with for so long is not gone on with any more."""


class Station:
    """The parts of one station."""

    def __init__(self, settings: Settings, on_held: Callable[[Held], None] = lambda _: None) -> None:
        self.settings = settings
        self.home = settings.home
        self._on_held = on_held

    def now(self) -> datetime:
        """The station's time."""
        return datetime.now(UTC)

    @cached_property
    def database(self) -> OwnCatalog:
        """The catalog's database: the one this station wrote to, or `CatalogLost`."""
        return OwnCatalog(self.settings.catalog_url, self.witness, self._vault_is_empty)

    @cached_property
    def together(self) -> Together:
        """Writes lines of looks, those of many people at once."""
        from catalog.trail.together import Together

        return Together(lambda: self.database, self.demand_clock, self.now)

    @cached_property
    def witness(self) -> JournalWitness:
        """What the journal remembers of the catalog; makes no journal where there is none."""
        from ingest.journal_memory import JournalWitness

        return JournalWitness(self.home.journal, lambda: self.journal)

    def _vault_is_empty(self) -> bool:
        """Whether nothing is sealed that a catalog must know; True also while the vault is away.

        What this station's first ingest or change was killed with, between vault and catalog, is on its way there.
        """
        on_their_way = frozenset[str]()
        with suppress(StationError):
            for key in (key for folder in ("manifests", "acts") for key in self.vault.keys(folder)):
                digest = key.removesuffix(".json")[-SHA256_CHARS:]
                # Asked after the document was seen: another thread notes it in the journal before it puts it there.
                if digest not in on_their_way and self.home.journal.exists():
                    on_their_way = self.journal.on_their_way()
                if digest not in on_their_way:
                    return False
        return True

    @cached_property
    def vault(self) -> Vault:
        """The vault at the address in the settings."""
        from ingest.custody.repair_documents import judge
        from vault.contract import VersionsBySignature

        opened = self.vault_at(self.settings.vault_address)
        if isinstance(opened, VersionsBySignature):
            opened.judge_by(judge(opened, lambda: self.trusted, self.believed_authority))
        return opened

    @cached_property
    def own_vault(self) -> OwnVault:
        """The vault, to be written to: surely a station's, and no empty mount point. Raises `VaultUnreachable`."""
        from docking_station.station.own_vault import OwnVault

        own = OwnVault(lambda: self.vault, f"keys/{self.signer.key_id}.pub.pem")
        own.demand()
        return own

    def vault_at(self, address: str, *, make: bool = False) -> Vault:
        """The vault at an address, made there if it may be; raises `BadAddress`, `VaultUnreachable`."""
        import vault.backends
        from docking_station.station.family import family
        from vault.contract import Backend, Options
        from vault.errors import BadAddress

        scheme, _, rest = address.partition(":")
        backends: dict[str, Backend] = {backend.scheme: backend for backend in family(vault.backends, "BACKEND")}
        if scheme not in backends or not rest:
            raise BadAddress(address=address)
        options = Options(
            immutable=self.settings.immutable,
            lock_mode=self.settings.lock_mode,
            secret=partial(secret_from_environment, self.home),
            make=make,
            other=partial(self.vault_at, make=make),
        )
        return backends[scheme].open(rest, self.home.root, options)

    def sweep(self) -> None:
        """Clear away what uploads of long ago left unfinished in the vault; another time where that fails."""
        with suppress(StationError):
            self.vault.sweep(self.now() - UNFINISHED_FOR)

    @cached_property
    def signer(self) -> Signer:
        """The station's key: in its token, in a credential, or in its file; raises `KeyMissing`, `KeyNotOurs`."""
        from docking_station.station.keys import find_signer

        return find_signer(self.home, self.settings)

    @cached_property
    def anchors(self) -> Mapping[str, PublicKey]:
        """The public keys in the station's home."""
        from vault.signature import read_public_keys

        return read_public_keys(self.home.keys)

    @cached_property
    def trusted(self) -> Mapping[str, PublicKey]:
        """The keys that are believed: the home's, and what the vault's history of keys adds once it answers."""
        from vault.history import read_history

        with suppress(StationError):
            return read_history(self.vault, self.anchors).trusted
        return self.anchors

    @cached_property
    def authority(self) -> Authority | None:
        """Where time stamps come from, or None; raises `TimestampBad`."""
        from vault.timestamp import Authority, read_roots

        url = self.settings.timestamp_url
        return Authority(url, read_roots(self.settings.timestamp_ca)) if url else None

    def believed_authority(self) -> Authority | None:
        """The authority whose stamps are checked; None where there is none, or no stamp can be read here."""
        with suppress(StationError):
            return self.authority
        return None

    @cached_property
    def timestamper(self) -> Timestamper | None:
        """Catches up with time stamps, or None where there is no authority."""
        from ingest.custody.timestamps import Timestamper

        authority = self.authority
        return Timestamper(self.own_vault, self.database, authority, self.now) if authority is not None else None

    @cached_property
    def journal(self) -> Journal:
        """The station's journal."""
        from ingest.journal import Journal

        return Journal(self.home.journal)

    @cached_property
    def sealer(self) -> Sealer:
        """Signs manifests and locks clips."""
        from ingest.sealing import Sealer

        settings, own = self.settings, self.own_vault
        return Sealer(settings.station, self.signer, own, settings.lock_months, settings.encrypt, own.reserve_key)

    @cached_property
    def act_writer(self) -> ActWriter:
        """Carries out what people change; reports what of it is held from now on."""
        from ingest.custody.acts import ActWriter

        months = self.settings.lock_months
        own, known = self.own_vault, {"model": lambda: [model.name for model in self.models]}
        return ActWriter(self.journal, self.database, own, self.signer, months, self._on_held, self.demand_clock, known)

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """What was signed of the trail."""
        from ingest.custody.checkpoints import Checkpoints

        return Checkpoints(self.vault, self.trusted)

    @cached_property
    def signed(self) -> SignedRecords:
        """What is signed of clips, of the policy and of people."""
        from ingest.custody.signed_records import SignedRecords

        return SignedRecords(self.own_vault, self.database, lambda: self.trusted)

    @cached_property
    def locks(self) -> OriginalLocks:
        """Keeps originals as long as the adopted policy demands."""
        from catalog.acts import policy
        from ingest.custody.retention import OriginalLocks

        adopted, months = policy.retentions(policy.history(self.database)), self.settings.lock_months
        return OriginalLocks(self.own_vault, self.database, months, lambda: adopted, self.signed)

    @cached_property
    def disposer(self) -> Disposer:
        """Lets go of originals that are due by the adopted policy."""
        from ingest.custody.disposal import Disposer

        return Disposer(self.own_vault, self.database, self.locks.policy, self.signed, self.locks)

    @cached_property
    def junk(self) -> Junk:
        """What is left on a card."""
        from devices.junk import Junk, rules_from

        return Junk(rules_from(self.settings.skip_rules))

    @cached_property
    def models(self) -> tuple[RecorderModel, ...]:
        """The families of recorders this station can read."""
        import devices.models
        from docking_station.station.family import family

        return tuple(family(devices.models, "MODEL"))

    @cached_property
    def second_opinion(self) -> ExifTool:
        """The ExifTool that is asked after filing; raises `NoSecondOpinion`."""
        from media.exiftool import ExifTool, found

        originals = (vault / "objects/originals" for vault in vault_folders(self.settings))
        return ExifTool(found(self.settings.exiftools), folders=(self.settings.derived, *originals))

    def desk(self, watcher: Watcher, sealer: Sealer | None = None) -> WalkDesk:
        """What the walk works with; another sealer than the station's own may be handed in."""
        from catalog.recorders.recorders import snapshot
        from ingest.examine import Examiner
        from ingest.filing import CatalogFiler
        from ingest.spool import DiskSpool
        from ingest.walk import WalkDesk
        from media.ffmpeg import Tools
        from media.names import load_patterns

        tools = Tools(ffprobe=self.settings.ffprobe, ffmpeg=self.settings.ffmpeg)
        examiner = Examiner(tools, load_patterns(self.settings.name_patterns), self.settings.zone)
        spool = DiskSpool(self.home.spool, self.settings.reserve_bytes, watcher)
        return WalkDesk(
            self.journal,
            spool,
            examiner,
            sealer or self.sealer,
            CatalogFiler(self.database),
            self.now,
            gate=self.demand_ready,
            register=partial(snapshot, self.database),
            reading=self.reading,
        )

    @cached_property
    def timekeeper(self) -> Timekeeper:
        """Compares the station's clock with what was written, and with other clocks where that is not enough."""
        from ingest.custody.timekeeper import Timekeeper

        return Timekeeper(
            lambda: self.journal,
            self.database,
            lambda: self.own_vault,
            self.reading,
            self.other_clocks,
            lambda: self.disowned(self.database),
        )

    def disowned(self, database: Database) -> Disowned:
        """Return what a wrong clock wrote, as the trail of this catalog tells: the own one, or a lost one."""
        from ingest.custody.signed_records import SignedRecords

        return SignedRecords(self.vault, database, lambda: self.trusted).disowned()

    def reading(self) -> Reading:
        """The station's clock as it is now, believed or not."""
        from catalog.rules.clock import Reading
        from devices.clock import since_start, station_clock

        return Reading(self.now(), *since_start(), station_clock().synchronised)

    def other_clocks(self) -> Iterator[tuple[str, datetime]]:
        """What the servers of the vault say that the time is, as far as they answer."""
        with suppress(StationError):
            for address, one in self.own_vault.copies():
                with suppress(StationError):
                    if (at := one.server_time()) is not None:
                        yield address, at

    def demand_clock(self) -> datetime:
        """Return the time that is believed; raise `ClockWrong` or `ClockDoubted` where nothing may be written by it.

        Raises `CatalogUnreachable` where that cannot be told.
        """
        return self.timekeeper.demand()

    def demand_ready(self) -> None:
        """Raise why nothing may be understood, sealed or filed: a lost catalog has no register, a bad clock no time."""
        self.database.demand()
        self.demand_clock()

    def clock_doubt(self) -> ClockWrong | ClockDoubted | None:
        """Why nothing may be written by the station's clock, as far as it can be told now, or None."""
        from catalog.errors import CatalogUnreachable
        from ingest.errors import ClockDoubted, ClockWrong

        try:
            with suppress(CatalogUnreachable):
                if self.home.journal.exists():  # else asking would make a new one
                    self.demand_clock()
        except (ClockWrong, ClockDoubted) as error:
            return error
        return None

    def clock(self) -> str:
        """How the station's clock is, as `clock_word` says, as far as it can be told now."""
        return clock_word(self.clock_doubt())

    @contextmanager
    def changing(self, what: str, *, wait: bool) -> Iterator[None]:
        """Hold the lock for one kind of change; raises `StationBusy`, `HomeUnwritable`, and as `exclusive`.

        Spool and journal are this home's, so `ingest` is locked there. Acts and checkpoints have one order in a
        catalog, whichever station writes them: their lock is the catalog's, besides.
        """
        with self._home_locked(what, wait=wait):
            if what == INGEST:
                yield
                return
            with self.database.exclusive(what):
                yield

    def noting(self) -> AbstractContextManager[None]:
        """Hold the lock for writing acts down, also while the catalog is away; it comes before the catalog's."""
        return self._home_locked("acts", wait=True)

    @contextmanager
    def _home_locked(self, what: str, *, wait: bool) -> Iterator[None]:
        from ingest.errors import StationBusy
        from vault import durable

        path = self.home.root / f"{what}.lock"
        with ExitStack() as stack:
            try:
                stack.enter_context(durable.locked(path, wait=wait))
            except BlockingIOError as error:
                raise StationBusy(path=path) from error
            except OSError as error:
                raise HomeUnwritable(home=self.home.root, **unwritable(error)) from error
            yield

    def close(self) -> None:
        """Let go of everything that was opened."""
        for part in ("second_opinion", "database", "journal"):
            with suppress(KeyError):
                self.__dict__.pop(part).close()


def clock_word(doubt: StationError | None) -> str:
    """How the station's clock is: `synchronised`, `free` or, where there is a doubt of it, `wrong`."""
    from devices.clock import station_clock

    if doubt is not None:
        return "wrong"
    return "synchronised" if station_clock().synchronised else "free"


@contextmanager
def opened_station(on_held: Callable[[Held], None] = lambda _: None) -> Iterator[Station]:
    """The station of the environment; raises `HomeMissing`, `SettingsBad`."""
    station = Station(read_settings(home_from_environment()), on_held)
    try:
        yield station
    finally:
        station.close()
