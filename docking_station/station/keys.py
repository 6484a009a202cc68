"""Where the station's signing key comes from (签名密钥来源): a token, a credential, or the file in its home.

Shapes: the credential `signing-key` is the PEM of `keys/station.key`, handed in by systemd (`$CREDENTIALS_DIRECTORY`).
Its public half must be in the folder `keys`, which `init` and `keys rotate` put there: a key of another station, one
that was rotated away, or a second one beside it signs nothing.
"""

from __future__ import annotations

from docking_station.station.settings import Home, Settings, secret_bytes, secret_from_environment
from vault.errors import KeyNotOurs
from vault.signature import KEY_FILE, Signer, is_retired, parse_key, read_key, read_public_keys

SIGNING_KEY = "signing-key"
"""The name of the credential."""


def is_handed_in(home: Home, settings: Settings) -> bool:
    """Whether the key comes from somewhere else than its file; raises `SecretMissing` for one anybody may read."""
    return bool(settings.token_module) or secret_bytes(home, SIGNING_KEY) is not None


def find_signer(home: Home, settings: Settings, *, is_first: bool = False) -> Signer:
    """The station's key. Raises `KeyMissing`, `SecretMissing`, `KeyNotOurs`; `is_first`: any key may become its own."""
    handed = None if settings.token_module else secret_bytes(home, SIGNING_KEY)
    if settings.token_module:
        where, signer = f"token {settings.token}", token_signer(home, settings, settings.token_label)
    elif handed is not None:
        where = f"credential {SIGNING_KEY}"
        signer = _handed_in(home, parse_key(handed, where), where)
    else:
        where, signer = str(home.keys / KEY_FILE), read_key(home.keys)
        return _demand_current(home, signer, where)
    if not is_first and signer.key_id not in read_public_keys(home.keys):
        raise KeyNotOurs(
            where=where,
            key=signer.key_id,
            reason=f"its public half is not in {home.keys}, so it is another station's",
            reason_zh=f"{home.keys} 中没有对应的公钥，属于其他采集站",
        )
    return _demand_current(home, signer, where)


def token_signer(home: Home, settings: Settings, label: str) -> Signer:
    """The key of that label in the token the settings name; raises `KeyMissing`, `SecretMissing`, `SignerMissing`."""
    from vault.token import PIN, read_token

    pin = secret_from_environment(home, PIN)
    return read_token(settings.token_module, settings.token, label, pin)


def plain_key(home: Home, settings: Settings) -> str | None:
    """The file of a key that is handed in by other means too, or has yet to be; None where there is none."""
    path = home.keys / KEY_FILE
    return str(path) if is_handed_in(home, settings) and path.exists() else None


def _handed_in(home: Home, signer: Signer, where: str) -> Signer:
    """The key of the credential, or that of the file where it was rotated and not handed in anew yet."""
    if not (home.keys / KEY_FILE).exists():
        return signer
    filed = read_key(home.keys)
    if filed.key_id == signer.key_id or is_retired(home.keys, filed.key_id):
        return signer
    if is_retired(home.keys, signer.key_id):
        return filed
    raise KeyNotOurs(
        where=where,
        key=signer.key_id,
        reason=f"the file {home.keys / KEY_FILE} is another key, {filed.key_id}",
        reason_zh=f"文件 {home.keys / KEY_FILE} 为另一密钥 {filed.key_id}",
    )


def _demand_current(home: Home, signer: Signer, where: str) -> Signer:
    if is_retired(home.keys, signer.key_id):
        raise KeyNotOurs(
            where=where,
            key=signer.key_id,
            reason="it was rotated away and signs nothing more",
            reason_zh="该密钥已被更换，不再用于签名",
        )
    return signer
