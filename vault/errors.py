"""What can go wrong between the station and its vault."""

from __future__ import annotations

from catalog.station_error import StationError


class VaultUnreachable(StationError):
    """The vault cannot be read or written just now (保全库不可用)."""

    code, retry, exit_status, reach = "vault.unreachable", True, 30, "all"
    en = (
        "The vault does not answer: {reason}.",
        "Check that its disk or server is there; the copies wait in the spool, then run the same command again.",
    )
    zh = ("保全库无响应：{reason}。", "请检查磁盘或服务器是否正常；副本保留在缓存区，恢复后重新执行同一命令即可。")


class VaultFull(StationError):
    """The vault's disk has no room left (保全库空间不足)."""

    code, retry, exit_status, reach = "vault.full", True, 36, "all"
    en = ("The vault has no room for {size_bytes} bytes.", "Make room or add a disk, then run the same command again.")
    zh = ("保全库空间不足，无法存入 {size_bytes} 字节。", "请扩充磁盘空间，然后重新执行同一命令。")


class KeyTaken(StationError):
    """Other bytes stand under this key: a sealed object is never overwritten (拒绝覆盖)."""

    code, exit_status = "vault.key-taken", 34
    en = (
        "The vault holds other bytes under {key}: expected SHA-256 {expected}, found {found}.",
        "Do not touch the vault; run `evidock clips verify --all` and tell whoever keeps it.",
    )
    zh = (
        "保全库中 {key} 已存有不同内容：应为 SHA-256 {expected}，实为 {found}。",
        "请勿改动保全库；执行 `evidock clips verify --all` 并通知保管人员。",
    )


class NotInVault(StationError):
    """Nothing stands under this key (对象不存在)."""

    code, exit_status = "vault.not-found", 37
    en = (
        "The vault holds nothing under {key}.",
        "Restore it from a mirror or backup; `evidock clips verify --all` lists everything that is missing.",
    )
    zh = ("保全库中不存在 {key}。", "请从镜像或备份恢复；`evidock clips verify --all` 可列出全部缺失项。")


class LockRefused(StationError):
    """The lock read back is not the lock that was asked for (锁定未生效)."""

    code, retry, exit_status, reach = "vault.lock-refused", True, 38, "all"
    en = (
        "The lock of {key} read back as {found}, not {expected}.",
        "Check the rights of the station's user on the vault, then run the same command again.",
    )
    zh = ("{key} 的锁定回读为 {found}，应为 {expected}。", "请检查本站用户对保全库的权限，然后重新执行同一命令。")


class LockTooShort(StationError):
    """A lock only grows; this would shorten it (拒绝缩短保存期限)."""

    code, exit_status = "vault.lock-too-short", 35
    en = (
        "{key} is locked until {held}; {asked} would shorten that.",
        "Choose a later day: a lock can only be lengthened.",
    )
    zh = ("{key} 已锁定至 {held}，改为 {asked} 会缩短期限。", "请选择更晚的日期：锁定期限只能延长。")


class LockHolds(StationError):
    """The object is still locked and nobody may remove it (锁定期内拒绝删除)."""

    code, exit_status = "vault.lock-holds", 33
    en = ("{key} is locked until {held} and cannot be removed.", "Wait until that day; nobody can shorten it.")
    zh = ("{key} 锁定至 {held}，不能删除。", "请等到期后再处理；任何人都不能缩短期限。")


class DisposalDenied(StationError):
    """The lock has ended as we know it, and the server removes the object not (服务器拒绝删除到期对象)."""

    code, exit_status = "vault.disposal-denied", 33
    en = (
        "The server does not remove {key}: {reason}.",
        "Give a key that may delete as credentials s3-disposal-access-key and s3-disposal-secret-key; then try again.",
    )
    zh = (
        "服务器未删除 {key}：{reason}。",
        "请以凭据 s3-disposal-access-key 与 s3-disposal-secret-key 提供有删除权限的密钥，然后重新执行。",
    )


