"""What `station.toml` may say (配置项取值): the keys of the example, each of its kind there, choices and ranges. Pure.

Shapes: a file as TOML read it, and the example's -> every known key with its value or default, by dotted name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LED_STATES = ("any", "empty", "charging", "unknown", "waiting", "copying", "safe", "held", "full")
DROP_KEYS = {"path": str, "recorder": str, "still_s": int}
LISTS = ("skip", "names", "drop")

CHOICES = {
    "language": ("auto", "zh", "en"),
    "vault.immutable": ("auto", "never"),
    "vault.lock_mode": ("compliance", "governance"),
    "vault.encrypt": ("none", "important", "all"),
    "keys.algorithm": ("ed25519", "sm2"),
    "dock.recorders": ("registered", "any"),
}
RANGES = {
    "vault.lock_months": (1, 1200),
    "vault.reread_days": (1, 3650),
    "vault.reread_mb_per_s": (1, 100_000),
    "trail.checkpoint_hours": (1, 8760),
    "dock.settle_ms": (0, 60_000),
}
KINDS: dict[type, tuple[str, str]] = {
    str: ("text in quotation marks", "引号内的文本"),
    int: ("a whole number", "整数"),
    bool: ("true or false", "true 或 false"),
    list: ("a list", "列表"),
}


class Wrong(Exception):
    """What the file says and cannot be used, in English and Chinese (配置有误)."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def demand(condition: bool, en: str, zh: str) -> None:
    """Raise `Wrong` unless that is so."""
    if not condition:
        raise Wrong(en, zh)


def checked(read: Mapping[str, Any], example: Mapping[str, Any]) -> dict[str, Any]:
    """Every known key with its value or default; raises `Wrong`."""
    values = _flat(example) | {name: [] for name in LISTS}
    kinds = {name: type(value) for name, value in values.items()} | {f"leds.{state}": list for state in LED_STATES}
    for name, value in _flat(read).items():
        demand(name in kinds, f"there is no setting {name}", f"没有配置项 {name}")
        _demand_kind(name, value, kinds[name])
        values[name] = value
    for name, choices in CHOICES.items():
        en = f"{name} is {values[name]!r}, not {', '.join(choices[:-1])} or {choices[-1]}"
        demand(values[name] in choices, en, f"{name} 为 {values[name]!r}，应为 {'、'.join(choices)} 之一")
    for name, (least, most) in RANGES.items():
        en, zh = f"{name} is not from {least} to {most}", f"{name} 应在 {least} 到 {most} 之间"
        demand(least <= values[name] <= most, en, zh)
    _demand_together(values)
    return values


def checked_drop(read: Mapping[str, Any]) -> dict[str, Any]:
    """The values of one `[[drop]]`; raises `Wrong`."""
    known = {"still_s": 10} | dict(read)
    keys = ", ".join(DROP_KEYS)
    demand(known.keys() == DROP_KEYS.keys(), f"a [[drop]] has the keys {keys}", f"[[drop]] 的配置项为 {keys}")
    for key, kind in DROP_KEYS.items():
        en, zh = f"drop.{key} is {known[key]!r}", f"drop.{key} 不能为 {known[key]!r}"
        demand(type(known[key]) is kind and bool(known[key]), en, zh)
    path = known["path"]
    demand(Path(path).is_absolute(), f"drop.path {path} is not absolute", f"drop.path {path} 不是绝对路径")
    return known


def _demand_kind(name: str, value: Any, kind: type) -> None:
    en, zh = KINDS[kind]
    demand(type(value) is kind, f"{name} is {value!r}, not {en}", f"{name} 为 {value!r}，应为{zh}")
    if kind is list:
        each, of, of_zh = (str, "texts", "文本") if name.startswith("leds.") else (dict, "tables", "表")
        good = all(isinstance(item, each) for item in value)
        demand(good, f"{name} is not a list of {of}", f"{name} 的各项应为{of_zh}")


def _demand_together(values: Mapping[str, Any]) -> None:
    """What one key asks of another, or of its own text."""
    is_able = values["vault.encrypt"] == "none" or values["vault.address"].startswith("encrypted:")
    en = "vault.encrypt needs a vault.address that begins with encrypted:"
    demand(is_able, en, "启用 vault.encrypt 时，vault.address 须以 encrypted: 开头")
    stamped = values["timestamp.authority"]
    good = stamped == "" or bool(re.match(r"https?://[^/]", stamped))
    demand(good, f"timestamp.authority {stamped!r} is no address", f"timestamp.authority {stamped!r} 不是有效地址")
    good = bool(values["timestamp.ca"]) or not stamped
    demand(good, "timestamp.authority needs timestamp.ca", "设置 timestamp.authority 时须同时设置 timestamp.ca")
    demand(values["spool.upload_mb"] >= 0, "spool.upload_mb is negative", "spool.upload_mb 不能为负数")
    demand(values["spool.reserve_mb"] >= 0, "spool.reserve_mb is negative", "spool.reserve_mb 不能为负数")
    demand(bool(values["station.name"].strip()), "station.name is empty", "station.name 不能为空")


def _flat(read: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in read.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": item for inner, item in value.items()}
        else:
            flat[name] = value
    return flat
