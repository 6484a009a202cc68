"""What is signed of clips and of the policy (签名依据), whatever the catalog's rows say.

Whoever has the catalog's database can change its rows. So before a hold ends or an original goes, the same is asked of
what a trusted key signed: the manifest, and the acts in the vault. The trail tells which acts there are; an act of the
vault that the trail lacks is read and counts all the same: striking out its line gains nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from catalog.acts.clock import CLOCK, Disowned, disowned
from catalog.acts.dispatch import APPLIES
from catalog.acts.policy import SUBJECT
from catalog.cases.files import ACTIONS as CASE_FILES
from catalog.cases.files import Linked, of_links
from catalog.cases.links import first_id, id_in, links_after
from catalog.clips import classes, clips
from catalog.database import Database, Row
from catalog.errors import ManifestUnreadable, NoSuchClip
from catalog.evidence import IMPORTANT
from catalog.keeping import disposals, holds
from catalog.people import accounts, people, roles, units
from catalog.rules import releases
from catalog.rules.acts import (
    ACT_WITHDRAWN,
    CLASSIFIED,
    CLIP_LINKED,
    CLIP_UNLINKED,
    CLOCK_CONFIRMED,
    DECLASSIFIED,
    DISPOSAL_ASKED,
    DISPOSED,
    HANDED_OVER,
    HOLD_SET,
    IMPORT_APPLIED,
    LINK_ADDED,
    LINK_ENDED,
    POLICY_ADOPTED,
    ROLE_DELEGATED,
    SECRET_SET,
    Act,
    read_act,
)
from catalog.rules.case_numbers import stated
from catalog.rules.manifest import Manifest
from catalog.rules.policy import DEFAULT, Policy
from catalog.rules.policy_text import read_policy, retention_of
from catalog.rules.releases import Release
from catalog.rules.requests import REQUEST_ACTIONS, Request, after
from catalog.rules.retention import CaseFile, Endless, Keep, Retentions, longest
from catalog.station_error import StationError
from catalog.trail import trail
from ingest.errors import RecordsDisagree
from ingest.sealing import act_key, signature_key
from vault.contract import Vault, read_document
from vault.errors import NotInVault
from vault.signature import PublicKey, signature_is_valid

BELIEVED_S = 3600.0
LINKS = (CLIP_LINKED, CLIP_UNLINKED, LINK_ADDED, LINK_ENDED)
CLASSES = (CLASSIFIED, DECLASSIFIED, HANDED_OVER)
ABOUT_CLIPS = (*LINKS, DISPOSAL_ASKED, DISPOSED, *holds.ACTIONS, *CLASSES)
UNITS, CLASSING = tuple(units.APPLIES), tuple(classes.APPLIES)
PEOPLE = (*people.APPLIES, *accounts.APPLIES, *roles.APPLIES)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What is signed of one clip: its manifest, its cases, who asked for its disposal, the disposal, the holds on it.

    `links`: its standing links by their ids, each with its case as that was stated. `linked_at`: every day on which it
    was linked since it last had no case.
    """

    clip: str
    manifest: Manifest
    links: Mapping[str, str]
    linked_at: tuple[datetime, ...]
    asked: Act | None
    disposed: Act | None
    holds: tuple[holds.Hold, ...] = ()
    files: Callable[[], tuple[CaseFile, ...]] = tuple
    is_secret: bool = False

    @property
    def sha256(self) -> str:
        """The SHA-256 of the original."""
        return self.manifest.sha256

    @property
    def sealed_at(self) -> datetime:
        """When it was sealed, by the station's clock."""
        return self.manifest.sealed_at

    def keep(self, tables: Retentions, now: datetime | None = None) -> Keep:
        """How long it must be kept; without a time no case file is over."""
        today = None if now is None else now.date()
        files = self.files() if self.links and today is not None else ()
        keep = tables.keep(self.sealed_at, self.linked_at, is_important=self.is_important, files=files, today=today)
        demands: tuple[tuple[Endless, bool], ...] = (
            ("hold", bool(holds.stands(self.holds))), ("state", self.is_secret)
        )  # fmt: skip
        return longest([keep, *(one for one, is_so in demands if is_so)])

    @property
    def is_important(self) -> bool:
        """Whether its wearer flagged it."""
        return IMPORTANT in self.manifest.marks


