"""What can go wrong between the station and its vault."""

from __future__ import annotations

from catalog.errors import StationError


class VaultUnreachable(StationError):
    """The vault cannot be read or written just now (保全库不可用)."""

    code, retry, exit_status = "vault.unreachable", True, 30
    en = (
        "The vault does not answer: {reason}.",
        "Check that its disk or server is there; the copies wait in the spool, then run the same command again.",
    )
    zh = ("保全库无响应:{reason}。", "请检查磁盘或服务器是否正常;副本保留在缓存区,恢复后重新执行同一命令即可。")


class VaultFull(StationError):
    """The vault's disk has no room left (保全库空间不足)."""

    code, retry, exit_status = "vault.full", True, 36
    en = ("The vault has no room for {size_bytes} bytes.", "Make room or add a disk, then run the same command again.")
    zh = ("保全库空间不足,无法存入 {size_bytes} 字节。", "请扩充磁盘空间,然后重新执行同一命令。")


class KeyTaken(StationError):
    """Other bytes stand under this key: a sealed object is never overwritten (拒绝覆盖)."""

    code, exit_status = "vault.key-taken", 34
    en = (
        "The vault holds other bytes under {key}: expected SHA-256 {expected}, found {found}.",
        "Do not touch the vault; run `evidock clips verify --all` and tell whoever keeps it.",
    )
    zh = (
        "保全库中 {key} 已存有不同内容:应为 SHA-256 {expected},实为 {found}。",
        "请勿改动保全库;执行 `evidock clips verify --all` 并通知保管人员。",
    )


class NotInVault(StationError):
    """Nothing stands under this key (对象不存在)."""

    code, exit_status = "vault.not-found", 37
    en = (
        "The vault holds nothing under {key}.",
        "Restore it from a mirror or backup; `evidock clips verify --all` lists all that lack.",
    )
    zh = ("保全库中不存在 {key}。", "请从镜像或备份恢复;`evidock clips verify --all` 可列出全部缺失项。")


class LockRefused(StationError):
    """The lock read back is not the lock that was asked for (锁定未生效)."""

    code, retry, exit_status = "vault.lock-refused", True, 38
    en = (
        "The lock of {key} read back as {found}, not {expected}.",
        "Check the rights of the station's user on the vault, then run the same command again.",
    )
    zh = ("{key} 的锁定回读为 {found},应为 {expected}。", "请检查本站用户对保全库的权限,然后重新执行同一命令。")


class LockTooShort(StationError):
    """A lock only grows; this would shorten it (拒绝缩短保存期限)."""

    code, exit_status = "vault.lock-too-short", 35
    en = (
        "{key} is locked until {held}; {asked} would shorten that.",
        "Choose a later day: a lock can only be lengthened.",
    )
    zh = ("{key} 已锁定至 {held},改为 {asked} 会缩短期限。", "请选择更晚的日期:锁定期限只能延长。")


class LockHolds(StationError):
    """The object is still locked and nobody may remove it (锁定期内拒绝删除)."""

    code, exit_status = "vault.lock-holds", 33
    en = ("{key} is locked until {held} and cannot be removed.", "Wait until that day; nobody can shorten it.")
    zh = ("{key} 锁定至 {held},不能删除。", "请等到期后再处理;任何人都不能缩短期限。")


class BadAddress(StationError):
    """The vault's address in the settings is not one we know (保全库地址无效)."""

    code, exit_status = "vault.bad-address", 39
    en = (
        "The vault address `{address}` is not one this station knows.",
        "Write `folder:PATH` under [vault] in station.toml.",
    )
    zh = ("无法识别保全库地址 `{address}`。", "请在 station.toml 的 [vault] 中写 `folder:路径`。")


class KeyMissing(StationError):
    """The station's signing key cannot be read (签名密钥不可用)."""

    code, exit_status = "vault.key-missing", 29
    en = (
        "The signing key {path} cannot be read: {reason}.",
        "Restore it from the backup of the keys folder, or run `evidock init` in a new home.",
    )
    zh = ("无法读取签名密钥 {path}:{reason}。", "请从密钥文件夹的备份恢复,或在新的主目录执行 `evidock init`。")