class BadAddress(StationError):
    """The vault's address in the settings is not one we know (保全库地址无效)."""

    code, exit_status, reach = "vault.bad-address", 39, "all"
    en = (
        "The vault address `{address}` is not one this station knows.",
        "Write `folder:PATH` or `s3:https://HOST/BUCKET?region=REGION` under [vault] in station.toml.",
    )
    zh = (
        "无法识别保全库地址 `{address}`。",
        "请在 station.toml 的 [vault] 中写 `folder:路径` 或 `s3:https://主机/存储桶?region=区域`。",
    )


class VaultDenied(StationError):
    """The server knows our key not, or does not let it do this (对象存储拒绝访问)."""

    code, exit_status, reach = "vault.denied", 30, "all"
    en = (
        "The vault refuses {what}: {reason}.",
        "Check the s3-access-key and s3-secret-key credentials, this key's rights on the bucket, and this clock.",
    )
    zh = (
        "保全库拒绝 {what}：{reason}。",
        "请检查凭据 s3-access-key 与 s3-secret-key、该密钥对存储桶的权限以及本机时钟。",
    )


class BucketUnfit(StationError):
    """The bucket cannot keep evidence: no lock, no versions, or not there (存储桶不符合要求)."""

    code, exit_status, reach = "vault.bucket-unfit", 38, "all"
    en = (
        "The bucket {bucket} cannot keep evidence: {what}.",
        "Let `evidock init` make it, or make a new bucket with object lock (and versioning) switched on.",
    )
    zh = (
        "存储桶 {bucket} 不能用于保全：{what_zh}。",
        "请由 `evidock init` 创建，或新建启用对象锁定（及版本控制）的存储桶。",
    )


class SecretMissing(StationError):
    """A credential, for the object storage or of a recorder, is not there or may be read by anybody (凭据缺失)."""

    code, exit_status, reach = "vault.secret-missing", 39, "all"
    en = (
        "The credential {name} cannot be used: {reason}.",
        "Give it with systemd's LoadCredential=, or as a file of mode 0600 in the credentials folder of the home.",
    )
    zh = (
        "凭据 {name} 不可用：{reason}。",
        "请用 systemd 的 LoadCredential= 提供，或存为主目录 credentials 文件夹中权限为 0600 的文件。",
    )


class ClientMissing(StationError):
    """The program was installed without what speaks to object storage (缺少对象存储客户端)."""

    code, exit_status, reach = "vault.client-missing", 39, "all"
    en = ("The vault is object storage, and the client for it is not installed.", "Install the extra: evidock[s3].")
    zh = ("保全库为对象存储，但未安装其客户端。", "请安装附加组件：evidock[s3]。")


class CopyDiffers(StationError):
    """The file to be put is not what was hashed before; nothing came into the vault (副本与摘要不符)."""

    code, exit_status = "vault.copy-differs", 34
    en = (
        "The copy {path} is not what was hashed: expected SHA-256 {expected}, found {found}. Nothing was stored.",
        "Ingest the card again; if it repeats, check the station's disk and memory.",
    )
    zh = (
        "副本 {path} 与此前摘要不符：应为 SHA-256 {expected}，实为 {found}；未存入任何内容。",
        "请重新采集；如再次出现，请检查本站磁盘与内存。",
    )


class SealedHarmed(StationError):
    """What was encrypted, or the wrapped key that opens it, is not what was stored (加密内容受损)."""

    code, exit_status = "vault.sealed-harmed", 34
    en = (
        "What is encrypted under {key} does not open: {reason}.",
        "Do not touch the vault; restore the object and its file under `wrapped/` from a mirror or backup.",
    )
    zh = (
        "{key} 的加密内容无法解开：{reason}。",
        "请勿改动保全库；请从镜像或备份恢复该对象及其 `wrapped/` 下的密钥文件。",
    )


class SignerMissing(StationError):
    """The program was installed without what signs in this way (缺少签名组件)."""

    code, exit_status, reach = "vault.signer-missing", 39, "all"
    en = (
        "The station's key is of the kind {what}, and what signs with it is not installed.",
        "Install the extra: evidock[{extra}].",
    )
    zh = ("本站密钥类型为 {what}，但未安装相应的签名组件。", "请安装附加组件：evidock[{extra}]。")


