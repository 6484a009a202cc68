"""What is wrong with the station now, and what to do (健康检查): decisions over facts, worst first.

Pure: `docking_station/services/health_facts.py` brings the facts. A fact that could not be had is None and says
nothing; that it could not be had is a fault of its own. Severities: `attention`: the station works, a person should
act; `broken`: evidence is not taken or not sealed, or its proof is in danger. Units: in the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from catalog.errors import StationError
from catalog.keeping.storage_refusals import Refused
from docking_station.faces.board import BayView, StationView, Why
from docking_station.station.errors import DockCrowded, DockForbidden

Severity = Literal["attention", "broken"]

EXIT_STATUS: dict[Severity, int] = {"attention": 4, "broken": 5}
BEAT_S_MAX = 60.0
UNSEALED_LATE = timedelta(hours=4)
UNSEALED_TOO_LATE = timedelta(hours=24)
SPOOL_LOW_SHARE = 0.10
VAULT_LOW_SHARE, VAULT_FULL_SHARE = 0.05, 0.01
NOT_DOCKED_MAX = 50
MILD = (DockCrowded, DockForbidden)

TEXTS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "health.dock-hung": (
        ("The dock's main loop gave no sign of life for {seconds} s.", "Restart it: `systemctl restart evidock-dock`."),
        ("采集服务主循环已 {seconds} 秒无响应。", "请重启服务:`systemctl restart evidock-dock`。"),
    ),
    "health.silent": (
        (
            "No answer about {what} within {seconds} s.",
            "Check the disk or server it lies on; a hanging mount looks like this.",
        ),
        ("{seconds} 秒内未得到{what_zh}的应答。", "请检查其所在磁盘或服务器;挂载点失去响应时即如此。"),
    ),
    "health.look-failed": (
        (
            "The {what} cannot be looked at: {reason}.",
            "Run this as the station's user or with sudo; else tell whoever keeps it.",
        ),
        ("无法检查{what_zh}:{reason}。", "请以本站服务用户或 sudo 执行;否则请联系本站管理人员。"),
    ),
    "health.clock-free": (
        ("The station's clock is not synchronised.", "See `timedatectl`: is a time server set, and can it be reached?"),
        ("本站时钟未同步。", "请查看 `timedatectl`:是否已设置时间服务器且可访问。"),
    ),
    "health.clock-wrong": (
        ("The station's clock is wrong.", "Set it (`timedatectl set-time …`), then have it synchronised."),
        ("本站时钟错误。", "请校准时钟(`timedatectl set-time …`)并启用时间同步。"),
    ),
    "health.spool-full": (
        ("The spool has {free} left, {reserve} must stay free: nothing is copied.", "Make room on the disk of {path}."),
        ("缓存区仅剩 {free},须预留 {reserve}:已停止采集。", "请清理 {path} 所在硬盘。"),
    ),
    "health.spool-low": (
        ("The spool has {free} left.", "See that the vault takes copies, and make room on the disk of {path}."),
        ("缓存区仅剩 {free}。", "请确认保全库正常封存,并清理 {path} 所在硬盘。"),
    ),
    "health.vault-full": (
        ("The vault's disk has {free} left.", "Add disk now: soon nothing can be sealed ({path})."),
        ("保全库硬盘仅剩 {free}。", "请立即扩容,否则即将无法封存({path})。"),
    ),
    "health.vault-low": (
        ("The vault's disk has {free} left.", "Plan for more disk ({path})."),
        ("保全库硬盘仅剩 {free}。", "请安排扩容({path})。"),
    ),
    "health.original-damaged": (
        (
            "The original of clip {clip} is damaged in the vault: {fault}.",
            "Do not touch the vault; restore it from a mirror or backup, and find out what else lies on that disk.",
        ),
        (
            "保全库中资料 {clip} 的原件已损坏:{fault}。",
            "请勿改动保全库;请从镜像或备份恢复,并检查同一磁盘。",
        ),
    ),
    "health.paper-damaged": (
        (
            "What proves clip {clip} is damaged in the vault: {fault}.",
            "`evidock vault repair {clip}` tries again and says why not; else restore that file from a backup.",
        ),
        (
            "保全库中资料 {clip} 的证明文书已损坏:{fault}。",
            "执行 `evidock vault repair {clip}` 重新修复并查看原因;否则请从备份恢复该文件。",
        ),
    ),
    "health.lock-refused": (
        (
            "The vault refuses a longer lock for {count} originals or records, first {first}: {reason}",
            "Give the station's key on the vault `PutObjectRetention`, before those locks end: then it heals.",
        ),
        (
            "保全库拒绝延长 {count} 个原件或记录的锁定期限,首个为 {first}:{reason}",
            "请在锁定到期前授予本站密钥 `PutObjectRetention` 权限;之后将自动恢复。",
        ),
    ),
    "health.hold-refused": (
        (
            "The vault refuses the legal hold of {count} originals, first {first}: {reason}",
            "Their locks roll on all the same. Give the station's key on the vault `PutObjectLegalHold`.",
        ),
        (
            "保全库拒绝对 {count} 个原件设置或解除依法保留,首个为 {first}:{reason}",
            "其锁定期限仍会自动延长。请授予本站密钥 `PutObjectLegalHold` 权限。",
        ),
    ),
    "health.mirror-behind": (
        (
            "A vault of the mirror lacks {count} things for {days} days or longer.",
            "See that it answers and takes longer locks; `evidock clips verify --all` tells what is missing where.",
        ),
        (
            "镜像中有保全库欠缺 {count} 项,已达 {days} 天以上。",
            "请确认该保全库可访问并接受延长锁定;执行 `evidock clips verify --all` 查看缺失项。",
        ),
    ),
    "health.scrub-late": (
        (
            "{count} originals were not read again within the period that is set.",
            "See that the dock runs; else raise `reread_mb_per_s` or `reread_days` under [vault] in station.toml.",
        ),
        (
            "{count} 个原件未在规定周期内复读。",
            "请确认采集服务正在运行;否则请调高 station.toml 中 [vault] 的 `reread_mb_per_s` 或 `reread_days`。",
        ),
    ),
    "health.unsealed-old": (
        (
            "A copy waits for the vault since {hours} h; {count} wait.",
            "See the faults above, or `journalctl -u evidock-dock`.",
        ),
        ("有副本等待封存已达 {hours} 小时,共 {count} 个。", "请查看上述问题,或执行 `journalctl -u evidock-dock`。"),
    ),
    "health.held": (
        ("{count} files wait for a person, the oldest since {since}.", "`evidock held list` says why and what to do."),
        ("{count} 个文件待人工处理,最早自 {since}。", "执行 `evidock held list` 查看原因和处理办法。"),
    ),
    "health.overdue": (
        (
            "Bay {bay}: {count} files on {recorder} are over the time limit.",
            "Leave it docked until it is safe to take.",
        ),
        ("仓位 {bay}:{recorder} 上有 {count} 个文件超过采集时限。", "请勿取走,直至显示可取走。"),
    ),
    "health.not-docked": (
        ("Recorder {recorder} of officer {officer} was not docked for {days} days.", "Ask the officer to bring it."),
        ("执法人员 {officer} 的记录仪 {recorder} 已 {days} 天未接入。", "请通知该人员送检采集。"),
    ),
    "health.not-docked-more": (
        (
            "{count} more recorders were not docked for {days} days or longer.",
            "`evidock recorders list` names them all.",
        ),
        ("另有 {count} 台记录仪超过 {days} 天未接入。", "执行 `evidock recorders list` 查看全部。"),
    ),
    "health.key-readable": (
        (
            "Others than the station may read the signing key {path}.",
            "`chmod 600 {path}`, and think who may have read it.",
        ),
        ("签名密钥 {path} 可被其他用户读取。", "请执行 `chmod 600 {path}`,并排查可能的读取者。"),
    ),
    "health.key-plain": (
        (
            "The signing key is handed in, and a key still lies in {path}.",
            "Keep a copy in a safe place and remove the file; after a rotation encrypt the new key first.",
        ),
        (
            "签名密钥由外部提供,但 {path} 中仍有密钥文件。",
            "请在安全处备份后删除该文件;若刚更换密钥,请先加密新密钥。",
        ),
    ),
    "health.keys-writable": (
        ("Others than the station may write to {path}: a foreign key would be believed.", "`chmod go-w {path}`."),
        ("其他用户可写入 {path}:外来公钥将被信任。", "请执行 `chmod go-w {path}`。"),
    ),
    "health.missing": (
        ("{path} is not there.", "Run `evidock init`; if it was there before, find out who removed it."),
        ("{path} 不存在。", "请执行 `evidock init`;若原先存在,请查明删除者。"),
    ),
    "health.tool-missing": (
        (
            "{tool} is not installed: originals are sealed, but not looked into.",
            "Install ffmpeg: `apt install ffmpeg`.",
        ),
        ("未安装 {tool}:原件照常封存,但无法解析内容。", "请安装 ffmpeg:`apt install ffmpeg`。"),
    ),
}
PARTS = {
    "dock": "采集服务",
    "clock": "时钟",
    "vault": "保全库",
    "vault_room": "保全库硬盘",
    "catalog": "编目数据库",
    "trail": "操作留痕",
    "originals": "原件巡检记录",
    "journal": "流程日志",
    "spool": "缓存区",
    "keys": "密钥文件夹",
    "owed": "镜像待补清单",
    "tools": "媒体工具",
}


@dataclass(frozen=True, slots=True)
class Room:
    """Of a disk (磁盘空间)."""

    path: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Copies and files that wait, as the station's own disk tells (待处理情况)."""

    unsealed: int
    held: int
    oldest_held: str | None
    acts: int = 0
    """Changes that were signed and refused."""
    first_act: Why | None = None