class SignedRecords:
    """Reads what is signed of clips and of the policy; `trusted` gives the keys that are believed. Thread-safe."""

    def __init__(self, vault: Vault, database: Database, trusted: Callable[[], Mapping[str, PublicKey]]) -> None:
        self._vault, self._database, self._trusted = vault, database, trusted
        self._lock = threading.Lock()
        self._strays: tuple[tuple[str, Act], ...] | None = None
        self._strays_until_s = 0.0
        self._keys = dict[int, str | None]()
        self._shared: Mapping[str, frozenset[str]] | None = None
        self._disowned: Disowned | None = None

    def begin(self, *, believes_strays: bool = False) -> None:
        """What other programs did meanwhile is to be seen; which acts the trail lacks, if asked, an hour late at most.

        To look for those, the trail and the vault are gone through: seconds, where there are many acts.
        """
        with self._lock:
            self._shared = self._disowned = None
            if not believes_strays or time.monotonic() > self._strays_until_s:
                self._strays = None

    def of_clip(self, clip: str, *, with_strays: bool = True) -> Vouched:
        """What is signed of a clip, or as far as the trail names it. Raises `RecordsDisagree`."""
        manifest = self._manifest(clip)
        case, asked, disposed, held = manifest.case, None, None, tuple[holds.Hold, ...]()
        links = {} if case is None else {first_id(clip, manifest.sealed_at): case}
        linked_at, steps = (manifest.sealed_at,) if links else (), dict[str, str | None]()
        is_secret = False
        for act in self._acts(clip, ABOUT_CLIPS, with_strays=with_strays):
            is_secret = classes.is_secret_after(act, is_secret=is_secret)
            if act.action in LINKS:
                links = links_after(act, links)
                steps |= {id_in(act): act.details.get("step")} if act.action == LINK_ADDED else {}
                is_linked = act.action in (CLIP_LINKED, LINK_ADDED)
                linked_at = (*linked_at, act.at) if is_linked else linked_at if links else ()
                asked = None if is_linked else asked  # who asked before did not know of that case
            elif act.action == DISPOSAL_ASKED:  # one that a variable signed asks for nothing
                asked = act if disposals.how_in(act) is not None else asked
            elif act.action in holds.ACTIONS:
                with suppress(StationError):  # one that does not follow ends nothing
                    held = holds.after(held, act)
                asked = None if act.action == HOLD_SET else asked
            elif act.action in CLASSES:
                asked = None if is_secret else asked
            else:
                disposed = act
        linked = [Linked(stated(case), steps.get(link)) for link, case in links.items()]
        filed = partial(of_links, linked, partial(self._acts, actions=CASE_FILES, with_strays=with_strays))
        return Vouched(clip, manifest, links, linked_at, asked, disposed, held, filed, is_secret)

    def beside(self, sidecar: Vouched, *, with_strays: bool = True) -> Iterator[Vouched]:
        """What is signed of the clips whose own manifests say that this sidecar stands beside them.

        Where to look is told by the catalog's ties and by the path in the sidecar's manifest: striking out a tie
        frees no sidecar. One that no manifest names was understood after its clip: then it stands beside every clip of
        its recorder that had that path.
        """
        path, recorder = sidecar.manifest.beside, sidecar.manifest.recorder
        if path is None:
            return
        found = clips.stands_beside(self._database, sidecar.clip, str(path))
        mains = [self.of_clip(clip, with_strays=with_strays) for clip in found]
        naming = [main for main in mains if sidecar.clip in main.manifest.sidecars]
        yield from naming or (main for main in mains if main.manifest.recorder in (None, recorder) or recorder is None)

    def request(self, no: str) -> Request | None:
        """What is signed of a request: no copy leaves on a row alone. Raises `RecordsDisagree`."""
        found: Request | None = None
        for act in self._acts(no, REQUEST_ACTIONS, with_strays=True):
            with suppress(StationError):  # one that does not follow grants nothing
                found = after(found, act)
        return found

    def release(self, no: str) -> Release | None:
        """What is signed of a release to the public: no film leaves on a row alone. Raises `RecordsDisagree`."""
        found: Release | None = None
        for act in self._acts(no, releases.RELEASE_ACTIONS, with_strays=True):
            with suppress(StationError):
                found = releases.after(found, act)
        return found

    def about_people(self, nos: Collection[str], clips: Collection[str]) -> list[Act]:
        """Every act that decides what these people may do with these clips, oldest first; whoever they act for too.

        Raises `RecordsDisagree`.
        """
        lists = self._acts(None, (IMPORT_APPLIED,), lambda act: act.details.get("import") in ("people", "units"))
        tree = self._acts(None, UNITS)
        acting = self._acts(None, (ROLE_DELEGATED,), lambda act: act.details.get("to") in nos)
        whose = {*nos, *(act.subject for act in acting)}
        theirs = [act for no in sorted(whose) for act in self._acts(no, PEOPLE)]
        classed = [act for clip in clips for act in self._acts(clip, CLASSING)]
        every = {key_of(act): act for act in (*lists, *tree, *theirs, *classed)}
        return [every[key] for key in self._in_order(every)]

    def document(self, clip: str) -> clips.Document:
        """The manifest of a clip that a trusted key signed. Raises `RecordsDisagree`."""
        self._manifest(clip)
        return clips.document(self._database, clip)

    def policy(self) -> Policy:
        """The newest that was signed. Raises `RecordsDisagree`, `PolicyBad`."""
        every = self._policies(with_strays=True)
        return read_policy(every[-1][1]) if every else DEFAULT

    def retentions(self) -> Retentions:
        """What every one that was signed says of keeping, from its day on. Raises `RecordsDisagree`."""
        return Retentions(tuple((at, retention_of(text)) for at, text in self._policies(with_strays=True)))

    def months(self) -> frozenset[int]:
        """Every number of months that a signed policy of the trail demanded. Raises `RecordsDisagree`."""
        every = [DEFAULT.retention, *(retention_of(text) for _, text in self._policies(with_strays=False))]
        demanded = (each for one in every for each in (one.months, one.linked, one.important))
        return frozenset(one for one in demanded if isinstance(one, int))

    def secrets(self) -> Mapping[str, Act]:
        """The newest act on each account's secret. Raises `RecordsDisagree`."""
        accounts = (line.entry.subject for line in trail.lines_of(self._database, (SECRET_SET,)))
        names = {*accounts, *(act.subject for _, act in self.strays() if act.action == SECRET_SET)}
        return {name: self._acts(name, (SECRET_SET,), with_strays=True)[-1] for name in sorted(names)}

    def sharers(self, sha256: str) -> frozenset[str]:
        """The clips that were filed with these bytes, where that are several."""
        with self._lock:
            if self._shared is None:
                found = defaultdict[str, set[str]](set)
                for row in self._database.query(SHARED, {"filed": clips.FILED}):
                    found[row["sha256"]].add(row["subject"])
                self._shared = {one: frozenset(some) for one, some in found.items()}
            return self._shared.get(sha256, frozenset())

    def strays(self) -> tuple[tuple[str, Act], ...]:
        """Signed acts of the vault, with their keys, that the trail has no line of and nobody withdrew."""
        with self._lock:
            if self._strays is None:
                known = self.named_keys()
                left = (key for key in self._vault.keys("acts") if key not in known)
                found = [(key, act) for key in left if (act := self._read_act(key)) is not None]
                withdrawn = self._withdrawn(act for _, act in found)
                self._strays = tuple((key, act) for key, act in found if digest_in(key) not in withdrawn)
                self._strays_until_s = time.monotonic() + BELIEVED_S
            return self._strays

    def disowned(self) -> Disowned:
        """What a wrong clock wrote, by the signed word of two people."""
        with self._lock:
            if self._disowned is None:
                every = (_act_of(line) for line in trail.lines_of(self._database, (CLOCK_CONFIRMED,), CLOCK))
                acts = [act for act in every if act is not None and self.is_signed(act)]
                self._disowned = disowned(acts, self._database)
            return self._disowned

    def every_key(self) -> tuple[str, ...]:
        """The keys of all acts that the trail tells, or the vault has."""
        return tuple(sorted(self.named_keys().union(self._vault.keys("acts"))))

    def named_keys(self) -> frozenset[str]:
        """The keys of all acts that the trail tells."""
        known = dict[int, str | None]()  # what a row says is made an act of once: that costs ten times its reading
        for row in trail.rows_of(self._database, tuple(APPLIES)):
            said = hash(tuple(row[name] for name in ("at", "actor", "action", "subject", "details")))
            known[said] = self._keys[said] if said in self._keys else _key_in(row)
        self._keys = known
        return frozenset(key for key in known.values() if key is not None)

    def fault_in(self, key: str) -> str | None:
        """What is wrong with an act as it stands in the vault, or None."""
        try:
            self._whole(key)
        except ValueError as error:
            return str(error)
        return None

    def is_signed(self, act: Act) -> bool:
        """Whether an act stands in the vault, signed by a trusted key."""
        body = act.body()
        sha256 = hashlib.sha256(body).hexdigest()
        return self._vault.find(act_key(act.at, sha256)) is not None and self._is_signed(body, sha256)

    # ------------------------------------------------------------------ inside

    def _policies(self, *, with_strays: bool) -> list[tuple[datetime, str]]:
        """The text of every one that was adopted and when, oldest first."""
        every = self._acts(SUBJECT, (POLICY_ADOPTED,), with_strays=with_strays)
        return [(act.at, str(act.details["text"])) for act in every]

    def _manifest(self, clip: str) -> Manifest:
        try:
            document = clips.document(self._database, clip)
        except NoSuchClip as error:
            raise RecordsDisagree(clip=clip, what="it has no manifest any more", what_zh="其清单已不存在") from error
        if not signature_is_valid(document.body, document.signature, document.key_id, self._trusted()):
            raise RecordsDisagree(
                clip=clip, what="no trusted key signed its manifest", what_zh="其清单未由受信任的密钥签名"
            )
        try:
            manifest = document.read()
            if manifest.clip == clip:
                return manifest
        except ManifestUnreadable as error:
            raise RecordsDisagree(clip=clip, what=str(error), what_zh="其清单无法读取") from error
        raise RecordsDisagree(clip=clip, what="its manifest is another clip's", what_zh="其清单属于其他资料")

    def _acts(
        self,
        subject: str | None,
        actions: tuple[str, ...],
        wanted: Callable[[Act], bool] = lambda _: True,
        *,
        with_strays: bool = True,
    ) -> list[Act]:
        """Every act about a subject, or any, oldest first, each signed."""
        found = dict[str, Act]()
        for line in trail.lines_of(self._database, actions, subject):
            act = _act_of(line)
            if act is not None and not wanted(act):
                continue
            if act is None or not self.is_signed(act):
                what = f"nobody signed what line {line.line} of the trail says"
                raise RecordsDisagree(clip=subject or "-", what=what, what_zh=f"操作留痕第 {line.line} 条无有效签名")
            found[key_of(act)] = act
        # A line struck out of the trail hides no act: the vault has it still, and it counts where something is to go.
        if with_strays:
            about = ((key, act) for key, act in self.strays() if act.action in actions and wanted(act))
            found.update((key, act) for key, act in about if subject in (None, act.subject))
        return [found[key] for key in self._in_order(found)]

    def _in_order(self, acts: Mapping[str, Act]) -> list[str]:
        """The keys of acts, oldest first; what a wrong clock wrote stands where two people put it."""
        placed = self.disowned().documents
        return sorted(acts, key=lambda key: (placed.get(digest_in(key), acts[key].at), key))

    def _withdrawn(self, strays: Iterable[Act]) -> set[str]:
        """The digests of acts that a signed act says were never carried out."""
        every = (_act_of(line) for line in trail.lines_of(self._database, (ACT_WITHDRAWN,)))
        signed = (act for act in every if act is not None and self.is_signed(act))
        return {act.subject for act in (*signed, *strays) if act.action == ACT_WITHDRAWN}

    def _read_act(self, key: str) -> Act | None:
        try:
            return read_act(self._whole(key))
        except (ValueError, KeyError, TypeError):
            return None

    def _whole(self, key: str) -> bytes:
        """The signed bytes of an act; raises ValueError with what is wrong with them."""
        sha256 = digest_in(key)
        try:
            body = read_document(self._vault, key)
        except NotInVault as error:
            raise ValueError("missing") from error
        if (found := hashlib.sha256(body).hexdigest()) != sha256:
            raise ValueError(f"SHA-256 {found}")
        if not self._is_signed(body, sha256):
            raise ValueError("no trusted key's signature beside it")
        return body

    def _is_signed(self, body: bytes, sha256: str) -> bool:
        try:
            document = json.loads(read_document(self._vault, signature_key(sha256)))
            return signature_is_valid(body, str(document["signature"]), str(document["key_id"]), self._trusted())
        except (NotInVault, ValueError, KeyError, TypeError):
            return False


