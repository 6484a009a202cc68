"""The settings file as `evidock init` writes it (配置示例): every key with its default, its unit and what it does."""

from __future__ import annotations

EXAMPLE = """\
# Evidock: the settings of this station (采集站配置). Every key may be left out; what stands here is the default.

# "auto" follows the system's language; "zh" or "en" choose one. 界面语言。
language = "auto"

[station]
# The station's name in every manifest it signs (采集站名称). Changing it changes later manifests only.
name = "station-1"
# Whom an officer calls when the station does not answer or a bay needs a person (联系人与电话); bay screens show it.
contact = ""
# The zone recorders keep their clocks in (记录仪时区): "+08:00", or a name like "Asia/Shanghai".
# If it is wrong, times read from file names and file dates are off by the difference.
recorder_zone = "+08:00"
# A small bureau (小型单位): custodian and deputy do together what concerns accounts and roles. false: an administrator
# proposes, a security officer confirms (三员分立); `evidock init --large` writes that. A policy's [access] comes first.
small = true

[keys]
# The kind of key `evidock init` and `evidock keys rotate` make (签名算法): "ed25519", or "sm2" (国密 SM2 与 SM3; needs
# the extra `gm`, for x86-64). A key that is there signs on until it is rotated; what older ones signed is believed.
algorithm = "ed25519"
# The key in a token instead (密码卡, PKCS #11; extra `pkcs11`): the path of its library, the labels of the token and of
# the Ed25519 key pair, made with the token's own tool. The PIN is the credential pkcs11-pin. Empty: a file in `keys/`,
# unless the credential `signing-key` hands the key in (systemd-creds; see docs/operations.md).
module = ""
token = ""
label = "evidock-station"

[vault]
# Where originals are locked (保全库): "folder:PATH"; a relative path starts at the station's home.
address = "folder:vault"
# "auto" also sets the file system's own write protection (chattr +i) where it works (root, ext4 or xfs);
# "never" leaves it at read-only files.
immutable = "auto"
# Object storage instead (对象存储): address = "s3:https://HOST:PORT/BUCKET?region=REGION"; see docs/operations.md for
# all it may say. The keys never stand here: they are the credentials s3-access-key and s3-secret-key, from systemd's
# LoadCredential= or from files of mode 0600 in the folder `credentials` of the station's home.
# Several vaults at once (镜像保全): address = "mirror:2 ADDRESS ADDRESS ADDRESS"; sealed when so many of them hold it.
# Originals encrypted before they leave the station (原件加密): address = "encrypted:" and any of these; the wrapping
# key is the credential vault-wrapping-key, of 64 hexadecimal digits: see docs/encryption.md. Keep the word as long as
# anything in the vault is encrypted. Which originals: "none", "important" (marked on the recorder) or "all".
encrypt = "none"
# What object storage locks with: "compliance" (nobody can end a lock), or "governance" (an administrator can: trials).
lock_mode = "compliance"
# The first lock, in months (首次锁定期限,月). A lock can be lengthened later, never shortened: 6 is the legal minimum.
lock_months = 6
# Every original is read again within so many days (巡检周期,天), at most so many megabytes a second (巡检速率上限).
reread_days = 90
reread_mb_per_s = 20

[catalog]
# The catalog's database (编目数据库). Empty: SQLite in the station's home. Otherwise "sqlite:////path/catalog.db"
# or "postgresql+psycopg://user@host/name".
url = ""

[trail]
# After so many hours the dock signs a checkpoint of the trail into the vault (检查点间隔,小时), if the trail has grown.
checkpoint_hours = 24

[timestamp]
# The authority for trusted time stamps (可信时间戳服务, RFC 3161): "https://…" or "http://…"; empty: none. What is
# sealed while it is away is stamped later. Needs the extra `timestamp`.
authority = ""
# The authority's root certificates in PEM: a path, a relative one starts at the station's home.
ca = ""

[spool]
# So many megabytes of the station's disk stay free (预留空间): below that, files are held, not copied.
reserve_mb = 64
# So many megabytes at most are brought in at once by the page for uploads (网页单次导入上限).
upload_mb = 20000

[media]
# Paths of the tools; empty: found on the PATH. Without them originals are sealed all the same, but not looked into.
ffprobe = ""
ffmpeg = ""
# ExifTool 13.30 or newer, for second opinions on time and place (第二意见工具); empty: the one that came with this
# program, else the one on the PATH. Without it clips are filed just the same, with our own reading alone.
exiftool = ""
# Where viewing copies, posters and the like are kept (观看副本目录); a relative path starts at the station's home.
# It holds no evidence and may be deleted. Workers on other machines need the same folder: a share.
derived = "derived"
# Whether encoders in hardware are used where they pass a test on this machine (硬件编码).
hardware = true

[dock]
# Where `evidock bays` and other faces find the daemon (状态接口): a socket; empty: dock.sock in the run folder systemd
# gives, else in the station's home.
socket = ""
# Where Prometheus reads metrics (监控指标): "ADDRESS:PORT"; empty: nowhere.
metrics = "127.0.0.1:9464"
# A device must hold still for so many milliseconds before it is looked at (设备稳定时间,毫秒).
settle_ms = 400
# "registered" takes recorders from the register only; "any" also takes storage nobody registered, under the serial it
# tells: for trials, never for a station that is in use (采集范围).
recorders = "registered"

# Commands to run when a bay changes, one for each state (指示灯): empty, charging, unknown, waiting, copying, safe,
# held, full; "any" for those not named. {bay}, {state} and {recorder} are put in; 5 s at most, no shell:
# copying = ["/usr/local/bin/led", "{bay}", "blue"]
[leds]

# Folders that are watched for files of fixed cameras, network shares and 4G uploads (固定点位目录). A file counts once
# it has held still for still_s seconds. One table for each:
# [[drop]]
# path = "/srv/uploads/gate"
# recorder = "GATE-01"
# still_s = 10

# What is left on a card as no evidence, beyond the built-in rules (跳过规则). One table for each rule:
# [[skip]]
# pattern = "*.tmp"
# reason = "half-written file of our viewer"

# File names of your recorders, beyond the built-in ones (文件名规则): a regular expression with named groups out of
# recorder, officer, unit, at, epoch_ms, sequence, mark. One table for each:
# [[names]]
# id = "our-recorders"
# pattern = '(?P<recorder>[A-Z]{2}\\d{4})-(?P<officer>\\d{6})-(?P<at>\\d{14})'
"""