@dataclass(frozen=True, slots=True)
class NotDocked:
    """A recorder that was not docked for so many days (长期未接入), and who holds it."""

    officer: str
    recorder: str
    days: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that could be found out; `faults` and `failed` are what looks at parts raised, `silent` never came."""

    now: datetime
    reserve_bytes: int
    faults: tuple[StationError, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()
    silent_s: float = 0.0
    station: StationView | None = None
    bays: tuple[BayView, ...] = ()
    beat_s: float | None = None
    clock: str | None = None
    spool: Room | None = None
    oldest_copy_at: datetime | None = None
    vault_room: Room | None = None
    kept: Kept | None = None
    not_docked: tuple[NotDocked, ...] = ()
    readable_keys: tuple[str, ...] = ()
    writable_keys: tuple[str, ...] = ()
    plain_key: str | None = None
    missing: tuple[str, ...] = ()
    missing_tools: tuple[str, ...] = ()
    damaged: tuple[tuple[str, str], ...] = ()
    papers: tuple[tuple[str, str], ...] = ()
    """Clips whose manifest, signature or time stamp is damaged."""
    refused: tuple[Refused, ...] = ()
    owed: tuple[int, int] = (0, 0)
    """What vaults of a mirror lack for long, and for how many days."""
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: how bad, and the words for it."""

    severity: Severity
    why: Why


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Everything that is wrong, worst first, each code and sentence once."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in _all(facts):
        found.setdefault((finding.why.code, finding.why.en[0]), finding)
    return tuple(sorted(found.values(), key=lambda finding: finding.severity != "broken"))