def _key_in(row: Row) -> str | None:
    """The key of the act that a row of the trail tells of, or None where it cannot be one."""
    line = trail.line_of(row)
    act = None if line is None else _act_of(line)
    return None if act is None else key_of(act)


def _act_of(line: trail.Line) -> Act | None:
    """The act of a line, or None where somebody made one of it that cannot be an act."""
    try:
        act = trail.act_of(line)
        act.body()
    except (ValueError, TypeError):
        return None
    return act


@dataclass
class SignedPolicy:
    """The policy that is `known`, for who erases by it: one that was not signed lets nothing be erased.

    What was compared is believed for an hour: that needs every act the trail has.
    """

    records: SignedRecords
    known: Callable[[], Policy]
    elapsed_s: Callable[[], float] = time.monotonic
    _believed: tuple[Policy, float] | None = field(default=None, init=False)

    def __call__(self) -> Policy:
        """The policy. Raises `RecordsDisagree`, and what vault and catalog raise."""
        known, now_s = self.known(), self.elapsed_s()
        is_believed = (
            self._believed is not None and self._believed[0] == known and now_s < self._believed[1] + BELIEVED_S
        )
        if known.clearing != "never" and not is_believed:
            self.records.begin()
            if replace(self.records.policy(), version=known.version) != known:
                what = "it is not the newest that was signed"
                raise RecordsDisagree(clip=SUBJECT, what=what, what_zh="不是最近一次签名发布的制度")
            self._believed = known, now_s
        return known


def key_of(act: Act) -> str:
    """Where the vault keeps an act."""
    return act_key(act.at, hashlib.sha256(act.body()).hexdigest())


def digest_in(key: str) -> str:
    """The SHA-256 of an act, as its key says."""
    return key.rsplit("-", 1)[-1].removesuffix(".json")


_DIGEST = "substr(details, length(details) - 65, 64)"
"""The end of what the line of a filed clip says is the digest of its original, for names are sorted."""
SHARED = f"""SELECT {_DIGEST} AS sha256, subject FROM trail WHERE action = :filed AND {_DIGEST} IN
 (SELECT {_DIGEST} FROM trail WHERE action = :filed GROUP BY {_DIGEST} HAVING COUNT(*) > 1)"""
