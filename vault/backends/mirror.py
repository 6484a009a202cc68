"""Several vaults as one (镜像保全): `mirror:N ADDRESS ADDRESS …`; sealed when N of them hold it, locked and read back.

Shapes: what a vault that did not answer lacks is noted in `owed/<vault>/<key>` of the station's home before the put
returns, and brought to it by `sweep`; a note whose station is lost shows as an oddity `missing`. Reading asks the
vaults in the order of the address. Two readings of one object never come from two vaults.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

from catalog.station_error import StationError
from vault import durable
from vault.contract import (
    KEYS,
    NAMED,
    IsValid,
    Oddity,
    OneVault,
    Options,
    PlainDigest,
    Stored,
    Vault,
    VersionsByDigest,
    VersionsBySignature,
    valid_key,
)
from vault.errors import (
    BadAddress,
    BucketUnfit,
    CopyDiffers,
    KeyTaken,
    LockRefused,
    NotInVault,
    VaultDenied,
    VaultFull,
    VaultUnreachable,
)

PLACES_MAX = 8
OWED_A_SWEEP = 1000
REST_S = 60
AWAY = (VaultUnreachable, VaultDenied, BucketUnfit)
"""What a vault says that is down, lets the station in no more, or was unmade: the others go on without it."""
SLASH = "~"
"""Stands for `/` in the name of a note; no key has it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the vaults, and where what it lacks is noted."""

    address: str
    vault: Vault
    owed: Path


class MirrorVault:
    """Several vaults as one; what `vault.contract.Vault` promises holds for N of them at least."""

    takes_files = True

    def __init__(self, places: Sequence[Place], needed: int) -> None:
        self.places, self.needed = tuple(places), needed
        self._digest: PlainDigest | None = None
        self._ours = set[str]()
        self._silent_at = dict[str, float]()

    def put(self, key: str, path: Path, sha256: str, retain_until: datetime) -> Stored:
        """Put into each; those that make the file their own come last."""
        valid_key(key)
        # A vault that makes the file its own would leave nothing for the others to read.
        takers_last = sorted(self.places, key=lambda place: place.vault.takes_files)

        def put(place: Place) -> Stored:
            with self._file_for(place, path, is_last=place is takers_last[-1]) as file:
                try:
                    return place.vault.put(key, file, sha256, retain_until)
                except NotInVault:
                    with self._fetched(key, place, [other for other in self.places if other is not place]) as fetched:
                        return place.vault.put(key, fetched, sha256, retain_until)

        with durable.on_disk(path):
            stored = self._each(key, takers_last, put)
            path.unlink(missing_ok=True)
            return stored

    def put_document(self, key: str, body: bytes, retain_until: datetime) -> Stored:
        """Put into each."""
        return self._each(key, self.places, lambda place: place.vault.put_document(key, body, retain_until))

    def find(self, key: str) -> Stored | None:
        """What N vaults hold (fewer: what there is). None where so many say so that no N can hold it."""
        found, silent = list[Stored](), list[StationError]()
        for place in self.places:
            try:
                stored = self._awake(place).find(key)
            except AWAY as error:
                silent.append(self._fell_silent(place, error))
            else:
                found.extend([stored] if stored else [])
        # With so many silent, N vaults may have it and none of them was asked: "not there" would be a guess.
        if not found and len(silent) >= self.needed:
            raise silent[0]
        return self._weakest(found) if found else None

    def open(self, key: str) -> BinaryIO:
        """The bytes under `key`, from the first vault that has it."""
        silent = list[StationError]()
        for place in self.places:
            try:
                return place.vault.open(key)
            except NotInVault:
                continue
            except AWAY as error:
                silent.append(error)
        raise silent[0] if len(silent) >= self.needed else NotInVault(key=key)

    def extend(self, key: str, until: datetime) -> Stored:
        """Lengthen the lock in each vault; one that lacks the object is owed it."""
        return self._each(key, self.places, lambda place: place.vault.extend(key, until))

    def set_legal_hold(self, key: str, on: bool) -> Stored:
        """Set the hold in each vault; all must do it: a hold is nothing that could be brought later."""
        return self._weakest([place.vault.set_legal_hold(key, on) for place in self.places])

    def discard(self, key: str, at: datetime) -> None:
        """Remove the object in each vault; all must do it."""
        for place in self.places:
            place.vault.discard(key, at)
            self._note(place, key).unlink(missing_ok=True)

    def keys(self, prefix: str) -> Iterator[str]:
        """What any has. Every object is in N of them, so N - 1 may be silent and still nothing is left out."""
        for key, _ in groupby(key for key, _ in self._holders(prefix)):
            yield key

    def oddities(self, prefix: str) -> Iterator[Oddity]:
        """What each vault finds odd, and what it lacks: one that does not answer lacks the whole folder."""
        silent = set[int]()
        for number, place in enumerate(self.places):
            try:
                for odd in self._awake(place).oddities(prefix):
                    if odd.what != "gone" or not self._is_elsewhere(odd.key, place):  # else it is missing here: below
                        yield odd
                next(iter(place.vault.keys(prefix)), None)
            except AWAY as error:
                self._fell_silent(place, error)
                silent.add(number)
                yield Oddity(prefix, "missing", place.address)
        for key, holders in groupby(self._holders(prefix), key=lambda pair: pair[0]):
            having = {number for _, number in holders}
            for number, place in enumerate(self.places):
                if number not in having | silent:
                    yield Oddity(key, "missing", place.address)

    def _is_elsewhere(self, key: str, here: Place) -> bool:
        """Whether another vault that answers has an object."""
        for place in self.places:
            with suppress(*AWAY):
                if place is not here and self._awake(place).find(key) is not None:
                    return True
        return False

    def sweep(self, before: datetime) -> int:
        """Sweep each vault, bring each what it is owed; both are counted. Other bytes anywhere raise at the end."""
        count, harmed = 0, list[StationError]()
        for place in self.places:
            with suppress(*AWAY), durable.on_disk(place.owed):
                self._demand_ours(place)
                with suppress(VaultDenied):  # it may be let put and not clear away
                    count += place.vault.sweep(before)
                for note in islice(sorted(place.owed.glob("[!.]*")), OWED_A_SWEEP):
                    try:
                        self._bring(place, note.name.replace(SLASH, "/"))
                    except (LockRefused, VaultDenied, VaultFull, BucketUnfit):
                        continue  # it stays owed, and health tells since when
                    except (KeyTaken, CopyDiffers) as error:
                        harmed.append(error)
                        continue
                    note.unlink(missing_ok=True)
                    count += 1
        if harmed:
            raise harmed[0]
        return count

    def copies(self) -> tuple[tuple[str, OneVault], ...]:
        """The vaults; an empty folder where a disk should be is none: raises `VaultUnreachable`."""
        for place in self.places:
            self._demand_ours(place)
        return tuple((place.address, vault) for place in self.places for _, vault in place.vault.copies())

    def tell_by(self, digest: PlainDigest) -> None:
        """Hand the digest to each vault."""
        self._digest = digest
        for place in self.places:
            if isinstance(place.vault, VersionsByDigest):
                place.vault.tell_by(digest)

    def judge_by(self, is_valid: IsValid) -> None:
        """Hand the judge to each vault."""
        for place in self.places:
            if isinstance(place.vault, VersionsBySignature):
                place.vault.judge_by(is_valid)

    # ------------------------------------------------------------------ inside

    def _each(self, key: str, places: Sequence[Place], act: Callable[[Place], Stored]) -> Stored:
        """Do it in each; what those that could not just now are owed is noted before this returns."""
        done, failed = list[Stored](), list[tuple[Place, StationError]]()
        resting = [place for place in places if self._rests(place)]
        # Those that did not answer just before come last: where the others are enough nobody waits for a dead server.
        for place in (*(place for place in places if place not in resting), *resting):
            if place in resting and len(done) >= self.needed:
                failed.append((place, resting_reason(place)))
                continue
            try:
                if not key.startswith(f"{KEYS}/"):
                    self._demand_ours(place)
                done.append(act(place))
            except StationError as error:
                if not (error.retry or isinstance(error, (NotInVault, *AWAY))):
                    raise
                failed.append((place, self._fell_silent(place, error)))
        # Noted only where enough have it: a put that failed as a whole is made again as a whole.
        if len(done) < self.needed:
            raise next((error for _, error in failed if error.retry), failed[0][1])
        for place, _ in failed:
            with durable.on_disk(place.owed):
                durable.make_folder(place.owed)
                if not self._note(place, key).exists():  # it tells since when
                    durable.replace_file(self._note(place, key), b"", 0o600)
        return self._weakest(done)

    def _rests(self, place: Place) -> bool:
        """Whether a vault is left alone: one that did not answer is not asked at once while the others are enough."""
        silent_at = self._silent_at.get(place.address)
        return silent_at is not None and time.monotonic() - silent_at < REST_S

    def _awake(self, place: Place) -> Vault:
        """The vault, unless it did not answer just before."""
        if self._rests(place):
            raise resting_reason(place)
        return place.vault

    def _fell_silent(self, place: Place, error: StationError) -> StationError:
        if not self._rests(place):
            self._silent_at[place.address] = time.monotonic()
        return error

    def _demand_ours(self, place: Place) -> None:
        """An empty folder where a disk should be is no vault: it must hold the public key `init` put there."""
        if place.address not in self._ours:
            if next(iter(place.vault.keys(KEYS)), None) is None:
                raise VaultUnreachable(reason=f"{place.address} does not hold the public key that `init` put there")
            self._ours.add(place.address)

    def _weakest(self, stored: Sequence[Stored]) -> Stored:
        """What N of them promise."""
        longest_first = sorted(stored, key=lambda one: one.retain_until, reverse=True)
        return replace(longest_first[min(self.needed, len(longest_first)) - 1], version="")

    def _note(self, place: Place, key: str) -> Path:
        return place.owed / valid_key(key).replace("/", SLASH)

    @contextmanager
    def _file_for(self, place: Place, path: Path, *, is_last: bool) -> Iterator[Path]:
        """A file to be put: the last vault gets the very file, others a second name or, if they take files, a copy."""
        if is_last or not path.exists():
            yield path
            return
        copy = path.with_name(f"{path.name}.mirror")
        copy.unlink(missing_ok=True)
        try:
            if place.vault.takes_files:
                shutil.copyfile(path, copy)
            else:
                os.link(path, copy)
            yield copy
        finally:
            copy.unlink(missing_ok=True)

    @contextmanager
    def _fetched(self, key: str, lacking: Place, others: Sequence[Place]) -> Iterator[Path]:
        """The object from the first of those that has it, in a file; raises `NotInVault`."""
        durable.make_folder(lacking.owed)
        file = lacking.owed.parent / f"{lacking.owed.name}.fetched"
        with durable.locked(lacking.owed):  # dock and commands sweep both
            file.unlink(missing_ok=True)
            try:
                with MirrorVault(others, 1).open(key) as source:
                    durable.write_copy(file, source)
                yield file
            finally:
                file.unlink(missing_ok=True)

    def _bring(self, place: Place, key: str) -> None:
        """Copy from the first other that reads right, as far as the key tells; what nobody has is owed no more."""
        others = [other for other in self.places if other is not place]
        held = MirrorVault(others, 1).find(key)
        wrong = list[KeyTaken]()
        for other in others if held is not None else ():
            with ExitStack() as stack:
                try:
                    file = stack.enter_context(self._fetched(key, place, [other]))
                    sha256 = self._right(key, file)
                except (NotInVault, *AWAY):
                    continue
                except KeyTaken as error:  # damaged where it lies: that is no copy to make another of
                    wrong.append(error)
                    continue
                assert held is not None
                place.vault.put(key, file, sha256, held.retain_until)
                return
        if held is not None:
            raise wrong[0] if wrong else VaultUnreachable(reason=f"nobody gives {key} just now")

    def _right(self, key: str, file: Path) -> str:
        """The digest of what was fetched; raises `KeyTaken` where the key names another."""
        named = NAMED.fullmatch(key)
        with file.open("rb") as read:
            sha256 = found = hashlib.file_digest(read, "sha256").hexdigest()
            if named is not None and self._digest is not None and sha256 != named[1]:
                read.seek(0)
                found = self._digest(key, read, file.stat().st_size)
        if named is not None and found != named[1]:
            raise KeyTaken(key=key, expected=named[1], found=sha256)
        return sha256

    def _holders(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Key and number of the vault that has it, in the order of keys."""
        silent = list[StationError]()

        def listed(number: int, place: Place) -> Iterator[tuple[str, int]]:
            try:
                for key in self._awake(place).keys(prefix):
                    yield key, number
            except AWAY as error:
                silent.append(self._fell_silent(place, error))
                if len(silent) >= self.needed:
                    raise

        yield from heapq.merge(*(listed(number, place) for number, place in enumerate(self.places)))


def resting_reason(place: Place) -> VaultUnreachable:
    """Why a vault was not asked."""
    return VaultUnreachable(reason=f"{place.address} did not answer just before")


class MirrorBackend:
    """Opens `mirror:N ADDRESS ADDRESS …`."""

    scheme = "mirror"

    def open(self, rest: str, home: Path, options: Options) -> Vault:
        """All of the vaults; raises `BadAddress`."""
        count, *addresses = rest.split() or [""]
        fits = count.isdecimal() and 1 <= int(count) <= len(addresses) and 2 <= len(addresses) <= PLACES_MAX
        is_odd = len(set(addresses)) < len(addresses) or any(one.startswith("mirror:") for one in addresses)
        if not fits or is_odd:
            raise BadAddress(address=f"mirror:{rest}")
        owed = [home / "owed" / hashlib.sha256(address.encode()).hexdigest()[:16] for address in addresses]
        places = [Place(address, options.other(address), note) for address, note in zip(addresses, owed, strict=True)]
        return MirrorVault(places, int(count))


BACKEND = MirrorBackend()