def exit_status(found: tuple[Finding, ...]) -> int:
    """0: nothing is wrong; 4: something needs attention; 5: something is broken."""
    return max((EXIT_STATUS[finding.severity] for finding in found), default=0)


def _all(facts: Facts) -> Iterator[Finding]:
    for error in facts.faults:
        yield Finding("attention" if isinstance(error, MILD) else "broken", Why.of(error))
    for part, reason in facts.failed:
        what = part.replace("_", " ")
        yield _said("health.look-failed", "broken", what=what, what_zh=PARTS[part], reason=reason)
    for part in facts.silent:
        yield _said("health.silent", "broken", what=part.replace("_", " "), what_zh=PARTS[part], seconds=facts.silent_s)
    if facts.beat_s is not None and facts.beat_s > BEAT_S_MAX:
        yield _said("health.dock-hung", "broken", seconds=round(facts.beat_s))
    for path in facts.missing:
        yield _said("health.missing", "broken", path=path)
    yield from _clock(facts)
    yield from _rooms(facts)
    yield from _waiting(facts)
    for clip, fault in facts.damaged:
        yield _said("health.original-damaged", "broken", clip=clip, fault=fault)
    for clip, fault in facts.papers:
        yield _said("health.paper-damaged", "broken", clip=clip, fault=fault.rstrip("."))
    for one in facts.refused:
        told = {"count": one.count, "first": one.first, "reason": one.reason}
        yield (
            _said("health.hold-refused", "attention", **told)
            if one.what == "hold"
            else _said("health.lock-refused", "broken", **told)
        )
    if facts.owed[0]:
        yield _said("health.mirror-behind", "attention", count=facts.owed[0], days=facts.owed[1])
    if facts.unread:
        yield _said("health.scrub-late", "attention", count=facts.unread)
    for path in facts.writable_keys:
        yield _said("health.keys-writable", "broken", path=path)
    for path in facts.readable_keys:
        yield _said("health.key-readable", "attention", path=path)
    if facts.plain_key is not None:
        yield _said("health.key-plain", "attention", path=facts.plain_key)
    for tool in facts.missing_tools:
        yield _said("health.tool-missing", "attention", tool=tool)
    yield from _bays(facts)
    yield from _recorders(facts)