class KeyMissing(StationError):
    """The station's signing key cannot be read (签名密钥不可用)."""

    code, exit_status, reach = "vault.key-missing", 29, "all"
    en = (
        "The signing key {path} cannot be read: {reason}.",
        "Run this as the station's user; if it is lost, restore it from a backup, or run `evidock init` in a new home.",
    )
    zh = (
        "无法读取签名密钥 {path}：{reason}。",
        "请以采集站用户身份执行；若密钥已丢失，请从备份恢复，或在新的主目录执行 `evidock init`。",
    )


class KeyNotOurs(StationError):
    """The signing key that is handed in is not the one this station signs with (签名密钥不符)."""

    code, exit_status, reach = "vault.key-not-ours", 29, "all"
    en = (
        "The signing key in {where} is key {key}: {reason}.",
        "Hand in the key that signs now, or take the wrong one away: docs/operations.md, Keys as credentials.",
    )
    zh = (
        "{where} 中的签名密钥为 {key}：{reason_zh}。",
        "请提供本站当前使用的签名密钥，或移除错误的密钥；见 docs/operations.md“Keys as credentials”。",
    )


class KeyNotRotated(StationError):
    """The new key is none this command can make (无法更换签名密钥)."""

    code, exit_status = "vault.key-not-rotated", 29
    en = (
        "The signing key is not rotated: {reason}.",
        "Make a new pair in the token under another label, then `evidock keys rotate --label LABEL`.",
    )
    zh = (
        "未更换签名密钥：{reason_zh}。",
        "请先在密码卡中以新标签生成密钥对，然后执行 `evidock keys rotate --label 标签`。",
    )


class TimestampUnreachable(StationError):
    """The time stamp authority does not answer; the stamps are owed (时间戳服务不可用)."""

    code, retry, exit_status, reach = "vault.timestamp-unreachable", True, 30, "all"
    en = (
        "The time stamp authority {url} does not answer: {reason}.",
        "Nothing is lost: what is owed is asked for again.",
    )
    zh = ("时间戳服务 {url} 无应答：{reason}。", "不影响入库：欠缺的时间戳稍后会自动补办。")


class TimestampBad(StationError):
    """What came, or is kept, is no time stamp over this by the configured authority (时间戳无效)."""

    code, retry, exit_status, reach = "vault.timestamp-bad", True, 31, "all"
    en = (
        "The time stamp is not valid: {reason}.",
        "Compare `authority` and `ca` under [timestamp] in station.toml with what the authority publishes.",
    )
    zh = ("时间戳无效：{reason}。", "请核对 station.toml 的 [timestamp] 中 `authority`、`ca` 与服务方公布的是否一致。")


class ClocksDisagree(StationError):
    """The authority's clock and the station's are apart: the stamp is kept, and its time is not ours (时钟不一致)."""

    code, retry, exit_status, reach = "vault.clocks-disagree", True, 31, "all"
    en = (
        "The station's clock says {ours}, the time stamp authority's {theirs}; the time stamp is kept as it is.",
        "Compare the station's clock with another (`timedatectl`). If it is right, tell the authority.",
    )
    zh = (
        "本站时钟为 {ours}，时间戳服务时钟为 {theirs}；时间戳已按原样保存。",
        "请将本站时钟与其他时钟核对（`timedatectl`）；若本站时钟无误，请告知时间戳服务方。",
    )


class TimestampClientMissing(StationError):
    """The program was installed without what reads time stamps (缺少时间戳组件)."""

    code, exit_status, reach = "vault.timestamp-client-missing", 39, "all"
    en = ("Time stamps are configured, and what reads them is not installed.", "Install the extra: evidock[timestamp].")
    zh = ("已配置时间戳服务，但未安装其组件。", "请安装附加组件：evidock[timestamp]。")


class KeyHistoryBad(StationError):
    """The station's own key cannot be followed from the keys it trusts (密钥沿革无效)."""

    code, exit_status, reach = "vault.key-history", 29, "all"
    en = (
        "The signing key cannot be changed: {reason}.",
        "`evidock keys list` shows the keys and their history; ask whoever keeps the station.",
    )
    zh = ("无法更换签名密钥：{reason}。", "执行 `evidock keys list` 查看密钥及其沿革，并联系本站管理人员。")