def _clock(facts: Facts) -> Iterator[Finding]:
    clock = facts.clock or (facts.station.clock if facts.station is not None else None)
    if clock == "free":
        yield _said("health.clock-free", "attention")
    elif clock == "wrong":
        yield _said("health.clock-wrong", "broken")


def _rooms(facts: Facts) -> Iterator[Finding]:
    spool, vault = facts.spool, facts.vault_room
    if spool is not None:
        low = max(2 * facts.reserve_bytes, round(SPOOL_LOW_SHARE * spool.total_bytes))
        if spool.free_bytes < facts.reserve_bytes:
            sizes = {"free": _size(spool.free_bytes), "reserve": _size(facts.reserve_bytes)}
            yield _said("health.spool-full", "broken", path=spool.path, **sizes)
        elif spool.free_bytes < low:
            yield _said("health.spool-low", "attention", path=spool.path, free=_size(spool.free_bytes))
    if vault is not None and vault.free_bytes < VAULT_LOW_SHARE * vault.total_bytes:
        full = vault.free_bytes < VAULT_FULL_SHARE * vault.total_bytes
        code = "health.vault-full" if full else "health.vault-low"
        yield _said(code, "broken" if full else "attention", path=vault.path, free=_size(vault.free_bytes))


def _waiting(facts: Facts) -> Iterator[Finding]:
    station, kept = facts.station, facts.kept
    oldest = station.oldest_unsealed_at if station is not None else facts.oldest_copy_at
    count = station.unsealed if station is not None else kept.unsealed if kept is not None else 0
    if oldest is not None and count and (age := facts.now - oldest) > UNSEALED_LATE:
        severity: Severity = "broken" if age > UNSEALED_TOO_LATE else "attention"
        yield _said("health.unsealed-old", severity, hours=int(age / timedelta(hours=1)), count=count)
    if kept is not None and kept.held:
        yield _said("health.held", "attention", count=kept.held, since=(kept.oldest_held or "?")[:16].replace("T", " "))
    if kept is not None and kept.first_act is not None:
        (en, en_hint), (zh, zh_hint) = kept.first_act.en, kept.first_act.zh
        more = (f" ({kept.acts} in all)", f"(共 {kept.acts} 项)") if kept.acts > 1 else ("", "")
        yield Finding("attention", Why(kept.first_act.code, (en + more[0], en_hint), (zh + more[1], zh_hint)))


def _bays(facts: Facts) -> Iterator[Finding]:
    if facts.station is not None:
        for why in (facts.station.vault, facts.station.catalog):
            if why is not None:
                yield Finding("broken", why)
    for view in facts.bays:
        if view.state in ("unknown", "full") and view.why is not None:
            (en, en_hint), (zh, zh_hint) = view.why.en, view.why.zh
            told = Why(view.why.code, (f"Bay {view.bay}: {en}", en_hint), (f"仓位 {view.bay}:{zh}", zh_hint))
            yield Finding("attention", told)
        if view.overdue:
            recorder = view.recorder or view.device or "?"
            yield _said("health.overdue", "attention", bay=view.bay, count=view.overdue, recorder=recorder)


def _recorders(facts: Facts) -> Iterator[Finding]:
    longest = sorted(facts.not_docked, key=lambda one: -one.days)
    for one in longest[:NOT_DOCKED_MAX]:
        yield _said("health.not-docked", "attention", officer=one.officer, recorder=one.recorder, days=one.days)
    if rest := longest[NOT_DOCKED_MAX:]:
        yield _said("health.not-docked-more", "attention", count=len(rest), days=rest[-1].days)


def _said(code: str, severity: Severity, **told: object) -> Finding:
    (en, en_hint), (zh, zh_hint) = TEXTS[code]
    return Finding(
        severity, Why(code, (en.format(**told), en_hint.format(**told)), (zh.format(**told), zh_hint.format(**told)))
    )


def _size(size_bytes: int) -> str:
    from docking_station.terminal.output import size_text

    return size_text(size_bytes)
